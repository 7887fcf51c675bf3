"""The fit of many levels against the direct one and against plain matrix algebra, on ratings small enough for both."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.ratings.test_crossed import indicators, plain_deviance
from zhixing.engine.ratings.crossed import Fit, Method, Sizes, Way, fit
from zhixing.engine.ratings.design import Design, Floats, design_of
from zhixing.engine.ratings.exact import Exact
from zhixing.engine.ratings.sampled import Sampled, ground_of
from zhixing.engine.ratings.search import left_open
from zhixing.engine.ratings.sums import sums_of

ALL_SAMPLED = Sizes(direct=0, polished=0)
POLISHED = Sizes(direct=0)
NAMES = "rater", "teacher", "course", "house"


def ratings(seed: int, n: int, sizes: tuple[int, ...], spread: tuple[float, ...], nested: bool = False) -> Design:
    """``n`` ratings, fewer where a rater gave the same ones twice; ``nested``: every teacher belongs to one house and every course mostly to one."""
    rng = np.random.default_rng(seed)
    codes = [rng.integers(0, size, n) for size in sizes]
    if nested:
        codes[3] = codes[1] % sizes[3]
        codes[2] = np.where(rng.random(n) < 0.8, codes[3] + sizes[3] * (codes[2] // sizes[3]), codes[2]) % sizes[2]
    x = rng.normal(size=n)
    y = 5.0 + 0.3 * x + rng.normal(size=n)
    for code, size, deviation in zip(codes, sizes, spread, strict=True):
        y += rng.normal(0.0, deviation, size)[code]
    columns = {name: code.astype(str) for name, code in zip(NAMES, codes, strict=True)}
    return design_of(pa.table(columns | {"y": y, "x": x}), "y", ["x"], list(NAMES))


@st.composite
def designs(draw: st.DrawFn) -> Design:
    sizes = tuple(draw(st.integers(*ends)) for ends in ((40, 80), (20, 40), (18, 30), (2, 20)))
    spread = tuple(draw(st.sampled_from((0.0, 0.3, 0.8))) for _ in sizes)
    return ratings(draw(st.integers(0, 10**6)), draw(st.integers(300, 900)), sizes, spread, draw(st.booleans()))


def gammas(seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(4) < 0.15, 0.0, rng.uniform(0.01, 1.0, 4))


def points(design: Design, seed: int, blocks: int, restricted: bool = True) -> tuple[Exact, Sampled]:
    sums, gamma = sums_of(design), gammas(seed)
    return Exact(sums, gamma, restricted), Sampled(sums, gamma, restricted, ground_of(sums), blocks)


@settings(deadline=None, max_examples=15)
@given(designs(), st.integers(0, 99), st.booleans())
def test_effects_fixed_terms_and_derivatives_are_those_of_the_direct_way(
    design: Design, seed: int, restricted: bool
) -> None:
    exact, sampled = points(design, seed, 2, restricted)
    finely = sampled.finely(sampled.gamma)
    np.testing.assert_allclose(finely.spherical, exact.spherical, atol=2e-5)
    np.testing.assert_allclose(finely.beta, exact.beta, atol=1e-6)
    np.testing.assert_allclose(finely.gram, exact.gram, rtol=1e-4, atol=1e-4)
    assert finely.residual == pytest.approx(exact.residual, rel=1e-7)
    size = np.abs(np.diag(exact.bend)).max() * np.ones_like(exact.bend)
    np.testing.assert_allclose(sampled.bend / size, exact.bend / size, atol=5e-2)


@settings(deadline=None, max_examples=15)
@given(designs(), st.integers(0, 99))
def test_traces_lie_within_what_the_probes_leave_open(design: Design, seed: int) -> None:
    exact, sampled = points(design, seed, 8)
    open_ = np.sqrt(np.diag(sampled.doubt))
    assert (np.abs(sampled.traces - exact.traces) <= 5.0 * open_ + 2e-3 * np.diff(exact.sums.start) ** 0.5).all()


@settings(deadline=None, max_examples=15)
@given(designs(), st.integers(0, 99))
def test_the_deviance_lies_near_that_of_the_whole_covariance_matrix(design: Design, seed: int) -> None:
    _, sampled = points(design, seed, 2)
    plain = plain_deviance(design, sampled.gamma, True)
    assert sampled.finely(sampled.gamma).deviance == pytest.approx(
        plain, abs=5.0 * sampled.log_determinant_estimate[1] + 0.02
    )


@settings(deadline=None, max_examples=15)
@given(designs(), st.integers(0, 99))
def test_uncertainty_is_that_of_the_inverse(design: Design, seed: int) -> None:
    exact, sampled = points(design, seed, 16)
    z = np.column_stack(indicators(design))
    plain = np.diag(np.linalg.inv(np.eye(len(exact.scale)) + exact.scale[:, None] * (z.T @ z) * exact.scale))
    np.testing.assert_allclose(exact.uncertainty, plain, rtol=1e-7)
    ratio = np.sqrt(sampled.uncertainty / plain) - 1.0
    off = np.sqrt(sampled.by_factor(ratio**2) / np.diff(exact.sums.start))
    assert (off <= 2.0 * sampled.errors_open + 5e-3).all()


@settings(deadline=None, max_examples=15)
@given(designs(), st.sampled_from(Method))
def test_a_search_whose_last_step_is_direct_ends_where_the_direct_one_does(design: Design, method: Method) -> None:
    plain, polished = fit(design, method, Sizes(direct=10**6)), fit(design, method, POLISHED)
    assert polished.way is Way.DIRECT
    assert polished.singular == plain.singular
    np.testing.assert_allclose(polished.variances, plain.variances, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(polished.effects, plain.effects, atol=1e-4)
    np.testing.assert_allclose(polished.errors, plain.errors, atol=1e-4)
    assert polished.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-5)


@pytest.mark.parametrize("nested", [False, True])
def test_a_sampled_fit_is_near_the_direct_one_and_says_how_near(nested: bool) -> None:
    design = ratings(7, 12_000, (1500, 200, 150, 11), (0.5, 0.4, 0.3, 0.2), nested)
    plain, sampled = fit(design, sizes=Sizes(direct=10**6)), fit(design, sizes=ALL_SAMPLED)
    assert (plain.way, sampled.way) == (Way.DIRECT, Way.SAMPLED)
    assert (sampled.variances_open < 5e-4).all()
    assert (np.abs(sampled.variances / plain.variances - 1.0) <= 4.0 * sampled.variances_open + 1e-4).all()
    assert sampled.variances[3] == pytest.approx(plain.variances[3], rel=1e-4)
    assert 0.0 < sampled.errors_open < 0.03
    assert np.sqrt(np.mean((sampled.errors / plain.errors - 1.0) ** 2)) < 0.03
    np.testing.assert_allclose(sampled.effects, plain.effects, atol=1e-3)
    assert abs((sampled.log_likelihood or 0.0) - (plain.log_likelihood or 0.0)) <= 5.0 * sampled.log_likelihood_open


def test_a_factor_without_variance_is_named_however_many_levels_there_are() -> None:
    design = ratings(1, 6_000, (700, 120, 60, 11), (0.5, 0.0, 0.3, 0.2))
    plain, sampled = fit(design, sizes=Sizes(direct=10**6)), fit(design, sizes=ALL_SAMPLED)
    assert sampled.singular == plain.singular != ()
    for k in plain.singular:
        assert not sampled.effects[sum_of_sizes(design, k) : sum_of_sizes(design, k + 1)].any()


def sum_of_sizes(design: Design, k: int) -> int:
    return sum(len(factor.levels) for factor in design.factors[:k])


def test_the_same_ratings_give_the_same_figures_to_the_last_bit() -> None:
    design = ratings(5, 3_000, (400, 60, 40, 11), (0.5, 0.4, 0.3, 0.2))
    one, other = (fit(design, sizes=ALL_SAMPLED) for _ in range(2))
    assert one.variances.tolist() == other.variances.tolist()
    assert one.errors.tolist() == other.errors.tolist()


def test_more_probes_leave_less_open() -> None:
    design = ratings(5, 3_000, (400, 60, 40, 11), (0.5, 0.4, 0.3, 0.2))
    sums = sums_of(design)
    few = Sampled(sums, np.full(4, 0.1), True, ground_of(sums), 2)
    assert left_open(few.with_blocks(32)).max() < 0.5 * left_open(few).max()


def answered(columns: dict[str, list[object]]) -> Fit:
    return fit(design_of(pa.table(columns), "y", [], ["a", "b"]), sizes=ALL_SAMPLED)


def test_hopeless_ratings_get_an_answer_there_too() -> None:
    raters = [f"r{k % 40}" for k in range(200)]
    one_level = answered({"y": [float(k % 7) for k in range(200)], "a": raters, "b": ["x"] * 200})
    assert 1 in one_level.singular
    alike = answered({"y": [4.0] * 200, "a": raters, "b": [f"t{k % 30}" for k in range(200)]})
    assert alike.log_likelihood is None
    assert alike.singular == (0, 1)
    twice = answered(
        {
            "y": [float(k % 7) for k in range(100)] * 2,
            "a": raters[:100] * 2,
            "b": [f"t{k % 30}" for k in range(100)] * 2,
        }
    )
    assert np.isfinite(twice.variances).all()
