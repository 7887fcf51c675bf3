"""What a period walks over says the same as the whole, and what is kept for speed chooses the same as plain sorting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.callup.problems import Case
from tests.engine.callup.strategies import cases
from tests.engine.callup.test_solver import city
from zhixing.engine.callup.ascent import Ascent, _Walk
from zhixing.engine.callup.lots import lots_of
from zhixing.engine.callup.model import model_of
from zhixing.engine.callup.near import near_of
from zhixing.engine.callup.obstacles import next_in
from zhixing.engine.callup.problem import Floats, Longs
from zhixing.engine.callup.selection import (
    Selection,
    add_all,
    can_enter,
    empty_selection,
    fill,
    fill_left,
)


def prices_for(least: Longs, short_cost: float, seed: int) -> Floats:
    """Some of nothing, some above, and below for minimums."""
    rng = np.random.default_rng(seed)
    prices = np.where(rng.random(len(least)) < 0.5, 0.0, rng.uniform(0.0, 20.0, len(least)))
    rewards = (least > 0) & (rng.random(len(least)) < 0.5)
    return np.where(rewards, -rng.uniform(0.0, 1.0, len(least)) * short_cost, prices)


@settings(deadline=None)
@given(cases(), st.integers(0, 9))
def test_a_walk_that_leaves_out_idle_limits_bounds_as_the_whole_does(case: Case, seed: int) -> None:
    model, _ = model_of(case.problem())
    with ThreadPoolExecutor(1) as pool:
        ascent = Ascent(model, 0.0, pool)
        ascent.book.prices[:] = prices_for(model.least, model.short_cost, seed)
        whole = _Walk(model, ascent.book, pool).bound()
        near, moving = near_of(model, np.arange(len(model.value)), ascent.book.prices)
        book = ascent.book._replace(cell_price=np.zeros(len(near.seats_from)), used=ascent.book.used.copy())
        walk = _Walk(near, book, pool, moving)
        assert walk.bound() == pytest.approx(whole, rel=1e-12, abs=1e-9)
        np.testing.assert_array_equal(book.used[moving], ascent.book.used[moving])
        still = np.setdiff1d(np.arange(len(model.most)), moving)
        assert (ascent.book.used[still] <= model.most[still]).all()


@settings(deadline=None)
@given(cases(), st.integers(0, 9))
def test_near_pairs_keep_the_limits_of_their_cells(case: Case, seed: int) -> None:
    model, _ = model_of(case.problem())
    kept = np.flatnonzero(np.random.default_rng(seed).random(len(model.value)) < 0.5)
    near, _ = near_of(model, kept, np.ones(len(model.most)))
    for place, pair in enumerate(kept.tolist()):
        own, whole = near.cell[place], model.cell[pair]
        seats = near.drawn[near.seats_from[own] : near.away_from[own]]
        weeks = near.drawn[near.away_from[own] : near.away_to[own]]
        assert seats.tolist() == model.drawn[model.seats_from[whole] : model.away_from[whole]].tolist()
        assert weeks.tolist() == model.drawn[model.away_from[whole] : model.away_to[whole]].tolist()


@given(cases())
def test_people_stand_unit_by_unit(case: Case) -> None:
    assert (np.diff(case.problem().unit_of_person) >= 0).all()


def half_filled(case: Case, seed: int) -> Selection:
    model, _ = model_of(case.problem())
    s = empty_selection(model)
    add_all(model, s, np.flatnonzero(model.pinned))
    rng = np.random.default_rng(seed)
    fill(model, s, rng.permutation(len(model.value))[: len(model.value) // 2])
    return s


@settings(deadline=None)
@given(cases(pins_most=0), st.integers(0, 9))
def test_the_next_of_each_class_is_the_best_that_may_enter(case: Case, seed: int) -> None:
    problem = case.problem()
    model, _ = model_of(problem)
    s, lots = half_filled(case, seed), lots_of(problem, seed)
    best = np.zeros(problem.classes, np.int64)
    next_in(model, s, lots, best)
    order = np.lexsort((lots, -model.value)).tolist()
    for class_ in range(problem.classes):
        able = (pair for pair in order if model.class_[pair] == class_ and not s.chosen[pair])
        assert best[class_] == next((pair for pair in able if can_enter(model, s, pair)), -1)


@settings(deadline=None)
@given(cases(pins_most=0), st.integers(0, 9))
def test_filling_what_is_left_leaves_nobody_who_may_enter(case: Case, seed: int) -> None:
    problem = case.problem()
    model, _ = model_of(problem)
    s = half_filled(case, seed)
    before = s.chosen.copy()
    fill_left(model, s, model.value, lots_of(problem, seed))
    assert s.chosen[before].all()
    assert (s.used <= model.most).all()
    assert not any(can_enter(model, s, pair) for pair in np.flatnonzero(~s.chosen).tolist())


def test_a_problem_is_laid_out_once_and_another_anew() -> None:
    problem = city(150).problem()
    assert model_of(problem)[0] is model_of(problem)[0]
    assert model_of(city(150).problem())[0] is not model_of(problem)[0]
