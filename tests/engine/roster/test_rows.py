"""The roster sheet, row by row. All persons are invented."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.roster.headings import roster_headings
from zhixing.engine.roster.rows import ParsedRoster, RosterRow, parse_roster, roster_cells
from zhixing.engine.roster.words import OFF_POST, RETIRED, SECONDED, SERVING
from zhixing.engine.sheets.cells import Number, Sheet
from zhixing.engine.sheets.dates import PartialDate
from zhixing.engine.sheets.faults import Fault, Treatment, gravest
from zhixing.engine.sheets.identity import check_digit
from zhixing.engine.sheets.ranks import GRADES, RANKS


def id_number(born: str = "19850712", serial: int = 123) -> str:
    first17 = f"990101{born}{serial:03d}"
    return first17 + check_digit(first17)


ZHANG = {"姓名": "张三", "身份证号": id_number(), "单位": "市委办公室", "职务层次": "县处级正职"}
LI = {"姓名": "李四", "身份证号": id_number("19900101", 200), "单位": "市财政局", "职务层次": "乡科级副职"}


def parse(*rows: dict[str, str]) -> ParsedRoster:
    """A sheet with a heading for every key of the rows, the first row of data being row 2."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    return parse_roster(Sheet("名册", [headings, *[[row.get(heading, "") for heading in headings] for row in rows]]))


def told(parsed: ParsedRoster) -> list[tuple[int, str, Treatment, Fault]]:
    return [(fault.row, fault.column, fault.treatment, fault.fault) for fault in parsed.faults]


def test_a_clean_row_is_read_without_a_word() -> None:
    parsed = parse(
        ZHANG
        | {
            "性别": "男",
            "出生年月": "1985.07",
            "内设机构": "秘书一科",
            "职务": "科长",
            "职级": "四级调研员",
            "任现职时间": "2020年3月",
            "任现职级时间": "43891",
            "参加工作时间": "2008/7/1",
            "人员类别": "公务员",
            "手机号": "13900000000",
            "状态": "在职",
            "备注": "无",
            "籍贯": "某地",
        }
    )
    assert parsed.faults == ()
    assert parsed.rows == (
        RosterRow(
            sheet="名册",
            row=2,
            name="张三",
            id_number=id_number(),
            sex="m",
            born=PartialDate(1985, 7, 12),
            unit="市委办公室",
            department="秘书一科",
            title="科长",
            rank="县处级正职",
            grade="四级调研员",
            rank_since=PartialDate(2020, 3),
            grade_since=PartialDate(2020, 3, 1),
            work_began=PartialDate(2008, 7, 1),
            category="公务员",
            phone="13900000000",
            status=SERVING,
        ),
    )
    assert parsed.unread == ("备注", "籍贯")


def test_cleaning_is_silent() -> None:
    messy = {
        "姓名": " 张　三 ",
        "身份证号": f"'{id_number()[:6]} {id_number()[6:]}",
        "单位": "市委办公室\n",
        "职务层次": "正处级",
        "手机号": Number("13900000000"),
    }
    parsed = parse(messy)
    assert parsed.faults == ()
    assert (parsed.rows[0].name, parsed.rows[0].rank, parsed.rows[0].phone) == ("张三", "县处级正职", "13900000000")


def test_rank_is_the_post_else_the_grade() -> None:
    rows = parse(ZHANG | {"职级": "二级调研员"}, LI | {"职务层次": "", "职级": "三级主任科员（乡科级）"}).rows
    assert [row.effective_rank for row in rows] == ["县处级正职", "三级主任科员"]
    assert (rows[0].grade, rows[1].rank) == ("二级调研员", "")


def test_either_column_may_hold_either_word() -> None:
    person = {"姓名": "张三", "工号": "A1", "单位": "市委办公室"}
    assert parse(person | {"职级": "正科级"}).rows[0].rank == "乡科级正职"
    assert parse(person | {"级别": "二级主任科员"}).rows[0].grade == "二级主任科员"
    parsed = parse(person | {"职务层次": "正科级", "职级": "副科级"})
    assert told(parsed) == [(2, "职级", Treatment.DOUBTFUL, Fault.RANKS_CONTRADICT)]
    assert parsed.rows[0].rank == "乡科级正职"


@pytest.mark.parametrize(
    ("change", "column", "fault"),
    [
        ({"身份证号": ""}, "身份证号", Fault.KEY_MISSING),
        ({"身份证号": Number("990101198507121232")}, "身份证号", Fault.ID_DIGITS_LOST),
        ({"身份证号": "990101198502301234"}, "身份证号", Fault.ID_DATE),
        ({"身份证号": id_number()[:-1] + ("1" if id_number()[-1] != "1" else "2")}, "身份证号", Fault.ID_CHECK_DIGIT),
        ({"身份证号": "99010119850712"}, "身份证号", Fault.ID_MALFORMED),
        ({"姓名": ""}, "姓名", Fault.MISSING),
        ({"姓名": "张" * 61}, "姓名", Fault.TOO_LONG),
        ({"单位": " "}, "单位", Fault.MISSING),
        ({"职务层次": ""}, "职务层次", Fault.MISSING),
        ({"职务层次": "特级"}, "职务层次", Fault.RANK_UNKNOWN),
        ({"职务层次": "", "职级": "特级"}, "职级", Fault.RANK_UNKNOWN),
        ({"职务层次": "特级", "职级": "一级调研员"}, "职务层次", Fault.RANK_UNKNOWN),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_and_the_others_go_on(
    change: dict[str, str], column: str, fault: Fault
) -> None:
    parsed = parse(ZHANG | change, LI)
    assert told(parsed) == [(2, column, Treatment.REFUSED, fault)]
    assert [row.name for row in parsed.rows] == ["李四"]
    assert (parsed.refused_rows, parsed.doubtful_rows) == (1, 0)


@pytest.mark.parametrize(
    ("change", "column", "fault"),
    [
        ({"出生年月": "2024-02-30"}, "出生年月", Fault.DATE_IMPOSSIBLE),
        ({"出生年月": "85.7"}, "出生年月", Fault.DATE_AMBIGUOUS),
        ({"出生年月": "1985.08"}, "出生年月", Fault.ID_CONTRADICTS_BIRTH),
        ({"出生年月": "1985-07-13"}, "出生年月", Fault.ID_CONTRADICTS_BIRTH),
        ({"性别": "女"}, "性别", Fault.ID_CONTRADICTS_SEX),
        ({"性别": "人"}, "性别", Fault.SEX_UNKNOWN),
        ({"任现职时间": "不详"}, "任现职时间", Fault.DATE_UNREADABLE),
        ({"参加工作时间": "1980.01"}, "参加工作时间", Fault.DATE_BEFORE_BIRTH),
        ({"职级": "特级"}, "职级", Fault.RANK_UNKNOWN),
        ({"状态": "失联"}, "状态", Fault.STATUS_UNKNOWN),
        ({"手机号": "见通讯录"}, "手机号", Fault.PHONE_UNREADABLE),
        ({"职务": "长" * 81}, "职务", Fault.TOO_LONG),
    ],
)
def test_a_row_with_something_that_cannot_be_right_is_doubtful(
    change: dict[str, str], column: str, fault: Fault
) -> None:
    parsed = parse(ZHANG | change)
    assert told(parsed) == [(2, column, Treatment.DOUBTFUL, fault)]
    assert parsed.rows[0].sex == "m"
    assert parsed.rows[0].born == PartialDate(1985, 7, 12)
    assert (parsed.refused_rows, parsed.doubtful_rows) == (0, 1)


def test_all_that_is_wrong_with_a_row_is_told_and_counted_as_one_row() -> None:
    parsed = parse(ZHANG | {"性别": "人", "姓名": "", "职务层次": "特级"})
    assert {fault.fault for fault in parsed.faults} == {Fault.SEX_UNKNOWN, Fault.MISSING, Fault.RANK_UNKNOWN}
    assert parsed.refused_rows == 1
    (fault,) = gravest(sorted(parsed.faults, key=lambda fault: fault.treatment))
    assert fault.treatment is Treatment.REFUSED


def test_a_row_said_twice_counts_once() -> None:
    parsed = parse(
        ZHANG | {"出生年月": "1985.07"}, LI, ZHANG | {"姓名": "张 三", "职务层次": "正处级", "出生年月": "198507"}
    )
    assert parsed.faults == ()
    assert [row.row for row in parsed.rows] == [2, 3]


def test_the_second_of_two_equal_bad_rows_is_not_told_again() -> None:
    bad = ZHANG | {"职务层次": "特级"}
    assert [fault.row for fault in parse(bad, bad).faults] == [2]
    no_key = ZHANG | {"身份证号": "123"}
    assert [fault.row for fault in parse(no_key, no_key, no_key | {"身份证号": "124"}).faults] == [2, 4]


@pytest.mark.parametrize(
    "change", [{"单位": "市政府办公室"}, {"职务层次": "县处级副职"}, {"姓名": "张珊"}, {"职务层次": "特级"}]
)
def test_rows_of_one_key_that_contradict_are_all_refused(change: dict[str, str]) -> None:
    parsed = parse(ZHANG, LI, ZHANG | change, ZHANG)
    (column,) = change
    assert told(parsed) == [(row, column, Treatment.REFUSED, Fault.ROWS_CONTRADICT) for row in (2, 4)]
    assert [fault.about for fault in parsed.faults] == [("4",), ("2",)]
    assert [row.name for row in parsed.rows] == ["李四"]


def test_rows_that_fill_each_others_blanks_are_joined() -> None:
    parsed = parse(ZHANG | {"手机号": ""}, ZHANG | {"手机号": "13900000000"})
    assert parsed.faults == ()
    assert [row.phone for row in parsed.rows] == ["13900000000"]


def test_an_old_and_a_new_id_number_are_one_key() -> None:
    old = "990101850712123"
    assert len(parse(ZHANG, ZHANG | {"身份证号": old}).rows) == 1


def test_a_staff_number_may_be_the_key() -> None:
    person = {"姓名": "张三", "工号": "００12", "单位": "市委办公室", "职级": "一级科员"}
    (row,) = parse(person).rows
    assert (row.key, row.id_number, row.sex, row.born) == ("0012", "", "", None)
    assert told(parse(person | {"工号": ""})) == [(2, "工号", Treatment.REFUSED, Fault.KEY_MISSING)]


def test_a_staff_number_stands_for_the_id_number_beside_which_it_stands_elsewhere() -> None:
    both = ZHANG | {"工号": "A1"}
    assert [row.row for row in parse(both, both | {"身份证号": ""}).rows] == [2]
    parsed = parse(both, both | {"身份证号": "", "单位": "市政府办公室"})
    assert {fault.fault for fault in parsed.faults} == {Fault.ROWS_CONTRADICT}


def test_a_staff_number_of_two_people_refuses_both() -> None:
    parsed = parse(
        ZHANG | {"工号": "A1"}, LI | {"工号": "A1"}, LI | {"工号": "A2", "身份证号": id_number("19910101", 4)}
    )
    assert told(parsed) == [(row, "工号", Treatment.REFUSED, Fault.NUMBER_SHARED) for row in (2, 3)]
    assert len(parsed.rows) == 1


def test_a_masked_id_number_gives_way_to_the_staff_number() -> None:
    masked = ZHANG | {"身份证号": "9901************23"}
    assert told(parse(masked)) == [(2, "身份证号", Treatment.REFUSED, Fault.ID_MASKED)]
    (row,) = parse(masked | {"工号": "A1", "手机号": "139****0000"}).rows
    assert (row.key, row.phone) == ("A1", "")


def test_status_words_have_codes_and_an_unknown_one_is_never_called_up() -> None:
    words = ["在职", "在岗", "离岗", "借调", "退休", "", "失联"]
    rows = [LI | {"身份证号": id_number("19900101", 10 + at), "状态": word} for at, word in enumerate(words)]
    assert [row.status for row in parse(*rows).rows] == [SERVING, SERVING, OFF_POST, SECONDED, RETIRED, "", OFF_POST]


def test_a_minority_name_keeps_its_dot_and_a_latin_one_its_space() -> None:
    rows = parse(ZHANG | {"姓名": "阿依古丽•买买提"}, LI | {"姓名": "Li  Ming"}).rows
    assert [row.name for row in rows] == ["阿依古丽·买买提", "Li Ming"]


def test_people_of_refused_rows_are_still_mentioned() -> None:
    parsed = parse(ZHANG | {"职务层次": "特级"}, LI)
    assert [(mention.name, mention.id_number) for mention in parsed.mentions] == [("张三", id_number())]


def test_a_sheet_without_its_headings_is_refused_as_a_whole() -> None:
    parsed = parse({"姓名": "张三", "单位": "市委办公室"})
    assert parsed.refused
    assert parsed.rows == ()
    assert {fault.fault for fault in parsed.faults} == {Fault.HEADING_MISSING}
    assert (parsed.refused_rows, parsed.doubtful_rows) == (0, 0)


DATES = st.one_of(
    st.none(),
    st.builds(PartialDate, st.integers(2010, 2026), st.integers(1, 12), st.one_of(st.none(), st.integers(1, 28))),
)
ROWS = st.builds(
    RosterRow,
    sheet=st.just("名册"),
    row=st.just(2),
    name=st.sampled_from(["张三", "阿依古丽·买买提", "Li Ming"]),
    id_number=st.one_of(st.just(""), st.integers(1, 999).map(lambda serial: id_number(serial=serial))),
    number=st.just("A1"),
    sex=st.sampled_from(["", "m", "f"]),
    born=st.one_of(st.none(), st.builds(PartialDate, st.integers(1960, 1999), st.integers(1, 12))),
    unit=st.sampled_from(["市委办公室", "市政府/财政局", "党校（行政学院）"]),
    department=st.sampled_from(["", "秘书一科"]),
    title=st.sampled_from(["", "局长、党组书记", "=科长"]),
    rank=st.sampled_from(["", *RANKS]),
    grade=st.sampled_from(GRADES),
    rank_since=DATES,
    grade_since=DATES,
    work_began=DATES,
    category=st.sampled_from(["", "公务员", "参公人员", "其他"]),
    phone=st.sampled_from(["", "13900000000", "0373-3051234"]),
    status=st.sampled_from(["", SERVING, OFF_POST, SECONDED, RETIRED]),
)


@given(ROWS)
def test_what_is_written_under_the_canonical_headings_is_read_back(row: RosterRow) -> None:
    if row.id_number:
        row = replace(row, sex="m" if int(row.id_number[16]) % 2 else "f", born=PartialDate.of(dt.date(1985, 7, 12)))
    headings = [title for _field, title in roster_headings()]
    parsed = parse_roster(Sheet("名册", [headings, roster_cells(row)]))
    assert parsed.faults == ()
    assert parsed.rows == (row,)
