"""Ranks, probabilities and tie groups: against what is known exactly, and whatever the order of the levels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.engine.ratings.test_posterior import ratings
from zhixing.engine.ratings import ranking
from zhixing.engine.ratings.design import Design, Factor, Flags
from zhixing.engine.ratings.posterior import Posterior
from zhixing.engine.ratings.ranking import FaultCode, RankingError, cliques, places_of, rank, stand, told_apart


def normal(mean: list[float], error: list[float]) -> Posterior:
    """Independent levels, all but exactly known variances."""
    scale = np.array([error])
    return Posterior(np.ones(1), np.array([mean]), scale, (scale[0] ** 2 * np.eye(len(mean)))[None], 10**9, 0.0)


def test_of_two_levels_the_probability_is_that_of_a_difference() -> None:
    found = stand(normal([0.0, 1.0], [1.0, 0.5]), bottom=1, top=1, seed=3)
    exact = stats.norm.cdf(1.0 / np.hypot(1.0, 0.5))
    assert found.p_bottom[0] == pytest.approx(exact, abs=4 * found.error)
    assert found.p_top[1] == pytest.approx(exact, abs=4 * found.error)
    assert found.error == pytest.approx(np.sqrt(exact * (1 - exact) / found.draws), rel=0.05)


def test_of_independent_levels_the_probability_is_that_of_counting() -> None:
    """P(no more than k − 1 others below), by the distribution of the count at each value: the sum over a fine grid."""
    mean, error, bottom = np.array([0.0, 0.3, 0.5, 1.0, 1.2]), np.array([1.0, 0.3, 0.6, 0.4, 1.5]), 2
    found = stand(normal(mean.tolist(), error.tolist()), bottom=bottom, top=1, seed=1)
    grid = np.linspace(-10, 12, 6001)
    for one in range(5):
        counts = np.zeros((5, len(grid)))
        counts[0] = 1.0
        for other in set(range(5)) - {one}:
            below = stats.norm.cdf(grid, mean[other], error[other])
            counts[1:], counts[0] = counts[1:] * (1 - below) + counts[:-1] * below, counts[0] * (1 - below)
        exact = np.trapezoid(stats.norm.pdf(grid, mean[one], error[one]) * counts[:bottom].sum(axis=0), grid)
        assert found.p_bottom[one] == pytest.approx(exact, abs=4 * found.error)


def test_what_is_shared_by_all_levels_tells_nothing_of_ranks() -> None:
    """A mean that nobody knows moves all levels together: it widens the intervals and leaves the order."""
    alone = normal([0.0, 1.0, 3.0], [0.5, 0.5, 0.5])
    assert alone.covariance is not None
    shifted = dataclasses.replace(alone, covariance=alone.covariance + 100.0, scale=np.full((1, 3), np.sqrt(100.25)))
    one, other = stand(alone, 1, 1, seed=1), stand(shifted, 1, 1, seed=2)
    np.testing.assert_allclose(one.p_bottom, other.p_bottom, atol=6 * one.error)
    assert one.tie_groups == other.tie_groups


def test_every_draw_has_so_many_at_the_bottom_and_the_top() -> None:
    found = rank(ratings(1), "g", bottom=3, top=4)
    assert found.p_bottom.sum() == pytest.approx(3.0)
    assert found.p_top.sum() == pytest.approx(4.0)
    assert (found.rank_lower <= found.rank_upper).all()
    assert found.rank_lower.min() >= 1
    assert found.rank_upper.max() <= 12
    assert (found.lower < found.estimate).all()
    assert (found.estimate < found.upper).all()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6))
def test_other_names_and_another_order_of_rows_give_the_same_answer(seed: int) -> None:
    design = ratings(seed)
    rng = np.random.default_rng(seed)
    moved, rows = rng.permutation(len(design.factors[0].levels)), rng.permutation(len(design.response))
    factor = Factor("g", design.factors[0].levels, moved[design.factors[0].code[rows]].astype(np.int32))
    other = Design(
        design.response[rows],
        design.terms,
        design.fixed[rows],
        (factor, dataclasses.replace(design.factors[1], code=design.factors[1].code[rows])),
    )
    one, two = rank(design, "g", 3, 3), rank(other, "g", 3, 3)
    for name in ("estimate", "lower", "upper"):
        np.testing.assert_allclose(getattr(two, name)[moved], getattr(one, name), atol=1e-3)
    np.testing.assert_allclose(two.p_bottom[moved], one.p_bottom, atol=3e-3)
    assert np.abs(two.rank_lower[moved] - one.rank_lower).max() <= 1


def test_the_raw_mean_is_the_sum_of_what_explains_it() -> None:
    design = ratings(7)
    found = rank(design, "g", 3, 3)
    code = design.factors[0].code
    rest = design.response - found.middle
    own = found.raw_mean - found.middle - found.case_mix - found.severity
    np.testing.assert_array_equal(found.count, np.bincount(code))
    np.testing.assert_allclose(found.raw_mean, np.bincount(code, design.response) / np.bincount(code))
    assert np.corrcoef(own, found.estimate)[0, 1] > 0.95
    assert np.abs(found.estimate).sum() < np.abs(own - own.mean()).sum()
    assert np.average(found.case_mix, weights=found.count) == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(found.corrected_mean, found.middle + found.estimate)
    assert np.abs(rest).max() > 0


def test_a_hard_rater_is_no_fault_of_the_level_he_rates() -> None:
    """Two class runs of like quality, one of them rated by the severe: raw means part them, corrected ones do not."""
    rng = np.random.default_rng(4)
    severe, runs = np.repeat([-1.0, 1.0], 20), 6
    rows = [(run, rater) for rater in range(40) for run in rng.choice(runs, 3, replace=False)]
    rows = [(run, rater) for run, rater in rows if run not in (0, 1) or (severe[rater] < 0) == (run == 0)]
    run, rater = (np.array(part) for part in zip(*rows, strict=True))
    y = 7.0 + severe[rater] + 0.3 * rng.normal(size=len(run))
    factors = tuple(
        Factor(name, tuple(f"{k:02}" for k in range(q)), code.astype(np.int32))
        for name, code, q in (("run", run, runs), ("rater", rater, 40))
    )
    found = rank(Design(y, ("(Intercept)",), np.ones((len(y), 1)), factors), "run", 1, 1)
    assert found.raw_mean[1] - found.raw_mean[0] > 1.5
    assert abs(found.corrected_mean[1] - found.corrected_mean[0]) < 0.15
    assert found.severity[1] - found.severity[0] > 1.5


def test_equal_raw_means_share_the_better_rank() -> None:
    assert places_of(np.array([3.0, 5.0, 3.0, 1.0])).tolist() == [2, 1, 2, 4]


@pytest.mark.parametrize(("levels", "published"), [(3, 3.314), (10, 4.474)])
def test_like_levels_are_told_apart_as_by_tukeys_studentised_range(levels: int, published: float) -> None:
    """Tables of the studentised range at 5 % for infinite degrees of freedom: 3.314 for 3 means, 4.474 for 10."""
    drawn = np.random.default_rng(0).normal(size=(40_000, levels))
    gap = np.full((levels, levels), np.sqrt(2.0))
    just, under = np.zeros(levels), np.zeros(levels)
    just[0], under[0] = published * 1.03, published * 0.97
    assert told_apart(just, gap, drawn + just)[0, 1:].all()
    assert not told_apart(under, gap, drawn + under).any()


@st.composite
def relations(draw: st.DrawFn) -> Flags:
    size = draw(st.integers(1, 14))
    one = np.random.default_rng(draw(st.integers(0, 10**6))).random((size, size)) < draw(st.floats(0, 1))
    return np.asarray(one | one.T)


@settings(deadline=None)
@given(relations())
def test_tie_groups_hold_every_pair_that_cannot_be_told_apart_and_no_other(same: Flags) -> None:
    groups = cliques(same)
    shared = np.zeros_like(same)
    for group in groups:
        shared[np.ix_(group, group)] = True
        others = np.setdiff1d(np.arange(len(same)), group)
        assert not any(same[other, group].all() for other in others)
    off = ~np.eye(len(same), dtype=bool)
    np.testing.assert_array_equal(shared[off], same[off])
    assert shared.diagonal().all()
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)


def test_levels_far_apart_stand_in_different_tie_groups_from_the_top() -> None:
    found = stand(normal([0.0, 0.1, 5.0, 5.1, 2.5], [0.4, 0.4, 0.4, 0.4, 1.2]), 1, 1, seed=1)
    assert found.tie_groups == ((2,), (2,), (1,), (1,), (1, 2))


def test_of_too_many_levels_no_tie_groups_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "LEVELS_MOST", 2)
    assert stand(normal([0.0, 1.0, 2.0], [1.0, 1.0, 1.0]), 1, 1, seed=1).tie_groups == ((), (), ())


def test_what_cannot_be_ranked_is_said() -> None:
    design = ratings(1)
    equal = dataclasses.replace(design, response=np.full(len(design.response), 4.0))
    one = dataclasses.replace(
        design, factors=(design.factors[0], Factor("r", ("only",), np.zeros(len(design.response), np.int32)))
    )
    for bad, of, bottom, code in (
        (design, "h", 3, FaultCode.UNKNOWN_FACTOR),
        (design, "g", 12, FaultCode.TOO_MANY),
        (equal, "g", 3, FaultCode.NO_DIFFERENCES),
        (one, "g", 3, FaultCode.ONE_LEVEL),
    ):
        with pytest.raises(RankingError) as error:
            rank(bad, of, bottom, 3)
        assert error.value.code is code
