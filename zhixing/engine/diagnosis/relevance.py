"""Little relevance and effect (缺乏针对性和实效性): whether those who needed it were called, and what tests before and after showed."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from zhixing.engine.diagnosis.index import Index, ratio_of
from zhixing.engine.student import NORMAL_95, student_95

Counts = Mapping[int, int]
"""How many people have which need (a whole number; more is more)."""


class Others:
    """Those who were not called: whoever is called is held against all of them."""

    def __init__(self, people: Counts) -> None:
        self._needs = sorted(need for need, count in people.items() if count > 0)
        self._below = [0, *accumulate(people[need] for need in self._needs)]

    def chance(self, called: Counts) -> float | None:
        """That one of ``called`` needed it more than one of the others, ties halved. None where either are nobody."""
        people, others = sum(called.values()), self._below[-1]
        if not people or not others:
            return None
        return sum(count * self._passed(need) for need, count in called.items()) / (people * others)

    def _passed(self, need: int) -> float:
        return (self._below[bisect_left(self._needs, need)] + self._below[bisect_right(self._needs, need)]) / 2


def match_of(called: Sequence[Counts], others: Others) -> Index:
    """The chance over all class runs, each by how many people it called.

    1: whoever was called needed it more than whoever was not; 1/2: names drawn by lot would have done as well.
    """
    told = [(chance, sum(one.values())) for one in called if (chance := others.chance(one)) is not None]
    return ratio_of([(chance * people, people) for chance, people in told], sum(people for _chance, people in told))


@dataclass(frozen=True, slots=True)
class Gain:
    """What one class run added between two tests, in points of 100, with its 95 % interval."""

    value: float
    lower: float
    upper: float


def gain_of(gains: Sequence[Gain]) -> Gain | None:
    """The mean gain of such class runs: random effects (DerSimonian and Laird), with the interval of Hartung and Knapp. None: nothing was measured."""
    if len(gains) < 2:
        return gains[0] if gains else None
    # a gain without any spread would weigh without end
    variances = [max(((one.upper - one.lower) / (2 * NORMAL_95)) ** 2, 1e-6) for one in gains]
    between = _between(gains, variances)
    weights = [1 / (variance + between) for variance in variances]
    whole = math.fsum(weights)
    mean = math.fsum(weight * one.value for weight, one in zip(weights, gains, strict=True)) / whole
    spread = math.fsum(weight * (one.value - mean) ** 2 for weight, one in zip(weights, gains, strict=True))
    scale = max(1.0, spread / (len(gains) - 1))
    half = student_95(len(gains) - 1) * math.sqrt(scale / whole)
    return Gain(mean, mean - half, mean + half)


def _between(gains: Sequence[Gain], variances: Sequence[float]) -> float:
    """How much the true gains of class runs differ (variance)."""
    weights = [1 / variance for variance in variances]
    whole = math.fsum(weights)
    mean = math.fsum(weight * one.value for weight, one in zip(weights, gains, strict=True)) / whole
    spread = math.fsum(weight * (one.value - mean) ** 2 for weight, one in zip(weights, gains, strict=True))
    scale = whole - math.fsum(weight**2 for weight in weights) / whole
    return max(0.0, (spread - (len(gains) - 1)) / scale)
