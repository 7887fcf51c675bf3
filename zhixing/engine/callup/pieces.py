"""Pieces of a problem small enough to be solved exactly, each as a choice of one way for every free person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from zhixing.engine.callup.model import Model
from zhixing.engine.callup.problem import Flags, Floats, Ints, Longs
from zhixing.engine.callup.selection import NOTHING, Selection
from zhixing.engine.callup.spread import follows_closely

WAYS_OF_ONE = 600
"""A person with more ways than this is not freed."""

Way = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Piece:
    """F free persons with M ways to go. A way is a set of one person's pairs that share no day; ``persons`` without a pin may also stay."""

    persons: Ints  # [F]
    must_go: Flags  # [F] has a pinned pair
    ways: list[Way]  # [M]
    owner: Ints  # [M] place in ``persons``
    value: Floats  # [M]
    draw_from: Longs  # [M + 1]
    draws: Ints  # the limits that each way draws on, each once


def ways_of(model: Model, person: int) -> list[Way]:
    """All ways of one person that hold their pinned pairs, longer ones after shorter ones; empty when there are too many to list."""
    found: list[Way] = [()]
    pinned = set()
    for pair in range(int(model.first_pair[person]), int(model.first_pair[person + 1])):
        if not model.open[pair]:
            continue
        if model.pinned[pair]:
            pinned.add(pair)
        starts = model.first_day[model.class_[pair]]
        found += [
            (*way, pair)
            for way in found
            if len(way) < model.callups_max and (not way or model.last_day[model.class_[way[-1]]] < starts)
        ]
        if len(found) > WAYS_OF_ONE:
            return []
    return [way for way in found if way and pinned.issubset(way)]


def draws_of(model: Model, way: Way) -> list[int]:
    """The limits that a way draws on: every seat limit of its pairs, every away week once."""
    seats: list[int] = []
    weeks: dict[int, None] = {}
    for pair in way:
        cell = model.cell[pair]
        seats += model.drawn[model.seats_from[cell] : model.away_from[cell]].tolist()
        weeks |= dict.fromkeys(model.drawn[model.away_from[cell] : model.away_to[cell]].tolist())
    return seats + list(weeks)


def value_of(model: Model, way: Way) -> float:
    """What a way is worth: the values of its pairs less what they cost their person."""
    worth = float(model.value[list(way)].sum()) - model.second_cost * max(0, len(way) - 1)
    if len(way) < 2 or model.theme_cost + model.close_cost == 0.0:
        return worth
    themes = model.theme[model.class_[list(way)]]
    stated = themes[themes >= 0]
    close = sum(follows_closely(model, *two) for two in pairwise(way))
    return worth - model.theme_cost * (len(stated) - len(np.unique(stated))) - model.close_cost * close


def piece_of(model: Model, ways: dict[int, list[Way]]) -> Piece:
    """The piece in which the persons of ``ways`` are free."""
    persons = np.array(list(ways), np.int32)
    listed = [way for found in ways.values() for way in found]
    drawn = [draws_of(model, way) for way in listed]
    return Piece(
        persons=persons,
        must_go=np.array([any(model.pinned[pair] for pair in found[0]) for found in ways.values()], np.bool_),
        ways=listed,
        owner=np.repeat(np.arange(len(persons), dtype=np.int32), [len(found) for found in ways.values()]),
        value=np.array([value_of(model, way) for way in listed]),
        draw_from=np.cumsum([0, *map(len, drawn)]).astype(np.int64),
        draws=np.array([limit for limits in drawn for limit in limits], np.int32),
    )


def whole(model: Model, most: int) -> Piece | None:
    """All persons with an open pair free; None when that makes more than ``most`` ways, or none at all."""
    ways: dict[int, list[Way]] = {}
    total = 0
    for person in range(len(model.unit)):
        if not model.open[model.first_pair[person] : model.first_pair[person + 1]].any():
            continue
        ways[person] = ways_of(model, person)
        total += len(ways[person])
        if not ways[person] or total > most:
            return None
    return piece_of(model, ways) if ways else None


def loose_persons(model: Model, s: Selection, shares: Floats) -> Ints:
    """Persons whose call-ups the prices leave open: chosen now and then, or otherwise than in the selection, or close to being chosen."""
    doubtful = (shares > DOUBT) & (shares < 1.0 - DOUBT)
    doubtful |= (shares >= 1.0 - DOUBT) != s.chosen
    loose = np.zeros(len(model.unit), np.bool_)
    loose[model.person[doubtful]] = True
    loose[model.person[s.held[model.person] == 0]] = True
    return np.flatnonzero(loose).astype(np.int32)


DOUBT = 0.03
"""A pair chosen in less than this share of the iterations, or in all but this share, is as good as settled."""


def pieces_of(model: Model, persons: Iterable[int], most: int) -> Iterator[Piece]:
    """Cuts a row of persons into pieces of about ``most`` ways."""
    ways: dict[int, list[Way]] = {}
    total = 0
    for person in persons:
        found = ways_of(model, person)
        if not found:
            continue
        ways[person] = found
        total += len(found)
        if total >= most:
            yield piece_of(model, ways)
            ways, total = {}, 0
    if ways:
        yield piece_of(model, ways)


def chosen_pairs(s: Selection, persons: Ints) -> list[int]:
    """The pairs that the persons hold."""
    taken = s.taken[persons]
    return [int(pair) for k, row in zip(s.held[persons], taken, strict=True) for pair in row[:k] if pair != NOTHING]
