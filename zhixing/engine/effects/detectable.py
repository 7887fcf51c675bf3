"""Before a study starts: the smallest effect it would see, and how many people would be needed to see a given one.

Exact by the non-central t distribution; the variance of a comparison of groups that were drawn whole is that of Dong and Maynard (2013), with a first
measurement that explains the square of its correlation at both levels. Effects are in standard deviations of the outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy import optimize, special

EFFECT_MOST = 1e3
SIZE_MOST = 10**7


@dataclass(frozen=True)
class Study:
    """``called`` and ``compared`` people (``compared`` 0: the called before and after). ``correlation`` of the first measurement with the outcome (0: none
    is used; needed when nobody is compared); ``per_cluster`` people are drawn together, whose outcomes agree by ``icc``."""

    called: int
    compared: int = 0
    correlation: float = 0.0
    per_cluster: float = 1.0
    icc: float = 0.0
    alpha: float = 0.05
    power: float = 0.8

    @property
    def spread(self) -> float:
        """The standard error of the effect, in standard deviations of the outcome."""
        drawn = 1.0 + (self.per_cluster - 1.0) * self.icc
        if not self.compared:
            return math.sqrt(2.0 * (1.0 - self.correlation) * drawn / self.called)
        left = 1.0 - self.correlation**2
        return math.sqrt(left * drawn * (1.0 / self.called + 1.0 / self.compared))

    @property
    def freedom(self) -> float:
        """Clusters less what is estimated."""
        used = 1 + bool(self.compared) + bool(self.compared and self.correlation)
        return (self.called + self.compared) / self.per_cluster - used

    def seen(self, effect: float) -> float:
        """How probably an effect of this size is told from nothing."""
        if self.freedom <= 0.0:
            return 0.0
        if self.spread <= 0.0:
            return 1.0
        edge = float(special.stdtrit(self.freedom, 1.0 - self.alpha / 2.0))
        away = effect / self.spread
        return 1.0 - _below(self.freedom, away, edge) + _below(self.freedom, away, -edge)


def _below(freedom: float, away: float, edge: float) -> float:
    """How probably a non-central t lies below ``edge``; far out, where SciPy knows no number, 0."""
    found = float(special.nctdtr(freedom, away, edge))
    return 0.0 if math.isnan(found) else found


def smallest_effect(study: Study) -> float:
    """The effect that is seen with the wanted power; infinite where there are too few to see anything."""
    if study.freedom <= 0.0:
        return math.inf
    low, high = 0.0, study.spread
    while study.seen(high) < study.power:
        low, high = high, 2.0 * high
        if high > EFFECT_MOST:
            return math.inf
    if high == 0.0:
        return 0.0
    return float(optimize.brentq(lambda effect: study.seen(effect) - study.power, low, high, xtol=1e-12))


def needed_size(study: Study, effect: float) -> int | None:
    """The fewest people to be called (others in the same proportion as in ``study``) that see ``effect``; None when ten million do not."""
    low, high = 0, 1
    while _of(study, high).seen(effect) < study.power:
        low, high = high, 2 * high
        if high > SIZE_MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _of(study, middle).seen(effect) >= study.power else (middle, high)
    return high


def _of(study: Study, called: int) -> Study:
    return replace(study, called=called, compared=math.ceil(called * study.compared / study.called))
