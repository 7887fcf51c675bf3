"""One pair explained with all its prices and what would let it in; and the waiting list of a class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.callup.codes import Code
from zhixing.engine.callup.conflicts import limit_said
from zhixing.engine.callup.flips import flip_of
from zhixing.engine.callup.lots import lots_of
from zhixing.engine.callup.obstacles import obstacles_of
from zhixing.engine.callup.problem import CallupProblem
from zhixing.engine.callup.reasons import CODES, PLACES, Standpoint
from zhixing.engine.callup.result import CallupResult
from zhixing.engine.callup.rules import LIMIT_RULES, Rule
from zhixing.engine.callup.selection import gain_of
from zhixing.engine.callup.weeks import DAYS_TO_MONDAY

Key = int | str

KEPT_OUT_BY_RULE = (Code.CALLUPS_MAX, Code.SHARED_DAY, Code.CLASS_FULL, Code.QUOTA_FULL, Code.AWAY_FULL)
KEPT_OUT = (*KEPT_OUT_BY_RULE, Code.NOT_WORTH_SECOND_CALLUP, Code.REPEATED_THEME, Code.CLOSE_CALLUP)


class UnknownKey(LookupError):
    """There is no such person or class; ``column`` and ``key`` tell which."""

    def __init__(self, column: str, key: Key) -> None:
        self.column, self.key = column, key
        super().__init__(f"{column} {key!r}")


def explain(
    problem: CallupProblem, result: CallupResult, person: Key, class_: Key, seconds: float = 60.0
) -> dict[str, Any]:
    """Why one pair is chosen or left out, ready for JSON.

    ``obstacles`` lists every hard rule in the way, as the details of ``reasons`` do;
    ``prices`` each limit with its price, the seats taken and the most; ``second_cost`` what this one costs a person called before,
    ``spread`` what it costs beside the person's other call-ups (``reasons.Standpoint.spread_of``);
    ``flip`` is the smallest
    change after which the pair would be chosen, found by solving anew within ``seconds``, or None with ``flip_why`` (see ``flips.flip_of``).
    Raises ``UnknownKey``."""
    pair = _find(problem, person, class_)
    said: dict[str, Any] = {"person": person, "class": class_, "eligible": pair >= 0}
    if pair < 0:
        return said | {"chosen": False, "code": str(Rule.NOT_ELIGIBLE)}
    standpoint = Standpoint.of(problem, result)
    start, found = obstacles_of(standpoint.model, standpoint.s, np.array([pair]))
    code = CODES[standpoint.codes_of(np.array([pair]), start, found)[0]]
    value, price = float(problem.value[pair]), float(standpoint.cell_price[standpoint.model.cell[pair]])
    said |= {
        "chosen": bool(standpoint.s.chosen[pair]),
        "code": str(code),
        "value": value,
        "price": round(price, PLACES),
        "net": round(value - price, PLACES),
        "prices": _itemised(standpoint, pair),
        "second_cost": _second_cost(standpoint, pair),
        "spread": standpoint.spread_of(pair),
    }
    if said["chosen"]:
        return said
    gain = float(gain_of(standpoint.model, standpoint.s, pair))
    obstacles = [standpoint.told(obstacle) for obstacle in found.tolist()]
    return said | {
        "gain": round(gain, PLACES),
        "obstacles": obstacles,
        **flip_of(standpoint, result, pair, found, seconds),
    }


def _find(problem: CallupProblem, person: Key, class_: Key) -> int:
    places = (_place("person_id", problem.person_keys, person), _place("class_id", problem.class_keys, class_))
    return int(problem.find_pairs(*(np.array([place]) for place in places))[0])


def _place(column: str, keys: pa.Array, key: Key) -> int:
    text = pa.types.is_string(keys.type)
    place = pc.index(keys, pa.scalar(key, keys.type)).as_py() if isinstance(key, str) == text else -1
    if place < 0:
        raise UnknownKey(column, key)
    return int(place)


def _itemised(standpoint: Standpoint, pair: int) -> list[dict[str, Any]]:
    return [
        limit_said(standpoint.problem, standpoint.limits, limit)
        | {"used": int(standpoint.s.used[limit]), "price": round(float(standpoint.prices[limit]), PLACES)}
        for limit in _drawn(standpoint, pair)
    ]


def _second_cost(standpoint: Standpoint, pair: int) -> float:
    """0 for a person who has no call-up but this one."""
    others = int(standpoint.s.held[standpoint.model.person[pair]]) - int(standpoint.s.chosen[pair])
    return float(standpoint.model.second_cost) if others > 0 else 0.0


def _drawn(standpoint: Standpoint, pair: int) -> list[int]:
    cell, limits = standpoint.model.cell[pair], standpoint.limits
    drawn: list[int] = limits.drawn[limits.seats_from[cell] : limits.away_to[cell]].tolist()
    return drawn


def waiting(problem: CallupProblem, result: CallupResult, class_id: Key, limit: int) -> list[dict[str, Any]]:
    """Who is next when one seat of a class comes free: those left out and not pinned out, by value, then by lot (``lots``).

    ``fits`` says whether they would then keep every hard rule; ``code`` is what still keeps them out, or None. Raises ``UnknownKey``."""
    class_ = _place("class_id", problem.class_keys, class_id)
    standpoint = Standpoint.of(problem, result)
    model = standpoint.model
    pairs = np.flatnonzero((model.class_ == class_) & model.open & ~standpoint.s.chosen)
    lots = lots_of(problem, result.seed)[pairs]
    order = np.lexsort((lots, -model.value[pairs]))[:limit]
    codes = standpoint.codes(pairs[order], standpoint.freed())
    return [
        {
            "person": problem.person_keys[int(model.person[pair])].as_py(),
            "value": float(model.value[pair]),
            "lot": f"{lot:016x}",
            "fits": CODES[code] not in KEPT_OUT_BY_RULE,
            "code": str(CODES[code]) if CODES[code] in KEPT_OUT else None,
        }
        for pair, lot, code in zip(pairs[order].tolist(), lots[order].tolist(), codes.tolist(), strict=True)
    ]


def priced_limits(problem: CallupProblem, result: CallupResult) -> pa.Table:
    """Every limit that can bind: rule, unit_id?, class_id?, week? (its Monday), least, most, used, price; [R] rows in the order of the prices."""
    standpoint = Standpoint.of(problem, result)
    limits = standpoint.limits
    week = pa.array((7 * limits.week.astype(np.int64) - DAYS_TO_MONDAY).astype(np.int32), mask=limits.week < 0)
    return pa.table(
        {
            "rule": pa.array([str(rule) for rule in LIMIT_RULES]).take(limits.kind),
            "unit_id": problem.unit_keys.take(pa.array(limits.unit, mask=limits.unit < 0)),
            "class_id": problem.class_keys.take(pa.array(limits.class_, mask=limits.class_ < 0)),
            "week": week.cast(pa.date32()),
            "least": limits.asked,
            "most": limits.most,
            "used": standpoint.s.used,
            "price": result.prices,
        }
    )
