"""Lists of people as officers write them: pasted lines or a small sheet, each person named by name, staff number or ID number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from zhixing.engine.sheets.cells import Sheet, said
from zhixing.engine.sheets.faults import RowFault
from zhixing.engine.sheets.headings import Header, Heading, HeadingTable, cell_at, data_rows, find_header
from zhixing.engine.sheets.identity import looks_like_id
from zhixing.engine.sheets.words import ID_NAMES, NUMBER_NAMES

NARROW: Final = 4
"""A sheet of so many columns needs no heading: its rows are read like pasted lines."""
PEOPLE = HeadingTable(
    headings=(
        Heading("key", "key", "主键 人员标识 人员主键 身份证号/工号 身份证号或工号 身份证号工号", limit=40),
        Heading("id_number", "身份证号", ID_NAMES, "证件号码 证件号", limit=40),
        Heading("number", "工号", NUMBER_NAMES, "编码 编号", limit=40),
        Heading("name", "姓名", "人员姓名 员工姓名 干部姓名 学员姓名", "名称", limit=60),
    ),
    needed=("key|id_number|number|name",),
)
_BETWEEN: Final = re.compile(r"[\s,，;；、|/]+")
_LISTING: Final = re.compile(r"^[(（]?\d{1,3}[)）.．、]\s*")


@dataclass(frozen=True, slots=True)
class Mention:
    """One person named in ``row`` (from 1): numbers are staff or ID numbers, words may be the name."""

    row: int
    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return " ".join((*self.words, *self.numbers))


@dataclass(frozen=True, slots=True)
class Mentions:
    """The people named, or the faults for which a sheet cannot be read."""

    people: tuple[Mention, ...] = ()
    faults: tuple[RowFault, ...] = field(default=())


def read_lines(text: str) -> Mentions:
    """Pasted text: one person a line with name and numbers in any order, or several names on one line."""
    return Mentions(tuple(_mentions(enumerate(text.splitlines(), start=1))))


def read_people(sheet: Sheet) -> Mentions:
    """The columns whose headings name people; a narrow sheet without headings row by row."""
    header = find_header(sheet, PEOPLE)
    if isinstance(header, Header):
        lines = (
            (number, " ".join(cell_at(cells, column) for column in header.columns.values()))
            for number, cells in data_rows(header)
        )
        return Mentions(tuple(_mentions(lines)))
    if max((len(row) for row in sheet.rows), default=0) > NARROW:
        return Mentions(faults=tuple(header))
    return Mentions(tuple(_mentions((number, " ".join(row)) for number, row in enumerate(sheet.rows, start=1))))


def _mentions(lines: Iterable[tuple[int, str]]) -> Iterator[Mention]:
    for row, line in lines:
        parts = [part for part in _BETWEEN.split(said(_LISTING.sub("", line.strip()))) if part]
        numbers = tuple(part for part in parts if _is_number(part))
        if not parts or (not numbers and any(PEOPLE.claim(part) for part in parts)):
            continue  # nothing, or a row of headings
        words = tuple(part for part in parts if not _is_number(part))
        if numbers:
            yield Mention(row, numbers, words)
        else:
            yield from (Mention(row, words=(word,)) for word in words)


def _is_number(part: str) -> bool:
    return looks_like_id(part) or any(sign.isdigit() for sign in part)
