"""For each pair of a run, the person's best other pair: written with the reasons, so that a page about one pair reads one row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.callups.problem.facts import Longs
from zhixing.engine.callup.problem import Floats

BEST_OTHER = ("best_other_id", "best_other_code")
"""Columns of the reasons: the class and the reason of the best other pair, both null for whoever has no other."""
BEHIND_ALL = np.iinfo(np.int64).max


def best_other(persons: Longs, classes: Longs, values: Floats, codes: pa.Array, calendar: pa.Table) -> pa.Table:
    """[N] ``BEST_OTHER`` of N pairs; of equal values the class that begins first, else of the lower key. ``calendar``: ``class_id``, ``starts_on``."""
    other = _others(persons, values, _place(classes, calendar))
    at = pa.array(other, mask=other < 0)
    return pa.table(dict(zip(BEST_OTHER, (pa.array(classes, pa.int64()).take(at), codes.take(at)), strict=True)))


def _place(classes: Longs, calendar: pa.Table) -> Longs:
    """[N] the place of each class among all, the first to begin at 0."""
    ordered = calendar.select(["class_id", "starts_on"]).sort_by(
        [("starts_on", "ascending"), ("class_id", "ascending")]
    )
    found: Longs = pc.index_in(pa.array(classes), ordered["class_id"].combine_chunks()).to_numpy().astype(np.int64)
    return found


def _others(persons: Longs, values: Floats, place: Longs) -> Longs:
    """[N] the row of the best other pair of the same person, -1 without one: the best of all, and for that one the second."""
    if not len(persons):
        return np.zeros(0, np.int64)
    order = np.argsort(persons, kind="stable")
    starts = np.flatnonzero(np.diff(persons[order], prepend=persons[order[0]] - 1))
    sizes = np.diff(np.append(starts, len(order)))
    left, place = values[order], place[order]
    first = _best(left, place, starts, sizes)
    left[first] = -np.inf
    second = np.where(sizes > 1, _best(left, place, starts, sizes), -1)
    found = np.repeat(first, sizes)
    found[first] = second
    others = np.empty(len(order), np.int64)
    others[order] = np.where(found < 0, -1, order[found])
    return others


def _best(values: Floats, place: Longs, starts: Longs, sizes: Longs) -> Longs:
    """The row of the highest value of each person, of equal ones the first in ``place``; persons lie together, one after another."""
    is_highest = values == np.repeat(np.maximum.reduceat(values, starts), sizes)
    ranked = np.where(is_highest, place, BEHIND_ALL)
    found: Longs = np.flatnonzero(ranked == np.repeat(np.minimum.reduceat(ranked, starts), sizes))
    return found
