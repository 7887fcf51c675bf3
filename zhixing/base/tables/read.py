"""Spreadsheets as lists of strings: row numbers kept, nothing lost that the file still has."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid
from zhixing.base.tables.archives import damaged
from zhixing.base.tables.aside import Damaged, read_aside
from zhixing.base.tables.guard import BOOKS, Kind, inspect
from zhixing.base.tables.text import decode
from zhixing.base.tables.workbooks import PARSER_ERRORS, read_sheets
from zhixing.engine.sheets.cells import Sheet, largest
from zhixing.engine.sheets.secrecy import secrecy_marking

_DELIMITERS = ",\t;"
_SNIFFED_ROWS = 30
_CELL_MAX = 1 << 20


def read_book(source: Path | bytes, name: str) -> list[Sheet]:
    """Every sheet of the file, hidden ones and hidden rows too. ``name`` is the file's, for messages and for the sheet of a CSV.

    Raises ``Invalid`` when the file is refused by the guard, cannot be read, or bears a secrecy marking.
    """
    kind = inspect(source, name)
    if kind not in BOOKS:
        raise Invalid(format_lazy(_("{name} is not a spreadsheet. Upload .xlsx, .xls, .ods or .csv."), name=name))
    data = source if isinstance(source, bytes) else source.read_bytes()
    sheets = [_read_csv(data, Path(name).stem)] if kind is Kind.CSV else _read_workbook(data, kind)
    refuse_classified(sheets)
    return sheets


def refuse_classified(sheets: Iterable[Sheet]) -> None:
    """Raise ``Invalid`` when a sheet, or what stands for one, bears a secrecy marking."""
    marking = next(filter(None, (secrecy_marking(sheet) for sheet in sheets)), "")
    if marking:
        raise Invalid(
            format_lazy(
                _(
                    "The file bears the secrecy marking “{marking}”. Classified matter must not enter this system; the file was not kept."
                ),
                marking=marking,
            )
        )


def read_sheet(source: Path | bytes, name: str) -> Sheet:
    """The largest sheet of the file."""
    return largest(read_book(source, name))


def _read_workbook(data: bytes, kind: Kind) -> list[Sheet]:
    try:
        sheets = read_aside(data) if kind is Kind.XLS else read_sheets(data)
    except (*PARSER_ERRORS, Damaged):
        raise damaged() from None
    if not sheets:
        raise Invalid(_("The file has no sheet with rows."))
    return sheets


def _read_csv(data: bytes, name: str) -> Sheet:
    text = decode(data)
    csv.field_size_limit(_CELL_MAX)
    try:
        return Sheet(name, list(_records(text, _delimiter(text))))
    except csv.Error:
        raise damaged() from None


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _delimiter(text: str) -> str:
    """The sign that cuts the first rows into most columns most often."""

    def cuts(delimiter: str) -> int:
        widths = Counter(
            len(row) for row, _turn in zip(_records(text, delimiter), range(_SNIFFED_ROWS), strict=False) if row
        )
        return max((width - 1) * count for width, count in widths.items()) if widths else 0

    return max(_DELIMITERS, key=cuts)
