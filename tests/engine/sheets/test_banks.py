"""Lists for the resource banks: words become codes, and every cell that cannot be right is told."""

from __future__ import annotations

import pytest

from zhixing.engine.sheets.banks import BANKS, parse_bank
from zhixing.engine.sheets.cells import Sheet
from zhixing.engine.sheets.faults import Fault, Treatment

KNOWN = {"topics": {"基层治理", "防范风险"}, "teachers": {"苏教授"}}
COURSES = ["课程名称", "内容板块", "教学方式", "所属机构", "学时", "适用层次", "主题", "授课教师", "大纲"]


def sheet(*rows: list[str]) -> Sheet:
    return Sheet("课程", [["云岚市课程库", *[""] * 8], *rows])


def course(*cells: str) -> list[str]:
    return [*cells, *[""] * (len(COURSES) - len(cells))]


def test_a_row_says_what_its_cells_say() -> None:
    row = ["信访课", "能力", "案例教学", "市委党校", "3.5", "科级、处级", "基层治理 防范风险", "苏教授", "一、二"]
    parsed = parse_bank(sheet(COURSES, row), "courses", KNOWN)
    assert parsed.faults == ()
    (found,) = parsed.rows
    assert (found.name, found.keeper, found.row) == ("信访课", "市委党校", 3)
    assert found.facts == {
        "title": "信访课", "content": "ability", "method": "case", "tenths": 35, "levels": ["section", "county"],
        "topics": ["基层治理", "防范风险"], "teachers": ["苏教授"], "outline": "一、二",
    }  # fmt: skip


def test_every_fault_of_every_row_is_told() -> None:
    parsed = parse_bank(
        sheet(
            COURSES,
            course("甲", "什么", "唱歌"),
            course("", "能力", "案例"),
            course("乙", "能力", "唱歌", "", "很多", "外星人", "书法、基层治理", "无此人"),
        ),
        "courses",
        KNOWN,
    )
    assert [(one.row, one.column, one.fault, one.treatment) for one in parsed.faults] == [
        (3, "内容板块", Fault.NOT_AMONG, Treatment.REFUSED),
        (3, "教学方式", Fault.NOT_AMONG, Treatment.DOUBTFUL),
        (4, "课程名称", Fault.MISSING, Treatment.REFUSED),
        (5, "教学方式", Fault.NOT_AMONG, Treatment.DOUBTFUL),
        (5, "学时", Fault.HOURS_UNREADABLE, Treatment.DOUBTFUL),
        (5, "适用层次", Fault.NOT_AMONG, Treatment.DOUBTFUL),
        (5, "主题", Fault.NOT_LISTED, Treatment.DOUBTFUL),
        (5, "授课教师", Fault.NOT_LISTED, Treatment.DOUBTFUL),
    ]
    assert [one.facts for one in parsed.rows] == [{"title": "乙", "content": "ability", "topics": ["基层治理"]}]


def test_rows_of_one_name_that_contradict_each_other_are_refused() -> None:
    rows = [
        course("甲", "能力"),
        course("甲", "理论"),
        course("乙", "能力"),
        course("乙", "能力"),
        course("甲", "理论", "", "他校"),
    ]
    parsed = parse_bank(sheet(COURSES, *rows), "courses", KNOWN)
    assert [(one.row, one.fault, one.about) for one in parsed.faults] == [
        (3, Fault.ROWS_CONTRADICT, ("4",)),
        (4, Fault.ROWS_CONTRADICT, ("3",)),
    ]
    assert [(one.name, one.keeper) for one in parsed.rows] == [("乙", ""), ("甲", "他校")]


def test_a_sheet_without_its_headings_is_refused_whole() -> None:
    parsed = parse_bank(sheet(["课程名称", "学时"], ["甲", "4"]), "courses", KNOWN)
    assert parsed.refused
    assert [one.fault for one in parsed.faults] == [Fault.HEADING_MISSING]


def test_numbers_and_chapters() -> None:
    sites = parse_bank(Sheet("点", [["教学点名称", "容纳人数", "车程"], ["甲", "60人", "约一小时"]]), "sites", KNOWN)
    assert sites.rows[0].facts == {"name": "甲", "seats": 60}
    assert [one.fault for one in sites.faults] == [Fault.NUMBER_UNREADABLE]
    rows = [["教材名称", "类型", "章节"], ["读本", "地方教材", f"概况\n做法；{'长' * 121}"]]
    books = parse_bank(Sheet("书", rows), "textbooks", KNOWN)
    assert books.rows[0].facts == {"title": "读本", "kind": "local", "chapters": ["概况", "做法"]}
    assert [one.fault for one in books.faults] == [Fault.TOO_LONG]


@pytest.mark.parametrize("bank", BANKS)
def test_the_blank_sheet_is_read_by_its_own_headings(bank: str) -> None:
    titles = [one.heading.title for one in BANKS[bank]]
    words = {one.name: next(iter(one.words.values())).split()[0] for one in BANKS[bank] if one.words}
    numbers = {"tenths", "seats", "minutes", "year"}
    row = [
        words.get(one.name, "3" if one.name in numbers else "某某" if one.known else f"某{one.heading.title}")
        for one in BANKS[bank]
    ]
    parsed = parse_bank(
        Sheet("空表", [titles, row]), bank, {name: {"某某"} for name in ("topics", "teachers", "competencies")}
    )
    assert parsed.faults == ()
    assert parsed.rows[0].facts.keys() | {"institution"} == {one.name for one in BANKS[bank]}
    assert not parsed.unread


def test_codes_of_competencies_are_sorted_and_unknown_ones_told() -> None:
    headings = ["课程名称", "内容板块", "能力编码"]
    rows = sheet(headings, ["甲", "能力", "B2、A1 A1"], ["乙", "能力", "A1；X9"], ["丙", "能力", "X9"])
    parsed = parse_bank(rows, "courses", {"competencies": {"A1", "B2"}})
    assert [one.facts.get("competencies") for one in parsed.rows] == [["A1", "B2"], ["A1"], None]
    assert [(one.row, one.column, one.fault, one.treatment, one.about) for one in parsed.faults] == [
        (4, "能力编码", Fault.NO_COMPETENCY, Treatment.DOUBTFUL, ("X9",)),
        (5, "能力编码", Fault.NO_COMPETENCY, Treatment.DOUBTFUL, ("X9",)),
    ]


def test_an_id_number_in_any_cell_is_struck_out_and_told_without_it() -> None:
    row = ["信访课", "能力", "", "", "", "", "", "", "主讲人身份证110101199003070011，电话13800000000"]
    parsed = parse_bank(sheet(COURSES, row), "courses", KNOWN)
    (fault,) = parsed.faults
    assert (fault.fault, fault.column, fault.treatment) == (Fault.ID_NOT_KEPT_HERE, "大纲", Treatment.DOUBTFUL)
    (found,) = parsed.rows
    assert found.facts["outline"] == fault.value == "主讲人身份证1101************11，电话13800000000"
