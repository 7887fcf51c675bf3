"""The fit against plain matrix algebra on small ratings, and against published figures on real ones."""

from __future__ import annotations

import dataclasses
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zhixing.engine.ratings.crossed import Fit, Method, fit, fit_sums
from zhixing.engine.ratings.design import Design, DesignError, FaultCode, Floats, design_of
from zhixing.engine.ratings.exact import Exact
from zhixing.engine.ratings.sums import Sums, sums_of

INSTEVAL = Path(__file__).parents[4] / "shared" / "data" / "ratings" / "InstEval.csv"


@st.composite
def designs(draw: st.DrawFn) -> Design:
    """Some ten to forty ratings by up to three factors, with up to two fixed terms beside the intercept."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, factors = draw(st.integers(25, 50)), draw(st.integers(1, 3))
    columns: dict[str, Any] = {f"f{k}": rng.integers(0, draw(st.integers(2, 6)), n).astype(str) for k in range(factors)}
    terms = [f"x{k}" for k in range(draw(st.integers(0, 2)))]
    columns |= {name: rng.normal(size=n) for name in terms}
    mean = sum(rng.normal(size=8)[columns[f"f{k}"].astype(int)] for k in range(factors))
    columns["y"] = np.round(3.0 + mean + rng.normal(size=n), 2)
    try:
        return design_of(pa.table(columns), "y", terms, [f"f{k}" for k in range(factors)])
    except DesignError:
        assume(False)
        raise


def indicators(design: Design) -> list[Floats]:
    return [np.eye(len(factor.levels))[factor.code] for factor in design.factors]


def plain_deviance(design: Design, gamma: Floats, restricted: bool) -> float:
    """−2 log likelihood with the residual variance at its best, from the whole covariance matrix."""
    y, x, n = design.response, design.fixed, len(design.response)
    h = np.eye(n) + sum(g * z @ z.T for g, z in zip(gamma, indicators(design), strict=True))
    inverse = np.linalg.inv(h)
    gram = x.T @ inverse @ x
    rest = y - x @ np.linalg.solve(gram, x.T @ inverse @ y)
    freedom = n - (x.shape[1] if restricted else 0)
    residual = rest @ inverse @ rest / freedom
    logs = np.linalg.slogdet(h)[1] + (np.linalg.slogdet(gram)[1] if restricted else 0.0)
    return float(logs + freedom * (1 + np.log(2 * np.pi * residual)))


def gammas(design: Design, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(design.factors)) < 0.2, 0.0, rng.uniform(0.01, 3.0, len(design.factors)))


@settings(deadline=None, max_examples=40)
@given(designs(), st.integers(0, 99), st.booleans())
def test_the_deviance_is_that_of_the_whole_covariance_matrix(design: Design, seed: int, restricted: bool) -> None:
    gamma = gammas(design, seed)
    assert Exact(sums_of(design), gamma, restricted).deviance == pytest.approx(
        plain_deviance(design, gamma, restricted), rel=1e-9, abs=1e-8
    )


@settings(deadline=None, max_examples=40)
@given(designs(), st.integers(0, 99), st.booleans())
def test_the_slope_is_that_of_the_deviance(design: Design, seed: int, restricted: bool) -> None:
    gamma = np.maximum(gammas(design, seed), 0.05)
    point = Exact(sums_of(design), gamma, restricted)
    for k in range(len(gamma)):
        step = np.zeros(len(gamma))
        step[k] = 1e-5
        rise = plain_deviance(design, gamma + step, restricted) - plain_deviance(design, gamma - step, restricted)
        assert point.slope[k] == pytest.approx(rise / 2e-5, rel=1e-4, abs=1e-4)


@settings(deadline=None, max_examples=40)
@given(designs())
def test_effects_and_their_errors_are_those_of_the_joint_distribution(design: Design) -> None:
    found = fit(design)
    z = np.column_stack(indicators(design))
    spread = np.repeat(found.variances, [len(factor.levels) for factor in design.factors])
    covariance = z @ np.diag(spread) @ z.T + found.residual * np.eye(len(z))
    weight = np.diag(spread) @ z.T @ np.linalg.inv(covariance)
    np.testing.assert_allclose(found.effects, weight @ (design.response - design.fixed @ found.beta), atol=1e-8)
    left = np.diag(np.diag(spread) - weight @ z @ np.diag(spread))
    np.testing.assert_allclose(found.errors**2, left, atol=1e-8)


@settings(deadline=None, max_examples=40)
@given(designs(), st.sampled_from(Method), st.integers(0, 99))
def test_no_other_variances_are_more_likely(design: Design, method: Method, seed: int) -> None:
    found = fit(design, method)
    sums, restricted = sums_of(design), method is Method.REML
    best = Exact(sums, found.variances / found.residual, restricted).deviance
    rng = np.random.default_rng(seed)
    for size in (1e-3, 0.1, 1.0):
        for _ in range(5):
            moved = found.variances / found.residual * np.exp(size * rng.normal(size=len(found.variances)))
            moved += np.where(rng.random(len(moved)) < 0.3, size * 0.1 * rng.random(len(moved)), 0.0)
            assert Exact(sums, moved, restricted).deviance >= best - 1e-6


@settings(deadline=None, max_examples=40)
@given(designs(), st.integers(2, 5))
def test_parts_summed_apart_give_the_same_fit(design: Design, parts: int) -> None:
    rows = np.arange(len(design.response)) % parts
    summed = [sums_of(part_of(design, rows == part)) for part in range(parts)]
    found, whole = fit_sums(reduce(Sums.__add__, summed)), fit(design)
    np.testing.assert_allclose(found.variances, whole.variances, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.beta, whole.beta, rtol=1e-4, atol=1e-6)


def part_of(design: Design, mask: np.ndarray) -> Design:
    factors = tuple(dataclasses.replace(factor, code=factor.code[mask]) for factor in design.factors)
    return dataclasses.replace(design, response=design.response[mask], fixed=design.fixed[mask], factors=factors)


def fitted(rows: list[tuple[Any, ...]], names: str, **formula: list[str]) -> tuple[Design, Fit]:
    columns = zip(names.split(), zip(*rows, strict=True), strict=True)
    design = design_of(
        pa.table({name: list(cells) for name, cells in columns}), "y", formula.get("fixed", []), formula["crossed"]
    )
    return design, fit(design)


def test_a_balanced_design_has_the_variances_of_the_analysis_of_variance() -> None:
    """Rails (Pinheiro and Bates 2000, §1.1): six rails, three travel times each; REML 24.80547² and 4.02078²."""
    times = {
        "1": (55, 53, 54),
        "2": (26, 37, 32),
        "3": (78, 91, 85),
        "4": (92, 100, 96),
        "5": (49, 51, 50),
        "6": (80, 85, 83),
    }
    _, found = fitted([(rail, time) for rail, three in times.items() for time in three], "rail y", crossed=["rail"])
    assert found.variances[0] == pytest.approx(24.80547**2, rel=1e-5)
    assert found.residual == pytest.approx(4.020779**2, rel=1e-5)
    assert found.log_likelihood == pytest.approx(-61.0885, abs=1e-3)
    assert found.beta[0] == pytest.approx(66.5)
    assert found.beta_errors[0] == pytest.approx(10.17104, rel=1e-5)


def test_a_factor_without_variance_is_named_and_the_fit_goes_on() -> None:
    rows = [
        (rater, group, float(3 + int(rater) % 2 + 0.1 * (int(rater) + 3 * group) % 0.7))
        for rater in "12345678"
        for group in (1, 2, 3)
    ]
    design, found = fitted([(r, str(g), y) for r, g, y in rows], "rater group y", crossed=["rater", "group"])
    assert [design.factors[k].name for k in found.singular] == ["group"]
    assert found.variances[1] == 0.0
    assert not found.effects[8:].any()
    assert not found.errors[8:].any()
    assert found.variances[0] > 0.0


def test_one_rater_alone_has_no_variance() -> None:
    _, found = fitted([("a", 1.0), ("a", 2.0), ("a", 4.0)], "rater y", crossed=["rater"])
    assert found.singular == (0,)
    assert found.residual == pytest.approx(7 / 3)


def test_answers_that_are_all_equal_have_no_likelihood_and_no_effects() -> None:
    _, found = fitted(
        [(rater, group, 4.0) for rater in "abc" for group in "xy"], "rater group y", crossed=["rater", "group"]
    )
    assert found.log_likelihood is None
    assert found.beta[0] == pytest.approx(4.0)
    assert found.residual == pytest.approx(0.0, abs=1e-12)
    assert not found.effects.any()
    assert found.singular == (0, 1)


@pytest.mark.parametrize("both", [False, True])
def test_levels_that_tell_every_rating_leave_nothing_to_the_residual(both: bool) -> None:
    """The likelihood has no greatest value then; the search ends all the same, and the effects are those of the levels."""
    rows = [
        (str(t), str((3 * t + k) % 5), float(5 + t % 4 + both * ((3 * t + k) % 5))) for t in range(8) for k in range(3)
    ]
    _, found = fitted(rows, "teacher run y", crossed=["teacher", "run"])
    assert 0.0 <= found.residual < 1e-6 * found.variances[0]
    assert np.isfinite(found.errors).all()
    teachers = found.effects[:8]
    assert teachers - teachers.mean() == pytest.approx(np.array([0, 1, 2, 3] * 2) - 1.5, abs=1e-4)
    assert (found.variances[1] > 0.1) == both


def test_without_factors_the_fixed_terms_are_fitted_alone() -> None:
    rows = [(float(n), 1.0 + 2.0 * n + (-1) ** n) for n in range(8)]
    design = design_of(pa.table({"x": [x for x, _y in rows], "y": [y for _x, y in rows]}), "y", ["x"], [])
    found = fit(design)
    slope, middle = np.polyfit(*np.array(rows).T, 1)
    assert found.beta == pytest.approx([middle, slope])
    assert not len(found.effects)
    assert found.log_likelihood is not None


def faults(table: dict[str, list[Any]], fixed: list[str], crossed: list[str]) -> list[tuple[str, int, FaultCode]]:
    with pytest.raises(DesignError) as error:
        design_of(pa.table(table), "y", fixed, crossed)
    return [(fault.column, fault.row, fault.code) for fault in error.value.faults]


def test_everything_wrong_is_named() -> None:
    table = {"y": ["1", "good", " 3 ", None, "inf"], "g": ["a", "b", "a", None, None]}
    assert faults(table, ["age"], ["g"]) == [("age", 0, FaultCode.MISSING_COLUMN)]
    assert faults(table, [], ["g"]) == [("y", 2, FaultCode.NOT_A_NUMBER), ("y", 5, FaultCode.NOT_A_NUMBER)]
    assert faults({"y": [1, 2], "g": ["a", None]}, [], ["g"]) == [("g", 2, FaultCode.EMPTY)]
    assert faults({"y": [None], "g": ["a"]}, [], ["g"])[0][2] in {FaultCode.NO_RATINGS}


def test_confounded_factors_and_terms_are_named() -> None:
    same: dict[str, list[Any]] = {
        "y": [1, 2, 3, 4],
        "g": ["a", "a", "b", "b"],
        "h": ["x", "x", "z", "z"],
        "t": [1, 1, 2, 2],
        "u": [2, 2, 4, 4],
    }
    assert faults(same, [], ["g", "h"]) == [("h", 0, FaultCode.SAME_FACTOR)]
    assert faults(same, ["t", "u"], []) == [("u", 0, FaultCode.DEPENDENT_TERM)]
    assert faults({"y": [1, 2], "t": [1, 2]}, ["t"], []) == [("y", 0, FaultCode.FEW_RATINGS)]


def test_a_rating_without_a_response_is_left_out_and_counted() -> None:
    design = design_of(pa.table({"y": [1.0, None, 3.0, float("nan")], "g": ["a", "b", "b", "c"]}), "y", [], ["g"])
    assert design.left_out == 2
    assert design.factors[0].levels == ("a", "b")


@pytest.mark.skipif(not INSTEVAL.exists(), reason="no public benchmark data beside the checkout")
def test_insteval_gives_the_figures_of_lme4() -> None:
    """lme4 1.1-31: 0.105427, 0.262569, 0.012024, residual 1.384960, log-likelihood −118830.768."""
    table = pa_csv.read_csv(INSTEVAL)
    found = fit(design_of(table, "y", ["service"], ["s", "d", "dept:service"]))
    assert [*found.variances, found.residual] == pytest.approx([0.105427, 0.262569, 0.012024, 1.384960], rel=1e-3)
    assert found.log_likelihood == pytest.approx(-118830.768, abs=0.01)
