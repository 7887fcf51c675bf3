"""The used area of a sheet, measured on the stream of its XML.

The parser lays a sheet out as a full rectangle: one cell in the last column of the last row would ask for half a terabyte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_TAG_MAX = 1 << 16
"""Bytes that one tag may have; a longer one cannot come from a spreadsheet program."""
_OPEN_CELL = re.compile(rb"""<(?:\w+:)?c\b[^<>]*?\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^<>]*(?<!/)>""")
_PLACELESS_CELL = re.compile(rb"""<(?:\w+:)?c(?![^<>]*\br\s*=)(?:\s[^<>]*)?(?<!/)>""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^<>]*?\br\s*=\s*["'](\d{1,7})["']""")
_ODS_TAG = re.compile(rb"<table:(table|table-row|table-cell|covered-table-cell)(?![\w-])([^<>]*)>")
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["'](\d{1,9})["']""")


class LongTag(ValueError):
    """A tag longer than any real one."""


def _whole_tags(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks cut anew so that no tag is split."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        cut = text.rfind(b"<")
        cut = len(text) if cut < 0 or b">" in text[cut:] else cut
        rest = text[cut:]
        if len(rest) > _TAG_MAX:
            raise LongTag
        yield text[:cut]
    yield rest


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def office_open_cells(chunks: Iterable[bytes]) -> int:
    """Cells of the rectangle that a worksheet part of an .xlsx fills; 0 for a part that is no worksheet."""
    letters: set[bytes] = set()
    rows = widest = 0
    for text in _whole_tags(chunks):
        if found := _OPEN_CELL.findall(text):
            columns, numbers = zip(*found, strict=True)
            letters.update(columns)
            rows = max(rows, *map(int, set(numbers)))
        if _has_placeless_cell(text):
            # Such cells follow one another, so there are at most as many in a row as in the text.
            rows = max(rows, *map(int, _ROW.findall(text)), 1)
            widest = max(widest, *(len(_PLACELESS_CELL.findall(line)) for line in re.split(rb"</(?:\w+:)?row>", text)))
    return rows * max([widest, *map(_column_number, letters)])


def _has_placeless_cell(text: bytes) -> bool:
    placed_cells_only = b":c" not in text and text.count(b'<c r="') == text.count(b"<c") - text.count(b"<col")
    return not placed_cells_only and _PLACELESS_CELL.search(text) is not None


def open_document_cells(chunks: Iterable[bytes]) -> int:
    """Cells of the largest rectangle that a table of an .ods content part fills, with what is repeated."""
    largest = row = column = rows = columns = repeated = 0
    for text in _whole_tags(chunks):
        for kind, attributes in _ODS_TAG.findall(text):
            count = int(match[1]) if (match := _REPEATED.search(attributes)) else 1
            if kind == b"table":
                row = column = rows = columns = repeated = 0
            elif kind == b"table-row":
                row, column, repeated = row + repeated, 0, count
            else:
                column += count
                if b"value-type" in attributes:
                    rows, columns = max(rows, row + repeated), max(columns, column)
                    largest = max(largest, rows * columns)
    return largest
