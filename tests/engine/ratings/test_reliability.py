"""α, ω and intraclass correlations against published figures, and against their definitions on drawn answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.reliability import Missing, consistency, grouped, intraclass, one_factor
from zhixing.engine.ratings.sheets import FaultCode, Groups, SheetsError

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
"""Six units rated by four judges (Shrout and Fleiss 1979, table 2)."""
ATTITUDE = np.array(
    """43 51 30 39 61 92 45 63 64 51 54 63 73 47 71 70 68 69 76 86 48 61 63 45 47 54 84 35 81 78 56 66 71 83 47 43 55 49 44 54 49 34
    58 67 42 56 66 68 35 71 75 50 55 70 66 41 72 82 72 67 71 83 31 67 61 45 47 62 80 41 64 53 53 58 58 67 34 67 60 47 39 59 74 41
    69 62 57 42 55 63 25 68 83 83 45 59 77 35 77 77 54 72 79 77 46 81 90 50 72 60 54 36 74 85 64 69 79 79 63 65 60 65 75 55 80 60
    65 70 46 57 75 85 46 50 58 68 54 64 78 52 50 40 33 34 43 64 33 64 61 52 62 66 80 41 53 66 52 50 63 80 37 40 37 42 58 50 57 49
    63 54 42 48 66 75 33 66 77 66 63 88 76 72 78 75 58 74 80 78 49 48 57 44 45 51 83 38 85 85 71 71 77 74 55 82 82 39 59 64 78 39""".split(),
    dtype=float,
).reshape(30, 7)
"""Thirty departments, seven questions (Chatterjee and Price 1977; `attitude` of R)."""


def one_way(rng: np.random.Generator, loadings: Floats, unique: Floats, sheets: int) -> Floats:
    common = rng.normal(size=(sheets, 1))
    return np.asarray(common * loadings + rng.normal(size=(sheets, len(loadings))) * np.sqrt(unique))


def test_alpha_of_attitude_is_the_published_one() -> None:
    """psych 2.2.9 for R, whose manual has 0.84: raw α 0.84314277, α without each item from its covariances."""
    found = consistency(ATTITUDE)
    assert found.alpha.value == pytest.approx(0.84314277, abs=1e-6)
    assert found.sheets == 30
    assert found.alpha.lower is not None
    assert found.alpha.upper is not None
    assert found.alpha.lower < found.alpha.value < found.alpha.upper
    for item in range(7):
        rest = np.delete(ATTITUDE, item, axis=1)
        assert found.alpha_without[item] == pytest.approx(consistency(rest).alpha.value)
        assert found.item_rest[item] == pytest.approx(np.corrcoef(ATTITUDE[:, item], rest.sum(axis=1))[0, 1])


def test_omega_and_loadings_of_attitude_are_those_of_factor_analysis_in_r() -> None:
    """R's factanal(attitude, 1): uniquenesses as below; with the variances of the items ω = 0.85632694."""
    found = consistency(ATTITUDE)
    share = found.unique / ATTITUDE.var(axis=0, ddof=1)
    published = [0.27327937, 0.18596059, 0.64869949, 0.46608510, 0.41478318, 0.93942684, 0.85723851]
    np.testing.assert_allclose(share, published, atol=1e-4)
    assert found.omega == pytest.approx(0.85632694, abs=1e-5)
    assert found.loadings[0] == pytest.approx(10.3768278, abs=1e-3)


def test_omega_of_a_known_factor_is_that_of_its_loadings() -> None:
    loadings, unique = np.array([0.8, 0.7, 0.6, 0.5, 1.4]), np.array([0.36, 0.51, 0.64, 0.75, 0.2])
    found, own = one_factor(np.outer(loadings, loadings) + np.diag(unique))
    np.testing.assert_allclose(found, loadings, atol=1e-3)
    np.testing.assert_allclose(own, unique, atol=1e-3)


def test_equal_loadings_make_alpha_and_omega_one() -> None:
    covariance = np.full((4, 4), 0.5) + 0.7 * np.eye(4)
    root = np.linalg.cholesky(covariance)
    raw = np.random.default_rng(1).normal(size=(50, 4))
    raw -= raw.mean(axis=0)
    exact = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T @ root.T
    found = consistency(exact)
    assert found.alpha.value == pytest.approx(4 * 0.5 / (4 * 0.5 + 0.7))
    assert found.omega == pytest.approx(found.alpha.value, abs=1e-4)


def test_the_interval_of_alpha_holds_the_truth_in_nineteen_of_twenty_samples() -> None:
    rng = np.random.default_rng(7)
    loadings, unique = np.full(6, 0.7), np.full(6, 0.6)
    truth = 6 * 0.49 / (6 * 0.49 + 0.6)
    held = []
    for _ in range(400):
        alpha = consistency(one_way(rng, loadings, unique, 40)).alpha
        assert alpha.lower is not None
        assert alpha.upper is not None
        held.append(alpha.lower <= truth <= alpha.upper)
    assert np.mean(held) == pytest.approx(0.95, abs=0.035)


def test_what_was_left_out_is_taken_by_pairs_or_sheets_are_dropped() -> None:
    rng = np.random.default_rng(3)
    values = one_way(rng, np.array([0.9, 0.8, 0.7]), np.array([0.3, 0.4, 0.5]), 300)
    values[rng.random(values.shape) < 0.1] = np.nan
    whole = values[~np.isnan(values).any(axis=1)]
    complete, pairwise = consistency(values, Missing.COMPLETE), consistency(values, Missing.PAIRWISE)
    assert complete.alpha.value == pytest.approx(consistency(whole).alpha.value)
    assert complete.sheets == len(whole) < pairwise.sheets
    both = ~np.isnan(values[:, :2]).any(axis=1)
    assert pairwise.alpha.value == pytest.approx(complete.alpha.value, abs=0.05)
    pair = consistency(values[:, :2])
    exact = np.cov(values[both, :2].T)[0, 1]
    variances = [np.nanvar(values[:, k], ddof=1) for k in (0, 1)]
    assert pair.alpha.value == pytest.approx(4 * exact / (sum(variances) + 2 * exact))
    assert pair.omega is None


def test_an_item_that_all_answer_alike_loads_nothing() -> None:
    values = one_way(np.random.default_rng(2), np.full(4, 0.8), np.full(4, 0.4), 100)
    found = consistency(np.column_stack([values, np.full(100, 3.0)]))
    assert found.loadings[4] == found.unique[4] == 0.0
    assert found.omega == pytest.approx(consistency(values).omega, abs=1e-6)


def test_the_six_intraclass_correlations_are_those_of_shrout_and_fleiss() -> None:
    """Published .17 .29 .71 .44 .62 .91; the intervals as psych 2.2.9 for R gives them."""
    found = intraclass(SHROUT_FLEISS)
    published = {
        "single_1": (0.165742, -0.132932, 0.722560),
        "single_2": (0.289764, 0.018787, 0.761084),
        "single_3": (0.714841, 0.342465, 0.945858),
        "mean_1": (0.442797, -0.884442, 0.912415),
        "mean_2": (0.620051, 0.071137, 0.927232),
        "mean_3": (0.909316, 0.675675, 0.985892),
    }
    for form, figures in published.items():
        one = getattr(found, form)
        assert (one.value, one.lower, one.upper) == pytest.approx(figures, abs=1e-5)
    assert (found.units, found.raters) == (6, 4)


def test_units_that_some_have_not_rated_are_left_out() -> None:
    holed = np.vstack([SHROUT_FLEISS, [[np.nan, 1, 2, 3]]])
    assert intraclass(holed).single_2 == intraclass(SHROUT_FLEISS).single_2


def test_raters_who_agree_in_all_have_correlations_of_one() -> None:
    found = intraclass(np.column_stack([[1.0, 2, 3, 5]] * 3))
    assert [getattr(found, form).value for form in ("single_1", "single_2", "single_3", "mean_3")] == [1, 1, 1, 1]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(3, 20))
def test_groups_of_one_size_have_the_correlations_of_units(seed: int, raters: int, units: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(units, 1)) + rng.normal(size=(units, raters))
    groups = Groups(tuple(map(str, range(units))), np.repeat(np.arange(units), raters))
    found, exact = grouped(values.ravel(), groups), intraclass(values)
    assert found.size == pytest.approx(raters)
    assert (found.single.value, found.single.lower, found.single.upper) == pytest.approx(
        (exact.single_1.value, exact.single_1.lower, exact.single_1.upper)
    )
    assert found.mean.value == pytest.approx(exact.mean_1.value)


def test_groups_of_many_sizes_tell_how_much_of_a_sheet_is_its_group() -> None:
    rng = np.random.default_rng(4)
    code = np.repeat(np.arange(400), rng.integers(8, 40, 400))
    scores = np.sqrt(0.3) * rng.normal(size=400)[code] + np.sqrt(0.7) * rng.normal(size=len(code))
    scores[::50] = np.nan
    found = grouped(scores, Groups(tuple(map(str, range(400))), code))
    assert found.single.value == pytest.approx(0.3, abs=0.03)
    assert found.mean.value == pytest.approx(found.size * 0.3 / (1 + (found.size - 1) * 0.3), abs=0.02)
    assert found.sheets == int((~np.isnan(scores)).sum())


def test_what_tells_nothing_is_said() -> None:
    equal = np.full((5, 3), 4.0)
    alone = np.array([[1.0], [2.0]])
    never = np.array([[1.0, np.nan], [np.nan, 2.0], [3.0, np.nan]])
    one = Groups(("a",), np.zeros(5, np.int64))
    singles = Groups(tuple("abcde"), np.arange(5))
    pairs = Groups(("a", "b"), np.array([0, 0, 0, 1, 1]))
    for function, code in (
        (lambda: consistency(equal), FaultCode.ALL_EQUAL),
        (lambda: consistency(alone), FaultCode.FEW_COLUMNS),
        (lambda: consistency(never), FaultCode.FEW_SHEETS),
        (lambda: intraclass(equal), FaultCode.ALL_EQUAL),
        (lambda: intraclass(alone), FaultCode.FEW_COLUMNS),
        (lambda: intraclass(never), FaultCode.FEW_SHEETS),
        (lambda: grouped(np.arange(5.0), one), FaultCode.ONE_GROUP),
        (lambda: grouped(np.arange(5.0), singles), FaultCode.FEW_SHEETS),
        (lambda: grouped(np.full(5, 2.0), pairs), FaultCode.ALL_EQUAL),
    ):
        with pytest.raises(SheetsError) as error:
            function()
        assert error.value.faults[0].code is code


def test_groups_with_one_mean_have_no_share_and_no_reliability() -> None:
    """Between-group variance of exactly nothing: ICC(1) is as low as it can be, ICC(2) has no bound below."""
    found = grouped(np.array([1.0, 3.0, 1.0, 3.0]), Groups(("a", "b"), np.array([0, 0, 1, 1])))
    assert found.single.value == pytest.approx(-1.0)
    assert found.mean.value == -np.inf
