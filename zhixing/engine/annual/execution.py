"""How far a line has come, told from its class runs: nobody enters it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from zhixing.engine.annual.terms import after_notice, days_of, first_days


class Execution(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    HELD = "held"
    CANCELLED = "cancelled"
    LATE = "late"


DRAFT, OPEN, CALLED, RUNNING, HELD, CANCELLED = "draft", "open", "called", "running", "held", "cancelled"
"""States of a class run."""


@dataclass(frozen=True, slots=True)
class Run:
    """A class run made from the line."""

    state: str
    starts_on: dt.date
    ends_on: dt.date

    def under_way(self, today: dt.date) -> bool:
        """Begun and not settled, even where its days are over."""
        return self.state == RUNNING or (self.state == CALLED and self.starts_on <= today)

    def overdue(self, today: dt.date, last: dt.date) -> bool:
        """It has not begun on its first day, or it was put off beyond the quarter."""
        waits = self.state in (DRAFT, OPEN)
        return (waits and self.starts_on <= today) or (waits | (self.state == CALLED) and self.starts_on > last)


def execution_of(
    *, year: int, term: int, runs: int, days: int, struck: bool, made: Sequence[Run], today: dt.date, notice: int
) -> Execution:
    """``runs`` planned, of which ``made`` exist. Late: one of them is overdue, or one that is missing can no longer be told in time."""
    alive = [run for run in made if run.state != CANCELLED]
    if struck or (made and not alive):
        return Execution.CANCELLED
    held = sum(run.state == HELD for run in alive)
    missing = max(0, runs - len(made))
    if held and held == len(alive) and not missing:
        return Execution.HELD
    last = days_of(year, term)[1]
    if any(run.overdue(today, last) for run in alive) or (missing and _too_late(year, term, days, today, notice)):
        return Execution.LATE
    return Execution.RUNNING if held or any(run.under_way(today) for run in alive) else Execution.PLANNED


def _too_late(year: int, term: int, days: int, today: dt.date, notice: int) -> bool:
    return not first_days(year, term, days=days, runs=1, not_before=after_notice(today, notice))
