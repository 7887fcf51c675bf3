"""The file of the result: its columns, and how it is written from what rows.sql gives."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from zhixing.engine.obligations.answers import State
from zhixing.engine.obligations.tables import places_of
from zhixing.engine.policies import Policy

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
STATES: Final = pa.array([State.EXEMPT, State.MET, State.OVERDUE, State.ON_TRACK, State.SHORT], pa.string())
"""Each in the place of its number in standings.sql."""
NUMBERED: Final = pa.schema(
    [field.with_type({"rule": pa.int32(), "state": pa.int8()}.get(field.name, field.type)) for field in STANDINGS]
)
"""What rows.sql gives: the place of the code and the number of the state."""
REPEATED: Final = ["rule", "window_opens", "window_closes", "required_tenths", "state"]
"""Columns of few different values: the others only cost the time of finding that out."""
ROWS_AT_ONCE: Final = 122_880


def with_names(batch: pa.RecordBatch, codes: pa.StringArray) -> pa.RecordBatch:
    """A batch of what rows.sql gives under ``STANDINGS``, with rule and state as dictionaries."""
    columns = [batch.column(name) for name in STANDINGS.names]
    for name, names in (("rule", codes), ("state", STATES)):
        place = STANDINGS.get_field_index(name)
        columns[place] = pa.DictionaryArray.from_arrays(columns[place], names)
    fields = [STANDINGS.field(n).with_type(column.type) for n, column in enumerate(columns)]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def codes_of(policy: Policy) -> pa.StringArray:
    """Each in the place of its number in rows.sql."""
    return pa.array(list(places_of(policy)), pa.string())


def write_batches(batches: Iterable[pa.RecordBatch], policy: Policy, out: str | os.PathLike[str]) -> int:
    """Write the result file from batches of what rows.sql gives; returns its rows."""
    rows = 0
    codes = codes_of(policy)
    schema = with_names(pa.RecordBatch.from_pylist([], NUMBERED), codes).schema
    options = {"compression": "zstd", "use_dictionary": REPEATED, "store_schema": False}
    with pq.ParquetWriter(out, schema, **options) as writer:
        for batch in batches:
            writer.write_batch(with_names(batch, codes))
            rows += batch.num_rows
    return rows
