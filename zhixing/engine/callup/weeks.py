"""ISO weeks as numbers: counted since the week of 1969-12-29, as days are since 1970-01-01."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

DAYS_TO_MONDAY: Final = 3
"""1970-01-01 was a Thursday: (day + 3) // 7 counts ISO weeks."""
EPOCH: Final = dt.date(1970, 1, 1)
Number = TypeVar("Number", int, npt.NDArray[np.int64])


def week_of(day: Number) -> Number:
    """The week of a day, or of each day."""
    return (day + DAYS_TO_MONDAY) // 7


def monday_of(week: int) -> dt.date:
    """The first day of a week."""
    return EPOCH + dt.timedelta(days=7 * week - DAYS_TO_MONDAY)


def mondays(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The Monday of each ISO week that the days touch."""
    monday = first - dt.timedelta(days=first.weekday())
    while monday <= last:
        yield monday
        monday += dt.timedelta(days=7)


def whole_weeks(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The first Monday and the last Sunday of the ISO weeks that the days touch."""
    return first - dt.timedelta(days=first.weekday()), last + dt.timedelta(days=6 - last.weekday())
