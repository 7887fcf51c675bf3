"""Windows (期限): the days within which a rule's hours are owed. A new kind: one function and one ``WindowKind``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from zhixing.engine.policies import Rule, WindowKind

ONE_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The days from ``opens`` to ``closes``, both included."""

    opens: dt.date
    closes: dt.date

    @property
    def days(self) -> int:
        return (self.closes - self.opens).days + 1


def years_later(day: dt.date, years: int) -> dt.date:
    """The same day of another year; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def calendar_year(rule: Rule, on: dt.date) -> Window:
    return Window(dt.date(on.year, 1, 1), dt.date(on.year, 12, 31))


def five_years(rule: Rule, on: dt.date) -> Window:
    """The block of five calendar years that holds ``on``, counted from the rule's ``block_start``, also backwards."""
    if rule.block_start is None:
        raise ValueError(f"rule {rule.code} counts blocks of five years but has no block_start")
    first = on.year - (on.year - rule.block_start) % 5
    return Window(dt.date(first, 1, 1), dt.date(first + 4, 12, 31))


def rolling_five_years(rule: Rule, on: dt.date) -> Window:
    return Window(years_later(on, -5) + ONE_DAY, on)


def from_beginning(rule: Rule, began_on: dt.date) -> Window:
    """The rule's own number of days from the day of promotion, joining or appointment; it may open some days before.

    A rule after promotion that names no number runs for one year, which a leap day makes longer.
    """
    opens = began_on - rule.before_days * ONE_DAY
    if rule.window == WindowKind.AFTER_PROMOTION and not rule.window_days:
        return Window(opens, years_later(began_on, 1) - ONE_DAY)
    return Window(opens, began_on + (rule.window_days - 1) * ONE_DAY)


OF_THE_DAY: Final[Mapping[WindowKind, Callable[[Rule, dt.date], Window]]] = {
    WindowKind.YEAR: calendar_year,
    WindowKind.FIVE_YEARS: five_years,
    WindowKind.ROLLING_FIVE_YEARS: rolling_five_years,
}
"""The kinds that are the same for everyone on a day; the others hang on a day in the person's service."""


def window(rule: Rule, on: dt.date, began_on: dt.date | None) -> Window | None:
    """The rule's window on ``on`` for someone whose own day is ``began_on``; None where the rule asks nothing."""
    if of_the_day := OF_THE_DAY.get(rule.window):
        return of_the_day(rule, on)
    if began_on is None or (rule.since is not None and began_on < rule.since):
        return None
    return from_beginning(rule, began_on)


def window_before(rule: Rule, held: Window) -> Window:
    """The window that closes on the day before ``held`` opens; for kinds that are the same for everyone."""
    return OF_THE_DAY[rule.window](rule, held.opens - ONE_DAY)
