"""Why every eligible pair is chosen or left out, as codes with details; the sentences belong to whoever shows them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.callup.codes import Code, Holders
from zhixing.engine.callup.conflicts import limit_said
from zhixing.engine.callup.limits import Limits
from zhixing.engine.callup.lots import Lots, lots_of
from zhixing.engine.callup.model import Model, model_of
from zhixing.engine.callup.obstacles import (
    MEETS,
    OFTEN,
    PINNED,
    Holding,
    holders_of,
    holding_of,
    next_in,
    obstacles_of,
)
from zhixing.engine.callup.problem import CallupProblem, Floats, Ints, Longs
from zhixing.engine.callup.result import CallupResult
from zhixing.engine.callup.rules import CLASS, Rule
from zhixing.engine.callup.selection import NOTHING, Selection, add_all, empty_selection, gains_of
from zhixing.engine.callup.spread import close_cost, close_to, of_same_theme, repeat_cost

CODES = tuple(Code)
PART = 500_000
"""Pairs whose reasons are made at once: the words of a million take as much memory as the search for them."""
SPELL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
PLACES = 4
"""Decimals of prices in details."""

REASONS = pa.schema(
    [
        ("person_id", pa.string()),
        ("class_id", pa.string()),
        ("chosen", pa.bool_()),
        ("code", pa.string()),
        ("detail", pa.string()),
    ]
)
"""``reasons.parquet``; the keys are int64 where the problem's are."""

_PINNED_OUT = CODES.index(Code.PINNED_OUT)
_CALLUPS_MAX = CODES.index(Code.CALLUPS_MAX)
_SHARED_DAY = CODES.index(Code.SHARED_DAY)
_CLASS_FULL = CODES.index(Code.CLASS_FULL)
_NOT_WORTH = CODES.index(Code.NOT_WORTH_SECOND_CALLUP)
_REPEATED_THEME = CODES.index(Code.REPEATED_THEME)
_CLOSE_CALLUP = CODES.index(Code.CLOSE_CALLUP)
_OUTPRICED = CODES.index(Code.OUTPRICED)
_PRICED_OUT = CODES.index(Code.PRICED_OUT)


@dataclass(frozen=True, eq=False)
class Standpoint:
    """A result seen against its problem: the final selection, and what every cell costs under the result's prices."""

    problem: CallupProblem
    model: Model
    limits: Limits
    s: Selection
    prices: Floats  # [R]
    cell_price: Floats  # [C]

    @cached_property
    def holding(self) -> Holding:
        return holding_of(self.model, self.s)

    @classmethod
    def of(cls, problem: CallupProblem, result: CallupResult) -> Standpoint:
        model, limits = model_of(problem)
        s = empty_selection(model)
        add_all(model, s, result.selected)
        cell = np.repeat(np.arange(len(limits.seats_from)), limits.away_to - limits.seats_from)
        cell_price = np.bincount(cell, weights=result.prices[limits.drawn], minlength=len(limits.seats_from))
        return cls(problem, model, limits, s, result.prices, cell_price.astype(np.float64))

    def codes(self, pairs: Longs, model: Model | None = None) -> Ints:
        """For each pair its place in ``CODES``; ``model`` may have more room than the result had."""
        seen = model or self.model
        return self.codes_of(pairs, *obstacles_of(seen, self.s, pairs), seen)

    def codes_of(self, pairs: Longs, start: Longs, found: Ints, model: Model | None = None) -> Ints:
        """The same from the obstacles of the pairs, of which the first counts."""
        code = np.where(self.model.pinned[pairs], 0, 1).astype(np.int32)
        hindered = np.diff(start) > 0
        code[hindered] = self._codes_of_obstacles()[found[start[:-1][hindered]]]
        free = ~self.s.chosen[pairs] & ~hindered
        fits = pairs[free]
        gains, themes, closes = np.zeros((3, len(fits)))
        gains_of(model or self.model, self.s, fits, gains, themes, closes)
        cheap = self.model.value[fits] < self.cell_price[self.model.cell[fits]]
        fresh = gains + themes + closes  # of the first theme, far from every other
        spread = np.where((closes == 0.0) | (fresh - themes <= 0.0), _REPEATED_THEME, _CLOSE_CALLUP)
        dear = np.where(fresh <= 0.0, _NOT_WORTH, spread)
        code[free] = np.where(gains <= 0.0, dear, np.where(cheap, _OUTPRICED, _PRICED_OUT))
        return code

    def _codes_of_obstacles(self) -> Ints:
        """[R + 2 + J] the place in ``CODES`` of each obstacle."""
        others = [_PINNED_OUT, _CALLUPS_MAX] + [_SHARED_DAY] * self.problem.classes
        return np.concatenate([_CLASS_FULL + self.limits.kind, np.array(others, np.int32)])

    def told(self, obstacle: int) -> dict[str, Any]:
        """An obstacle by its rule and what it is about."""
        beyond = obstacle - len(self.limits.kind)
        if beyond < 0:
            return limit_said(self.problem, self.limits, obstacle)
        if beyond == PINNED:
            return {"rule": str(Code.PINNED_OUT)}
        if beyond == OFTEN:
            return {"rule": str(Rule.CALLUPS_MAX), "most": self.problem.settings.callups_max}
        return {"rule": str(Rule.SHARED_DAY), "class": self.problem.class_keys[beyond - MEETS].as_py()}

    def spread_of(self, pair: int) -> list[dict[str, Any]]:
        """What a pair costs beside other call-ups of its person, one by one: the rule, the class of one of the others, the cost."""
        found = (
            (Code.REPEATED_THEME, of_same_theme(self.model, self.s, pair), repeat_cost(self.model, self.s, pair)),
            (Code.CLOSE_CALLUP, close_to(self.model, self.s, pair), close_cost(self.model, self.s, pair)),
        )
        return [
            {"rule": str(code), "class": self.problem.class_keys[int(self.model.class_[other])].as_py(), "cost": cost}
            for code, other, cost in found
            if cost
        ]

    def freed(self) -> Model:
        """The model with one more seat in every class; a minimum that was above the seats comes one nearer, too."""
        more = (self.limits.kind == CLASS).astype(np.int64)
        beyond = (self.limits.asked > self.limits.least) & (self.limits.least == self.limits.most)
        return self.model._replace(most=self.model.most + more, least=self.model.least + more * beyond)

    def paid(self, pair: int) -> list[dict[str, Any]]:
        """The prices of the limits that a pair draws on, one by one, those of 0 left aside."""
        cell = self.model.cell[pair]
        drawn = self.limits.drawn[self.limits.seats_from[cell] : self.limits.away_to[cell]].tolist()
        return [
            limit_said(self.problem, self.limits, limit) | {"price": round(float(self.prices[limit]), PLACES)}
            for limit in drawn
            if self.prices[limit]
        ]


def reasons(problem: CallupProblem, result: CallupResult) -> pa.Table:
    """All ``reason_parts`` in one table; empty when the result has no selection."""
    return pa.concat_tables([schema_of(problem).empty_table(), *reason_parts(problem, result)])


def schema_of(problem: CallupProblem) -> pa.Schema:
    """``REASONS`` with the types of the problem's own keys."""
    own = {"person_id": problem.person_keys.type, "class_id": problem.class_keys.type}
    return pa.schema([pa.field(field.name, own.get(field.name, field.type)) for field in REASONS])


def reason_parts(
    problem: CallupProblem, result: CallupResult, size: int = PART, workers: int = 2
) -> Iterator[pa.Table]:
    """One row (``REASONS``) for every eligible pair, ordered by unit, person and day, about ``size`` at a time; none when the result has no selection.

    Details hold ``value`` and ``price`` (of all seats the pair needs), then what the code is about: ``class``, ``unit``, ``week`` (its Monday)
    and ``most`` of the rule in the way, and ``also`` every other one that is; ``holders`` of the seats, where only seats are in the way
    (``Holders``, in small letters); ``prices`` one by one where they decided or were paid; for a chosen pair the ``runner_up``;
    where the theme or the days of another call-up decided, its ``class`` and the ``cost``."""
    if result.objective is None:
        return
    standpoint = Standpoint.of(problem, result)
    runners_up, price = _runners_up(standpoint, lots_of(problem, result.seed)), _decimals(standpoint.cell_price)
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[pa.Table]] = deque()
        for first in range(0, problem.pairs, size):
            pairs = np.arange(first, min(first + size, problem.pairs))
            ahead.append(pool.submit(_part, standpoint, pairs, price, runners_up))
            if len(ahead) > workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _part(standpoint: Standpoint, pairs: Longs, price: pa.Array, runners_up: Longs) -> pa.Table:
    problem, model = standpoint.problem, standpoint.model
    start, found = obstacles_of(model, standpoint.s, pairs)
    code = standpoint.codes_of(pairs, start, found)
    detail = (
        '{"value":',
        pa.array(model.value[pairs]).cast(pa.string()),
        ',"price":',
        price.take(model.cell[pairs]),
        _obstacles(standpoint, start, found),
        _holders(standpoint, pairs, start, found),
        _spelled(standpoint, pairs, code, runners_up),
        "}",
    )
    return pa.table(
        {
            "person_id": problem.person_keys.take(problem.pair_person[pairs]),
            "class_id": problem.class_keys.take(problem.pair_class[pairs]),
            "chosen": standpoint.s.chosen[pairs],
            "code": pa.array(CODES, pa.string()).take(code),
            "detail": pc.binary_join_element_wise(*detail, ""),
        },
        schema=schema_of(problem),
    )


def _runners_up(standpoint: Standpoint, lots: Lots) -> Longs:
    """[J] the pair that would take the next free seat of each class; -1 when there is none."""
    best = np.full(standpoint.problem.classes, NOTHING, np.int64)
    next_in(standpoint.freed(), standpoint.s, lots, best)
    return best


def _decimals(numbers: Floats) -> pa.Array:
    return pa.array(np.round(numbers, PLACES) + 0.0).cast(pa.string())


def _obstacles(standpoint: Standpoint, start: Longs, found: Ints) -> pa.Array:
    """The first obstacle, whose rule the code tells, and ``also`` the others, as further members of an object."""
    different, place = np.unique(found, return_inverse=True)
    said = [standpoint.told(obstacle) for obstacle in different.tolist()]
    first = pa.array([_members({name: told for name, told in one.items() if name != "rule"}) for one in said] + [""])
    other = pa.array([SPELL(one) for one in said], pa.string())
    count = np.diff(start)
    leads = np.where(count > 0, np.append(place, 0)[start[:-1]], len(said))
    follows = np.ones(len(found), np.bool_)
    follows[start[:-1][count > 0]] = False
    ends = np.concatenate([[0], np.cumsum(np.maximum(count - 1, 0))]).astype(np.int32)
    rest = pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), other.take(pa.array(place[follows]))), ",")
    also = pc.binary_join_element_wise(',"also":[', rest, "]", "")
    return pc.binary_join_element_wise(first.take(pa.array(leads)), pc.if_else(pa.array(count > 1), also, ""), "")


def _holders(standpoint: Standpoint, pairs: Longs, start: Longs, found: Ints) -> pa.Array:
    kind = standpoint.limits.kind
    stand = holders_of(standpoint.model, standpoint.s, standpoint.holding, pairs, start, found, kind)
    words = [_members({"holders": names_of(Holders(flags))} if flags else {}) for flags in range(2 ** len(Holders))]
    return pa.array(words, pa.string()).take(pa.array(stand))


def names_of(flags: Holders) -> list[str]:
    return [str(flag.name).lower() for flag in flags]


def _members(said: dict[str, Any]) -> str:
    """The members of an object without its braces, with a comma before."""
    return "," + SPELL(said)[1:-1] if said else ""


def _spelled(standpoint: Standpoint, pairs: Longs, code: Ints, runner_up: Longs) -> pa.Array:
    """Prices one by one for the chosen and the outpriced, the runner-up for the chosen, the other call-up that costs; empty for all others."""
    problem = standpoint.problem
    spelled = np.flatnonzero((code < _PINNED_OUT) | (code > _NOT_WORTH))
    words = [""]
    for place, pair in zip(spelled.tolist(), pairs[spelled].tolist(), strict=True):
        if _NOT_WORTH < code[place] <= _CLOSE_CALLUP:
            words.append(_members(_spread_said(standpoint, pair, CODES[code[place]])))
            continue
        said: dict[str, Any] = {"prices": standpoint.paid(pair)}
        best = int(runner_up[problem.pair_class[pair]])
        if code[place] < _PINNED_OUT and best != NOTHING:
            person = problem.person_keys[int(problem.pair_person[best])].as_py()
            said["runner_up"] = {"person": person, "value": float(problem.value[best])}
        if code[place] > _CLOSE_CALLUP:
            short_by = standpoint.cell_price[standpoint.model.cell[pair]] - problem.value[pair]
            said["short_by"] = max(0.0, round(float(short_by), PLACES))
        words.append(_members(said))
    which: npt.NDArray[np.int64] = np.zeros(len(pairs), np.int64)
    which[spelled] = np.arange(1, len(spelled) + 1)
    return pa.array(words, pa.string()).take(which)


def _spread_said(standpoint: Standpoint, pair: int, code: Code) -> dict[str, Any]:
    """The cost that the code tells, and ``also`` the other one."""
    said = sorted(standpoint.spread_of(pair), key=lambda one: one["rule"] != code)
    return {"class": said[0]["class"], "cost": said[0]["cost"]} | ({"also": said[1:]} if said[1:] else {})
