"""A framework is read with everything that is wrong with it, by row."""

from __future__ import annotations

import pytest

from zhixing.engine.needs.frameworks import FaultCode, Lines, read_framework
from zhixing.engine.needs.rank_groups import group_of
from zhixing.engine.sheets.cells import Sheet

TITLES = ("编码", "能力", "上级编码", "类型", "内容板块")
GOOD = [("A", "政治能力", "", "素质", "政治训练"), ("A1", "政治判断力", "A", "素质", "政治训练")]
LEVEL_TITLES = ("编码", "等级", "行为表现")
REQUIRED_TITLES = ("编码", "要求等级", "职务层次", "人员类别", "职务关键词")


def book(
    competencies: list[tuple[str, ...]], levels: list[tuple[str, ...]] = (), required: list[tuple[str, ...]] = ()
) -> list[Sheet]:
    sheets = [("能力项", TITLES, competencies), ("等级", LEVEL_TITLES, levels), ("岗位要求", REQUIRED_TITLES, required)]
    return [Sheet(name, [list(titles), *map(list, rows)]) for name, titles, rows in sheets]


def codes(sheets: list[Sheet]) -> list[tuple[str, int, FaultCode]]:
    return [(fault.sheet, fault.row, fault.code) for fault in read_framework(sheets).faults]


def test_a_whole_framework_is_read() -> None:
    levels = [("A1", "1", "能识别"), ("A1", "二级", "能分析")]
    read = read_framework(book(GOOD, levels, [("A1", "2", "县处级", "公务员、参照管理", "局长")]))
    assert read.faults == ()
    assert [line.parent for line in read.lines.competencies] == ["", "A"]
    assert [line.level for line in read.lines.levels] == [1, 2]
    required = read.lines.required[0]
    assert required.ranks[:2] == ("县处级正职", "县处级副职")
    assert required.categories == ("公务员", "参公人员")
    assert (required.title, required.level) == ("局长", 2)


@pytest.mark.parametrize(
    ("competencies", "levels", "required", "code", "row"),
    [
        ([("A", "甲", "B", "知识", "理论"), ("B", "乙", "A", "知识", "理论")], [], [], FaultCode.CYCLE, 2),
        ([("A", "甲", "A", "知识", "理论")], [], [], FaultCode.CYCLE, 2),
        ([("A", "甲", "X", "知识", "理论")], [], [], FaultCode.PARENT_UNKNOWN, 2),
        ([("A", "甲", "", "知识", "理论"), ("A", "乙", "", "知识", "理论")], [], [], FaultCode.CODE_TWICE, 3),
        ([("A", "甲", "", "奇怪", "理论")], [], [], FaultCode.KIND_UNKNOWN, 2),
        ([("A", "甲", "", "知识", "奇怪")], [], [], FaultCode.CONTENT_UNKNOWN, 2),
        ([("A", "", "", "知识", "理论")], [], [], FaultCode.MISSING, 2),
        ([("A", "甲" * 61, "", "知识", "理论")], [], [], FaultCode.TOO_LONG, 2),
        (GOOD, [("A1", "1", "一"), ("A1", "3", "三")], [], FaultCode.LEVEL_ORDER, 3),
        (GOOD, [("A1", "1", "一"), ("A1", "3", "三")], [("A1", "3", "", "", "")], FaultCode.LEVEL_ORDER, 3),
        (GOOD, [("A1", "2", "二")], [], FaultCode.LEVEL_ORDER, 2),
        (GOOD, [("A1", "1", "一"), ("A1", "1", "又")], [], FaultCode.LEVEL_TWICE, 3),
        (GOOD, [("A1", "6", "六")], [], FaultCode.LEVEL_HIGH, 2),
        (GOOD, [("A1", "高", "六")], [], FaultCode.NO_LEVEL, 2),
        (GOOD, [("Z", "1", "一")], [], FaultCode.CODE_UNKNOWN, 2),
        (GOOD, [("A1", "1", "一")], [("A1", "6", "", "", "")], FaultCode.LEVEL_HIGH, 2),
        (GOOD, [("A1", "1", "一")], [("A1", "2", "", "", "")], FaultCode.UNDESCRIBED, 2),
        (GOOD, [("A", "1", "一")], [("A", "1", "", "", "")], FaultCode.GROUP_REQUIRED, 2),
        (GOOD, [("A1", "1", "一")], [("A1", "1", "大干部", "", "")], FaultCode.RANK_UNKNOWN, 2),
        (GOOD, [], [("Z", "1", "", "", "")], FaultCode.CODE_UNKNOWN, 2),
    ],
)
def test_each_fault_is_told_by_row(
    competencies: list[tuple[str, ...]],
    levels: list[tuple[str, ...]],
    required: list[tuple[str, ...]],
    code: FaultCode,
    row: int,
) -> None:
    assert [(found, at) for _sheet, at, found in codes(book(competencies, levels, required))] == [(code, row)]


def test_whoever_writes_what_swapped_levels_are_told_has_them_in_order() -> None:
    faults = read_framework(book(GOOD, [("A1", "2", "二"), ("A1", "1", "一"), ("A1", "3", "三")])).faults
    assert [(one.row, one.other) for one in faults] == [(2, 1), (3, 2)]


def test_a_level_required_of_no_rank_in_particular_is_required_of_all() -> None:
    read = read_framework(book(GOOD, [("A1", "1", "一")], [("A1", "1", "不限", "", "")]))
    assert (read.faults, read.lines.required[0].ranks) == ((), ())


def test_a_circle_among_many_is_told_once() -> None:
    rows = [(f"C{n}", "某", f"C{(n + 1) % 50}", "知识", "理论") for n in range(50)]
    rows += [(f"D{n}", "某", "C0", "知识", "理论") for n in range(50)]
    assert [code for _sheet, _row, code in codes(book(rows))] == [FaultCode.CYCLE]


def test_a_book_without_competencies_says_what_is_missing() -> None:
    assert codes([Sheet("别的", [["甲", "乙"], ["1", "2"]])]) == [("别的", 1, FaultCode.HEADING_MISSING)]
    assert read_framework([]).lines == Lines()


@pytest.mark.parametrize(
    ("rank", "grade", "group"),
    [
        ("县处级副职", "", "county"),
        ("乡科级正职", "一级调研员", "township"),
        ("", "二级科员", "staff"),
        ("", "二级巡视员", "bureau"),
        ("", "", "staff"),
    ],
)
def test_a_rank_group_looks_at_the_leading_post_first(rank: str, grade: str, group: str) -> None:
    assert group_of(rank, grade) == group
