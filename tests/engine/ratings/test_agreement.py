"""Krippendorff's α against its published example and its definition by pairs; agreement in groups against plain arithmetic."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.ratings import agreement
from zhixing.engine.ratings.agreement import Measure, krippendorff, within_groups
from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.sheets import FaultCode, Groups, SheetsError

NA = np.nan
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3],
        [NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA],
    ]
).T
"""Twelve units by four observers (Krippendorff 2011, section D)."""


@pytest.mark.parametrize(
    ("measure", "published"),
    [(Measure.NOMINAL, 0.743), (Measure.ORDINAL, 0.815), (Measure.INTERVAL, 0.849), (Measure.RATIO, 0.797)],
)
def test_alpha_is_the_published_one_at_every_level_of_measurement(measure: Measure, published: float) -> None:
    found = krippendorff(OBSERVERS, measure, resamples=200)
    assert found.alpha.value == pytest.approx(published, abs=5e-4)
    assert (found.units, found.answers) == (11, 40)
    assert found.alpha.lower is not None
    assert found.alpha.upper is not None
    assert found.alpha.lower < found.alpha.value <= found.alpha.upper


def by_pairs(values: Floats, measure: Measure) -> float:
    """The definition, pair by pair."""
    units = [row[~np.isnan(row)] for row in values if (~np.isnan(row)).sum() > 1]
    pool = np.concatenate(units)

    def gap(one: float, other: float) -> float:
        if measure is Measure.NOMINAL:
            return float(one != other)
        if measure is Measure.INTERVAL:
            return (one - other) ** 2
        if measure is Measure.RATIO:
            return ((one - other) / (one + other)) ** 2 if one + other else 0.0
        low, high = min(one, other), max(one, other)
        inside = ((pool >= low) & (pool <= high)).sum() - ((pool == low).sum() + (pool == high).sum()) / 2
        return float(inside**2) if low < high else 0.0

    observed = sum(sum(gap(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units) / len(pool)
    expected = sum(gap(a, b) for a, b in permutations(pool, 2)) / (len(pool) * (len(pool) - 1))
    return float(1.0 - observed / expected)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(Measure))
def test_alpha_is_the_one_of_all_pairs(seed: int, measure: Measure) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 4, (8, 1)) + rng.integers(0, 3, (8, 4)).astype(float)
    values[rng.random(values.shape) < 0.3] = np.nan
    paired = values[(~np.isnan(values)).sum(axis=1) > 1]
    if len(np.unique(paired[~np.isnan(paired)])) < 2:
        return
    assert krippendorff(values, measure, resamples=0).alpha.value == pytest.approx(by_pairs(values, measure), abs=1e-9)


def rated(rng: np.random.Generator, units: int, noise: float) -> Floats:
    return np.asarray(rng.normal(size=(units, 1)) + noise * rng.normal(size=(units, 3)))


def test_the_interval_holds_the_truth_in_most_samples_and_comes_back_with_its_seed() -> None:
    """Of interval data α estimates the share of variance that is the unit's."""
    rng = np.random.default_rng(1)
    held = []
    for _ in range(100):
        alpha = krippendorff(rated(rng, 80, 1.0), Measure.INTERVAL, resamples=200).alpha
        assert alpha.lower is not None
        assert alpha.upper is not None
        held.append(alpha.lower <= 0.5 <= alpha.upper)
    assert 0.86 <= np.mean(held) <= 1.0
    values = rated(rng, 30, 1.0)
    one, other, third = (krippendorff(values, Measure.INTERVAL, 100, seed).alpha for seed in (1, 1, 2))
    assert one == other != third


def test_many_units_are_resampled_in_blocks_with_the_same_width(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.round(rated(np.random.default_rng(5), 3_000, 1.0))
    blocks = krippendorff(values, Measure.ORDINAL, 400).alpha
    monkeypatch.setattr(agreement, "BLOCKS", 10_000)
    single = krippendorff(values, Measure.ORDINAL, 400).alpha
    assert blocks.value == single.value
    widths = [(one.upper or 0) - (one.lower or 0) for one in (blocks, single)]
    assert widths[0] == pytest.approx(widths[1], rel=0.15)


def test_what_tells_nothing_is_said() -> None:
    never = np.array([[1.0, NA], [NA, 2.0]])
    many = np.random.default_rng(1).random((2_000, 2))
    for values, measure, code in (
        (np.full((4, 3), 2.0), Measure.NOMINAL, FaultCode.ALL_EQUAL),
        (never, Measure.INTERVAL, FaultCode.NEVER_TOGETHER),
        (OBSERVERS - 3.0, Measure.RATIO, FaultCode.NOT_POSITIVE),
        (many, Measure.RATIO, FaultCode.MANY_VALUES),
    ):
        with pytest.raises(SheetsError) as error:
            krippendorff(values, measure)
        assert error.value.faults[0].code is code


def test_agreement_in_groups_is_that_of_the_formulas() -> None:
    """Five steps: by chance the variance is 2. Group a agrees in the first item and differs by one step in the second."""
    values = np.array([[4.0, 4], [4, 5], [4, 4], [4, 5], [1, 5], [5, 1], [3, NA]])
    groups = Groups(("a", "b", "c"), np.array([0, 0, 0, 0, 1, 1, 2]))
    found = within_groups(values, groups, 1, 5)
    variance = 1 / 3
    assert found.sheets.tolist() == [4, 2, 1]
    assert found.r_wg[0] == pytest.approx([1.0, 1 - variance / 2])
    left = 1 - (variance / 2) / 2
    assert found.r_wg_j[0] == pytest.approx(2 * left / (2 * left + 1 - left))
    assert found.deviation[0] == pytest.approx((0.0 + 0.5) / 2)
    assert found.r_wg[1].tolist() == [0.0, 0.0]
    assert found.r_wg_j[1] == 0.0
    assert found.deviation[1] == pytest.approx(2.0)
    assert np.isnan([found.r_wg_j[2], found.deviation[2], found.a_wg[2]]).all()


def test_a_wg_is_one_where_all_agree_and_minus_one_where_they_differ_most() -> None:
    """Brown and Hauenstein 2005: half of a group at each end is the largest disagreement, −1."""
    values = np.array([[1.0], [1], [5], [5], [3], [3], [3], [5], [5], [5]])
    groups = Groups(("apart", "one", "end"), np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2]))
    assert within_groups(values, groups, 1, 5).a_wg == pytest.approx([-1.0, 1.0, 1.0])


def test_a_wg_is_not_told_where_the_mean_lies_too_near_an_end() -> None:
    """Three answers 5, 5, 5 and one 4: no other answers could have that mean."""
    values = np.array([[5.0], [5], [5], [4]])
    assert np.isnan(within_groups(values, Groups(("a",), np.zeros(4, np.int64)), 1, 5).a_wg[0])
