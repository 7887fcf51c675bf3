"""A selection under construction: who holds which seat, and whether one more fits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zhixing.engine.callup.lots import Lots
from zhixing.engine.callup.model import Model
from zhixing.engine.callup.problem import Flags, Floats, Ints, Longs
from zhixing.engine.callup.spread import close_cost, repeat_cost
from zhixing.engine.compiled import compiled

NOTHING = -1


class Selection(NamedTuple):
    """The chosen pairs and all that is counted over them. ``objective`` [1] leaves out the seats of ``Limits.hopeless``."""

    chosen: Flags  # [E]
    used: Longs  # [R]
    held: Ints  # [P] call-ups of each person
    taken: Ints  # [P, callups_max] their pairs
    objective: Floats  # [1]


def empty_selection(model: Model) -> Selection:
    """Nothing chosen; every seat under a minimum is short."""
    pairs, persons = len(model.value), len(model.unit)
    return Selection(
        chosen=np.zeros(pairs, np.bool_),
        used=np.zeros(len(model.most), np.int64),
        held=np.zeros(persons, np.int32),
        taken=np.full((persons, model.callups_max), NOTHING, np.int32),
        objective=np.array([-model.short_cost * float(model.least.sum())]),
    )


@compiled
def shares_week(model: Model, s: Selection, pair: int, limit: int) -> bool:
    """Is the person of ``pair`` already away, by another chosen pair, in the week of this away limit?"""
    person = model.person[pair]
    for k in range(s.held[person]):
        other = s.taken[person, k]
        if other != pair:
            cell = model.cell[other]
            for d in range(model.away_from[cell], model.away_to[cell]):
                if model.drawn[d] == limit:
                    return True
    return False


@compiled
def overlap(model: Model, pair: int, other: int) -> bool:
    """Do the classes of two pairs share a day?"""
    a, b = model.class_[pair], model.class_[other]
    return bool(model.first_day[a] <= model.last_day[b] and model.first_day[b] <= model.last_day[a])


@compiled
def is_full(model: Model, s: Selection, pair: int, place: int) -> bool:
    """Does the limit at ``place`` of the draws refuse ``pair``?"""
    limit = model.drawn[place]
    if s.used[limit] < model.most[limit]:
        return False
    return place < model.away_from[model.cell[pair]] or not shares_week(model, s, pair, limit)


@compiled
def limits_allow(model: Model, s: Selection, pair: int) -> bool:
    """Is there room in every limit that an unchosen pair draws on?"""
    cell = model.cell[pair]
    for place in range(model.seats_from[cell], model.away_to[cell]):  # noqa: SIM110 (numba knows no all())
        if is_full(model, s, pair, place):
            return False
    return True


@compiled
def person_allows(model: Model, s: Selection, pair: int) -> bool:
    """May the person take one more call-up, on these days?"""
    person = model.person[pair]
    if s.held[person] >= model.callups_max:
        return False
    for k in range(s.held[person]):  # noqa: SIM110 (numba knows no all())
        if overlap(model, pair, s.taken[person, k]):
            return False
    return True


@compiled
def spread_cost(model: Model, s: Selection, pair: int) -> float:
    """What a pair costs beside the other call-ups of its person."""
    if model.theme_cost + model.close_cost == 0.0:
        return 0.0
    return repeat_cost(model, s, pair) + close_cost(model, s, pair)


@compiled
def gain_of(model: Model, s: Selection, pair: int) -> float:
    """What choosing an unchosen pair adds to the objective."""
    gain: float = model.value[pair]
    if s.held[model.person[pair]] > 0:
        gain -= model.second_cost + spread_cost(model, s, pair)
    cell = model.cell[pair]
    for place in range(model.seats_from[cell], model.away_from[cell]):
        limit = model.drawn[place]
        if s.used[limit] < model.least[limit]:
            gain += model.short_cost
    return gain


@compiled
def gains_of(model: Model, s: Selection, pairs: Longs, gains: Floats, themes: Floats, closes: Floats) -> None:
    """Writes what choosing each unchosen pair alone would add, and what of its costs is for a repeated theme and for being close."""
    for k in range(len(pairs)):
        gains[k] = gain_of(model, s, pairs[k])
        themes[k] = repeat_cost(model, s, pairs[k])
        closes[k] = close_cost(model, s, pairs[k])


@compiled
def add(model: Model, s: Selection, pair: int) -> None:
    """Chooses a pair that fits."""
    person, cell = model.person[pair], model.cell[pair]
    s.objective[0] += gain_of(model, s, pair)
    for place in range(model.seats_from[cell], model.away_from[cell]):
        s.used[model.drawn[place]] += 1
    for place in range(model.away_from[cell], model.away_to[cell]):
        if not shares_week(model, s, pair, model.drawn[place]):
            s.used[model.drawn[place]] += 1
    s.chosen[pair] = True
    s.taken[person, s.held[person]] = pair
    s.held[person] += 1


@compiled
def drop(model: Model, s: Selection, pair: int) -> None:
    """Takes a chosen pair out again."""
    person, cell = model.person[pair], model.cell[pair]
    for place in range(model.seats_from[cell], model.away_from[cell]):
        s.used[model.drawn[place]] -= 1
    for place in range(model.away_from[cell], model.away_to[cell]):
        if not shares_week(model, s, pair, model.drawn[place]):
            s.used[model.drawn[place]] -= 1
    s.chosen[pair] = False
    s.held[person] -= 1
    for k in range(s.held[person]):
        if s.taken[person, k] == pair:
            s.taken[person, k] = s.taken[person, s.held[person]]
    s.objective[0] -= gain_of(model, s, pair)


@compiled
def add_all(model: Model, s: Selection, pairs: Longs) -> None:
    """Chooses pairs that are known to fit together."""
    for pair in pairs:
        add(model, s, pair)


@compiled
def can_enter(model: Model, s: Selection, pair: int) -> bool:
    """May an unchosen pair be chosen beside the selection, and would it gain?"""
    return bool(
        model.open[pair]
        and person_allows(model, s, pair)
        and limits_allow(model, s, pair)
        and gain_of(model, s, pair) > 0.0
    )


@compiled
def fill(model: Model, s: Selection, order: Longs) -> None:
    """Chooses, in the given order of pairs, each that fits and gains.

    A call-up between two far apart costs less once a third lies between them: where that can be, until none is left that gains."""
    added = True
    while added:
        added = False
        for pair in order:
            if not s.chosen[pair] and can_enter(model, s, pair):
                add(model, s, pair)
                added = model.close_cost > 0.0


@compiled
def mark_entering(model: Model, s: Selection, marks: Flags) -> None:
    """Marks [E] every pair that may be chosen beside the selection, each on its own, and would gain."""
    for pair in range(len(marks)):
        if not s.chosen[pair] and can_enter(model, s, pair):
            marks[pair] = True


def fill_left(model: Model, s: Selection, margins: Floats, lots: Lots) -> None:
    """Chooses by margin, then by lot, until nobody may enter. Of millions of pairs few may: only they are sorted.

    Whoever enters may let the own further pairs in: in a week in which they are away then anyhow, or between two call-ups. So it is asked again."""
    while True:
        marks = np.zeros(len(model.value), np.bool_)
        mark_entering(model, s, marks)
        pairs = np.flatnonzero(marks)
        if not len(pairs):
            return
        fill(model, s, pairs[np.lexsort((lots[pairs], -margins[pairs]))])
