"""No envy without a cause: everyone left out of a class to which a colleague of the same unit with a lower value is called, and why.

Two pairs of one cell (same unit, same class) draw on the same seats and quotas and count for the same minimums, so that nothing but what ``Cause``
names can be the reason. The exceptions of a finished search have any cause but ``EXCHANGE``."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhixing.engine.callup.codes import Cause
from zhixing.engine.callup.model import Model
from zhixing.engine.callup.obstacles import EQUAL, MEETS, OFTEN, PINNED, exchange_of, find_obstacles, longest
from zhixing.engine.callup.problem import CallupProblem, Ints, Longs
from zhixing.engine.callup.reasons import Standpoint
from zhixing.engine.callup.result import CallupResult
from zhixing.engine.callup.rules import AWAY
from zhixing.engine.callup.selection import NOTHING, Selection, shares_week
from zhixing.engine.compiled import compiled

CAUSES = tuple(Cause)
_PINNED_OUT, _CALLUPS_MAX, _SHARED_DAY, _HOLDER_PINNED, _AWAY_FULL, _SECOND, _THEME, _CLOSE, _EXCHANGE = range(
    len(CAUSES)
)
_CAUSE_OF_COST = (_EXCHANGE, _SECOND, _THEME, _CLOSE)


def exceptions(problem: CallupProblem, result: CallupResult, facts: Longs | None = None) -> pa.Table:
    """One row for each exception, by person and day: ``pair`` (its place in the problem), person_id, class_id, cause, and ``holder_id``, the
    colleague of the lowest value of whom that cause is true. Of several causes the last in ``Cause`` is told, so that a gain missed is never
    hidden behind another reason. ``facts`` are places of chosen pairs that nobody chose now: seats given before, which pass nobody over."""
    standpoint = Standpoint.of(problem, result)
    model, s = standpoint.model, standpoint.s
    chosen = result.selected if facts is None else np.setdiff1d(result.selected, facts)
    start, holder = _holders(model, chosen)
    pairs = _passed_over(model, s, start, holder)
    cause, who = np.zeros(len(pairs), np.int32), np.zeros(len(pairs), np.int64)
    _judge(model, s, pairs, standpoint.limits.kind, np.zeros(longest(model), np.int32), start, holder, cause, who)
    return pa.table(
        {
            "pair": pairs,
            "person_id": problem.person_keys.take(pa.array(model.person[pairs])),
            "class_id": problem.class_keys.take(pa.array(model.class_[pairs])),
            "cause": pa.array(CAUSES, pa.string()).take(pa.array(cause)),
            "holder_id": problem.person_keys.take(pa.array(model.person[who])),
        }
    )


def _holders(model: Model, chosen: Longs) -> tuple[Longs, Longs]:
    """The chosen pairs of cell c, the lowest value first, are ``holder[start[c] : start[c + 1]]``."""
    order = chosen[np.lexsort((model.value[chosen], model.cell[chosen]))]
    return np.searchsorted(model.cell[order], np.arange(len(model.seats_from) + 1)).astype(np.int64), order


def _passed_over(model: Model, s: Selection, start: Longs, holder: Longs) -> Longs:
    """The pairs left out whose value is above the lowest chosen one of their cell."""
    lowest = np.full(len(model.seats_from), np.inf)
    filled = start[:-1] < start[1:]
    lowest[filled] = model.value[holder[start[:-1][filled]]]
    return np.flatnonzero(~s.chosen & (model.value > lowest[model.cell] + EQUAL))


@compiled
def _judge(
    model: Model,
    s: Selection,
    pairs: Longs,
    kind: Ints,
    found: Ints,
    start: Longs,
    holder: Longs,
    cause: Ints,
    who: Longs,
) -> None:
    for k in range(len(pairs)):
        pair = pairs[k]
        cell = model.cell[pair]
        count = find_obstacles(model, s, pair, found)
        own = _own_cause(found, count, len(kind))
        cause[k], who[k] = own, holder[start[cell]]
        if own != NOTHING:
            continue
        for n in range(start[cell], start[cell + 1]):
            if model.value[holder[n]] >= model.value[pair] - EQUAL:
                break
            other = _cause_of(model, s, pair, holder[n], kind, found, count)
            if other > cause[k]:
                cause[k], who[k] = other, holder[n]


@compiled
def _own_cause(found: Ints, count: int, rules: int) -> int:
    """The first obstacle that lies with the one left out alone, whoever else goes."""
    for n in range(count):
        if found[n] == rules + PINNED:
            return _PINNED_OUT
        if found[n] == rules + OFTEN:
            return _CALLUPS_MAX
        if found[n] >= rules + MEETS:
            return _SHARED_DAY
    return NOTHING


@compiled
def _cause_of(model: Model, s: Selection, pair: int, other: int, kind: Ints, found: Ints, count: int) -> int:
    """Why a pair without a cause of its own does not take the place of a chosen pair of its cell."""
    if model.pinned[other]:
        return _HOLDER_PINNED
    for n in range(count):
        if kind[found[n]] == AWAY and shares_week(model, s, other, found[n]):
            return _AWAY_FULL
    return _CAUSE_OF_COST[exchange_of(model, s, pair, other)[0]]
