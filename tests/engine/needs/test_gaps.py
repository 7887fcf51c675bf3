"""Gaps by unit and level: a dense reference at given spreads, simulated truth, and what cannot be said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.columns import Floats
from zhixing.engine.needs.gaps import Answers, Gaps, gaps_of
from zhixing.engine.needs.posterior import Cells


def dense(cells: Cells, of_unit: float, of_cell: float) -> tuple[Floats, Floats]:
    """Mean and covariance of (means of columns [M], units [J], unit × level [J·N], cells [J·M]) by one large matrix."""
    columns, units = cells.count.shape
    levels = int(cells.group[-1]) + 1
    starts = np.cumsum([columns, units, units * levels])
    shared, own = (1 - cells.own) * of_cell**2, cells.own * of_cell**2
    parts = (columns, np.inf), (units, of_unit**2), (units * levels, shared), (units * columns, own)
    prior = np.concatenate([np.full(size, variance) for size, variance in parts])
    every = np.zeros((units, columns, len(prior)))
    for j in range(units):
        for m, level in enumerate(cells.group):
            every[j, m, [m, starts[0] + j, starts[1] + j * levels + level, starts[2] + j * columns + m]] = 1.0
    held = cells.count.T > 0
    design, seen = every[held], cells.mean.T[held]
    noise = (cells.variance[:, None] / np.maximum(cells.count, 1)).T[held]
    known = prior > 0.0
    covariance = np.zeros((len(prior), len(prior)))
    precision = np.diag(1.0 / prior[known]) + design[:, known].T @ (design[:, known] / noise[:, None])
    covariance[np.ix_(known, known)] = np.linalg.inv(precision)
    mean = covariance @ design.T @ (seen / noise)
    flat = every.reshape(-1, len(prior))
    return (flat @ mean).reshape(units, columns), flat @ covariance @ flat.T


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    units=st.integers(1, 6),
    sources=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    of=st.tuples(st.floats(0.01, 2), st.floats(0.01, 2)),
)
def test_at_given_spreads_everything_is_what_a_dense_matrix_says(
    seed: int, units: int, sources: list[int], of: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sources)), sources)
    count = rng.integers(0, 4, (len(group), units))
    count[:, 0] += 1
    mean = np.where(count > 0, rng.normal(1, 1, count.shape), 0.0)
    cells = Cells(count, mean, rng.uniform(0.2, 1.0, len(group)), group)
    found = cells.at(np.array([of[0]]), np.array([of[1]]), np.ones(1))
    middle, covariance = dense(cells, *of)
    share = rng.uniform(0, 1, count.shape)
    of_units = np.zeros((units, units, len(group)))
    of_units[np.arange(units), np.arange(units)] = share.T
    of_columns = np.zeros((len(group), units, len(group)))
    of_columns[np.arange(len(group)), :, np.arange(len(group))] = share
    for band, weights in ((found.units(share), of_units), (found.columns(share), of_columns)):
        flat = weights.reshape(len(weights), -1)
        expected = flat @ covariance @ flat.T
        assert np.allclose(band[0], flat @ middle.ravel(), rtol=1e-6, atol=1e-6)
        spread = band[1] if band[1].ndim == 2 else np.diag(band[1] ** 2)
        kept = np.ones_like(expected, bool) if band[1].ndim == 2 else np.eye(units, dtype=bool)
        assert np.allclose(spread[kept], expected[kept], rtol=1e-6, atol=1e-6)


def simulated(
    seed: int, units: int = 60, levels: int = 4, of_unit: float = 0.3, of_cell: float = 0.15
) -> tuple[Answers, Floats, Floats]:
    """(answers of 1 to 40 people a unit, truth by unit and level, people)"""
    rng = np.random.default_rng(seed)
    truth = (
        rng.normal(1, 0.4, levels) + rng.normal(0, of_unit, units)[:, None] + rng.normal(0, of_cell, (units, levels))
    )
    people = rng.poisson(rng.gamma(1.0, 4.0, (units, 1)) * rng.dirichlet(np.ones(levels) * 3) * 3) + 1
    people[rng.random(people.shape) < 0.2] = 0
    people[0] += 2
    unit, level = (np.repeat(place.ravel(), people.ravel()) for place in np.indices(people.shape))
    gap = truth[unit, level] + rng.normal(0, 1, len(unit))
    return (
        Answers(np.zeros(len(unit), np.int64), unit, level, gap, (1, units, levels)),
        truth,
        people.astype(np.float64),
    )


def test_intervals_hold_the_truth_as_often_as_they_say_and_fewer_worst_ten_are_false() -> None:
    held: dict[str, list[bool]] = {"units": [], "cells": [], "levels": []}
    false = {"raw": 0, "pooled": 0}
    for seed in range(60):
        answers, truth, people = simulated(seed)
        found = gaps_of(answers)
        total = people.sum(1)
        unit = (truth * people).sum(1) / np.maximum(total, 1)
        level = (truth * people).sum(0) / people.sum(0)
        for name, true, band in (
            ("units", unit, found.units),
            ("cells", truth, found.cells),
            ("levels", level, found.levels),
        ):
            some = band.count[0] > 0
            held[name] += ((band.lower[0] <= true) & (true <= band.upper[0]))[some].tolist()
        there = total > 0
        worst = set(np.argsort(-np.where(there, unit, -9))[:10])
        false["raw"] += len(set(np.argsort(-np.where(there, found.units.raw[0], -9))[:10]) - worst)
        false["pooled"] += len(set(np.argsort(-np.where(there, found.units.estimate[0], -9))[:10]) - worst)
    assert {name: 0.93 <= np.mean(hits) <= 0.97 for name, hits in held.items()} == dict.fromkeys(held, True)
    assert false["pooled"] < 0.95 * false["raw"]


WEIGHTS = np.array([5.0, 3.0, 2.0])


def of_three_sources(seed: int, own: float) -> tuple[Answers, Floats, Floats]:
    """(answers, what each source sees of unit and level, people): people of themselves (better than they are), a few superiors of some units, one sheet of most
    units. ``own``: how much what a source alone sees varies."""
    rng = np.random.default_rng(seed)
    _one, truth, people = simulated(seed)
    units, levels = truth.shape
    seen = (
        truth[:, :, None] + [-0.3, 0.2, 0.1] + rng.normal(0, 0.05, (levels, 3)) + rng.normal(0, own, (*truth.shape, 3))
    )
    count = np.zeros(seen.shape, np.int64)
    count[:, :, 0] = people
    count[:, 1:, 1] = rng.poisson(1.5, (units, levels - 1)) * (people[:, 1:] > 0)
    asked = rng.random(units) < 0.7
    count[asked, people[asked].argmax(axis=1), 2] = 1
    unit, level, source = (np.repeat(place.ravel(), count.ravel()) for place in np.indices(count.shape))
    gap = seen[unit, level, source] + rng.normal(0, 1, len(unit)) * np.array([1, 0.7, 0.5])[source]
    return Answers(np.zeros(len(unit), np.int64), unit, level, gap, (1, units, levels), source), seen, people


@pytest.mark.parametrize("own", [0.0, 0.15])
def test_of_several_sources_intervals_hold_the_truth_and_a_source_missing_makes_no_unit_better(own: float) -> None:
    held: dict[str, list[bool]] = {"units": [], "cells": [], "seen": [], "apart": []}
    unasked = []
    for seed in range(60):
        answers, seen, people = of_three_sources(seed, own)
        assert answers.source is not None
        found = gaps_of(answers, people, WEIGHTS.tolist())
        has = np.zeros(seen.shape[1:], bool)
        has[answers.level, answers.source] = True
        part = np.where(has, WEIGHTS, 0) / np.where(has, WEIGHTS, 0).sum(1, keepdims=True)
        truth = (seen * part).sum(2)
        unit = (truth * people).sum(1) / np.maximum(people.sum(1), 1)
        of_source = (seen * people[:, :, None]).sum(0) / people.sum(0)[:, None]
        both = has & has[:, :1]
        both[:, 0] = False
        for name, true, band, some in (
            ("units", unit, found.units, found.units.count[0] > 0),
            ("cells", truth, found.cells, found.cells.count[0] > 0),
            ("seen", of_source, found.seen, has),
            ("apart", of_source - of_source[:, :1], found.apart, both),
        ):
            held[name] += ((band.lower[0] <= true) & (true <= band.upper[0]))[some].tolist()
        alone = np.setdiff1d(np.flatnonzero(found.units.count[0]), answers.unit[answers.source > 0])
        unasked += (found.units.estimate[0] - unit)[alone].tolist()
    assert {name: 0.93 <= np.mean(held[name]) <= 0.97 for name in ("units", "cells")} == {"units": True, "cells": True}
    assert min(np.mean(held["seen"]), np.mean(held["apart"])) >= 0.95
    assert len(unasked) > 50
    assert abs(np.mean(unasked)) < 0.06  # by self-ratings alone they would look 0.23 better than they are


def test_what_sources_say_is_told_apart_and_weighed_as_stated() -> None:
    rng = np.random.default_rng(2)
    source, unit = np.repeat([0, 1], 400), np.tile(np.repeat(np.arange(20), 20), 2)
    zeros = np.zeros(800, np.int64)
    answers = Answers(zeros, unit, zeros, np.where(source == 1, 1.6, 1.0) + rng.normal(0, 0.3, 800), (1, 20, 1), source)
    for weights, combined in (((1.0, 1.0), 1.3), ((3.0, 1.0), 1.15), ((1.0, 0.0), 1.0)):
        found = gaps_of(answers, None, weights)
        assert found.levels.estimate[0, 0] == pytest.approx(combined, abs=0.02)
        assert found.seen.estimate[0, 0, 0] == pytest.approx(1.0, abs=0.02)
    both = gaps_of(answers, None, (1.0, 1.0))
    assert both.apart.estimate[0, 0, 1] == pytest.approx(0.6, abs=0.05)
    assert both.apart.lower[0, 0, 1] > 0.5
    assert both.seen.count[0, 0].tolist() == [400, 400]


def test_one_sheet_of_each_unit_is_not_thought_better_than_it_is() -> None:
    """How such sheets differ cannot be told from how units do: their spread is taken from both together. Of fewer than ten nothing is said."""
    rng = np.random.default_rng(4)
    unit, zeros = np.arange(30), np.zeros(30, np.int64)
    found = gaps_of(Answers(zeros, unit, zeros, rng.normal(1, 0.5, 30), (1, 30, 1)))
    assert found.overall.error[0] >= 0.5 / np.sqrt(30) * 0.8
    few = gaps_of(Answers(zeros[:9], unit[:9], zeros[:9], rng.normal(1, 0.5, 9), (1, 30, 1)))
    assert np.isnan(few.overall.estimate[0])


def test_a_unit_of_four_is_no_headline() -> None:
    rng = np.random.default_rng(5)
    unit = np.repeat(np.arange(40), [4, *[30] * 39])
    gap = rng.normal(1, 0.8, len(unit))
    gap[:4] += 1.0
    zeros = np.zeros(len(unit), np.int64)
    found = gaps_of(Answers(zeros, unit, zeros, gap, (1, 40, 1)))
    assert found.units.raw[0, 0] == pytest.approx(gap[:4].mean())
    assert abs(found.units.estimate[0, 0] - 1) < 0.5 * abs(found.units.raw[0, 0] - 1)
    assert found.units.error[0, 0] > found.units.error[0, 1]
    assert 0.5 < found.more[0, 0] < 0.975


def test_where_units_do_differ_the_largest_is_told_from_the_others() -> None:
    rng = np.random.default_rng(5)
    unit = np.repeat(np.arange(40), 30)
    zeros = np.zeros(len(unit), np.int64)
    found = gaps_of(
        Answers(
            zeros,
            unit,
            zeros,
            rng.normal(0, 0.5, 40)[unit] + 2.0 * (unit == 3) + rng.normal(1, 1, len(unit)),
            (1, 40, 1),
        )
    )
    assert found.more[0].argmax() == 3
    assert found.more[0, 3] > 0.999


def one(gaps: list[float], unit: list[int], level: list[int], sizes: tuple[int, int, int]) -> Gaps:
    zeros = np.zeros(len(gaps), np.int64)
    return gaps_of(
        Answers(zeros, np.array(unit, np.int64), np.array(level, np.int64), np.array(gaps, np.float64), sizes)
    )


def test_of_too_few_answers_nothing_is_said() -> None:
    found = one([1.0, 2.0, 3.0], [0, 1, 1], [0, 0, 0], (1, 2, 1))
    assert np.isnan(found.units.estimate).all()
    assert found.units.raw.tolist() == [[1.0, 2.5]]


def test_no_answer_at_all_is_no_fault() -> None:
    found = one([], [], [], (2, 3, 2))
    assert np.isnan(found.overall.estimate).all()
    assert found.overall.count.tolist() == [0, 0]


def test_where_all_answer_alike_the_gap_is_what_they_say() -> None:
    found = one([1.0] * 12, [0] * 6 + [1] * 6, [0] * 12, (1, 2, 2))
    assert found.units.estimate.tolist() == [[1.0, 1.0]]
    assert found.units.error.tolist() == [[0.0, 0.0]]
    assert np.isnan(found.levels.estimate[0, 1])


def test_a_level_of_which_nobody_answered_is_left_out() -> None:
    rng = np.random.default_rng(1)
    found = one(rng.normal(1, 1, 40).tolist(), [0] * 20 + [1] * 20, [0] * 40, (1, 3, 2))
    assert np.isnan(found.levels.estimate[0, 1])
    assert np.isnan(found.cells.estimate[0, :, 1]).all()
    assert found.units.count.tolist() == [[20, 20, 0]]
    assert found.units.error[0, 2] > found.units.error[0, 0]
