"""Weights meet what they should, or say why they cannot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.ratings.nonresponse import FaultCode, Weights, WeightsError, by_cells, design_effect, rake


def test_a_sheet_weighs_as_many_as_were_asked_for_each_that_answered() -> None:
    found = by_cells(np.repeat([0, 1], [40, 20]), [60, 60])
    np.testing.assert_allclose(found.weight, np.repeat([0.75, 1.5], [40, 20]))
    assert found.design_effect == pytest.approx(60 * (40 * 0.75**2 + 20 * 1.5**2) / 60**2)
    assert found.effective == pytest.approx(60 / found.design_effect)
    assert (found.trimmed, found.gap) == (0, pytest.approx(0.0, abs=1e-12))


def test_cells_of_too_few_answers_are_joined_with_their_smaller_neighbour() -> None:
    found = by_cells(np.repeat([0, 1, 2, 4], [50, 5, 30, 25]), [80, 20, 60, 10, 40])
    assert found.joined is not None
    assert found.joined.tolist() == [0, 1, 1, 2, 2]
    target = np.array([80, 80, 50]) / 210
    cells = found.joined[np.repeat([0, 1, 2, 4], [50, 5, 30, 25])]
    np.testing.assert_allclose(np.bincount(cells, found.weight) / 110, target)
    few = by_cells(np.array([0, 1, 2]), [5, 9, 3])
    np.testing.assert_allclose(few.weight, 1.0)


@st.composite
def surveys(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Answers by three traits, and the margins of the people they were drawn from."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    people = np.column_stack([rng.integers(0, size, 3_000) for size in (2, 3, 5)])
    keen = 1 / (1 + np.exp(-(people @ rng.normal(0, 0.4, 3)) - 0.2))
    answered = rng.random(len(people)) < keen
    return people[answered], [np.bincount(trait).astype(float) for trait in people.T], answered


@settings(deadline=None, max_examples=25)
@given(surveys())
def test_raking_meets_every_margin(survey: tuple[np.ndarray, list[np.ndarray], np.ndarray]) -> None:
    codes, margins, _ = survey
    found = rake(codes, margins, cap=1e6)
    for code, margin in zip(codes.T, margins, strict=True):
        np.testing.assert_allclose(np.bincount(code, found.weight) / len(codes), margin / margin.sum(), atol=1e-6)
    assert found.weight.mean() == pytest.approx(1.0)
    assert found.gap < 1e-6
    assert found.design_effect >= 1.0
    assert found.effective <= len(codes)


@settings(deadline=None, max_examples=25)
@given(surveys())
def test_raked_weights_are_products_of_one_number_for_each_category(
    survey: tuple[np.ndarray, list[np.ndarray], np.ndarray],
) -> None:
    """Of all weights that meet the margins raking gives the ones nearest to equal (Deming and Stephan): their logarithms are sums."""
    codes, margins, _ = survey
    logs = np.log(rake(codes, margins, cap=1e6).weight)
    indicators = np.column_stack([np.eye(code.max() + 1)[code] for code in codes.T])
    told = indicators @ np.linalg.lstsq(indicators, logs, rcond=None)[0]
    np.testing.assert_allclose(told, logs, atol=1e-6)


def test_no_sheet_weighs_more_than_the_cap_and_what_is_cut_goes_to_others_of_its_kind() -> None:
    codes = np.column_stack([np.repeat([0, 1], [195, 5]), np.arange(200) % 2])
    margins = [np.array([500.0, 500.0]), np.array([400.0, 600.0])]
    free, capped = rake(codes, margins, cap=100.0), rake(codes, margins, cap=4.0)
    assert free.weight.max() > 15
    assert free.trimmed == 0
    assert capped.weight.max() == pytest.approx(4.0, abs=1e-6)
    assert capped.trimmed == 5
    assert capped.gap == pytest.approx(0.5 - 20 / 200, abs=1e-6)
    assert capped.design_effect < free.design_effect
    some = rake(np.array([[0]] * 97 + [[1]] * 3), [np.array([0.9, 0.1]) * 1_000], cap=5.0)
    assert some.weight[:97] == pytest.approx(np.full(97, 90 / 97))


def test_equal_weights_have_no_design_effect() -> None:
    assert design_effect(np.full(10, 3.0)) == pytest.approx(1.0)
    assert design_effect(np.array([1.0, 3.0])) == pytest.approx(2 * 10 / 16)


def test_weights_that_cannot_be_are_refused() -> None:
    codes = np.array([[0, 0], [0, 1], [1, 1]])
    good = [np.array([5.0, 5.0]), np.array([4.0, 6.0])]
    none = np.zeros((0, 2), np.int64)

    def refused(act: Callable[[], Weights], code: FaultCode, margin: int, place: int) -> None:
        with pytest.raises(WeightsError) as error:
            act()
        assert (error.value.code, error.value.margin, error.value.place) == (code, margin, place)

    refused(lambda: rake(codes, [np.array([5.0, 3.0, 2.0]), good[1]]), FaultCode.NO_RESPONDENT, 0, 2)
    refused(lambda: rake(codes, [good[0], np.array([10.0, 0.0])]), FaultCode.UNASKED, 1, 1)
    refused(lambda: rake(codes, [good[0], np.array([10.0])]), FaultCode.UNASKED, 1, 1)
    refused(lambda: rake(codes, [good[0], np.array([4.0, 7.0])]), FaultCode.UNEQUAL_TOTALS, 1, -1)
    refused(lambda: rake(codes, [np.array([11.0, -1.0]), good[1]]), FaultCode.NEGATIVE, 0, 1)
    refused(lambda: rake(none, good), FaultCode.NO_ANSWERS, -1, -1)
    refused(lambda: rake(codes, good, cap=1.0), FaultCode.LOW_CAP, -1, -1)
    refused(lambda: by_cells(codes[:, 0], [5, 0]), FaultCode.MORE_ANSWERS, -1, 1)
    refused(lambda: by_cells(codes[:, 0], [5, 2, -1]), FaultCode.NEGATIVE, -1, 2)
    refused(lambda: by_cells(none[:, 0], [5, 2]), FaultCode.NO_ANSWERS, -1, -1)
