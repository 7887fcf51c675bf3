"""Gaps by unit and level: a dense reference at given spreads, simulated truth, and what cannot be said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhixing.engine.needs.gaps import Answers, Cells, Floats, Gaps, gaps_of

WIDE = 1e4
"""The variance of a mean of which nothing is known."""


def dense(cells: Cells, of_unit: float, of_cell: float) -> tuple[Floats, Floats]:
    """Mean and covariance of (level means [L], units [J], cells [J·L]) by one large matrix."""
    units, levels = cells.count.shape
    size = levels + units + units * levels
    prior = np.concatenate([np.full(levels, WIDE), np.full(units, of_unit**2), np.full(units * levels, of_cell**2)])
    rows, seen, noise = [], [], []
    for j in range(units):
        for k in range(levels):
            if cells.count[j, k]:
                row = np.zeros(size)
                row[[k, levels + j, levels + units + j * levels + k]] = 1.0
                rows.append(row)
                seen.append(cells.mean[j, k])
                noise.append(cells.variance / cells.count[j, k])
    design = np.array(rows)
    gain = prior[:, None] * design.T @ np.linalg.inv(design * prior @ design.T + np.diag(noise))
    return gain @ np.array(seen), np.diag(prior) - gain @ (design * prior)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    units=st.integers(1, 6),
    levels=st.integers(1, 4),
    of=st.tuples(st.floats(0, 2), st.floats(0, 2)),
)
def test_at_given_spreads_everything_is_what_a_dense_matrix_says(
    seed: int, units: int, levels: int, of: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    count = rng.integers(0, 4, (units, levels))
    count[0] += 1
    people = rng.integers(0, 9, (units, levels)).astype(np.float64) + (np.arange(units) == 0)[:, None]
    cells = Cells(count, np.where(count > 0, rng.normal(1, 1, count.shape), 0.0), 0.7)
    found = cells.at(np.array([of[0]]), np.array([of[1]]), np.ones(1))
    mean, covariance = dense(cells, *of)

    def check(band: tuple[Floats, Floats], weights: Floats) -> None:
        assert np.allclose(band[0], weights @ mean, atol=2e-3)
        assert np.allclose(band[1], np.sqrt(np.maximum(np.diag(weights @ covariance @ weights.T), 0)), atol=2e-3)

    every = np.zeros((units, levels, len(mean)))
    for j in range(units):
        for k in range(levels):
            every[j, k, [k, levels + j, levels + units + j * levels + k]] = 1.0
    share = np.divide(
        people,
        people.sum(1, keepdims=True),
        out=np.full(people.shape, 1 / levels),
        where=people.sum(1, keepdims=True) > 0,
    )
    down = people / people.sum(0)
    own = np.einsum("jl,jlq->jq", share, every)
    check(found.units(people), own)
    check(found.levels(people), np.einsum("jl,jlq->lq", down, every))
    check(found.overall(people), (people.sum(1) / people.sum() @ own)[None])
    cell_band = found.cells()
    check((cell_band[0].ravel(), cell_band[1].ravel()), every.reshape(-1, len(mean)))


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
