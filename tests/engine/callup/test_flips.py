"""Every change that is told is made and the problem solved anew: the pair is chosen; with one step less it is not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings

from tests.engine.callup.problems import Case, Pair, days, selected_pairs
from tests.engine.callup.strategies import cases
from tests.engine.callup.test_solver import city
from zhixing.engine.callup import flips, solver
from zhixing.engine.callup.explanation import explain
from zhixing.engine.callup.solver import solve

CASE = Case(
    classes={"A": (0, 4, 0, 2), "B": (7, 11, 0, 9)},
    units={"bureau": (None, 9), "office": ("bureau", 9)},
    people={"p": "office", "q": "office", "r": "office", "s": "bureau"},
    pairs={("p", "A"): 10.0, ("q", "A"): 9.0, ("r", "A"): 4.0, ("s", "A"): 6.0, ("p", "B"): 20.0},
    second_callup_cost=2.0,
)
ROOMY = CASE.classes | {"A": (0, 4, 0, 9)}  # type: ignore[operator]


def explained(case: Case, pair: Pair, seed: int = 1) -> dict[str, Any]:
    problem = case.problem()
    return explain(problem, solve(problem, seconds=60, seed=seed), *pair)


def flip(case: Case, person: str, class_: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = explained(case, (person, class_))["flip"]
    return found


def most(rule: str, before: int, after: int, **keys: str) -> dict[str, Any]:
    return {"rule": rule, **keys, "most": before, "change": "most", "from": before, "to": after}


def test_whoever_is_next_needs_one_more_seat_and_the_one_after_two() -> None:
    assert flip(CASE, "s", "A") == most("class_full", 2, 3, **{"class": "A"}) | {"smallest": True}
    assert flip(CASE, "r", "A") == most("class_full", 2, 4, **{"class": "A"}) | {"smallest": True}


def test_one_more_quota_seat_or_one_more_away_flips_likewise() -> None:
    quota = dataclasses.replace(CASE, classes=ROOMY, quotas={("office", "A"): (0, 2)})
    assert flip(quota, "r", "A") == most("quota_full", 2, 3, unit="office", **{"class": "A"}) | {"smallest": True}
    away = dataclasses.replace(CASE, classes=ROOMY, units={"bureau": (None, 9), "office": ("bureau", 2)})
    assert flip(away, "r", "A") == most("away_full", 2, 3, unit="office", week="2026-03-02") | {"smallest": True}


def test_several_limits_in_the_way_are_raised_together() -> None:
    case = dataclasses.replace(
        CASE, quotas={("office", "A"): (0, 2)}, pairs={k: v for k, v in CASE.pairs.items() if k[0] != "s"}
    )
    assert flip(case, "r", "A") == {
        "change": "several",
        "steps": [
            most("class_full", 2, 3, **{"class": "A"}),
            most("quota_full", 2, 3, unit="office", **{"class": "A"}),
        ],
        "smallest": True,
    }


def test_a_pin_flips_only_when_the_pair_is_chosen_without_it() -> None:
    barred = dataclasses.replace(CASE, classes=ROOMY, pins={("r", "A"): False})
    assert flip(barred, "r", "A") == {"rule": "pinned_out", "change": "unpin", "smallest": True}
    said = explained(dataclasses.replace(CASE, pins={("r", "A"): False}), ("r", "A"))
    assert (said["flip"], said["flip_why"]) == (None, "unpinned")


def test_a_value_flips_above_what_the_other_list_is_worth_more() -> None:
    dear = dataclasses.replace(CASE, classes=ROOMY, second_callup_cost=15.0)
    assert flip(dear, "p", "A") == {"change": "value", "from": 10.0, "above": 15.0, "to": 15.001, "smallest": True}
    meets = dataclasses.replace(CASE, classes={"A": (0, 4, 0, 9), "B": (4, 9, 0, 9)})
    assert flip(meets, "p", "A") == {"change": "value", "from": 10.0, "above": 20.0, "to": 20.001, "smallest": True}


def test_no_change_is_told_where_pins_leave_no_list_with_the_pair() -> None:
    case = dataclasses.replace(CASE, classes={"A": (0, 4, 0, 9), "B": (4, 9, 0, 9)}, pins={("p", "B"): True})
    said = explained(case, ("p", "A"))
    assert (said["flip"], said["flip_why"]) == (None, "no_list")


def test_no_change_is_told_that_there_was_no_time_to_try() -> None:
    problem = CASE.problem()
    said = explain(problem, solve(problem, seconds=60), "s", "A", seconds=0)
    assert (said["flip"], said["flip_why"]) == (None, "time")


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(cases())
def test_every_change_told_lets_the_pair_in_and_one_step_less_does_not(case: Case) -> None:
    problem = case.problem()
    result = solve(problem, seconds=60, seed=3)
    if result.objective is None:
        return
    chosen = selected_pairs(problem, result)
    for pair in sorted(set(case.pairs) - chosen):
        said = explain(problem, result, *pair)
        judge_flip(case, pair, said)


def judge_flip(case: Case, pair: Pair, said: dict[str, Any]) -> None:
    change = said["flip"]
    if change is None:
        assert case.pins.get(pair) is False or said["flip_why"] == "no_list"
        if said["flip_why"] == "no_list":
            assert dataclasses.replace(case, pins={**case.pins, pair: True}).optimum() is None
        return
    for changed in after(case, pair, change, 0):
        assert pair in listed(changed)
    assert change["smallest"]
    if change["change"] in ("most", "several"):
        assert not all(pair in listed(less) for less in after(case, pair, change, 1))
    if change["change"] == "value" and change["above"] - change["from"] > flips.MARGIN:
        assert pair not in listed(worth(case, pair, change["above"] - flips.MARGIN))


def listed(case: Case) -> set[Pair]:
    problem = case.problem()
    return selected_pairs(problem, solve(problem, seconds=60, seed=3))


def worth(case: Case, pair: Pair, value: float) -> Case:
    return dataclasses.replace(case, pairs={**case.pairs, pair: value})


def after(case: Case, pair: Pair, change: dict[str, Any], less: int) -> list[Case]:
    """The case after a change, ``less`` steps short of it; more away in one week alone, and in every week."""
    if change["change"] == "unpin":
        return [dataclasses.replace(case, pins={p: yes for p, yes in case.pins.items() if p != pair})]
    if change["change"] == "value":
        return [worth(case, pair, change["to"])]
    alone = every = case
    for step in change.get("steps", [change]):
        alone, every = raised(alone, step, less, True), raised(every, step, less, False)
    return [alone, every]


def raised(case: Case, step: dict[str, Any], less: int, alone: bool) -> Case:
    rule, to = step["rule"], step["to"] - less
    if rule == "class_full":
        first, last, low, _ = case.classes[step["class"]]
        return dataclasses.replace(case, classes={**case.classes, step["class"]: (first, last, low, to)})
    if rule == "quota_full":
        key = (step["unit"], step["class"])
        return dataclasses.replace(case, quotas={**case.quotas, key: (case.quotas[key][0], to)})
    assert rule == "away_full"
    week = next(n for n in range(9) if days(7 * n, 0)[0].isoformat() == step["week"])
    if alone or any(unit == step["unit"] for unit, _ in case.away):
        return dataclasses.replace(case, away={**case.away, (step["unit"], week): to})
    return dataclasses.replace(case, units={**case.units, step["unit"]: (case.units[step["unit"]][0], to)})


@pytest.mark.slow
def test_in_a_city_too_large_for_one_piece_what_is_told_is_true_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "EXACT_WAYS", 0)
    monkeypatch.setattr(solver, "PIECE_WAYS", 150)
    case = city(people=300, classes=12)
    problem = case.problem()
    result = solve(problem, seconds=60, seed=3)
    chosen = selected_pairs(problem, result)
    out = sorted(set(case.pairs) - chosen)
    told = 0
    for pair in out[:: len(out) // 12]:
        said = explain(problem, result, *pair)
        if said["flip"]:
            told += 1
            for changed in after(case, pair, said["flip"], 0):
                assert pair in listed(changed)
    assert told >= 8
