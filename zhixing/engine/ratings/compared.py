"""What comparing class runs, institutions, years and raters finds, as plain numbers: a page reads these without loading what reckons them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

LEAST: Final = 3
"""Fewer class runs are no comparison."""


class WhyNot(StrEnum):
    """Why nothing is compared."""

    FEW = "few"
    ALIKE = "alike"
    CONFOUNDED = "confounded"


class LeftOut(StrEnum):
    """Why a fact is not corrected for: too few class runs for a further term; no second kind with enough class runs; the facts before it tell it."""

    FEW = "few"
    ALIKE = "alike"
    TOLD = "told"


@dataclass(frozen=True)
class Stood:
    """One level of a factor: ``raw`` and ``corrected`` means with their 95 % intervals, the interval of its rank (1 is the highest), the probabilities of being
    among the first and last k, and its tie groups: levels that share one cannot be told apart."""

    level: str
    n: int
    raw: float
    raw_low: float | None
    raw_high: float | None
    corrected: float
    low: float
    high: float
    rank_low: int
    rank_high: int
    p_top: float
    p_bottom: float
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Beside:
    """All levels, the highest corrected mean first. ``apart``: of all pairs the share that can be told apart; ``singular``: the likeliest difference of all
    is none."""

    stood: tuple[Stood, ...]
    k: int
    apart: float
    singular: bool

    @classmethod
    def of_plain(cls, found: Mapping[str, Any]) -> Beside:
        stood = tuple(Stood(**{**one, "groups": tuple(one["groups"])}) for one in found["stood"])
        return cls(**{**found, "stood": stood})

    @property
    def groups(self) -> list[list[Stood]]:
        """The sets of which no two can be told apart, the highest first."""
        numbers = sorted({number for one in self.stood for number in one.groups})
        return [[one for one in self.stood if number in one.groups] for number in numbers]

    def at(self, level: str) -> Stood | None:
        return next((one for one in self.stood if one.level == level), None)

    def others(self, one: Stood) -> int:
        """Of how many others it cannot be told apart."""
        return sum(not set(one.groups).isdisjoint(other.groups) for other in self.stood) - 1


@dataclass(frozen=True)
class Alone:
    """A level that was the only one under its version of the form: nothing parts what the level adds from what the version does."""

    level: str
    n: int
    raw: float
    raw_low: float | None
    raw_high: float | None


@dataclass(frozen=True)
class Compared:
    """``plain``: corrected for the version of the form and for chance; ``mixed``: for the facts ``used`` as well. ``left``: facts not corrected for."""

    plain: Beside | None = None
    mixed: Beside | None = None
    alone: tuple[Alone, ...] = ()
    used: tuple[str, ...] = ()
    left: tuple[tuple[str, LeftOut], ...] = ()
    why_not: WhyNot | None = None

    @classmethod
    def of_plain(cls, found: Mapping[str, Any]) -> Compared:
        plain, mixed = (Beside.of_plain(found[name]) if found[name] else None for name in ("plain", "mixed"))
        left = tuple((fact, LeftOut(why)) for fact, why in found["left"])
        why_not = WhyNot(found["why_not"]) if found["why_not"] else None
        return cls(plain, mixed, tuple(Alone(**one) for one in found["alone"]), tuple(found["used"]), left, why_not)

    @property
    def best(self) -> Beside | None:
        """Corrected for all that can be."""
        return self.mixed or self.plain

    @property
    def moved(self) -> float:
        """By how many points the mix of cases moves a level at most."""
        if self.plain is None or self.mixed is None:
            return 0.0
        before = {one.level: one.corrected for one in self.plain.stood}
        return max(abs(one.corrected - before[one.level]) for one in self.mixed.stood)

    @property
    def reordered(self) -> tuple[str, ...]:
        """Levels that stand elsewhere in the order once the mix of cases is taken out, the one that moved farthest first."""
        if self.plain is None or self.mixed is None:
            return ()
        before = {one.level: place for place, one in enumerate(self.plain.stood)}
        moves = {one.level: abs(before[one.level] - place) for place, one in enumerate(self.mixed.stood)}
        return tuple(sorted((level for level, far in moves.items() if far), key=lambda level: -moves[level]))


@dataclass(frozen=True)
class Held:
    """What an institution's class runs say together: ``raw`` mean of the sheets; ``mean`` of its class runs, taken as some of those that it might have held,
    with the 95 % interval, which a single class run does not have, nor sheets that all say the same. ``corrected``: what it would be with the average mix of
    versions and cases; None where there is nothing to correct, and where it cannot be: ``alone`` on its versions of the form. ``level``: the institution;
    ``apart``: from which others it can be told at 95 % for all pairs at once."""

    level: str
    n: int
    runs: int
    raw: float
    mean: float
    low: float | None
    high: float | None
    apart: tuple[str, ...]
    corrected: float | None = None
    corrected_low: float | None = None
    corrected_high: float | None = None
    alone: bool = False


@dataclass(frozen=True)
class Change:
    """From one year to the next: of each the raw mean, its sheets and class runs; by how much the later one is higher once class runs are taken as some of
    those that might have been held, with the 95 % interval, which years of which each has sheets of one score only do not have. ``confounded``: the form
    changed with the year, so nothing is said."""

    raw: tuple[float, float]
    sheets: tuple[int, int]
    runs: tuple[int, int]
    more: float | None
    low: float | None
    high: float | None
    confounded: bool = False

    @property
    def is_told(self) -> bool:
        """Whether the years can be told apart."""
        return self.low is not None and self.high is not None and (self.low > 0.0 or self.high < 0.0)


@dataclass(frozen=True)
class Severity:
    """One rater, or group of raters. ``raw``: the mean of what it gave; ``milder``: by how much that lies above what the raters linked to it by things
    rated in common give the same things on the average (below 0: stricter), with the 95 % interval; None where it rated nothing that others rated.
    ``apart``: the interval at 95 % for all raters at once leaves 0 out."""

    rater: str
    n: int
    objects: int
    raw: float
    milder: float | None
    low: float | None
    high: float | None
    apart: bool
