"""A CSV file as columns of text for the engine, and what to say of cells that it cannot read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as pa_csv
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.config.cli.csv_files import NoTableError, Written, Wrong, kept, read_written, twice_in
from zhixing.config.cli.failures import BadInput
from zhixing.engine.columns import Columns, ColumnsError, Fault, FaultCode

SENTENCES: Final = {
    FaultCode.MISSING_COLUMN: gettext_lazy("the column is missing: add it, or name another"),
    FaultCode.NO_ROWS: gettext_lazy("no row stands below the headings: bring at least one"),
    FaultCode.EMPTY: gettext_lazy("the cell is empty: fill it in or leave the row out"),
    FaultCode.NOT_A_NUMBER: gettext_lazy("“{value}” is no number to reckon with: write digits, such as 82.5"),
    FaultCode.NOT_WHOLE: gettext_lazy("“{value}” is no whole number: write digits only, such as 4"),
    FaultCode.NOT_YES_OR_NO: gettext_lazy("“{value}” is neither yes nor no: write 1 or 0"),
    FaultCode.NOT_A_DAY: gettext_lazy("“{value}” is no day: write it such as 2027-03-15"),
    FaultCode.OUTSIDE: gettext_lazy("“{value}” lies outside of what may stand here: mend it"),
}

WRONG: Final = {
    Wrong.FOLDER: gettext_lazy("this is a folder: name one CSV file"),
    Wrong.EMPTY: gettext_lazy("the file is empty: it needs a row of headings and rows below"),
    Wrong.WORKBOOK: gettext_lazy("this is an Excel workbook: save it as CSV (UTF-8)"),
    Wrong.PARQUET: gettext_lazy("this is a Parquet file: write the table as CSV"),
    Wrong.RAGGED: gettext_lazy("row {row} has {got} cells, the headings are {expected}: mend the row"),
    Wrong.OTHER: gettext_lazy("this is no CSV file ({error}): save the table as CSV in UTF-8"),
}


def read_columns(path: Path, names: Iterable[str]) -> Columns:
    """The named columns, those of them that the file has, as text."""
    wanted = list(dict.fromkeys(names))
    try:
        return Columns(read_written(path, lambda way: _read(path, wanted, way)))
    except NoTableError as error:
        raise BadInput(f"{path}{_(': ')}{WRONG[error.wrong].format(**error.values)}") from error


@contextmanager
def reading(path: Path, names: Iterable[str | None]) -> Iterator[Columns]:
    """The named columns (None: not asked for) to read from; after the block, every cell that could not be read is told as ``BadInput``."""
    columns = read_columns(path, [name for name in names if name])
    try:
        yield columns
        columns.done()
    except ColumnsError as error:
        raise BadInput(fault_lines(path, error)) from error


def _read(path: Path, wanted: list[str], way: Written) -> pa.Table:
    headings = way.headings(path)
    if twice := twice_in(headings, wanted):
        raise BadInput(
            _("{file}: the heading {names} stands twice: rename one").format(file=path, names=", ".join(twice))
        )
    known = [name for name in wanted if name in headings]
    options = {"read_options": way.options(), "parse_options": way.parse}
    if known:
        return pa_csv.read_csv(path, **options, convert_options=kept(known, dict.fromkeys(known, pa.string())))
    rows = len(pa_csv.read_csv(path, **options))
    return pa.table({"": pa.nulls(rows, pa.string())})


def fault_lines(path: Path, error: ColumnsError) -> list[str]:
    """File, row of the file, column, value and mend of every fault."""
    return [_line(path, fault) for fault in error.faults]


def _line(path: Path, fault: Fault) -> str:
    place = str(path)
    if fault.row:
        place += _(", row {row}").format(row=fault.row + 1)
    if fault.column:
        place += _(", column {column}").format(column=fault.column)
    said = place + _(": ") + SENTENCES[fault.code].format(value=fault.value)
    return said + (_(" (and {more} more rows)").format(more=fault.more) if fault.more else "")
