"""Indices of careless sheets against their definitions, and planted careless sheets among attentive ones."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.ratings.test_reliability import ATTITUDE
from zhixing.config.cli.bench.answers import BLOCKS, ITEMS, REVERSED, SCALE, Kind, planted
from zhixing.engine.ratings.careless import (
    Index,
    Thresholds,
    consistency,
    distances,
    longest_runs,
    means,
    screen,
    variability,
)
from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.sheets import Groups, Sheets

NA = np.nan


@st.composite
def answers(draw: st.DrawFn) -> Floats:
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    values = rng.integers(1, 4, (30, draw(st.integers(2, 9)))).astype(float)
    values[rng.random(values.shape) < draw(st.sampled_from([0.0, 0.2, 0.8]))] = np.nan
    return np.asarray(values)


@settings(deadline=None)
@given(answers())
def test_runs_and_variability_are_those_of_each_sheet_alone(values: Floats) -> None:
    for row, run, spread in zip(values, longest_runs(values), variability(values), strict=True):
        told = row[~np.isnan(row)]
        assert run == max((len(list(same)) for _, same in groupby(told)), default=0)
        if len(told) > 1:
            assert spread == pytest.approx(told.std(ddof=1), abs=1e-9)
        else:
            assert np.isnan(spread)


def test_distances_of_whole_sheets_are_those_of_the_inverse_covariance() -> None:
    found, freedom = distances(ATTITUDE)
    off = ATTITUDE - ATTITUDE.mean(axis=0)
    exact = np.einsum("ij,jk,ik->i", off, np.linalg.inv(np.cov(ATTITUDE.T)), off)
    np.testing.assert_allclose(found, exact, rtol=1e-8)
    assert set(freedom) == {7.0}
    assert found.sum() == pytest.approx(29 * 7)


def test_a_repeated_item_and_items_left_out_leave_a_distance() -> None:
    twice = np.column_stack([ATTITUDE, ATTITUDE[:, 0]])
    found, freedom = distances(twice)
    np.testing.assert_allclose(found, distances(ATTITUDE)[0], rtol=1e-6)
    assert set(freedom) == {7.0}
    holed = ATTITUDE.copy()
    holed[0, 3:] = NA
    holed[1] = NA
    found, freedom = distances(holed)
    assert freedom[:3].tolist() == [3.0, 0.0, 7.0]
    assert np.isnan(found[1])
    assert np.isfinite(found[0])
    assert np.isnan(distances(np.full((4, 3), 2.0))[0]).all()


def test_consistency_is_the_lengthened_correlation_of_halves() -> None:
    values = np.array([[1.0, 1, 3, 3, 5, 5, 2, 2], [1, 5, 3, 3, 5, 1, 2, 2], [4, 4, 4, 4, 4, 4, 4, 4]])
    blocks = [[0, 1], [2, 3], [4, 5], [6, 7]]
    found = consistency(values, blocks)
    half = np.corrcoef([1, 3, 5, 2], [5, 3, 1, 2])[0, 1]
    assert found[0] == pytest.approx(1.0)
    assert found[1] == pytest.approx(2 * half / (1 + abs(half)))
    assert np.isnan(found[2])
    assert np.isnan(consistency(values, blocks[:2])).all()


def test_a_sheet_of_one_answer_throughout_has_one_sign_and_is_not_set_aside() -> None:
    """On a form that points one way whoever is content with all of it is not careless; in ten seconds he is."""
    rng = np.random.default_rng(1)
    values = np.clip(np.rint(4 + 0.7 * rng.normal(size=(60, 1)) + 0.6 * rng.normal(size=(60, 10))), 1, 5)
    values[:2] = 5.0
    seconds = np.full(60, 90.0)
    seconds[1] = 10.0
    items = tuple("abcdefghij")
    found = screen(Sheets(items, values, seconds=seconds), (1, 5))
    assert found.flags[Index.LONGEST_RUN][0]
    assert found.flags[Index.VARIABILITY][0]
    assert found.signs[:2].tolist() == [1, 2]
    assert found.aside[:2].tolist() == [False, True]


def test_planted_careless_sheets_are_found_and_attentive_ones_are_left() -> None:
    sheets, kind = planted(2_000, seed=3)
    found = screen(sheets, SCALE, BLOCKS, REVERSED)
    share = {one: found.aside[kind == place].mean() for place, one in enumerate(Kind)}
    assert share[Kind.ATTENTIVE] < 0.02
    assert share[Kind.BY_LOT] > 0.9
    assert share[Kind.ONE_ANSWER] > 0.9
    assert share[Kind.HASTY_LOT] > 0.9


def test_the_means_with_and_without_what_is_set_aside_stand_together() -> None:
    values = np.array([[1.0, 2], [3, NA], [5, 4], [2, 2]])
    groups = Groups(("x", "y"), np.array([0, 0, 1, 1]))
    found = means(Sheets(("a", "b"), values, groups), np.array([False, True, False, False]))
    np.testing.assert_array_equal(found.count, [[2, 1], [2, 2]])
    np.testing.assert_array_equal(found.count_left, [[1, 1], [2, 2]])
    np.testing.assert_array_equal(found.mean, [[2, 2], [3.5, 3]])
    np.testing.assert_array_equal(found.mean_left, [[1, 2], [3.5, 3]])
    alone = means(Sheets(("a", "b"), values), np.ones(4, bool))
    assert alone.groups == ("",)
    assert np.isnan(alone.mean_left).all()


def test_an_index_without_a_threshold_is_no_sign() -> None:
    sheets, _ = planted(300, seed=1)
    off = Thresholds(None, None, None, None, None)
    assert not screen(sheets, SCALE, BLOCKS, REVERSED, off).signs.any()
    assert len(ITEMS) == sheets.values.shape[1]
