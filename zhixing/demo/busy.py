"""Who sits in which full-time class run on which days, so that the city keeps the hard rule: nobody in two at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np


class Busy:
    """The days taken by class runs of this year, by the keys of persons."""

    def __init__(self) -> None:
        self._taken: list[tuple[dt.date, dt.date, np.ndarray]] = []

    def take(self, first: dt.date, last: dt.date, people: Iterable[int]) -> None:
        self._taken.append((first, last, np.fromiter(people, dtype=np.int64)))

    def during(self, first: dt.date, last: dt.date) -> np.ndarray:
        """The keys of those who are away on one of the days, both included."""
        away = [people for begin, end, people in self._taken if begin <= last and first <= end]
        return np.unique(np.concatenate(away)) if away else np.empty(0, dtype=np.int64)
