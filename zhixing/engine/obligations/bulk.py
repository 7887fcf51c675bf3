"""Standings of a nation: DuckDB runs the plain SQL beside this file, which gives what ``standing`` gives for each person.

Each step is one ``SELECT`` whose result becomes a table of the step's name; the texts ask only for ``unix_date`` and
``date_from_unix_date``, which Spark has and DuckDB is given here, so that the same texts run on both.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from zhixing.engine.obligations import checks
from zhixing.engine.obligations.inputs import Fault, InputError, InputProblem, Inputs, Source, open_views
from zhixing.engine.obligations.windows import OF_THE_DAY
from zhixing.engine.policies import Policy, Rule, WindowKind

STANDINGS: Final = pa.schema(
    [
        pa.field("person_id", pa.int64(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("window_opens", pa.date32(), nullable=False),
        pa.field("window_closes", pa.date32(), nullable=False),
        pa.field("required_tenths", pa.int32(), nullable=False),
        pa.field("counted_tenths", pa.int32(), nullable=False),
        pa.field("missing_tenths", pa.int32(), nullable=False),
        pa.field("capped_tenths", pa.int32(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
    ]
)
"""Columns of the result (formats.md §2)."""
SQL_STEPS: Final = ("holders", "duties", "exempt_days", "reversed", "entries", "hours", "standings")
STEPS: Final = ("check", *SQL_STEPS, "write")
"""What ``on_step`` hears, each when it is done."""
EPOCH: Final = dt.date(1970, 1, 1)
END_OF_TIME: Final = dt.datetime.fromisoformat("9999-12-31T23:59:59")
ROWS_AT_ONCE: Final = 122_880


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
        _compute(connection, inputs, policy, on, known_on, lambda step: None)
        return pa.Table.from_batches(_batches(connection), STANDINGS)


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
        _compute(connection, inputs, policy, on, known_on, on_step)
        rows = 0
        with pq.ParquetWriter(out, STANDINGS, compression="zstd") as writer:
            for batch in _batches(connection):
                writer.write_batch(batch)
                rows += batch.num_rows
        on_step("write")
        return Written(rows, tuple(checks.doubts(connection, policy)))


@contextmanager
def _connection(threads: int, memory_limit: str, beside: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills into a folder of its own (``beside`` the result) and reaches for nothing outside."""
    with tempfile.TemporaryDirectory(prefix=".zhixing-", dir=beside) as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": spill,
            "autoinstall_known_extensions": False,
        }
        with duckdb.connect(config=settings) as connection:
            connection.execute("CREATE MACRO unix_date(day) AS CAST(day - DATE '1970-01-01' AS INTEGER)")
            connection.execute("CREATE MACRO date_from_unix_date(day) AS DATE '1970-01-01' + CAST(day AS INTEGER)")
            yield connection


def _compute(
    connection: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    policy: Policy,
    on: dt.date,
    known_on: dt.datetime | None,
    on_step: Callable[[str], None],
) -> None:
    """Leave the table ``standings`` in the database."""
    open_views(connection, inputs)
    if refused := checks.refusals(connection):
        raise InputError(refused)
    _lay_out(connection, policy, on, known_on)
    on_step("check")
    for step in SQL_STEPS:
        connection.execute(f"CREATE TABLE {step} AS {_sql(step)}")
        on_step(step)
    _refuse_overflow(connection)


def _sql(name: str) -> str:
    return resources.files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def _lay_out(connection: duckdb.DuckDBPyConnection, policy: Policy, on: dt.date, known_on: dt.datetime | None) -> None:
    """Write the question and the policy as tables; ranks are resolved here to the first rule of each code that holds them."""
    numbers = {id(rule): number for number, rule in enumerate(policy.rules)}
    ranks = dict.fromkeys(rank for rule in policy.rules for rank in rule.ranks)
    tables: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
        "asked": ("on_date DATE, known_on TIMESTAMP", [(on, known_on or END_OF_TIME)]),
        "rules": (
            "rule_no INTEGER, code VARCHAR, tenths BIGINT, prorate_join BOOLEAN, after_promotion BOOLEAN, "
            "opens_day INTEGER, closes_day INTEGER",
            [_rule_row(number, rule, on) for number, rule in enumerate(policy.rules)],
        ),
        "rule_ranks": (
            "rank VARCHAR, rule_no INTEGER",
            [(rank, numbers[id(rule)]) for rank in ranks for rule in policy.rules_for(rank)],
        ),
        "rule_channels": (
            "rule_no INTEGER, channel VARCHAR, cap_tenths BIGINT",
            [
                (numbers[id(rule)], channel, rule.caps.get(channel))
                for rule in policy.rules
                for channel in rule.channels
            ],
        ),
    }
    for name, (columns, rows) in tables.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
        places = ", ".join("?" * len(columns.split(", ")))
        connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows)  # noqa: S608  names are ours


def _rule_row(number: int, rule: Rule, on: dt.date) -> tuple[Any, ...]:
    """A rule whose window is everyone's brings its first and last day as day numbers; the others are found in SQL."""
    of_the_day = OF_THE_DAY.get(rule.window)
    held = of_the_day(rule, on) if of_the_day else None
    return (
        number,
        rule.code,
        rule.tenths,
        rule.prorate_join,
        rule.window == WindowKind.AFTER_PROMOTION,
        held and (held.opens - EPOCH).days,
        held and (held.closes - EPOCH).days,
    )


def _refuse_overflow(connection: duckdb.DuckDBPyConnection) -> None:
    """Hours leave as int32; a sum over that is somebody's impossible ledger."""
    limit = checks.INT32_MAX
    over = connection.execute(
        f"SELECT person_id FROM standings WHERE GREATEST(ABS(counted), missing, capped) > {limit} "  # noqa: S608
        "ORDER BY person_id LIMIT 1"
    ).fetchone()
    if over:
        raise InputError([InputProblem("credits", "tenths", Fault.SUM_TOO_LARGE, value=str(over[0]))])


def _batches(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    reader = connection.sql(_sql("rows")).to_arrow_reader(ROWS_AT_ONCE)
    for batch in reader:
        yield batch.cast(STANDINGS)
