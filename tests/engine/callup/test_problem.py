"""Tables → problem: every fault is told with its place, and the order and the kind of keys do not matter."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.engine.callup.problems import Case
from zhixing.engine.callup.problem import CallupProblem, Fault, FaultCode, ProblemError
from zhixing.engine.callup.solver import solve
from zhixing.engine.faults import SHOWN

CASE = Case(
    classes={"B": (7, 11, 1, 2), "A": (0, 4, 0, 1)},
    units={"office": ("bureau", 1), "bureau": (None, 9)},
    people={"q": "office", "p": "bureau"},
    pairs={("q", "A"): 2.5, ("p", "B"): 1.0, ("p", "A"): 4.0},
    quotas={("bureau", "B"): (0, 2), ("bureau", "A"): (0, 1)},
    pins={("q", "A"): True, ("p", "B"): False},
)
NUMBERS = {"A": 30, "B": 4, "bureau": 100, "office": 20, "p": 3, "q": 2}
KEYS = ("person_id", "class_id", "unit_id", "parent_id")


def faults(changed: dict[str, pa.Table | None] | None = None, **settings: Any) -> list[Fault]:
    """What is wrong with the case once some tables or settings are changed."""
    with pytest.raises(ProblemError) as refused:
        CallupProblem.from_tables(**(CASE.tables() | (changed or {})), settings=CASE.settings() | settings)  # type: ignore[arg-type]
    return list(refused.value.faults)


def changed(name: str, column: str, values: list[Any], kind: pa.DataType | None = None) -> dict[str, pa.Table | None]:
    """One column of one table replaced, or added."""
    table = CASE.tables()[name]
    if column not in table.column_names:
        return {name: table.append_column(column, pa.array(values, kind))}
    place = table.column_names.index(column)
    return {name: table.set_column(place, column, pa.array(values, kind or table.schema.field(column).type))}


def with_numbers(table: pa.Table) -> pa.Table:
    """The same table with int64 keys."""
    for place, column in enumerate(table.column_names):
        if column in KEYS:
            numbers = [NUMBERS.get(key) for key in table[column].to_pylist()]
            table = table.set_column(place, column, pa.array(numbers, pa.int64()))
    return table


def test_classes_are_numbered_by_their_days_and_all_else_by_key() -> None:
    problem = CASE.problem()
    assert problem.class_keys.to_pylist() == ["A", "B"]
    assert problem.person_keys.to_pylist() == ["p", "q"]
    assert problem.unit_keys.to_pylist() == ["bureau", "office"]
    assert problem.parent.tolist() == [-1, 0]
    assert problem.unit_of_person.tolist() == [0, 1]
    assert (problem.pair_person.tolist(), problem.pair_class.tolist()) == ([0, 0, 1], [0, 1, 0])
    assert problem.value.tolist() == [4.0, 1.0, 2.5]
    assert problem.quota_max.tolist() == [1, 2]
    assert problem.pin_chosen.tolist() == [False, True]
    assert (problem.persons, problem.classes, problem.units, problem.pairs) == (2, 2, 2, 3)


def test_the_digest_tells_problems_apart_but_not_the_order_of_their_rows() -> None:
    tables = CASE.tables()
    reversed_rows = {name: table.take(np.arange(len(table))[::-1]) for name, table in tables.items()}
    other = CallupProblem.from_tables(**reversed_rows, settings=CASE.settings())
    assert other.digest() == CASE.problem().digest()
    dearer = dataclasses.replace(CASE, short_seat_cost=CASE.short_seat_cost + 1)
    later = dataclasses.replace(CASE, classes={"B": (7, 12, 1, 2), "A": (0, 4, 0, 1)})
    renamed = CallupProblem.from_tables(
        **{name: with_numbers(table) for name, table in tables.items()}, settings=CASE.settings()
    )
    digests = {case.digest() for case in (CASE.problem(), dearer.problem(), later.problem(), renamed)}
    assert len(digests) == 4


def test_keys_may_be_numbers_or_text_or_categories() -> None:
    tables = CASE.tables()
    numbers = {name: with_numbers(table) for name, table in tables.items()}
    categories = {
        name: pa.table({c: table[c].dictionary_encode() if c in KEYS else table[c] for c in table.column_names})
        for name, table in tables.items()
    }
    results = [
        solve(CallupProblem.from_tables(**kind, settings=CASE.settings()), seconds=20)
        for kind in (tables, numbers, categories)
    ]
    assert [result.objective for result in results] == [2.5 - 100.0] * 3


def test_an_empty_cell_of_a_minimum_is_zero_and_other_columns_are_passed_over() -> None:
    tables = CASE.tables() | changed("classes", "seats_min", [None, 0])
    tables["pairs"] = tables["pairs"].append_column("note", pa.array(["x", "y", "z"]))
    problem = CallupProblem.from_tables(**tables, settings=CASE.settings())
    assert problem.seats_min.tolist() == [0, 0]


def test_columns_of_nulls_may_be_of_no_type() -> None:
    tables = CASE.tables()
    none = {name: table.slice(0, 0) for name, table in tables.items()} | {
        "units": pa.table({"unit_id": ["office"], "parent_id": pa.nulls(1), "away_max": [1]}),
        "pins": pa.table({"person_id": pa.nulls(0), "class_id": pa.nulls(0), "chosen": pa.nulls(0)}),
    }
    problem = CallupProblem.from_tables(**none, settings=CASE.settings())
    assert (problem.persons, problem.pairs, problem.parent.tolist()) == (0, 0, [-1])


def test_a_missing_table_and_a_missing_column_are_told_together() -> None:
    found = faults({"pins": None, "units": CASE.tables()["units"].drop_columns(["away_max"])})
    assert [(f.table, f.column, f.code) for f in found] == [
        ("units", "away_max", FaultCode.MISSING_COLUMN),
        ("pins", "", FaultCode.MISSING_TABLE),
    ]


@pytest.mark.parametrize(
    ("name", "column", "values", "kind"),
    [
        ("classes", "starts_on", ["2026-03-02", "2026-03-09"], pa.string()),
        ("classes", "seats_max", [1.0, 2.0], pa.float64()),
        ("classes", "seats_max", [1, 2**63], pa.uint64()),
        ("people", "unit_id", [1.5, 2.5], pa.float64()),
        ("pairs", "value", ["1", "2", "3"], pa.string()),
        ("pins", "chosen", [1, 0], pa.int64()),
        ("classes", "theme", [1, 2], pa.int64()),
    ],
    ids=[
        "a date as text",
        "seats as floats",
        "seats beyond int64",
        "keys as floats",
        "values as text",
        "flags as numbers",
        "themes as numbers",
    ],
)
def test_a_column_of_the_wrong_type_is_refused(name: str, column: str, values: list[Any], kind: pa.DataType) -> None:
    (fault,) = faults(changed(name, column, values, kind))
    assert (fault.table, fault.column, fault.row, fault.code) == (name, column, 0, FaultCode.WRONG_TYPE)
    assert str(kind) in fault.value


@pytest.mark.parametrize(
    ("name", "column", "values", "row", "value", "code"),
    [
        ("people", "unit_id", ["office", None], 2, "None", FaultCode.EMPTY),
        ("classes", "starts_on", [None, None], 1, "None", FaultCode.EMPTY),
        ("classes", "seats_max", [None, 2], 1, "None", FaultCode.EMPTY),
        ("pins", "chosen", [None, True], 1, "None", FaultCode.EMPTY),
        ("units", "away_max", [1, -1], 2, "-1", FaultCode.NEGATIVE),
        ("quotas", "seats_min", [-2, None], 1, "-2", FaultCode.NEGATIVE),
        ("pairs", "value", [1.0, 0.0, 2.0], 2, "0.0", FaultCode.NOT_POSITIVE),
        ("pairs", "value", [1.0, float("nan"), 2.0], 2, "nan", FaultCode.NOT_FINITE),
        ("people", "person_id", ["p", "p"], 2, "p", FaultCode.DOUBLED),
        ("pairs", "person_id", ["p", "p", "p"], 3, "p / A", FaultCode.DOUBLED),
        ("people", "unit_id", ["office", "nowhere"], 2, "nowhere", FaultCode.UNKNOWN_KEY),
        ("units", "parent_id", ["above", None], 1, "above", FaultCode.UNKNOWN_KEY),
        ("pins", "class_id", ["A", "Z"], 2, "Z", FaultCode.UNKNOWN_KEY),
        ("units", "parent_id", [None, "bureau"], 2, "bureau", FaultCode.CIRCLE),
        ("classes", "seats_min", [3, 0], 1, "3", FaultCode.FEWEST_ABOVE_MOST),
        ("quotas", "seats_min", [0, 2], 2, "2", FaultCode.FEWEST_ABOVE_MOST),
        ("pins", "class_id", ["B", "B"], 1, "q / B", FaultCode.PIN_NOT_ELIGIBLE),
    ],
)
def test_a_faulty_row_is_named_with_its_value(
    name: str, column: str, values: list[Any], row: int, value: str, code: FaultCode
) -> None:
    found = [fault for fault in faults(changed(name, column, values)) if fault.code is code]
    assert found[0].table == name
    assert column in found[0].column
    assert (found[0].row, found[0].value) == (row, value)
    assert len(set(found)) == len(found), "each is told once"


def test_a_class_that_ends_before_it_begins_is_refused() -> None:
    case = dataclasses.replace(CASE, classes={"B": (7, 6, 1, 2), "A": (0, 4, 0, 1)})
    with pytest.raises(ProblemError, match=r"classes.ends_on row 1: ends_before_start 2026-03-08"):
        case.problem()


def test_units_in_a_circle_and_all_below_it_are_named() -> None:
    units: dict[str, tuple[str | None, int]] = {
        "a": ("b", 1),
        "b": ("c", 1),
        "c": ("a", 1),
        "d": ("a", 1),
        "e": (None, 1),
    }
    case = Case(classes={}, people={}, pairs={}, units=units)
    with pytest.raises(ProblemError) as refused:
        case.problem()
    assert [(f.row, f.code) for f in refused.value.faults] == [(row, FaultCode.CIRCLE) for row in (1, 2, 3, 4)]


def test_keys_of_two_kinds_are_refused() -> None:
    (fault,) = faults(
        {"people": with_numbers(CASE.tables()["people"]).set_column(1, "unit_id", pa.array(["office", "bureau"]))}
    )[:1]
    assert (fault.table, fault.column, fault.code) == ("pairs", "person_id", FaultCode.KEY_KINDS_DIFFER)


def test_faults_of_all_tables_are_told_at_once_and_long_lists_are_cut() -> None:
    many = SHOWN + 7
    pairs = pa.table({"person_id": ["p"] * many, "class_id": ["A"] * many, "value": [-1.0] * many})
    found = faults({"pairs": pairs} | changed("units", "away_max", [-1, -1]))
    assert {(f.table, f.code) for f in found} == {
        ("units", FaultCode.NEGATIVE),
        ("pairs", FaultCode.NOT_POSITIVE),
        ("pairs", FaultCode.DOUBLED),
        ("pins", FaultCode.PIN_NOT_ELIGIBLE),
    }
    negative = [f for f in found if f.code is FaultCode.NOT_POSITIVE]
    assert len(negative) == SHOWN
    assert negative[-1].more == 7
    assert not any(f.more for f in negative[:-1])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("callups_max", 0),
        ("callups_max", True),
        ("callups_max", 1.5),
        ("second_callup_cost", -1.0),
        ("second_callup_cost", float("inf")),
        ("short_seat_cost", "300"),
        ("short_seat_cost", None),
        ("hard_minimums", 1),
        ("repeated_theme_cost", -0.5),
        ("repeated_theme_cost", None),
        ("close_callup_cost", float("nan")),
        ("close_callup_cost", True),
        ("close_days", 1.5),
        ("close_days", -1),
        ("close_days", False),
        ("close_days", 10**9),
    ],
)
def test_a_setting_out_of_range_is_refused(name: str, value: object) -> None:
    (fault,) = faults(**{name: value})
    assert (fault.column, fault.value, fault.code) == (name, repr(value), FaultCode.BAD_SETTING)


def test_keys_that_point_to_an_empty_table_are_unknown() -> None:
    nobody = pa.table({"person_id": pa.nulls(0), "unit_id": pa.nulls(0)})
    found = faults({"people": nobody})
    assert {(f.table, f.column, f.code) for f in found} == {
        ("pairs", "person_id", FaultCode.UNKNOWN_KEY),
        ("pins", "person_id", FaultCode.UNKNOWN_KEY),
    }


def test_weeks_of_their_own_may_be_absent_and_change_the_digest_only_where_there_are_any() -> None:
    tables = CASE.tables()
    absent = CallupProblem.from_tables(
        **{name: table for name, table in tables.items() if name != "away"}, settings=CASE.settings()
    )
    assert absent.digest() == CASE.problem().digest()
    blocked = dataclasses.replace(CASE, away={("office", 1): 0, ("bureau", 0): 3}).problem()
    assert blocked.digest() != absent.digest()
    assert (blocked.away_unit.tolist(), blocked.away_most.tolist()) == ([0, 1], [3, 0])
    assert np.diff(blocked.away_week).tolist() == [1]


def test_a_week_said_twice_by_different_days_is_doubled() -> None:
    days = pa.array([dt.date(2026, 3, 2), dt.date(2026, 3, 8)], pa.date32())
    twice = pa.table({"unit_id": ["office", "office"], "week": days, "away_max": [0, 1]})
    (fault,) = faults({"away": twice})
    assert (fault.table, fault.column, fault.row, fault.code) == ("away", "unit_id + week", 2, FaultCode.DOUBLED)
    stranger = pa.table({"unit_id": ["nowhere"], "week": days[:1], "away_max": [-1]})
    assert {fault.code for fault in faults({"away": stranger})} == {FaultCode.UNKNOWN_KEY, FaultCode.NEGATIVE}


def test_wrong_settings_are_told_together() -> None:
    found = faults(repeated_theme_cost=-1, close_callup_cost=float("inf"), close_days="60", callups_max=0)
    assert {fault.column for fault in found} == {
        "repeated_theme_cost",
        "close_callup_cost",
        "close_days",
        "callups_max",
    }


def test_themes_may_be_absent_empty_or_categories_and_are_told_apart_by_their_text() -> None:
    themed = dataclasses.replace(CASE, themes={"A": "law", "B": "finance"}).problem()
    assert themed.theme.tolist() == [1, 0]
    for none in (["", None], [None, None]):
        table = changed("classes", "theme", none, pa.string())
        problem = CallupProblem.from_tables(**(CASE.tables() | table), settings=CASE.settings())  # type: ignore[arg-type]
        assert (problem.theme.tolist(), problem.digest()) == ([], CASE.problem().digest())
    category = pa.array(["finance", "law"]).dictionary_encode()
    table = CASE.tables()["classes"].append_column("theme", category)
    assert CallupProblem.from_tables(
        **(CASE.tables() | {"classes": table}), settings=CASE.settings()
    ).theme.tolist() == [1, 0]


def test_a_problem_without_themes_and_their_costs_keeps_the_digest_that_it_always_had() -> None:
    assert CASE.problem().digest() == "93da1171c22b8348fe814c6604474b5e6523557241f3f7f71277e4fc9ee99a98"
    others = (
        dataclasses.replace(CASE, themes={"A": "law"}),
        dataclasses.replace(CASE, repeated_theme_cost=1.0),
        dataclasses.replace(CASE, close_callup_cost=1.0),
        dataclasses.replace(CASE, close_days=1),
    )
    assert len({CASE.problem().digest(), *(other.problem().digest() for other in others)}) == 5
