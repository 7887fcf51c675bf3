"""The figures that the system itself has of an object, for indicators that need no judge. All are percents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from zhixing.engine.indicators.definition import Object


class Fact(StrEnum):
    """What a figure tells; of what it is a part stands beside it."""

    ATTENDANCE = "attendance"  # hours present, of the hours of all who were called and came under the register
    COMPLETION = "completion"  # people who completed, of those who were to
    SEATS_FILLED = "seats_filled"  # people called, of the seats
    REGISTERS = "registers"  # registers closed, of the sessions that are over
    INTERACTIVE = "interactive"  # hours by other methods than the lecture, of all hours
    LEADERS = "leaders"  # hours by leading cadres, of all hours that have a teacher
    THEORY = "theory"  # hours of class runs about theory, of all
    PARTY_SPIRIT = "party_spirit"  # hours of class runs about party spirit, of all
    RESPONSE = "response"  # sheets, of those who were asked
    SATISFACTION = "satisfaction"  # mean score of the sheets, rater groups weighed by the scheme

    @property
    def is_asked(self) -> bool:
        """Whether it comes from answers that people gave, and not from what the system counts."""
        return self in (Fact.RESPONSE, Fact.SATISFACTION)

    @property
    def counts_people(self) -> bool:
        """Whether its ``n`` are people, of whom few may not be told of."""
        return self.is_asked or self is Fact.COMPLETION


OF_MANY: Final = frozenset({Fact.THEORY, Fact.PARTY_SPIRIT})
"""Figures that only a number of class runs together has."""
FACTS: Final = frozenset(map(str, Fact))


def facts_of(of: Object) -> frozenset[Fact]:
    """The figures that there are of such an object: others are not in the system yet."""
    if of is Object.INSTITUTION:
        return frozenset(Fact)
    return frozenset(Fact) - OF_MANY if of is Object.CLASS_RUN else frozenset()


@dataclass(frozen=True, slots=True)
class Figure:
    """``percent`` from ``n`` of whatever it counts; ``half``: half the width of its 95 % interval, 0 for what is counted and not sampled."""

    percent: Fraction
    n: int
    half: float | None = 0.0


def percent_of(part: int, whole: int) -> Figure | None:
    """None of nothing."""
    return Figure(Fraction(100 * part, whole), whole) if whole else None


def weighed(figures: Mapping[str, Figure], weights: Mapping[str, int]) -> Figure | None:
    """The mean of independent figures by weight; those who are not there are left out, and the weights of the rest scaled up."""
    known = {key: weights[key] for key in figures if weights.get(key)}
    total = sum(known.values())
    if not total:
        return None
    percent = sum((figures[key].percent * weight for key, weight in known.items()), Fraction()) / total
    halves = {key: figures[key].half for key in known}
    sure = {key: half for key, half in halves.items() if half is not None}
    half = (
        sum((half * known[key] / total) ** 2 for key, half in sure.items()) ** 0.5 if len(sure) == len(known) else None
    )
    return Figure(percent, sum(figures[key].n for key in known), half)
