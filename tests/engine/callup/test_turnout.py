"""Rates of groups, their calibration on a later history, and the exact risk of inviting beyond the seats."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhixing.engine.callup.turnout import (
    RATE_MOST,
    Flags,
    Floats,
    Longs,
    Rates,
    coming,
    invite,
    learn,
    learn_and_test,
    overflow,
    reliability,
)

RATES = st.lists(st.floats(0, 1), max_size=8)
KIND, RANK, SEASON = np.array([0.6, 1.0, 1.8]), np.array([0.8, 1.3]), np.array([0.9, 0.9, 1.0, 1.4])
"""Factors of an invented city whose overall rate is 0.12."""


def history(count: int, seed: int) -> tuple[Longs, Flags, Longs, Floats]:
    """(groups, refused, first days, true rates) of an invented city over three years."""
    rng = np.random.default_rng(seed)
    groups = np.column_stack([rng.integers(0, len(factor), count) for factor in (KIND, RANK, SEASON)])
    true = 0.12 * KIND[groups[:, 0]] * RANK[groups[:, 1]] * SEASON[groups[:, 2]]
    return groups, rng.random(count) < true, np.sort(rng.integers(0, 1096, count)), true


@given(RATES)
def test_the_chances_of_who_comes_are_those_of_every_outcome_counted(rates: list[float]) -> None:
    counted = np.zeros(len(rates) + 1)
    for comes in product((False, True), repeat=len(rates)):
        counted[sum(comes)] += prod(1 - rate if one else rate for one, rate in zip(comes, rates, strict=True))
    assert coming(rates) == pytest.approx(counted, abs=1e-12)
    for seats in range(len(rates) + 2):
        assert overflow(rates, seats) == pytest.approx(counted[seats + 1 :].sum(), abs=1e-12)


@given(RATES, st.integers(0, 8), st.floats(0, 1))
def test_one_more_invited_never_lowers_the_risk_and_one_more_seat_never_raises_it(
    rates: list[float], seats: int, rate: float
) -> None:
    assert overflow([*rates, rate], seats) >= overflow(rates, seats) - 1e-12
    assert overflow(rates, seats + 1) <= overflow(rates, seats) + 1e-12


@given(RATES, RATES, st.integers(0, 9), st.sampled_from([0.0, 0.01, 0.05, 0.3]))
def test_as_many_are_invited_as_the_risk_allows_and_no_more(
    on_list: list[float], waiting: list[float], seats: int, risk: float
) -> None:
    found = invite(on_list, waiting, seats, risk)
    by_count = [overflow([*on_list, *waiting[:n]], seats) for n in range(len(waiting) + 1)]
    fits = [n for n in range(len(waiting) + 1) if all(by_count[k] <= risk for k in range(1, n + 1))]
    assert found.beyond == (max(0, len(on_list) + max(fits) - seats) if max(fits) else 0)
    assert found.risk == pytest.approx(by_count[max(fits)])
    assert found.expected == pytest.approx(sum(1 - rate for rate in [*on_list, *waiting[: max(fits)]]))


def test_twenty_seats_allow_nobody_more_where_one_of_ten_refuses_and_thirty_allow_one() -> None:
    """0.9**21 is 10.9 %, so not even one at 5 %; of 30 seats, where 0.9**31 is 3.8 %, one."""
    assert invite([0.1] * 20, [0.1] * 9, 20, 0.05).beyond == 0
    found = invite([0.1] * 30, [0.1] * 9, 30, 0.05)
    assert (found.beyond, found.risk) == (1, pytest.approx(0.9**31))


def test_a_history_of_nothing_foretells_that_everyone_comes() -> None:
    nothing = learn(np.zeros((0, 3), np.int64), np.zeros(0, np.bool_))
    assert nothing.of(np.array([[0, 1, 2]])).tolist() == [0.0]
    never = learn(np.zeros((50, 1), np.int64), np.zeros(50, np.bool_))
    assert never.of(np.array([[0]])).tolist() == [0.0]
    assert learn_and_test(np.zeros((0, 3), np.int64), np.zeros(0, np.bool_), np.zeros(0, np.int64))[1] == ()


def test_a_group_of_one_callup_hardly_differs_from_all_and_a_large_one_shows() -> None:
    groups = np.array([[0]] * 1000 + [[1]] * 1000 + [[2]])
    refused = np.array([True] * 50 + [False] * 950 + [True] * 200 + [False] * 800 + [True])
    low, high, single, unknown = learn(groups, refused).of(np.array([[0], [1], [2], [-1]])).tolist()
    assert low == pytest.approx(0.05, rel=0.15)
    assert high == pytest.approx(0.2, rel=0.1)
    assert single == pytest.approx(unknown, rel=0.1)
    assert unknown == pytest.approx(refused.mean())


def test_no_rate_passes_the_most_there_may_be() -> None:
    assert Rates(0.8, (np.array([5.0]),)).of(np.array([[0]])).tolist() == [RATE_MOST]


def test_the_factors_of_a_city_are_found_again() -> None:
    groups, refused, _begins, true = history(30_000, seed=4)
    assert np.abs(learn(groups, refused).of(groups) / true - 1).max() < 0.15


@pytest.mark.parametrize("seed", range(4))
def test_what_was_foretold_happens_in_the_part_of_the_history_held_out(seed: int) -> None:
    groups, refused, begins, _true = history(6000, seed)
    rates, table = learn_and_test(groups, refused, begins)
    assert sum(one.callups for one in table) == pytest.approx(0.3 * 6000, rel=0.02)
    assert [one.expected for one in table] == sorted(one.expected for one in table)
    for one in table:
        noise = (one.expected * (1 - one.expected) / one.callups) ** 0.5
        assert abs(one.refused - one.expected) < 3.5 * noise + 0.02
    assert 0.8 < rates.caution <= 1


def test_a_city_that_refuses_less_than_before_makes_the_rates_careful() -> None:
    groups, refused, begins, _true = history(6000, seed=1)
    milder = refused & ((begins < 700) | (np.arange(6000) % 2 == 0))
    rates, _table = learn_and_test(groups, milder, begins)
    assert rates.caution < 0.7
    harder, _table = learn_and_test(groups, refused & ((begins >= 700) | (np.arange(6000) % 2 == 0)), begins)
    assert harder.caution == 1


def test_equal_rates_make_one_bin() -> None:
    groups = np.zeros((40, 1), np.int64)
    table = reliability(Rates(0.25, ()), groups, np.arange(40) < 8)
    assert [(one.callups, one.expected, one.refused) for one in table] == [(40, 0.25, 0.2)]


def test_more_come_than_seats_no_oftener_than_was_said() -> None:
    """Rates learned from three years decide for 1,500 invented class runs whose people refuse by the true rates."""
    groups, refused, begins, _true = history(6000, seed=9)
    rates, _table = learn_and_test(groups, refused, begins)
    rng = np.random.default_rng(10)
    over, beyond, trials, empty = 0, 0, 1500, [0, 0]
    for trial in range(trials):
        seats = int(rng.integers(20, 60))
        people, _refused, _days, true = history(2 * seats, seed=1000 + trial)
        known = rates.of(people)
        found = invite(known[:seats].tolist(), known[seats:].tolist(), seats, 0.05)
        comes = rng.random(2 * seats) >= true
        came = int(comes[: seats + found.beyond].sum())
        over, beyond = over + (came > seats), beyond + found.beyond
        empty[0] += seats - int(comes[:seats].sum())
        empty[1] += max(0, seats - came)
    assert beyond > trials
    assert over / trials <= 0.05 + 3 * (0.05 * 0.95 / trials) ** 0.5
    assert empty[1] < 0.75 * empty[0]
