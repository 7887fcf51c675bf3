"""Lists of people whom other authorities call. All persons are invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import pytest

from zhixing.engine.sheets.cells import Sheet
from zhixing.engine.sheets.faults import Fault, Treatment
from zhixing.engine.sheets.identity import check_digit
from zhixing.engine.sheets.outside import OutsideRow, Stated, parse_outside
from zhixing.engine.sheets.readings import Parsed

ID = "99010119850712123" + check_digit("99010119850712123")
CALLED = {
    "姓名": "沈若溪",
    "身份证号": ID,
    "单位": "市水务局",
    "调训单位": "省委组织部",
    "文号": "省组通〔2026〕12号",
    "班次名称": "数字政府建设专题班",
    "主题": "数字政府",
    "开始日期": "2026年3月4日",
    "结束日期": "2026.3.8",
    "地点": "省委党校",
}


@dataclass(frozen=True)
class Known:
    key: str
    name: str
    number: str
    unit: str


class Roster:
    """Three people, two of one name in one unit."""

    people = (
        Known("1", "沈若溪", ID, "市水务局"),
        Known("2", "江远", "G2", "市水务局"),
        Known("3", "江远", "G3", "市水务局"),
    )

    def by_number(self, number: str) -> str | None:
        return next((one.key for one in self.people if one.number == number), None)

    def by_name(self, name: str, unit: str) -> Collection[str]:
        return [one.key for one in self.people if (one.name, one.unit) == (name, unit)]

    def name_of(self, person: str) -> str:
        return next(one.name for one in self.people if one.key == person)

    def is_in(self, person: str, unit: str) -> bool:
        return any(one.key == person and one.unit == unit for one in self.people)


def parse(*rows: dict[str, str], stated: Stated | None = None) -> Parsed[OutsideRow]:
    headings = list(dict.fromkeys(key for row in rows for key in row))
    cells = [headings, *[[row.get(heading, "") for heading in headings] for row in rows]]
    return parse_outside(Sheet("调训名单", cells), Roster(), stated)


def told(parsed: Parsed[OutsideRow]) -> list[tuple[int, str, Treatment, Fault]]:
    return [(fault.row, fault.column, fault.treatment, fault.fault) for fault in parsed.faults]


def without(*names: str, **more: str) -> dict[str, str]:
    return {key: value for key, value in CALLED.items() if key not in names} | more


def test_a_row_is_read_and_the_days_away_are_the_class_days() -> None:
    parsed = parse(CALLED)
    first, last = dt.date(2026, 3, 4), dt.date(2026, 3, 8)
    assert parsed.faults == ()
    assert parsed.rows == (
        OutsideRow(
            "调训名单",
            2,
            "1",
            "省委组织部",
            "省组通〔2026〕12号",
            "数字政府建设专题班",
            "数字政府",
            "省委党校",
            first,
            last,
            first,
            last,
        ),
    )


def test_stated_travel_days_widen_the_days_away() -> None:
    (row,) = parse(CALLED | {"报到日期": "2026-03-03", "返程日期": "2026-03-09"}).rows
    assert (row.starts_on, row.ends_on) == (dt.date(2026, 3, 4), dt.date(2026, 3, 8))
    assert (row.away_from, row.away_to) == (dt.date(2026, 3, 3), dt.date(2026, 3, 9))


def test_what_stands_above_the_sheet_holds_for_every_row() -> None:
    stated = Stated("省委组织部", "12号", "专题班", "治水", "", dt.date(2026, 5, 6), dt.date(2026, 5, 9))
    parsed = parse({"姓名": "沈若溪", "单位": "市水务局"}, stated=stated)
    assert parsed.faults == ()
    (row,) = parsed.rows
    assert (row.person, row.caller, row.name, row.theme) == ("1", "省委组织部", "专题班", "治水")
    assert (row.starts_on, row.away_to) == (dt.date(2026, 5, 6), dt.date(2026, 5, 9))


@pytest.mark.parametrize(
    ("row", "column", "fault"),
    [
        (CALLED | {"姓名": "沈若希"}, "姓名", Fault.NAME_OF_ANOTHER),
        (without("身份证号", 工号="G9"), "工号", Fault.PERSON_UNKNOWN),
        (CALLED | {"工号": "G2"}, "身份证号", Fault.KEYS_DISAGREE),
        (CALLED | {"身份证号": ID[:-1] + ("1" if ID[-1] != "1" else "2")}, "身份证号", Fault.ID_CHECK_DIGIT),
        (without("身份证号", 姓名="江远"), "姓名", Fault.NAME_SHARED),
        (without("身份证号", 姓名="江原"), "姓名", Fault.NAME_UNKNOWN),
        (without("身份证号", "单位", 工号="", 职务="科长"), "姓名", Fault.KEY_MISSING),
        (CALLED | {"姓名": ""}, "姓名", Fault.MISSING),
        (CALLED | {"调训单位": ""}, "调训单位", Fault.MISSING),
        (CALLED | {"班次名称": ""}, "班次名称", Fault.MISSING),
        (CALLED | {"开始日期": "2026年3月"}, "开始日期", Fault.DATE_NEEDS_DAY),
        (CALLED | {"结束日期": "三月八日"}, "结束日期", Fault.DATE_UNREADABLE),
        (CALLED | {"结束日期": "2026-03-01"}, "结束日期", Fault.DATES_OUT_OF_ORDER),
        (CALLED | {"出发日期": "2026-03-05"}, "出发日期", Fault.DATES_OUT_OF_ORDER),
        (CALLED | {"返回日期": "2026-03-07"}, "返回日期", Fault.DATES_OUT_OF_ORDER),
        (CALLED | {"出发日期": "2026年"}, "出发日期", Fault.DATE_AMBIGUOUS),
        (CALLED | {"结束日期": "2062-03-08"}, "结束日期", Fault.DAYS_TOO_MANY),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(row: dict[str, str], column: str, fault: Fault) -> None:
    parsed = parse(row)
    assert parsed.rows == ()
    assert told(parsed) == [(2, column, Treatment.REFUSED, fault)]


def test_a_person_who_moved_since_is_followed_by_number_and_doubted() -> None:
    parsed = parse(CALLED | {"单位": "市林业局"})
    assert [row.person for row in parsed.rows] == ["1"]
    assert told(parsed) == [(2, "单位", Treatment.DOUBTFUL, Fault.OTHER_UNIT)]


def test_rows_said_twice_count_once_and_rows_that_contradict_are_both_refused() -> None:
    assert len(parse(CALLED, CALLED).rows) == 1
    parsed = parse(CALLED, CALLED | {"结束日期": "2026-03-09"})
    assert parsed.rows == ()
    assert {fault for *_place, fault in told(parsed)} == {Fault.ROWS_CONTRADICT}
    two_parts = parse(CALLED, CALLED | {"开始日期": "2026-04-01", "结束日期": "2026-04-03"})
    assert [row.starts_on for row in two_parts.rows] == [dt.date(2026, 3, 4), dt.date(2026, 4, 1)]


def test_a_sheet_without_the_needed_headings_is_refused() -> None:
    parsed = parse({"班次名称": "专题班", "调训单位": "省委组织部"})
    assert parsed.refused
    assert {fault.fault for fault in parsed.faults} == {Fault.HEADING_MISSING}
