"""Weighted sums beside each other: an enemy who tries every group of few people by ranks, and the example of a block with blanks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.disclosure import sums
from zhixing.engine.disclosure.sums import Sum, World, leave_out, told


def rank(rows: Sequence[Sequence[float]]) -> int:
    """Exactly, in fractions."""
    left = [[Fraction(value).limit_denominator(1000) for value in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in range(found, len(left)) if left[row][column]), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        for row in range(found + 1, len(left)):
            factor = left[row][column] / left[found][column]
            left[row] = [one - factor * other for one, other in zip(left[row], left[found], strict=True)]
        found += 1
    return found


def enemy(world: World, shown: Sequence[Sum]) -> set[frozenset[int]]:
    """Every group of few people about which alone something can be had: the rank without its columns is less."""
    keys = sorted({key for one in shown for key in one.weights})
    rows = [[one.weights.get(key, 0.0) for key in keys] for one in shown]
    found = set()
    for count in range(1, len(world.sizes) + 1):
        for group in itertools.combinations(range(len(world.sizes)), count):
            if 0 < world.people(group) < world.least:
                others = [place for place, (atom, _item) in enumerate(keys) if atom not in group]
                if rank(rows) > rank([[row[place] for place in others] for row in rows]):
                    found.add(frozenset(group))
    return found


def mean_of(name: str, item: str, atoms: Sequence[int], cost: float = 1.0, fixed: bool = False) -> Sum:
    return Sum(name, {(atom, item): 1.0 for atom in atoms}, cost, fixed)


BLOCK = Sum("block", {(0, "a"): 0.5, (0, "b"): 0.5, (1, "a"): 1.0}, cost=100)
"""Atom 0 answered both questions, atom 1 the first alone."""


def test_a_block_beside_its_questions_tells_who_left_one_blank() -> None:
    world = World([17, 3])
    figures = [mean_of("a", "a", [0, 1], cost=20), mean_of("b", "b", [0], cost=17), BLOCK]
    assert told(world, figures) == {1}
    assert leave_out(world, figures) == {"b"}
    assert told(world, figures[:2]) is None
    assert told(World([17, 5]), figures) is None


def test_what_was_published_before_stays() -> None:
    world = World([17, 3])
    figures = [mean_of("a", "a", [0, 1], fixed=True), mean_of("b", "b", [0], fixed=True), BLOCK]
    assert leave_out(world, figures) == {"block"}
    told_by_itself = [mean_of("all", "a", [0, 1], fixed=True), mean_of("most", "a", [0], fixed=True)]
    assert leave_out(world, [*told_by_itself, mean_of("b", "b", [0, 1])]) == {"b"}


def test_a_chain_of_three_tells_what_no_pair_does() -> None:
    """All, those of one kind and those of another: what is left is of few, though every pair leaves many."""
    world = World([10, 10, 2])
    figures = [mean_of("all", "a", [0, 1, 2], 3), mean_of("one", "a", [0], 1), mean_of("other", "a", [1], 2)]
    for pair in itertools.combinations(figures, 2):
        assert told(world, pair) is None
    assert told(world, figures) == {2}
    assert leave_out(world, figures) == {"one"}


def test_people_are_counted_once_within_a_crowd() -> None:
    """A mark before and the mark that took its place are one person's."""
    first, second = mean_of("first", "mark", [0, 1]), mean_of("second", "mark", [0, 2])
    crowds = (frozenset({0, 1}), frozenset({0, 2}))
    assert told(World([20, 4, 4], crowds), [first, second]) == {1, 2}
    assert told(World([20, 5, 5], crowds), [first, second]) is None


def test_where_there_are_too_many_groups_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "TRIED_MOST", 0)
    world = World([17, 3])
    assert leave_out(world, [mean_of("a", "a", [0, 1]), mean_of("b", "b", [0]), BLOCK]) == {"a", "b", "block"}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, list[Sum]]:
    sizes = draw(st.lists(st.integers(1, 7), min_size=2, max_size=5))
    items = "abc"[: draw(st.integers(1, 3))]
    keys = [(atom, item) for atom in range(len(sizes)) for item in items]
    weights = st.dictionaries(st.sampled_from(keys), st.sampled_from([0.25, 0.5, 1.0, 1.0, 1.0]), min_size=1)
    drawn = draw(st.lists(weights, min_size=1, max_size=6))
    costs = draw(st.lists(st.integers(1, 9), min_size=len(drawn), max_size=len(drawn)))
    names = range(len(drawn))
    return World(sizes), [Sum(f"f{n}", one, float(cost)) for n, one, cost in zip(names, drawn, costs, strict=True)]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(worlds())
def test_the_search_finds_what_an_enemy_finds_and_leaves_nothing(case: tuple[World, list[Sum]]) -> None:
    world, figures = case
    groups = enemy(world, figures)
    found = told(world, figures)
    assert (found is not None) == bool(groups)
    assert found is None or found in groups
    out = leave_out(world, figures)
    shown = [one for one in figures if one.name not in out]
    assert enemy(world, shown) == set() if shown else out
    for one in figures:  # nothing is left out for nothing
        if one.name in out:
            assert enemy(world, [*shown, one])


def test_a_form_of_many_questions_is_looked_at_quickly() -> None:
    """60 sheets on paper, each with a blank somewhere: the pages of such a survey are no night's work."""
    drawn = np.random.default_rng(1)
    items = [f"q{n}" for n in range(20)]
    blank = [{items[drawn.integers(20)]} for _sheet in range(60)]
    world = World([1] * 60)
    questions = [mean_of(item, item, [n for n in range(60) if item not in blank[n]], cost=40) for item in items]
    kept = [[item for item in items if item not in own] for own in blank]
    block = Sum("block", {(n, item): 1 / len(own) for n, own in enumerate(kept) for item in own}, cost=1000)
    assert leave_out(world, [*questions, block]) <= set(items)
