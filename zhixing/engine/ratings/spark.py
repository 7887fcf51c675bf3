"""The sums of a nation's ratings on Spark (extra ``scale``): every partition counts its cells and sums their responses, Spark adds the partitions up,
and the same solver fits what is left. No rating leaves Spark, only cells do."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhixing.engine.ratings.design import Design, DesignError, Fault, FaultCode, design_of
from zhixing.engine.ratings.sums import Sums, sums_of_cells
from zhixing.engine.ratings.terms import columns_of
from zhixing.engine.spark import spark_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MEAN, COUNT, TOTAL, SQUARES = "zhixing_mean", "zhixing_count", "zhixing_total", "zhixing_squares"


def sums_on_spark(
    path: str | os.PathLike[str],
    response: str,
    fixed: Sequence[str],
    crossed: Sequence[str],
    *,
    master: str = "local[2]",
    memory_gb: float = 3.0,
) -> tuple[Design, Sums]:
    """The sums of the ratings in CSV at ``path`` (a file, or a folder of partitions), and the design of their cells: its response is the mean of each.

    Raises ``DesignError``, whose rows are all 0, and ``SparkMissing``."""
    with tempfile.TemporaryDirectory(prefix=".zhixing-spark-") as folder:
        cells = os.path.join(folder, "cells")
        with spark_session("zhixing ratings", master, memory_gb, folder) as session:
            frame = session.read.csv(os.fspath(path), header=True, escape='"')
            left_out = _write_cells(frame, response, columns_of(response, fixed, crossed)[1:], cells)
        table = pq.read_table(cells)
    for name in columns_of(response, fixed, [])[1:]:
        table = _told_as_numbers(table, name)
    table = table.append_column(MEAN, pc.divide(table[TOTAL], table[COUNT]))
    design = design_of(table, MEAN, fixed, crossed)
    count, total = table[COUNT].to_numpy(), table[TOTAL].to_numpy()
    squares = float(np.sum(table[SQUARES].to_numpy()))
    design = Design(design.response, design.terms, design.fixed, design.factors, left_out)
    return design, sums_of_cells(design, count.astype(np.float32), total, squares)


def _write_cells(frame: DataFrame, response: str, columns: list[str], out: str) -> int:
    """One row for each combination of what stands in the columns, in their order. Returns how many ratings have no response."""
    wanting = [name for name in (response, *columns) if name not in frame.columns]
    if wanting:
        raise DesignError([Fault(name, 0, "", FaultCode.MISSING_COLUMN) for name in wanting])
    quoted = [f"`{name.replace('`', '``')}`" for name in (response, *columns)]
    given, keys = quoted[0], ", ".join(quoted[1:])
    number = f"try_cast(trim({given}) AS DOUBLE)"
    read = frame.selectExpr(f"trim({given}) AS given", f"{number} AS y", *quoted[1:])
    read = read.selectExpr("nullif(given, '') AS given", "y", *quoted[1:])
    wrong = read.where("given IS NOT NULL AND (y IS NULL OR isnan(y) OR abs(y) = double('infinity'))")
    faults = [Fault(response, 0, row[0], FaultCode.NOT_A_NUMBER) for row in wrong.select("given").limit(100).collect()]
    answered = read.where("y IS NOT NULL")
    for name, place in zip(columns, quoted[1:], strict=True):
        if answered.where(f"{place} IS NULL").limit(1).count():
            faults.append(Fault(name, 0, "", FaultCode.EMPTY))
    if faults:
        raise DesignError(faults)
    sums = f"count(*) AS {COUNT}", f"sum(y) AS {TOTAL}", f"sum(y * y) AS {SQUARES}"
    answered.createOrReplaceTempView("answered")
    grouped = f"SELECT {', '.join([*quoted[1:], *sums])} FROM answered GROUP BY {keys} ORDER BY {keys}"  # noqa: S608  names are quoted
    if not columns:
        grouped = f"SELECT {', '.join(sums)} FROM answered"  # noqa: S608
    frame.sparkSession.sql(grouped).write.parquet(out)
    return int(read.where("given IS NULL").count())


def _told_as_numbers(table: pa.Table, name: str) -> pa.Table:
    """A column of texts all of which are numbers as numbers, as they would have been read from one file."""
    for kind in (pa.int64(), pa.float64()):
        try:
            return table.set_column(table.column_names.index(name), name, table[name].cast(kind))
        except pa.ArrowInvalid:
            continue
    return table
