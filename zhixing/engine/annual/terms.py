"""Quarters of a year, and the days on which the runs of a line can begin."""

from __future__ import annotations

import datetime as dt
from typing import Final

from zhixing.engine.workdays import WEEKENDS, Workdays

QUARTERS: Final = (1, 2, 3, 4)
ONE_DAY: Final = dt.timedelta(days=1)
WEEK: Final = 7


def term_of(day: dt.date) -> int:
    """The quarter of a day, 1–4."""
    return (day.month + 2) // 3


def days_of(year: int, term: int) -> tuple[dt.date, dt.date]:
    """First and last day of a quarter."""
    first = dt.date(year, 3 * term - 2, 1)
    after = dt.date(year + term // 4, 3 * term % 12 + 1, 1)
    return first, after - ONE_DAY


def after_notice(told_on: dt.date, notice: int, workdays: Workdays = WEEKENDS) -> dt.date:
    """The first day with ``notice`` whole working days between being told and it."""
    day = told_on
    while notice:
        day += ONE_DAY
        notice -= workdays.is_working(day)
    return day + ONE_DAY


def first_days(
    year: int, term: int, *, days: int, runs: int, not_before: dt.date, workdays: Workdays = WEEKENDS
) -> list[dt.date]:
    """Days on which ``runs`` runs of ``days`` calendar days may begin, spread over what is left of the quarter, Mondays where there are any.

    Each run ends within the quarter, unless it is longer than the quarter: then it begins in it. Empty where no day is left.
    """
    first, last = days_of(year, term)
    begin, latest = max(first, not_before), max(first, last - (days - 1) * ONE_DAY)
    working = workdays.between(begin, latest)
    fit = [day for day in working if day.weekday() == 0] or working
    return [fit[min(len(fit) - 1, (2 * n + 1) * len(fit) // (2 * runs))] for n in range(runs)] if fit else []
