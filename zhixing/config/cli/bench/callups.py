"""Call-up lists of growing size: ours, with its proven gap, beside what others choose for the same problem."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zhixing.config.cli.bench import callup_cases
from zhixing.config.cli.bench.callup_peers import Answer
from zhixing.config.cli.bench.figure import Figure, PeakMemory, Run, run

PEER_PAIRS_MOST: Final = 200_000
"""CP-SAT's model of more pairs takes longer to write down in Python than it may search."""
ABSENT: Final = 5
PEERS: Final = "import sys; from zhixing.config.cli.bench import callup_peers; callup_peers.main(sys.argv[1:])"
PROGRAM: Final = "import json, sys; from zhixing.config.cli.bench import callups; print(json.dumps(callups.replan_seconds(*sys.argv[1:])))"


@dataclass(frozen=True)
class Case:
    """A size with its goals: the gap in %, the seconds and the MB of the whole command; ``seeds`` at most, ``peers`` beside it."""

    people: int
    classes: int
    kind: str
    gap: float
    seconds: float
    memory: float | None = None
    seeds: int = 5
    peers: tuple[str, ...] = ("highs", "cp-sat", "greedy")

    @property
    def name(self) -> str:
        return f"{self.people:,} × {self.classes:,} {self.kind}"


CASES: Final = (
    Case(10_000, 100, callup_cases.BASE, gap=0.01, seconds=3),
    Case(10_000, 100, callup_cases.TIGHT, gap=0.5, seconds=10),
    Case(100_000, 500, callup_cases.BASE, gap=0.1, seconds=30, memory=1000),
    Case(1_000_000, 5_000, callup_cases.BASE, gap=0.5, seconds=150, memory=4000, seeds=1, peers=("greedy",)),
)


@dataclass(frozen=True)
class Ours:
    said: dict[str, Any]
    run: Run


def figures(
    folder: Path, people: int, seeds: int, largest: int, peer_seconds: float, maker: Path | None
) -> Iterator[Figure]:
    """Medians of ``seeds`` problems made by ``maker`` (a program with the options of ours; None: ours); peers solve the first of each size."""
    for case in CASES:
        if case.people > largest:
            yield Figure.left_out(case.name, f"more than {largest:,} people")
            continue
        answers = []
        for seed in range(1, min(seeds, case.seeds) + 1):
            at = folder / f"callup-{case.people}-{case.kind}-{seed}"
            make(at / "problem", case, seed, maker)
            answers.append(ours(at))
            if seed > 1:
                shutil.rmtree(at)
        first = folder / f"callup-{case.people}-{case.kind}-1"
        yield from _our_figures(case, answers)
        if case.people == CASES[0].people:
            yield _replan_figure(first)
        yield from _peer_figures(case, first, answers[0].said, peer_seconds)
        shutil.rmtree(first)


def make(folder: Path, case: Case, seed: int, maker: Path | None) -> None:
    if maker is None:
        callup_cases.make(folder, case.people, case.classes, case.kind, seed)
        return
    words = {"people": case.people, "classes": case.classes, "variant": case.kind, "seed": seed, "out": folder}
    options = [word for name, value in words.items() for word in (f"--{name}", str(value))]
    subprocess.run([sys.executable, str(maker), *options], check=True, stdout=subprocess.DEVNULL)


def ours(folder: Path) -> Ours:
    """The whole command: reading, search, a reason for every pair, writing."""
    done = run(["callup", "solve", str(folder / "problem"), "--out", str(folder / "list")], folder)
    return Ours(json.loads((folder / "list" / "result.json").read_text(encoding="utf-8")), done)


def _our_figures(case: Case, answers: list[Ours]) -> Iterator[Figure]:
    def middle(values: Iterator[float]) -> float:
        return statistics.median(values)

    yield Figure(f"{case.name}, ours: gap", middle(100 * a.said["gap"] for a in answers), "%", case.gap, digits=4)
    yield Figure("  search", middle(a.said["seconds"] for a in answers), "s", case.seconds)
    yield Figure("  whole command, with a reason for every pair", middle(a.run.seconds for a in answers), "s")
    yield Figure("  peak memory", middle(a.run.peak_mb for a in answers), "MB", case.memory)
    yield Figure("  objective of the first", answers[0].said["objective"], "")
    yield Figure("  proven bound of the first", answers[0].said["bound"], "")


def _replan_figure(first: Path) -> Figure:
    command = [sys.executable, "-c", PROGRAM, str(first / "problem"), str(first / "list")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = json.loads(done.stdout.split("\n")[-2])
    return Figure("  re-plan after one absence", statistics.median(seconds), "s", 0.3, digits=2)


def replan_seconds(problem_folder: str, list_folder: str) -> list[float]:
    """Seconds of a repair after one chosen person dropped out, for ``ABSENT`` persons in turn; what compiles is loaded before."""
    import numpy as np

    from zhixing.config.cli.callup_folder import read_earlier, read_problem
    from zhixing.engine.callup.repair import repair

    problem, earlier = read_problem(Path(problem_folder)), read_earlier(Path(list_folder))
    found = []
    for absent in np.random.default_rng(1).choice(earlier.places(problem), ABSENT + 1, replace=False).tolist():
        own = problem.pair_person == problem.pair_person[absent]
        kept = problem.pin_person != problem.pair_person[absent]
        without = dataclasses.replace(
            problem.with_pins(kept),
            **{name: getattr(problem, name)[~own] for name in ("pair_person", "pair_class", "value")},
        )
        found.append(repair(without, earlier).result.seconds)
    return found[1:]


def _peer_figures(case: Case, first: Path, said: dict[str, Any], seconds: float) -> Iterator[Figure]:
    import pyarrow.parquet as pq

    pairs = pq.read_metadata(first / "problem" / "pairs.parquet").num_rows
    for peer in case.peers:
        name = f"  {peer} on the first"
        if peer == "cp-sat" and importlib.util.find_spec("ortools") is None:
            yield Figure.left_out(name, "make bench-callup installs it")
        elif peer == "cp-sat" and pairs > PEER_PAIRS_MOST:
            yield Figure.left_out(name, f"{pairs:,} pairs are too many for it")
        else:
            yield from _answered(name, *answer_of(peer, first / "problem", seconds), said["bound"])


def answer_of(peer: str, folder: Path, seconds: float) -> tuple[Answer, float]:
    """What a peer says, and its peak memory in MB."""
    command = [sys.executable, "-c", PEERS, peer, str(folder), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = PeakMemory(process.pid)
        output, _nothing = process.communicate()
        peak = watch.stop()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Answer(**json.loads(output.split("\n")[-2])), peak


def _answered(name: str, answer: Answer, peak: float, bound: float) -> Iterator[Figure]:
    """The gap is the one to our proven bound, so that all are judged alike; the peer's own bound stands beside it."""
    if answer.objective is None:
        yield Figure.left_out(name, f"no list after {answer.seconds:.0f} s")
    else:
        yield Figure(f"{name}: gap to our bound", 100 * (bound - answer.objective) / abs(bound), "%", digits=4)
        yield Figure("    objective", answer.objective, "")
    if answer.bound is not None:
        yield Figure("    its own bound", answer.bound, "")
    yield Figure("    search", answer.seconds, "s")
    yield Figure("    peak memory", peak, "MB")
