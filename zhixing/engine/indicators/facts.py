"""The figures that the system itself has of an object, for indicators that need no judge. Most are percents; ``Fact.unit`` says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from zhixing.engine.indicators.definition import Object


class Unit(StrEnum):
    """What a figure is counted in."""

    PERCENT = "percent"
    YUAN = "yuan"  # for each person-day
    POINTS = "points"  # of 100


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
    POLITICAL = "political"  # hours of class runs of political training, of all
    ABILITY = "ability"  # hours of class runs about ability, of all
    CASES = "cases"  # hours of case analysis and simulation, of all
    ON_SITE = "on_site"  # hours of on-site teaching and front-line research, of all
    EXPERTS = "experts"  # hours by experts and professors, of all hours that have a teacher
    COST = "cost"  # yuan spent for each day that a person was there
    GAIN = "gain"  # points of 100 gained from the test before to the test after, beyond chance
    RESPONSE = "response"  # sheets, of those who were asked
    SATISFACTION = "satisfaction"  # mean score of the sheets, rater groups weighed by the scheme

    @property
    def unit(self) -> Unit:
        return {Fact.COST: Unit.YUAN, Fact.GAIN: Unit.POINTS}.get(self, Unit.PERCENT)

    @property
    def is_asked(self) -> bool:
        """Whether it comes from answers that people gave, and not from what the system counts."""
        return self in (Fact.RESPONSE, Fact.SATISFACTION)

    @property
    def counts_people(self) -> bool:
        """Whether its ``n`` are people, of whom few may not be told of."""
        return self.is_asked or self in (Fact.COMPLETION, Fact.GAIN)


OF_MANY: Final = frozenset({Fact.THEORY, Fact.PARTY_SPIRIT, Fact.POLITICAL, Fact.ABILITY})
"""Figures that only a number of class runs together has."""
OF_SESSIONS: Final = frozenset(
    {
        Fact.ATTENDANCE,
        Fact.REGISTERS,
        Fact.INTERACTIVE,
        Fact.LEADERS,
        Fact.CASES,
        Fact.ON_SITE,
        Fact.EXPERTS,
        Fact.RESPONSE,
        Fact.SATISFACTION,
    }
)
"""Figures that single sessions have: those of a course."""
FACTS: Final = frozenset(map(str, Fact))


def facts_of(of: Object) -> frozenset[Fact]:
    """The figures that there are of such an object: of a textbook none, the system does not know where it was used."""
    known = {Object.INSTITUTION: frozenset(Fact), Object.COURSE: OF_SESSIONS, Object.TEXTBOOK: frozenset[Fact]()}
    return known.get(of, frozenset(Fact) - OF_MANY)


@dataclass(frozen=True, slots=True)
class Figure:
    """``percent`` (or what ``Fact.unit`` says) from ``n`` of whatever it counts; ``half``: half the width of its 95 % interval, 0 for what is counted and
    not sampled."""

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
