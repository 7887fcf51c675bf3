"""What a study would see: published sizes, a simulated study, and what must rise when something else does."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.effects.detectable import Study, needed_size, smallest_effect
from zhixing.engine.effects.pilot import Pilot, pilot_of

studies = st.builds(
    Study,
    called=st.integers(10, 400),
    compared=st.integers(0, 400),
    correlation=st.floats(0, 0.9),
    per_cluster=st.floats(1, 3),
    icc=st.floats(0, 0.5),
)


@pytest.mark.parametrize(("effect", "size"), [(0.2, 394), (0.5, 64), (0.8, 26)])
def test_two_groups_need_what_cohen_printed(effect: float, size: int) -> None:
    """Cohen (1988), two groups of one size, 5 % both ways, power 80 %: 393, 64 and 26; the first is 393.4 when not rounded down."""
    assert needed_size(Study(10, 10), effect) == size


def test_a_pair_of_measurements_needs_34() -> None:
    """Correlation 0.5 makes the change vary as much as the outcome itself: 34 pairs for half a standard deviation."""
    assert needed_size(Study(10, 0, correlation=0.5), 0.5) == 34


def test_the_promised_power_is_that_of_simulated_studies() -> None:
    study = Study(40, 40, per_cluster=8, icc=0.15)
    effect = smallest_effect(study)
    rng, seen = np.random.default_rng(1), 0
    for _ in range(2000):
        shared = np.repeat(rng.normal(0, math.sqrt(0.15), 10), 8)
        outcome = shared + rng.normal(0, math.sqrt(0.85), 80) + effect * (np.arange(80) < 40)
        means = outcome.reshape(10, 8).mean(axis=1)
        spread = math.sqrt((means[:5].var(ddof=1) + means[5:].var(ddof=1)) / 5)
        seen += abs(means[:5].mean() - means[5:].mean()) / spread > 2.306
    assert seen / 2000 == pytest.approx(0.8, abs=0.03)


@settings(deadline=None)
@given(studies)
def test_more_people_more_correlation_and_less_likeness_see_more(study: Study) -> None:
    effect = smallest_effect(study)
    assert smallest_effect(replace(study, called=study.called + 20)) <= effect + 1e-9
    assert smallest_effect(replace(study, icc=0.0)) <= effect + 1e-9
    assert smallest_effect(replace(study, power=0.9)) >= effect
    if math.isfinite(effect):
        assert study.seen(effect) == pytest.approx(study.power, abs=1e-6)


@settings(deadline=None)
@given(st.floats(0.1, 1.5), st.floats(0, 0.8))
def test_the_needed_size_is_the_fewest(effect: float, correlation: float) -> None:
    study = Study(10, 10, correlation)
    size = needed_size(study, effect)
    assert size is not None
    assert replace(study, called=size, compared=size).seen(effect) >= study.power
    assert replace(study, called=size - 1, compared=size - 1).seen(effect) < study.power


def test_nothing_is_seen_with_nobody_to_spare() -> None:
    assert math.isinf(smallest_effect(Study(1, 1)))
    assert Study(1, 1).seen(9.0) == 0.0
    assert needed_size(Study(10, 10), 1e-6) is None
    assert smallest_effect(Study(10, 0, correlation=1.0)) == 0.0
    assert Study(10, 0, correlation=1.0).seen(0.1) == 1.0


def test_earlier_figures_tell_spread_correlation_and_likeness() -> None:
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(200), 10)
    before = rng.normal(size=2000)
    outcome = 3 * (
        math.sqrt(0.2) * rng.normal(size=200)[group] + math.sqrt(0.3) * before + math.sqrt(0.5) * rng.normal(size=2000)
    )
    found = pilot_of(outcome, before, group)
    assert found.spread == pytest.approx(3, rel=0.05)
    assert found.correlation == pytest.approx(math.sqrt(0.3), abs=0.05)
    assert found.icc == pytest.approx(0.2, abs=0.05)
    assert found.per_cluster == 10
    assert pilot_of(np.ones(5), np.ones(5), np.zeros(5, np.int64)) == Pilot(0.0, 0.0, 5.0, 0.0)
    assert pilot_of(outcome) == Pilot(found.spread, 0.0, 1.0, 0.0)
