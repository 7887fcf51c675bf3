"""Standings on Spark (extra ``scale``): the SQL texts of ``bulk`` on many machines, or on one whose memory they do not fit.

What Spark would read otherwise than DuckDB is settled in ``engine.spark``. The checks
of the input are ``bulk``'s own and run on DuckDB, where the command runs.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from zhixing.engine.obligations import bulk, checks, damage, result
from zhixing.engine.obligations.inputs import COLUMNS, Inputs, Kind, Source
from zhixing.engine.obligations.tables import COLUMNS_OF, rows_of
from zhixing.engine.policies import Policy
from zhixing.engine.spark import SparkMissing, spark_session

__all__ = ["SparkMissing", "spark_to_parquet"]

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TYPES: Final[Mapping[Kind, str]] = {
    Kind.KEY: "BIGINT",
    Kind.DAY: "DATE",
    Kind.TENTHS: "BIGINT",
    Kind.TEXT: "STRING",
    Kind.FLAG: "BOOLEAN",
    Kind.MOMENT: "TIMESTAMP",
}


def spark_to_parquet(
    inputs: Inputs,
    policy: Policy,
    on: dt.date,
    known_on: dt.datetime | None,
    out: str | os.PathLike[str],
    *,
    master: str = "local[2]",
    memory_gb: float = 3.0,
    on_step: Callable[[str], None] = lambda step: None,
) -> bulk.Written:
    """Write to ``out`` what ``bulk.bulk_to_parquet`` writes. Raises ``InputError`` and ``SparkMissing``.

    Made for one question a process: the virtual machine behind Spark keeps the spill folder of its first run.
    """
    beside = os.path.dirname(os.path.abspath(out))
    with tempfile.TemporaryDirectory(prefix=".zhixing-spark-", dir=beside) as folder:
        files, doubts = _checked(inputs, policy, folder)
        on_step("check")
        with spark_session("zhixing obligations", master, memory_gb, folder) as session:
            laid_out = _lay_out(session, files, policy, on, known_on)
            views = bulk.views_of(laid_out)
            for step in bulk.SQL_STEPS:
                if step not in laid_out:
                    frame = session.sql(bulk.sql(step))
                    (frame if step in views else frame.localCheckpoint()).createOrReplaceTempView(step)
                on_step(step)
            over = session.sql(bulk.OVERFLOWN).collect()
            bulk.refuse_overflow(over[0][0] if over else None)
            session.sql(bulk.sql("rows")).write.parquet(os.path.join(folder, "rows"))
        rows = result.write_batches(_parts(os.path.join(folder, "rows")), policy, out)
        on_step("write")
    return bulk.Written(rows, doubts)


def _checked(inputs: Inputs, policy: Policy, folder: str) -> tuple[dict[str, str], tuple[Any, ...]]:
    """The files that Spark is to read, and the doubts. A table that Spark would not read as it is, is written anew by DuckDB."""
    with damage.told(inputs), duckdb.connect() as connection:
        bulk.open_checked(connection, inputs, needs_content=policy.needs_content)
        files = {}
        for name in COLUMNS:
            source = getattr(inputs, name)
            files[name] = os.path.join(folder, f"{name}.parquet")
            if source is not None and _is_plain(name, source):
                files[name] = os.path.abspath(source)
            else:
                connection.sql(f"FROM {name}").write_parquet(files[name])
        return files, tuple(checks.doubts(connection, policy))


def _is_plain(name: str, source: Source) -> bool:
    """A file all of whose columns have a type that Spark knows."""
    if isinstance(source, pa.Table):
        return False
    schema = pq.read_schema(source)
    wanted = [schema.field(column.name).type for column in COLUMNS[name] if column.name in schema.names]
    return not any(types.is_null(kind) or (types.is_timestamp(kind) and kind.unit == "ns") for kind in wanted)


def _lay_out(
    session: SparkSession, files: Mapping[str, str], policy: Policy, on: dt.date, known_on: dt.datetime | None
) -> Collection[str]:
    """The four tables, the question and the policy, under the names that the SQL texts use, which are returned."""
    for name, file in files.items():
        frame = session.read.option("__globPaths__", "false").parquet(file)  # a name full of wildcards is a name
        casts = [
            f"CAST({column.name if column.name in frame.columns else 'NULL'} AS {TYPES[column.kind]}) AS {column.name}"
            for column in COLUMNS[name]
        ]
        frame.selectExpr(*casts).createOrReplaceTempView(name)
    tables = rows_of(policy, on, known_on)
    for name, rows in tables.items():
        _small_table(session, COLUMNS_OF[name], rows).createOrReplaceTempView(name)
    return tables.keys()


def _small_table(session: SparkSession, columns: str, rows: list[tuple[Any, ...]]) -> DataFrame:
    """Values within the question itself, so that Spark knows how few they are and sends them to every worker."""
    pairs = [column.replace("VARCHAR", "STRING").split() for column in columns.split(", ")]
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in pairs)
    names = ", ".join(name for name, _kind in pairs)
    line = f"({', '.join('?' * len(pairs))})"
    values = [str(value) if isinstance(value, dt.date) else value for row in rows for value in row]
    if not rows:
        line, values = f"({', '.join(['NULL'] * len(pairs))})", []
    listed = ", ".join([line] * max(len(rows), 1))
    nothing = "" if rows else " WHERE 1 = 0"
    query = f"SELECT {casts} FROM VALUES {listed} AS given({names}){nothing}"  # noqa: S608  names are ours
    return session.sql(query, args=values)


def _parts(folder: str) -> Iterator[pa.RecordBatch]:
    """The rows of Spark's part files, whose names are in the order of the rows, in batches as large as DuckDB's."""
    held: list[pa.Table] = []
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".parquet")):
        with pq.ParquetFile(os.path.join(folder, name)) as part:
            for batch in part.iter_batches(result.ROWS_AT_ONCE):
                held.append(pa.Table.from_batches([batch]).cast(result.NUMBERED))
                while sum(table.num_rows for table in held) >= result.ROWS_AT_ONCE:
                    joined = pa.concat_tables(held)
                    yield joined.slice(0, result.ROWS_AT_ONCE).combine_chunks().to_batches()[0]
                    held = [joined.slice(result.ROWS_AT_ONCE)]
    yield from pa.concat_tables(held).combine_chunks().to_batches() if held else ()
