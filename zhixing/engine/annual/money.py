"""Whether a sum looks as if it were typed in another unit than yuan."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

LEAST_PER_DAY, MOST_PER_DAY = 1_000, 500_000
"""Cents per person-day between which a class in a house costs something believable: 10 to 5,000 yuan."""
LEAST_PER_RUN: Final = 10_000
"""Cents of a run below which it is more likely that 10,000 yuan were meant: 100 yuan."""
LEAST_PER_YEAR: Final = 1_000_000
"""Cents of a year's plan below which it is more likely that 10,000 yuan were meant: 10,000 yuan."""


class Doubt(StrEnum):
    """What was probably typed instead of yuan."""

    WAN = "wan"
    CENTS = "cents"


def doubt_of_line(cents: int, people: int, days: int) -> Doubt | None:
    """Of the money of a line for so many people on so many days; nothing is no doubt."""
    if not cents or people < 1 or days < 1:
        return None
    per_day = cents / (people * days)
    if per_day < LEAST_PER_DAY:
        return Doubt.WAN
    return Doubt.CENTS if per_day > MOST_PER_DAY else None


def doubt_of_day(cents: int) -> Doubt | None:
    """Of what one person costs on one day."""
    return doubt_of_line(cents, 1, 1)


def doubt_of_run(cents: int) -> Doubt | None:
    """Of what a run costs whatever its size, as for its teachers."""
    return Doubt.WAN if 0 < cents < LEAST_PER_RUN else None


def doubt_of_year(cents: int) -> Doubt | None:
    return Doubt.WAN if 0 < cents < LEAST_PER_YEAR else None
