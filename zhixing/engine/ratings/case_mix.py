"""Terms for the mix of cases: what class runs differ in whom they hold, as far as there are enough of them to tell.

Which facts are taken is decided by how many class runs there are, never by what they were given: whoever chose the terms by their effect would find one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.ratings.compared import LeftOut
from zhixing.engine.ratings.design import Floats

RUNS_PER_TERM: Final = 5
"""So many class runs must stand behind each fixed term."""
KIND_LEAST: Final = 3
"""A kind of class run with fewer of them is not corrected for: it would be corrected for these class runs themselves."""
LEVERAGE_MOST: Final = 0.9
"""A class run of which the terms tell more than this tells the terms rather than they it."""


@dataclass(frozen=True, eq=False)
class Mix:
    """``columns`` [n, p] of the ratings in the order of the facts ``used``; ``left``: the others, each with why."""

    columns: Floats
    used: tuple[str, ...]
    left: tuple[tuple[str, LeftOut], ...]


def mix_of(table: pa.Table, of: str, facts: Sequence[str], terms: Sequence[str]) -> Mix:
    """``facts``: columns that are the same in all rows of a level of ``of``, texts for kinds, numbers for lengths. ``terms``: columns of texts that are in the
    model already, which count as well."""
    place, first = _levels(table, of)
    runs = table.take(pa.array(first))
    known = _known(runs, terms)
    used: list[str] = []
    columns: list[Floats] = []
    left: list[tuple[str, LeftOut]] = []
    for fact in facts:
        own = _columns(runs[fact])
        why = _why_not(known, own)
        if why is None:
            known = np.column_stack([known, own])
            used.append(fact)
            columns.append(own)
        else:
            left.append((fact, why))
    found = np.column_stack(columns) if columns else np.zeros((len(first), 0))
    return Mix(found[place], tuple(used), tuple(left))


def _levels(table: pa.Table, of: str) -> tuple[np.ndarray, np.ndarray]:
    """[n] the place of the level of each row, and [q] a row of each level."""
    _names, first, place = np.unique(np.array(table[of].to_pylist(), np.str_), return_index=True, return_inverse=True)
    return place, first


def _known(runs: pa.Table, terms: Sequence[str]) -> Floats:
    columns = [np.ones(len(runs))]
    for name in terms:
        kinds = np.array(runs[name].to_pylist())
        columns += [(kinds == kind).astype(np.float64) for kind in np.unique(kinds)[1:]]
    return np.column_stack(columns)


def _columns(fact: pa.ChunkedArray) -> Floats:
    """[q, p] of a number one column about its mean; of kinds one for each with enough class runs but the commonest, 0 on the average where the kind is rare."""
    if pa.types.is_floating(fact.type) or pa.types.is_integer(fact.type):
        values = np.asarray(pc.cast(fact, pa.float64()).to_numpy(), np.float64)
        return (values - values.mean())[:, None] if np.ptp(values) > 0.0 else np.zeros((len(values), 0))
    kinds = fact.to_pylist()
    count = Counter(kinds)
    often = sorted((kind for kind, n in count.items() if n >= KIND_LEAST), key=lambda kind: (-count[kind], kind))
    is_often = np.isin(kinds, often)
    found = []
    for kind in often[1:]:
        own = np.array([one == kind for one in kinds], np.float64)
        found.append(np.where(is_often, own - own[is_often].mean(), 0.0))
    return np.column_stack(found) if found else np.zeros((len(kinds), 0))


def _why_not(known: Floats, own: Floats) -> LeftOut | None:
    if not own.shape[1]:
        return LeftOut.ALIKE
    both = np.column_stack([known, own])
    if both.shape[1] * RUNS_PER_TERM > len(both):
        return LeftOut.FEW
    if np.linalg.matrix_rank(both) < both.shape[1]:
        return LeftOut.TOLD
    q, _r = np.linalg.qr(both)
    before, _r = np.linalg.qr(known)
    grown = (q**2).sum(axis=1) > LEVERAGE_MOST
    return LeftOut.TOLD if (grown & ((before**2).sum(axis=1) <= LEVERAGE_MOST)).any() else None
