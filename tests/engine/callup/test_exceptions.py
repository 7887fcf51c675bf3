"""Exceptions against a re-derivation: every exchange of two colleagues is tried under all rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.callup.problems import Case, Pair, selected_pairs
from tests.engine.callup.strategies import cases
from tests.engine.callup.test_reasons import cost_that_decides, least_of
from tests.engine.callup.test_solver import city
from zhixing.engine.callup.codes import Cause
from zhixing.engine.callup.exceptions import CAUSES, exceptions
from zhixing.engine.callup.result import CallupResult, Status
from zhixing.engine.callup.solver import solve

OWN = {"callups_max": Cause.CALLUPS_MAX, "shared_day": Cause.SHARED_DAY}


def found(case: Case, result: CallupResult) -> dict[Pair, tuple[str, str]]:
    """(person, class) → (cause, holder)."""
    rows = exceptions(case.problem(), result).to_pylist()
    return {(row["person_id"], row["class_id"]): (row["cause"], row["holder_id"]) for row in rows}


def rederived(case: Case, chosen: set[Pair]) -> Iterator[tuple[Pair, dict[str, set[str]]]]:
    """Every pair left out with a colleague of lower value called, and whom each cause is true of."""
    for pair, value in case.pairs.items():
        person, class_ = pair
        weaker = {
            who
            for who, other in chosen
            if other == class_ and case.people[who] == case.people[person] and case.pairs[who, other] < value
        }
        if pair in chosen or not weaker:
            continue
        causes: dict[str, set[str]] = {}
        for who in weaker:
            causes.setdefault(why_not(case, chosen, pair, who), set()).add(who)
        yield pair, causes


def why_not(case: Case, chosen: set[Pair], pair: Pair, who: str) -> str:
    """Why ``pair`` does not go in the place of ``who``, from trying it."""
    if case.pins.get(pair) is False:
        return Cause.PINNED_OUT
    exchanged = {*chosen - {(who, pair[1])}, pair}
    broken = {rule for rule, *_ in case.broken(exchanged)}
    if mine := next((OWN[rule] for rule in OWN if rule in broken), None):
        return mine
    if case.pins.get((who, pair[1])):
        return Cause.HOLDER_PINNED
    if broken:
        assert broken == {"away_full"}
        return Cause.AWAY_FULL
    held = (who, pair[1])
    bare = dataclasses.replace(case, short_seat_cost=0.0)
    cost = cost_that_decides(bare, chosen - {held}, exchanged, least_of(case, chosen, held))
    return {None: Cause.EXCHANGE, "not_worth_second_callup": Cause.SECOND_CALLUP}.get(cost) or str(cost)


def compare(case: Case, result: CallupResult) -> None:
    told = found(case, result)
    chosen = selected_pairs(case.problem(), result)
    expected = dict(rederived(case, chosen))
    assert set(told) == set(expected)
    for pair, (cause, holder) in told.items():
        causes = expected[pair]
        assert cause == max(causes, key=lambda name: CAUSES.index(Cause(name)))
        lowest = min(case.pairs[who, pair[1]] for who in causes[cause])
        assert (holder in causes[cause], case.pairs[holder, pair[1]]) == (True, lowest)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_exceptions_of_an_optimum_are_those_that_trying_every_exchange_finds(case: Case) -> None:
    result = solve(case.problem(), seconds=20)
    if result.status is Status.INFEASIBLE:
        return
    compare(case, result)
    assert result.status is not Status.OPTIMAL or Cause.EXCHANGE not in {
        cause for cause, _ in found(case, result).values()
    }


@settings(max_examples=150, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_any_list_at_all_is_judged_so_even_one_that_leaves_gains_undone(case: Case, chance: st.DrawFn) -> None:
    result = solve(case.problem(), seconds=20)
    if result.status is Status.INFEASIBLE or not case.pairs:
        return
    problem = case.problem()
    lists = list(case.selections())
    wanted = set(chance.choice(lists)) if lists else set()  # type: ignore[attr-defined]
    keys = zip(
        problem.person_keys.take(problem.pair_person).to_pylist(),
        problem.class_keys.take(problem.pair_class).to_pylist(),
        strict=True,
    )
    kept = np.flatnonzero([pair in wanted for pair in keys])
    compare(case, dataclasses.replace(result, selected=kept))


def office(pairs: dict[Pair, float], seats: int = 1, **more: object) -> Case:
    """Four colleagues of one office; class A is in week 0, B in week 0 on later days, C in week 4."""
    return Case(
        classes={"A": (0, 1, 0, seats), "B": (2, 3, 0, 1), "C": (28, 29, 0, 1)},
        people={name: "office" for name, _ in pairs},
        pairs=pairs,
        **more,  # type: ignore[arg-type]
    )


def causes(case: Case) -> dict[Pair, tuple[str, str]]:
    return found(case, solve(case.problem(), seconds=20))


def test_nobody_is_passed_over_when_the_highest_values_are_called() -> None:
    assert causes(office({("an", "A"): 9.0, ("bo", "A"): 5.0})) == {}


def test_a_pin_for_the_colleague_or_against_the_person_is_told() -> None:
    pairs = {("an", "A"): 9.0, ("bo", "A"): 5.0}
    assert causes(office(pairs, pins={("bo", "A"): True})) == {("an", "A"): (Cause.HOLDER_PINNED, "bo")}
    assert causes(office(pairs, pins={("an", "A"): False})) == {("an", "A"): (Cause.PINNED_OUT, "bo")}


def test_a_seat_given_before_passes_nobody_over() -> None:
    case = office(
        {("an", "A"): 9.0, ("bo", "A"): 1.0, ("cy", "A"): 5.0}, seats=2, pins={("bo", "A"): True, ("cy", "A"): True}
    )
    problem = case.problem()
    result = solve(problem, seconds=20)
    before = problem.find_pairs(np.array([1]), np.array([0]))
    rows = exceptions(problem, result, before).to_pylist()
    assert [(row["person_id"], row["cause"], row["holder_id"]) for row in rows] == [("an", Cause.HOLDER_PINNED, "cy")]
    assert exceptions(problem, result, result.selected).num_rows == 0


def test_a_call_to_another_class_is_told() -> None:
    often = office({("an", "A"): 9.0, ("bo", "A"): 8.0, ("an", "C"): 9.0}, callups_max=1)
    assert causes(often) == {("an", "A"): (Cause.CALLUPS_MAX, "bo")}
    second = office({("an", "A"): 9.0, ("bo", "A"): 8.0, ("an", "C"): 9.0}, second_callup_cost=5.0)
    assert causes(second) == {("an", "A"): (Cause.SECOND_CALLUP, "bo")}


def test_a_colleague_who_is_away_that_week_anyhow_is_told() -> None:
    case = office({("an", "A"): 6.0, ("bo", "A"): 5.0, ("bo", "B"): 5.0}, units={"office": (None, 1)})
    assert causes(case) == {("an", "A"): (Cause.AWAY_FULL, "bo")}


def test_a_city_solved_within_its_gap_leaves_few_gains_and_hides_none() -> None:
    case = city()
    result = solve(case.problem(), seconds=20)
    compare(case, result)


def test_without_any_pair_there_is_no_exception() -> None:
    assert causes(Case(classes={"A": (0, 1, 0, 1)}, people={"an": "office"}, pairs={})) == {}
