"""Standings of a nation: DuckDB runs the plain SQL beside this file, which gives what ``standing`` gives for each person.

Each step is one ``SELECT`` whose result becomes a table of the step's name; the texts ask only for ``unix_date`` and
``date_from_unix_date``, which Spark has and DuckDB is given here, so that the same texts run on both.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import resources
from itertools import chain, groupby
from typing import Final

import duckdb
import pyarrow as pa

from zhixing.engine.obligations import checks, damage
from zhixing.engine.obligations.entries import ReversedRows, reversed_rows_of
from zhixing.engine.obligations.holders import find_holders
from zhixing.engine.obligations.hours import Count
from zhixing.engine.obligations.inputs import (
    NUMBERED_CREDITS,
    ROW,
    Fault,
    InputError,
    InputProblem,
    Inputs,
    Source,
    is_numbered,
    keys_of,
    narrow_credits,
    open_views,
    restore_credits,
)
from zhixing.engine.obligations.lacks import Lack
from zhixing.engine.obligations.result import NUMBERED, ROWS_AT_ONCE, STANDINGS, codes_of, with_names, write_batches
from zhixing.engine.obligations.tables import COLUMNS_OF, Rows, rows_of
from zhixing.engine.policies import Policy

SQL_STEPS: Final = (
    "holders",
    "duties",
    "exempt_days",
    "reversed",
    "reaches",
    "entries",
    "hours",
    "part_hours",
    "credited",
    "measured",
    "carried",
    "held_against",
    "lacking",
    "standings",
)
VIEWS: Final = frozenset({"credited", "measured", "held_against"})
"""Steps that are kept as a question: what reads them asks only for some of their columns."""
READ_ONCE: Final = VIEWS | {"standings"}
"""Those where only the result is asked for."""
STEPS: Final = ("check", *SQL_STEPS, "write")
"""What ``on_step`` hears, each when it is done."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written, and what in the input deserves a look."""

    rows: int
    doubts: tuple[InputProblem, ...]


def bulk(
    people: Source,
    postings: Source,
    credits: Source,
    exemptions: Source | None,
    policy: Policy,
    on: dt.date,
    known_on: dt.datetime | None = None,
    *,
    threads: int = 2,
    memory_limit: str = "3GB",
) -> pa.Table:
    """Everyone's standings (schema ``STANDINGS``, sorted by person_id and rule) from Arrow tables or parquet files.

    ``known_on`` is local time without zone; None sees all. Raises ``InputError``.
    """
    inputs = Inputs(people, postings, credits, exemptions)
    with damage.told(inputs), _connection(threads, memory_limit) as connection:
        with _opened(connection, inputs, policy, on, known_on, threads) as opened:
            _compute(connection, opened, READ_ONCE)
        named = (with_names(batch, codes_of(policy)) for batch in _batches(connection))
        return pa.Table.from_batches((batch.cast(STANDINGS) for batch in named), STANDINGS)


def bulk_lacks(
    inputs: Inputs, policy: Policy, on: dt.date, *, threads: int = 2, memory_limit: str = "3GB"
) -> list[Lack]:
    """The overdue duties among what ``bulk`` returns, by person and rule, with what each lacks. Raises ``InputError``."""
    with _connection(threads, memory_limit) as connection:
        with _opened(connection, inputs, policy, on, None, threads) as opened:
            _compute(connection, opened, VIEWS)
        _refuse_overflow(connection)
        above = _by_duty(connection, "overdue_minimums")
        rooms = _by_duty(connection, "overdue_rooms")
        duties = connection.execute(sql("overdue")).fetchall()
    return [
        Lack(
            person,
            rule,
            no,
            opens,
            closes,
            required,
            counted,
            missing,
            above.get((person, no), ()),
            rooms.get((person, no), ()),
        )
        for person, rule, no, opens, closes, required, counted, missing in duties
    ]


def _by_duty(connection: duckdb.DuckDBPyConnection, question: str) -> dict[tuple[int, int], tuple[int, ...]]:
    """(person, place of the rule) → the numbers of a duty, in the order of the answer."""
    answered = groupby(connection.execute(sql(question)).fetchall(), key=lambda row: (row[0], row[1]))
    return {duty: tuple(number for _person, _rule, number in rows) for duty, rows in answered}


def bulk_to_parquet(
    inputs: Inputs,
    policy: Policy,
    on: dt.date,
    known_on: dt.datetime | None,
    out: str | os.PathLike[str],
    *,
    threads: int = 2,
    memory_limit: str = "3GB",
    on_step: Callable[[str], None] = lambda step: None,
) -> Written:
    """Write what ``bulk`` returns to ``out``, batch by batch. ``on_step`` hears each of ``STEPS``. Raises ``InputError``.

    The file at ``out`` is written in place: whoever needs it whole or not at all names a temporary one and moves it.
    """
    beside = os.path.dirname(os.path.abspath(out))
    with damage.told(inputs), _connection(threads, memory_limit, beside) as connection:
        with _opened(connection, inputs, policy, on, known_on, threads) as opened:
            doubts = tuple(checks.doubts(connection, policy))
            on_step("check")
            _compute(connection, opened, READ_ONCE, on_step)
        rows = write_batches(_batches(connection), policy, out)
        on_step("write")
        return Written(rows, doubts)


@contextmanager
def _connection(threads: int, memory_limit: str, beside: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills into a folder of its own (``beside`` the result) and reaches for nothing outside."""
    with tempfile.TemporaryDirectory(prefix=".zhixing-", dir=beside) as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": spill,
            "autoinstall_known_extensions": False,
            "parquet_metadata_cache": True,
            "disabled_optimizers": "join_order,join_filter_pushdown",  # the texts join in the order that is quick, and filter by it
        }
        with duckdb.connect(config=settings) as connection:
            connection.execute("CREATE MACRO unix_date(day) AS CAST(day - DATE '1970-01-01' AS INTEGER)")
            connection.execute("CREATE MACRO date_from_unix_date(day) AS DATE '1970-01-01' + CAST(day AS INTEGER)")
            yield connection


@dataclass(frozen=True, slots=True)
class _Opened:
    """A database that holds the four tables, found sound but for what is left to who reads the ledger
    (``checks.has_late_refusals``), and the tables ``laid_out``.

    ``reversing``: will tell which rows of the ledger reversals concern; None where keys must tell.
    """

    inputs: Inputs
    laid_out: Rows
    reversing: Future[ReversedRows | None]
    threads: int

    @property
    def reversed_rows(self) -> ReversedRows | None:
        return self.reversing.result()


@contextmanager
def _opened(
    connection: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    policy: Policy,
    on: dt.date,
    known_on: dt.datetime | None,
    threads: int,
) -> Iterator[_Opened]:
    """The keys of the entries are read beside whatever else is asked of the database. Raises ``InputError``."""
    open_views(connection, inputs, needs_content=policy.needs_content)
    rows = rows_of(policy, on, known_on)
    _lay_out(connection, rows)
    with ThreadPoolExecutor(1) as pool:
        reversing = pool.submit(_reversing(connection, inputs, rows, threads))
        if checks.has_early_refusals(connection, inputs):
            raise InputError(checks.refusals(connection, inputs))
        yield _Opened(inputs, rows, reversing, threads)


REVERSALS: Final = (
    f"SELECT CAST(reverses AS BIGINT) AS entry_id, {ROW} FROM {NUMBERED_CREDITS} "  # noqa: S608  names are ours
    "WHERE reverses IS NOT NULL AND CAST(recorded_at AS TIMESTAMP) <= CAST(? AS TIMESTAMP)"
)
"""``reversed.sql`` of a ledger whose rows are numbered, with the rows of the entries that reverse another."""


def _reversing(
    connection: duckdb.DuckDBPyConnection, inputs: Inputs, laid_out: Rows, threads: int
) -> Callable[[], ReversedRows | None]:
    """What finds the rows that reversals concern without asking the database."""
    credits = inputs.credits
    if not is_numbered(credits):
        return lambda: None
    (_on, known_on) = laid_out["asked"][0]
    keys, rows = (column.to_numpy() for column in connection.sql(REVERSALS, params=[known_on]).to_arrow_table().columns)
    return partial(reversed_rows_of, credits, checks.ENTRY[1], keys, rows, threads)


def _compute(
    connection: duckdb.DuckDBPyConnection,
    opened: _Opened,
    views: frozenset[str],
    on_step: Callable[[str], None] = lambda step: None,
) -> None:
    """Leave every step under its name in the database. Raises ``InputError``."""
    done, count = set(opened.laid_out), None
    for step in SQL_STEPS:
        if step == "holders" and _are_found(connection, opened):
            done.add(step)
        if step == "reversed":
            count = _count(
                connection, opened
            )  # before the wait for the keys, which leaves this thread with nothing to do
            done |= {step} if _are_told(connection, opened) else set()
        if step == "entries" and _is_counted(connection, opened, count):
            done |= {"hours", "part_hours", "credited"}
            views |= {"entries"}
        if step not in done:
            kind = "VIEW" if step in views_of(opened.laid_out, views) else "TABLE"
            connection.execute(f"CREATE {kind} {step} AS {sql(step)}")
        if step == "reaches":
            _narrow(connection, opened)
        on_step(step)


def _are_found(connection: duckdb.DuckDBPyConnection, opened: _Opened) -> bool:
    """Whether ``holders`` is there."""
    found = find_holders(connection, opened.laid_out)
    if found is not None:
        connection.register("holders", found)
    return found is not None


def _are_told(connection: duckdb.DuckDBPyConnection, opened: _Opened) -> bool:
    """Whether ``reversed`` is there, as rows; from here on no key of an entry stands twice. Raises ``InputError``."""
    if opened.reversed_rows is None:
        if checks.has_late_refusals(connection, opened.inputs):
            raise InputError(checks.refusals(connection, opened.inputs))
        return False
    connection.register("reversed_rows", pa.table({"entry_id": opened.reversed_rows.reversed}))
    connection.execute("CREATE TABLE reversed AS FROM reversed_rows")
    return True


def _count(connection: duckdb.DuckDBPyConnection, opened: _Opened) -> Count | None:
    if not is_numbered(opened.inputs.credits):
        return None
    return Count.of(connection, keys_of(opened.inputs.people), opened.laid_out)


def _is_counted(connection: duckdb.DuckDBPyConnection, opened: _Opened, count: Count | None) -> bool:
    """Whether hours are there, counted column by column. From here on no channel is unknown. Raises ``InputError``."""
    credits, void = opened.inputs.credits, opened.reversed_rows
    if void is None or isinstance(credits, pa.Table):  # whose rows are told is a file
        return False
    found = count.hours(credits, void.all, opened.threads) if count else None
    channels = found.channels if found else checks.channels_of(connection, "given_credits")
    if not checks.are_known(channels):
        restore_credits(connection, credits)
        raise InputError(checks.refusals(connection, opened.inputs))
    if found:
        connection.register("credited", found.credited)
        if "part_hours" not in opened.laid_out:
            connection.register("part_hours", found.part_hours)
    return found is not None


def _narrow(connection: duckdb.DuckDBPyConnection, opened: _Opened) -> None:
    """From here on the ledger is asked only for entries that can count for somebody."""
    reaches = connection.execute("SELECT channel, MIN(first_day) FROM reaches GROUP BY channel").fetchall()
    narrow_credits(connection, opened.inputs.credits, dict(reaches), by_row=opened.reversed_rows is not None)


def require_sound(inputs: Inputs, *, threads: int = 2, memory_limit: str = "3GB") -> None:
    """Raises ``InputError`` with whatever forbids a result under any policy."""
    with damage.told(inputs), _connection(threads, memory_limit) as connection:
        open_checked(connection, inputs)


def open_checked(connection: duckdb.DuckDBPyConnection, inputs: Inputs, *, needs_content: bool = False) -> None:
    """The four tables under their names. Raises ``InputError``."""
    open_views(connection, inputs, needs_content=needs_content)
    if refused := checks.refusals(connection, inputs):
        raise InputError(refused)


def views_of(laid_out: Collection[str], views: frozenset[str] = VIEWS) -> frozenset[str]:
    """The steps that are kept as a question; ``entries`` is, where only one step reads it."""
    return views | {"entries"} if "part_hours" in laid_out else views


def sql(name: str) -> str:
    """The text of one step."""
    return resources.files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _lay_out(connection: duckdb.DuckDBPyConnection, tables: Rows) -> None:
    """Write the question and the policy as tables."""
    for name, rows in tables.items():
        columns = COLUMNS_OF[name]
        connection.execute(f"CREATE TABLE {name} ({columns})")
        row = "(" + ", ".join("?" * len(columns.split(", "))) + ")"
        if rows:
            places = ", ".join([row] * len(rows))
            connection.execute(f"INSERT INTO {name} VALUES {places}", [*chain(*rows)])  # noqa: S608  names are ours


OVERFLOWN: Final = (
    f"SELECT person_id FROM standings WHERE GREATEST(ABS(counted), missing, capped) > {checks.INT32_MAX} "  # noqa: S608
    "ORDER BY person_id LIMIT 1"
)


def _refuse_overflow(connection: duckdb.DuckDBPyConnection) -> None:
    over = connection.execute(OVERFLOWN).fetchone()
    refuse_overflow(over[0] if over else None)


def refuse_overflow(person_id: int | None) -> None:
    """Hours leave as int32; a sum over that is somebody's impossible ledger."""
    if person_id is not None:
        raise InputError([InputProblem("credits", "tenths", Fault.SUM_TOO_LARGE, value=str(person_id))])


def _batches(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    """The result. Raises ``InputError`` with the person whose hours no int32 holds."""
    try:
        for batch in connection.sql(sql("rows")).to_arrow_reader(ROWS_AT_ONCE):
            yield batch.cast(NUMBERED)
    except duckdb.ConversionException:
        _refuse_overflow(connection)
        raise
