"""Single method (方式单一): how mixed the methods of a class run are, by its hours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhixing.engine.diagnosis.index import Index, ratio_of


@dataclass(frozen=True, slots=True)
class Taught:
    """One class run: hours (in whatever unit) by method, and how many sessions they fall into."""

    hours: Mapping[str, float]
    sessions: int

    @property
    def whole(self) -> float:
        return math.fsum(self.hours.values())


def diversity(taught: Taught, kinds: int) -> float | None:
    """Simpson's index of the hours by method as a share of the highest that ``kinds`` methods in so many sessions allow.

    0: one method only; 1: as even as can be. None of a class run of a single session, which can hold one method only, or of no hours.
    """
    most, whole = min(kinds, taught.sessions), taught.whole
    if most < 2 or whole <= 0:
        return None
    same = math.fsum((hours / whole) ** 2 for hours in taught.hours.values())
    return min(1.0, max(0.0, (1 - same) / (1 - 1 / most)))


def diversity_of(runs: Sequence[Taught], kinds: int) -> Index:
    """The mean over class runs, each by its hours."""
    mixed = [(share, one) for one in runs if (share := diversity(one, kinds)) is not None]
    return ratio_of(
        [(share * one.whole, one.whole) for share, one in mixed], sum(one.sessions for _share, one in mixed)
    )
