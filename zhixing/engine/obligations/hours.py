"""The hours of a stored ledger, column by column: what ``credited.sql`` and ``part_hours.sql`` give, for a part of their work.

The texts say what is computed. This is the same for the ledger of most days: a file whose entries are told by their rows, of people
whose keys lie close together (``places``).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, Self, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhixing.engine.obligations import places
from zhixing.engine.obligations.entries import Keys, read_ahead
from zhixing.engine.obligations.inputs import CONTENT
from zhixing.engine.obligations.places import NEVER, Indices, Int32s, Int64s, Windows
from zhixing.engine.obligations.pots import Pot, Pots, added
from zhixing.engine.obligations.tables import Rows, day_number

READ: Final = ("person_id", "earned_on", "tenths", "channel")
AT_ONCE: Final = 131_072
"""Persons of whom the result is made at once: little memory, used again and again."""


PART_HOURS: Final = pa.schema({"person_id": pa.int64(), "part_no": pa.int32(), "tenths": pa.int64()})


class Hours(NamedTuple):
    """What ``credited.sql`` and ``part_hours.sql`` (without those that are 0) give, and the channels that the ledger names."""

    credited: pa.Table
    part_hours: pa.Table
    channels: Collection[str | None]


def _rule_numbers(laid_out: Rows) -> int:
    """One more than the greatest; a policy may leave some out (``tables``)."""
    return 1 + max((rule_no for rule_no, *_rest in laid_out["rules"]), default=-1)


def _late(connection: duckdb.DuckDBPyConnection, known_on: dt.datetime) -> dt.datetime | None:
    """``known_on``, if anything was recorded after it: the file tells that without being read."""
    latest = "SELECT MAX(CAST(recorded_at AS TIMESTAMP)) > ? FROM given_credits"
    return known_on if connection.execute(latest, [known_on]).fetchall()[0][0] else None


_Counts: TypeAlias = list[tuple[int, Indices, Int64s]]
"""(cell, places, tenths) of the entries that count."""


@dataclass(frozen=True, slots=True)
class Count:
    """``known_on``: None where all is known; ``totals``: tenths by cell and place; ``channels``: those that were met."""

    duties: pa.Table
    windows: Windows
    pots: Pots
    known_on: dt.datetime | None
    totals: Int64s
    channels: set[str | None]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, persons: Int64s, laid_out: Rows) -> Self | None:
        """``persons`` are all people, ``laid_out`` the question and the policy. None where the texts must be asked."""
        on, known_on = laid_out["asked"][0]
        pots = Pots.of(laid_out)
        duties = connection.sql("FROM duties").to_arrow_table()
        windows = Windows.of(persons, duties, _rule_numbers(laid_out), day_number(on))
        if windows is None or len(windows.places) * pots.cells > places.CELLS_MOST:
            return None
        totals = np.zeros((pots.cells, len(windows.places)), np.int64)
        return cls(duties, windows, pots, _late(connection, known_on), totals, set())

    def hours(self, path: str | os.PathLike[str], void_rows: Keys, threads: int) -> Hours:
        """Once only. ``void_rows`` (from 0, rising) are those of the entries in the ledger at ``path`` that were reversed or reverse another."""
        for counts in read_ahead(path, self._columns, partial(self._counts, void_rows), threads):
            self._add(counts)
        with ThreadPoolExecutor(threads) as pool:
            credited = pa.Table.from_batches(pool.map(self._credited, self.duties.to_batches(AT_ONCE)))
        return Hours(credited, self._part_hours(), self.channels)

    @property
    def _columns(self) -> list[str]:
        also = {"recorded_at": self.known_on, CONTENT: self.pots.needs_content}
        return [*READ, *(name for name, asked in also.items() if asked)]

    def _counts(self, void_rows: Keys, row: int, batch: pa.RecordBatch) -> _Counts:
        days = batch.column("earned_on").cast(pa.date32()).view(pa.int32()).to_numpy()
        kinds, uses = self._kinds(batch)
        first_days = np.array([self._first_day(own) for own in uses], np.int32)
        kept = np.flatnonzero((days >= first_days.take(kinds)) & self._exist(void_rows, row, batch))
        places = self.windows.places.find(batch.column("person_id").to_numpy()[kept].astype(np.int64, copy=False))
        late = np.flatnonzero(days[kept] >= self.windows.first_days_of.take(places))
        kept, places = kept[late], places[late]
        kinds, days = kinds[kept], days[kept]
        tenths = batch.column("tenths").to_numpy()[kept].astype(np.int64)
        return [
            one
            for kind, own in enumerate(uses)
            for one in self._counts_of(np.flatnonzero(kinds == kind), own, places, days, tenths)
        ]

    def _counts_of(
        self, kept: Indices, uses: Sequence[tuple[int, int]], places: Indices, days: Int32s, tenths: Int64s
    ) -> Iterator[tuple[int, Indices, Int64s]]:
        places, days, tenths = places[kept], days[kept], tenths[kept]
        for rule_no, cell in uses:
            inside = self.windows.inside(rule_no, places, days)
            yield cell, places[inside], tenths[inside]

    def _add(self, counts: _Counts) -> None:
        for cell, of, tenths in counts:
            np.add.at(self.totals[cell], of, tenths)

    def _first_day(self, uses: Sequence[tuple[int, int]]) -> int:
        return min((self.windows.first_days[rule_no] for rule_no, _cell in uses), default=NEVER)

    def _kinds(self, batch: pa.RecordBatch) -> tuple[Int32s, list[list[tuple[int, int]]]]:
        """The kind of each entry, and by kind the (rule, cell) that it counts for: channels, parted by content where a rule asks for that."""
        channels = batch.column("channel").dictionary_encode()
        names, codes = channels.dictionary.to_pylist(), channels.indices.to_numpy()
        self.channels.update(names)
        if not self.pots.needs_content:
            return codes, [self.pots.uses(name, None) for name in names]
        contents = batch.column(CONTENT).dictionary_encode()
        about = [*contents.dictionary.to_pylist(), None]
        kinds = codes * len(about) + contents.indices.fill_null(len(about) - 1).to_numpy()
        return kinds, [self.pots.uses(name, content) for name in names for content in about]

    def _exist(self, void_rows: Keys, row: int, batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        exist = np.ones(batch.num_rows, np.bool_)
        if self.known_on:
            recorded = batch.column("recorded_at").cast(pa.timestamp("us"), safe=False).to_numpy()
            exist &= recorded <= np.datetime64(self.known_on, "us")
        first, end = np.searchsorted(void_rows, (row, row + batch.num_rows))
        exist[void_rows[first:end] - row] = False
        return exist

    def _credited(self, duties: pa.RecordBatch) -> pa.RecordBatch:
        counted, capped = np.zeros((2, duties.num_rows), np.int64)
        places = self.windows.places.find(duties.column("person_id").to_numpy())
        rules = duties.column("rule_no").to_numpy()
        for rule_no, pots in self.pots.rules():
            own = np.flatnonzero(rules == rule_no)
            for pot in pots:
                total = pot.total(self.totals, places[own])
                counts = pot.under_cap(total)
                counted[own] += counts
                capped[own] += total - counts
        return duties.append_column("counted", pa.array(counted)).append_column("capped", pa.array(capped))

    def _part_hours(self) -> pa.Table:
        made = [PART_HOURS.empty_table()]
        for first in range(0, len(self.windows.places), AT_ONCE):
            own = slice(first, first + AT_ONCE)
            persons = self.windows.places.persons[own]  # the last place of all is nobody's, and holds nothing
            made += [
                _tenths_of_part(persons, part_no, pots, self.totals, own) for part_no, pots in self.pots.parts.items()
            ]
        return pa.concat_tables(made)


def _tenths_of_part(
    persons: Int64s, part_no: int, pots: Sequence[tuple[Pot, Collection[str] | None]], totals: Int64s, own: slice
) -> pa.Table:
    tenths = added(pot.under_cap(pot.total(totals, own, contents)) for pot, contents in pots)
    held = np.flatnonzero(tenths)
    return pa.table([persons[held], np.full(len(held), part_no, np.int32), tenths[held]], schema=PART_HOURS)
