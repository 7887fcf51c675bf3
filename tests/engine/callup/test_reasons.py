"""Reasons against a re-derivation from the rules alone."""

from __future__ import annotations

import dataclasses
import json
import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.callup.problems import Case, Pair, selected_pairs
from tests.engine.callup.strategies import cases
from tests.engine.callup.test_solver import city
from zhixing.engine.callup.codes import Code
from zhixing.engine.callup.reasons import CODES, REASONS, reasons
from zhixing.engine.callup.result import CallupResult, Status
from zhixing.engine.callup.solver import solve

RULES = ("callups_max", "shared_day", "class_full", "quota_full", "away_full")


def told(table: pa.Table) -> dict[Pair, tuple[str, dict[str, Any]]]:
    """(person, class) → (code, detail)."""
    return {(row["person_id"], row["class_id"]): (row["code"], json.loads(row["detail"])) for row in table.to_pylist()}


def rederived(case: Case, chosen: set[Pair], pair: Pair) -> str:
    """The code of one pair, from adding it to the selection and seeing which rule breaks."""
    if pair in chosen:
        return "chosen_pinned" if case.pins.get(pair) else "chosen_best"
    if case.pins.get(pair) is False:
        return "pinned_out"
    broken = {rule for rule, *_ in case.broken({*chosen, pair})}
    first = next((rule for rule in RULES if rule in broken), None)
    return first or cost_that_decides(case, chosen, {*chosen, pair}) or "priced_out"


def cost_that_decides(case: Case, before: set[Pair], after: set[Pair], least: float = 0.0) -> str | None:
    """Costs are let count one after the other: the one under which nothing is gained any more, None when something is left."""
    apart = dataclasses.replace(case, close_callup_cost=0.0)
    fresh = dataclasses.replace(apart, repeated_theme_cost=0.0)
    for one, code in ((fresh, "not_worth_second_callup"), (apart, "repeated_theme"), (case, "close_callup")):
        if one.objective(after) - one.objective(before) <= least:
            return code
    return None


def unfinished(result: CallupResult, keep: np.ndarray[Any, np.dtype[np.int64]]) -> CallupResult:
    """The result with only some of its pairs."""
    return dataclasses.replace(result, selected=keep)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_every_code_is_the_first_rule_that_one_more_callup_breaks(case: Case) -> None:
    problem = case.problem()
    result = solve(problem, seconds=20)
    if result.status is Status.INFEASIBLE:
        return
    chosen = selected_pairs(problem, result)
    for pair, (code, detail) in told(reasons(problem, result)).items():
        expected = rederived(case, chosen, pair)
        assert code == expected
        assert detail["value"] == case.pairs[pair]
        assert expected != "priced_out", "what fits and gains is chosen"
        if code == "shared_day":
            assert (pair[0], detail["class"]) in chosen
            assert case.clash(pair[1], detail["class"])
        if code in ("repeated_theme", "close_callup"):
            assert (pair[0], detail["class"]) in chosen
            other, cost = (pair[0], detail["class"]), detail["cost"]
            near = case.close(pair, other) or case.close(other, pair)
            assert near if code == "close_callup" else case.themes[pair[1]] == case.themes[other[1]]
            costs = cost + sum(one["cost"] for one in detail.get("also", ()))
            assert costs == case.spread({*chosen, pair}) - case.spread(chosen)
        if code in ("class_full", "quota_full", "away_full"):
            keys = [detail[name] for name in ("unit", "class", "week") if name in detail]
            assert (code, *keys) in set(case.broken({*chosen, pair}))


def obstacles_told(pair: Pair, code: str, detail: dict[str, Any]) -> set[tuple[str, ...]]:
    """Every rule that a reason names, as ``Case.broken`` names it, a shared day with the class of it."""
    found = set()
    for one in ({**detail, "rule": code}, *detail.get("also", ())):
        about = {"callups_max": (pair[0],), "shared_day": (pair[0], one.get("class")), "pinned_out": ()}
        keys = about.get(one["rule"], tuple(one[name] for name in ("unit", "class", "week") if name in one))
        found.add((one["rule"], *keys))
    return found


def obstacles_there(case: Case, chosen: set[Pair], pair: Pair) -> set[tuple[str, ...]]:
    """The same, found by adding the pair and seeing what breaks."""
    found = {broken for broken in case.broken({*chosen, pair}) if broken[0] != "shared_day"}
    found |= {("shared_day", who, held) for who, held in chosen if who == pair[0] and case.clash(held, pair[1])}
    return found | ({("pinned_out",)} if case.pins.get(pair) is False else set())


def least_of(case: Case, chosen: set[Pair], held: Pair) -> float:
    """What a pair must bring to be worth more than a chosen one, minimums aside."""
    bare = dataclasses.replace(case, short_seat_cost=0.0)
    return bare.objective(chosen) - bare.objective(chosen - {held}) + 1e-6


def holders_there(case: Case, chosen: set[Pair], pair: Pair) -> set[str]:
    """How those stand to the pair whose seat alone would let it in, found by exchanging the two, one holder after the other."""
    without_minimums = dataclasses.replace(case, short_seat_cost=0.0)
    found, weaker = set(), set()
    for held in chosen:
        exchanged = {*chosen, pair} - {held}
        if held[1] != pair[1] or any(case.broken(exchanged)):
            continue
        if case.pins.get(held):
            found.add("fixed")
            continue
        found.add("stronger")
        if case.pairs[held] < case.pairs[pair] - 1e-6:
            cost = cost_that_decides(without_minimums, {*exchanged} - {pair}, exchanged, least_of(case, chosen, held))
            if cost:
                weaker.add({"not_worth_second_callup": "second_callup"}.get(cost, cost))
            else:
                weaker.add("exchange" if case.objective(exchanged) - case.objective(chosen) > 1e-6 else "minimum")
    return weaker or found


SEATS = {"class_full", "quota_full"}


def check_reasons(case: Case, chosen: set[Pair], table: pa.Table) -> set[str]:
    """Every cause told is there, and every cause there is told. Returns what was told of holders."""
    seen: set[str] = set()
    for pair, (code, detail) in told(table).items():
        there = obstacles_there(case, chosen, pair) if pair not in chosen else set()
        assert code == rederived(case, chosen, pair) or (not there and code == "outpriced")
        if there:
            assert obstacles_told(pair, code, detail) == there
        only_seats = there and {rule for rule, *_ in there} <= SEATS
        assert set(detail.get("holders", ())) == (holders_there(case, chosen, pair) if only_seats else set())
        seen |= set(detail.get("holders", ()))
    return seen


@settings(max_examples=200, deadline=None)
@given(cases())
def test_every_reason_of_a_solved_list_is_true_and_whole(case: Case) -> None:
    problem = case.problem()
    result = solve(problem, seconds=20)
    if result.status is Status.INFEASIBLE:
        return
    seen = check_reasons(case, selected_pairs(problem, result), reasons(problem, result))
    assert result.status is not Status.OPTIMAL or "exchange" not in seen, "no better list is one exchange away"


@settings(max_examples=300, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_every_reason_of_any_list_is_true_and_whole(case: Case, chance: random.Random) -> None:
    possible = list(case.selections())
    result = solve(case.problem(), seconds=20)
    if not possible or result.status is Status.INFEASIBLE:
        return
    chosen, problem = set(chance.choice(possible)), case.problem()
    persons, classes = problem.person_keys.to_pylist(), problem.class_keys.to_pylist()
    pairs = zip(problem.pair_person.tolist(), problem.pair_class.tolist(), strict=True)
    keep = [place for place, (person, class_) in enumerate(pairs) if (persons[person], classes[class_]) in chosen]
    check_reasons(case, chosen, reasons(problem, unfinished(result, np.array(keep, np.int64))))


def test_a_reason_names_who_holds_the_seats() -> None:
    base = Case(
        classes={"A": (0, 4, 0, 1), "B": (7, 11, 0, 9)},
        people=dict.fromkeys("pq", "office"),
        pairs={("p", "A"): 10.0, ("q", "A"): 9.0},
    )
    busy = dataclasses.replace(base, pairs={**base.pairs, ("p", "B"): 50.0}, second_callup_cost=20.0)
    units: dict[str, tuple[str | None, int]] = {"office": (None, 99), "branch": (None, 99)}
    least = dataclasses.replace(
        base, units=units, people={"p": "office", "q": "branch"}, quotas={("branch", "A"): (1, 1)}
    )
    fixed = dataclasses.replace(base, pins={("q", "A"): True})
    for case, left_out, holders in (
        (base, "q", ["stronger"]),
        (busy, "p", ["second_callup"]),
        (least, "p", ["minimum"]),
        (fixed, "p", ["fixed"]),
    ):
        problem = case.problem()
        code, detail = told(reasons(problem, solve(problem, seconds=20)))[left_out, "A"]
        assert (code, detail["holders"]) == ("class_full", holders)


def test_every_pair_of_a_city_has_the_reason_that_the_rules_give() -> None:
    case = dataclasses.replace(city(120), second_callup_cost=45.0)
    problem = case.problem()
    result = solve(problem, seconds=60)
    found = told(reasons(problem, result))
    chosen = selected_pairs(problem, result)
    assert found.keys() == case.pairs.keys()
    assert {pair: code for pair, (code, _) in found.items()} == {pair: rederived(case, chosen, pair) for pair in found}
    assert {code for code, _ in found.values()} >= {"chosen_best", "chosen_pinned", "class_full", "shared_day"}


def test_a_chosen_pair_tells_the_prices_paid_and_who_is_next() -> None:
    case = Case(
        classes={"A": (0, 4, 0, 2), "B": (7, 11, 0, 9)},
        people=dict.fromkeys("pqrs", "office"),
        pairs={("p", "A"): 10.0, ("q", "A"): 9.0, ("r", "A"): 4.0, ("s", "A"): 6.0, ("s", "B"): 50.0},
        callups_max=1,
    )
    problem = case.problem()
    found = told(reasons(problem, solve(problem, seconds=20)))
    code, detail = found["p", "A"]
    assert code == Code.CHOSEN_BEST
    assert detail["runner_up"] == {"person": "r", "value": 4.0}, "s is worth more but has no call-up left"
    (price,) = detail["prices"]
    assert price == {"rule": "class_full", "class": "A", "most": 2, "price": detail["price"]}
    assert 4.0 - 0.1 <= price["price"] <= 9.0 + 0.1
    assert found["s", "B"] == ("chosen_best", {"value": 50.0, "price": 0.0, "prices": []})
    assert found["s", "A"] == (
        "callups_max",
        {"value": 6.0, "price": detail["price"], "most": 1, "also": [{"rule": "class_full", "class": "A", "most": 2}]},
    )
    full = {"class": "A", "most": 2, "holders": ["stronger"]}
    assert found["r", "A"][1] == {"value": 4.0, "price": detail["price"], **full}


def test_an_unfinished_selection_tells_what_is_outpriced_and_what_is_merely_not_taken() -> None:
    case = Case(
        classes={"A": (0, 4, 0, 1)},
        people={"p": "office", "q": "office"},
        pairs={("p", "A"): 1.0, ("q", "A"): 90.0},
    )
    problem = case.problem()
    result = unfinished(solve(problem, seconds=20), np.zeros(0, np.int64))
    found = told(reasons(problem, result))
    code, detail = found["p", "A"]
    assert code == Code.OUTPRICED
    assert detail["short_by"] == pytest.approx(detail["price"] - 1.0, abs=1e-3)
    assert [item["rule"] for item in detail["prices"]] == ["class_full"]
    assert found["q", "A"][0] == Code.PRICED_OUT
    assert found["q", "A"][1]["short_by"] == 0.0


def test_details_stay_json_whatever_the_keys() -> None:
    classes = {'"quoted", \\ and 班次': (0, 4, 0, 1), "other": (0, 4, 0, 9)}
    name = next(iter(classes))
    case = Case(
        classes=classes,
        people={"老王\n": "office", "q": "office"},
        pairs={("老王\n", name): 1e-7, ("q", name): 1e22, ("q", "other"): 3.0},
    )
    problem = case.problem()
    found = told(reasons(problem, solve(problem, seconds=20)))
    assert found["老王\n", name][1]["class"] == name
    assert found["q", "other"] == ("shared_day", {"value": 3.0, "price": 0.0, "class": name})
    assert found["q", name][1]["value"] == 1e22


def test_a_result_without_a_selection_has_no_reasons_but_their_columns() -> None:
    case = Case(classes={"A": (0, 4, 0, 0)}, people={"p": "office"}, pairs={("p", "A"): 1.0}, pins={("p", "A"): True})
    problem = case.problem()
    table = reasons(problem, solve(problem, seconds=20))
    assert len(table) == 0
    assert table.schema == REASONS


def test_codes_are_stable() -> None:
    assert CODES == (
        "chosen_pinned",
        "chosen_best",
        "pinned_out",
        "callups_max",
        "shared_day",
        "class_full",
        "quota_full",
        "away_full",
        "not_worth_second_callup",
        "repeated_theme",
        "close_callup",
        "outpriced",
        "priced_out",
    )
