"""Lists of people whom other authorities call (其他部门调训名单): who, by whom and by which document, to what, from when to when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from zhixing.engine.sheets.cells import Sheet, bare, said
from zhixing.engine.sheets.classes import CLASS_NAMES
from zhixing.engine.sheets.faults import Fault
from zhixing.engine.sheets.headings import Header, Heading, HeadingTable, data_rows, find_header
from zhixing.engine.sheets.persons import numbers_of, person_of
from zhixing.engine.sheets.readings import Parsed, Reading, RowReader, settle
from zhixing.engine.sheets.words import ID_NAMES, NUMBER_NAMES, UNIT_NAMES

OUTSIDE = HeadingTable(
    headings=(
        Heading("key", "key", "主键 人员标识 人员主键 身份证号/工号 身份证号或工号 身份证号工号", limit=40),
        Heading("id_number", "身份证号", ID_NAMES, "证件号码 证件号", limit=40),
        Heading("number", "工号", NUMBER_NAMES, "编码 编号", limit=40),
        Heading("person_name", "姓名", "人员姓名 干部姓名 学员姓名 参训人员 调训人员", limit=60),
        Heading("unit", "单位", UNIT_NAMES, "机构 部门", limit=120),
        Heading(
            "caller", "调训单位", "调训部门 调训机关 发文单位 发文机关 主办单位 主办部门 组织单位", "主办", limit=120
        ),
        Heading("document", "文号", "文件号 文件文号 发文字号 发文号 通知文号 通知编号 调训文号", limit=80),
        Heading("name", "班次名称", CLASS_NAMES, "名称 课程名称", limit=120),
        Heading("theme", "主题", "培训主题 专题 培训专题", "培训内容", limit=60),
        Heading(
            "starts_on", "开始日期", "开始时间 开班日期 开班时间 起始日期 起始时间 培训开始时间 第一天 首日", limit=30
        ),
        Heading("ends_on", "结束日期", "结束时间 结业日期 结业时间 终止日期 培训结束时间 最后一天 末日", limit=30),
        Heading("leaves_on", "出发日期", "出发时间 离岗日期 离岗时间 去程日期 报到日期 报到时间", limit=30),
        Heading("returns_on", "返回日期", "返回时间 返岗日期 返岗时间 返程日期 返程时间", limit=30),
        Heading("place", "地点", "培训地点 办班地点 上课地点", limit=120),
    ),
    needed=("person_name", "key|id_number|number|unit"),
    name_field="person_name",
    may_be_blank=frozenset({"key", "id_number", "number", "unit"}),
)
"""Who calls and to what may stand above the sheet instead of in it: ``Stated`` says it for every row."""

DAYS_MOST: Final = 731
"""More days away are a mistyped year: nobody could be called until then."""


class Directory(Protocol):
    """Whom a list may name; keys of people are texts."""

    def by_number(self, number: str) -> str | None:
        """The person with this ID number (18 characters) or staff number."""

    def by_name(self, name: str, unit: str) -> Collection[str]:
        """People of this name in the unit so called, or below it."""

    def name_of(self, person: str) -> str: ...

    def is_in(self, person: str, unit: str) -> bool:
        """Whether the words may mean the person's unit, or one above it."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What holds for every row whose own cell is blank."""

    caller: str = ""
    document: str = ""
    name: str = ""
    theme: str = ""
    place: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class OutsideRow:
    """One person called by another authority. ``starts_on`` … ``ends_on`` are class days, ``away_from`` … ``away_to`` the days with travel."""

    sheet: str
    row: int
    person: str
    caller: str
    document: str
    name: str
    theme: str
    place: str
    starts_on: dt.date
    ends_on: dt.date
    away_from: dt.date
    away_to: dt.date


def parse_outside(sheet: Sheet, directory: Directory, stated: Stated | None = None) -> Parsed[OutsideRow]:
    """Read the list. Rows of one person, caller, class and first day that contradict each other are all refused."""
    header = find_header(sheet, OUTSIDE)
    if not isinstance(header, Header):
        return Parsed((), tuple(header), refused=True)
    given = stated or Stated()
    readings = [_read_row(RowReader(header, number, cells), directory, given) for number, cells in data_rows(header)]
    rows, faults = settle(readings, header)
    return Parsed(tuple(rows), tuple(faults), unread=tuple(header.unread))


_NO_DAY = dt.date.min
"""Stands in a refused row where no day could be read."""


def _read_row(reader: RowReader, directory: Directory, stated: Stated) -> Reading[OutsideRow]:
    person = _person(reader, directory)
    caller, name = _text(reader, "caller", stated.caller), _text(reader, "name", stated.name)
    starts_on, ends_on = _day(reader, "starts_on", stated.starts_on), _day(reader, "ends_on", stated.ends_on)
    away_from, away_to = _away(reader, starts_on, ends_on)
    row = OutsideRow(
        sheet=reader.header.sheet.name,
        row=reader.number,
        person=person,
        caller=caller,
        document=reader.text("document") or stated.document,
        name=name,
        theme=reader.text("theme") or stated.theme,
        place=reader.text("place") or stated.place,
        starts_on=starts_on,
        ends_on=ends_on,
        away_from=away_from,
        away_to=away_to,
    )
    is_whole = person and caller and name and starts_on != _NO_DAY
    return reader.reading((person, bare(caller), bare(name), starts_on) if is_whole else None, row)


def _person(reader: RowReader, directory: Directory) -> str:
    """By number, and then name and unit must fit; without a number by name and unit. Blank, and the row is refused, when it is not one person."""
    name, unit = reader.text("person_name", needed=True), reader.text("unit")
    numbers = numbers_of(reader)
    if not name or reader.refused:
        return ""
    if not numbers:
        return _by_name(reader, directory, name, unit)
    person = person_of(reader, numbers, directory.by_number)
    if person and bare(directory.name_of(person)) != bare(name):
        reader.refuse("person_name", Fault.NAME_OF_ANOTHER)
    elif person and unit and not directory.is_in(person, unit):
        reader.doubt("unit", Fault.OTHER_UNIT)
    return person


def _by_name(reader: RowReader, directory: Directory, name: str, unit: str) -> str:
    found = directory.by_name(name, unit) if unit else ()
    if len(found) != 1:
        missing = Fault.NAME_SHARED if found else Fault.NAME_UNKNOWN
        reader.refuse("person_name", missing if unit else Fault.KEY_MISSING)
        return ""
    return next(iter(found))


def _text(reader: RowReader, name: str, stated: str) -> str:
    return reader.text(name, needed=not stated) or stated


def _day(reader: RowReader, name: str, stated: dt.date | None) -> dt.date:
    if stated and not said(reader.raw(name)):
        return stated
    date = reader.date(name, needed=True)
    if date is None:
        return _NO_DAY
    if date.day is None:
        reader.refuse(name, Fault.DATE_NEEDS_DAY)
    return date.first


def _away(reader: RowReader, starts_on: dt.date, ends_on: dt.date) -> tuple[dt.date, dt.date]:
    """The days with travel: the class days where none is stated. What cannot be right refuses the row."""
    if _NO_DAY in (starts_on, ends_on):
        return _NO_DAY, _NO_DAY
    first = _day(reader, "leaves_on", starts_on)
    last = _day(reader, "returns_on", ends_on)
    if ends_on < starts_on:
        reader.refuse("ends_on", Fault.DATES_OUT_OF_ORDER)
    elif first > starts_on:
        reader.refuse("leaves_on", Fault.DATES_OUT_OF_ORDER)
    elif last < ends_on and last != _NO_DAY:
        reader.refuse("returns_on", Fault.DATES_OUT_OF_ORDER)
    elif first != _NO_DAY and (last - first).days >= DAYS_MOST:
        reader.refuse("returns_on" if last > ends_on else "ends_on", Fault.DAYS_TOO_MANY, (str(DAYS_MOST),))
    return first, last
