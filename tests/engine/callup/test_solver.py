"""The solver against problems whose best selection is known: by hand, or by trying every one."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings

from tests.engine.callup.problems import Case, selected_pairs, selected_table
from tests.engine.callup.strategies import cases
from zhixing.engine.callup import solver
from zhixing.engine.callup.check import check
from zhixing.engine.callup.result import CallupResult, Status
from zhixing.engine.callup.solver import solve

WEEK = (0, 4, 0, 9)
NEXT_WEEK = (7, 11, 0, 9)
TWO = Case(classes={"A": WEEK, "B": NEXT_WEEK}, people={"p": "office", "q": "office"}, pairs={})
CLOSE = 1e-6


def solved(case: Case, seed: int = 1) -> CallupResult:
    return solve(case.problem(), seconds=20, seed=seed)


def test_everyone_goes_where_there_is_room() -> None:
    case = dataclasses.replace(TWO, pairs={("p", "A"): 3.0, ("p", "B"): 4.0, ("q", "A"): 5.0})
    result = solved(case)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(12.0)
    assert selected_pairs(case.problem(), result) == set(case.pairs)


def test_the_one_seat_goes_to_the_higher_value() -> None:
    case = dataclasses.replace(TWO, classes={"A": (0, 4, 0, 1)}, pairs={("p", "A"): 3.0, ("q", "A"): 5.0})
    assert selected_pairs(case.problem(), solved(case)) == {("q", "A")}


def test_a_second_callup_must_be_worth_its_cost() -> None:
    case = dataclasses.replace(TWO, pairs={("p", "A"): 30.0, ("p", "B"): 20.0}, second_callup_cost=25.0)
    assert selected_pairs(case.problem(), solved(case)) == {("p", "A")}
    cheap = dataclasses.replace(case, second_callup_cost=15.0)
    assert solved(cheap).objective == pytest.approx(35.0)


def test_a_quota_covers_the_subtree_of_its_unit() -> None:
    case = Case(
        classes={"A": WEEK},
        units={"bureau": (None, 9), "division": ("bureau", 9), "office": ("division", 9)},
        people={"p": "bureau", "q": "division", "r": "office"},
        pairs={("p", "A"): 1.0, ("q", "A"): 2.0, ("r", "A"): 3.0},
        quotas={("bureau", "A"): (0, 2), ("division", "A"): (0, 1)},
    )
    assert selected_pairs(case.problem(), solved(case)) == {("p", "A"), ("r", "A")}


def test_an_away_limit_does_not_cover_the_subtree() -> None:
    case = Case(
        classes={"A": WEEK},
        units={"bureau": (None, 1), "office": ("bureau", 1)},
        people={"p": "bureau", "q": "office", "r": "office"},
        pairs={("p", "A"): 1.0, ("q", "A"): 2.0, ("r", "A"): 3.0},
    )
    assert selected_pairs(case.problem(), solved(case)) == {("p", "A"), ("r", "A")}


def test_one_person_away_twice_in_a_week_counts_once() -> None:
    case = Case(
        classes={"Monday": (0, 1, 0, 9), "Thursday": (3, 4, 0, 9)},
        units={"office": (None, 1)},
        people={"p": "office", "q": "office"},
        pairs={("p", "Monday"): 3.0, ("p", "Thursday"): 3.0, ("q", "Thursday"): 5.0},
    )
    result = solved(case)
    assert selected_pairs(case.problem(), result) == {("p", "Monday"), ("p", "Thursday")}
    assert result.status is Status.OPTIMAL


def test_a_minimum_draws_people_away_from_better_values() -> None:
    case = Case(
        classes={"A": (0, 4, 0, 9), "B": (2, 6, 1, 9)},
        people={"p": "office"},
        pairs={("p", "A"): 50.0, ("p", "B"): 1.0},
        short_seat_cost=100.0,
    )
    assert selected_pairs(case.problem(), solved(case)) == {("p", "B")}
    assert selected_pairs(case.problem(), solved(dataclasses.replace(case, short_seat_cost=40.0))) == {("p", "A")}


def test_seats_that_nobody_can_fill_cost_all_the_same() -> None:
    case = Case(classes={"A": (0, 4, 5, 5)}, people={"p": "office"}, pairs={("p", "A"): 7.0}, short_seat_cost=10.0)
    assert solved(case).objective == pytest.approx(7.0 - 40.0)


def test_pins_hold_against_their_value() -> None:
    case = dataclasses.replace(
        TWO,
        classes={"A": (0, 4, 0, 1)},
        pairs={("p", "A"): 1.0, ("q", "A"): 90.0},
        pins={("p", "A"): True, ("q", "A"): False},
    )
    assert selected_pairs(case.problem(), solved(case)) == {("p", "A")}


def test_nothing_to_choose_is_an_answer() -> None:
    result = solved(Case(classes={}, people={}, pairs={}))
    assert (result.status, result.objective, result.gap) == (Status.OPTIMAL, 0.0, 0.0)
    assert solved(dataclasses.replace(TWO, pairs={}, quotas={("office", "A"): (1, 2)})).objective == -100.0


@settings(max_examples=150, deadline=None)
@given(cases())
def test_a_small_problem_is_solved_to_its_optimum(case: Case) -> None:
    problem, best = case.problem(), case.optimum()
    result = solve(problem, seconds=20)
    assert (result.status is Status.INFEASIBLE) == (best is None)
    if best is None:
        return
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(best, abs=1e-4)
    assert result.bound is not None
    assert result.bound >= best - CLOSE
    report = check(case.tables(), case.settings(), selected_table(problem, result), result.summary())
    assert report.ok, report


@settings(max_examples=100, deadline=None)
@given(cases())
def test_without_the_exact_solver_the_bound_is_true_and_the_rules_hold(case: Case) -> None:
    problem, best = case.problem(), case.optimum()
    if best is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "EXACT_WAYS", 0)
        result = solve(problem, seconds=20)
    assert result.objective is not None
    assert result.bound is not None
    assert result.objective <= best + CLOSE
    assert best <= result.bound + CLOSE
    assert next(case.broken(selected_pairs(problem, result)), None) is None


@settings(max_examples=60, deadline=None)
@given(cases(hard=True))
def test_hard_minimums_are_met_or_told_to_be_impossible(case: Case) -> None:
    result, best = solved(case), case.optimum()
    if best is None:
        assert result.status is Status.INFEASIBLE
        assert (result.objective, result.bound, result.gap) == (None, None, None)
    else:
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(best, abs=1e-4)


def city(people: int = 500, classes: int = 20, seed: int = 5) -> Case:
    """Enough people for quotas and weeks to bind and for the solver to work in pieces."""
    rng = np.random.default_rng(seed)
    units: dict[str, tuple[str | None, int]] = {"city": (None, 2)}
    units |= {f"bureau{n}": ("city", 2) for n in range(5)}
    units |= {f"office{n:02}": (f"bureau{n % 5}", 1) for n in range(25)}
    starts = rng.integers(0, 7, classes) * 7
    lengths = rng.choice([1, 4, 11, 18], classes)
    named = {
        f"c{k:02}": (start + 3 * (length == 1), start + 3 * (length == 1) + length, 4, 8)
        for k, (start, length) in enumerate(zip(starts.tolist(), lengths.tolist(), strict=True))
    }
    staff = {f"p{n:04}": f"office{n % 25:02}" for n in range(people)}
    pairs = {
        (person, class_): round(float(rng.uniform(5, 100)), 2)
        for person in staff
        for class_ in named
        if rng.random() < 0.3
    }
    quotas = {(f"bureau{n}", class_): (n % 2, 2) for n in range(5) for class_ in named}
    return Case(named, staff, pairs, units, quotas, {next(iter(pairs)): True}, 2, 20.0, 50.0)


def test_a_city_in_pieces_comes_close_to_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "EXACT_WAYS", 0)
    monkeypatch.setattr(solver, "PIECE_WAYS", 150)
    case = city()
    problem = case.problem()
    result = solve(problem, seconds=60)
    assert result.status is Status.FEASIBLE
    assert result.gap is not None
    assert 0 <= result.gap < 0.02
    assert next(case.broken(selected_pairs(problem, result)), None) is None
    assert result.objective == pytest.approx(case.objective(selected_pairs(problem, result)))


def crowd(people: int = 2000, classes: int = 30) -> Case:
    """A demonstration city in small: every class suits nearly everyone, most persons are worth next to nothing, and seats are few."""
    rng = np.random.default_rng(7)
    units: dict[str, tuple[str | None, int]] = {"city": (None, 2)}
    units |= {f"office{n:02}": ("city", 10) for n in range(20)}
    named = {f"c{k:02}": (7 * (k // 3), 7 * (k // 3) + 4, 12, 20) for k in range(classes)}
    staff = {f"p{n:04}": f"office{n % 20:02}" for n in range(people)}
    owed = rng.choice([1, 45, 90], people, p=[0.75, 0.2, 0.05])
    pairs = {
        (person, class_): round(float(owed[n] + rng.integers(0, 100) / 100), 2)
        for n, person in enumerate(staff)
        for class_ in named
    }
    return Case(named, staff, pairs, units, {}, {}, 2, 60.0, 300.0)


def test_prices_settle_where_a_crowd_is_worth_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "EXACT_WAYS", 0)
    case = crowd()
    problem = case.problem()
    result = solve(problem, seconds=60)
    assert result.gap is not None
    assert 0 <= result.gap < 0.0005
    assert next(case.broken(selected_pairs(problem, result)), None) is None


def test_workers_and_repetition_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhixing.engine.callup.ascent.PAIRS_OF_BLOCK", 100)
    problem = city(200).problem()
    one, two = (solve(problem, seconds=60, workers=workers) for workers in (1, 3))
    assert np.array_equal(one.selected, two.selected)
    assert np.array_equal(one.prices, two.prices)
    assert (one.objective, one.bound) == (two.objective, two.bound)


def test_permuted_rows_change_nothing() -> None:
    case = city(150)
    tables = case.tables()
    rng = np.random.default_rng(1)
    shuffled = {name: table.take(rng.permutation(len(table))) for name, table in tables.items()}
    straight = case.problem()
    other = type(straight).from_tables(**shuffled, settings=case.settings())
    assert other.digest() == straight.digest()
    assert np.array_equal(solve(straight, seconds=60).selected, solve(other, seconds=60).selected)


def test_the_seed_draws_lots_between_equals() -> None:
    people = {f"p{n}": "office" for n in range(8)}
    case = Case(classes={"A": (0, 4, 0, 3)}, people=people, pairs={(person, "A"): 10.0 for person in people})
    problem = case.problem()
    chosen = [frozenset(selected_pairs(problem, solved(case, seed))) for seed in (1, 2, 3, 4, 1)]
    assert len(set(chosen)) > 1
    assert chosen[0] == chosen[-1]


def test_progress_rises_to_the_end_and_the_bound_falls() -> None:
    heard: list[tuple[float, float, float, int]] = []
    result = solve(city(150).problem(), seconds=60, progress=lambda *said: heard.append(said))
    shares, objectives, bounds, chosen = zip(*heard, strict=True)
    assert list(shares) == sorted(shares)
    assert shares[-1] == 1.0
    assert objectives[0] == -math.inf
    assert objectives[-1] == result.objective
    assert (chosen[0], chosen[-1]) == (0, len(result.selected))
    assert list(bounds) == sorted(bounds, reverse=True)


@pytest.mark.parametrize(
    ("asks", "more"),
    [(0, 2), (3, 2), (50, 1)],
    ids=["at once, and again before the pieces", "in the ascent, and again before the pieces", "among the pieces"],
)
def test_a_stop_leaves_a_selection_that_keeps_the_rules(monkeypatch: pytest.MonkeyPatch, asks: int, more: int) -> None:
    monkeypatch.setattr(solver, "EXACT_WAYS", 0)
    monkeypatch.setattr(solver, "PIECE_WAYS", 20)
    case = city()
    problem = case.problem()
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > asks

    result = solve(problem, seconds=60, stop=stop)
    assert asked == asks + more
    assert result.objective is not None
    assert result.bound is not None
    assert result.objective <= result.bound
    assert next(case.broken(selected_pairs(problem, result)), None) is None


def test_no_time_at_all_still_gives_an_honest_answer() -> None:
    result = solve(city(150).problem(), seconds=0.001)
    assert result.gap is not None
    assert result.gap >= 0


def test_a_person_with_thousands_of_ways_is_left_to_the_prices() -> None:
    classes = {f"c{n:02}": (7 * n, 7 * n + 4, 0, 1) for n in range(12)}
    pairs = {("p", class_): 10.0 for class_ in classes} | {("q", "c00"): 11.0}
    case = Case(classes, {"p": "office", "q": "office"}, pairs, callups_max=12)
    result = solved(case)
    assert result.objective == pytest.approx(121.0)
    assert selected_pairs(case.problem(), result) == {("q", "c00")} | {("p", f"c{n:02}") for n in range(1, 12)}


def test_the_ascent_ends_when_its_periods_are_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "PERIODS_MOST", 2)
    heard: list[float] = []
    solve(city(150).problem(), seconds=60, progress=lambda share, *_so_far: heard.append(share))
    done = solver.ASCENT_SHARE
    assert heard[:4] == [done / 2, done, done, pytest.approx(1.0, abs=1 - done)]
