"""Exceptions (例外): who is left out of a class to which a colleague of the same unit with weaker reasons is called, and the cause of each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.callups.problem.facts import Longs
from zhixing.callups.problem.frozen import BARRED, Frozen
from zhixing.engine.callup.problem import CallupProblem, Floats
from zhixing.engine.callup.result import CallupResult

KEYS = ["person_id", "class_id"]
KEYS_BELOW = 1 << 31
NOBODY = np.iinfo(np.int64).max
MARKS = ("cause", "holder_id")
"""Columns of the reasons: the cause, or null where nobody is passed over; and one colleague of whom it is true."""


def mark_asked(frozen: Frozen, problem: CallupProblem, result: CallupResult, told: pa.Table) -> pa.Table:
    """The reasons of the pairs of a problem with ``MARKS``. Standing call-ups pass nobody over: they were other lists' decisions."""
    from zhixing.engine.callup.exceptions import exceptions  # compiled: for the worker alone

    if result.objective is None:
        return _with_marks(told, pa.nulls(len(told), pa.string()), pa.nulls(len(told), pa.int64()))
    found = exceptions(problem, result, _standing(frozen, problem))
    row = np.full(len(told), -1, np.int64)
    row[found["pair"].to_numpy()] = np.arange(len(found))
    at = pa.array(row, mask=row < 0)
    return _with_marks(told, found["cause"].take(at), found["holder_id"].take(at))


def _standing(frozen: Frozen, problem: CallupProblem) -> Longs:
    """The places of the standing call-ups among the pairs of the problem."""
    pairs = frozen.tables["pairs"]
    held = pairs.filter(pairs["occupied"])
    persons = pc.index_in(held["person_id"], problem.person_keys).to_numpy()
    classes = pc.index_in(held["class_id"], problem.class_keys).to_numpy()
    return problem.find_pairs(persons.astype(np.int64), classes.astype(np.int64))


def mark_barred(frozen: Frozen, told: pa.Table) -> pa.Table:
    """The pairs that standing call-ups bar, with ``MARKS``: what bars them is the cause where a colleague of lower value is chosen."""
    barred = frozen.tables[BARRED]
    cells, weakest, holder = _lowest_chosen(frozen, told)
    own = _cells(frozen, barred)
    place = np.minimum(np.searchsorted(cells, own), len(cells) - 1)
    passed = (cells[place] == own) & (barred["value"].to_numpy() > weakest[place])
    cause = pc.if_else(pa.array(passed), barred["code"], None)
    return _with_marks(barred, cause, pa.array(holder[place], mask=~passed))


def _cells(frozen: Frozen, pairs: pa.Table) -> Longs:
    """[N] one number for the unit and the class of each pair; keys of the database lie below ``KEYS_BELOW``."""
    people = frozen.tables["people"]
    at = pc.index_in(pairs["person_id"], people["person_id"].combine_chunks())
    cells: Longs = people["unit_id"].take(at).to_numpy() * KEYS_BELOW + pairs["class_id"].to_numpy()
    return cells


def _lowest_chosen(frozen: Frozen, told: pa.Table) -> tuple[Longs, Floats, Longs]:
    """(cell, value, person) of the chosen pair of the lowest value of each cell, standing call-ups left aside; the last, a cell of nobody, is below none."""
    pairs = frozen.tables["pairs"]
    free = pairs.filter(pc.invert(pairs["occupied"])).select([*KEYS, "value"])
    chosen = told.filter(told["chosen"]).select(KEYS).join(free, KEYS, join_type="inner")
    cell, value, person = _cells(frozen, chosen), chosen["value"].to_numpy(), chosen["person_id"].to_numpy()
    order = np.lexsort((person, value, cell))
    cells, first = np.unique(cell[order], return_index=True)
    lowest = order[first]
    return np.append(cells, NOBODY), np.append(value[lowest], np.inf), np.append(person[lowest], 0)


def _with_marks(table: pa.Table, cause: pa.Array, holder: pa.Array) -> pa.Table:
    return table.append_column("cause", cause).append_column("holder_id", holder)
