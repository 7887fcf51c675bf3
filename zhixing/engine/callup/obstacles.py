"""What keeps a pair off a selection: every rule in its way, and who holds the seats that it would need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zhixing.engine.callup.codes import Holders
from zhixing.engine.callup.lots import Lots
from zhixing.engine.callup.model import Model
from zhixing.engine.callup.problem import Ints, Longs
from zhixing.engine.callup.rules import AWAY, CLASS
from zhixing.engine.callup.selection import NOTHING, Selection, can_enter, is_full, overlap, spread_cost
from zhixing.engine.callup.spread import close_cost, repeat_cost
from zhixing.engine.compiled import compiled

PINNED, OFTEN, MEETS = range(3)
"""Obstacles beyond the R limits: R + ``PINNED`` is a pin, R + ``OFTEN`` too many call-ups, R + ``MEETS`` + j the person's call to class j."""


FIXED, STRONGER, SECOND, MINIMUM, EXCHANGE, THEME, CLOSE = (int(flag) for flag in Holders)
GAIN, SECOND_COST, THEME_COST, CLOSE_COST = range(4)
"""What becomes of an exchange of two pairs (``exchange_of``): a gain, or the cost that leaves none."""
FLAG_OF_COST = (EXCHANGE, SECOND, THEME, CLOSE)
EQUAL = 1e-6
"""Values that differ by less are equal."""


@compiled
def find_obstacles(model: Model, s: Selection, pair: int, found: Ints) -> int:
    """Writes all that keeps an unchosen pair out (pin, call-ups, days, class, quotas upwards, weeks); returns how many there are."""
    person, cell, rules, n = model.person[pair], model.cell[pair], len(model.most), 0
    if not model.open[pair]:
        found[n] = rules + PINNED
        n += 1
    if s.held[person] >= model.callups_max:
        found[n] = rules + OFTEN
        n += 1
    for k in range(s.held[person]):
        if overlap(model, pair, s.taken[person, k]):
            found[n] = rules + MEETS + model.class_[s.taken[person, k]]
            n += 1
    for place in range(model.seats_from[cell], model.away_to[cell]):
        if is_full(model, s, pair, place):
            found[n] = model.drawn[place]
            n += 1
    return n


def longest(model: Model) -> int:
    """No pair has more obstacles."""
    return int((model.away_to - model.seats_from).max(initial=0)) + model.callups_max + 2


def obstacles_of(model: Model, s: Selection, pairs: Longs) -> tuple[Longs, Ints]:
    """The obstacles of the k-th pair are ``found[start[k] : start[k + 1]]``; a chosen pair has none."""
    start = np.zeros(len(pairs) + 1, np.int64)
    found = np.zeros(len(pairs) * longest(model), np.int32)
    _write(model, s, pairs, start, found)
    return start, found[: start[-1]].copy()


@compiled
def _write(model: Model, s: Selection, pairs: Longs, start: Longs, found: Ints) -> None:
    for k in range(len(pairs)):
        n = 0 if s.chosen[pairs[k]] else find_obstacles(model, s, pairs[k], found[start[k] :])
        start[k + 1] = start[k] + n


@compiled
def next_in(model: Model, s: Selection, lots: Lots, best: Longs) -> None:
    """Writes for each class the pair that would take its next free seat: of those that may enter and would gain, the highest value, then the lowest lot.

    ``model`` has the seat more; -1 where there is none. Few pairs are asked for obstacles: only whoever goes before the best so far."""
    best[:] = NOTHING
    for pair in range(len(model.value)):
        if s.chosen[pair]:
            continue
        other = best[model.class_[pair]]
        if other != NOTHING:
            ahead = model.value[pair] - model.value[other]
            if ahead < 0.0 or (ahead == 0.0 and lots[pair] >= lots[other]):
                continue
        if can_enter(model, s, pair):
            best[model.class_[pair]] = pair


class Holding(NamedTuple):
    """Who holds the seats of each limit. The holders of limit r, the lowest value first, are ``holder[start[r] : start[r + 1]]``."""

    start: Longs  # [R + 1]
    holder: Longs  # pairs
    kinds: Ints  # [R] ``FIXED`` and ``STRONGER``, as far as a pin or none holds a seat there


def holding_of(model: Model, s: Selection) -> Holding:
    """The holders of seats; an away limit has none."""
    chosen = np.flatnonzero(s.chosen)
    cell = model.cell[chosen]
    each = model.away_from[cell] - model.seats_from[cell]
    place = np.repeat(model.seats_from[cell] - (np.cumsum(each) - each), each) + np.arange(each.sum())
    limit, holder = model.drawn[place], np.repeat(chosen, each)
    order = np.lexsort((model.value[holder], limit))
    limit, holder = limit[order], holder[order]
    kinds = np.zeros(len(model.most), np.int32)
    np.bitwise_or.at(kinds, limit, np.where(model.pinned[holder], FIXED, STRONGER).astype(np.int32))
    return Holding(np.searchsorted(limit, np.arange(len(kinds) + 1)).astype(np.int64), holder, kinds)


def holders_of(
    model: Model, s: Selection, holding: Holding, pairs: Longs, start: Longs, found: Ints, kind: Ints
) -> Ints:
    """For each pair that only a full class or full quotas (by ``kind`` [R]) keep out, how the holders stand to it (``Holders``); else 0."""
    stand = np.zeros(len(pairs), np.int32)
    _weigh(model, s, holding, pairs, start, found, kind, stand)
    return stand


@compiled
def _weigh(
    model: Model, s: Selection, holding: Holding, pairs: Longs, start: Longs, found: Ints, kind: Ints, stand: Ints
) -> None:
    for k in range(len(pairs)):
        limit = _narrowest(found, start[k], start[k + 1], kind)
        if limit != NOTHING:
            stand[k] = _stand(model, s, holding, pairs[k], limit)


@compiled
def _narrowest(found: Ints, begin: int, end: int, kind: Ints) -> int:
    """Whoever holds a seat of the lowest full quota, else of the full class, would free all that is in the way; -1 when more than seats is."""
    for n in range(begin, end):
        if found[n] >= len(kind) or kind[found[n]] == AWAY:
            return NOTHING
    if begin == end:
        return NOTHING
    return int(found[begin + 1] if end - begin > 1 and kind[found[begin]] == CLASS else found[begin])


@compiled
def _stand(model: Model, s: Selection, holding: Holding, pair: int, limit: int) -> int:
    """Only holders of a lower value can be a reason of their own."""
    reasons = 0
    for n in range(holding.start[limit], holding.start[limit + 1]):
        other = holding.holder[n]
        if model.value[other] >= model.value[pair] - EQUAL:
            break
        if not model.pinned[other]:
            reasons |= _why_not_instead(model, s, pair, other)
    return int(reasons if reasons else holding.kinds[limit])


@compiled
def _why_not_instead(model: Model, s: Selection, pair: int, other: int) -> int:
    """Why the exchange of a chosen pair of lower value is no gain."""
    cost, gain = exchange_of(model, s, pair, other)
    if cost != GAIN:
        return FLAG_OF_COST[cost]
    gain += model.short_cost * (_shortens(model, s, pair, other, 0) - _shortens(model, s, other, pair, 1))
    return EXCHANGE if gain > EQUAL else MINIMUM


@compiled
def exchange_of(model: Model, s: Selection, pair: int, other: int) -> tuple[int, float]:
    """What comes of giving the seat of a chosen pair to another person's pair of a higher value, minimums aside: (``GAIN`` or a cost, the gain)."""
    gain = model.value[pair] - model.value[other]
    if s.held[model.person[pair]] > 0:
        gain -= model.second_cost
    if s.held[model.person[other]] > 1:
        gain += model.second_cost + spread_cost(model, s, other)
    if gain <= EQUAL:
        return SECOND_COST, gain
    gain -= repeat_cost(model, s, pair)
    if gain <= EQUAL:
        return THEME_COST, gain
    gain -= close_cost(model, s, pair)
    return GAIN if gain > EQUAL else CLOSE_COST, gain


@compiled
def _shortens(model: Model, s: Selection, one: int, other: int, kept: int) -> int:
    """Minimums that ``one`` counts for and ``other`` does not, and that are not met with ``kept`` seats fewer."""
    short, cell = 0, model.cell[one]
    for place in range(model.seats_from[cell], model.away_from[cell]):
        limit = model.drawn[place]
        if s.used[limit] - kept < model.least[limit] and not _draws(model, other, limit):
            short += 1
    return short


@compiled
def _draws(model: Model, pair: int, limit: int) -> bool:
    cell = model.cell[pair]
    for place in range(model.seats_from[cell], model.away_from[cell]):  # noqa: SIM110 (numba knows no any())
        if model.drawn[place] == limit:
            return True
    return False
