"""Staggered cohorts: by hand, beside a regression that gets it wrong, and over many simulated cities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.effects.cohorts import NEVER, Cohorts, Panel, compare_cohorts
from zhixing.engine.effects.estimate import Verdict

RUNS = 120


def years(seed: int, units: int = 120, effect: float = 0.0, drift: float = 0.0, never: bool = True) -> Panel:
    """Six periods; cohorts of periods 3, 4, 5 and later; the effect grows by half with each period. ``drift``: the called move up anyway."""
    rng = np.random.default_rng(seed)
    first = rng.choice([3, 4, 5, NEVER if never else 6], units)
    periods = np.arange(1, 7)
    own = rng.normal(size=units) + (first == 3)
    since = np.where(first[:, None] == NEVER, 0, periods - first[:, None].clip(max=9))
    after = (periods >= first[:, None]).astype(float)
    outcome = own[:, None] + 0.3 * periods + rng.normal(size=(units, 6)) + effect * (1 + 0.5 * since) * after
    return Panel(periods, outcome + drift * periods * (first != NEVER)[:, None], first)


def truth(found: Cohorts, effect: float) -> float:
    by_cohort: dict[int, list[float]] = {}
    for one in found.group_times:
        if one.period >= one.cohort:
            by_cohort.setdefault(one.cohort, []).append(effect * (1 + 0.5 * (one.period - one.cohort)))
    return float(np.mean([np.mean(values) for values in by_cohort.values()]))


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    for effect, never in ((0.0, True), (0.6, False)):
        found = [compare_cohorts(years(seed, effect=effect, never=never)) for seed in range(RUNS)]
        assert sum(one.overall.lower <= truth(one, effect) <= one.overall.upper for one in found if one.overall) >= 108
        assert (
            sum(s.estimate.lower <= effect <= s.estimate.upper for one in found for s in one.since if s.after == 0)
            >= 108
        )
        assert sum(one.trend_p is not None and one.trend_p < 0.05 for one in found) <= 14
    said = [compare_cohorts(years(seed)).verdict for seed in range(RUNS)]
    assert said.count(Verdict.BETTER) + said.count(Verdict.WORSE) <= 12


def test_trends_that_differ_before_the_call_are_noticed_and_nothing_is_claimed() -> None:
    found = [compare_cohorts(years(seed, drift=1.5, effect=0.3)) for seed in range(30)]
    assert sum(one.verdict is Verdict.NOT_COMPARABLE for one in found) >= 27


def test_it_is_right_where_a_regression_on_units_and_periods_is_not() -> None:
    """Without noise, and with effects that grow: two-way fixed effects hold the early cohort against the late one."""
    periods = np.arange(1, 9)
    first = np.repeat([2, 6], 10)
    own = np.linspace(0, 1, 20)
    effect = np.where(periods >= first[:, None], 1.0 + 2.0 * (periods - first[:, None]), 0.0)
    outcome = own[:, None] + 0.5 * periods + effect
    found = compare_cohorts(Panel(periods, outcome, first))
    for one in found.group_times:
        assert one.estimate.value == pytest.approx(
            1.0 + 2.0 * (one.period - one.cohort) if one.period >= one.cohort else 0.0
        )
    treated = (periods >= first[:, None]).astype(float)
    dummies = np.column_stack(
        [np.kron(np.eye(20), np.ones((8, 1))), np.tile(np.eye(8), (20, 1))[:, 1:], treated.ravel()]
    )
    regressed = np.linalg.lstsq(dummies, outcome.ravel(), rcond=None)[0][-1]
    assert found.overall is not None
    assert found.overall.value == pytest.approx(4.0)
    assert regressed < 1.0
    assert found.dropped == (6,)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_each_effect_is_the_difference_of_mean_changes(seed: int) -> None:
    panel = years(seed, 40)
    panel.outcome[np.random.default_rng(seed).random(panel.outcome.shape) < 0.1] = math.nan
    for one in compare_cohorts(panel).group_times:
        base = one.cohort - 1 if one.period >= one.cohort else one.period - 1
        mine, theirs = [], []
        for row, first in zip(panel.outcome, panel.first, strict=True):
            change = row[one.period - 1] - row[base - 1]
            if not math.isnan(change):
                if first == one.cohort:
                    mine.append(change)
                elif first > one.period:
                    theirs.append(change)
        assert (one.called, one.compared) == (len(mine), len(theirs))
        assert one.estimate.value == pytest.approx(np.mean(mine) - np.mean(theirs))
        assert one.estimate.error == pytest.approx(
            math.sqrt(np.var(mine, ddof=1) / len(mine) + np.var(theirs, ddof=1) / len(theirs))
        )


def test_the_same_seed_gives_the_same_bands_and_bands_are_wider() -> None:
    panel = years(3)
    one, two = compare_cohorts(panel, seed=5), compare_cohorts(panel, seed=5)
    assert one == two
    for since in one.since:
        assert since.band[0] <= since.estimate.lower
        assert since.band[1] >= since.estimate.upper


def test_clusters_widen_the_error() -> None:
    panel = years(4, 160)
    unit = np.random.default_rng(1).integers(0, 20, 160)
    shared = panel.outcome + np.random.default_rng(2).normal(0, 2, (20, 6))[unit] * (panel.first == 4)[:, None]
    apart = compare_cohorts(Panel(panel.periods, shared, panel.first)).overall
    together = compare_cohorts(Panel(panel.periods, shared, panel.first, unit)).overall
    assert apart is not None
    assert together is not None
    assert together.value == pytest.approx(apart.value)
    assert together.error > apart.error
    assert together.freedom <= 19


def test_nobody_to_compare_with_is_too_few_and_told() -> None:
    found = compare_cohorts(Panel(np.arange(1, 4), np.random.default_rng(1).normal(size=(12, 3)), np.full(12, 2)))
    assert (found.overall, found.trend_p, found.dropped, found.verdict, found.since) == (
        None,
        None,
        (2,),
        Verdict.TOO_FEW,
        (),
    )
    always = compare_cohorts(
        Panel(np.arange(1, 4), np.random.default_rng(1).normal(size=(12, 3)), np.repeat([1, NEVER], 6))
    )
    assert always.dropped == (1,)


def test_steady_figures_before_the_call_speak_for_nothing_else() -> None:
    flat = np.zeros((12, 4))
    found = compare_cohorts(Panel(np.arange(1, 5), flat, np.repeat([3, NEVER], 6)))
    assert found.trend_p == 1.0
    assert found.overall is not None
    assert (found.overall.value, found.overall.error) == (0.0, 0.0)


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="one row a unit"):
        compare_cohorts(Panel(np.arange(3), np.zeros((2, 2)), np.zeros(2, np.int64)))
