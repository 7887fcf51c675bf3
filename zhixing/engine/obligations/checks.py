"""What the values of the four tables may not be (refusals), and what deserves a look though it is computed (doubts)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from zhixing.engine.faults import SHOWN
from zhixing.engine.obligations.inputs import COLUMNS, Fault, InputProblem, Inputs, Kind, whole_columns
from zhixing.engine.policies import Channel, Policy

INT32_MAX: Final = 2**31 - 1
DAYS: Final = "DATE '0001-01-01' AND DATE '9999-12-31'"
"""Those of the calendar; a file holds millions of years, and SQL fails to reckon with them."""


@dataclass(frozen=True, slots=True)
class Check:
    """Rows of ``table`` for which ``condition`` (SQL) holds have a fault in ``column``."""

    table: str
    column: str
    fault: Fault
    condition: str


def _refused_rows() -> Iterator[Check]:
    for table, columns in COLUMNS.items():
        for column in columns:
            if column.required:
                yield Check(table, column.name, Fault.EMPTY, f"{column.name} IS NULL")
            if column.kind == Kind.TENTHS:
                condition = f"{column.name} NOT BETWEEN -{INT32_MAX} AND {INT32_MAX}"
                yield Check(table, column.name, Fault.OUT_OF_RANGE, condition)
            if column.kind == Kind.DAY:
                yield Check(table, column.name, Fault.NO_DAY, f"{column.name} NOT BETWEEN {DAYS}")
    yield CHANNEL


CHANNEL: Final = Check(
    "credits",
    "channel",
    Fault.UNKNOWN_CHANNEL,
    "channel NOT IN (" + ", ".join(f"'{channel}'" for channel in Channel) + ")",
)
REFUSED_ROWS: Final = tuple(_refused_rows())
DOUBTFUL_ROWS: Final = (
    Check("people", "left_on", Fault.ENDS_BEFORE_IT_BEGINS, "left_on < joined_on"),
    Check("postings", "to_on", Fault.ENDS_BEFORE_IT_BEGINS, "to_on < from_on"),
    Check("exemptions", "to_on", Fault.ENDS_BEFORE_IT_BEGINS, "to_on < from_on"),
)
ENTRY: Final = ("credits", "entry_id")
KEYS: Final = frozenset({("people", "person_id"), ENTRY})
"""Columns whose values may stand in one row only."""
BITS_A_KEY: Final = 64
BITS_MOST: Final = 1_000_000_000
"""DuckDB's own limit for the length of a string of bits."""

DECODED_MOST: Final = 20_000_000
"""Credits of which one more column is read for the sake of a note."""
MATCHED_MOST: Final = 1_000_000
"""Credits of which each is looked up in another table for the sake of a note."""


def refusals(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> list[InputProblem]:
    """Every fault in the values of the opened tables that forbids a result."""
    return _refusals(connection, inputs, REFUSED_ROWS, KEYS)


def has_early_refusals(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> bool:
    """Whether anything forbids a result but what a reader of the whole ledger meets by the way (``has_late_refusals``)."""
    checks = [check for check in REFUSED_ROWS if check is not CHANNEL]
    return bool(_refusals(connection, inputs, checks, KEYS - {ENTRY}))


def has_late_refusals(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> bool:
    """Whether a key of an entry stands twice, or a channel is unknown."""
    return bool(_refusals(connection, inputs, [CHANNEL], {ENTRY}))


def channels_of(connection: duckdb.DuckDBPyConnection, table: str = "credits") -> set[str | None]:
    found = connection.execute(f"SELECT DISTINCT channel FROM {table}").fetchall()  # noqa: S608  names are ours
    return {channel for (channel,) in found}


def are_known(channels: Collection[str | None]) -> bool:
    return {*channels} <= {*Channel, None}


def _refusals(
    connection: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    checks: Sequence[Check],
    keys: Collection[tuple[str, str]],
) -> list[InputProblem]:
    """``keys``: columns whose values may stand in one row only."""
    whole = {(name, column) for name, source in inputs.given() for column in whole_columns(source)}
    possible = [check for check in checks if not _is_ruled_out(connection, check, whole)]
    return [*_faulty_rows(connection, possible), *_doubled(connection, keys)]


def _is_ruled_out(connection: duckdb.DuckDBPyConnection, check: Check, whole: Collection[tuple[str, str]]) -> bool:
    """What is cheaper to know than by asking each row: no value is missing, the few different ones are all known,
    or the statistics of a file tell that no number is too large."""
    if check.fault == Fault.EMPTY:
        return (check.table, check.column) in whole
    if check.fault == Fault.NO_DAY:
        ends = f"MIN({check.column}) BETWEEN {DAYS} AND MAX({check.column}) BETWEEN {DAYS}"
        return bool(connection.execute(f"SELECT COALESCE({ends}, TRUE) FROM {check.table}").fetchall()[0][0])  # noqa: S608
    if check.fault == Fault.OUT_OF_RANGE:
        return not connection.execute(f"SELECT 1 FROM {check.table} WHERE {check.condition} LIMIT 1").fetchall()  # noqa: S608
    return check is CHANNEL and are_known(channels_of(connection))


def doubts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> list[InputProblem]:
    """Intervals that hold no day, ranks that no rule of the policy names (their people owe nothing), credits that name what is not there."""
    named = {rank for rule in policy.rules for rank in rule.ranks}
    ranks = connection.execute(
        "SELECT rank, MIN(row), COUNT(*) FROM (SELECT rank, ROW_NUMBER() OVER () AS row FROM postings) AS numbered "
        "GROUP BY rank ORDER BY rank"
    ).fetchall()
    unnamed = [
        InputProblem("postings", "rank", Fault.RANK_WITHOUT_RULE, row, rank, more=count - 1)
        for rank, row, count in ranks
        if rank not in named
    ]
    return [*_faulty_rows(connection, DOUBTFUL_ROWS), *unnamed, *_loose_ends(connection)]


def _loose_ends(connection: duckdb.DuckDBPyConnection) -> Iterator[InputProblem]:
    """Credits of persons who are not among the people, reversals of entries that are not there, reversals of themselves.

    All are computed to the letter: the first count for nobody, the others cancel nothing. Parquet files tell the ends of their keys for
    nothing; to decode a key of 34 million entries takes a tenth of a second, to match it several. So large ledgers are looked into only
    where their ends already tell.
    """
    credits = connection.execute("SELECT COUNT(*) FROM credits").fetchall()[0][0]
    checks = [
        _stranger(connection, "person_id", "people", "person_id", Fault.PERSON_MISSING, credits),
        _stranger(connection, "reverses", "credits", "entry_id", Fault.ENTRY_MISSING, credits),
    ]
    if credits <= DECODED_MOST:
        checks.append(
            Check("credits", "reverses", Fault.REVERSES_ITSELF, "reverses IS NOT NULL AND reverses = entry_id")
        )
    for check in checks:
        if check:
            count = connection.execute(f"SELECT COUNT(*) FROM credits WHERE {check.condition}").fetchall()[0][0]  # noqa: S608
            yield from _rows(connection, check, count) if count else ()


def _stranger(
    connection: duckdb.DuckDBPyConnection, column: str, target: str, key: str, fault: Fault, credits: int
) -> Check | None:
    """What finds the credits whose ``column`` names no ``key`` of ``target`` (unique by then); None where there can be none."""
    first, last = connection.execute(f"SELECT MIN({column}), MAX({column}) FROM credits").fetchall()[0]  # noqa: S608
    low, high, known = connection.execute(f"SELECT MIN({key}), MAX({key}), COUNT({key}) FROM {target}").fetchall()[0]  # noqa: S608
    if first is None:
        return None
    if not known:
        return Check("credits", column, fault, f"{column} IS NOT NULL")
    is_dense = high - low + 1 == known
    if not is_dense and credits <= MATCHED_MOST:
        condition = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {target})"  # noqa: S608
        return Check("credits", column, fault, condition)
    is_outside = first < low or last > high
    return Check("credits", column, fault, f"{column} NOT BETWEEN {low} AND {high}") if is_outside else None


def _faulty_rows(connection: duckdb.DuckDBPyConnection, checks: Sequence[Check]) -> Iterator[InputProblem]:
    """One pass over each table counts the faulty rows; only where there are some are they looked up."""
    for table in COLUMNS:
        own = [check for check in checks if check.table == table]
        counts = ", ".join(f"COUNT(CASE WHEN {check.condition} THEN 1 END)" for check in own)
        if not own:
            continue
        found = connection.execute(f"SELECT {counts} FROM {table}").fetchall()[0]  # noqa: S608  names are ours
        for check, count in zip(own, found, strict=True):
            yield from _rows(connection, check, count) if count else ()


def _doubled(connection: duckdb.DuckDBPyConnection, keys: Collection[tuple[str, str]]) -> list[InputProblem]:
    """The rows of the opened tables whose key stands in another row too."""
    found: list[InputProblem] = []
    for table, key in sorted(keys, reverse=True):
        if not _is_unique(connection, table, key):
            condition = f"{key} IN (SELECT {key} FROM {table} GROUP BY {key} HAVING COUNT(*) > 1)"  # noqa: S608
            count = connection.execute(f"SELECT COUNT(*) FROM {table} WHERE {condition}").fetchall()[0][0]  # noqa: S608
            found += _rows(connection, Check(table, key, Fault.DUPLICATE_KEY, condition), count)
    return found


def _is_unique(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> bool:
    """One bit for each number between the least and the greatest key tells; where keys lie too far apart, a set of them."""
    query = f"SELECT MIN({key}), MAX({key}), COUNT({key}) FROM {table}"  # noqa: S608  names are ours
    low, high, count = connection.execute(query).fetchall()[0]
    if not count:
        return True
    is_dense = high - low < min(BITS_A_KEY * count, BITS_MOST)
    distinct = f"BIT_COUNT(BITSTRING_AGG({key}, {low}, {high}))" if is_dense else f"COUNT(DISTINCT {key})"
    return bool(connection.execute(f"SELECT {distinct} FROM {table}").fetchall()[0][0] == count)  # noqa: S608


def _rows(connection: duckdb.DuckDBPyConnection, check: Check, count: int) -> Iterator[InputProblem]:
    query = (
        f"SELECT row, CAST({check.column} AS VARCHAR) FROM "  # noqa: S608  names are ours
        f"(SELECT *, ROW_NUMBER() OVER () AS row FROM {check.table}) AS numbered "
        f"WHERE {check.condition} ORDER BY row LIMIT {SHOWN}"
    )
    listed = connection.execute(query).fetchall()
    for row, value in listed:
        more = count - len(listed) if row == listed[-1][0] else 0
        yield InputProblem(check.table, check.column, check.fault, row, value or "", more=more)
