"""Records of training done (培训记录, formats.md §1): whose, which class, when, how many hours, in which way."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from zhixing.engine.policies import Found
from zhixing.engine.sheets.cells import Sheet, bare, said, without_brackets
from zhixing.engine.sheets.dates import PartialDate
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment
from zhixing.engine.sheets.headings import Header, Heading, HeadingTable, data_rows, find_header
from zhixing.engine.sheets.persons import Find, key_columns, numbers_of, person_of
from zhixing.engine.sheets.readings import HOURS_MAX, Parsed, Reading, RowReader, settle
from zhixing.engine.sheets.words import ID_NAMES, NUMBER_NAMES, channel_of

HISTORY = HeadingTable(
    headings=(
        Heading("key", "key", "主键 人员标识 人员主键 身份证号/工号 身份证号或工号 身份证号工号", limit=40),
        Heading("id_number", "身份证号", ID_NAMES, "证件号码 证件号", limit=40),
        Heading("number", "工号", NUMBER_NAMES, "编码 编号", limit=40),
        Heading(
            "name",
            "班次名称",
            "班次 培训班名称 培训班 培训班次 培训项目 培训项目名称 项目名称 课程名称 培训名称",
            "名称",
            limit=120,
        ),
        Heading(
            "starts_on", "开始日期", "开始时间 开始学习时间 起始日期 起始时间 培训开始时间 开班时间 开班日期", limit=30
        ),
        Heading(
            "ends_on",
            "结束日期",
            "结束时间 完成时间 完成学习时间 结束学习时间 结业时间 结业日期 培训结束时间",
            limit=30,
        ),
        Heading("tenths", "学时", "培训学时 学时数 获得学时 认定学时 总学时", "课时", limit=30),
        Heading("channel", "培训方式", "学习方式 培训形式 培训类型 学习形式", "方式", limit=30),
        Heading("result", "结果", "培训结果 结业情况 结业状态 是否结业 完成情况 考核结果", limit=30),
        Heading("organiser", "主办单位", "主办部门", "主办", limit=120),
        Heading("institution", "培训机构", "承办机构 承办单位 培训机构名称 施教机构", limit=120),
        Heading("certificate", "证书编号", "结业证书编号 结业证编号 证书号", limit=40),
    ),
    needed=("key|id_number|number", "name", "starts_on", "ends_on", "tenths", "channel"),
)

BY_TABLE = HeadingTable(
    headings=(*HISTORY.headings, Heading("days", "天数", "培训天数 学习天数 实际天数 培训时长(天)", limit=30)),
    needed=tuple(name for name in HISTORY.needed if name != "tenths"),
)
"""Where a table of recognition gives the hours that a row does not state; ``days`` may say 2.5 天."""

COMPLETED, NOT_COMPLETED, ABSENT = "completed", "not_completed", "absent"
_RESULTS = {
    **dict.fromkeys(("结业", "已结业", "准予结业", "合格", "通过", "完成", "已完成", "毕业", "是"), COMPLETED),
    **dict.fromkeys(("未结业", "不合格", "未通过", "未完成", "肄业", "退学", "否"), NOT_COMPLETED),
    **dict.fromkeys(("缺训", "缺席", "未参加", "未参训", "缺勤"), ABSENT),
}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One training of one person; ``person`` is the caller's key, or the number in the sheet when nobody was asked.

    ``tenths`` are None, and ``found`` says what they are by a table of recognition, where the sheet does not state them.
    """

    sheet: str
    row: int
    person: str
    name: str
    starts_on: dt.date
    ends_on: dt.date
    tenths: int | None
    channel: str
    result: str = COMPLETED
    organiser: str = ""
    institution: str = ""
    certificate: str = ""
    days: Fraction | None = None
    found: Found | None = None

    @property
    def credited(self) -> int:
        """Tenths that count: all when completed, else none."""
        if self.result != COMPLETED:
            return 0
        return self.found.tenths if self.found else self.tenths or 0


Worth = Callable[[HistoryRow], Found | None]


def parse_history(sheet: Sheet, find: Find | None = None, worth: Worth | None = None) -> Parsed[HistoryRow]:
    """Read the records. ``find`` turns an ID number (18 characters) or a staff number into the key of a person, None when there is none.

    ``worth`` says what a row without hours is worth, None when it cannot; such a row is refused, as all are without ``worth``.
    """
    header = find_header(sheet, BY_TABLE if worth else HISTORY)
    if not isinstance(header, Header):
        return Parsed((), tuple(header), refused=True)
    readings = [_read_row(RowReader(header, number, cells), find) for number, cells in data_rows(header)]
    rows, faults = settle(readings, header)
    if worth:
        rows, faults = _with_hours(rows, faults, header, worth)
    return Parsed(tuple(rows), tuple(faults), unread=tuple(header.unread))


def _with_hours(
    rows: list[HistoryRow], faults: list[RowFault], header: Header, worth: Worth
) -> tuple[list[HistoryRow], list[RowFault]]:
    """Rows that state no hours get those of the table, or are refused."""
    kept = []
    for row in rows:
        if row.tenths is not None or row.result != COMPLETED:
            kept.append(row)
            continue
        found = worth(row)
        if found and found.tenths <= HOURS_MAX:
            kept.append(replace(row, found=found))
        else:
            place = (row.sheet, row.row, header.label("tenths"), f"{found.tenths / 10:g}" if found else "")
            fault = Fault.HOURS_TOO_MANY if found else Fault.HOURS_NOT_FOUND
            faults.append(RowFault(*place, Treatment.REFUSED, fault))
    return kept, sorted(faults, key=lambda fault: fault.row)


_NO_DAY = dt.date.min
"""Stands in a refused row where no day could be read."""


def _read_row(reader: RowReader, find: Find | None) -> Reading[HistoryRow]:
    person = _person(reader, find)
    name = reader.text("name", needed=True)
    starts_on, ends_on = _day(reader, "starts_on"), _day(reader, "ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        reader.refuse("ends_on", Fault.DATES_OUT_OF_ORDER)
    result = _result(reader)
    row = HistoryRow(
        sheet=reader.header.sheet.name,
        row=reader.number,
        person=person,
        name=name,
        starts_on=starts_on or _NO_DAY,
        ends_on=ends_on or _NO_DAY,
        tenths=_tenths(reader, result),
        channel=_channel(reader),
        result=result,
        organiser=reader.text("organiser"),
        institution=reader.text("institution"),
        certificate=reader.text("certificate"),
        days=_days(reader),
    )
    is_whole = person and name and starts_on
    return reader.reading((person, bare(name), starts_on) if is_whole else None, row)


def _person(reader: RowReader, find: Find | None) -> str:
    """The person whom ID number and staff number name; blank, and the row is refused, when they name nobody or two."""
    numbers = numbers_of(reader)
    if not numbers:
        if not reader.refused:
            reader.refuse(key_columns(reader)[0], Fault.KEY_MISSING)
        return ""
    return next(iter(numbers.values())) if find is None else person_of(reader, numbers, find)


def _day(reader: RowReader, name: str) -> dt.date | None:
    """A month stands for its first day at the beginning, for its last at the end, and is doubtful."""
    date: PartialDate | None = reader.date(name, needed=True)
    if date is None:
        return None
    if date.day is None:
        reader.doubt(name, Fault.DATE_NEEDS_DAY)
    return date.first if name == "starts_on" else date.last


def _tenths(reader: RowReader, result: str) -> int | None:
    """A blank refuses the row, unless a table may give the hours; one that cannot be read always does."""
    if reader.header.table is BY_TABLE:
        return reader.hours("tenths", needed=result == COMPLETED and bool(said(reader.raw("tenths"))))
    return reader.hours("tenths", needed=result == COMPLETED) or 0


_DAYS = re.compile(r"(\d{1,3}(?:\.[05]0?)?)(?:天|日|个工作日)?|(\d{0,3})(?:天|日)?半(?:天|日)?", re.ASCII)


def _days(reader: RowReader) -> Fraction | None:
    """5, 2.5 天, 半天, 2天半; what cannot be read is doubtful and left out."""
    text = bare(reader.raw("days"))
    if not text:
        return None
    shape = _DAYS.fullmatch(text)
    days = Fraction(shape[1] or shape[2] or 0) + (Fraction(1, 2) if shape[1] is None else 0) if shape else Fraction(0)
    if not days:
        reader.doubt("days", Fault.DAYS_UNREADABLE)
        return None
    return days


def _channel(reader: RowReader) -> str:
    text = reader.text("channel", needed=True)
    channel = channel_of(text) if text else ""
    if channel is None:
        reader.refuse("channel", Fault.CHANNEL_UNKNOWN)
    return channel or ""


def _result(reader: RowReader) -> str:
    """Blank is completed; a word that is not known counts as not completed, so that no hours are given on a guess."""
    text = without_brackets(said(reader.raw("result")))
    if not text or text in _RESULTS:
        return _RESULTS.get(text, COMPLETED)
    reader.doubt("result", Fault.RESULT_UNKNOWN)
    return NOT_COMPLETED
