"""The hours of a stored ledger, column by column: what ``hours.sql`` and ``part_hours.sql`` give, for a part of their work.

The texts say what is computed. This is the same for the ledger of most days: a file whose entries are told by their rows, of people
whose keys lie close together (``places``).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhixing.engine.obligations import places
from zhixing.engine.obligations.entries import Keys, read_ahead
from zhixing.engine.obligations.inputs import CONTENT
from zhixing.engine.obligations.places import NEVER, Indices, Int32s, Int64s, Windows
from zhixing.engine.obligations.pots import Pot, Pots
from zhixing.engine.obligations.tables import Rows, day_number

READ: Final = ("person_id", "earned_on", "tenths", "channel", "reverses")
AT_ONCE: Final = 131_072
"""Persons of whom the result is made at once: little memory, used again and again."""


HOURS: Final = pa.schema({"person_id": pa.int64(), "rule_no": pa.int32(), "counted": pa.int64(), "capped": pa.int64()})
PART_HOURS: Final = pa.schema({"person_id": pa.int64(), "part_no": pa.int32(), "tenths": pa.int64()})


class Hours(NamedTuple):
    """What ``hours.sql`` and ``part_hours.sql`` give, without those that are 0."""

    hours: pa.Table
    part_hours: pa.Table


def count_hours(
    connection: duckdb.DuckDBPyConnection,
    path: str | os.PathLike[str],
    persons: Int64s,
    reversed_rows: Keys,
    laid_out: Rows,
    threads: int,
) -> Hours | None:
    """None where the texts must be asked.

    ``path`` is the ledger, ``persons`` are all people, ``reversed_rows`` (from 0) those of the entries that were reversed, ``laid_out`` the question and
    the policy.
    """
    on, known_on = laid_out["asked"][0]
    pots = Pots.of(laid_out)
    duties = connection.sql("SELECT person_id, rule_no, opens_day, closes_day FROM duties").to_arrow_table()
    windows = Windows.of(persons, duties, _rule_numbers(laid_out), day_number(on))
    if windows is None or len(windows.places) * pots.cells > places.CELLS_MOST:
        return None
    totals = np.zeros((pots.cells, len(windows.places)), np.int64)
    count = _Count(windows, pots, np.sort(reversed_rows), _late(connection, known_on), totals)
    for counts in read_ahead(path, count.columns, count.counts, threads):
        count.add(counts)
    return count.result()


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
class _Count:
    """``known_on``: None where all is known; ``totals``: tenths by cell and place."""

    windows: Windows
    pots: Pots
    reversed_rows: Keys
    known_on: dt.datetime | None
    totals: Int64s

    @property
    def columns(self) -> list[str]:
        also = {"recorded_at": self.known_on, CONTENT: self.pots.needs_content}
        return [*READ, *(name for name, asked in also.items() if asked)]

    def counts(self, row: int, batch: pa.RecordBatch) -> _Counts:
        days = batch.column("earned_on").cast(pa.date32()).view(pa.int32()).to_numpy()
        kinds, uses = self._kinds(batch)
        first_days = np.array([self._first_day(own) for own in uses], np.int32)
        kept = np.flatnonzero((days >= first_days.take(kinds)) & self._exist(row, batch))
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

    def add(self, counts: _Counts) -> None:
        for cell, of, tenths in counts:
            np.add.at(self.totals[cell], of, tenths)

    def _first_day(self, uses: Sequence[tuple[int, int]]) -> int:
        return min((self.windows.first_days[rule_no] for rule_no, _cell in uses), default=NEVER)

    def _kinds(self, batch: pa.RecordBatch) -> tuple[Int32s, list[list[tuple[int, int]]]]:
        """The kind of each entry, and by kind the (rule, cell) that it counts for: channels, parted by content where a rule asks for that."""
        channels = batch.column("channel").dictionary_encode()
        names, codes = channels.dictionary.to_pylist(), channels.indices.to_numpy()
        if not self.pots.needs_content:
            return codes, [self.pots.uses(name, None) for name in names]
        contents = batch.column(CONTENT).dictionary_encode()
        about = [*contents.dictionary.to_pylist(), None]
        kinds = codes * len(about) + contents.indices.fill_null(len(about) - 1).to_numpy()
        return kinds, [self.pots.uses(name, content) for name in names for content in about]

    def _exist(self, row: int, batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        exist: npt.NDArray[np.bool_] = np.array(batch.column("reverses").is_null())
        if self.known_on:
            recorded = batch.column("recorded_at").cast(pa.timestamp("us"), safe=False).to_numpy()
            exist &= recorded <= np.datetime64(self.known_on, "us")
        rows = self.reversed_rows
        first, end = np.searchsorted(rows, (row, row + batch.num_rows))
        exist[rows[first:end] - row] = False
        return exist

    def result(self) -> Hours:
        hours, part_hours = [HOURS.empty_table()], [PART_HOURS.empty_table()]
        for first in range(0, len(self.windows.places), AT_ONCE):
            own = slice(first, first + AT_ONCE)
            persons, totals = self.windows.places.persons[own], self.totals[:, own]
            hours += [_hours(persons, rule_no, pots, totals) for rule_no, pots in self.pots.rules()]
            part_hours += [_part_hours(persons, part_no, pots, totals) for part_no, pots in self.pots.parts.items()]
        return Hours(pa.concat_tables(hours), pa.concat_tables(part_hours))


def _hours(persons: Int64s, rule_no: int, pots: Sequence[Pot], totals: Int64s) -> pa.Table:
    """``totals`` [cell, place]; the last place of all is nobody's, and holds nothing."""
    counted, capped = np.zeros((2, totals.shape[1]), np.int64)
    for pot in pots:
        total = pot.total(totals)
        counts = pot.under_cap(total)
        counted += counts
        capped += total - counts
    held = np.flatnonzero((counted != 0) | (capped != 0))
    rules = np.full(len(held), rule_no, np.int32)
    return pa.table([persons[held], rules, counted[held], capped[held]], schema=HOURS)


def _part_hours(
    persons: Int64s, part_no: int, pots: Sequence[tuple[Pot, Collection[str] | None]], totals: Int64s
) -> pa.Table:
    tenths = sum(
        (pot.under_cap(pot.total(totals, contents)) for pot, contents in pots), np.zeros(totals.shape[1], np.int64)
    )
    held = np.flatnonzero(tenths)
    return pa.table([persons[held], np.full(len(held), part_no, np.int32), tenths[held]], schema=PART_HOURS)
