"""Shares with their intervals: known values, and what unequal weights cost."""

from __future__ import annotations

import numpy as np
import pytest

from zhixing.engine.needs.shares import share_of


def test_wilsons_interval_of_equal_weights() -> None:
    """10 of 50: 0.112 to 0.330 (Newcombe 1998 gives the same formula's values)."""
    found = share_of(np.arange(50) < 10, np.ones(50))
    assert found.share == pytest.approx(0.2)
    assert (found.lower, found.upper) == (pytest.approx(0.1124, abs=1e-3), pytest.approx(0.3304, abs=1e-3))


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    held = []
    for _ in range(2_000):
        weight = rng.choice([1.0, 3.0], 120)
        found = share_of(rng.random(120) < 0.3, weight)
        held.append(found.lower <= 0.3 <= found.upper)
    assert 0.93 <= np.mean(held) <= 0.97


def test_all_none_and_nobody() -> None:
    assert share_of(np.ones(9, bool), np.ones(9)).upper == 1.0
    assert share_of(np.zeros(9, bool), np.ones(9)).lower == 0.0
    with pytest.raises(ValueError, match="nobody"):
        share_of(np.zeros(0, bool), np.zeros(0))
