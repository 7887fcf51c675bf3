"""Records of training done. All persons are invented."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from zhixing.engine.policies import Found
from zhixing.engine.sheets.cells import Number, Sheet
from zhixing.engine.sheets.faults import Fault, Treatment
from zhixing.engine.sheets.history import HistoryRow, parse_history
from zhixing.engine.sheets.identity import check_digit
from zhixing.engine.sheets.readings import HOURS_MAX, Parsed, read_hours

ID = "99010119850712123" + check_digit("99010119850712123")
DONE = {
    "身份证号": ID,
    "班次名称": "县处级干部进修班",
    "开始日期": "2025.3.3",
    "结束日期": "20250314",
    "学时": "64.5",
    "培训方式": "脱产",
}


def parse(*rows: dict[str, str], find: dict[str, str] | None = None) -> Parsed[HistoryRow]:
    headings = list(dict.fromkeys(key for row in rows for key in row))
    cells = [headings, *[[row.get(heading, "") for heading in headings] for row in rows]]
    return parse_history(Sheet("培训记录", cells), None if find is None else find.get)


def told(parsed: Parsed[HistoryRow]) -> list[tuple[int, str, Treatment, Fault]]:
    return [(fault.row, fault.column, fault.treatment, fault.fault) for fault in parsed.faults]


def test_a_record_is_read() -> None:
    parsed = parse(DONE | {"结果": "结业", "主办单位": "市委组织部", "培训机构": "市委党校", "证书编号": "Z-1"})
    assert parsed.faults == ()
    assert parsed.rows == (
        HistoryRow(
            "培训记录",
            2,
            ID,
            "县处级干部进修班",
            dt.date(2025, 3, 3),
            dt.date(2025, 3, 14),
            645,
            "offjob",
            "completed",
            "市委组织部",
            "市委党校",
            "Z-1",
        ),
    )


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("脱产", "offjob"),
        ("脱产培训", "offjob"),
        ("集中", "concentrated"),
        ("集中培训", "concentrated"),
        ("网络", "online"),
        ("网络培训", "online"),
        ("中心组", "study_group"),
        ("中心组学习", "study_group"),
        ("自学", "self_study"),
        ("授课", "teaching"),
    ],
)
def test_the_ways_of_training_have_their_codes(word: str, channel: str) -> None:
    assert parse(DONE | {"培训方式": word}).rows[0].channel == channel


@pytest.mark.parametrize(("result", "credited"), [("", 645), ("结业", 645), ("未结业", 0), ("缺训", 0)])
def test_only_a_completed_training_is_credited(result: str, credited: int) -> None:
    (row,) = parse(DONE | {"结果": result}).rows
    assert row.credited == credited


def test_an_absence_needs_no_hours_but_a_completed_training_does() -> None:
    assert parse(DONE | {"学时": "", "结果": "缺训"}).rows[0].tenths == 0
    assert told(parse(DONE | {"学时": "", "结果": ""})) == [(2, "学时", Treatment.REFUSED, Fault.MISSING)]


@pytest.mark.parametrize(
    ("change", "column", "fault"),
    [
        ({"身份证号": ""}, "身份证号", Fault.KEY_MISSING),
        ({"身份证号": Number("990101198507121232")}, "身份证号", Fault.ID_DIGITS_LOST),
        ({"班次名称": ""}, "班次名称", Fault.MISSING),
        ({"开始日期": "85.7"}, "开始日期", Fault.DATE_AMBIGUOUS),
        ({"结束日期": "2025-02-30"}, "结束日期", Fault.DATE_IMPOSSIBLE),
        ({"结束日期": "2025-03-01"}, "结束日期", Fault.DATES_OUT_OF_ORDER),
        ({"学时": "-1"}, "学时", Fault.HOURS_NEGATIVE),
        ({"学时": "很多"}, "学时", Fault.HOURS_UNREADABLE),
        ({"培训方式": "飞行"}, "培训方式", Fault.CHANNEL_UNKNOWN),
        ({"培训方式": ""}, "培训方式", Fault.MISSING),
    ],
)
def test_a_record_that_cannot_be_used_is_refused(change: dict[str, str], column: str, fault: Fault) -> None:
    parsed = parse(DONE | change, DONE | {"班次名称": "另一个班"})
    assert told(parsed) == [(2, column, Treatment.REFUSED, fault)]
    assert len(parsed.rows) == 1


def test_doubtful_records_are_kept_on_the_safe_side() -> None:
    months = parse(DONE | {"开始日期": "2025.03", "结束日期": "2025.04"})
    assert [fault.fault for fault in months.faults] == [Fault.DATE_NEEDS_DAY] * 2
    assert (months.rows[0].starts_on, months.rows[0].ends_on) == (dt.date(2025, 3, 1), dt.date(2025, 4, 30))
    unknown = parse(DONE | {"结果": "待定"})
    assert told(unknown) == [(2, "结果", Treatment.DOUBTFUL, Fault.RESULT_UNKNOWN)]
    assert unknown.rows[0].credited == 0
    fine = parse(DONE | {"学时": "7.25"})
    assert told(fine) == [(2, "学时", Treatment.DOUBTFUL, Fault.HOURS_TOO_FINE)]
    assert fine.rows[0].tenths == 73


def test_a_record_said_twice_counts_once_and_contradictions_are_all_refused() -> None:
    assert len(parse(DONE, DONE | {"开始日期": "2025年3月3日"}).rows) == 1
    parsed = parse(DONE, DONE | {"学时": "60"})
    assert {fault.fault for fault in parsed.faults} == {Fault.ROWS_CONTRADICT}
    assert parsed.rows == ()
    assert len(parse(DONE, DONE | {"开始日期": "2025.3.4"}).rows) == 2


@pytest.mark.parametrize("heading", ["身份证号", "key", "身份证号/工号"])
def test_the_key_is_looked_up_among_the_people(heading: str) -> None:
    record = {heading: ID} | {key: value for key, value in DONE.items() if key != "身份证号"}
    assert parse(record, find={ID: "p7"}).rows[0].person == "p7"
    assert told(parse(record, find={})) == [(2, heading, Treatment.REFUSED, Fault.PERSON_UNKNOWN)]


def test_a_staff_number_is_a_key_too_and_two_keys_must_agree() -> None:
    both = DONE | {"工号": "A1"}
    people = {ID: "p7", "A1": "p7", "A2": "p8"}
    assert parse(both | {"身份证号": ""}, find=people).rows[0].person == "p7"
    assert parse(both, find=people).rows[0].person == "p7"
    assert parse(both | {"工号": "A9"}, find=people).rows[0].person == "p7"
    assert told(parse(both | {"工号": "A2"}, find=people)) == [(2, "身份证号", Treatment.REFUSED, Fault.KEYS_DISAGREE)]


def test_equal_unusable_records_are_told_once() -> None:
    stranger = DONE | {"身份证号": "", "工号": "A9"}
    parsed = parse(stranger, stranger, stranger | {"工号": "A8"}, find={})
    assert [fault.row for fault in parsed.faults] == [2, 4]


def test_records_without_their_headings_are_refused() -> None:
    parsed = parse({"班次名称": "x", "学时": "1"})
    assert parsed.refused
    assert "key / 身份证号 / 工号" in {fault.column for fault in parsed.faults}


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("24", (240, True)),
        ("２４", (240, True)),
        ("24.5学时", (245, True)),
        ("0", (0, True)),
        (Number("0.30000000000000004"), (3, True)),
        ("7.25", (73, False)),
    ],
)
def test_hours_are_whole_tenths(text: str, hours: tuple[int, bool]) -> None:
    assert read_hours(text) == hours


@pytest.mark.parametrize(("tenths", "kept"), [(HOURS_MAX, True), (HOURS_MAX + 1, False)])
def test_hours_that_a_table_gives_have_the_limit_of_hours_that_are_stated(tenths: int, kept: bool) -> None:
    found = Found(tenths, "党校", Fraction(400), ((dt.date(2025, 3, 14), tenths),))
    parsed = parse_history(Sheet("培训记录", [list(DONE), [*(DONE | {"学时": ""}).values()]]), worth=lambda row: found)
    assert [row.credited for row in parsed.rows] == ([tenths] if kept else [])
    assert told(parsed) == ([] if kept else [(2, "学时", Treatment.REFUSED, Fault.HOURS_TOO_MANY)])
