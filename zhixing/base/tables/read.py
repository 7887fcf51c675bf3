"""Spreadsheets as lists of strings: row numbers kept, nothing lost that the file still has."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import python_calamine as calamine
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid
from zhixing.base.tables.archives import damaged, encrypted
from zhixing.base.tables.guard import BOOKS, Kind, inspect
from zhixing.base.tables.text import decode
from zhixing.engine.sheets.cells import Number, Sheet, largest
from zhixing.engine.sheets.secrecy import secrecy_marking

_EXACT = 10**15
"""Whole numbers below this are exact in a spreadsheet."""
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
    sheets = [_read_csv(data, Path(name).stem)] if kind is Kind.CSV else _read_workbook(data)
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
    return sheets


def read_sheet(source: Path | bytes, name: str) -> Sheet:
    """The largest sheet of the file."""
    return largest(read_book(source, name))


def _read_workbook(data: bytes) -> list[Sheet]:
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheets = [
                _read_calamine(
                    book.get_sheet_by_name(about.name), about.visible is not calamine.SheetVisibleEnum.Visible
                )
                for about in book.sheets_metadata
                if about.typ is calamine.SheetTypeEnum.WorkSheet
            ]
    except calamine.PasswordError:
        raise encrypted() from None
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, calamine.WorksheetNotFound):
        raise damaged() from None
    if not sheets:
        raise Invalid(_("The file has no sheet with rows."))
    return sheets


def _read_calamine(sheet: calamine.CalamineSheet, hidden: bool) -> Sheet:
    before = [""] * (sheet.start[1] if sheet.start else 0)
    rows = [before + [_RENDER[type(value)](value) for value in row] for row in sheet.iter_rows()]
    _fill_merged(rows, sheet.merged_cell_ranges or [])
    return Sheet(sheet.name, rows, hidden)


def _fill_merged(rows: list[list[str]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Write the value of each merged range into all its cells, within the used area."""
    for (top, left), (bottom, right) in ranges:
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
        if value:
            for row in rows[top : bottom + 1]:
                stop = min(right + 1, len(row))
                row[left:stop] = [value] * (stop - left)


def _render_whole(value: int) -> str:
    return Number(value)


def _render_float(value: float) -> str:
    if value.is_integer():
        return Number(int(value))
    text = repr(value)
    return Number(format(Decimal(text), "f") if "e" in text else text)


def _render_moment(value: dt.datetime) -> str:
    return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")


def _render_span(value: dt.timedelta) -> str:
    return _render_float(value.total_seconds() / 3600)


_RENDER: dict[type, Callable[[Any], str]] = {
    str: str,
    int: _render_whole,
    float: _render_float,
    bool: lambda value: "TRUE" if value else "FALSE",
    dt.date: dt.date.isoformat,
    dt.datetime: _render_moment,
    dt.time: dt.time.isoformat,
    dt.timedelta: _render_span,
}


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
