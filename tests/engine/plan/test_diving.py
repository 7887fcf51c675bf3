"""A dive: whole runs that a linear program still takes, and what it does where runs can go neither up nor down."""

from __future__ import annotations

import numpy as np
import pytest

from zhixing.engine.plan import diving
from zhixing.engine.plan.diving import dive
from zhixing.engine.plan.model import Floats

ROOM, DAYS = 10.0, np.array([3.0, 4.0, 5.0])


def knapsack(least: Floats, most: Floats) -> Floats | None:
    """Days of three programmes in a house of ten days, the first the best; in parts of runs it is filled from the front."""
    left, runs = ROOM - float(DAYS @ least), least.copy()
    if left < 0 or (least > most).any():
        return None
    for at, days in enumerate(DAYS):
        more = min(most[at] - least[at], left / days)
        runs[at] += more
        left -= more * days
    return runs


@pytest.fixture(autouse=True)
def to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diving, "LEFT", 0)


def test_a_run_that_does_not_fit_stays_down_and_what_then_fits_is_taken() -> None:
    """Two runs of the first leave four days; a third goes up to nothing, one of the second fits."""
    found = dive(knapsack, np.zeros(3), np.array([2.5, 9.0, 9.0]))
    assert found is not None
    assert found.tolist() == [2.0, 1.0, 0.0]


def test_few_parts_are_left_to_whoever_decides_them_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diving, "LEFT", 1)
    found = dive(knapsack, np.zeros(3), np.array([2.0, 9.0, 0.0]))
    assert found is not None
    assert found.tolist() == [2.0, 1.0, 0.0]
    found = dive(knapsack, np.zeros(3), np.array([1.0, 9.0, 0.0]))
    assert found is not None
    assert found.tolist() == [1.0, 1.0, 0.0]  # 1.75 runs are left in parts


def test_nothing_fits_from_the_start() -> None:
    assert dive(knapsack, np.array([4.0, 0.0, 0.0]), np.full(3, 9.0)) is None


def test_where_neither_up_nor_down_can_be_the_dive_ends_above() -> None:
    """One programme must take exactly half a run."""

    def half(least: Floats, most: Floats) -> Floats | None:
        return np.array([0.5]) if least[0] <= 0.5 <= most[0] else None

    found = dive(half, np.zeros(1), np.ones(1))
    assert found is not None
    assert found.tolist() == [0.0]
