"""Why every eligible pair is chosen or left out, as codes with details; the sentences belong to whoever shows them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.callup.compiled import compiled
from zhixing.engine.callup.conflicts import limit_said
from zhixing.engine.callup.lots import Lots, lots_of
from zhixing.engine.callup.model import Model, model_of
from zhixing.engine.callup.problem import CallupProblem, Floats, Ints, Longs
from zhixing.engine.callup.result import CallupResult
from zhixing.engine.callup.rules import CLASS, Limits
from zhixing.engine.callup.selection import (
    NOTHING,
    Selection,
    add_all,
    empty_selection,
    gain_of,
    is_full,
    overlap,
)


class Code(StrEnum):
    """Stable. A pair left out has the first code, in this order from ``PINNED_OUT`` on, that applies against the final selection.

    ``OUTPRICED`` and ``PRICED_OUT`` stand only in a selection that someone left unfinished: the pair would fit and gain. Outpriced: its value
    is below the prices of the seats it needs; priced out: the rest."""

    CHOSEN_PINNED = "chosen_pinned"
    CHOSEN_BEST = "chosen_best"
    PINNED_OUT = "pinned_out"
    CALLUPS_MAX = "callups_max"
    SHARED_DAY = "shared_day"
    CLASS_FULL = "class_full"
    QUOTA_FULL = "quota_full"
    AWAY_FULL = "away_full"
    NOT_WORTH_SECOND_CALLUP = "not_worth_second_callup"
    OUTPRICED = "outpriced"
    PRICED_OUT = "priced_out"


CODES = tuple(Code)
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

    @classmethod
    def of(cls, problem: CallupProblem, result: CallupResult) -> Standpoint:
        model, limits = model_of(problem)
        s = empty_selection(model)
        add_all(model, s, result.selected)
        cell = np.repeat(np.arange(len(limits.seats_from)), limits.away_to - limits.seats_from)
        cell_price = np.bincount(cell, weights=result.prices[limits.drawn], minlength=len(limits.seats_from))
        return cls(problem, model, limits, s, result.prices, cell_price.astype(np.float64))

    def codes(self, pairs: Longs, model: Model | None = None) -> tuple[Ints, Ints]:
        """For each pair its place in ``CODES`` and what stands in its way: a limit, or for a shared day the chosen pair; else -1."""
        code, obstacle = np.zeros(len(pairs), np.int32), np.full(len(pairs), NOTHING, np.int32)
        judge(model or self.model, self.s, pairs, self.limits.kind, code, obstacle)
        cheap = (code == _PRICED_OUT) & (self.model.value[pairs] < self.cell_price[self.model.cell[pairs]])
        code[cheap] = CODES.index(Code.OUTPRICED)
        return code, obstacle

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


@compiled
def judge(model: Model, s: Selection, pairs: Longs, kind: Ints, code: Ints, obstacle: Ints) -> None:
    """Writes the place in ``CODES`` and the obstacle of each pair."""
    for k in range(len(pairs)):
        pair = pairs[k]
        if s.chosen[pair]:
            code[k] = 0 if model.pinned[pair] else 1
        elif not model.open[pair]:
            code[k] = _PINNED_OUT
        else:
            code[k] = judge_person(model, s, pair, k, obstacle)
            if code[k] == _PRICED_OUT:
                code[k] = judge_limits(model, s, pair, kind, k, obstacle)


@compiled
def judge_person(model: Model, s: Selection, pair: int, k: int, obstacle: Ints) -> int:
    """Do the person's own call-ups keep an unchosen pair out?"""
    person = model.person[pair]
    if s.held[person] >= model.callups_max:
        return _CALLUPS_MAX
    for n in range(s.held[person]):
        if overlap(model, pair, s.taken[person, n]):
            obstacle[k] = s.taken[person, n]
            return _SHARED_DAY
    return _PRICED_OUT


@compiled
def judge_limits(model: Model, s: Selection, pair: int, kind: Ints, k: int, obstacle: Ints) -> int:
    """Does a full limit, or the cost of a second call-up, keep an unchosen pair out?"""
    cell = model.cell[pair]
    for place in range(model.seats_from[cell], model.away_to[cell]):
        if is_full(model, s, pair, place):
            obstacle[k] = model.drawn[place]
            return int(_CLASS_FULL + kind[model.drawn[place]])
    return _NOT_WORTH if gain_of(model, s, pair) <= 0.0 else _PRICED_OUT


def reasons(problem: CallupProblem, result: CallupResult) -> pa.Table:
    """One row (``REASONS``) for every eligible pair, ordered by person and day; none when the result has no selection.

    Details hold ``value`` and ``price`` (of all seats the pair needs), then what the code is about: ``class``, ``unit``, ``week`` (its Monday)
    and ``most`` of the limit in the way; ``prices`` one by one where they decided or were paid; for a chosen pair the ``runner_up``."""
    if result.objective is None:
        problem_keys = {"person_id": problem.person_keys.type, "class_id": problem.class_keys.type}
        fields = [pa.field(field.name, problem_keys.get(field.name, field.type)) for field in REASONS]
        return pa.schema(fields).empty_table()
    standpoint = Standpoint.of(problem, result)
    code, obstacle = standpoint.codes(np.arange(problem.pairs))
    return pa.table(
        {
            "person_id": problem.person_keys.take(problem.pair_person),
            "class_id": problem.class_keys.take(problem.pair_class),
            "chosen": standpoint.s.chosen,
            "code": pa.array(CODES, pa.string()).take(code),
            "detail": _details(standpoint, code, obstacle, _runners_up(standpoint, lots_of(problem, result.seed))),
        }
    )


def _runners_up(standpoint: Standpoint, lots: Lots) -> Longs:
    """[J] the pair that would take the next free seat of each class: of the highest value, then the lowest lot, among those that one more seat
    would let in; -1 when there is none."""
    problem, model = standpoint.problem, standpoint.model
    everyone = np.arange(problem.pairs)
    waiting = np.flatnonzero(standpoint.codes(everyone, standpoint.freed())[0] > _NOT_WORTH)
    order = waiting[np.lexsort((lots[waiting], -model.value[waiting], model.class_[waiting]))]
    classes, first = np.unique(model.class_[order], return_index=True)
    best = np.full(problem.classes, NOTHING, np.int64)
    best[classes] = order[first]
    return best


def _details(standpoint: Standpoint, code: Ints, obstacle: Ints, runner_up: Longs) -> pa.Array:
    """JSON objects, put together from Arrow columns: a million of them take a second."""
    problem, model = standpoint.problem, standpoint.model
    texts = [
        pa.array(['{"value":']),
        pa.array(model.value).cast(pa.string()),
        pa.array([',"price":']),
        _decimals(standpoint.cell_price).take(model.cell),
        _obstacles(standpoint, code, obstacle),
        _spelled(problem, standpoint, code, runner_up),
        pa.array(["}"]),
    ]
    whole = [text if len(text) == problem.pairs else pa.repeat(text[0], problem.pairs) for text in texts]
    return pc.binary_join_element_wise(*whole, "")


def _decimals(numbers: Floats) -> pa.Array:
    return pa.array(np.round(numbers, PLACES) + 0.0).cast(pa.string())


def _obstacles(standpoint: Standpoint, code: Ints, obstacle: Ints) -> pa.Array:
    """The limit or the class in the way, as further members of an object."""
    by_limit = np.isin(code, range(_CLASS_FULL, _NOT_WORTH))
    limits, place = np.unique(obstacle[by_limit], return_inverse=True)
    said = [_members(limit_said(standpoint.problem, standpoint.limits, limit)) for limit in limits.tolist()]
    by_class = code == _SHARED_DAY
    classes = [_members({"class": key}) for key in standpoint.problem.class_keys.to_pylist()]
    beyond = _members({"most": standpoint.problem.settings.callups_max})
    words = pa.array(["", beyond, *said, *classes], pa.string())
    which = np.zeros(len(code), np.int64)
    which[code == _CALLUPS_MAX] = 1
    which[by_limit] = place + 2
    which[by_class] = standpoint.model.class_[obstacle[by_class]] + 2 + len(said)
    return words.take(which)


def _members(said: dict[str, Any]) -> str:
    """The members of an object without its braces, with a comma before; the code already tells the rule."""
    told = {name: value for name, value in said.items() if name != "rule"}
    return "," + json.dumps(told, ensure_ascii=False, separators=(",", ":"))[1:-1]


def _spelled(problem: CallupProblem, standpoint: Standpoint, code: Ints, runner_up: Longs) -> pa.Array:
    """Prices one by one for the chosen and the outpriced, the runner-up for the chosen; empty for all others."""
    spelled = np.flatnonzero((code < _PINNED_OUT) | (code > _NOT_WORTH))
    words = [""]
    for pair in spelled.tolist():
        said: dict[str, Any] = {"prices": standpoint.paid(pair)}
        best = int(runner_up[problem.pair_class[pair]])
        if code[pair] < _PINNED_OUT and best != NOTHING:
            person = problem.person_keys[int(problem.pair_person[best])].as_py()
            said["runner_up"] = {"person": person, "value": float(problem.value[best])}
        if code[pair] > _NOT_WORTH:
            short_by = standpoint.cell_price[standpoint.model.cell[pair]] - problem.value[pair]
            said["short_by"] = max(0.0, round(float(short_by), PLACES))
        words.append(_members(said))
    which: npt.NDArray[np.int64] = np.zeros(problem.pairs, np.int64)
    which[spelled] = np.arange(1, len(spelled) + 1)
    return pa.array(words, pa.string()).take(which)
