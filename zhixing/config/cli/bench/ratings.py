"""Fits of growing size: ours beside lme4 and statsmodels, each figure with its goal."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zhixing.config.cli.bench import ratings_cases, ratings_peers
from zhixing.config.cli.bench.figure import Figure, Run, run
from zhixing.config.cli.bench.ratings_peers import Levels, Peer, Unfitted

KNOWN: Final = {"s": 0.105427, "d": 0.262569, "dept:service": 0.012024, "Residual": 1.384960}
"""InstEval by lme4 1.1-31, for machines without it."""
KNOWN_LOG_LIKELIHOOD: Final = -118830.768


@dataclass(frozen=True)
class Case:
    """So many ratings with their goals: seconds of the fit and MB of the whole command; ``peer``: lme4 beside it."""

    ratings: int
    kind: str
    seconds: float
    memory: float | None = None
    peer: bool = False

    @property
    def name(self) -> str:
        return f"{self.ratings:,} ratings, {self.kind}"


CASES: Final = tuple(
    case
    for kind in ratings_cases.KINDS
    for case in (
        Case(100_000, kind, seconds=1.5, peer=True),
        Case(1_000_000, kind, seconds=10, memory=1000),
        Case(10_000_000, kind, seconds=90, memory=4000),
    )
)


@dataclass(frozen=True)
class Ours:
    said: dict[str, Any]
    variances: dict[str, float]
    errors: Levels
    run: Run


def figures(folder: Path, people: int, largest: int, peer_seconds: float, insteval: Path | None) -> Iterator[Figure]:
    """No case of more than ``largest`` ratings; a peer may take ``peer_seconds`` for each."""
    if insteval is None:
        yield Figure.left_out("InstEval", "--insteval names no file")
    else:
        yield from _insteval(folder, insteval, peer_seconds)
    for case in CASES:
        if case.ratings > largest:
            yield Figure.left_out(case.name, f"more than {largest:,} ratings")
            continue
        path = folder / f"ratings-{case.ratings}-{case.kind}.csv"
        ratings_cases.make(path, case.ratings, case.kind, seed=1)
        yield from _five_factors(folder, path, case, peer_seconds)
        path.unlink()


def ours(folder: Path, path: Path, response: str, fixed: Sequence[str], crossed: Sequence[str]) -> Ours:
    """The whole command, twice: what compiles has been compiled before the run that counts."""
    out = folder / "fit"
    words = ["ratings", "fit", str(path), "--response", response, "--crossed", ",".join(crossed), "--out", str(out)]
    words += ["--fixed", ",".join(fixed)]
    run(words, folder)
    done = run(words, folder)
    variances = {row["group"]: float(row["variance"]) for row in _rows(out / "variances.csv")}
    errors = {(row["group"], row["level"]): float(row["se"]) for row in _rows(out / "effects.csv")}
    return Ours(json.loads((out / "fit.json").read_text(encoding="utf-8")), variances, errors, done)


def _insteval(folder: Path, path: Path, peer_seconds: float) -> Iterator[Figure]:
    formula = "y", ["service"], ["s", "d", "dept:service"]
    found = ours(folder, path, *formula)
    yield Figure("InstEval, 73,421 ratings: fit", found.said["seconds"], "s", 0.8, digits=2)
    yield from _around(found)
    peer: Peer | None = None
    try:
        peer = ratings_peers.lme4(path, *formula, errors=True, limit=peer_seconds)
    except Unfitted as why:
        yield Figure.left_out("  lme4", str(why))
    if peer is not None:
        yield from _beside(peer, found)
    variances, log_likelihood = (peer.variances, peer.log_likelihood) if peer else (KNOWN, KNOWN_LOG_LIKELIHOOD)
    yield Figure("  variances off lme4's, the farthest", _farthest(found.variances, variances), "", 1e-3, digits=6)
    off = abs(found.said["log_likelihood"] - log_likelihood)
    yield Figure("  log-likelihood off lme4's", off, "", 0.01, digits=5)
    if peer is not None:
        off = 100.0 * _farthest(found.errors, peer.errors)
        yield Figure("  standard errors off lme4's conditional ones, the farthest", off, "%", 2.0, digits=3)
    try:
        taken = ratings_peers.statsmodels(path, *formula, limit=peer_seconds)
        yield Figure("  statsmodels: fit, CPU", taken, "s")
    except Unfitted as why:
        yield Figure.left_out("  statsmodels", str(why))


def _five_factors(folder: Path, path: Path, case: Case, peer_seconds: float) -> Iterator[Figure]:
    formula: tuple[str, list[str], list[str]] = ("y", [], [*ratings_cases.VARIANCES])
    found = ours(folder, path, *formula)
    yield Figure(f"{case.name}: fit", found.said["seconds"], "s", case.seconds, digits=2)
    yield from _around(found, case.memory)
    left_open = found.said.get("sampling", {"variances": {"": 0.0}, "se": 0.0, "log_likelihood": 0.0})
    yield Figure("  variances left open by sampling, the widest", max(left_open["variances"].values()), "", digits=6)
    yield Figure("  standard errors left open, root mean square", 100.0 * left_open["se"], "%", digits=2)
    yield Figure("  log-likelihood left open", left_open["log_likelihood"], "", digits=3)
    if case.peer:
        try:
            peer = ratings_peers.lme4(path, *formula, errors=False, limit=peer_seconds)
        except Unfitted as why:
            yield Figure.left_out("  lme4", str(why))
            return
        yield from _beside(peer, found)
        yield Figure(
            "  variances off lme4's, the farthest", _farthest(found.variances, peer.variances), "", 1e-3, digits=6
        )
        off = abs(found.said["log_likelihood"] - peer.log_likelihood)
        yield Figure("  log-likelihood off lme4's", off, "", digits=5)


def _around(found: Ours, memory: float | None = None) -> Iterator[Figure]:
    yield Figure("  reading and checking the file", found.said["read_seconds"], "s", digits=2)
    yield Figure("  whole command, with start-up and writing", found.run.seconds, "s", digits=2)
    yield Figure("  peak memory", found.run.peak_mb, "MB", memory)


def _beside(peer: Peer, found: Ours) -> Iterator[Figure]:
    yield Figure(f"  {peer.version}: fit, CPU", peer.seconds, "s")
    yield Figure("  … ÷ ours by the clock", peer.seconds / max(found.said["seconds"], 1e-3), "×")


def _farthest(ours: Mapping[Any, float], theirs: Mapping[Any, float]) -> float:
    """The largest relative difference; infinite unless both have the same keys."""
    if ours.keys() != theirs.keys():
        return math.inf
    return max(abs(ours[key] / theirs[key] - 1.0) for key in ours)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
