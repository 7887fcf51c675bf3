"""The hours of a stored ledger, column by column: what ``hours.sql`` gives, for half of its work.

``hours.sql`` says what is computed. This is the same for the ledger of most days: a file whose entries are told by their rows, of people
whose keys lie close together (``places``).
"""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhixing.engine.obligations import places
from zhixing.engine.obligations.entries import Keys, read_ahead
from zhixing.engine.obligations.places import NEVER, Indices, Int32s, Int64s, Windows
from zhixing.engine.obligations.tables import Rows, day_number

READ: Final = ("person_id", "earned_on", "tenths", "channel", "reverses")
AT_ONCE: Final = 131_072
"""Persons of whom the result is made at once: little memory, used again and again."""


def count_hours(
    connection: duckdb.DuckDBPyConnection,
    path: str | os.PathLike[str],
    reversed_rows: Keys,
    laid_out: Rows,
    threads: int,
) -> pa.Table | None:
    """What ``hours.sql`` gives, without duties that have no hours; None where it must be asked.

    ``path`` is the ledger, ``reversed_rows`` (from 0) those of its entries that were reversed, ``laid_out`` the question and the policy.
    """
    if "part_hours" not in laid_out:
        return None
    on, known_on = laid_out["asked"][0]
    pots = _pots(laid_out)
    duties = connection.sql("SELECT person_id, rule_no, opens_day, closes_day FROM duties").to_arrow_table()
    windows = Windows.of(duties, len(laid_out["rules"]), day_number(on))
    if windows is None or len(windows.places) * len(pots) > places.CELLS_MOST:
        return None
    totals = np.zeros((len(pots), len(windows.places)), np.int64)
    count = _Count(windows, pots, np.sort(reversed_rows), _late(connection, known_on), totals)
    for entries in read_ahead(path, count.columns, count.entries, threads):
        count.add(entries)
    return count.result()


def _late(connection: duckdb.DuckDBPyConnection, known_on: dt.datetime) -> dt.datetime | None:
    """``known_on``, if anything was recorded after it: the file tells that without being read."""
    latest = "SELECT MAX(CAST(recorded_at AS TIMESTAMP)) > ? FROM given_credits"
    return known_on if connection.execute(latest, [known_on]).fetchall()[0][0] else None


@dataclass(frozen=True, slots=True)
class _Pot:
    """Where the hours of some channels are added up for a rule, under one cap."""

    rule_no: int
    cap: int | None
    channels: Collection[str]


def _pots(laid_out: Rows) -> list[_Pot]:
    channels: dict[int, set[str]] = defaultdict(set)
    for _rule_no, channel, pot_no in laid_out["rule_channels"]:
        channels[pot_no].add(channel)
    return [_Pot(rule_no, cap, channels[pot_no]) for pot_no, rule_no, cap in laid_out["pots"]]


@dataclass(frozen=True, slots=True)
class _Entries:
    """Those of a batch that exist and are not too early for their channel; ``pots``: by code of the channel, the pots that it fills."""

    pots: Sequence[Sequence[int]]
    codes: Int32s
    places: Indices
    days: Int32s
    tenths: Int64s


@dataclass(frozen=True, slots=True)
class _Count:
    """``known_on``: None where all is known; ``totals``: tenths by pot and place."""

    windows: Windows
    pots: Sequence[_Pot]
    reversed_rows: Keys
    known_on: dt.datetime | None
    totals: Int64s

    @property
    def columns(self) -> list[str]:
        return [*READ, "recorded_at"] if self.known_on else [*READ]

    def entries(self, row: int, batch: pa.RecordBatch) -> _Entries:
        coded = batch.column("channel").dictionary_encode()
        days, codes = _days(batch.column("earned_on")), coded.indices.to_numpy()
        pots = [self._pots_of(channel) for channel in coded.dictionary.to_pylist()]
        first_days = np.array([self._first_day(own) for own in pots], np.int32)
        kept = np.flatnonzero((days >= first_days.take(codes)) & self._exist(row, batch))
        persons = batch.column("person_id").to_numpy()[kept].astype(np.int64, copy=False)
        tenths = batch.column("tenths").to_numpy()[kept].astype(np.int64)
        return _Entries(pots, codes[kept], self.windows.places.find(persons), days[kept], tenths)

    def add(self, entries: _Entries) -> None:
        for code, pots in enumerate(entries.pots):
            own = np.flatnonzero(entries.codes == code)
            places, days, tenths = entries.places[own], entries.days[own], entries.tenths[own]
            for pot_no in pots:
                inside = self.windows.inside(self.pots[pot_no].rule_no, places, days)
                np.add.at(self.totals[pot_no], places[inside], tenths[inside])

    def _pots_of(self, channel: str) -> list[int]:
        return [pot_no for pot_no, pot in enumerate(self.pots) if channel in pot.channels]

    def _first_day(self, pots: Sequence[int]) -> int:
        return min((self.windows.first_days[self.pots[pot_no].rule_no] for pot_no in pots), default=NEVER)

    def _exist(self, row: int, batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        exist: npt.NDArray[np.bool_] = np.array(batch.column("reverses").is_null())
        if self.known_on:
            recorded = batch.column("recorded_at").cast(pa.timestamp("us"), safe=False).to_numpy()
            exist &= recorded <= np.datetime64(self.known_on, "us")
        rows = self.reversed_rows
        first, end = np.searchsorted(rows, (row, row + batch.num_rows))
        exist[rows[first:end] - row] = False
        return exist

    def result(self) -> pa.Table:
        pieces = range(0, len(self.windows.places), AT_ONCE)
        return pa.concat_tables(
            self._result_of(rule_no, slice(first, first + AT_ONCE))
            for rule_no in sorted({pot.rule_no for pot in self.pots})
            for first in pieces
        )

    def _result_of(self, rule_no: int, own: slice) -> pa.Table:
        totals = self.totals[:, own]
        counted, capped = np.zeros((2, totals.shape[1]), np.int64)
        for pot, total in zip(self.pots, totals, strict=True):
            if pot.rule_no == rule_no:
                counts = total if pot.cap is None else np.minimum(total, pot.cap)
                counted += counts
                capped += total - counts
        held = np.flatnonzero((counted != 0) | (capped != 0))
        persons, rules = self.windows.places.persons[own][held], np.full(len(held), rule_no, np.int32)
        return pa.table({"person_id": persons, "rule_no": rules, "counted": counted[held], "capped": capped[held]})


def _days(column: pa.Array) -> Int32s:
    days: Int32s = column.cast(pa.date32()).view(pa.int32()).to_numpy()
    return days
