"""Comparing a roster with the people known. All persons are invented."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.roster.compare import compare
from zhixing.engine.roster.comparison import Arrival, Change, KnownPerson
from zhixing.engine.roster.rows import Mention, RosterRow
from zhixing.engine.roster.units import KnownUnit, UnitIndex
from zhixing.engine.sheets.dates import PartialDate
from zhixing.engine.sheets.faults import Fault, Treatment

ON = dt.date(2026, 11, 23)
UNITS = UnitIndex([KnownUnit("u1", "市委办公室"), KnownUnit("u2", "市财政局")])

ROW = RosterRow(
    sheet="名册",
    row=2,
    name="张三",
    id_number="990101198507121230",
    sex="m",
    born=PartialDate(1985, 7, 12),
    unit="市委办公室",
    rank="县处级正职",
)
PERSON = KnownPerson(
    key="7",
    name="张三",
    number="A1",
    id_index="digest of 990101198507121230",
    sex="m",
    born=dt.date(1985, 7, 12),
    unit="u1",
    title="主任",
    rank="县处级正职",
    rank_since=dt.date(2020, 3, 1),
    phone="13900000000",
    status="serving",
)


def digest(number: str) -> str:
    return f"digest of {number}"


def against(*known: KnownPerson, rows: tuple[RosterRow, ...] = (ROW,), **options: object):  # type: ignore[no-untyped-def]
    return compare(rows, known, ON, units=UNITS, index_of=digest, **options)  # type: ignore[arg-type]


def test_a_person_who_is_not_known_arrives() -> None:
    assert against().arrivals == (Arrival(ROW, "u1"),)


def test_a_person_who_had_left_returns() -> None:
    assert against(replace(PERSON, status="left")).arrivals == (Arrival(ROW, "u1", returning="7"),)


def test_blank_cells_change_nothing() -> None:
    comparison = against(PERSON)
    assert comparison.unchanged == ("7",)
    assert (comparison.moves, comparison.changes, comparison.arrivals, comparison.faults) == ((), (), (), ())


def test_a_new_post_is_a_move_from_the_day_it_names() -> None:
    row = replace(ROW, unit="市财政局", title="局长", rank_since=PartialDate(2026, 5))
    (move,) = against(PERSON, rows=(row,)).moves
    assert move.from_on == dt.date(2026, 5, 1)
    assert move.changes == (
        Change("unit", "u1", "u2"),
        Change("title", "主任", "局长"),
        Change("rank_since", "2020-03-01", "2026-05"),
    )


def test_a_move_without_a_new_date_begins_on_the_day_of_the_roster() -> None:
    (move,) = against(PERSON, rows=(replace(ROW, unit="市财政局", rank_since=PartialDate(2020, 3)),)).moves
    assert move.from_on == ON


def test_facts_of_the_person_are_changes() -> None:
    row = replace(ROW, name="张珊", phone="13911111111", status="seconded")
    comparison = against(PERSON, rows=(row,))
    (change,) = comparison.changes
    assert [made.field for made in change.changes] == ["name", "phone", "status"]
    assert comparison.moves == ()


def test_an_id_number_that_was_not_known_is_a_change_in_its_digest_only() -> None:
    row = replace(ROW, number="A1")
    (change,) = against(replace(PERSON, id_index=""), rows=(row,)).changes
    assert change.changes == (Change("id_index", "", "digest of 990101198507121230"),)


@pytest.mark.parametrize(
    ("known", "said", "changes"),
    [
        (dt.date(2020, 3, 5), PartialDate(2020, 3), False),
        (dt.date(2020, 3, 5), PartialDate(2020, 3, 1), False),
        (dt.date(2020, 3, 5), PartialDate(2020, 3, 5), False),
        (dt.date(2020, 3, 1), PartialDate(2020, 3, 5), True),
        (dt.date(2020, 3, 5), PartialDate(2020, 4), True),
        (None, PartialDate(2020, 3), True),
    ],
)
def test_a_month_contradicts_no_day_in_it(known: dt.date | None, said: PartialDate, changes: bool) -> None:
    comparison = against(replace(PERSON, work_began=known), rows=(replace(ROW, work_began=said),))
    assert bool(comparison.changes) is changes


def test_a_grade_without_the_post_ends_the_post_only_where_the_sheet_has_the_column() -> None:
    row = replace(ROW, rank="", grade="二级调研员")
    (move,) = against(PERSON, rows=(row,), columns={"rank", "grade"}).moves
    assert move.changes == (Change("grade", "", "二级调研员"), Change("rank", "县处级正职", ""))
    (move,) = against(PERSON, rows=(row,), columns={"grade"}).moves
    assert move.changes == (Change("grade", "", "二级调研员"),)


def test_the_staff_number_finds_who_has_no_id_number() -> None:
    row = replace(ROW, id_number="", number="A1")
    assert against(PERSON, rows=(row,)).unchanged == ("7",)
    assert against(replace(PERSON, id_index=""), rows=(row,)).unchanged == ("7",)


def test_a_staff_number_that_now_bears_another_name_is_refused() -> None:
    row = replace(ROW, id_number="", number="A1", name="李四", born=None)
    (fault,) = against(PERSON, rows=(row,)).faults
    assert (fault.fault, fault.treatment, fault.column) == (Fault.OTHER_PERSON, Treatment.REFUSED, "工号")
    same_birth = replace(row, born=PartialDate(1985, 7))
    assert against(PERSON, rows=(same_birth,)).changes[0].changes == (Change("name", "张三", "李四"),)


def test_an_id_number_and_a_staff_number_of_two_people_are_refused() -> None:
    other = replace(PERSON, key="8", number="A2", id_index="digest of another")
    comparison = against(PERSON, other, rows=(replace(ROW, number="A2"),), complete=True)
    assert [fault.fault for fault in comparison.faults] == [Fault.KEYS_DISAGREE]
    assert comparison.leavers == ()
    only_other = against(other, rows=(replace(ROW, number="A2"),))
    assert [fault.fault for fault in only_other.faults] == [Fault.KEYS_DISAGREE]


def test_two_rows_that_mean_one_person_under_two_keys_are_refused() -> None:
    rows = (ROW, replace(ROW, row=3, id_number="", number="A1"))
    comparison = against(PERSON, rows=rows)
    assert [(fault.row, fault.fault, fault.about) for fault in comparison.faults] == [
        (2, Fault.ROWS_CONTRADICT, ("3",)),
        (3, Fault.ROWS_CONTRADICT, ("2",)),
    ]
    assert comparison.unchanged == ()


def test_an_unknown_unit_refuses_the_row_and_names_the_nearest() -> None:
    comparison = against(PERSON, rows=(replace(ROW, unit="市财证局"),), complete=True, covered=("u1",))
    (fault,) = comparison.faults
    assert (fault.fault, fault.value, fault.about) == (Fault.UNIT_UNKNOWN, "市财证局", ("市财政局",))
    assert comparison.leavers == ()


def test_without_known_units_every_name_is_its_own_key() -> None:
    comparison = compare([replace(ROW, unit="新单位")], [], ON)
    assert comparison.arrivals[0].unit == "新单位"


def test_a_row_without_unit_or_rank_changes_a_known_person_but_makes_no_new_one() -> None:
    bare_row = replace(ROW, unit="", rank="")
    assert against(PERSON, rows=(bare_row,)).unchanged == ("7",)
    assert {fault.column for fault in against(rows=(bare_row,)).faults} == {"单位", "职务层次"}


def test_dates_that_have_not_come_are_left_out_and_doubtful() -> None:
    comparison = against(PERSON, rows=(replace(ROW, rank_since=PartialDate(2026, 12)),))
    (fault,) = comparison.faults
    assert (fault.treatment, fault.fault, fault.column) == (Treatment.DOUBTFUL, Fault.DATE_IN_FUTURE, "任现职时间")
    assert comparison.unchanged == ("7",)


ABSENT = replace(PERSON, key="9", name="赵六", number="A9", id_index="digest of 9")


def test_only_a_complete_roster_has_leavers() -> None:
    assert against(PERSON, ABSENT).leavers == ()
    assert against(PERSON, ABSENT, complete=True).leavers == ("9",)


def test_leavers_serve_in_the_units_covered() -> None:
    elsewhere = replace(ABSENT, unit="u2")
    assert against(PERSON, elsewhere, complete=True).leavers == ()
    assert against(PERSON, elsewhere, complete=True, covered=("u1", "u2")).leavers == ("9",)
    for status in ("left", "retired"):
        assert against(PERSON, replace(ABSENT, status=status), complete=True).leavers == ()


@pytest.mark.parametrize("mention", [Mention("赵六", "9", ""), Mention("x", "", "A9"), Mention("赵六", "", "")])
def test_people_of_refused_rows_do_not_leave(mention: Mention) -> None:
    assert against(PERSON, ABSENT, complete=True, mentions=[mention]).leavers == ()


@given(st.permutations([replace(ROW, row=at, id_number=f"{at:018d}", name=f"人{at}") for at in range(2, 8)]))
def test_the_order_of_rows_never_matters(rows: list[RosterRow]) -> None:
    known = [replace(PERSON, key=str(at), number="", id_index=digest(f"{at:018d}")) for at in range(4, 10)]
    comparison = compare(rows, known, ON, units=UNITS, index_of=digest, complete=True)
    assert {arrival.row.row for arrival in comparison.arrivals} == {2, 3}
    assert {change.key for change in comparison.changes} == {"4", "5", "6", "7"}
    assert comparison.leavers == ("8", "9")
