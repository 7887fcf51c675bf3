"""The duties of a nation as arrays: a person is a place in them, which is found without a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Int32s: TypeAlias = npt.NDArray[np.int32]
Int64s: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.intp]
CELLS_MOST: Final = 100_000_000
"""Of any one array."""
NEVER: Final = int(np.iinfo(np.int32).max)


@dataclass(frozen=True, slots=True)
class Places:
    """``persons`` (rising) have a place each, all others share the one after the last.

    ``of_keys``: by key − ``low`` + 1; the first and the last cell stand for every key outside.
    """

    persons: Int64s
    low: int
    of_keys: Int32s

    @classmethod
    def of(cls, batches: Sequence[Int64s]) -> Self | None:
        """None where keys lie too far apart, or there are none."""
        if not batches:
            return None
        low, high = min(int(keys.min()) for keys in batches), max(int(keys.max()) for keys in batches)
        if high - low + 3 > CELLS_MOST:
            return None
        held = np.zeros(high - low + 3, np.bool_)
        for keys in batches:
            held[keys - (low - 1)] = True
        persons = np.flatnonzero(held)
        of_keys = held.cumsum(dtype=np.int32)
        of_keys -= 1
        of_keys[~held] = len(persons)
        persons += low - 1
        return cls(persons, low, of_keys)

    def __len__(self) -> int:
        return len(self.persons) + 1

    def find(self, persons: Int64s) -> Indices:
        return self.of_keys.take(persons - (self.low - 1), mode="clip").astype(np.intp)


@dataclass(frozen=True, slots=True)
class Windows:
    """First and last day (from 1970-01-01) on which hours count, by rule and place; where there is no duty the first is ``NEVER``."""

    places: Places
    opens: Int32s
    closes: Int32s
    first_days: Sequence[int]

    @classmethod
    def of(cls, duties: pa.Table, rules: int, on_day: int) -> Self | None:
        """``duties``: person_id, rule_no (less than ``rules``), opens_day, closes_day. None where the arrays would be too large."""
        batches = duties.to_batches()
        places = Places.of([batch.column("person_id").to_numpy() for batch in batches])
        if places is None or len(places) * rules > CELLS_MOST:
            return None
        opens = np.full((rules, len(places)), NEVER, np.int32)
        closes = np.zeros((rules, len(places)), np.int32)
        for batch in batches:  # by little and little: memory that is touched for the first time is dear
            cells = batch.column("rule_no").to_numpy(), places.find(batch.column("person_id").to_numpy())
            opens[cells] = batch.column("opens_day").to_numpy()
            closes[cells] = np.minimum(batch.column("closes_day").to_numpy(), on_day)
        return cls(places, opens, closes, opens.min(axis=1).tolist())

    def inside(self, rule_no: int, places: Indices, days: Int32s) -> Indices:
        """Which of the days lie in the window that the rule has for the person at the place beside them."""
        found: Indices = np.flatnonzero(days >= self.first_days[rule_no])
        found = found[self.opens[rule_no].take(places[found], mode="clip") <= days[found]]
        inside: Indices = found[self.closes[rule_no].take(places[found], mode="clip") >= days[found]]
        return inside
