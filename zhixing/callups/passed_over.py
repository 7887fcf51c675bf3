"""Exceptions (例外): who is left out of a class to which a colleague of the same unit with weaker reasons is called, and the cause of each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.callups.problem.facts import Longs
from zhixing.callups.problem.frozen import BARRED, Frozen
from zhixing.engine.callup.problem import CallupProblem
from zhixing.engine.callup.result import CallupResult

MARKS = ("cause", "holder_id")
"""Columns of the reasons: the cause, or null where nobody is passed over; and one colleague of whom it is true."""


def mark_asked(frozen: Frozen, problem: CallupProblem, result: CallupResult, told: pa.Table) -> pa.Table:
    """The reasons of the pairs of a problem with ``MARKS``. Standing call-ups pass nobody over: they were other lists' decisions."""
    from zhixing.engine.callup.exceptions import exceptions  # compiled: for the worker alone

    cause: list[str | None] = [None] * len(told)
    holder: list[int | None] = [None] * len(told)
    if result.objective is not None:
        found = exceptions(problem, result, _standing(frozen, problem))
        rows = (found["pair"].to_pylist(), found["cause"].to_pylist(), found["holder_id"].to_pylist())
        for pair, why, who in zip(*rows, strict=True):
            cause[pair], holder[pair] = why, who
    return _with_marks(told, cause, holder)


def _standing(frozen: Frozen, problem: CallupProblem) -> Longs:
    """The places of the standing call-ups among the pairs of the problem."""
    pairs = frozen.tables["pairs"]
    held = pairs.filter(pairs["occupied"])
    persons = np.searchsorted(problem.person_keys.to_numpy(), held["person_id"].to_numpy())
    places = {key: at for at, key in enumerate(problem.class_keys.to_pylist())}
    return problem.find_pairs(persons, np.array([places[key] for key in held["class_id"].to_pylist()], np.int64))


def mark_barred(frozen: Frozen, told: pa.Table) -> pa.Table:
    """The pairs that standing call-ups bar, with ``MARKS``: what bars them is the cause where a colleague of lower value is chosen."""
    barred = frozen.tables[BARRED]
    lowest = _lowest_chosen(frozen, told)
    unit_of = _units(frozen)
    cause: list[str | None] = []
    holder: list[int | None] = []
    columns = ("person_id", "class_id", "value", "code")
    for person, class_, value, code in zip(*(barred[name].to_pylist() for name in columns), strict=True):
        weakest, who = lowest.get((unit_of[person], class_), (np.inf, None))
        passed = value > weakest
        cause.append(code if passed else None)
        holder.append(who if passed else None)
    return _with_marks(barred, cause, holder)


def _units(frozen: Frozen) -> dict[int, int]:
    people = frozen.tables["people"]
    return dict(zip(people["person_id"].to_pylist(), people["unit_id"].to_pylist(), strict=True))


def _lowest_chosen(frozen: Frozen, told: pa.Table) -> dict[tuple[int, int], tuple[float, int]]:
    """(unit, class) → (value, person) of the chosen pair of the lowest value, standing call-ups left aside."""
    keys = ["person_id", "class_id"]
    pairs = frozen.tables["pairs"]
    free = pairs.filter(pc.invert(pairs["occupied"])).select([*keys, "value"])
    chosen = told.filter(told["chosen"]).select(keys).join(free, keys, join_type="inner")
    unit_of = _units(frozen)
    found: dict[tuple[int, int], tuple[float, int]] = {}
    for person, class_, value in zip(*(chosen[name].to_pylist() for name in (*keys, "value")), strict=True):
        place = unit_of[person], class_
        found[place] = min(found.get(place, (value, person)), (value, person))
    return found


def _with_marks(table: pa.Table, cause: list[str | None], holder: list[int | None]) -> pa.Table:
    marked = table.append_column("cause", pa.array(cause, pa.string()))
    return marked.append_column("holder_id", pa.array(holder, pa.int64()))
