"""What a fixed term may say, against the same columns made by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest

from zhixing.engine.ratings.crossed import fit
from zhixing.engine.ratings.design import Design, DesignError, FaultCode, check_levels, design_of
from zhixing.engine.ratings.terms import as_written, columns_of

RNG = np.random.default_rng(3)
TABLE = {
    "y": RNG.normal(size=240),
    "heat": RNG.choice([175, 185, 205, 95], 240),
    "recipe": RNG.choice(["A", "B", "C"], 240),
    "hours": RNG.uniform(1, 9, 240),
    "batch": [f"b{k:02}" for k in RNG.integers(0, 20, 240)],
}


def design(*fixed: str) -> Design:
    return design_of(pa.table(TABLE), "y", fixed, ["batch"])


def test_numbers_are_one_term_unless_they_are_taken_as_names() -> None:
    assert design("heat").terms == ("(Intercept)", "heat")
    found = design("factor(heat)")
    assert found.terms == ("(Intercept)", "heat175", "heat185", "heat205"), "by size: 95 comes first"
    np.testing.assert_array_equal(found.fixed[:, 2], TABLE["heat"] == 185)


def test_a_product_has_a_term_for_every_pair_of_what_its_parts_have() -> None:
    found = design("recipe", "factor(heat)", "hours", "recipe:factor(heat)", "recipe:hours")
    pairs = [f"recipe{one}:heat{other}" for one, other in itertools.product("BC", (175, 185, 205))]
    assert found.terms[7:] == (*pairs, "recipeB:hours", "recipeC:hours")
    told = dict(zip(found.terms, found.fixed.T, strict=True))
    for name in found.terms[7:]:
        one, other = name.split(":")
        np.testing.assert_array_equal(told[name], told[one] * told[other])


def test_how_levels_are_coded_does_not_change_the_fit() -> None:
    """All products of levels are the cells themselves: one term for each says the same (by maximum likelihood)."""
    cells = [f"{one}{other}" for one, other in zip(TABLE["recipe"], TABLE["heat"], strict=True)]
    by_products = fit(design("recipe", "factor(heat)", "recipe:factor(heat)"))
    by_cells = fit(design_of(pa.table(TABLE | {"cell": cells}), "y", ["cell"], ["batch"]))
    np.testing.assert_allclose(by_products.variances, by_cells.variances, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(by_products.effects, by_cells.effects, atol=1e-8)


def test_a_product_of_what_is_no_term_itself_is_refused() -> None:
    with pytest.raises(DesignError) as error:
        design("recipe", "heat", "recipe:factor(heat)", "hours:heat")
    assert [(one.column, one.value, one.code) for one in error.value.faults] == [
        ("recipe:factor(heat)", "factor(heat)", FaultCode.PRODUCT_ALONE),
        ("hours:heat", "hours", FaultCode.PRODUCT_ALONE),
    ]


def test_columns_are_named_once_and_those_of_factors_alone_are_read_as_they_are_written() -> None:
    fixed, crossed = ["factor(a)", "b", "b:factor(a)"], ["b:c", "c", "d"]
    assert columns_of("y", fixed, crossed) == ["y", "a", "b", "c", "d"]
    assert as_written(fixed, crossed) == ["c", "d"]


def test_a_factor_with_a_level_for_each_rating_is_refused() -> None:
    table = pa.table({"y": [1.0, 2.0, 4.0], "each": ["a", "b", "c"], "g": ["a", "b", "b"]})
    found = design_of(table, "y", [], ["each", "g"])
    with pytest.raises(DesignError) as error:
        check_levels(found, 3)
    assert [(one.column, one.value, one.code) for one in error.value.faults] == [("each", "3", FaultCode.ONE_EACH)]
    check_levels(found, 4)
