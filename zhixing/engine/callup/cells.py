"""Cells, the pairs of one unit for one class, and pairs of one person that meet in a week: found by walking, for sorting millions costs memory."""

from __future__ import annotations

import numpy as np

from zhixing.engine.callup.problem import CallupProblem, Flags, Ints, Longs
from zhixing.engine.compiled import compiled

UNSEEN = -1


def cells_of(problem: CallupProblem) -> tuple[Longs, Longs, Ints]:
    """[C] unit and class of each cell, sorted by both, and [E] the cell of each pair."""
    persons = np.argsort(problem.unit_of_person, kind="stable")
    unit = problem.unit_of_person[persons]
    own = np.concatenate([np.flatnonzero(np.diff(unit, prepend=UNSEEN)), [len(unit)]]).astype(np.int64)
    first_pair, place = problem.first_pair(), np.full(problem.classes, UNSEEN, np.int32)
    cell_of_pair = np.zeros(problem.pairs, np.int32)
    count = np.zeros(len(own), np.int64)
    _count(own, persons, first_pair, problem.pair_class, place, count)
    start = np.cumsum(count) - count
    class_ = np.zeros(int(count.sum()), np.int64)
    _number(own, persons, first_pair, problem.pair_class, start, place, class_, cell_of_pair)
    return np.repeat(unit[own[:-1]], count[:-1]).astype(np.int64), class_, cell_of_pair


@compiled
def _count(own: Longs, persons: Longs, first_pair: Longs, pair_class: Ints, place: Ints, count: Longs) -> None:
    """How many classes the pairs of each unit name; ``place`` remembers the unit that named a class last."""
    for k in range(len(own) - 1):
        for n in range(own[k], own[k + 1]):
            for pair in range(first_pair[persons[n]], first_pair[persons[n] + 1]):
                if place[pair_class[pair]] != k:
                    place[pair_class[pair]] = k
                    count[k] += 1


@compiled
def _number(
    own: Longs,
    persons: Longs,
    first_pair: Longs,
    pair_class: Ints,
    start: Longs,
    place: Ints,
    class_: Longs,
    cell_of_pair: Ints,
) -> None:
    for k in range(len(own) - 1):
        place[:] = UNSEEN
        for n in range(own[k], own[k + 1]):
            for pair in range(first_pair[persons[n]], first_pair[persons[n] + 1]):
                place[pair_class[pair]] = 0
        cell = start[k]
        for one in range(len(place)):
            if place[one] != UNSEEN:
                place[one] = cell
                class_[cell] = one
                cell += 1
        for n in range(own[k], own[k + 1]):
            for pair in range(first_pair[persons[n]], first_pair[persons[n] + 1]):
                cell_of_pair[pair] = place[pair_class[pair]]


def meetings(problem: CallupProblem, first_week: Longs, last_week: Longs) -> tuple[Flags, Flags]:
    """[E] whether a pair begins (ends) in an ISO week in which another, day-disjoint pair of the same person ends (begins).

    Only then can two call-ups of one person share the away seat of a week. ``first_week``, ``last_week`` [J] are those of the classes."""
    before, after = np.zeros(problem.pairs, np.bool_), np.zeros(problem.pairs, np.bool_)
    own = problem.first_pair()
    _meet(own, problem.pair_class, problem.first_day, problem.last_day, first_week, last_week, before, after)
    return before, after


@compiled
def _meet(
    own: Longs,
    pair_class: Ints,
    first_day: Ints,
    last_day: Ints,
    first_week: Longs,
    last_week: Longs,
    before: Flags,
    after: Flags,
) -> None:
    """The pairs that begin after a given one ends, and still in its last week, stand side by side: they are sorted by their first day.

    All that were marked for the same week reach to the same end, so marking stops at the first that is marked."""
    for person in range(len(own) - 1):
        for pair in range(own[person], own[person + 1]):
            ends, week = last_day[pair_class[pair]], last_week[pair_class[pair]]
            low, high = pair + 1, own[person + 1]
            while low < high:
                middle = (low + high) // 2
                if first_day[pair_class[middle]] <= ends:
                    low = middle + 1
                else:
                    high = middle
            after[pair] = low < own[person + 1] and first_week[pair_class[low]] == week
            while low < own[person + 1] and first_week[pair_class[low]] == week and not before[low]:
                before[low] = True
                low += 1
