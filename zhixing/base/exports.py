"""Excel answers: a list as it is filtered and sorted on the page."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from zhixing.base.files import hand_out

WIDTH_MAX = 40


def excel(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """One sheet called ``name``. Numbers stay numbers, dates become ISO text, and text is never read as a formula."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(name[:31])
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        widths = [_width(text) for text in headings]
        sheet.write_row(0, 0, headings, heading)
        last = 0
        for last, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write(sheet, last, column, value)
                widths[column] = max(widths[column], _width(value))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(WIDTH_MAX, width + 2))
        sheet.freeze_panes(1, 0)
        if headings:
            sheet.autofilter(0, 0, last, len(headings) - 1)
    return hand_out(content.getvalue(), f"{name}.xlsx")


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = value.isoformat(sep=" ", timespec="minutes") if isinstance(value, dt.datetime) else str(value)
        sheet.write_string(row, column, text)
    else:
        sheet.write_number(row, column, value)


def _width(value: Any) -> int:
    """Columns of a fixed-width face: Chinese characters take two."""
    return sum(2 if ord(char) > 0x2E80 else 1 for char in str(value))
