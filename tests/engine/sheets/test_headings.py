"""Finding the header and the rows that hold data."""

from __future__ import annotations

import pytest

from zhixing.engine.roster.headings import ROSTER
from zhixing.engine.sheets.cells import Sheet
from zhixing.engine.sheets.faults import Fault, RowFault
from zhixing.engine.sheets.headings import Header, column_letters, data_rows, find_header

HEADINGS = ["序号", "姓名", "身份证号", "单位", "职务层次"]
ZHANG = ["1", "张三", "990101198507121234", "市委办公室", "县处级正职"]
LI = ["2", "李四", "990101198607121234", "市委办公室", "县处级副职"]


def header_of(rows: list[list[str]]) -> Header:
    header = find_header(Sheet("S", rows), ROSTER)
    assert isinstance(header, Header), header
    return header


def faults_of(rows: list[list[str]]) -> list[RowFault]:
    faults = find_header(Sheet("S", rows), ROSTER)
    assert not isinstance(faults, Header)
    return faults


def numbers(rows: list[list[str]]) -> list[int]:
    return [number for number, _cells in data_rows(header_of(rows))]


def test_the_header_may_stand_below_titles() -> None:
    rows = [["2026年干部名册"], [], ["填报单位：市委组织部", "", "单位：人"], HEADINGS, ZHANG]
    header = header_of(rows)
    assert (header.top, header.columns["name"], header.columns["unit"]) == (3, 1, 3)
    assert numbers(rows) == [5]


@pytest.mark.parametrize(
    "label",
    [
        "身份证号码",
        "身份证号（必填）",
        "*身份证号：",
        "身 份 证 号",
        "身份证\n号码",
        "公民身份号码",
        "身份证号码(18位)",
    ],
)
def test_headings_are_matched_through_aliases_and_dress(label: str) -> None:
    assert header_of([["姓 名", label, "单位名称", "职务级别"]]).columns["id_number"] == 1


def test_a_header_of_two_rows_is_read_through_its_groups() -> None:
    rows = [
        ["姓名", "基本信息", "基本信息", "单位", "现任", "现任"],
        ["姓名", "身份证号", "性别", "单位", "职务", "职级"],
        ["张三", "1", "男", "x", "y", "z"],
    ]
    header = header_of(rows)
    assert (header.top, header.bottom) == (1, 1)
    rows = [["姓名", "证件", "", "单位", "任现", "任现"], ["", "身份证号", "性别", "", "职时间", "职级时间"], ["职级"]]
    faults = faults_of(rows)
    assert [fault.column for fault in faults] == ["职务层次 / 职级"]
    rows[0].append("职务层次")
    header = header_of(rows)
    assert (header.top, header.bottom) == (0, 1)
    assert header.columns == {
        "name": 0,
        "id_number": 1,
        "sex": 2,
        "unit": 3,
        "rank_since": 4,
        "grade_since": 5,
        "rank": 6,
    }
    assert header.label("rank_since") == "任现职时间"


def test_missing_headings_are_named_with_what_was_seen() -> None:
    (fault,) = faults_of([["名册"], ["姓名", "身份证号", "籍贯", "级别"]])
    assert (fault.row, fault.column, fault.fault) == (2, "单位", Fault.HEADING_MISSING)
    assert "籍贯" in fault.value


def test_a_sheet_without_any_header_names_all_that_is_needed() -> None:
    for rows in ([], [[]], [["天气", "晴"]]):
        assert [fault.column for fault in faults_of(rows)] == ["姓名", "身份证号 / 工号", "单位", "职务层次 / 职级"]


@pytest.mark.parametrize("pair", [("单位", "单位"), ("单位", "单位名称"), ("工作单位", "所在单位")])
def test_two_columns_that_claim_one_heading_are_refused(pair: tuple[str, str]) -> None:
    (fault,) = faults_of([["姓名", "工号", *pair, "职级"]])
    assert (fault.fault, fault.column) == (Fault.HEADING_TWICE, "单位")
    assert fault.value == f"{pair[0]} (C) | {pair[1]} (D)"


def test_a_name_that_also_means_other_things_yields() -> None:
    header = header_of([["姓名", "工号", "编号", "单位", "部门", "内设机构", "职务层次", "级别"]])
    assert (header.columns["number"], header.columns["department"], header.columns["rank"]) == (1, 5, 6)
    assert header.unread == ["编号", "部门", "级别"]
    assert header_of([["姓名", "编号", "单位", "部门", "级别"]]).columns["department"] == 3


def test_blank_rows_repeated_headers_totals_and_footers_hold_no_data() -> None:
    rows = [
        HEADINGS,
        ZHANG,
        [],
        ["", " ", "", ""],
        ["3", "", "", "", ""],
        HEADINGS,
        ["", "姓 名", "身份证号", "单位 ", "职务层次"],
        ["一、市委办公室", "一、市委办公室", "一、市委办公室", "一、市委办公室", "一、市委办公室"],
        ["（续表）"],
        LI,
        ["合　计", "", "2人"],
        ["", "小计：2人"],
        ["3", "总计", "2"],
        ["本页合计", "2"],
        ["注：本表一式两份。"],
        ["填表人：赵六", "", "审核人：钱七"],
        ["填表人", "赵六", "审核人", "钱七", ""],
        ["单位（盖章）："],
        ["第1页 共3页"],
    ]
    assert numbers(rows) == [2, 10]


def test_rows_that_say_too_little_are_data_all_the_same() -> None:
    rows = [HEADINGS, ["", "王五"], ["", "", "990101198507121234"], ["4", "赵六", "", "市委办公室", ""]]
    assert numbers(rows) == [2, 3, 4]


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [column_letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
