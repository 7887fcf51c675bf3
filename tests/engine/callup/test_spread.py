"""Costs of call-ups of one person beside each other: a theme repeated, and a call-up close after another."""

from __future__ import annotations

import dataclasses
import math
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.callup.problems import Case, Pair, selected_pairs, selected_table
from tests.engine.callup.strategies import cases
from tests.engine.callup.test_solver import city
from zhixing.engine.callup import solver
from zhixing.engine.callup.ascent import Ascent
from zhixing.engine.callup.check import check
from zhixing.engine.callup.codes import Code
from zhixing.engine.callup.explanation import explain
from zhixing.engine.callup.model import model_of
from zhixing.engine.callup.selection import add, drop, empty_selection, fill
from zhixing.engine.callup.solver import solve

CLOSE = 1e-6
WEEKS = {name: (14 * place, 14 * place + 4, 0, 9) for place, name in enumerate("ABCDE")}
"""Ten days lie between the end of each and the beginning of the next."""


def one_person(values: dict[str, float], callups_max: int = 2, **more: object) -> Case:
    classes = {name: WEEKS[name] for name in values}
    pairs = {("p", name): value for name, value in values.items()}
    return Case(classes=classes, people={"p": "office"}, pairs=pairs, callups_max=callups_max, **more)  # type: ignore[arg-type]


def chosen(case: Case) -> str:
    problem = case.problem()
    result = solve(problem, seconds=20)
    said = selected_table(problem, result)
    report = check(case.tables(), case.settings(), said, result.summary())
    assert report.ok, report
    return "".join(sorted(class_ for _person, class_ in selected_pairs(problem, result)))


def test_a_theme_goes_before_its_repetition_until_it_is_worth_the_cost() -> None:
    themes = {"A": "law", "B": "law", "C": "finance"}
    case = one_person({"A": 30.0, "B": 25.0, "C": 10.0}, themes=themes, repeated_theme_cost=20.0)
    assert chosen(case) == "AC"
    assert chosen(dataclasses.replace(case, repeated_theme_cost=14.0)) == "AB"


def test_a_class_without_a_theme_repeats_none() -> None:
    case = one_person({"A": 30.0, "B": 25.0, "C": 10.0}, themes={"C": "law", "A": ""}, repeated_theme_cost=20.0)
    assert chosen(case) == "AB"


def test_a_callup_far_from_the_other_goes_before_a_close_one() -> None:
    case = one_person({"A": 30.0, "B": 25.0, "C": 10.0}, close_callup_cost=20.0, close_days=10)
    assert chosen(case) == "AC"
    assert chosen(dataclasses.replace(case, close_days=9)) == "AB"
    assert chosen(dataclasses.replace(case, close_days=99)) == "AB"


def test_only_the_callup_just_before_counts() -> None:
    case = one_person({"A": 30.0, "B": 30.0, "C": 30.0}, callups_max=3, close_callup_cost=20.0, close_days=99)
    problem = case.problem()
    assert chosen(case) == "ABC"
    assert solve(problem, seconds=20).objective == pytest.approx(90.0 - 40.0)


def test_a_theme_that_comes_again_after_another_still_counts() -> None:
    """The prices see no repetition in A B A, the list does."""
    themes = {"A": "law", "B": "finance", "C": "law"}
    case = one_person({"A": 30.0, "B": 30.0, "C": 25.0}, callups_max=3, themes=themes, repeated_theme_cost=26.0)
    assert chosen(case) == "AB"


def test_a_pin_holds_although_it_repeats_a_theme() -> None:
    themes = {"A": "law", "B": "law"}
    pins = {("p", "A"): True, ("p", "B"): True}
    case = one_person({"A": 3.0, "B": 2.0}, themes=themes, repeated_theme_cost=80.0, pins=pins)
    assert chosen(case) == "AB"


def test_a_callup_that_gains_only_by_what_came_after_it_is_not_left_out() -> None:
    """B lies between A and D, close to both, and is not worth that; once C stands between them, too, B makes but one call-up more close."""
    case = one_person(
        {"A": 50.0, "B": 35.0, "C": 50.0, "D": 50.0}, callups_max=4, close_callup_cost=20.0, close_days=24
    )
    model, _limits = model_of(case.problem())
    s = empty_selection(model)
    fill(model, s, np.array([0, 3, 1, 2]))
    assert s.chosen.all()
    assert s.objective[0] == pytest.approx(185.0 - 60.0)


@settings(max_examples=150, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_adding_and_dropping_in_any_order_keeps_the_objective(case: Case, chance: object) -> None:
    possible = list(case.selections())
    if not possible:
        return
    problem = case.problem()
    model, limits = model_of(problem)
    persons, classes = problem.person_keys.to_pylist(), problem.class_keys.to_pylist()
    keys = [(persons[p], classes[c]) for p, c in zip(problem.pair_person, problem.pair_class, strict=True)]
    held: list[Pair] = list(chance.choice(possible))  # type: ignore[attr-defined]
    chance.shuffle(held)  # type: ignore[attr-defined]
    s = empty_selection(model)
    for pair in held:
        add(model, s, keys.index(pair))
    constant = -model.short_cost * limits.hopeless
    if not case.hard_minimums:
        assert float(s.objective[0]) + constant == pytest.approx(case.objective(held))
    chance.shuffle(held)  # type: ignore[attr-defined]
    for pair in held:
        drop(model, s, keys.index(pair))
    assert s.objective[0] == pytest.approx(empty_selection(model).objective[0])


def best_alone(case: Case, person: str) -> float:
    """The most that one person's call-ups can be worth, limits aside."""
    own = [pair for pair in case.pairs if pair[0] == person]
    alone = dataclasses.replace(case, short_seat_cost=0.0)
    sets = (taken for count in range(case.callups_max + 1) for taken in combinations(own, count))
    free = (taken for taken in sets if not any(case.clash(a[1], b[1]) for a, b in combinations(taken, 2)))
    return max(alone.objective(taken) for taken in free)


@settings(max_examples=300, deadline=None)
@given(cases(pins_most=0))
def test_what_persons_choose_for_themselves_is_never_worth_less_and_exact_for_two(case: Case) -> None:
    """At prices of 0 the bound is what all persons are worth on their own: themes of three and more may be missed, never made up."""
    model, _limits = model_of(case.problem())
    with ThreadPoolExecutor(1) as pool:
        ascent = Ascent(model, 0.0, pool)
        ascent.prove()
    exact = math.fsum(best_alone(case, person) for person in case.people)
    assert ascent.latest >= exact - CLOSE
    if case.callups_max <= 2:
        assert ascent.latest == pytest.approx(exact, abs=CLOSE)


def test_a_city_of_themes_solved_in_pieces_keeps_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "EXACT_WAYS", 0)
    monkeypatch.setattr(solver, "PIECE_WAYS", 150)
    whole = dataclasses.replace(city(80), second_callup_cost=2.0, callups_max=3)
    themes = {class_: "abc"[place % 3] for place, class_ in enumerate(whole.classes)}
    case = dataclasses.replace(whole, themes=themes, repeated_theme_cost=30.0, close_callup_cost=15.0, close_days=20)
    problem = case.problem()
    result = solve(problem, seconds=60)
    found = selected_pairs(problem, result)
    assert result.objective == pytest.approx(case.objective(found))
    assert result.gap is not None
    assert 0 <= result.gap < 0.03
    assert case.spread(found) < whole_spread(case, whole)


def whole_spread(case: Case, without: Case) -> float:
    """What the best list costs that takes no heed of themes and days."""
    problem = without.problem()
    return case.spread(selected_pairs(problem, solve(problem, seconds=60)))


def test_both_costs_are_told_with_the_callup_that_they_come_from() -> None:
    themes = {"A": "law", "B": "law"}
    case = one_person(
        {"A": 30.0, "B": 25.0}, themes=themes, repeated_theme_cost=20.0, close_callup_cost=9.0, close_days=10
    )
    problem = case.problem()
    result = solve(problem, seconds=20)
    said = explain(problem, result, "p", "B")
    costs = [
        {"rule": "repeated_theme", "class": "A", "cost": 20.0},
        {"rule": "close_callup", "class": "A", "cost": 9.0},
    ]
    assert (said["code"], said["spread"], said["gain"]) == (Code.CLOSE_CALLUP, costs, -4.0)
    assert said["flip"] == {"change": "value", "from": 25.0, "above": 29.0, "to": 29.001, "smallest": True}
    both = dataclasses.replace(case, pins={("p", "B"): True, ("p", "A"): True}).problem()
    assert explain(both, solve(both, seconds=20), "p", "A")["spread"][0]["class"] == "B"
