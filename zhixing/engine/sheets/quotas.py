"""分配名额: how many seats of which class a unit has. A matrix (units × classes, either way round) or a long list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhixing.engine.sheets.cells import Sheet, bare, clean, said
from zhixing.engine.sheets.faults import VALUE_LIMIT, Fault, RowFault, Treatment
from zhixing.engine.sheets.headings import (
    SEARCH_DEPTH,
    Header,
    Heading,
    HeadingTable,
    cell_at,
    column_letters,
    data_rows,
    find_header,
)
from zhixing.engine.sheets.readings import Parsed, Reading, RowReader, settle

QUOTA_WORDS = re.compile("名额|指标")
"""What the name of a sheet of quotas holds."""

_UNIT = Heading("unit", "单位", "单位名称 调训单位 参训单位 选派单位 所在单位", "机构 部门 地区 县区", limit=120)
_CLASS = Heading("name", "班次名称", "班次 班名 培训班名称 培训班 培训班次 项目名称", "名称", limit=120)
_SEATS = Heading("seats", "名额", "分配名额 人数 名额数 调训名额 计划人数 调训人数", "指标 数量", limit=30)
_LEAST = Heading("least", "名额下限", "最少名额 名额最少 最少人数 人数下限 下限", limit=30)
LONG = HeadingTable((_UNIT, _CLASS, _SEATS, _LEAST), needed=("unit", "name", "seats"))

_BESIDE = frozenset(
    (
        "序号",
        "编号",
        "合计",
        "总计",
        "小计",
        "共计",
        "备注",
        "说明",
        "单位",
        "单位名称",
        "类别",
        "联系人",
        "联系电话",
        "总人数",
    )
)
"""Columns of a matrix that are neither unit nor class."""
_PUNCTUATION = re.compile(r"[《》“”\"'‘’()\[\]【】·、,.\-—]")
_NUMBER = re.compile(r"(?:(\d{1,5})(?:人|名|个)?[-—~～至到])?(\d{1,5})(?:\.0+)?(?:人|名|个)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quota:
    """At most ``seats`` of a class for a unit; the unit as written, the class as the class list writes it.

    ``least``: the fewest, from a range (``2-4``) or a column of its own; None when the sheet is silent.
    """

    sheet: str
    row: int
    unit: str
    name: str
    seats: int
    least: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedQuotas(Parsed[Quota]):
    """``Parsed``, and the classes that have a column: a unit without a number has no seat in them."""

    rows: tuple[Quota, ...] = ()
    faults: tuple[RowFault, ...] = ()
    closed: frozenset[str] = frozenset()


def parse_quotas(sheet: Sheet, classes: Sequence[str]) -> ParsedQuotas:
    """Read the sheet of quotas for the classes named. The whole sheet is refused when it has no known shape or a class twice."""
    known = {_class_key(name): name for name in classes}
    long = find_header(sheet, LONG)
    if isinstance(long, Header):
        readings = [_read_long(RowReader(long, number, cells), known) for number, cells in data_rows(long)]
        rows, faults = settle(readings, long)
        closed = {reading.made.name for reading in readings}.intersection(known.values())
        return ParsedQuotas(tuple(rows), tuple(faults), closed=frozenset(closed))
    matrix = _Matrix(sheet, known)
    if refusals := matrix.faults():
        return ParsedQuotas((), tuple(refusals), refused=True)
    readings = [reading for number, cells in data_rows(matrix.header) for reading in matrix.read(number, cells)]
    rows, faults = settle(readings, matrix.header)
    return ParsedQuotas(tuple(rows), (*matrix.unknown_classes(), *faults), closed=matrix.classes())


def _class_key(text: str) -> str:
    return _PUNCTUATION.sub("", bare(text))


def _read_long(reader: RowReader, known: Mapping[str, str]) -> Reading[Quota]:
    unit = reader.text("unit", needed=True)
    name = reader.text("name", needed=True)
    if name and _class_key(name) not in known:
        reader.refuse("name", Fault.CLASS_UNKNOWN)
    seats = _seats(said(reader.raw("seats")))
    if seats is None:
        reader.refuse("seats", Fault.SEATS_UNREADABLE if said(reader.raw("seats")) else Fault.MISSING)
    least, most = seats or (None, 0)
    written = said(reader.raw("least"))
    if written:
        read = _seats(written)
        least = read[1] if read else None
        if read is None:
            reader.doubt("least", Fault.SEATS_UNREADABLE)
    if least is not None and least > most:
        reader.refuse("least" if written else "seats", Fault.SEATS_OUT_OF_ORDER)
    row = Quota(reader.header.sheet.name, reader.number, unit, known.get(_class_key(name), name), most, least)
    return reader.reading((bare(unit), row.name), row)


def _seats(text: str) -> tuple[int | None, int] | None:
    """Fewest and most seats of a cell: ``4`` says nothing about the fewest, ``2-4`` does; None when it is no such number."""
    shape = _NUMBER.fullmatch(bare(text))
    if shape is None:
        return None
    least, most = int(shape[1]) if shape[1] else None, int(shape[2])
    return None if least is not None and least > most else (least, most)


class _Matrix:
    """A sheet that holds a number for each unit and class: classes across and units down, or the other way round."""

    def __init__(self, sheet: Sheet, known: Mapping[str, str]) -> None:
        self._sheet, self._known = sheet, known
        top, in_row = self._best_row()
        side, in_column = self._best_column()
        self._is_upright = in_row >= in_column
        self._fits = max(in_row, in_column) > 0
        if not self._is_upright:
            top = self._row_of_units(side)
        self._labels = {
            column: clean(text) for column, text in enumerate(sheet.rows[top] if sheet.rows else ()) if clean(text)
        }
        if self._is_upright:
            side = self._column_of_units()
        self._side, self._top = side, top
        self.header = self._header()

    def _known_in(self, texts: Sequence[str]) -> int:
        return len({key for text in texts if (key := _class_key(text)) in self._known})

    def _best_row(self) -> tuple[int, int]:
        """The row that names most classes, and how many."""
        counts = [(self._known_in(row), -index) for index, row in enumerate(self._sheet.rows[:SEARCH_DEPTH])]
        count, index = max(counts, default=(0, 0))
        return -index, count

    def _best_column(self) -> tuple[int, int]:
        width = max(map(len, self._sheet.rows), default=0)
        counts = [
            (self._known_in([cell_at(row, column) for row in self._sheet.rows]), -column) for column in range(width)
        ]
        count, column = max(counts, default=(0, 0))
        return -column, count

    def _row_of_units(self, side: int) -> int:
        """The last row with labels above the first class of the column ``side``."""
        rows = self._sheet.rows
        first = next(index for index, row in enumerate(rows) if _class_key(cell_at(row, side)) in self._known)
        return next((index for index in range(first - 1, -1, -1) if any(map(clean, rows[index][side + 1 :]))), 0)

    def _column_of_units(self) -> int:
        """The column headed 单位; else the last one before the classes that is no serial number."""
        headed = [
            column for column, label in self._labels.items() if (claim := LONG.claim(label)) and claim[0] == "unit"
        ]
        first = min((column for column, label in self._labels.items() if _class_key(label) in self._known), default=0)
        beside = [column for column in range(first) if bare(self._labels.get(column, "")) not in _BESIDE]
        return headed[0] if headed else max(beside, default=0)

    def _header(self) -> Header:
        side_field = "unit" if self._is_upright else "name"
        across = {label: column for column, label in self._labels.items() if self._counts(column, label)}
        words = frozenset(map(bare, self._labels.values()))
        labels = {self._side: LONG.by_field[side_field].title} | self._labels
        return Header(self._sheet, LONG, self._top, self._top, {side_field: self._side} | across, labels, words)

    def _counts(self, column: int, label: str) -> bool:
        """Whether a column holds numbers of seats."""
        if column == self._side or bare(label) in _BESIDE:
            return False
        return _class_key(label) in self._known if self._is_upright else column > self._side

    def classes(self) -> frozenset[str]:
        """The classes that the matrix has, as the class list names them."""
        texts = self._labels.values() if self._is_upright else [cell_at(row, self._side) for row in self._sheet.rows]
        return frozenset(self._known[key] for text in texts if (key := _class_key(text)) in self._known)

    def faults(self) -> list[RowFault]:
        """What refuses the sheet as a whole."""
        names = [_class_key(label) for label in self._labels.values()]
        seen = " ".join(self._labels.values())[:VALUE_LIMIT]
        if not self._fits:
            return [self._fault(LONG.by_field["name"].title, seen, Fault.HEADING_MISSING)]
        if not self._is_upright:
            return []
        return [
            self._fault(self._known[key], self._places(key), Fault.HEADING_TWICE)
            for key in dict.fromkeys(names)
            if key in self._known and names.count(key) > 1
        ]

    def _places(self, key: str) -> str:
        found = [(column, label) for column, label in self._labels.items() if _class_key(label) == key]
        return " | ".join(f"{label} ({column_letters(column)})" for column, label in found)

    def unknown_classes(self) -> list[RowFault]:
        """Columns with numbers under a name that the class list does not have."""
        if not self._is_upright:
            return []
        return [
            self._fault(label, label, Fault.CLASS_UNKNOWN)
            for column, label in self._labels.items()
            if column > self._side and _class_key(label) not in self._known and bare(label) not in _BESIDE
            if any(
                (read := _seats(said(cell_at(row, column)))) and read[1] for row in self._sheet.rows[self._top + 1 :]
            )
        ]

    def _fault(self, column: str, value: str, fault: Fault) -> RowFault:
        return RowFault(self._sheet.name, self._top + 1, column, value, Treatment.REFUSED, fault)

    def read(self, number: int, cells: Sequence[str]) -> list[Reading[Quota]]:
        """The quotas of one row; a cell that is no number refuses them all."""
        reader = RowReader(self.header, number, cells)
        side_field, *labels = self.header.columns
        side = reader.text(side_field)
        seats = {label: text for label in labels if (text := said(reader.raw(label)))}
        if not side or bare(side) in _BESIDE or not seats:
            return []
        if not self._is_upright and _class_key(side) not in self._known:
            reader.refuse("name", Fault.CLASS_UNKNOWN)
        for label, text in seats.items():
            if _seats(text) is None:
                reader.refuse(label, Fault.SEATS_UNREADABLE)
        readings = [self._quota(reader, side, label, _seats(text) or (None, 0)) for label, text in seats.items()]
        for later in readings[1:]:
            later.faults = ()  # the row's faults are told once
        return readings

    def _quota(self, reader: RowReader, side: str, label: str, seats: tuple[int | None, int]) -> Reading[Quota]:
        unit, name = (side, label) if self._is_upright else (label, side)
        least, most = seats
        row = Quota(self._sheet.name, reader.number, unit, self._known.get(_class_key(name), name), most, least)
        return reader.reading((bare(unit), row.name), row)
