"""When two trainings of one person meet, in days and in theme. Days are numbers or dates; intervals hold both ends."""

from __future__ import annotations

import datetime as dt
from typing import Final

from zhixing.engine.sheets.cells import bare

THEME_DAYS: Final = 365
"""The same theme again within so many days is a repetition."""


def share_a_day(first: dt.date, last: dt.date, other_first: dt.date, other_last: dt.date) -> bool:
    """Whether two intervals meet: at one end, one within the other, or one around the other."""
    return first <= other_last and other_first <= last


def days_apart(first: dt.date, last: dt.date, other_first: dt.date, other_last: dt.date) -> int:
    """From the end of the earlier to the beginning of the later; 0 when they share a day."""
    return max(0, (other_first - last).days, (first - other_last).days)


def same_theme(one: str, other: str) -> bool:
    """Whether two themes are written alike, spaces, width and case aside; a theme that is not stated is like none."""
    return bool(one) and bare(one) == bare(other)
