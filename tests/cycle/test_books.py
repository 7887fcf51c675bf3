"""Reading the books: what is accepted, what refuses a file, and that nothing depends on the order of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.cycle import sheets
from tests.cycle.sheets import FINANCE, HEADS_CLASS, LABOUR, ON, SCHOOLS, WU, ZHOU, Handed, hand_in, write_sheet
from zhixing.cycle.books import Books, Paths, Reading, Refusal
from zhixing.cycle.doubts import doubts_of
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment

pytestmark = pytest.mark.files

HEADING = ("姓名", "工号", "单位", "职务层次")
CLASS_HEADING = ("班次名称", "开始日期", "结束日期", "人数", "培训对象")
ONE_CLASS = ("理论班", "2026-12-01", "2026-12-02", 5, "乡科级")


@pytest.fixture
def handed(tmp_path: Path) -> Handed:
    return hand_in(tmp_path)


def paths_of(handed: Handed) -> Paths:
    return Paths(handed.roster, handed.classes, handed.history, handed.policy)


@pytest.fixture
def reading(handed: Handed) -> Iterator[Reading]:
    found = Reading(paths_of(handed), ON)
    yield found
    found.stop()


def small(
    folder: Path, people: Sequence[sheets.Row], classes: Sequence[sheets.Row], quotas: Sequence[sheets.Row] = ()
) -> Books:
    roster = write_sheet(folder / "roster.xlsx", [HEADING, *people])
    path = folder / "classes.xlsx"
    sheets.write_sheets(path, {"班次": [CLASS_HEADING, *classes], **({"分配名额": quotas} if quotas else {})})
    return Reading(Paths(roster, path), ON).books()


def test_people_are_keyed_by_id_number_else_by_staff_number_in_that_order(reading: Reading) -> None:
    roster = reading.books().roster
    keys = [member.row.key for member in roster.members]
    assert keys == sorted(keys)
    assert [member.pk for member in roster.members] == list(range(1, len(keys) + 1))
    numbers = roster.by_number()
    assert roster.row(numbers[ZHOU]).name == "周一"
    assert numbers["G0001"] == numbers[ZHOU]
    assert numbers["G0010"] == keys.index("G0010") + 1


def test_units_come_from_the_roster_under_one_name_each(reading: Reading) -> None:
    assert dict(reading.books().roster.units) == {unit: unit for unit in (FINANCE, LABOUR, SCHOOLS)}


def test_a_class_with_a_column_of_seats_is_closed_to_units_without_a_number(reading: Reading) -> None:
    classes = reading.books().classes
    assert classes.seats == {HEADS_CLASS: {FINANCE: (0, 1), SCHOOLS: (0, 1), "市财政厅": (0, 2)}}
    assert [row.name for row in classes.rows] == [
        "主任科员能力班",
        "乡科级干部理论班",
        "乡科级正职专题班",
        "县处级干部进修班",
    ]


def test_seats_for_a_unit_that_the_roster_does_not_have_are_refused_with_the_nearest_name(reading: Reading) -> None:
    (fault,) = [fault for fault in reading.books().classes.faults if fault.fault is Fault.UNIT_UNKNOWN]
    assert (fault.sheet, fault.row, fault.value, fault.about) == ("名额分配", 6, "市财政厅", (FINANCE,))


def test_the_history_is_read_aside_for_the_people_who_are_known(reading: Reading) -> None:
    numbers = reading.books().roster.by_number()
    history = reading.history(numbers)
    rows = history.records.to_pylist()
    assert len(rows) == 11
    mine = [row for row in rows if row["person"] == numbers[WU]]
    assert mine == [
        {
            "person": numbers[WU],
            "name": "中心组学习",
            "starts_on": dt.date(2026, 2, 1),
            "ends_on": dt.date(2026, 9, 30),
            "credited": 120,
            "tenths": 120,
            "channel": "study_group",
            "result": "completed",
            "organiser": "",
            "institution": "",
            "certificate": "",
        }
    ]


def test_without_a_history_there_are_no_records(handed: Handed) -> None:
    reading = Reading(Paths(handed.roster, handed.classes), ON)
    books = reading.books()
    assert books.rules is None
    assert reading.history(books.roster.by_number()).records.num_rows == 0


def test_a_history_that_is_no_sheet_is_refused_in_words(handed: Handed) -> None:
    handed.history.write_bytes(b"PK\x03\x04 damaged")
    reading = Reading(paths_of(handed), ON)
    books = reading.books()
    with pytest.raises(Refusal, match=r"培训记录\.csv"):
        reading.history(books.roster.by_number())


def test_all_that_is_wrong_with_the_files_is_told_at_once(handed: Handed) -> None:
    write_sheet(handed.roster, [("姓名", "职务层次"), ("周一", "乡科级正职")])
    handed.policy.write_text("[policy", encoding="utf-8")
    handed.history.write_text("工号,班次名称\nG1,班\n", encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        Reading(paths_of(handed), ON).books()
    names = [line.partition(":")[0] for line in refusal.value.lines]
    assert names == ["花名册.xlsx", "花名册.xlsx", "policy.toml", *["培训记录.csv"] * 4]


def test_books_without_a_single_row_give_a_city_without_people(tmp_path: Path) -> None:
    books = small(tmp_path, [], [])
    assert books.roster.members == ()
    assert books.classes.rows == ()


def test_a_day_that_has_not_come_makes_a_row_doubtful_and_is_left_out(tmp_path: Path) -> None:
    roster = write_sheet(
        tmp_path / "r.xlsx", [(*HEADING, "参加工作时间"), ("周一", "G1", FINANCE, "乡科级正职", "2027.07")]
    )
    classes = write_sheet(tmp_path / "c.xlsx", [CLASS_HEADING, ONE_CLASS])
    books = Reading(Paths(roster, classes), ON).books()
    assert [(fault.fault, fault.treatment) for fault in books.roster.faults] == [
        (Fault.DATE_IN_FUTURE, Treatment.DOUBTFUL)
    ]
    assert books.roster.members[0].row.work_began is None


def test_units_written_with_other_spaces_and_widths_are_one(tmp_path: Path) -> None:
    people = [("周一", "G1", "市 财政局（本级）", "乡科级正职"), ("吴二", "G2", "市财政局(本级)", "乡科级正职")]
    quotas: list[sheets.Row] = [("单位", "理论班"), ("市财政局（本级）", 2)]
    books = small(tmp_path, people, [ONE_CLASS], quotas)
    assert len(books.roster.units) == 1
    assert books.classes.faults == ()
    assert list(books.classes.seats["理论班"]) == list(books.roster.units)


def fault(row: int, column: str, kind: Fault, treatment: Treatment) -> RowFault:
    return RowFault("名册", row, column, "值", treatment, kind)


def test_a_row_is_told_once_by_its_gravest_fault_with_the_others_behind() -> None:
    doubt = fault(5, "性别", Fault.SEX_UNKNOWN, Treatment.DOUBTFUL)
    refusal = fault(5, "单位", Fault.MISSING, Treatment.REFUSED)
    other = fault(3, "手机号", Fault.PHONE_UNREADABLE, Treatment.DOUBTFUL)
    first, second = doubts_of("r.xlsx", [doubt, refusal, other, doubt])
    assert (first.fault, first.others, first.refused) == (other, (), False)
    assert (second.fault, second.others, second.refused) == (refusal, (doubt,), True)
    cells = second.cells()
    assert cells[:6] == ["r.xlsx", "名册", 5, "单位", "值", "拒收"]
    assert "性别" in str(cells[6])
