"""How long a training lasted, in calendar months and days."""

from __future__ import annotations

import calendar
import datetime as dt


def span(first: dt.date, last: dt.date) -> tuple[int, int]:
    """Whole months from ``first`` to ``last``, both included, and the days beyond them."""
    end = last + dt.timedelta(days=1)
    months = (end.year - first.year) * 12 + end.month - first.month
    if _months_later(first, months) > end:
        months -= 1
    return months, (end - _months_later(first, months)).days


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or its last day where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))
