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
from itertools import groupby
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from zhixing.engine.obligations import checks
from zhixing.engine.obligations.entries import Keys, rows_of_keys
from zhixing.engine.obligations.hours import count_hours
from zhixing.engine.obligations.inputs import (
    Fault,
    InputError,
    InputProblem,
    Inputs,
    Source,
    is_numbered,
    keys_of,
    narrow_credits,
    open_views,
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
    "measured",
    "carried",
    "held_against",
    "lacking",
    "standings",
)
VIEWS: Final = frozenset({"measured", "held_against"})
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
    with _connection(threads, memory_limit) as connection:
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
    with _connection(threads, memory_limit, beside=os.path.dirname(os.path.abspath(out))) as connection:
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
    """A database that holds the four tables, found sound but for keys of entries, and the tables ``laid_out``.

    ``reversing``: will tell the rows (from 0) of the reversed entries in the file of the ledger; None where keys must tell them.
    """

    inputs: Inputs
    laid_out: Rows
    reversing: Future[Keys | None]
    threads: int

    @property
    def reversed_rows(self) -> Keys | None:
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
        opened = _Opened(inputs, rows, pool.submit(_reversing(connection, inputs, threads)), threads)
        problems = checks.refusals(connection, inputs, checks.KEYS - {checks.ENTRY})
        if problems:
            raise InputError([*problems, *_doubled_entries(connection, opened)])
        yield opened


def _doubled_entries(connection: duckdb.DuckDBPyConnection, opened: _Opened) -> list[InputProblem]:
    return [] if opened.reversed_rows is not None else checks.doubled(connection, {checks.ENTRY})


def _reversing(connection: duckdb.DuckDBPyConnection, inputs: Inputs, threads: int) -> Callable[[], Keys | None]:
    """What finds the rows of the reversed entries without asking the database."""
    credits = inputs.credits
    if not is_numbered(credits):
        return lambda: None
    reversed_keys = connection.sql(sql("reversed")).to_arrow_table().column(0).to_numpy()
    return partial(rows_of_keys, credits, checks.ENTRY[1], np.sort(reversed_keys), threads)


def _compute(
    connection: duckdb.DuckDBPyConnection,
    opened: _Opened,
    views: frozenset[str],
    on_step: Callable[[str], None] = lambda step: None,
) -> None:
    """Leave every step under its name in the database. Raises ``InputError``."""
    done = set(opened.laid_out)
    for step in SQL_STEPS:
        if step == "reversed" and _are_told(connection, opened):
            done.add(step)
        if step == "entries" and _is_counted(connection, opened):
            done |= {"hours", "part_hours"}
            views |= {"entries"}
        if step not in done:
            kind = "VIEW" if step in views_of(opened.laid_out, views) else "TABLE"
            connection.execute(f"CREATE {kind} {step} AS {sql(step)}")
        if step == "reaches":
            _narrow(connection, opened)
        on_step(step)


def _are_told(connection: duckdb.DuckDBPyConnection, opened: _Opened) -> bool:
    """Whether ``reversed`` is there, as rows; from here on no key of an entry stands twice. Raises ``InputError``."""
    _refuse(_doubled_entries(connection, opened))
    if opened.reversed_rows is None:
        return False
    connection.register("reversed_rows", pa.table({"entry_id": opened.reversed_rows}))
    connection.execute("CREATE TABLE reversed AS FROM reversed_rows")
    return True


def _is_counted(connection: duckdb.DuckDBPyConnection, opened: _Opened) -> bool:
    """Whether hours are there, counted column by column."""
    credits, rows = opened.inputs.credits, opened.reversed_rows
    if isinstance(credits, pa.Table) or rows is None:
        return False
    found = count_hours(connection, credits, keys_of(opened.inputs.people), rows, opened.laid_out, opened.threads)
    if found is None:
        return False
    connection.register("hours", found.hours)
    if "part_hours" not in opened.laid_out:
        connection.register("part_hours", found.part_hours)
    return True


def _narrow(connection: duckdb.DuckDBPyConnection, opened: _Opened) -> None:
    """From here on the ledger is asked only for entries that can count for somebody."""
    reaches = connection.execute("SELECT channel, MIN(first_day) FROM reaches GROUP BY channel").fetchall()
    narrow_credits(connection, opened.inputs.credits, dict(reaches), by_row=opened.reversed_rows is not None)


def open_checked(connection: duckdb.DuckDBPyConnection, inputs: Inputs, policy: Policy) -> None:
    """The four tables under their names. Raises ``InputError``."""
    open_views(connection, inputs, needs_content=policy.needs_content)
    _refuse(checks.refusals(connection, inputs))


def _refuse(refused: list[InputProblem]) -> None:
    if refused:
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
        places = ", ".join("?" * len(columns.split(", ")))
        if rows:
            connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows)  # noqa: S608  names are ours


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
