"""Gaps of a city, timed; and of drawn truths, whether intervals hold and how many of the ten worst units are false."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from zhixing.config.cli.bench.figure import Figure
from zhixing.engine.needs.gaps import Answers, gaps_of

UNITS, COMPETENCIES, LEVELS, SHEETS = 400, 60, 4, 12_000
WORST: Final = 10
GROUPS = np.array([0.03, 0.15, 0.45, 0.37])
"""Shares of the levels among people."""


@dataclass(frozen=True)
class Drawn:
    """A drawn city: true gaps of cells [C, J, L] in levels, people [J, L], and the sheets as they are stored, with their units and levels."""

    truth: np.ndarray
    people: np.ndarray
    unit: np.ndarray
    level: np.ndarray
    gap: np.ndarray  # [sheets, C]


def drawn(seed: int, competencies: int = COMPETENCIES) -> Drawn:
    """Units of very different sizes; two of five people answer."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 0.8, UNITS)
    chance = np.outer(size / size.sum(), GROUPS).ravel()
    people = rng.multinomial(int(SHEETS / 0.4), chance)
    answered = rng.multivariate_hypergeometric(people, SHEETS)
    cell = np.repeat(np.arange(len(people)), answered)
    middle = rng.normal(0.7, 0.4, (competencies, 1, LEVELS))
    truth = middle + rng.normal(0, 0.25, (competencies, UNITS, 1)) + rng.normal(0, 0.15, (competencies, UNITS, LEVELS))
    unit, level = cell // LEVELS, cell % LEVELS
    gap = truth[:, unit, level].T + rng.normal(0, 0.9, (SHEETS, competencies))
    return Drawn(truth, people.reshape(UNITS, LEVELS).astype(np.float64), unit, level, gap)


def figures(folder: Path, people: int) -> Iterator[Figure]:
    """The demonstration city has fewer units: the size that is asked for is drawn."""
    city = drawn(1)
    texts = [json.dumps({str(c): [4, round(5 - gap, 3), 5] for c, gap in enumerate(row)}) for row in city.gap.tolist()]
    began = time.monotonic()
    gaps_of(read(texts, city.unit, city.level), city.people)
    what = f"gaps: {UNITS} units, {COMPETENCIES} competencies, {LEVELS} levels, {SHEETS:,} sheets"
    yield Figure(what, time.monotonic() - began, "s", 10)
    yield from truths(range(2, 5))


def read(texts: list[str], unit: np.ndarray, level: np.ndarray) -> Answers:
    """Sheets as they are stored → columns."""
    competency: list[int] = []
    gap: list[float] = []
    count = []
    for text in texts:
        answers = json.loads(text)
        count.append(len(answers))
        for key, (_importance, present, required) in answers.items():
            competency.append(int(key))
            gap.append(required - present)
    sheet = np.repeat(np.arange(len(texts)), count)
    sizes = COMPETENCIES, UNITS, LEVELS
    return Answers(np.array(competency), unit[sheet], level[sheet], np.array(gap), sizes)


def truths(seeds: range) -> Iterator[Figure]:
    """Each competency of each city is one drawn truth."""
    held: dict[str, list[bool]] = {"units": [], "cells": [], "levels": []}
    false = {"plain means": 0, "partly pooled": 0}
    told = 0
    for seed in seeds:
        city = drawn(seed)
        place = np.tile(np.arange(COMPETENCIES), SHEETS)
        unit, level = (np.repeat(column, COMPETENCIES) for column in (city.unit, city.level))
        found = gaps_of(Answers(place, unit, level, city.gap.ravel(), (COMPETENCIES, UNITS, LEVELS)), city.people)
        of_unit = (city.truth * city.people).sum(2) / np.maximum(city.people.sum(1), 1)
        of_level = (city.truth * city.people[None]).sum(1) / np.maximum(city.people.sum(0), 1)
        for name, true, band in (("units", of_unit, found.units), ("cells", city.truth, found.cells), ("levels", of_level, found.levels)):  # fmt: skip
            some = band.count > 0
            held[name] += ((band.lower <= true) & (true <= band.upper))[some].tolist()
        there = found.units.count > 0
        for c in range(COMPETENCIES):
            worst = _worst(of_unit[c], there[c])
            false["plain means"] += len(_worst(found.units.raw[c], there[c]) - worst)
            false["partly pooled"] += len(_worst(found.units.estimate[c], there[c]) - worst)
            told += WORST
    for name, hits in held.items():
        yield Figure(f"95 % intervals of {name} that miss the truth (3–7 %)", 100 - 100 * float(np.mean(hits)), "%", 7)
    for way, count in false.items():
        limit = 100 * false["plain means"] / told if way == "partly pooled" else None
        yield Figure(f"false among the ten worst units: {way}", 100 * count / told, "%", limit)


def _worst(values: np.ndarray, there: np.ndarray) -> set[int]:
    return {int(place) for place in np.argsort(-np.where(there, values, -np.inf))[:WORST]}
