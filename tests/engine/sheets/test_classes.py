"""The class list and the seats given to units."""

from __future__ import annotations

import datetime as dt

import pytest

from zhixing.engine.sheets.cells import Number, Sheet
from zhixing.engine.sheets.classes import WITHOUT_MONEY, ClassRow, ParsedClasses, parse_classes
from zhixing.engine.sheets.faults import Fault, Treatment
from zhixing.engine.sheets.quotas import ParsedQuotas, parse_quotas

RUN = {
    "班次名称": "县处级干部进修班",
    "开始日期": "2026年3月2日",
    "结束日期": "2026-03-13",
    "人数": "40",
    "培训对象": "县处级正职、县处级副职",
}


def sheet(*rows: dict[str, str]) -> Sheet:
    headings = list(dict.fromkeys(key for row in rows for key in row))
    return Sheet(
        "班次计划表",
        [["2026年班次计划表"], headings, *[[row.get(heading, "") for heading in headings] for row in rows]],
    )


def parse(*rows: dict[str, str]) -> ParsedClasses:
    return parse_classes([sheet(*rows)])


def told(parsed: ParsedClasses | ParsedQuotas) -> list[tuple[int, str, Treatment, Fault]]:
    return [(fault.row, fault.column, fault.treatment, fault.fault) for fault in parsed.faults]


def test_a_class_run_is_read() -> None:
    more = {
        "主办单位": "市委组织部",
        "承办单位": "市委党校",
        "学时": "64.5",
        "培训方式": "脱产培训",
        "主题": "党性",
        "内容类别": "党性教育",
        "地点": "党校",
    }
    parsed = parse(RUN | more)
    assert parsed.faults == ()
    assert parsed.rows == (
        ClassRow(
            sheet="班次计划表",
            row=3,
            name="县处级干部进修班",
            starts_on=dt.date(2026, 3, 2),
            ends_on=dt.date(2026, 3, 13),
            seats=40,
            seats_min=None,
            ranks=("县处级正职", "县处级副职"),
            target="县处级正职、县处级副职",
            organiser="市委组织部",
            institution="市委党校",
            tenths=645,
            channel="offjob",
            theme="党性",
            content="党性教育",
            place="党校",
        ),
    )


@pytest.mark.parametrize(
    ("cells", "seats"),
    [
        ({"人数": "40人"}, (40, None)),
        ({"人数": Number("40")}, (40, None)),
        ({"人数": "30-40人"}, (40, 30)),
        ({"人数": "", "人数上限": "40", "人数下限": "30"}, (40, 30)),
        ({"人数": "35", "人数上限": "40", "人数下限": "0"}, (40, 0)),
    ],
)
def test_seats_are_one_number_or_two(cells: dict[str, str], seats: tuple[int, int | None]) -> None:
    (row,) = parse(RUN | cells).rows
    assert (row.seats, row.seats_min) == seats


def test_the_ranks_come_from_their_own_column_before_the_free_text() -> None:
    (row,) = parse(RUN | {"培训对象": "年轻干部", "职务层次": "科级"}).rows
    assert (row.ranks, row.target) == (("乡科级正职", "乡科级副职"), "年轻干部")


@pytest.mark.parametrize(
    ("change", "column", "fault"),
    [
        ({"班次名称": ""}, "班次名称", Fault.MISSING),
        ({"开始日期": "2026-02-30"}, "开始日期", Fault.DATE_IMPOSSIBLE),
        ({"开始日期": "2026.03"}, "开始日期", Fault.DATE_NEEDS_DAY),
        ({"结束日期": ""}, "结束日期", Fault.MISSING),
        ({"结束日期": "2026-03-01"}, "结束日期", Fault.DATES_OUT_OF_ORDER),
        ({"人数": "若干"}, "人数", Fault.SEATS_UNREADABLE),
        ({"人数": "0"}, "人数", Fault.SEATS_UNREADABLE),
        ({"人数": "-5"}, "人数", Fault.SEATS_UNREADABLE),
        ({"人数": "40.5"}, "人数", Fault.SEATS_UNREADABLE),
        ({"人数": ""}, "人数", Fault.MISSING),
        ({"人数下限": "41"}, "人数下限", Fault.SEATS_OUT_OF_ORDER),
        ({"培训对象": ""}, "培训对象", Fault.MISSING),
        ({"培训对象": "县处级、年轻干部"}, "培训对象", Fault.TARGET_UNKNOWN),
    ],
)
def test_a_class_that_cannot_be_planned_is_refused_and_the_others_go_on(
    change: dict[str, str], column: str, fault: Fault
) -> None:
    other = RUN | {"班次名称": "科级干部班"}
    parsed = parse(RUN | change, other)
    assert told(parsed) == [(3, column, Treatment.REFUSED, fault)]
    assert [row.name for row in parsed.rows] == ["科级干部班"]


def test_the_words_that_name_no_rank_are_told() -> None:
    assert parse(RUN | {"培训对象": "县处级、年轻干部"}).faults[0].about == ("年轻干部",)


@pytest.mark.parametrize(
    ("change", "column", "fault"),
    [
        ({"学时": "-8"}, "学时", Fault.HOURS_NEGATIVE),
        ({"学时": "两周"}, "学时", Fault.HOURS_UNREADABLE),
        ({"学时": "99999"}, "学时", Fault.HOURS_TOO_MANY),
        ({"培训方式": "飞行"}, "培训方式", Fault.CHANNEL_UNKNOWN),
        ({"人数下限": "若干"}, "人数下限", Fault.SEATS_UNREADABLE),
    ],
)
def test_an_optional_cell_that_cannot_be_right_makes_the_class_doubtful(
    change: dict[str, str], column: str, fault: Fault
) -> None:
    parsed = parse(RUN | change)
    assert told(parsed) == [(3, column, Treatment.DOUBTFUL, fault)]
    assert (parsed.rows[0].tenths, parsed.rows[0].channel, parsed.rows[0].seats_min) == (None, "", None)


def test_classes_of_one_name_count_once_or_contradict() -> None:
    assert len(parse(RUN, RUN | {"开始日期": "20260302"}).rows) == 1
    parsed = parse(RUN, RUN | {"人数": "50"})
    assert told(parsed) == [(row, "人数", Treatment.REFUSED, Fault.ROWS_CONTRADICT) for row in (3, 4)]


def test_a_list_without_its_headings_is_refused() -> None:
    parsed = parse({"班次名称": "x", "开始日期": "2026-03-02"})
    assert parsed.refused
    assert {fault.column for fault in parsed.faults} == {"结束日期", "人数 / 人数上限", "培训对象 / 职务层次"}


A, B = "县处级干部进修班", "科级干部班"
MATRIX = [
    ["2026年名额分配表"],
    ["序号", "单位", f"《{A}》", "科级 干部班", "合计"],
    ["1", "市委办公室", "2", "", "2"],
    ["2", "市财政局", "１人", "0", "1"],
    ["", "合计", "3", "0", "3"],
]


def seats(parsed: ParsedQuotas) -> dict[tuple[str, str], int]:
    return {(row.unit, row.name): row.seats for row in parsed.rows}


def test_a_matrix_of_units_and_classes_is_read() -> None:
    parsed = parse_quotas(Sheet("分配名额", MATRIX), [A, B])
    assert seats(parsed) == {("市委办公室", A): 2, ("市财政局", A): 1, ("市财政局", B): 0}
    assert parsed.closed == {A, B}
    assert parsed.faults == ()


def test_a_matrix_may_lie_on_its_side() -> None:
    rows = [
        ["名额分配"],
        ["班次", "市委办公室", "市财政局", "合计"],
        [A, "2", "1", "3"],
        [B, "", "0", "0"],
        ["合计", "2", "1", "3"],
    ]
    parsed = parse_quotas(Sheet("名额", rows), [A, B])
    assert seats(parsed) == {("市委办公室", A): 2, ("市财政局", A): 1, ("市财政局", B): 0}
    assert parsed.closed == {A, B}


def test_a_long_list_of_quotas_is_read() -> None:
    rows = [
        ["单位", "班次名称", "名额"],
        ["市委办公室", A, "2"],
        ["市财政局", A, Number("1")],
        ["市财政局", "夜校", "1"],
        ["市财政局", A, "1"],
    ]
    parsed = parse_quotas(Sheet("名额", rows), [A, B])
    assert seats(parsed) == {("市委办公室", A): 2, ("市财政局", A): 1}
    assert parsed.closed == {A}
    assert told(parsed) == [(4, "班次名称", Treatment.REFUSED, Fault.CLASS_UNKNOWN)]


def test_a_long_list_needs_a_number_in_every_row() -> None:
    rows = [["单位", "班次名称", "名额"], ["市委办公室", A, ""], ["市财政局", A, "若干"]]
    parsed = parse_quotas(Sheet("名额", rows), [A])
    assert told(parsed) == [
        (2, "名额", Treatment.REFUSED, Fault.MISSING),
        (3, "名额", Treatment.REFUSED, Fault.SEATS_UNREADABLE),
    ]
    assert parsed.closed == {A}


def test_a_matrix_on_its_side_tells_a_class_that_is_not_in_the_list() -> None:
    rows = [["班次", "市委办公室"], [A, "2"], [B, "1"], ["夜校", "3"], ["夜大", ""]]
    parsed = parse_quotas(Sheet("名额", rows), [A, B])
    assert told(parsed) == [(4, "班次", Treatment.REFUSED, Fault.CLASS_UNKNOWN)]
    assert seats(parsed) == {("市委办公室", A): 2, ("市委办公室", B): 1}


def test_a_matrix_without_a_heading_for_its_units_takes_the_column_before_the_classes() -> None:
    rows = [["序号", "", A], ["1", "市委办公室", "2"]]
    assert seats(parse_quotas(Sheet("名额", rows), [A])) == {("市委办公室", A): 2}


def test_a_cell_that_is_no_number_refuses_the_units_row() -> None:
    rows = [["单位", A, B], ["市委办公室", "2", "若干"], ["市财政局", "1", "1"]]
    parsed = parse_quotas(Sheet("名额", rows), [A, B])
    assert told(parsed) == [(2, B, Treatment.REFUSED, Fault.SEATS_UNREADABLE)]
    assert seats(parsed) == {("市财政局", A): 1, ("市财政局", B): 1}


def test_a_column_of_a_class_that_is_not_in_the_list_is_told() -> None:
    rows = [["单位", A, "夜校", "联系人"], ["市委办公室", "2", "3", "赵六"]]
    parsed = parse_quotas(Sheet("名额", rows), [A, B])
    assert told(parsed) == [(1, "夜校", Treatment.REFUSED, Fault.CLASS_UNKNOWN)]
    assert parsed.closed == {A}


def test_a_class_that_has_two_columns_refuses_the_sheet() -> None:
    parsed = parse_quotas(Sheet("名额", [["单位", A, A], ["市委办公室", "2", "3"]]), [A])
    assert parsed.refused
    assert [(fault.fault, fault.value) for fault in parsed.faults] == [(Fault.HEADING_TWICE, f"{A} (B) | {A} (C)")]


def test_a_unit_said_twice_counts_once_or_contradicts() -> None:
    rows = [["单位", A], ["市委办公室", "2"], ["市财政局", "1"], ["市委办公室", "2"], ["市财政局", "2"]]
    parsed = parse_quotas(Sheet("名额", rows), [A])
    assert seats(parsed) == {("市委办公室", A): 2}
    assert [(fault.row, fault.fault) for fault in parsed.faults] == [
        (3, Fault.ROWS_CONTRADICT),
        (5, Fault.ROWS_CONTRADICT),
    ]


def test_a_sheet_of_another_shape_is_refused() -> None:
    for rows in ([], [["天气"]], [["单位", "夜校"], ["市委办公室", "1"]]):
        parsed = parse_quotas(Sheet("名额", rows), [A])
        assert parsed.refused
        assert [fault.fault for fault in parsed.faults] == [Fault.HEADING_MISSING]


def test_the_quotas_stand_beside_the_list_even_when_they_are_the_larger_sheet() -> None:
    units = [[f"单位{number}", "1"] for number in range(50)]
    parsed = parse_classes([Sheet("分配名额", [["单位", RUN["班次名称"]], *units]), sheet(RUN)])
    assert len(parsed.rows) == 1
    assert len(parsed.quotas.rows) == 50
    bad = parse_classes([Sheet("分配名额", [["天气"]]), sheet(RUN)])
    assert bad.refused


def test_quotas_under_any_name_are_known_by_their_shape() -> None:
    units = [[f"单位{number}", "1"] for number in range(50)]
    notes = Sheet("说明", [["请勿改动"]])
    parsed = parse_classes([notes, Sheet("Sheet2", [["单位", RUN["班次名称"]], *units]), sheet(RUN)])
    assert (len(parsed.rows), len(parsed.quotas.rows)) == (1, 50)
    assert parse_classes([notes, sheet(RUN)]).quotas == ParsedQuotas()


@pytest.mark.parametrize(
    ("heading", "cell", "cents"),
    [
        ("经费（万元）", "8.5", 8_500_000),
        ("经费（元）", "85,000", 8_500_000),
        ("经费预算(万元)", "12", 12_000_000),
        ("经费", "8.5万元", 8_500_000),
        ("经费（万元）", "85000元", 8_500_000),
        ("培训经费", "约 3 万", 3_000_000),
        ("经费（万元）", "3.333333333333", 3_333_333),
        ("经费（万元）", "", None),
    ],
)
def test_money_is_read_in_the_unit_that_is_written(heading: str, cell: str, cents: int | None) -> None:
    parsed = parse(RUN | {heading: cell})
    assert (parsed.rows[0].cents, told(parsed)) == (cents, [])


@pytest.mark.parametrize(
    ("heading", "cell", "fault"),
    [
        ("经费", "85000", Fault.MONEY_UNIT_UNSAID),
        ("经费（万元）", "自筹", Fault.MONEY_UNREADABLE),
        ("经费（万元）", "-3", Fault.MONEY_UNREADABLE),
        ("经费（万元）", "99999999999999", Fault.MONEY_UNREADABLE),
    ],
)
def test_money_that_cannot_be_read_is_left_out_and_said(heading: str, cell: str, fault: Fault) -> None:
    parsed = parse(RUN | {heading: cell})
    assert parsed.rows[0].cents is None
    assert told(parsed) == [(3, heading, Treatment.DOUBTFUL, fault)]


def test_readers_who_do_nothing_with_money_leave_its_column_unread() -> None:
    parsed = parse_classes([sheet(RUN | {"经费": "85000"})], WITHOUT_MONEY)
    assert (parsed.rows[0].cents, told(parsed), parsed.unread) == (None, [], ("经费",))
