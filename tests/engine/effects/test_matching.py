"""Matched comparison: neighbours by plain search, known truths, and nothing that hangs on the order of rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.effects.estimate import Verdict
from zhixing.engine.effects.matching import Matched, People, match

RUNS = 120


def city(seed: int, n: int = 300, effect: float = 0.0, pull: float = 0.5) -> People:
    """Who is called hangs on stratum and traits, and so does the outcome."""
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, 3, n)
    traits = rng.normal(size=(n, 2)) + 0.3 * stratum[:, None]
    called = rng.random(n) < 1.0 / (1.0 + np.exp(1.2 - pull * traits[:, 0] + 0.4 * traits[:, 1] - 0.3 * stratum))
    outcome = 0.8 * traits[:, 0] + 0.15 * traits[:, 1] ** 2 + 0.5 * stratum + effect * called + rng.normal(size=n)
    return People(called, outcome, stratum, traits, ("age", "appraisal"))


def test_intervals_cover_the_truth_where_the_raw_difference_does_not() -> None:
    for effect in (0.0, 0.5):
        found = [match(city(seed, effect=effect)) for seed in range(RUNS)]
        assert sum(one.effect.lower <= effect <= one.effect.upper for one in found if one.effect) >= 108
        assert np.mean([one.effect.value for one in found if one.effect]) == pytest.approx(effect, abs=0.06)
        assert np.mean([one.raw for one in found]) > effect + 0.3
    said = [match(city(seed)).verdict for seed in range(RUNS)]
    assert said.count(Verdict.BETTER) + said.count(Verdict.WORSE) <= 12


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(20, 80))
def test_the_order_of_rows_changes_nothing_at_all(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    people = city(seed, n)
    rough = People(people.called, people.outcome, people.stratum, np.round(people.traits), people.names)
    if rough.called.all() or not rough.called.any():
        return
    order = rng.permutation(n)
    moved = People(rough.called[order], rough.outcome[order], rough.stratum[order], rough.traits[order], rough.names)
    one, two = match(rough), match(moved)
    assert one.effect == two.effect
    assert one.balance == two.balance or any(math.isnan(row.after) for row in one.balance)
    assert np.array_equal(one.weight[order], two.weight)
    assert np.array_equal(one.unmatched[order], two.unmatched)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.floats(0.05, 2.0))
def test_neighbours_are_those_of_a_plain_search(seed: int, neighbours: int, caliper: float) -> None:
    people = city(seed, 60)
    if people.called.all() or not people.called.any():
        return
    found = match(people, caliper, neighbours)
    groups = [people.traits[people.called], people.traits[~people.called]]
    spread = np.sqrt(sum(len(one) * one.var(axis=0) for one in groups) / 60)
    weight, alone = np.zeros(60), np.zeros(60, np.bool_)
    for mine in np.flatnonzero(people.called):
        theirs = np.flatnonzero(~people.called & (people.stratum == people.stratum[mine]))
        far = np.sqrt((((people.traits[theirs] - people.traits[mine]) / spread) ** 2).mean(axis=1))
        nearest = theirs[(far <= caliper) & (far <= (np.sort(far)[min(neighbours, len(far)) - 1] if len(far) else 0.0))]
        weight[nearest] += 1.0 / max(1, len(nearest))
        alone[mine] = not len(nearest)
    assert np.allclose(found.weight, weight)
    assert np.array_equal(found.unmatched, alone)
    assert found.matched + alone.sum() == found.called


def test_without_traits_it_is_the_difference_within_strata() -> None:
    stratum = np.array([0] * 14 + [1] * 16)
    called = np.array([True] * 6 + [False] * 8 + [True] * 9 + [False] * 7)
    outcome = np.random.default_rng(2).normal(size=30) + stratum
    found = match(People(called, outcome, stratum, np.zeros((30, 0)), ()))
    apart = [outcome[called & (stratum == s)].mean() - outcome[~called & (stratum == s)].mean() for s in (0, 1)]
    assert found.effect is not None
    assert found.effect.value == pytest.approx((6 * apart[0] + 9 * apart[1]) / 15)
    assert (found.used, found.balance) == (15, ())


def test_whoever_has_nobody_like_them_is_counted_and_left_out() -> None:
    people = city(1, 200)
    far = np.flatnonzero(people.called)[:4]
    people.traits[far] += 50.0
    found = match(people)
    assert found.unmatched[far].all()
    assert found.called - found.matched == found.unmatched.sum() >= 4
    assert all(abs(row.after) < abs(row.before) for row in found.balance)


def test_nobody_like_anybody_is_too_few() -> None:
    called = np.repeat([True, False], 10)
    found = match(People(called, np.arange(20.0), called.astype(np.int64), np.zeros((20, 0)), ()))
    assert (found.effect, found.verdict, found.matched) == (None, Verdict.TOO_FEW, 0)
    assert math.isinf(found.unlike)


def test_groups_that_stay_unlike_get_no_verdict() -> None:
    """A caliper as wide as this lets strangers stand for each other."""
    people = city(3, 200, effect=3.0, pull=3.0)
    found: Matched = match(people, caliper=50.0)
    assert found.unlike > 0.25
    assert found.verdict is Verdict.NOT_COMPARABLE


def test_a_trait_that_parts_the_two_sides_wholly_is_infinitely_unlike() -> None:
    called = np.repeat([True, False], 10)
    found = match(People(called, np.arange(20.0), np.zeros(20, np.int64), called[:, None] * 1.0, ("x",)), caliper=99)
    assert math.isinf(found.balance[0].before)
    assert found.verdict in {Verdict.NOT_COMPARABLE, Verdict.TOO_FEW}


def test_outcomes_that_hang_together_widen_the_interval() -> None:
    people = city(5, 400)
    group = np.random.default_rng(6).integers(0, 20, 400)
    shared = People(
        people.called,
        people.outcome + np.random.default_rng(7).normal(0, 2, 20)[group] * people.called,
        people.stratum,
        people.traits,
        people.names,
        group,
    )
    apart = People(shared.called, shared.outcome, shared.stratum, shared.traits, shared.names)
    one, two = match(apart).effect, match(shared).effect
    assert one is not None
    assert two is not None
    assert two.error > one.error
    assert two.value == pytest.approx(one.value)


def test_both_sides_are_needed() -> None:
    with pytest.raises(ValueError, match="called and others"):
        match(People(np.ones(3, np.bool_), np.zeros(3), np.zeros(3, np.int64), np.zeros((3, 0)), ()))
