"""One pair explained, the waiting list, and the table of prices."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

from tests.engine.callup.problems import Case, Pair, selected_pairs
from tests.engine.callup.strategies import cases
from tests.engine.callup.test_reasons import RULES, rederived
from zhixing.engine.callup.explanation import UnknownKey, explain, priced_limits, waiting
from zhixing.engine.callup.problem import CallupProblem
from zhixing.engine.callup.result import Status
from zhixing.engine.callup.solver import solve

CASE = Case(
    classes={"A": (0, 4, 0, 2), "B": (7, 11, 0, 9)},
    units={"bureau": (None, 9), "office": ("bureau", 9)},
    people={"p": "office", "q": "office", "r": "office", "s": "bureau"},
    pairs={("p", "A"): 10.0, ("q", "A"): 9.0, ("r", "A"): 4.0, ("s", "A"): 6.0, ("p", "B"): 20.0},
    second_callup_cost=2.0,
)


def explained(case: Case, person: str, class_: str) -> dict[str, Any]:
    problem = case.problem()
    said = explain(problem, solve(problem, seconds=20), person, class_)
    json.dumps(said)
    return said


def test_who_is_called_twice_tells_what_that_costs() -> None:
    assert {class_: explained(CASE, "p", class_)["second_cost"] for class_ in "AB"} == {"A": 2.0, "B": 2.0}


def test_a_chosen_pair_tells_its_prices_and_what_is_left_of_its_value() -> None:
    said = explained(CASE, "q", "A")
    (price,) = said["prices"]
    assert price == {"rule": "class_full", "class": "A", "most": 2, "used": 2, "price": said["price"]}
    assert said == {
        "person": "q",
        "class": "A",
        "eligible": True,
        "chosen": True,
        "code": "chosen_best",
        "value": 9.0,
        "price": price["price"],
        "net": pytest.approx(9.0 - price["price"], abs=1e-3),
        "prices": [price],
        "second_cost": 0.0,
        "spread": [],
    }


def test_one_more_seat_flips_a_pair_that_only_the_class_keeps_out() -> None:
    said = explained(CASE, "s", "A")
    assert said["code"] == "class_full"
    assert said["gain"] == 6.0
    assert said["obstacles"] == [{"rule": "class_full", "class": "A", "most": 2}]
    assert said["flip"] == {
        "rule": "class_full", "class": "A", "most": 2, "change": "most", "from": 2, "to": 3, "smallest": True,
    }  # fmt: skip


def test_a_pair_that_is_not_eligible_says_so() -> None:
    assert explained(CASE, "q", "B") == {
        "person": "q",
        "class": "B",
        "eligible": False,
        "chosen": False,
        "code": "not_eligible",
    }


@pytest.mark.parametrize(
    ("person", "class_", "column"), [("x", "A", "person_id"), ("p", "X", "class_id"), (7, "A", "person_id")]
)
def test_an_unknown_key_is_named(person: str | int, class_: str, column: str) -> None:
    problem = CASE.problem()
    with pytest.raises(UnknownKey) as unknown:
        explain(problem, solve(problem, seconds=20), person, class_)
    assert unknown.value.column == column


@settings(max_examples=80, deadline=None)
@given(cases())
def test_obstacles_are_true(case: Case) -> None:
    problem = case.problem()
    result = solve(problem, seconds=20)
    if result.status is Status.INFEASIBLE:
        return
    chosen = selected_pairs(problem, result)
    for pair in case.pairs:
        said = explain(problem, result, *pair, seconds=0)
        assert said["code"] == rederived(case, chosen, pair)
        if said["chosen"]:
            continue
        pinned = ["pinned_out"] if case.pins.get(pair) is False else []
        broken = sorted({rule for rule, *_ in case.broken({*chosen, pair})})
        assert sorted({item["rule"] for item in said["obstacles"]}) == sorted(pinned + broken)


def test_the_waiting_list_is_ordered_by_value_then_lot() -> None:
    people = {f"p{n}": "office" for n in range(6)} | {"busy": "office", "barred": "office"}
    pairs: dict[Pair, float] = {(person, "A"): 5.0 for person in people}
    pairs |= {("p0", "A"): 9.0, ("busy", "A"): 8.0, ("busy", "B"): 90.0, ("barred", "A"): 7.0}
    case = Case(
        classes={"A": (0, 4, 0, 1), "B": (4, 9, 0, 9)},
        people=people,
        pairs=pairs,
        pins={("barred", "A"): False},
    )
    problem = case.problem()
    result = solve(problem, seconds=20, seed=3)
    listed = waiting(problem, result, "A", 4)
    assert selected_pairs(problem, result) == {("p0", "A"), ("busy", "B")}
    assert (listed[0]["person"], listed[0]["fits"], listed[0]["code"]) == ("busy", False, "shared_day")
    assert [(row["value"], row["fits"], row["code"]) for row in listed[1:]] == [(5.0, True, None)] * 3
    lots = [row["lot"] for row in listed[1:]]
    assert lots == sorted(lots)
    assert len(waiting(problem, result, "A", 99)) == 6
    assert waiting(problem, result, "B", 9) == []
    with pytest.raises(UnknownKey):
        waiting(problem, result, "Z", 9)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_those_who_wait_fit_exactly_when_one_more_seat_would_let_them_in(case: Case) -> None:
    problem = case.problem()
    result = solve(problem, seconds=20)
    if result.status is Status.INFEASIBLE:
        return
    chosen = selected_pairs(problem, result)
    for class_, (first, last, low, most) in case.classes.items():
        freed = dataclasses.replace(case, classes={**case.classes, class_: (first, last, low, most + 1)})
        for row in waiting(problem, result, class_, 99):
            pair = (row["person"], class_)
            code = rederived(freed, chosen, pair)
            assert row["fits"] == (code not in RULES)
            assert row["code"] == (None if code == "priced_out" else code)


def test_the_table_of_prices_names_every_limit_that_can_bind() -> None:
    case = dataclasses.replace(
        CASE, quotas={("office", "A"): (1, 2)}, units={"bureau": (None, 9), "office": ("bureau", 2)}
    )
    problem = case.problem()
    result = solve(problem, seconds=20)
    rows = priced_limits(problem, result).to_pylist()
    assert [(r["rule"], r["unit_id"], r["class_id"], r["week"], r["least"], r["most"], r["used"]) for r in rows] == [
        ("class_full", None, "A", None, 0, 2, 2),
        ("quota_full", "office", "A", None, 1, 2, 2),
        ("away_full", "office", None, dt.date(2026, 3, 2), 0, 2, 2),
    ]
    assert [row["price"] for row in rows] == result.prices.tolist()


def test_numbers_find_their_keys() -> None:
    table = pa.table
    problem = CallupProblem.from_tables(
        classes=table(
            {
                "class_id": [7],
                "starts_on": [dt.date(2026, 3, 2)],
                "ends_on": [dt.date(2026, 3, 3)],
                "seats_min": [0],
                "seats_max": [1],
            }
        ),
        people=table({"person_id": [1], "unit_id": [5]}),
        units=table({"unit_id": [5], "parent_id": pa.nulls(1), "away_max": [1]}),
        pairs=table({"person_id": [1], "class_id": [7], "value": [2.0]}),
        quotas=table({"unit_id": [5], "class_id": [7], "seats_min": [0], "seats_max": [1]}),
        pins=table({"person_id": [1], "class_id": [7], "chosen": [True]}),
        settings=CASE.settings(),
    )
    assert explain(problem, solve(problem, seconds=20), 1, 7)["code"] == "chosen_pinned"
