"""Which columns of the given files cannot be read: looked into only when a computation has failed already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhixing.engine.obligations.entries import ends_of
from zhixing.engine.obligations.inputs import COLUMNS, Fault, InputError, InputProblem, Inputs, Source

FAILURES: Final = (duckdb.Error, pa.ArrowException, OSError, UnicodeDecodeError, IndexError)
"""What reading a damaged file raises."""


@contextmanager
def told(inputs: Inputs) -> Iterator[None]:
    """A failure that a file explains becomes an ``InputError`` that names every damaged column; any other stays what it is."""
    try:
        yield
    except FAILURES as error:
        if problems := [problem for name, source in inputs.given() for problem in _damaged(name, source)]:
            raise InputError(problems) from error
        raise


def _damaged(name: str, source: Source) -> Iterator[InputProblem]:
    if isinstance(source, pa.Table):
        return
    for column in (column.name for column in COLUMNS[name]):
        try:
            _read(source, column)
        except FAILURES as error:
            why = " ".join(str(error).split())
            yield InputProblem(name, column, Fault.DAMAGED, value=why)


def _read(source: Source, column: str) -> None:
    """Every value of a column, if the file has it. Raises one of ``FAILURES``."""
    with pq.ParquetFile(source) as file:
        if column not in file.schema_arrow.names:
            return
        ends = ends_of(file, column)
        for batch in file.iter_batches(columns=[column]):
            batch.validate(full=True)
            found = pc.min_max(batch.column(0)).as_py() if ends and batch.num_rows else None
            if ends and found and not ends[0] <= found["min"] <= found["max"] <= ends[1]:
                raise pa.ArrowInvalid("values lie outside what the file says of them")
