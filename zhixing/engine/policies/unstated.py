"""What a table of recognition says of a training from a sheet: of one whose hours are not stated, and of one that crosses New Year.

A sheet names the channel and the days, not the kind. So only what every kind that may be meant agrees on is taken; where kinds differ, a
person states the hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from zhixing.engine.policies.recognition import Measure, Recognition, Training, recognise, split_by_year

_OF_DAYS = (Measure.DAYS, Measure.SESSIONS)
_OF_TIME = (Measure.DAYS, Measure.HOURS, Measure.MINUTES)
Share = tuple[dt.date, int]
"""Last day in the year, tenths of hours."""


@dataclass(frozen=True, slots=True)
class Found:
    """``tenths`` of hours by the kinds called ``titles``, for so many ``days``; ``shares`` of the years that got some."""

    tenths: int
    titles: str
    days: Fraction
    shares: tuple[Share, ...]


def working_days(began_on: dt.date, ended_on: dt.date) -> int:
    """Days from Monday to Friday, both ends included, at least one; holidays are not known here."""
    days = (ended_on - began_on).days + 1
    return max(1, sum((began_on + dt.timedelta(days=n)).weekday() < 5 for n in range(days)))


def value_of_day(table: Iterable[Recognition], channel: str) -> Fraction | None:
    """Hours of a day in ``channel``, exactly; None where no kind says, or kinds differ."""
    values = {one.value for one in table if one.channel == channel and one.measure == Measure.DAYS and one.value}
    return values.pop() if len(values) == 1 else None


def found_by_days(
    table: Iterable[Recognition], channel: str, began_on: dt.date, ended_on: dt.date, days: Fraction | None = None
) -> Found | None:
    """Hours of a training from its ``days`` (default: the working days between), a half one included, or of one meeting a day.

    None where no kind of ``channel`` goes by days or meetings, where kinds differ, where one is limited by the year (what else was earned
    in it is not known here), or where nothing is earned.
    """
    kinds = [one for one in table if one.channel == channel and one.measure in _OF_DAYS]
    counted = Fraction(working_days(began_on, ended_on)) if days is None else days
    answers = {_shares(kind, began_on, ended_on, counted) for kind in kinds}
    if len(answers) != 1 or any(kind.most_a_year is not None for kind in kinds):
        return None
    shares = answers.pop()
    tenths = sum(share for _day, share in shares)
    return Found(tenths, "、".join(kind.title for kind in kinds), counted, shares) if tenths else None


def _shares(kind: Recognition, began_on: dt.date, ended_on: dt.date, days: Fraction) -> tuple[Share, ...]:
    whole = int(days)
    training = Training(
        kind=kind.code,
        began_on=began_on,
        ended_on=ended_on,
        days=whole,
        half_days=int(days - whole >= Fraction(1, 2)),
        sessions=whole,
    )
    return tuple((one.earned_on, one.tenths) for one in recognise([kind], [training]) if one.tenths)


def shares_of_stated(
    table: Iterable[Recognition], channel: str, began_on: dt.date, ended_on: dt.date, tenths: int
) -> tuple[Share, ...]:
    """Stated hours, by year where every kind of ``channel`` that goes by time is split by day; else all on the last day, with no table too."""
    kinds = [one for one in table if one.channel == channel and one.measure in _OF_TIME]
    if not tenths or not kinds or not all(one.split_years for one in kinds):
        return ((ended_on, tenths),)
    return tuple(share for share in split_by_year(began_on, ended_on, tenths) if share[1])
