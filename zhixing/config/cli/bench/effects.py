"""Effects of simulated trainings whose truth is known, and protected tables of an invented city."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from zhixing.config.cli.bench.figure import Figure
from zhixing.engine.disclosure.protection import protect
from zhixing.engine.disclosure.tables import Answers, Scale, Table, Why
from zhixing.engine.effects.cohorts import NEVER, Panel, compare_cohorts
from zhixing.engine.effects.estimate import Estimate, Verdict
from zhixing.engine.effects.gain import Known, Scores, gain
from zhixing.engine.effects.matching import People, match

RUNS = 2000
"""Of five hundred the share that covers would itself be uncertain by a point."""
EFFECT = 0.5
RELIABILITY = 0.7
Outcome = tuple[Estimate | None, Verdict, float]
"""The estimate, what is said of it, and the truth of just this run."""


def figures(folder: Path, people: int) -> Iterator[Figure]:
    for name, way in WAYS.items():
        some = [way(np.random.default_rng(seed), EFFECT) for seed in range(RUNS)]
        said = [one for one in some if one[0] is not None]
        covered = sum(one.lower <= truth <= one.upper for one, _verdict, truth in said if one) / len(said)
        none = [way(np.random.default_rng(seed), 0.0)[1] for seed in range(RUNS)]
        false = sum(verdict in {Verdict.BETTER, Verdict.WORSE} for verdict in none) / RUNS
        seen = sum(verdict is Verdict.BETTER for _one, verdict, _truth in some) / RUNS
        yield Figure(f"{name}: 95 % intervals off 95 %", 100.0 * abs(covered - 0.95), "points", 2.0)
        yield Figure("… said to be better or worse when nothing is", 100.0 * false, "%", 7.0)
        yield Figure("… said to be better when it is", 100.0 * seen, "%")
    yield from _protected()


def _sittings(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    able = rng.normal(0.0, math.sqrt(RELIABILITY), n)
    first, second = (able + rng.normal(0.0, math.sqrt(1.0 - RELIABILITY), n) for _ in range(2))
    return first, second


def _alone(rng: np.random.Generator, effect: float) -> Outcome:
    """The lowest quarter of 160 is called and measured again."""
    pre, post = _sittings(rng, 160)
    called = np.argsort(np.argsort(pre)) < 40
    found = gain(Scores(pre, np.where(called, post + effect, np.nan), called), Known(True, RELIABILITY))
    return found.readings[0].estimate, found.verdict, effect


def _beside(rng: np.random.Generator, effect: float) -> Outcome:
    """Of 80, whoever scores low is called more often; all are measured again."""
    pre, post = _sittings(rng, 80)
    called = pre + rng.normal(size=80) < 0
    found = gain(Scores(pre, post + effect * called, called), Known(True))
    return found.readings[0].estimate, found.verdict, effect


def _matched(rng: np.random.Generator, effect: float) -> Outcome:
    stratum = rng.integers(0, 3, 300)
    traits = rng.normal(size=(300, 2)) + 0.3 * stratum[:, None]
    called = rng.random(300) < 1.0 / (1.0 + np.exp(1.2 - 0.5 * traits[:, 0] + 0.4 * traits[:, 1] - 0.3 * stratum))
    outcome = 0.8 * traits[:, 0] + 0.15 * traits[:, 1] ** 2 + 0.5 * stratum + effect * called + rng.normal(size=300)
    found = match(People(called, outcome, stratum, traits, ("age", "appraisal")))
    return found.effect, found.verdict, effect


def _cohorts(rng: np.random.Generator, effect: float) -> Outcome:
    """160 units, six years, cohorts of the third to the fifth; the effect grows by half a year."""
    first, periods = rng.choice([3, 4, 5, NEVER], 160), np.arange(1, 7)
    since = np.where(first[:, None] == NEVER, -1, periods - first[:, None].clip(max=9))
    grown = np.where(since >= 0, effect * (1.0 + 0.5 * since), 0.0)
    own = rng.normal(size=160) + (first == 3)
    found = compare_cohorts(Panel(periods, own[:, None] + 0.3 * periods + rng.normal(size=(160, 6)) + grown, first))
    truth = np.mean([np.mean([effect * (1.0 + 0.5 * k) for k in range(7 - cohort)]) for cohort in (3, 4, 5)])
    return found.overall, found.verdict, float(truth)


WAYS: dict[str, Callable[[np.random.Generator, float], Outcome]] = {
    "gain, called by a low score": _alone,
    "gain beside others": _beside,
    "matched people": _matched,
    "staggered cohorts": _cohorts,
}


def _protected() -> Iterator[Figure]:
    """Tables of all, by unit, by level and by both."""
    for n, units, levels in ((1_000, 30, 5), (5_000, 100, 6)):
        rng = np.random.default_rng(0)
        share = 0.5 ** np.arange(levels)
        answers = Answers(
            {
                "unit": [f"u{unit:03}" for unit in rng.integers(0, units, n)],
                "level": [f"l{level}" for level in rng.choice(levels, n, p=share / share.sum())],
            },
            {"q": np.clip(np.round(rng.normal(3.3, 0.8, n)), 1, 4).astype(np.int64)},
            {"q": Scale(1, 4)},
            np.zeros(n, np.int64),
        )
        began = time.perf_counter()
        found = protect(answers, [], [Table(cut, "q") for cut in ((), ("unit",), ("level",), ("unit", "level"))])
        seconds = time.perf_counter() - began
        cells = [one for _table, figures in found.tables for one in figures]
        large = [one for one in cells if one.why is not Why.SMALL]
        lost = sum(one.why is not None for one in large) / len(large)
        yield Figure(f"protected tables, {n:,} answers, {len(cells)} cells", seconds, "s")
        yield Figure("… cells that are not small and are left out", 100.0 * lost, "%")
