"""Answers, tables of them, and what protection is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from zhixing.engine.columns import Longs

SMALLEST = 5
WIDTH = 0.5
STEP = "/"
"""Between the levels of a nested attribute: 市局/二科."""


class Statistic(StrEnum):
    MEAN = "mean"
    COUNTS = "counts"


class Why(StrEnum):
    """Why a cell is left out."""

    SMALL = "small"
    UNANIMOUS = "unanimous"
    GIVES_AWAY = "gives_away"


@dataclass(frozen=True)
class Scale:
    """The grades of an item: whole numbers, both ends included."""

    low: int
    high: int

    @property
    def grades(self) -> range:
        return range(self.low, self.high + 1)


@dataclass(frozen=True)
class Terms:
    """No group of fewer than ``smallest`` people is shown, and of none may the mean be known closer than ``width`` grades."""

    smallest: int = SMALLEST
    width: float = WIDTH

    def needed(self, people: int, scale: Scale) -> int:
        """How far apart the least and the greatest possible sum of a small group's grades must lie: never farther than they may."""
        return min(max(1, math.ceil(self.width * people)), people * (scale.high - scale.low))


Place = tuple[str, ...]
"""The group of each attribute of a cut."""


@dataclass(frozen=True)
class Table:
    """``cut``: attributes, none for the figure of all. ``until``: only answers that had come by that day (days since 1970; None: all)."""

    cut: tuple[str, ...]
    item: str
    statistic: Statistic = Statistic.MEAN
    until: int | None = None


@dataclass(frozen=True)
class Published:
    """A table and the places of it that were shown."""

    table: Table
    shown: frozenset[Place]


@dataclass(frozen=True, eq=False)
class Answers:
    """n answers: ``attributes`` by name [n], ``grades`` by item [n], the day each ``came`` [n]. ``nested`` attributes are paths, each within the one before."""

    attributes: Mapping[str, Sequence[str]]
    grades: Mapping[str, Longs]
    scales: Mapping[str, Scale]
    came: Longs
    nested: frozenset[str] = field(default_factory=frozenset)


def groups_of(value: str, nested: bool) -> list[str]:
    """The groups that an attribute's value belongs to, the narrowest first."""
    if not nested:
        return [value]
    parts = value.split(STEP)
    return [STEP.join(parts[:depth]) for depth in range(len(parts), 0, -1)]
