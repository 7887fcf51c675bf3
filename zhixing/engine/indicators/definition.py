"""What an indicator system is made of, once it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Object(StrEnum):
    """What a system evaluates."""

    INSTITUTION = "institution"
    CLASS_RUN = "class_run"
    COURSE = "course"
    PROGRAMME = "programme"
    TEXTBOOK = "textbook"


class Kind(StrEnum):
    """Where the share of an indicator comes from."""

    FACT = "fact"
    JUDGED = "judged"


class Absent(StrEnum):
    """What an indicator is worth of which nothing is known: nothing, or its points are spread over its neighbours."""

    ZERO = "zero"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Indicator:
    """``points``: what it is worth. A fact has its code and a ``scale`` of (figure, share), figures rising; a judged one may ask for
    ``evidence`` and for an ``on_site`` visit. ``missed``: the share below which it counts as missed.
    """

    code: str
    title: str
    points: int
    kind: Kind
    fact: str = ""
    scale: tuple[tuple[Fraction, Fraction], ...] = ()
    evidence: bool = False
    on_site: bool = False
    missed: Fraction = Fraction()

    def share_of(self, figure: Fraction) -> Fraction:
        """Along the scale, level before its first and after its last figure."""
        if figure <= self.scale[0][0]:
            return self.scale[0][1]
        for (low, least), (high, most) in zip(self.scale, self.scale[1:], strict=False):
            if figure <= high:
                return least + (most - least) * (figure - low) / (high - low)
        return self.scale[-1][1]


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the tree, with groups or indicators inside."""

    code: str
    title: str
    parts: tuple[Group | Indicator, ...]

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    def below(self, depth: int = 0) -> Iterator[tuple[int, Group, Group | Indicator]]:
        """(depth, the group that it stands in, part) of everything inside, each group before what is in it."""
        for part in self.parts:
            yield depth, self, part
            if isinstance(part, Group):
                yield from part.below(depth + 1)

    def indicators(self) -> Iterator[Indicator]:
        return (part for _depth, _group, part in self.below() if isinstance(part, Indicator))


@dataclass(frozen=True, slots=True)
class Level:
    """A grade (等次) from so many percent of the points on."""

    title: str
    percent: int


@dataclass(frozen=True, slots=True)
class System:
    """A tree of ``root.points`` points. A missed indicator earns at most ``missed_most`` of its points. ``levels``: the best first."""

    title: str
    of: Object
    basis: str
    absent: Absent
    missed_most: Fraction
    levels: tuple[Level, ...]
    root: Group

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(self.root.indicators())

    def level(self, percent: Fraction) -> str:
        """Empty where the system has no grade for it."""
        return next((level.title for level in self.levels if percent >= level.percent), "")
