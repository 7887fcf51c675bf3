"""The formula of the value of a pair: every line of its table."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from zhixing.callups import values
from zhixing.callups.values import CHANNEL, CONTENT, NEVER, OPEN, OWING, THEME, PairFacts, Weights

ORDINARY = {"owing": 1, "missing": 0, "make_up": 0, "months": 12, "this_year": False, "same_theme": False, "load": 0}


def facts(*rows: dict[str, Any]) -> PairFacts:
    whole = [{**ORDINARY, **row} for row in rows]
    return PairFacts(**{name: np.array([row[name] for row in whole]) for name in ORDINARY})


def worth(*rows: dict[str, Any], weights: Weights | None = None) -> list[float]:
    parts = values.points(facts(*rows), weights or Weights())
    return values.values(parts, np.zeros(len(rows), np.int64)).tolist()


def test_who_owes_more_comes_first_when_all_else_is_equal() -> None:
    found = worth(*({"owing": OWING.index(state)} for state in ("met", "on_track", "short", "overdue")))
    assert found == [10 + 12, 40 + 12, 80 + 12, 120 + 12]


def test_each_missing_tenth_of_the_hours_counts_one() -> None:
    assert np.diff(worth({"missing": 0}, {"missing": 1}, {"missing": 10})).tolist() == [1, 9]


def test_a_make_up_beats_every_debt_and_the_best_fit_beats_the_others() -> None:
    found = worth(
        {"owing": OWING.index("overdue"), "missing": 10, "months": NEVER},
        {"owing": OWING.index("met"), "make_up": OPEN | CHANNEL, "months": 0},
        {"owing": OWING.index("met"), "make_up": OPEN | CHANNEL | CONTENT, "months": 0},
        {"owing": OWING.index("met"), "make_up": OPEN | THEME | CHANNEL | CONTENT, "months": 0},
    )
    assert found == sorted(found)
    assert len(set(found)) == 4


def test_the_longer_ago_the_last_training_the_more_up_to_five_years() -> None:
    found = worth({"months": 0}, {"months": 6}, {"months": 60}, {"months": 200}, {"months": NEVER})
    assert np.diff(found).tolist() == [6, 54, 0, 0]


def test_training_this_year_and_in_the_same_theme_takes_off() -> None:
    plain, year, theme = worth({"owing": 3}, {"owing": 3, "this_year": True}, {"owing": 3, "same_theme": True})
    assert (plain - year, plain - theme) == (40, 80)


def test_a_unit_beyond_its_share_loses_by_as_much_as_one_without_gains() -> None:
    heavy, plain, light, half = worth({"load": 100}, {}, {"load": -100}, {"load": 50})
    assert (plain - heavy, light - plain, plain - half) == (15, 15, 8)


@pytest.mark.parametrize("preset", sorted(values.PRESETS))
def test_the_load_of_units_never_puts_anybody_before_those_who_owe_more(preset: str) -> None:
    weights = values.PRESETS[preset]
    for low, high in itertools.pairwise(range(len(OWING))):
        lifted, kept = worth({"owing": low, "load": -100}, {"owing": high, "load": 100}, weights=weights)
        assert lifted <= kept


def test_no_pair_falls_below_one_point() -> None:
    assert worth({"owing": 0, "months": 0, "this_year": True, "same_theme": True}) == [1.0]


def test_a_run_may_weigh_otherwise() -> None:
    assert worth({"owing": 3}, weights=Weights(overdue=7, month_waited=0)) == [7.0]


def test_the_draw_is_fair_reproducible_and_depends_on_the_seed() -> None:
    persons = np.arange(1, 20_001)
    classes = np.full(20_000, 7)
    first, again, other = (values.draw(persons, classes, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).mean() > 0.9
    assert set(first.tolist()) == set(range(100))
    shares = np.bincount(first, minlength=100) / 20_000
    assert abs(shares - 0.01).max() < 0.004


def test_the_draw_decides_only_between_equals() -> None:
    parts = values.points(facts({}, {"missing": 1}), Weights())
    low, high = values.values(parts, np.array([99, 0]))
    assert low < high


@pytest.mark.parametrize("preset", list(values.PRESETS))
def test_every_preset_keeps_the_order_of_debts(preset: str) -> None:
    found = worth(*({"owing": place} for place in range(4)), weights=values.PRESETS[preset])
    assert found == sorted(found)
    assert len(set(found)) == 4
