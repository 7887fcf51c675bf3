"""A number with how sure it is, and what may be said of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from scipy import special

COVERAGE = 0.95
POWER = 0.8
FREEDOM_FEWEST = 5.0
"""Degrees of freedom below which nothing is said: five people, or five groups of people that were drawn together."""


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    NO_EVIDENCE = "no_evidence"
    TOO_FEW = "too_few"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Estimate:
    """``value`` with its standard ``error``; ``freedom`` are the degrees of freedom of the t distribution behind the 95 % interval."""

    value: float
    error: float
    freedom: float

    def half(self, coverage: float = COVERAGE) -> float:
        """Half the width of an interval."""
        return float(special.stdtrit(max(self.freedom, 1e-3), 0.5 + coverage / 2.0)) * self.error

    @property
    def lower(self) -> float:
        return self.value - self.half()

    @property
    def upper(self) -> float:
        return self.value + self.half()

    @property
    def p(self) -> float:
        """How often chance alone would lead as far from 0, both ways; 1 where there is nothing to tell."""
        if not self.error:
            return 0.0 if self.value else 1.0
        return float(2.0 * special.stdtr(max(self.freedom, 1e-3), -abs(self.value) / self.error))

    @property
    def unseen(self) -> float:
        """The effect that a measurement like this one sees in four of five cases: a smaller one may be there and not show."""
        freedom = max(self.freedom, 1e-3)
        return float(special.stdtrit(freedom, 0.5 + COVERAGE / 2.0) + special.stdtrit(freedom, POWER)) * self.error


def judge(estimates: Iterable[Estimate], less_is_better: bool = False) -> Verdict:
    """What may be said when several readings of one effect must agree: the interval of each lies wholly on one side of 0."""
    readings = list(estimates)
    if any(one.freedom < FREEDOM_FEWEST for one in readings):
        return Verdict.TOO_FEW
    up, down = all(one.lower > 0.0 for one in readings), all(one.upper < 0.0 for one in readings)
    if not (up or down):
        return Verdict.NO_EVIDENCE
    return Verdict.BETTER if up != less_is_better else Verdict.WORSE
