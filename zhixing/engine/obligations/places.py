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
Flags: TypeAlias = npt.NDArray[np.bool_]
CELLS_MOST: Final = 100_000_000
"""Of any one array."""
NEVER: Final = int(np.iinfo(np.int32).max)


@dataclass(frozen=True, slots=True)
class Places:
    """``persons`` have a place each, all others share the one after the last.

    ``of_keys``: by key − ``low`` + 1; the first and the last cell stand for every key outside.
    """

    persons: Int64s
    low: int
    of_keys: Int32s

    @classmethod
    def of(cls, persons: Int64s) -> Self | None:
        """Places in the order of ``persons``, whose keys are all different. None where these lie too far apart, or there are none.

        Whoever stands near in the file of the people does so in most ledgers too, and the processor finds what is near sooner."""
        if not len(persons):
            return None
        low, high = int(persons.min()), int(persons.max())
        if high - low + 3 > CELLS_MOST or low == np.iinfo(np.int64).min:  # there is no number below it
            return None
        of_keys = np.full(high - low + 3, len(persons), np.int32)
        of_keys[persons - (low - 1)] = np.arange(len(persons), dtype=np.int32)
        return cls(persons, low, of_keys)

    def __len__(self) -> int:
        return len(self.persons) + 1

    def find(self, persons: Int64s) -> Indices:
        return self.of_keys.take(persons - (self.low - 1), mode="clip").astype(np.intp)


@dataclass(frozen=True, slots=True)
class Windows:
    """First and last day (from 1970-01-01) on which hours count, by rule and place; where there is no duty the first is ``NEVER``.

    ``first_days`` of each rule, ``first_days_of`` each place: no hours count before them."""

    places: Places
    opens: Int32s
    closes: Int32s
    first_days: Sequence[int]
    first_days_of: Int32s

    @classmethod
    def of(cls, persons: Int64s, duties: pa.Table, rules: int, on_day: int) -> Self | None:
        """``duties`` of the ``persons``: person_id, rule_no (less than ``rules``), opens_day, closes_day. None where the arrays would be too large."""
        holders = [batch.column("person_id").to_numpy() for batch in duties.to_batches()]
        if not holders:
            return None
        low, high = min(keys.min() for keys in holders), max(keys.max() for keys in holders)
        places = Places.of(persons[(low <= persons) & (persons <= high)])
        if places is None or len(places) * rules > CELLS_MOST:
            return None
        opens = np.full((rules, len(places)), NEVER, np.int32)
        closes = np.zeros((rules, len(places)), np.int32)
        for batch in duties.to_batches():  # by little and little: memory that is touched for the first time is dear
            cells = batch.column("rule_no").to_numpy(), places.find(batch.column("person_id").to_numpy())
            opens[cells] = batch.column("opens_day").to_numpy()
            closes[cells] = np.minimum(batch.column("closes_day").to_numpy(), on_day)
        opens[:, -1] = NEVER
        return cls(places, opens, closes, opens.min(axis=1).tolist(), opens.min(axis=0))

    def inside(self, rule_no: int, places: Indices, days: Int32s) -> Indices:
        """Which of the days lie in the window that the rule has for the person at the place beside them."""
        held = self.opens[rule_no].take(places, mode="clip") <= days
        held &= self.closes[rule_no].take(places, mode="clip") >= days
        inside: Indices = np.flatnonzero(held)
        return inside
