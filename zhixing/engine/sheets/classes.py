"""The class list (班次计划表) and the sheet that gives seats to units (分配名额), formats.md §1."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zhixing.engine.sheets.cells import Sheet, bare, by_size, said
from zhixing.engine.sheets.faults import Fault
from zhixing.engine.sheets.headings import Header, Heading, HeadingTable, data_rows, find_header
from zhixing.engine.sheets.money import read_money
from zhixing.engine.sheets.quotas import QUOTA_WORDS, ParsedQuotas, parse_quotas
from zhixing.engine.sheets.ranks import read_target
from zhixing.engine.sheets.readings import Parsed, Reading, RowReader, settle
from zhixing.engine.sheets.words import channel_of

CLASS_NAMES = "班次 班名 培训班名称 培训班次 培训班次名称 培训班 培训项目 培训项目名称 项目名称 班级名称"

CLASSES = HeadingTable(
    headings=(
        Heading("name", "班次名称", CLASS_NAMES, "名称 课程名称", limit=120),
        Heading(
            "starts_on", "开始日期", "开始时间 开班日期 开班时间 起始日期 起始时间 培训开始时间 开始学习时间", limit=30
        ),
        Heading(
            "ends_on",
            "结束日期",
            "结束时间 结业日期 结业时间 终止日期 完成时间 完成学习时间 培训结束时间 结束学习时间",
            limit=30,
        ),
        Heading(
            "seats",
            "人数",
            "培训人数 计划人数 招生人数 调训人数 班次人数 计划名额 培训规模 人数规模",
            "名额 规模",
            limit=30,
        ),
        Heading("seats_max", "人数上限", "最多人数 最大人数 上限人数 人数最多", "上限", limit=30),
        Heading("seats_min", "人数下限", "最少人数 最小人数 下限人数 人数最少", "下限", limit=30),
        Heading("target", "培训对象", "参训对象 调训对象 培训范围 学员范围 参训范围", "对象", limit=300),
        Heading("ranks", "职务层次", "职务级别 参训级别 职务层级", "级别 职级", limit=300),
        Heading("organiser", "主办单位", "主办部门", "主办", limit=120),
        Heading("institution", "承办机构", "承办单位 培训机构 施教机构 承训机构", "承办", limit=120),
        Heading("tenths", "学时", "培训学时 总学时 学时数 计划学时", "课时", limit=30),
        Heading("channel", "培训方式", "学习方式 培训形式 办班方式", "方式", limit=30),
        Heading("theme", "主题", "培训主题 专题", "培训内容", limit=60),
        Heading("content", "内容类别", "培训内容类别 内容分类 内容类型", "内容", limit=60),
        Heading(
            "cents", "经费", "经费预算 预算 预算经费 培训经费 培训经费预算 所需经费 计划经费 经费安排", "金额", limit=30
        ),
        Heading("place", "地点", "培训地点 办班地点 上课地点", limit=120),
    ),
    needed=("name", "starts_on", "ends_on", "seats|seats_max", "target|ranks"),
)

WITHOUT_MONEY: Final = replace(CLASSES, headings=tuple(one for one in CLASSES.headings if one.field != "cents"))
"""For readers who do nothing with money: its column is told as unread, and no row is doubted for it."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class run. ``ranks`` are canonical names of posts and grades; ``tenths``, ``cents`` and ``seats_min`` are None when the sheet is silent."""

    sheet: str
    row: int
    name: str
    starts_on: dt.date
    ends_on: dt.date
    seats: int
    seats_min: int | None
    ranks: tuple[str, ...]
    target: str = ""
    organiser: str = ""
    institution: str = ""
    tenths: int | None = None
    channel: str = ""
    theme: str = ""
    content: str = ""
    place: str = ""
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedClasses(Parsed[ClassRow]):
    """``Parsed``, and the seats given to units."""

    quotas: ParsedQuotas = field(default_factory=ParsedQuotas)


def parse_classes(sheets: Sequence[Sheet], table: HeadingTable = CLASSES) -> ParsedClasses:
    """Read the class list from the largest sheet that has its headings, and the quotas from the sheet called 名额, else from one that fits."""
    headers = [
        find_header(sheet, table)
        for sheet in by_size([sheet for sheet in sheets if not _is_called_quotas(sheet)] or sheets)
    ]
    header = next((header for header in headers if isinstance(header, Header)), headers[0])
    if not isinstance(header, Header):
        return ParsedClasses((), tuple(header), refused=True)
    readings = [_read_row(RowReader(header, number, cells)) for number, cells in data_rows(header)]
    rows, faults = settle(readings, header)
    others = [sheet for sheet in sheets if sheet is not header.sheet]
    quotas = _quotas(others, [reading.made.name for reading in readings if reading.made.name])
    return ParsedClasses(tuple(rows), (*faults, *quotas.faults), quotas.refused, tuple(header.unread), quotas)


def _is_called_quotas(sheet: Sheet) -> bool:
    return QUOTA_WORDS.search(bare(sheet.name)) is not None


def _quotas(sheets: Sequence[Sheet], classes: Sequence[str]) -> ParsedQuotas:
    for sheet in sheets:
        if _is_called_quotas(sheet):
            return parse_quotas(sheet, classes)
    fitting = (parsed for sheet in sheets if not (parsed := parse_quotas(sheet, classes)).refused)
    return next(fitting, ParsedQuotas())


_NO_DAY = dt.date.min
"""Stands in a refused row where no day could be read."""


def _read_row(reader: RowReader) -> Reading[ClassRow]:
    name = reader.text("name", needed=True)
    starts_on, ends_on = _day(reader, "starts_on"), _day(reader, "ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        reader.refuse("ends_on", Fault.DATES_OUT_OF_ORDER)
    seats, seats_min = _seats(reader)
    row = ClassRow(
        sheet=reader.header.sheet.name,
        row=reader.number,
        name=name,
        starts_on=starts_on or _NO_DAY,
        ends_on=ends_on or _NO_DAY,
        seats=seats or 0,
        seats_min=seats_min,
        ranks=_ranks(reader),
        target=reader.text("target"),
        organiser=reader.text("organiser"),
        institution=reader.text("institution"),
        tenths=reader.hours("tenths"),
        channel=_channel(reader),
        theme=reader.text("theme"),
        content=reader.text("content"),
        place=reader.text("place"),
        cents=_cents(reader),
    )
    return reader.reading(bare(name), row)


def _day(reader: RowReader, name: str) -> dt.date | None:
    date = reader.date(name, needed=True)
    if date is None or date.day is None:
        if date is not None:
            reader.refuse(name, Fault.DATE_NEEDS_DAY)
        return None
    return date.first


_SEATS = re.compile(r"(?:约|共)?(\d{1,5})(?:\.0+)?(?:[-—~～至到](\d{1,5}))?(?:人|名)?(?:左右|以内)?", re.ASCII)


def _seats(reader: RowReader) -> tuple[int | None, int | None]:
    """Most and fewest seats: from 人数 (which may be a range, ``40-50人``), or from 人数上限 and 人数下限."""
    upper = "seats_max" if said(reader.raw("seats_max")) else "seats"
    most = _count(reader, upper, needed=True)
    least = _count(reader, "seats_min", needed=False)
    if most is None:
        return None, None
    low, high = most
    fewest = least[1] if least else (low if low != high else None)
    if fewest is not None and fewest > high:
        reader.refuse("seats_min", Fault.SEATS_OUT_OF_ORDER)
    return high, fewest


def _count(reader: RowReader, name: str, *, needed: bool) -> tuple[int, int] | None:
    text = bare(said(reader.raw(name)))
    if not text:
        if needed:
            reader.refuse(name, Fault.MISSING)
        return None
    shape = _SEATS.fullmatch(text)
    low, high = (int(shape[1]), int(shape[2] or shape[1])) if shape else (0, 0)
    if not 0 < low <= high and not (name == "seats_min" and shape and low == high):
        (reader.refuse if needed else reader.doubt)(name, Fault.SEATS_UNREADABLE)
        return None
    return low, high


def _cents(reader: RowReader) -> int | None:
    text = said(reader.raw("cents"))
    if not text:
        return None
    read = read_money(text, reader.header.label("cents"))
    if isinstance(read, Fault):
        reader.doubt("cents", read)
        return None
    return read


def _ranks(reader: RowReader) -> tuple[str, ...]:
    """The ranks of 职务层次, else of 培训对象, which is often free text; what is not understood refuses the row."""
    name = "ranks" if said(reader.raw("ranks")) else "target"
    text = said(reader.raw(name))
    if not text:
        reader.refuse(name if name in reader.header.columns else "ranks", Fault.MISSING)
        return ()
    target = read_target(text)
    if target.unknown:
        reader.refuse(name, Fault.TARGET_UNKNOWN, target.unknown)
    return target.ranks


def _channel(reader: RowReader) -> str:
    text = said(reader.raw("channel"))
    channel = channel_of(text) if text else ""
    if channel is None:
        reader.doubt("channel", Fault.CHANNEL_UNKNOWN)
    return channel or ""
