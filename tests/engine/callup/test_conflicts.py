"""What cannot hold together: pins against each limit, and hard minimums."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings

from tests.engine.callup.problems import Case, Pair
from tests.engine.callup.strategies import cases
from zhixing.engine.callup import solver
from zhixing.engine.callup.result import Status
from zhixing.engine.callup.solver import solve

PEOPLE = dict.fromkeys("pqrs", "office")
ALL = {(person, class_): 10.0 for person in PEOPLE for class_ in "ABC"}
CASE = Case(
    classes={"A": (0, 4, 0, 9), "B": (7, 11, 0, 9), "C": (14, 18, 0, 9)},
    units={"bureau": (None, 9), "office": ("bureau", 9)},
    people=PEOPLE,
    pairs=ALL,
)


def pinned(*pairs: str) -> dict[Pair, bool]:
    """pA → person p in class A."""
    return {(pair[0], pair[1]): True for pair in pairs}


def conflict(case: Case) -> list[dict[str, Any]]:
    result = solve(case.problem(), seconds=20)
    assert result.status is Status.INFEASIBLE
    said = result.summary()
    assert said["objective"] is None
    assert said["bound"] is None
    found: list[dict[str, Any]] = said["conflict"]
    return found


def pin(pair: str, rule: str = "pinned_in") -> dict[str, str]:
    return {"rule": rule, "person_id": pair[0], "class_id": pair[1]}


def test_pins_of_one_person_on_shared_days() -> None:
    classes = {"A": (0, 30, 0, 9), "B": (7, 8, 0, 9), "C": (40, 41, 0, 9)}
    case = dataclasses.replace(CASE, classes=classes, pins=pinned("pA", "pC", "qA", "qB"))
    assert conflict(case) == [{"rule": "shared_day"}, pin("qA"), pin("qB")]


def test_more_pins_of_one_person_than_callups() -> None:
    case = dataclasses.replace(CASE, pins=pinned("pA", "pB", "pC", "qA", "qB"))
    assert conflict(case) == [{"rule": "callups_max", "most": 2}, pin("pA"), pin("pB"), pin("pC")]
    assert solve(dataclasses.replace(case, callups_max=3).problem(), seconds=20).status is Status.OPTIMAL


def test_more_pins_than_seats_of_a_class() -> None:
    classes = CASE.classes | {"B": (7, 11, 0, 2)}
    case = dataclasses.replace(CASE, classes=classes, pins=pinned("pB", "qB", "rB", "sB"))
    assert conflict(case) == [{"rule": "class_full", "class_id": "B", "most": 2}, pin("pB"), pin("qB"), pin("rB")]


def test_more_pins_than_a_quota_above_lets_in() -> None:
    case = dataclasses.replace(CASE, quotas={("bureau", "A"): (0, 1)}, pins=pinned("pA", "qA", "pB", "qB"))
    expected = {"rule": "quota_full", "unit_id": "bureau", "class_id": "A", "most": 1}
    assert conflict(case) == [expected, pin("pA"), pin("qA")]


def test_more_persons_pinned_than_may_be_away_in_a_week() -> None:
    classes = {"A": (7, 8, 0, 9), "B": (10, 11, 0, 9), "C": (9, 15, 0, 9)}
    case = dataclasses.replace(
        CASE, classes=classes, units={"bureau": (None, 9), "office": ("bureau", 1)}, pins=pinned("pA", "pB")
    )
    assert solve(case.problem(), seconds=20).status is Status.OPTIMAL
    expected = {"rule": "away_full", "unit_id": "office", "week": "2026-03-09", "most": 1}
    assert conflict(dataclasses.replace(case, pins=pinned("pA", "pB", "qC"))) == [expected, pin("pA"), pin("qC")]


def test_every_conflict_is_told_and_the_smallest_first() -> None:
    classes = CASE.classes | {"A": (0, 4, 0, 2)}
    case = dataclasses.replace(
        CASE, classes=classes, quotas={("office", "C"): (0, 0)}, pins=pinned("pA", "qA", "rA", "pC")
    )
    assert [item["rule"] for item in conflict(case)] == ["quota_full", "pinned_in"]
    found = solve(case.problem(), seconds=20).summary()["conflicts"]
    assert [[item["rule"] for item in one] for one in found] == [
        ["quota_full", "pinned_in"],
        ["class_full", "pinned_in", "pinned_in", "pinned_in"],
    ]


def test_a_long_class_that_shares_days_with_two_others() -> None:
    classes = {"A": (0, 30, 0, 9), "B": (7, 8, 0, 9), "C": (14, 15, 0, 9)}
    case = dataclasses.replace(CASE, classes=classes, pins=pinned("pA", "pB", "pC"), callups_max=3)
    found = solve(case.problem(), seconds=20).summary()["conflicts"]
    assert found == [[{"rule": "shared_day"}, pin("pA"), pin("pB")], [{"rule": "shared_day"}, pin("pA"), pin("pC")]]


@settings(max_examples=100, deadline=None)
@given(cases(pins_most=4))
def test_conflicts_of_pins_are_real_minimal_and_all(case: Case) -> None:
    result = solve(case.problem(), seconds=20)
    if result.status is not Status.INFEASIBLE:
        return
    for rule, *pins in result.conflicts:
        pairs = [(item["person"], item["class"]) for item in pins]
        keys = [str(rule[name]) for name in ("unit", "class", "week") if name in rule]
        broken = (rule["rule"], *(keys or [pairs[0][0]]))
        assert broken in set(case.broken(pairs))
        for pair in pairs:
            assert broken not in set(case.broken(set(pairs) - {pair}))
    chosen = [pair for pair, go in case.pins.items() if go]
    assert {rule["rule"] for rule, *_ in result.conflicts} == {rule for rule, *_ in case.broken(chosen)}


HARD = dataclasses.replace(CASE, hard_minimums=True)


def test_a_hard_minimum_that_too_few_are_eligible_for() -> None:
    case = dataclasses.replace(HARD, pairs={("p", "A"): 1.0}, classes={"A": (0, 4, 2, 9)}, pins={("p", "A"): False})
    assert conflict(case) == [{"rule": "class_short", "class_id": "A", "most": 9, "least": 2}]


def test_a_hard_minimum_with_just_enough_pins_out_to_break_it() -> None:
    out = {(person, "A"): False for person in "pqr"}
    case = dataclasses.replace(HARD, classes=HARD.classes | {"A": (0, 4, 3, 9)}, pins=out)
    expected = {"rule": "class_short", "class_id": "A", "most": 9, "least": 3}
    assert conflict(case) == [expected, pin("pA", "pinned_out"), pin("qA", "pinned_out")]


COMPETING = dataclasses.replace(
    HARD,
    classes={"A": (0, 4, 2, 9), "B": (3, 8, 2, 9), "C": (14, 18, 1, 9)},
    pairs={(person, class_): 10.0 for person in "pqr" for class_ in "ABC"},
    people=dict.fromkeys("pqr", "office"),
)


@pytest.mark.parametrize("ways", [solver.EXACT_WAYS, 0], ids=["by the exact solver", "by prices alone"])
def test_hard_minimums_that_want_the_same_people(monkeypatch: pytest.MonkeyPatch, ways: int) -> None:
    monkeypatch.setattr(solver, "EXACT_WAYS", ways)
    assert [(item["rule"], item["class_id"]) for item in conflict(COMPETING)] == [
        ("class_short", "A"),
        ("class_short", "B"),
    ]


def test_hard_minimums_that_a_pin_makes_impossible() -> None:
    classes = {"A": (0, 4, 2, 9), "B": (3, 8, 1, 9), "C": (14, 18, 1, 9)}
    case = dataclasses.replace(COMPETING, classes=classes)
    assert solve(case.problem(), seconds=20).status is Status.OPTIMAL
    found = conflict(dataclasses.replace(case, pins=pinned("pB", "qB", "rC")))
    assert found == [{"rule": "class_short", "class_id": "A", "most": 9, "least": 2}, pin("pB"), pin("qB")]


@settings(max_examples=60, deadline=None)
@given(cases(hard=True))
def test_conflicts_of_hard_minimums_are_real_minimal_and_apart(case: Case) -> None:
    result = solve(case.problem(), seconds=20)
    met: set[tuple[str, ...]] = set()
    for one in result.conflicts:
        minimums = {
            (item["rule"], item.get("unit", ""), item["class"])
            for item in one
            if item["rule"] in ("class_short", "quota_short")
        }
        if not minimums:
            continue
        assert not met & minimums
        met |= minimums
        assert kept(case, one).optimum() is None
        for item in one:
            rest = tuple(other for other in one if other is not item)
            assert kept(case, rest).optimum() is not None


def kept(case: Case, items: tuple[dict[str, Any], ...]) -> Case:
    """The case with only those minimums and pins."""
    of_classes = {item["class"] for item in items if item["rule"] == "class_short"}
    of_quotas = {(item["unit"], item["class"]) for item in items if item["rule"] == "quota_short"}
    pins = {(item["person"], item["class"]) for item in items if item["rule"] in ("pinned_in", "pinned_out")}
    return dataclasses.replace(
        case,
        classes={
            name: (first, last, low if name in of_classes else 0, most)
            for name, (first, last, low, most) in case.classes.items()
        },
        quotas={key: (low if key in of_quotas else 0, most) for key, (low, most) in case.quotas.items()},
        pins={pair: chosen for pair, chosen in case.pins.items() if pair in pins},
    )


def test_an_unproven_shortage_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "_must_fall_short", lambda problem, pool, watch: False)
    result = solve(COMPETING.problem(), seconds=20)
    assert (result.status, result.objective, len(result.selected)) == (Status.UNKNOWN, None, 0)
    assert result.bound is not None
