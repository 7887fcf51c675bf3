"""Ratings whose truth is known, because it was drawn: do intervals hold it, and do probabilities come true?

A truth draws class runs of 8 to 80 raters out of one pool, so that raters meet several class runs; each class run has a few teachers, who teach in others too.
What is asked of the engine is asked of raw means beside it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy.special import ndtr

from zhixing.config.cli.bench.figure import Figure
from zhixing.engine.ratings.crossed import fit
from zhixing.engine.ratings.design import INTERCEPT, Design, Factor, Floats
from zhixing.engine.ratings.ranking import Ranking, rank
from zhixing.engine.student import NORMAL_95

BINS: Final = 10
BIN_LEAST: Final = 1_000
"""Class runs of a bin that is judged alone: a share of fewer is itself not known to 1.6 points."""
PRESENT: Final = 0.85


@dataclass(frozen=True)
class Truth:
    """Standard deviations of what class runs, teachers and raters add, and of the rest. ``tails``: degrees of freedom of the t distribution of class runs,
    scaled to their standard deviation (0: normal). ``grades``: marks are whole numbers from 1 to so many about ``middle`` (0: any numbers).
    ``judged``: whether the goals are meant for it."""

    name: str
    class_runs: int
    class_run: float
    teacher: float
    rater: float
    rest: float
    tails: int = 0
    grades: int = 0
    middle: float = 7.0
    judged: bool = True


TRUTHS: Final = (
    Truth("40 class runs", 40, class_run=0.20, teacher=0.3, rater=0.45, rest=0.7),
    Truth("40 much alike", 40, class_run=0.10, teacher=0.3, rater=0.45, rest=0.7),
    Truth("24 class runs", 24, class_run=0.20, teacher=0.3, rater=0.45, rest=0.7),
    Truth("60 that differ", 60, class_run=0.40, teacher=0.2, rater=0.55, rest=0.9),
    Truth("40, four grades", 40, class_run=0.25, teacher=0.3, rater=0.45, rest=0.6, grades=4, middle=3.2),
    Truth("40, heavy tails", 40, class_run=0.20, teacher=0.3, rater=0.45, rest=0.7, tails=4),
    Truth("24 all but equal", 24, class_run=0.07, teacher=0.22, rater=0.45, rest=0.9, judged=False),
)
TEACHERS: Final = 60
POOL: Final = 800


@dataclass(frozen=True, eq=False)
class Outcome:
    """Of the class runs of all draws of a truth: whether the interval holds the truth (``plain``: that of the fit alone), the probability told of being
    among the bottom, and whether it is; and of each draw the share of the true bottom that raw means and shrunken effects name."""

    held: np.ndarray
    plain: np.ndarray
    told: Floats
    bottom: np.ndarray
    raw: Floats
    shrunken: Floats


def drawn(truth: Truth, rng: np.random.Generator) -> tuple[Design, Floats]:
    """Ratings, and the true effect of each class run: on a scale of grades, by how much its mean grade lies off the mean of all."""
    size = np.rint(np.exp(rng.uniform(math.log(8), math.log(80), truth.class_runs))).astype(int)
    rows = [
        (np.full(len(here), run), np.full(len(here), teacher), here)
        for run, raters in enumerate(size)
        for who in [rng.choice(POOL, raters, replace=False)]
        for teacher in rng.choice(TEACHERS, rng.integers(2, 5), replace=False)
        for here in [who[rng.random(raters) < PRESENT]]
    ]
    run, teacher, rater = (np.concatenate(part) for part in zip(*rows, strict=True))
    heavy = rng.standard_t(truth.tails, truth.class_runs) if truth.tails else rng.normal(size=truth.class_runs)
    effect = truth.class_run * heavy * (math.sqrt(1.0 - 2.0 / truth.tails) if truth.tails else 1.0)
    mark = truth.middle + effect[run] + truth.teacher * rng.normal(size=TEACHERS)[teacher]
    mark += truth.rater * rng.normal(size=POOL)[rater] + truth.rest * rng.normal(size=len(run))
    if truth.grades:
        mark = np.clip(np.rint(mark), 1, truth.grades)
        effect = _mean_grade(truth, effect) - np.mean(_mean_grade(truth, truth.class_run * rng.normal(size=20_000)))
    codes = (("class_run", run), ("teacher", teacher), ("rater", rater))
    factors = tuple(_factor(name, code) for name, code in codes)
    return Design(mark, (INTERCEPT,), np.ones((len(mark), 1)), factors), effect


def _mean_grade(truth: Truth, effect: Floats) -> Floats:
    """The mean of rounded marks over teachers, raters and the rest"""
    spread = math.hypot(truth.teacher, truth.rater, truth.rest)
    steps = np.arange(1, truth.grades) + 0.5
    return np.asarray(1.0 + ndtr((truth.middle + effect[:, None] - steps) / spread).sum(axis=1))


def _factor(name: str, code: np.ndarray) -> Factor:
    known, place = np.unique(code, return_inverse=True)
    return Factor(name, tuple(f"{one:03}" for one in known.tolist()), place.astype(np.int32))


def outcome(truth: Truth, runs: int, seed: int, bottom: int = 10, cores: int = 1) -> Outcome:
    """So many draws of a truth."""
    work = ([truth] * runs, np.random.SeedSequence(seed).spawn(runs), [bottom] * runs)
    if cores > 1:
        with ProcessPoolExecutor(cores) as pool:
            found = list(pool.map(_one, *work, chunksize=8))
    else:
        found = list(map(_one, *work))
    held, plain, told, low, raw, shrunken = zip(*found, strict=True)
    return Outcome(
        np.concatenate(held),
        np.concatenate(plain),
        np.concatenate(told),
        np.concatenate(low),
        np.array(raw),
        np.array(shrunken),
    )


def _one(
    truth: Truth, seed: np.random.SeedSequence, bottom: int
) -> tuple[np.ndarray, np.ndarray, Floats, np.ndarray, float, float]:
    design, effect = drawn(truth, np.random.default_rng(seed))
    found: Ranking = rank(design, "class_run", bottom, bottom)
    alone = fit(design)
    q = len(effect)
    plain = np.abs(alone.effects[:q] - effect) <= NORMAL_95 * alone.errors[:q]
    low = np.argsort(np.argsort(effect)) < bottom
    raw, shrunken = (low[np.argsort(values)[:bottom]].mean() for values in (found.raw_mean, found.estimate))
    return (found.lower <= effect) & (effect <= found.upper), plain, found.p_bottom, low, float(raw), float(shrunken)


def bins(told: Floats, bottom: np.ndarray) -> Iterator[tuple[float, float, int]]:
    """(mean probability told, share that came true, class runs) in each tenth of the probabilities that has any"""
    place = np.minimum((told * BINS).astype(int), BINS - 1)
    for one in range(BINS):
        there = place == one
        if there.any():
            yield float(told[there].mean()), float(bottom[there].mean()), int(there.sum())


def figures(folder: Path, people: int, runs: int = 500, seed: int = 1) -> Iterator[Figure]:
    """Coverage and calibration of every truth, and of those judged together."""
    all_told, all_bottom = [], []
    for truth in TRUTHS:
        found = outcome(truth, runs, seed, cores=os.cpu_count() or 1)
        if truth.judged:
            all_told.append(found.told)
            all_bottom.append(found.bottom)
        yield from _of_truth(truth, found)
    together = list(bins(np.concatenate(all_told), np.concatenate(all_bottom)))
    for said, came, count in together:
        what = f"all judged: said {100 * said:.1f} %, came true {100 * came:.1f} % of {count:,}; off"
        yield Figure(what, 100 * abs(said - came), "points", limit=3)


def _of_truth(truth: Truth, found: Outcome) -> Iterator[Figure]:
    cover = 100 * float(found.held.mean())
    gaps = [abs(said - came) for said, came, count in bins(found.told, found.bottom) if count >= BIN_LEAST]
    limits = (1.0, 3.0) if truth.judged else (None, None)
    name = truth.name
    yield Figure(f"{name}: intervals hold {cover:.1f} %; off 95", abs(cover - 95), "points", limit=limits[0])
    yield Figure(f"{name}: … of the fit alone hold", 100 * float(found.plain.mean()), "%")
    if gaps:
        yield Figure(f"{name}: probability and share, largest gap", 100 * max(gaps), "points", limit=limits[1])
    yield Figure(f"{name}: of a true bottom ten raw means name", 100 * float(found.raw.mean()), "%")
    yield Figure(f"{name}: … shrunken effects name", 100 * float(found.shrunken.mean()), "%")
