"""Spreadsheets out: text stays text, whatever it begins with; the same rows give the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import xlsxwriter

_MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - a constant, so that the bytes depend on the rows alone
_CELL_MAX = 32_767
_NAME_MAX = 31
_NAME_FORBIDDEN = re.compile(r"[\[\]:*?/\\]|^'|'$")
_WIDTHS = range(8, 50)
_MEASURED_ROWS = 200
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Chinese Excel takes the full-width signs for the others."""
_RICH = ("<r>", "</r>")
"""What begins and ends like this, xlsxwriter puts into the sheet as markup, unescaped: a name could bring cells and formulas of its own."""
_LINKS_MAX = 65_530
_URL_MAX = 2_079
"""So many links a sheet takes, of so many signs; what is beyond stands there as text alone."""
_BLUE = "#0563C1"


class Content(StrEnum):
    """What a column holds. ``TENTHS`` are integer tenths in the row and hours with one decimal in the sheet."""

    TEXT = "text"
    NUMBER = "number"
    TENTHS = "tenths"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Linked:
    """A value that opens a page: ``url`` is absolute."""

    value: object
    url: str


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    content: Content = Content.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet to be written; each row has a value (or a ``Linked`` one) for each column, None is a blank cell."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


def write_book(target: Path | IO[bytes], tables: Sequence[Table]) -> None:
    """Write an .xlsx with a frozen header, filters and widths that fit. Long text is cut at 32,767 characters."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options) as book:
        book.set_properties({"created": _MADE})
        formats = _Formats(book)
        for name, table in zip(_sheet_names(tables), tables, strict=True):
            _write_table(book.add_worksheet(name), table, formats)


class _Formats:
    def __init__(self, book: Any) -> None:
        self.heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"})
        self.of = {content: book.add_format({"num_format": form}) for content, form in _NUMBER_FORMATS.items()}
        self.linked = {
            content: book.add_format({"num_format": form, "font_color": _BLUE, "underline": 1})
            for content, form in _NUMBER_FORMATS.items()
        }


_NUMBER_FORMATS = {
    Content.TEXT: "@",
    Content.NUMBER: "General",
    Content.TENTHS: "0.0",
    Content.DATE: "yyyy-mm-dd",
}


def _write_table(sheet: Any, table: Table, formats: _Formats) -> None:
    rows = iter(table.rows)
    first = list(itertools.islice(rows, _MEASURED_ROWS))
    for index, column in enumerate(table.columns):
        texts = [column.title, *(cell_text(row[index], column.content) for row in first)]
        width = min(max(_WIDTHS.start, *map(display_width, texts)) + 2, _WIDTHS.stop)
        sheet.set_column(index, index, width, formats.of[column.content])
        sheet.write_string(0, index, plain_text(column.title), formats.heading)
    sheet.freeze_panes(1, 0)
    last = links = 0
    for last, row in enumerate(itertools.chain(first, rows), start=1):
        for index, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            style = formats.of[column.content]
            if isinstance(value, Linked):
                if _is_link(value) and links < _LINKS_MAX:
                    links += 1
                    style = formats.linked[column.content]
                    sheet.write_url(last, index, value.url, style, "")
                value = value.value
            _write_cell(sheet, last, index, value, column.content, style)
    if table.columns:
        sheet.autofilter(0, 0, last, len(table.columns) - 1)


def _is_link(value: Linked) -> bool:
    return value.value not in (None, "") and 0 < len(value.url) <= _URL_MAX


def _write_cell(sheet: Any, row: int, column: int, value: object, content: Content, style: Any) -> None:
    """Over the empty text of a link, too: its address stays with the cell."""
    if value is None or value == "":
        return
    if content is Content.DATE and isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, style)
    elif content is Content.NUMBER and _is_number(value):
        sheet.write_number(row, column, value, style)
    elif content is Content.TENTHS and isinstance(value, int):
        sheet.write_number(row, column, value / 10, style)
    else:
        sheet.write_string(row, column, plain_text(cell_text(value, content)), style)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def cell_text(value: object, content: Content = Content.TEXT) -> str:
    """A value as text: dates in ISO, tenths with one decimal, None blank, of a link what it says."""
    if isinstance(value, Linked):
        value = value.value
    if value is None:
        return ""
    if content is Content.TENTHS and isinstance(value, int):
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value) // 10}.{abs(value) % 10}"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return str(value)


def plain_text(text: str) -> str:
    """Text that xlsxwriter writes as text: cut to what a cell takes, and never taken for the markup of rich text."""
    start, end = _RICH
    text = text[:_CELL_MAX]
    return f"{text[: _CELL_MAX - 1]} " if text.startswith(start) and text.endswith(end) else text


def display_width(text: str) -> int:
    """Columns that the widest line takes in a fixed-width face; Chinese signs take two."""
    return max(
        (sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) for line in text.splitlines()),
        default=0,
    )


def _sheet_names(tables: Sequence[Table]) -> list[str]:
    """Names that spreadsheet programs accept: no special signs, at most 31 characters, each only once."""
    names: list[str] = []
    for number, table in enumerate(tables, start=1):
        name = _NAME_FORBIDDEN.sub(" ", table.name).strip()[:_NAME_MAX] or f"Sheet{number}"
        taken = {other.casefold() for other in names}
        names.append(f"{name[: _NAME_MAX - 4]} ({number})" if name.casefold() in taken else name)
    return names


def write_csv(
    target: Path | IO[str], columns: Sequence[Column], rows: Iterable[Sequence[object]], *, bom: bool = False
) -> None:
    """Write UTF-8; ``bom`` for files that people open in a spreadsheet program.

    Text that such a program would take for a formula gets an apostrophe before it, which reading takes off again.
    """
    if isinstance(target, Path):
        with target.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
            write_csv(file, columns, rows)
        return
    if bom:
        target.write("\ufeff")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([harmless(column.title) for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(value, column.content) for value, column in zip(row, columns, strict=True)])


def _csv_cell(value: object, content: Content) -> str:
    text = cell_text(value, content)
    return text if isinstance(value, int | float | dt.date) else harmless(text)


def harmless(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
