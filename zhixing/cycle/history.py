"""The training history (培训记录): what its book gave, as columns, for half a million records at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from zhixing.engine.sheets.cells import Sheet
from zhixing.engine.sheets.faults import RowFault
from zhixing.engine.sheets.history import HistoryRow, parse_history

RECORDS = pa.schema(
    [
        ("person", pa.int64()),
        ("name", pa.string()),
        ("starts_on", pa.date32()),
        ("ends_on", pa.date32()),
        ("credited", pa.int32()),
        ("tenths", pa.int32()),
        ("channel", pa.string()),
        ("result", pa.string()),
        ("organiser", pa.string()),
        ("institution", pa.string()),
        ("certificate", pa.string()),
    ]
)
"""One line for each training; ``person`` is the key that the caller gave for its number, ``credited`` the tenths that count on ``ends_on``."""
_CHUNK = 50_000


@dataclass(frozen=True)
class History:
    """What the book gave: ``records`` as ``RECORDS``. With ``refused`` there are none, and the faults are the sheet's."""

    records: pa.Table
    faults: tuple[RowFault, ...] = ()
    unread: tuple[str, ...] = ()
    refused: bool = False

    @classmethod
    def none(cls) -> History:
        """No book was given."""
        return cls(RECORDS.empty_table())


def history_of(sheet: Sheet, people: Mapping[str, int]) -> History:
    """Read the rows; ``people`` maps ID numbers (18 characters) and staff numbers to keys."""
    keys = {number: str(key) for number, key in people.items()}
    parsed = parse_history(sheet, keys.get)
    chunks = (parsed.rows[start : start + _CHUNK] for start in range(0, len(parsed.rows), _CHUNK))
    records = pa.Table.from_batches(map(_batch, chunks), RECORDS)
    return History(records, parsed.faults, parsed.unread, parsed.refused)


def _batch(rows: Sequence[HistoryRow]) -> pa.RecordBatch:
    values = [[getattr(row, name) for row in rows] for name in RECORDS.names]
    values[0] = [int(key) for key in values[0]]
    arrays = [pa.array(column, kind) for column, kind in zip(values, RECORDS.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=RECORDS)
