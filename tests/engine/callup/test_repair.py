"""Repairs against every list that a small problem has: no list displaces fewer people, and none that displaces as few is worth more."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.callup.problems import Case, Pair, selected_pairs, selected_table
from tests.engine.callup.strategies import cases
from zhixing.engine.callup.check import check
from zhixing.engine.callup.earlier import Earlier
from zhixing.engine.callup.repair import Repair, repair
from zhixing.engine.callup.result import Status
from zhixing.engine.callup.solver import solve

CLOSE = 1e-6
ROOM = Case(
    classes={"A": (0, 4, 0, 2), "B": (7, 11, 0, 2)},
    people={"p": "office", "q": "office", "r": "office", "s": "office"},
    pairs={("p", "A"): 9.0, ("q", "A"): 8.0, ("r", "A"): 7.0, ("r", "B"): 6.0, ("s", "A"): 5.0},
    callups_max=1,
)


def earlier_of(case: Case, seed: int = 1) -> Earlier:
    problem = case.problem()
    return Earlier.of(problem, solve(problem, seconds=20, seed=seed))


def repaired(case: Case, changed: Case, **options: Any) -> tuple[set[Pair], Repair]:
    problem = changed.problem()
    found = repair(problem, earlier_of(case), seconds=20, **options)
    return selected_pairs(problem, found.result), found


def without(case: Case, person: str) -> Case:
    return dataclasses.replace(
        case,
        people={name: unit for name, unit in case.people.items() if name != person},
        pairs={pair: value for pair, value in case.pairs.items() if pair[0] != person},
        pins={pair: chosen for pair, chosen in case.pins.items() if pair[0] != person},
    )


def cancelled(case: Case, class_: str) -> Case:
    return dataclasses.replace(
        case,
        classes={name: days for name, days in case.classes.items() if name != class_},
        pairs={pair: value for pair, value in case.pairs.items() if pair[1] != class_},
        pins={pair: chosen for pair, chosen in case.pins.items() if pair[1] != class_},
        quotas={key: seats for key, seats in case.quotas.items() if key[1] != class_},
    )


def of_class(case: Case, class_: str, *row: int) -> Case:
    first, last, low, most = row
    return dataclasses.replace(case, classes={**case.classes, class_: (first, last, low, most)})


@st.composite
def changes(draw: st.DrawFn) -> tuple[Case, Case]:
    """A case, and the same after one to three changes of any kind."""
    case = draw(cases())
    changed = case
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(
            st.sampled_from(["drop", "move", "cancel", "away", "seats", "quota", "pin", "value", "twice", "week"])
        )
        class_ = draw(st.sampled_from(sorted(changed.classes))) if changed.classes else ""
        if kind == "drop" and changed.people:
            changed = without(changed, draw(st.sampled_from(sorted(changed.people))))
        elif kind == "move" and class_:
            first = draw(st.integers(0, 20))
            changed = of_class(changed, class_, first, first + draw(st.integers(0, 11)), *changed.classes[class_][2:])
        elif kind == "cancel" and class_:
            changed = cancelled(changed, class_)
        elif kind == "seats" and class_:
            first, last, low, _ = changed.classes[class_]
            most = draw(st.integers(0, 4))
            changed = of_class(changed, class_, first, last, min(low, most), most)
        elif kind == "away":
            unit = draw(st.sampled_from(sorted(changed.units)))
            units = {**changed.units, unit: (changed.units[unit][0], draw(st.integers(0, 3)))}
            changed = dataclasses.replace(changed, units=units)
        elif kind == "quota" and class_:
            key = (draw(st.sampled_from(sorted(changed.units))), class_)
            changed = dataclasses.replace(changed, quotas={**changed.quotas, key: (0, draw(st.integers(0, 2)))})
        elif kind == "pin" and changed.pairs:
            pair = draw(st.sampled_from(sorted(changed.pairs)))
            changed = dataclasses.replace(changed, pins={**changed.pins, pair: draw(st.booleans())})
        elif kind == "value" and changed.pairs:
            pair = draw(st.sampled_from(sorted(changed.pairs)))
            value = draw(st.integers(1, 400)) / 4
            changed = dataclasses.replace(changed, pairs={**changed.pairs, pair: value})
        elif kind == "week":
            key = (draw(st.sampled_from(sorted(changed.units))), draw(st.integers(0, 4)))
            changed = dataclasses.replace(changed, away={**changed.away, key: draw(st.integers(0, 1))})
        elif kind == "twice":
            changed = dataclasses.replace(changed, callups_max=draw(st.integers(1, 3)))
    return case, changed


def displaced(changed: Case, held: Iterable[Pair], chosen: Iterable[Pair]) -> int:
    """People who lost a call-up that they could still have had."""
    still = {pair for pair in held if pair in changed.pairs and changed.pins.get(pair) is not False}
    return len({person for person, _ in still - set(chosen)})


@settings(max_examples=300, deadline=None)
@given(changes())
def test_no_list_displaces_fewer_and_none_that_displaces_as_few_is_worth_more(two: tuple[Case, Case]) -> None:
    case, changed = two
    old = case.problem()
    before = solve(old, seconds=20)
    if before.status is Status.INFEASIBLE:
        return
    held = selected_pairs(old, before)
    problem = changed.problem()
    found = repair(problem, Earlier.of(old, before), seconds=20)
    lists = list(changed.selections()) if all(p in changed.pairs for p, yes in changed.pins.items() if yes) else []
    if not lists:
        assert found.result.status is Status.INFEASIBLE
        assert found.result.conflicts
        return
    chosen = selected_pairs(problem, found.result)
    fewest = min(displaced(changed, held, one) for one in lists)
    best = max(changed.objective(one) for one in lists if displaced(changed, held, one) == fewest)
    assert found.fewest
    assert found.displaced == displaced(changed, held, chosen) == fewest
    assert found.result.objective == pytest.approx(best, abs=1e-4)
    assert found.result.bound is not None
    assert found.result.bound >= max(changed.objective(one) for one in lists) - CLOSE
    assert found.kept == len(held & chosen)
    report = check(changed.tables(), changed.settings(), selected_table(problem, found.result), found.result.summary())
    assert report.ok, report
    judge_difference(held, chosen, found)


def judge_difference(held: set[Pair], chosen: set[Pair], found: Repair) -> None:
    """Everyone whose call-ups changed is told once, with all that they lost and got, and a cause for each."""
    said = {item["person"]: item for item in found.difference}
    assert set(said) == {person for person, _ in held ^ chosen}
    for person, item in said.items():
        lost, new = ({class_ for who, class_ in pairs if who == person} for pairs in (held - chosen, chosen - held))
        assert {one["class"] for one in item["lost"]} == lost
        assert {one["class"] for one in item["new"]} == new
        keeps = any(who == person for who, _ in held & chosen)
        wanted = ("moved" if new else "fewer" if keeps else "left") if lost else ("more" if keeps else "came")
        assert item["change"] == wanted
        assert all(one["code"] for one in (*item["lost"], *item["new"]))


@settings(max_examples=100, deadline=None)
@given(cases(hard=True), st.data())
def test_hard_minimums_are_met_or_the_conflict_is_told(case: Case, data: st.DataObject) -> None:
    old = case.problem()
    before = solve(old, seconds=20)
    if before.objective is None:
        return
    changed = without(case, data.draw(st.sampled_from(sorted(case.people))))
    problem = changed.problem()
    found = repair(problem, Earlier.of(old, before), seconds=20)
    if changed.optimum() is None:
        assert found.result.status is Status.INFEASIBLE
        assert found.result.conflicts
        return
    chosen = selected_pairs(problem, found.result)
    assert not changed.short(chosen)
    assert next(changed.broken(chosen), None) is None


def test_whoever_waits_gets_the_seat_of_who_dropped_out() -> None:
    chosen, found = repaired(ROOM, without(ROOM, "p"))
    assert chosen == {("q", "A"), ("r", "B"), ("s", "A")}
    assert found.displaced == 0
    assert found.difference == (
        {"person": "p", "change": "left", "lost": [{"class": "A", "code": "not_eligible"}], "new": []},
        {
            "person": "s",
            "change": "came",
            "lost": [],
            "new": [{"class": "A", "code": "seat_freed", "in_place_of": [{"person": "p", "class": "A"}]}],
        },
    )


def test_nobody_is_moved_for_the_sake_of_a_better_list_unless_it_gains_more_than_a_change_costs() -> None:
    case = dataclasses.replace(ROOM, pairs={**ROOM.pairs, ("r", "A"): 60.0})
    held, _ = repaired(ROOM, ROOM)
    chosen, found = repaired(ROOM, case)
    assert chosen == held == {("p", "A"), ("q", "A"), ("r", "B")}
    assert not found.difference
    assert found.result.bound is not None
    assert found.result.bound >= case.optimum()  # type: ignore[operator]
    moved, dear = repaired(ROOM, case, change_cost=10.0)
    assert moved == {("p", "A"), ("r", "A")}
    assert not dear.fewest
    assert {item["person"]: item["change"] for item in dear.difference} == {"q": "left", "r": "moved"}
    stays, _ = repaired(ROOM, case, change_cost=100.0)
    assert stays == held


def test_a_moved_class_displaces_one_and_calls_them_elsewhere() -> None:
    """q and r hold both classes, on different days; once B lies beside A, each can keep only one."""
    case = Case(
        classes={"A": (0, 4, 0, 9), "B": (7, 11, 0, 9), "C": (14, 18, 0, 9)},
        people={"p": "office"},
        pairs={("p", "A"): 5.0, ("p", "B"): 3.0, ("p", "C"): 1.0},
    )
    chosen, found = repaired(case, of_class(case, "B", 3, 8, 0, 9))
    assert chosen == {("p", "A"), ("p", "C")}
    (item,) = found.difference
    assert item["change"] == "moved"
    assert item["lost"] == [{"class": "B", "code": "shared_day", "with": "A"}]
    assert item["new"] == [{"class": "C", "code": "instead", "of": ["B"]}]


def test_fewer_away_displaces_the_one_of_the_lowest_value() -> None:
    case = dataclasses.replace(ROOM, classes={"A": (0, 4, 0, 9), "B": (7, 11, 0, 2)}, units={"office": (None, 4)})
    chosen, found = repaired(case, dataclasses.replace(case, units={"office": (None, 2)}))
    assert chosen == {("p", "A"), ("q", "A"), ("r", "B")}
    lost = {item["person"]: item["lost"][0] for item in found.difference}
    assert lost["s"] == {"class": "A", "code": "away_full", "unit": "office", "week": "2026-03-02", "most": 2}


def test_a_blocked_week_calls_nobody_of_the_unit_away_in_it() -> None:
    chosen, found = repaired(ROOM, dataclasses.replace(ROOM, away={("office", 0): 0}))
    assert chosen == {("r", "B")}
    assert [item["lost"][0]["week"] for item in found.difference] == ["2026-03-02"] * 2
    blocked = dataclasses.replace(ROOM, away={("office", 1): 0})
    assert repaired(ROOM, blocked)[0] == {("p", "A"), ("q", "A")}


def test_a_reply_that_is_pinned_stays_and_the_pins_that_cannot_hold_are_told() -> None:
    fewer = of_class(ROOM, "A", 0, 4, 0, 1)
    chosen, _ = repaired(ROOM, dataclasses.replace(fewer, pins={("q", "A"): True}))
    assert chosen == {("q", "A"), ("r", "B")}
    _, none = repaired(ROOM, dataclasses.replace(fewer, pins={("p", "A"): True, ("q", "A"): True}))
    assert none.result.status is Status.INFEASIBLE
    assert none.result.conflicts[0][0] == {"rule": "class_full", "class": "A", "most": 1}


def test_the_prices_of_the_same_problem_prove_its_bound_again() -> None:
    """A problem too large for one piece: the bound comes from prices alone."""
    people = {f"p{n:03}": f"u{n % 9}" for n in range(300)}
    classes = {f"C{n:02}": (7 * n, 7 * n + 4, 0, 12) for n in range(8)}
    pairs = {(p, c): 1.0 + (7 * i + 13 * j) % 41 for i, p in enumerate(people) for j, c in enumerate(classes)}
    units: dict[str, tuple[str | None, int]] = {f"u{n}": (None, 2) for n in range(9)}
    case = Case(classes=classes, people=people, units=units, pairs=pairs, second_callup_cost=9.0)
    problem = case.problem()
    before = solve(problem, seconds=20)
    same = repair(problem, Earlier.of(problem, before), seconds=20)
    assert same.result.objective == pytest.approx(before.objective)
    assert same.result.gap == pytest.approx(before.gap, abs=1e-4)
    gone = without(case, sorted(selected_pairs(problem, before))[0][0])
    after = repair(gone.problem(), Earlier.of(problem, before), seconds=20)
    fresh = solve(gone.problem(), seconds=20)
    assert after.displaced == 0
    assert after.result.gap is not None
    assert after.result.gap < 0.01
    assert fresh.objective is not None
    assert after.result.bound is not None
    assert after.result.bound >= fresh.objective - CLOSE


@settings(max_examples=60, deadline=None)
@given(changes(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(two: tuple[Case, Case], random: Any) -> None:
    case, changed = two
    old = case.problem()
    before = solve(old, seconds=20)
    if before.objective is None:
        return
    rows = list(changed.pairs.items())
    random.shuffle(rows)
    shuffled = dataclasses.replace(changed, pairs=dict(rows), people=dict(reversed(list(changed.people.items()))))
    one, other = (repair(c.problem(), Earlier.of(old, before), seconds=20) for c in (changed, shuffled))
    assert one.result.selected.tolist() == other.result.selected.tolist()
    assert one.difference == other.difference
