"""Later outcomes while one cohort after another is called: each cohort beside those not called yet (Callaway and Sant'Anna 2021).

The effect on cohort g in period t is how much more it changed since the period before its call than those who were called after t, or never. These are
averaged; no regression on units and periods is run, which would hold those called long ago against those called now. Errors add up what every unit
contributes, cluster by cluster; bands over several periods come from signs drawn for each cluster (multiplier bootstrap, with a seed). It rests on one
belief: without the call, all would have changed alike. Periods before the call can contradict it and never prove it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from zhixing.engine.columns import Floats, Longs
from zhixing.engine.effects.estimate import COVERAGE, Estimate, Verdict, judge
from zhixing.engine.effects.regression import alone

NEVER = np.iinfo(np.int64).max
"""The period of the call of whoever was never called."""
DRAWS = 999
TRENDS_DIFFER = 0.05
"""Changes before the call that chance explains less often than this are a sign that trends differ."""


@dataclass(frozen=True, eq=False)
class Panel:
    """u units over the T ``periods`` in order: ``outcome`` [u, T] (NaN: not measured), ``first`` [u] the period of the call or ``NEVER``, ``cluster`` [u]."""

    periods: Longs
    outcome: Floats
    first: Longs
    cluster: Longs | None = None


@dataclass(frozen=True, eq=False)
class Effect:
    """On the ``cohort`` in ``period``, from ``called`` units and ``compared`` others. ``adds`` [u]: what each unit contributes to the error."""

    cohort: int
    period: int
    called: int
    compared: int
    value: float
    adds: Floats


@dataclass(frozen=True)
class Since:
    """``after`` periods since the call (below 0: before it), with the band that holds for all periods at once."""

    after: int
    called: int
    estimate: Estimate
    band: tuple[float, float]


@dataclass(frozen=True)
class GroupTime:
    cohort: int
    period: int
    called: int
    compared: int
    estimate: Estimate


@dataclass(frozen=True)
class Cohorts:
    """``overall``: the mean over called units of their mean effect since the call; None when no cohort can be compared. ``trend_p``: how often chance alone
    gives changes before the call as large as these (None: there are no periods to see). ``dropped``: cohorts that cannot be compared at all."""

    group_times: tuple[GroupTime, ...]
    since: tuple[Since, ...]
    overall: Estimate | None
    trend_p: float | None
    dropped: tuple[int, ...]
    verdict: Verdict


def compare_cohorts(panel: Panel, seed: int = 1, less_is_better: bool = False) -> Cohorts:
    """Raises ``ValueError`` for a panel whose shapes do not fit."""
    if panel.outcome.shape != (len(panel.first), len(panel.periods)):
        raise ValueError("one row a unit, one column a period")
    work = _Work(panel, seed)
    after = [one for one in work.effects if one.period >= one.cohort]
    before = [one for one in work.effects if one.period < one.cohort]
    named = sorted({int(one) for one in panel.first if one != NEVER})
    overall = work.overall(after) if after else None
    trend_p = work.chance(before) if before else None
    return Cohorts(
        group_times=tuple(work.told(one) for one in work.effects),
        since=tuple(work.by_time_since()),
        overall=overall,
        trend_p=trend_p,
        dropped=tuple(one for one in named if one not in {effect.cohort for effect in after}),
        verdict=_verdict(overall, trend_p, less_is_better),
    )


def _verdict(overall: Estimate | None, trend_p: float | None, less_is_better: bool) -> Verdict:
    if overall is None:
        return Verdict.TOO_FEW
    verdict = judge([overall], less_is_better)
    differ = trend_p is not None and trend_p < TRENDS_DIFFER
    return Verdict.NOT_COMPARABLE if differ and verdict is not Verdict.TOO_FEW else verdict


@dataclass(frozen=True, eq=False)
class _Work:
    panel: Panel
    seed: int

    @cached_property
    def cluster(self) -> Longs:
        given = self.panel.cluster
        if given is None:
            return alone(len(self.panel.first))
        return np.unique(given, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def effects(self) -> list[Effect]:
        """In the order of cohort and period; the period before the call has none, being what the others are measured from."""
        periods = self.panel.periods.tolist()
        found = []
        for cohort in sorted({int(one) for one in self.panel.first}):
            start = int(np.searchsorted(self.panel.periods, cohort))
            if cohort == NEVER or start == 0 or start == len(periods):
                continue
            for place in range(1, len(periods)):
                base = start - 1 if place >= start else place - 1
                effect = self._effect(cohort, place, base)
                if effect is not None:
                    found.append(effect)
        return found

    def _effect(self, cohort: int, place: int, base: int) -> Effect | None:
        """From period number ``base`` to ``place``: since the call from the last period before it, and before the call from one period to the next."""
        panel = self.panel
        change = panel.outcome[:, place] - panel.outcome[:, base]
        seen = np.isfinite(change)
        mine, theirs = (
            seen & (panel.first == cohort),
            seen & (panel.first > panel.periods[place]) & (panel.first != cohort),
        )
        if self._clusters(mine) < 2 or self._clusters(theirs) < 2:
            return None
        adds = np.zeros(len(change))
        value = 0.0
        for arm, sign in ((mine, 1.0), (theirs, -1.0)):
            mean, clusters = float(change[arm].mean()), self._clusters(arm)
            adds[arm] = sign * (change[arm] - mean) / arm.sum() * math.sqrt(clusters / (clusters - 1.0))
            value += sign * mean
        return Effect(cohort, int(panel.periods[place]), int(mine.sum()), int(theirs.sum()), value, adds)

    def _clusters(self, arm: np.ndarray) -> int:
        return len(np.unique(self.cluster[arm]))

    def told(self, effect: Effect) -> GroupTime:
        estimate = self._estimate(effect.value, effect.adds)
        return GroupTime(effect.cohort, effect.period, effect.called, effect.compared, estimate)

    def _estimate(self, value: float, adds: Floats) -> Estimate:
        sums = np.bincount(self.cluster, adds)
        return Estimate(value, math.sqrt(float(sums @ sums)), self._freedom(adds))

    def _freedom(self, adds: Floats) -> float:
        """Each cohort brings its own spread with the degrees of freedom of its clusters (Satterthwaite 1946); in all no more than there are clusters."""
        top = bottom = 0.0
        for cohort in np.unique(self.panel.first):
            own = np.where(self.panel.first == cohort, adds, 0.0)
            spread = float(np.sum(np.bincount(self.cluster, own) ** 2))
            clusters = self._clusters(own != 0.0)
            top += spread
            bottom += spread**2 / max(1, clusters - 1)
        most = float(self._clusters(adds != 0.0) - 1)
        return min(most, top**2 / bottom) if bottom > 1e-300 else float(len(np.unique(self.cluster)) - 1)

    def _mean(self, effects: list[Effect]) -> tuple[float, Floats]:
        """The mean of effects on different cohorts by their sizes, and what units add to it; sizes are what this draw of units has made them."""
        sizes = np.array([float((self.panel.first == one.cohort).sum()) for one in effects])
        share = sizes / sizes.sum()
        value = float(share @ [one.value for one in effects])
        adds = np.asarray(sum(weight * one.adds for weight, one in zip(share, effects, strict=True)))
        for one in effects:
            adds = adds + np.where(self.panel.first == one.cohort, (one.value - value) / sizes.sum(), 0.0)
        return value, adds

    def overall(self, after: list[Effect]) -> Estimate:
        means = []
        for cohort in sorted({one.cohort for one in after}):
            own = [one for one in after if one.cohort == cohort]
            adds = np.asarray(sum(one.adds for one in own)) / len(own)
            means.append(Effect(cohort, cohort, 0, 0, sum(one.value for one in own) / len(own), adds))
        return self._estimate(*self._mean(means))

    def by_time_since(self) -> Iterable[Since]:
        """Event times: periods counted along ``periods`` from that of the call."""
        place = {int(period): number for number, period in enumerate(self.panel.periods)}
        start = {one.cohort: int(np.searchsorted(self.panel.periods, one.cohort)) for one in self.effects}
        by_after: dict[int, list[Effect]] = {}
        for one in self.effects:
            by_after.setdefault(place[one.period] - start[one.cohort], []).append(one)
        means = [(after, self._mean(own), sum(one.called for one in own)) for after, own in sorted(by_after.items())]
        edge = (
            float(np.quantile(self._largest([adds for _after, (_value, adds), _called in means]), COVERAGE))
            if means
            else 0.0
        )
        for after, (value, adds), called in means:
            estimate = self._estimate(value, adds)
            half = estimate.half(2.0 * float(special.ndtr(edge)) - 1.0)
            yield Since(after, called, estimate, (value - half, value + half))

    def chance(self, before: list[Effect]) -> float:
        """The share of draws in which some change before the call is as unlikely as the unlikeliest here, each by its own degrees of freedom."""
        largest = max(-float(special.ndtri(self._estimate(one.value, one.adds).p / 2.0)) for one in before)
        drawn = self._largest([one.adds for one in before])
        return (1.0 + float((drawn >= largest).sum())) / (1.0 + DRAWS)

    def _largest(self, adds: list[Floats]) -> Floats:
        """[DRAWS] the largest of several deviations in units of their errors, when each cluster keeps or changes its sign by lot."""
        sums = np.array([np.bincount(self.cluster, one) for one in adds])
        errors = np.sqrt(np.einsum("kc,kc->k", sums, sums))
        sums = np.divide(sums, errors[:, None], out=np.zeros_like(sums), where=errors[:, None] > 0.0)
        rng = np.random.default_rng(self.seed)
        signs = rng.integers(0, 2, (DRAWS, sums.shape[1]), dtype=np.int8) * 2.0 - 1.0
        return np.asarray(np.abs(signs @ sums.T).max(axis=1))
