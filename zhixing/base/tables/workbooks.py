"""Workbooks through the parser: every sheet as lists of strings. Knows nothing of Django, so that a process of its own can run it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import python_calamine as calamine

from zhixing.engine.sheets.cells import Number, Sheet

PARSER_ERRORS = (
    calamine.CalamineError,
    calamine.PasswordError,
    calamine.WorksheetNotFound,
    calamine.XmlError,
    calamine.ZipError,
)


def read_sheets(data: bytes) -> list[Sheet]:
    """Every worksheet of an .xlsx, .xls or .ods. Raises ``PARSER_ERRORS``."""
    with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return [
            _read_sheet(book.get_sheet_by_name(about.name), about.visible is not calamine.SheetVisibleEnum.Visible)
            for about in book.sheets_metadata
            if about.typ is calamine.SheetTypeEnum.WorkSheet
        ]


def _read_sheet(sheet: calamine.CalamineSheet, hidden: bool) -> Sheet:
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
