"""What other authorities take of the people of a problem: days, call-ups of the year, themes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhixing.callups import elsewhere
from zhixing.callups.elsewhere import Elsewhere
from zhixing.callups.problem.facts import EPOCH, ClassFacts, Longs, Occupied, day_number


@dataclass(frozen=True, eq=False)
class Outside:
    """X standing call-ups by other authorities near the classes of the run, the earliest first.

    ``counted`` are those that count as call-ups of the year, under classes with keys below zero: one for all who are called to the same thing.
    """

    rows: list[Elsewhere]
    counted: Occupied

    @property
    def person(self) -> Longs:
        return np.array([row.person for row in self.rows], np.int64)


def read_outside(classes: Sequence[ClassFacts], year: int, *, counts: bool) -> Outside:
    """What other authorities take of people's days; ``counts`` as the terms of the run say."""
    first, last = min(one.first for one in classes), max(one.last for one in classes)
    rows = elsewhere.read(elsewhere.near(dt.date.fromordinal(first + EPOCH), dt.date.fromordinal(last + EPOCH)))
    keys: dict[tuple[Any, ...], int] = {}
    found = [
        (row.person, keys.setdefault(row.group, -row.pk), day_number(row.away_from), day_number(row.away_to))
        for row in rows
        if counts and row.counts_in(year)
    ]
    return Outside(rows, Occupied(*np.array(found, np.int64).reshape(-1, 4).T))
