"""Simulated years: with the load shared, the days away come nearer to the shares of the units, at a small price in need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from zhixing.callups import values
from zhixing.callups.problem.burden import YEARS, loads
from zhixing.callups.values import PRESETS, PairFacts, Weights
from zhixing.engine.callup.problem import CallupProblem
from zhixing.engine.callup.solver import solve

UNITS, CLASSES, SEATS, DAYS = 25, 12, 24, 10
SIMULATED = 5


class Outcome(NamedTuple):
    """``misplaced``: the part of the days of all years that lie elsewhere than the shares say; ``need``: the values of all chosen, load aside."""

    misplaced: float
    need: float


class City:
    """Units of 20 to 100 people; in some half of the people are behind with their hours, in the others few, so that need alone calls the same
    units again and again."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.unit = np.repeat(np.arange(UNITS), self.rng.integers(20, 101, UNITS))
        self.people = len(self.unit)
        behind = np.where(self.rng.random(UNITS) < 0.3, 0.5, 0.15)
        self.owing = (self.rng.random(self.people) < behind[self.unit]).astype(np.int64) + 1
        fits = self.rng.random((CLASSES, self.people)) < 0.25
        self.class_, self.person = np.nonzero(fits)
        self.last = self.rng.integers(3, 60, self.people)
        eligible = np.bincount(self.class_, minlength=CLASSES)
        self.share = np.bincount(
            self.unit[self.person], weights=(SEATS * DAYS / eligible)[self.class_], minlength=UNITS
        )

    def year(self, carried: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
        """(persons chosen, values of the pairs without the load that were chosen)."""
        whole = np.zeros(len(self.person), np.int64)
        known = PairFacts(
            owing=self.owing[self.person],
            missing=whole,
            make_up=whole,
            months=self.last[self.person],
            this_year=whole.astype(np.bool_),
            same_theme=whole.astype(np.bool_),
            load=carried[self.unit[self.person]],
        )
        parts = values.points(known, weights)
        tie = values.draw(self.person, self.class_, 1)
        alone = values.values(parts | {"load": whole}, tie)
        problem = self.problem(values.values(parts, tie))
        found = solve(problem, seconds=60)
        chosen = set(
            zip(problem.pair_person[found.selected].tolist(), problem.pair_class[found.selected].tolist(), strict=True)
        )
        taken = np.array([pair in chosen for pair in zip(self.person.tolist(), self.class_.tolist(), strict=True)])
        return self.person[taken], alone[taken]

    def problem(self, worth: np.ndarray) -> CallupProblem:
        first = np.array([np.datetime64("2027-03-01") + 21 * n for n in range(CLASSES)])
        whole = {"seats_min": [0] * CLASSES, "seats_max": [SEATS] * CLASSES}
        none = pa.array([], pa.int64())
        return CallupProblem.from_tables(
            classes=pa.table({"class_id": range(CLASSES), "starts_on": first, "ends_on": first + (DAYS - 1)} | whole),
            people=pa.table({"person_id": range(self.people), "unit_id": self.unit}),
            units=pa.table(
                {"unit_id": range(UNITS), "parent_id": pa.nulls(UNITS, pa.int64()), "away_max": [99] * UNITS}
            ),
            pairs=pa.table({"person_id": self.person, "class_id": self.class_, "value": worth}),
            quotas=pa.table({"unit_id": none, "class_id": none, "seats_min": none, "seats_max": none}),
            pins=pa.table({"person_id": none, "class_id": none, "chosen": pa.array([], pa.bool_())}),
            settings={"callups_max": 1, "second_callup_cost": 60.0, "short_seat_cost": 300.0},
        )


def simulated(seed: int, weights: Weights) -> Outcome:
    city = City(seed)
    days: list[np.ndarray] = []
    need = 0.0
    for _ in range(SIMULATED):
        known = days[-YEARS:]
        carried = loads(np.sum(known, axis=0), city.share * len(known)) if known else np.zeros(UNITS, np.int64)
        persons, worth = city.year(carried, weights)
        need += float(worth.sum())
        days.append(DAYS * np.bincount(city.unit[persons], minlength=UNITS))
        city.last += 12
        city.last[persons] = 6
    total = np.sum(days, axis=0)
    return Outcome(float(np.maximum(0, total - SIMULATED * city.share).sum() / total.sum()), need)


def test_over_five_years_the_units_come_nearer_to_their_shares_at_a_small_price() -> None:
    alone = [simulated(seed, Weights(load_most=0)) for seed in (1, 2, 3)]
    shared = [simulated(seed, PRESETS["owing"]) for seed in (1, 2, 3)]
    assert np.mean([one.misplaced for one in shared]) < 0.85 * np.mean([one.misplaced for one in alone])
    for one, other in zip(shared, alone, strict=True):
        assert one.misplaced < other.misplaced
        assert one.need > 0.99 * other.need
