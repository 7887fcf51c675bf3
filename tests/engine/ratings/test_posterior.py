"""The joint distribution of effects against plain matrix algebra at given variances, and against a fine grid over the variance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from zhixing.engine.ratings import posterior
from zhixing.engine.ratings.crossed import fit_sums
from zhixing.engine.ratings.design import Design, Floats, design_of
from zhixing.engine.ratings.exact import Exact
from zhixing.engine.ratings.posterior import Posterior, posterior_of
from zhixing.engine.ratings.sums import sums_of


def ratings(seed: int, groups: int = 12, raters: int = 15, spread: float = 0.6) -> Design:
    """Some ten ratings a group by raters who know several, with a term."""
    rng = np.random.default_rng(seed)
    n = 10 * groups
    group, rater = rng.integers(0, groups, n), rng.integers(0, raters, n)
    x = rng.normal(size=n)
    y = 5 + 0.3 * x + spread * rng.normal(size=groups)[group] + 0.5 * rng.normal(size=raters)[rater]
    columns: dict[str, Any] = {"y": y + rng.normal(size=n), "x": x}
    columns |= {"g": [f"{k:02}" for k in group], "r": [f"{k:02}" for k in rater]}
    return design_of(pa.table(columns), "y", ["x"], ["g", "r"])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.floats(0.01, 2.0), st.floats(0.01, 2.0), st.integers(0, 1))
def test_levels_at_given_variances_are_those_of_the_mixed_model_equations(
    seed: int, one: float, two: float, place: int
) -> None:
    """Henderson's equations with the fixed terms in them: their inverse holds the uncertainty of both."""
    design = ratings(seed)
    sums = sums_of(design)
    mean, covariance = posterior._levels(point := Exact(sums, np.array([one, two]), restricted=True), place)
    z = np.column_stack([np.eye(len(factor.levels))[factor.code] for factor in design.factors])
    both = np.column_stack([design.fixed, z])
    left = both.T @ both
    sizes = [len(factor.levels) for factor in design.factors]
    left[2:, 2:] += np.diag(np.repeat([1 / one, 1 / two], sizes))
    inverse = np.linalg.inv(left)
    own = slice(2 + sums.start[place], 2 + sums.start[place + 1])
    np.testing.assert_allclose(mean, (inverse @ both.T @ design.response)[own], atol=1e-8)
    np.testing.assert_allclose(covariance, point.residual * inverse[own, own], atol=1e-8)
    about = np.zeros((sizes[place], len(left)))
    about[:, :2], about[:, own] = design.fixed.mean(axis=0), np.eye(sizes[place])
    squared = point.residual * np.diag(about @ inverse @ about.T)
    np.testing.assert_allclose(posterior._scale_of_means(point, place) ** 2, squared, atol=1e-8)


def by_grid(design: Design) -> Posterior:
    """One factor, its variance on a grid so fine and wide that the sum is the integral."""
    sums = sums_of(design)
    nothing = Exact(sums, np.zeros(1), restricted=True)
    wide = posterior.WIDE * nothing.residual / fit_sums(sums).residual
    logs = np.linspace(np.log(1e-6), np.log(1e3), 400)
    points = [Exact(sums, np.array([np.exp(x)]), restricted=True) for x in logs]
    density = np.array([-0.5 * p.deviance for p in points]) + logs - 1.5 * np.log1p(np.exp(logs) / wide)
    weight = np.exp(density - density.max())
    mean, covariance = (np.array(part) for part in zip(*(posterior._levels(p, 0) for p in points), strict=True))
    scale = np.sqrt(np.einsum("pii->pi", covariance))
    return Posterior(weight / weight.sum(), mean, scale, covariance, points[0].freedom, 0.0)


@pytest.mark.parametrize(("groups", "spread"), [(6, 0.7), (12, 0.0), (30, 0.2)])
def test_few_nodes_integrate_over_the_variance_as_a_fine_grid_does(groups: int, spread: float) -> None:
    rng = np.random.default_rng(groups)
    group = rng.integers(0, groups, 6 * groups)
    y = spread * rng.normal(size=groups)[group] + rng.normal(size=len(group))
    design = design_of(pa.table({"y": y, "g": [f"{k:02}" for k in group]}), "y", [], ["g"])
    sums = sums_of(design)
    found, exact = posterior_of(sums, fit_sums(sums), 0), by_grid(design)
    size = exact.error
    np.testing.assert_allclose(found.estimate / size, exact.estimate / size, atol=0.06)
    np.testing.assert_allclose(found.error, size, rtol=0.06)
    for share in (0.025, 0.975):
        np.testing.assert_allclose(found.quantile(share) / size, exact.quantile(share) / size, atol=0.15)


def test_intervals_are_wider_than_those_at_the_likeliest_variances() -> None:
    sums = sums_of(ratings(3))
    found = fit_sums(sums)
    assert (posterior_of(sums, found, 0).error > found.errors[: sums.start[1]]).all()


def test_what_is_not_known_of_the_middle_is_not_counted_twice() -> None:
    """Two far groups of levels leave the middle open, and their own means hardly."""
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(12), 20)
    y = np.where(group < 6, 70.0, 90.0) + rng.normal(0, 8, 240)
    design = design_of(pa.table({"y": y, "g": [f"{k:02}" for k in group]}), "y", [], ["g"])
    known = posterior_of(sums := sums_of(design), fit_sums(sums), 0)
    means = known.of_means()
    np.testing.assert_allclose(means.estimate, known.middle + known.estimate, atol=0.5)
    assert means.error.max() < 2.2 < known.error.min()


def test_two_levels_alone_have_an_interval_too() -> None:
    rng = np.random.default_rng(2)
    design = design_of(pa.table({"y": rng.normal(size=20), "g": ["a", "b"] * 10}), "y", [], ["g"])
    sums = sums_of(design)
    known = posterior_of(sums, fit_sums(sums), 0)
    assert np.isfinite(known.error).all()
    assert (known.error > 0).all()


def test_quantiles_and_draws_are_of_the_same_mixture() -> None:
    weight = np.array([0.3, 0.7])
    mean, covariance = (
        np.array([[0.0, 1.0], [2.0, 1.0]]),
        np.array([[[1.0, 0.8], [0.8, 1.0]], [[0.25, 0.0], [0.0, 4.0]]]),
    )
    scale = np.sqrt(np.einsum("pii->pi", covariance))
    known = Posterior(weight, mean, scale, covariance, 8, 0.0)
    for share in (0.025, 0.5, 0.9):
        at = known.quantile(share)
        told = weight @ stats.t.cdf((at - mean) / scale, 8)
        np.testing.assert_allclose(told, share, atol=1e-9)
    drawn = known.draws(200_000, np.array([1, 0]), 1)
    np.testing.assert_allclose((drawn < known.quantile(0.9)).mean(axis=0), 0.9, atol=0.005)
    np.testing.assert_allclose(drawn.std(axis=0), known.error, rtol=0.02)
    np.testing.assert_allclose((drawn[:, 0] - drawn[:, 1]).std(), known.gap_error()[0, 1], rtol=0.02)


def test_more_levels_than_a_matrix_has_room_for_are_taken_as_independent(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = sums_of(ratings(5))
    found = fit_sums(sums)
    monkeypatch.setattr(posterior, "CELLS_MOST", 100)
    known = posterior_of(sums, found, 0)
    assert known.covariance is None
    own: Floats = found.errors[: sums.start[1]]
    np.testing.assert_allclose(known.estimate, found.effects[: sums.start[1]])
    np.testing.assert_allclose(known.error, own * np.sqrt(known.freedom / (known.freedom - 2)))
    drawn = known.draws(50_000, np.arange(len(own)), 1)
    np.testing.assert_allclose((drawn[:, 0] - drawn[:, 1]).std(), known.gap_error()[0, 1], rtol=0.03)


def test_for_many_levels_the_likeliest_variances_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = sums_of(ratings(5))
    found = fit_sums(sums)
    monkeypatch.setattr(posterior, "INTEGRATED_MOST", 5)
    known = posterior_of(sums, found, 0)
    assert known.mean.shape[0] == 1
    assert known.covariance is not None
    np.testing.assert_allclose(known.estimate, found.effects[: sums.start[1]], atol=1e-9)
    monkeypatch.setattr(posterior, "CELLS_MOST", 225)
    monkeypatch.setattr(posterior, "INTEGRATED_MOST", 250)
    assert posterior_of(sums, found, 0).mean.shape[0] == 1


def test_levels_without_any_variance_are_each_the_lowest_as_often_as_any_other() -> None:
    for covariance in (np.zeros((1, 4, 4)), None):
        drawn = Posterior(np.ones(1), np.zeros((1, 4)), np.zeros((1, 4)), covariance, 9, 0.0).draws(
            8_000, np.arange(4), 1
        )
        np.testing.assert_allclose(np.bincount(drawn.argmin(axis=1)) / 8_000, 0.25, atol=0.02)
        assert np.abs(drawn).max() < 1e-100


def test_levels_that_the_fixed_terms_tell_add_nothing() -> None:
    rng = np.random.default_rng(6)
    group = np.repeat([0, 1], 15)
    table = pa.table({"y": rng.normal(size=30) + group, "x": [str(k) for k in group], "g": [str(k) for k in group]})
    sums = sums_of(design_of(table, "y", ["x"], ["g"]))
    known = posterior_of(sums, fit_sums(sums), 0)
    assert known.mean.tolist() == [[0.0, 0.0]]
    assert not known.error.any()
