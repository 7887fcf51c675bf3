"""The ways out when no list exists: replayed one by one, the cheapest held against every selection there is."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings

from tests.engine.callup.problems import MONDAY, Case, Pair
from tests.engine.callup.strategies import cases
from zhixing.engine.callup import solver
from zhixing.engine.callup.relaxations import COST
from zhixing.engine.callup.result import Status
from zhixing.engine.callup.solver import solve

PEOPLE = dict.fromkeys("pqrs", "office")
CASE = Case(
    classes={"A": (0, 4, 0, 9), "B": (7, 11, 0, 9), "C": (14, 18, 0, 9)},
    units={"bureau": (None, 9), "office": ("bureau", 9)},
    people=PEOPLE,
    pairs={(person, class_): 10.0 for person in PEOPLE for class_ in "ABC"},
)


def pinned(*pairs: str) -> dict[Pair, bool]:
    return {(pair[0], pair[1]): True for pair in pairs}


def knots(case: Case) -> list[dict[str, Any]]:
    found = solve(case.problem(), seconds=20)
    assert found.status is Status.INFEASIBLE
    said: list[dict[str, Any]] = found.summary()["relaxations"]
    return said


def drop(pair: str, chosen: bool = True) -> dict[str, Any]:
    return {"change": "drop_pin", "person_id": pair[0], "class_id": pair[1], "chosen": chosen}


def changed(case: Case, changes: Iterable[dict[str, Any]]) -> Case:
    """The case after the changes as they are told, each from the number that stands."""
    classes, quotas, units, pins = dict(case.classes), dict(case.quotas), dict(case.units), dict(case.pins)
    callups_max, away = case.callups_max, dict(case.away)
    for one in changes:
        unit, class_ = one.get("unit_id", ""), one.get("class_id", "")
        match one["change"]:
            case "drop_pin":
                assert pins.pop((one["person_id"], class_)) is one["chosen"]
            case "class_seats":
                first, last, low, most = classes[class_]
                assert one["from"] == most
                classes[class_] = (first, last, low, one["to"])
            case "class_minimum":
                first, last, low, most = classes[class_]
                assert one["from"] == low
                classes[class_] = (first, last, one["to"], most)
            case "quota_seats":
                low, most = quotas[unit, class_]
                assert one["from"] == most
                quotas[unit, class_] = (low, one["to"])
            case "quota_minimum":
                low, most = quotas[unit, class_]
                assert one["from"] == low
                quotas[unit, class_] = (one["to"], most)
            case "away_max":
                assert one["from"] == units[unit][1]
                units[unit] = (units[unit][0], one["to"])
            case "away_week":
                (week,) = one["weeks"]
                key = (unit, (dt.date.fromisoformat(week) - MONDAY).days // 7)
                assert one["from"] == away[key]
                away[key] = one["to"]
            case "callups_max":
                assert one["from"] == callups_max
                callups_max = one["to"]
            case _:
                raise AssertionError(one)
    return dataclasses.replace(
        case, classes=classes, quotas=quotas, units=units, pins=pins, callups_max=callups_max, away=away
    )


def cheapest(case: Case) -> float:
    """What it costs at least, found by trying every selection: each tells the changes that it needs."""
    return min(
        _price(case, chosen)
        for many in range(len(case.pairs) + 1)
        for chosen in combinations(case.pairs, many)
        if not any(rule == "shared_day" for rule, *_ in case.broken(chosen))
    )


def _price(case: Case, chosen: tuple[Pair, ...]) -> float:
    held = set(chosen)
    of_class, of_person = Counter(class_ for _, class_ in held), Counter(person for person, _ in held)
    used = {key: case.used(*key, held) for key in case.quotas}
    away: Counter[tuple[str, int]] = Counter()
    for unit, (_, most) in case.units.items():
        for week in range(6):
            gone = {who for who, class_ in held if case.people[who] == unit and week in case.weeks(class_)}
            key = (unit, week if (unit, week) in case.away else -1)
            away[key] = max(away[key], len(gone) - case.away.get(key, most))
    return (
        COST["drop_pin"] * sum((pair in held) is not go for pair, go in case.pins.items())
        + COST["class_seats"] * sum(max(0, of_class[name] - most) for name, (*_, most) in case.classes.items())
        + COST["quota_seats"] * sum(max(0, used[key] - most) for key, (_, most) in case.quotas.items())
        + COST["away_max"] * sum(away.values())
        + COST["callups_max"] * max(0, max(of_person.values(), default=0) - case.callups_max)
        + COST["class_minimum"] * case.short(held) * case.hard_minimums
    )


def replay(case: Case, said: list[dict[str, Any]]) -> None:
    """Every way of every knot, with the first of the others, makes a list possible; without any one change of it none is."""
    firsts = [knot["ways"][0]["changes"] for knot in said]
    for place, knot in enumerate(said):
        costs = [way["cost"] for way in knot["ways"]]
        assert costs == sorted(costs)
        others = [change for k, changes in enumerate(firsts) if k != place for change in changes]
        for way in knot["ways"]:
            assert changed(case, [*others, *way["changes"]]).optimum() is not None
            for change in way["changes"]:
                rest = [one for one in way["changes"] if one is not change]
                assert changed(case, [*others, *rest]).optimum() is None


def test_one_seat_more_or_one_pin_less() -> None:
    case = dataclasses.replace(CASE, quotas={("bureau", "A"): (0, 1)}, pins=pinned("pA", "qA", "pB"))
    (knot,) = knots(case)
    assert knot["proven_cheapest"]
    assert [(way["cost"], way["changes"]) for way in knot["ways"][:1]] == [
        (1.0, [{"change": "quota_seats", "unit_id": "bureau", "class_id": "A", "from": 1, "to": 2}])
    ]
    assert {way["changes"][0]["person_id"] for way in knot["ways"][1:]} == {"p", "q"}
    assert {way["cost"] for way in knot["ways"][1:]} == {2.0}
    replay(case, knots(case))


def test_two_seats_more_are_one_change() -> None:
    case = dataclasses.replace(CASE, classes=CASE.classes | {"B": (7, 11, 0, 1)}, pins=pinned("pB", "qB", "rB"))
    (knot,) = knots(case)
    assert knot["ways"][0]["changes"] == [{"change": "class_seats", "class_id": "B", "from": 1, "to": 3}]
    assert all(len(way["changes"]) == 2 for way in knot["ways"][1:])
    replay(case, [knot])


def test_days_that_are_shared_leave_only_pins_to_drop() -> None:
    classes = {"A": (0, 30, 0, 9), "B": (7, 8, 0, 9), "C": (14, 15, 0, 9)}
    case = dataclasses.replace(CASE, classes=classes, pins=pinned("pA", "pB", "pC"), callups_max=3)
    (knot,) = knots(case)
    assert [way["changes"] for way in knot["ways"]] == [[drop("pA")], [drop("pB"), drop("pC")]]


def test_one_more_away_tells_the_weeks() -> None:
    classes = {"A": (7, 18, 0, 9), "B": (7, 11, 0, 9), "C": (14, 18, 0, 9)}
    units = {"bureau": (None, 9), "office": ("bureau", 1)}
    case = dataclasses.replace(CASE, classes=classes, units=units, pins=pinned("pA", "qB", "rC"))
    (knot,) = knots(case)
    weeks = [(MONDAY + dt.timedelta(days=days)).isoformat() for days in (7, 14)]
    away = {"change": "away_max", "unit_id": "office", "weeks": weeks, "from": 1, "to": 2}
    assert {"cost": 2.0, "changes": [away]} in knot["ways"]
    assert {"cost": 2.0, "changes": [drop("pA")]} in knot["ways"]
    replay(case, [knot])


def test_a_week_with_a_limit_of_its_own_is_told_alone() -> None:
    case = dataclasses.replace(CASE, away={("office", 1): 0}, pins=pinned("pA", "pB"))
    (knot,) = knots(case)
    week = (MONDAY + dt.timedelta(days=7)).isoformat()
    assert [way["changes"] for way in knot["ways"]] == [
        [{"change": "away_week", "unit_id": "office", "weeks": [week], "from": 0, "to": 1}],
        [drop("pB")],
    ]
    replay(case, [knot])


def test_one_callup_more_for_everybody_is_dearer_than_two_pins_less() -> None:
    case = dataclasses.replace(CASE, pins=pinned("pA", "pB", "pC", "qA", "qB", "qC"))
    (knot,) = knots(case)
    assert knot["ways"][0]["cost"] == 4.0
    assert {"cost": 6.0, "changes": [{"change": "callups_max", "from": 2, "to": 3}]} in knot["ways"]
    replay(case, [knot])


def test_conflicts_that_have_nothing_to_do_with_each_other_are_told_apart() -> None:
    case = dataclasses.replace(
        CASE,
        classes={"A": (0, 4, 0, 1), "B": (7, 11, 0, 9), "C": (14, 18, 0, 9)},
        quotas={("office", "C"): (0, 0)},
        pins=pinned("pA", "qA", "rC"),
    )
    said = knots(case)
    assert [knot["ways"][0]["changes"][0]["change"] for knot in said] == ["quota_seats", "class_seats"]
    replay(case, said)


HARD = dataclasses.replace(
    CASE,
    hard_minimums=True,
    classes={"A": (0, 4, 2, 9), "B": (3, 8, 2, 9), "C": (14, 18, 1, 9)},
    pairs={(person, class_): 10.0 for person in "pqr" for class_ in "ABC"},
    people=dict.fromkeys("pqr", "office"),
)


@pytest.mark.parametrize("ways", [solver.EXACT_WAYS, 0], ids=["by the exact solver", "by prices alone"])
def test_minimums_that_want_the_same_people(monkeypatch: pytest.MonkeyPatch, ways: int) -> None:
    monkeypatch.setattr(solver, "EXACT_WAYS", ways)
    (knot,) = knots(HARD)
    assert knot["proven_cheapest"]
    assert [way["changes"] for way in knot["ways"]] == [
        [{"change": "class_minimum", "class_id": class_, "from": 2, "to": 1}]
        for class_ in (way["changes"][0]["class_id"] for way in knot["ways"])
    ]
    assert {way["changes"][0]["class_id"] for way in knot["ways"]} == {"A", "B"}


def test_a_pin_out_that_empties_a_class() -> None:
    case = dataclasses.replace(
        HARD,
        classes={"A": (0, 4, 2, 9), "B": (14, 18, 0, 9), "C": (14, 18, 0, 9)},
        pins={("p", "A"): False, ("q", "A"): False},
    )
    (knot,) = knots(case)
    assert knot["ways"][0] == {
        "cost": 1.0,
        "changes": [{"change": "class_minimum", "class_id": "A", "from": 2, "to": 1}],
    }
    assert {"cost": 2.0, "changes": [drop("pA", False)]} in knot["ways"]
    replay(case, [knot])


@settings(max_examples=150, deadline=None)
@given(cases(pins_most=5))
def test_the_ways_out_of_pins_hold_and_none_is_cheaper(case: Case) -> None:
    result = solve(case.problem(), seconds=20)
    if result.status is Status.INFEASIBLE:
        said = result.summary()["relaxations"]
        assert sum(knot["ways"][0]["cost"] for knot in said) == cheapest(case)
        assert all(knot["proven_cheapest"] for knot in said)
        replay(case, said)


@settings(max_examples=150, deadline=None)
@given(cases(hard=True, pins_most=4))
def test_the_ways_out_of_hard_minimums_hold_and_none_is_cheaper(case: Case) -> None:
    result = solve(case.problem(), seconds=20)
    if result.status is Status.INFEASIBLE:
        (knot,) = result.summary()["relaxations"]
        assert knot["proven_cheapest"]
        assert knot["ways"][0]["cost"] == cheapest(case)
        replay(case, [knot])


def test_when_time_is_short_a_way_is_told_all_the_same_and_not_called_the_cheapest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solver._Tools, "is_over", lambda self: True)
    case = dataclasses.replace(HARD, pins={("p", "C"): False})
    case = dataclasses.replace(case, classes=case.classes | {"C": (14, 18, 3, 9)})
    (knot,) = knots(case)
    assert not knot["proven_cheapest"]
    assert changed(case, knot["ways"][0]["changes"]).optimum() is not None
