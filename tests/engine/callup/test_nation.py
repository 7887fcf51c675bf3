"""Authorities that share classes, against the one problem that they are together."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.callup.problems import Case, Pair, selected_pairs
from tests.engine.callup.strategies import cases
from zhixing.engine.callup.nation import Answer, Deal, Master, answer, deal, dealt, outline_of, priced, with_seats
from zhixing.engine.callup.problem import CallupProblem, Floats, Longs
from zhixing.engine.callup.result import Status
from zhixing.engine.callup.solver import solve

CLOSE = 1e-6
A = (0, 4, 0, 2)
COMMON = (
    "callups_max",
    "second_callup_cost",
    "short_seat_cost",
    "repeated_theme_cost",
    "close_callup_cost",
    "close_days",
)
"""What a nation has one of."""


@dataclasses.dataclass(frozen=True)
class Nation:
    """What a nation comes to: the list and objective of all, the proven bound, the prices of the shared classes."""

    chosen: set[Pair]
    objective: float
    master: Master
    seats: Deal


def solved(parts: Sequence[Case], shared: str, rounds: int = 8) -> Nation:
    """All authorities, as the command goes through them but in one process; ``shared``: the names of the shared classes."""
    problems = [part.problem() for part in parts]
    places = [_places(problem, shared) for problem in problems]
    outlines = [outline_of(*each) for each in zip(problems, places, strict=True)]
    asked, most = (np.array([_class(parts, name)[column] for name in shared], np.int64) for column in (2, 3))
    kept: dict[int, Floats] = {}
    with ThreadPoolExecutor(2) as pool:

        def ask(place: int, prices: Floats | None, seats: tuple[Longs, Longs] | None) -> Answer:
            problem = problems[place] if seats is None else with_seats(problems[place], places[place], *seats)
            found = answer(problem, places[place], prices, pool, kept.get(place))
            kept[place] = found.prices
            return found

        master = priced(outlines, asked, most, parts[0].short_seat_cost, rounds, ask)
    seats = dealt(master, outlines)
    chosen: set[Pair] = set()
    objectives = []
    for place, problem in enumerate(problems):
        own = with_seats(problem, places[place], seats.least[place], seats.most[place])
        result = solve(own, seconds=20)
        assert result.objective is not None
        objectives.append(result.objective)
        chosen |= selected_pairs(own, result)
        used = np.bincount(own.pair_class[result.selected], minlength=own.classes + 1)[places[place]]
        seats.settle(place, used)
    return Nation(chosen, seats.objective(objectives, asked, parts[0].short_seat_cost), master, seats)


def _places(problem: CallupProblem, shared: str) -> Longs:
    keys = problem.class_keys.to_pylist()
    return np.array([keys.index(name) if name in keys else -1 for name in shared], np.int64)


def _class(parts: Sequence[Case], name: str) -> tuple[int, int, int, int]:
    return next(part.classes[name] for part in parts if name in part.classes)


def together(parts: Sequence[Case]) -> Case:
    """The one problem that all parts are."""
    joined: dict[str, dict[object, object]] = {}
    for name in ("classes", "people", "units", "pairs", "quotas", "pins", "away"):
        joined[name] = {key: value for part in parts for key, value in getattr(part, name).items()}
    return dataclasses.replace(parts[0], **joined)  # type: ignore[arg-type]


def moved(case: Case, authority: str, shared: str, classes: dict[str, tuple[int, int, int, int]]) -> Case:
    """The case with people, units and classes of its own, but for the shared classes that it has."""

    def one(key: str) -> str:
        return authority + key

    def class_(key: str) -> str:
        return key if key in shared else authority + key

    return dataclasses.replace(
        case,
        classes={class_(key): classes.get(key, seats) for key, seats in case.classes.items()},
        people={one(person): one(unit) for person, unit in case.people.items()},
        units={one(unit): (parent and one(parent), most) for unit, (parent, most) in case.units.items()},
        pairs={(one(person), class_(key)): value for (person, key), value in case.pairs.items()},
        quotas={(one(unit), class_(key)): seats for (unit, key), seats in case.quotas.items()},
        pins={(one(person), class_(key)): chosen for (person, key), chosen in case.pins.items()},
        away={(one(unit), week): most for (unit, week), most in case.away.items()},
    )


@st.composite
def nations(draw: st.DrawFn) -> tuple[list[Case], str]:
    """Two or three authorities that share one or two classes, under the settings of the first."""
    shared = draw(st.sampled_from(["A", "AB"]))
    drawn = [draw(cases(pins_most=1)) for _ in range(draw(st.integers(2, 3)))]
    classes = {name: seats for case in reversed(drawn) for name, seats in case.classes.items() if name in shared}
    common = {name: getattr(drawn[0], name) for name in COMMON}
    common["themes"] = {f"{place}{key}": theme for place in ("", 0, 1, 2) for key, theme in drawn[0].themes.items()}
    parts = [
        dataclasses.replace(moved(case, f"{place}", shared, classes), **common) for place, case in enumerate(drawn)
    ]
    return parts, "".join(classes)


@settings(max_examples=60, deadline=None)
@given(nations())
def test_the_bound_is_true_and_the_lists_hold_together(nation: tuple[list[Case], str]) -> None:
    parts, shared = nation
    whole = together(parts)
    best = solve(whole.problem(), seconds=20)
    if best.status is Status.INFEASIBLE:
        return
    assert best.status is Status.OPTIMAL
    assert best.objective is not None
    found = solved(parts, shared, rounds=3)
    slack = CLOSE * max(1.0, abs(best.objective), sum(whole.pairs.values()))
    assert list(whole.broken(found.chosen)) == []
    assert all((pair in found.chosen) == chosen for pair, chosen in whole.pins.items())
    assert found.objective == pytest.approx(whole.objective(found.chosen), abs=slack)
    assert found.objective <= best.objective + slack
    assert found.master.bound >= best.objective - slack


def random_part(seed: int) -> Case:
    """60 people of 6 offices; two classes of the nation and three of its own, all wanted by more than have a seat."""
    rng = np.random.default_rng(seed)
    classes = {name: (7 * n, 7 * n + 4, 4, 12) for n, name in enumerate("AB")}
    own = {f"{seed}{name}": (14 + 7 * n, 18 + 7 * n, 2, 8) for n, name in enumerate("CDE")}
    people = {f"{seed}p{n}": f"{seed}u{n % 6}" for n in range(60)}
    worth = 1.0 + seed / 2
    return Case(
        classes=classes | own,
        people=people,
        units={f"{seed}u{n}": (None, 4) for n in range(6)},
        pairs={
            (person, name): float(np.round(worth * rng.uniform(10, 100), 2))
            for person in people
            for name in (*classes, *own)
            if rng.random() < 0.6
        },
        quotas={(f"{seed}u{n}", "A"): (0, 3) for n in range(6)},
        second_callup_cost=20.0,
        short_seat_cost=200.0,
    )


@pytest.mark.slow
def test_shared_prices_come_within_two_thousandths_of_the_best_list() -> None:
    parts = [random_part(seed) for seed in range(4)]
    best = solve(together(parts).problem(), seconds=60)
    found = solved(parts, "AB")
    assert best.objective is not None
    assert best.bound is not None
    assert best.gap is not None
    assert best.gap < 1e-3
    assert found.master.bound >= best.objective - CLOSE * best.objective
    assert found.master.bound <= best.bound * 1.002
    assert found.objective >= best.objective * 0.998
    assert list(together(parts).broken(found.chosen)) == []


def part(name: str, *values: float, seats: tuple[int, int, int, int] = A, **more: object) -> Case:
    """An authority whose people p0, p1, … may all go to A."""
    people = {f"{name}{n}": f"office {name}" for n in range(len(values))}
    case = Case(
        classes={"A": seats},
        people=people,
        units={f"office {name}": (None, 99)},
        pairs={(person, "A"): value for person, value in zip(people, values, strict=True)},
    )
    return dataclasses.replace(case, **more)  # type: ignore[arg-type]


def test_the_seats_go_to_the_authority_where_they_are_worth_most() -> None:
    found = solved([part("p", 9.0, 8.0), part("q", 3.0, 2.0)], "A")
    assert found.chosen == {("p0", "A"), ("p1", "A")}
    assert found.objective == pytest.approx(17.0)
    assert found.master.bound == pytest.approx(17.0, rel=0.05)
    assert 3.0 - 0.5 <= found.master.best[0] <= 8.0 + 0.5


def test_a_pin_keeps_its_seat_with_its_authority() -> None:
    found = solved([part("p", 9.0, 8.0), part("q", 3.0, 2.0, pins={("q1", "A"): True})], "A")
    assert found.chosen == {("p0", "A"), ("q1", "A")}


def test_a_minimum_of_all_is_short_only_once() -> None:
    minimum = (0, 4, 4, 6)
    parts = [part("p", 1.0, seats=minimum), part("q", 1.0, 1.0, seats=minimum)]
    found = solved(parts, "A")
    assert len(found.chosen) == 3
    assert found.objective == pytest.approx(3.0 - 100.0)
    assert found.master.bound >= 3.0 - 100.0 - CLOSE


def test_an_authority_that_leaves_a_seat_passes_it_on() -> None:
    seats = Deal(least=np.array([[2], [0]]), most=np.array([[3], [1]]), has=np.ones((2, 1), np.bool_))
    seats.settle(0, np.array([1]))
    assert (seats.most[1].tolist(), seats.least[1].tolist()) == ([3], [1])
    seats.settle(1, np.array([3]))
    assert seats.objective([10.0, 20.0], np.array([2]), 5.0) == 30.0 + 5.0


def test_a_minimum_passed_to_an_authority_without_the_class_is_not_paid_for_again() -> None:
    short = (0, 4, 1, 1)
    lacking = dataclasses.replace(part("q", 1.0), classes={"B": A}, pairs={("q0", "B"): 1.0})
    kept_home = {"office p": (None, 0), "office r": (None, 0)}
    parts = [part("p", 1.0, seats=short, units=kept_home), part("r", 1.0, seats=short, units=kept_home), lacking]
    found = solved(parts, "A")
    assert found.objective == pytest.approx(together(parts).objective(found.chosen)) == pytest.approx(1.0 - 100.0)


def test_nothing_is_asked_when_pins_of_one_authority_clash() -> None:
    clash = part("p", 9.0, 8.0, 7.0, pins={("p0", "A"): True, ("p1", "A"): True, ("p2", "A"): True})
    outlines = [outline_of(each.problem(), np.array([0])) for each in (clash, part("q", 1.0))]
    assert [each.pins_clash for each in outlines] == [True, False]

    def ask(*_: object) -> Answer:
        raise AssertionError

    assert priced(outlines, np.array([0]), np.array([9]), 100.0, 3, ask).bound == np.inf


@given(st.data())
def test_seats_dealt_add_up_and_keep_their_limits(data: st.DataObject) -> None:
    authorities, total = data.draw(st.integers(1, 5)), data.draw(st.integers(0, 20))
    highest = np.array([[data.draw(st.integers(0, 9))] for _ in range(authorities)])
    lowest = np.array([[data.draw(st.integers(0, int(most)))] for most in highest[:, 0]])
    wanted = np.array([[data.draw(st.floats(0, 9))] for _ in range(authorities)])
    total = max(total, int(lowest.sum()))
    seats = deal(wanted, np.array([total]), lowest, highest)
    assert seats.sum() == min(total, highest.sum())
    assert ((lowest <= seats) & (seats <= highest)).all()
