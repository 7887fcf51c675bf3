"""What a training added to a measured outcome, when people were measured before and after (levels 2 and 3).

Whoever is called *because* of a low first score scores higher the second time without any training: part of the low score was bad luck, and luck does not
repeat (regression to the mean; Barnett, van der Pols and Dobson 2005). How it is taken into account depends on what is known:

- **nobody else was measured, people were not called by their score:** the plain gain, which then has no such part;
- **nobody else, called by their score:** the gain beyond what the mean of everybody and the reliability of the test foretell (Gardner and Heady 1973); where
  the reliability is not known, the line through those measured twice, read off at the mean of everybody (Mee and Chua 1991);
- **others were measured twice as well, called by their score:** the difference at equal first scores (analysis of covariance), which is unbiased then;
- **others as well, called by something else:** the difference at equal *true* first scores (Porter 1967) with the reliability; without it the truth lies
  between the difference at equal scores and the difference of the gains (Ding and Li 2019), so both must agree."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from zhixing.engine.columns import Flags, Floats, Longs
from zhixing.engine.effects.estimate import Estimate, Verdict, judge
from zhixing.engine.effects.regression import Line, alone

OVERLAP_LEAST = 0.5


class Method(StrEnum):
    GAIN = "gain"
    CORRECTED = "corrected"
    AT_THE_MEAN = "at_the_mean"
    EQUAL_SCORES = "equal_scores"
    EQUAL_TRUE_SCORES = "equal_true_scores"
    DIFFERENCE = "difference"


class Caution(StrEnum):
    """What a reader must be told beside the verdict."""

    NO_COMPARISON = "no_comparison"
    LITTLE_OVERLAP = "little_overlap"


class GainFault(StrEnum):
    NOBODY_TWICE = "nobody_twice"
    NOBODY_TO_COMPARE = "nobody_to_compare"
    MEAN_NEEDED = "mean_needed"
    SCORES_ALIKE = "scores_alike"


class GainError(ValueError):
    def __init__(self, code: GainFault) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, eq=False)
class Scores:
    """n people: ``pre``, ``post`` [n] (NaN: not measured), ``called`` [n], ``cluster`` [n] (who was drawn or taught together)."""

    pre: Floats
    post: Floats
    called: Flags
    cluster: Longs | None = None


@dataclass(frozen=True)
class Known:
    """What is known beside the scores. ``reliability`` (0 to 1): the correlation of two such tests in people to whom nothing happens in between, and of how
    many people it was found; ``mean``: of the first score among everybody from whom people were called (None: of all first scores here)."""

    called_by_pre: bool = False
    reliability: float | None = None
    reliability_n: int | None = None
    mean: float | None = None
    less_is_better: bool = False

    @property
    def reliability_error(self) -> float:
        """The standard error of a correlation."""
        if self.reliability is None or self.reliability_n is None:
            return 0.0
        return (1.0 - self.reliability**2) / math.sqrt(max(1, self.reliability_n - 1))


@dataclass(frozen=True)
class Reading:
    method: Method
    estimate: Estimate


@dataclass(frozen=True)
class Gain:
    """``called`` and ``compared`` people were measured twice, ``left_out`` once. ``raw``: the gain of the called as it stands; ``by_chance``: the part of it
    that regression to the mean foretells (None: not known). The first of ``readings`` is the answer; all must agree for a verdict."""

    called: int
    compared: int
    left_out: int
    raw: Estimate
    by_chance: float | None
    readings: tuple[Reading, ...]
    verdict: Verdict
    cautions: tuple[Caution, ...]


def gain(scores: Scores, known: Known = Known()) -> Gain:
    """Raises ``GainError`` where there is nothing to compute."""
    both = np.isfinite(scores.pre) & np.isfinite(scores.post)
    twice = _kept(scores, both)
    if not twice.called.any():
        raise GainError(GainFault.NOBODY_TWICE)
    others = int((~twice.called).sum())
    if not others and (~scores.called).any() and not known.called_by_pre:
        raise GainError(GainFault.NOBODY_TO_COMPARE)
    mine = _kept(twice, twice.called)
    readings, by_chance = (
        _beside_others(twice, known) if others else _alone(mine, known, scores.pre[np.isfinite(scores.pre)])
    )
    estimates = [one.estimate for one in readings]
    return Gain(
        called=len(mine.pre),
        compared=others,
        left_out=int((~both).sum()),
        raw=_mean(mine.post - mine.pre, mine.cluster),
        by_chance=by_chance,
        readings=readings,
        verdict=judge(estimates, known.less_is_better),
        cautions=_cautions(twice, others),
    )


def _kept(scores: Scores, kept: Flags) -> Scores:
    cluster = alone(len(scores.pre)) if scores.cluster is None else scores.cluster
    _names, cluster = np.unique(cluster[kept], return_inverse=True)
    return Scores(scores.pre[kept], scores.post[kept], scores.called[kept], cluster.astype(np.int64))


def _line(columns: list[Floats], y: Floats, cluster: Longs | None) -> Line:
    assert cluster is not None
    return Line(np.column_stack([np.ones(len(y)), *columns]), y, cluster)


def _mean(values: Floats, cluster: Longs | None) -> Estimate:
    return _line([], values, cluster).contrast(np.ones(1))


def _widened(estimate: Estimate, *further: float) -> Estimate:
    """With further independent parts of the error."""
    return replace(estimate, error=math.hypot(estimate.error, *further))


def _alone(mine: Scores, known: Known, first: Floats) -> tuple[tuple[Reading, ...], float | None]:
    """The called alone; ``first``: every first score, also of people who were not measured again."""
    if not known.called_by_pre:
        return (Reading(Method.GAIN, _mean(mine.post - mine.pre, mine.cluster)),), 0.0
    mean, mean_error = _mean_of_all(mine, known, first)
    away = float(mine.pre.mean()) - mean
    if known.reliability is not None:
        kept = known.reliability
        estimate = _mean(mine.post - mean - kept * (mine.pre - mean), mine.cluster)
        estimate = _widened(estimate, (1.0 - kept) * mean_error, away * known.reliability_error)
        return (Reading(Method.CORRECTED, estimate),), (kept - 1.0) * away
    _spread(mine.pre)
    line = _line([mine.pre - mean], mine.post - mean, mine.cluster)
    slope = float(line.coefficients()[1])
    estimate = _widened(line.contrast(np.array([1.0, 0.0])), (1.0 - slope) * mean_error)
    return (Reading(Method.AT_THE_MEAN, estimate),), (slope - 1.0) * away


def _mean_of_all(mine: Scores, known: Known, first: Floats) -> tuple[float, float]:
    if known.mean is not None:
        return known.mean, 0.0
    if len(first) <= len(mine.pre):
        raise GainError(GainFault.MEAN_NEEDED)
    return float(first.mean()), float(first.std(ddof=1)) / math.sqrt(len(first))


def _spread(pre: Floats) -> None:
    if not np.ptp(pre) > 0.0:
        raise GainError(GainFault.SCORES_ALIKE)


def _beside_others(twice: Scores, known: Known) -> tuple[tuple[Reading, ...], float | None]:
    called = twice.called.astype(np.float64)
    centred = twice.pre - np.where(twice.called, twice.pre[twice.called].mean(), twice.pre[~twice.called].mean())
    _spread(centred)
    line = _line([called, twice.pre], twice.post, twice.cluster)
    equal = line.contrast(np.array([0.0, 1.0, 0.0]))
    slope = line.contrast(np.array([0.0, 0.0, 1.0]))
    apart = float(twice.pre[twice.called].mean() - twice.pre[~twice.called].mean())
    if known.called_by_pre:
        return (Reading(Method.EQUAL_SCORES, equal),), (slope.value - 1.0) * apart
    if known.reliability is None:
        gains = _line([called], twice.post - twice.pre, twice.cluster).contrast(np.array([0.0, 1.0]))
        return (Reading(Method.EQUAL_SCORES, equal), Reading(Method.DIFFERENCE, gains)), None
    true = slope.value / known.reliability
    estimate = _line([called], twice.post - true * twice.pre, twice.cluster).contrast(np.array([0.0, 1.0]))
    estimate = _widened(
        estimate,
        apart * slope.error / known.reliability,
        apart * true / known.reliability * known.reliability_error,
    )
    return (Reading(Method.EQUAL_TRUE_SCORES, estimate),), None


def _cautions(twice: Scores, others: int) -> tuple[Caution, ...]:
    if not others:
        return (Caution.NO_COMPARISON,)
    mine, theirs = twice.pre[twice.called], twice.pre[~twice.called]
    within = (mine >= theirs.min()) & (mine <= theirs.max())
    return (Caution.LITTLE_OVERLAP,) if within.mean() < OVERLAP_LEAST else ()
