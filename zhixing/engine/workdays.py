"""Which days are worked (工作日): Monday to Friday but for public holidays, and the weekend days that are worked instead (调休).

Each year is a dated fact with its source; a year of which nothing is stated has its weekends only, and ``unknown`` tells so."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

ONE_DAY: Final = dt.timedelta(days=1)
SATURDAY: Final = 5
LONGEST: Final = 15
"""Days of one holiday; more is a slip of the pen."""
NEAR: Final = 31
"""So many days beside its year a day may lie: the first of January is bridged from December."""


@dataclass(frozen=True, slots=True)
class Workdays:
    """``off``: days off, weekends among them or not; ``worked``: weekend days that are worked; ``years``: those that are stated."""

    years: frozenset[int] = frozenset()
    off: frozenset[dt.date] = frozenset()
    worked: frozenset[dt.date] = frozenset()

    def is_working(self, day: dt.date) -> bool:
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)

    def between(self, first: dt.date, last: dt.date) -> list[dt.date]:
        """The working days of a span, both ends included."""
        return [day for day in days_between(first, last) if self.is_working(day)]

    def unknown(self, first: dt.date, last: dt.date) -> list[int]:
        """The years of a span of which nothing is stated."""
        return [year for year in range(first.year, last.year + 1) if year not in self.years]


WEEKENDS: Final = Workdays()
"""Nothing is known but weekends."""


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first += ONE_DAY


class Fault(StrEnum):
    """What can be wrong with the text. Stable codes."""

    NOT_TOML = "not_toml"
    BAD_YEAR = "bad_year"
    NO_SOURCE = "no_source"
    NO_HOLIDAYS = "no_holidays"
    UNKNOWN_KEY = "unknown_key"
    NO_NAME = "no_name"
    BAD_SPAN = "bad_span"
    BAD_DATE = "bad_date"
    OTHER_YEAR = "other_year"
    NO_WEEKEND = "no_weekend"
    OFF_AND_WORKED = "off_and_worked"


@dataclass(frozen=True, slots=True)
class WorkdaysFault:
    """``where``: the year and the number of the holiday, such as ``2026.holidays.2``."""

    where: str
    fault: Fault
    value: str = ""


class WorkdaysError(ValueError):
    def __init__(self, faults: list[WorkdaysFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{one.where}: {one.fault}" for one in faults))


def parse(text: str) -> Workdays:
    """The days of a TOML text with one table for each year. Raises ``WorkdaysError`` with every fault."""
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise WorkdaysError([WorkdaysFault("", Fault.NOT_TOML, str(error)[:80])]) from error
    reader = _Reader()
    for name, table in document.items():
        reader.year(name, table)
    for day in sorted(reader.off & reader.worked):
        reader.refuse(str(day.year), Fault.OFF_AND_WORKED, day)
    if reader.faults:
        raise WorkdaysError(reader.faults)
    return Workdays(frozenset(reader.years), frozenset(reader.off), frozenset(reader.worked))


class _Reader:
    def __init__(self) -> None:
        self.faults: list[WorkdaysFault] = []
        self.years: set[int] = set()
        self.off: set[dt.date] = set()
        self.worked: set[dt.date] = set()

    def refuse(self, where: str, fault: Fault, value: object = "") -> None:
        self.faults.append(WorkdaysFault(where, fault, str(value)[:60]))

    def year(self, name: str, table: Any) -> None:
        if not (name.isascii() and name.isdigit() and 1990 <= int(name) <= 2999 and isinstance(table, dict)):
            self.refuse(name, Fault.BAD_YEAR, name)
            return
        self._keys(name, table, {"source", "holidays"})
        if not str(table.get("source", "")).strip():
            self.refuse(name, Fault.NO_SOURCE)
        rows = table.get("holidays")
        if not isinstance(rows, list) or not rows:
            self.refuse(name, Fault.NO_HOLIDAYS)
            return
        self.years.add(int(name))
        for number, row in enumerate(rows, start=1):
            self._holiday(int(name), f"{name}.holidays.{number}", row)

    def _holiday(self, year: int, where: str, row: Any) -> None:
        if not isinstance(row, dict):
            self.refuse(where, Fault.BAD_SPAN, row)
            return
        self._keys(where, row, {"name", "off", "worked"})
        if not str(row.get("name", "")).strip():
            self.refuse(where, Fault.NO_NAME)
        span = self._dates(year, where, row.get("off"))
        if len(span) != 2 or not 0 <= (span[1] - span[0]).days < LONGEST:
            self.refuse(where, Fault.BAD_SPAN, row.get("off", ""))
        else:
            self.off |= set(days_between(*span))
        for day in self._dates(year, where, row.get("worked", [])):
            if day.weekday() < SATURDAY:
                self.refuse(where, Fault.NO_WEEKEND, day)
            self.worked.add(day)

    def _dates(self, year: int, where: str, found: Any) -> list[dt.date]:
        days = []
        for one in found if isinstance(found, list) else [found]:
            if type(one) is not dt.date:
                self.refuse(where, Fault.BAD_DATE, one)
            elif not dt.date(year, 1, 1) - NEAR * ONE_DAY <= one <= dt.date(year, 12, 31) + NEAR * ONE_DAY:
                self.refuse(where, Fault.OTHER_YEAR, one)
            else:
                days.append(one)
        return days

    def _keys(self, where: str, table: dict[str, Any], known: set[str]) -> None:
        for key in table.keys() - known:
            self.refuse(f"{where}.{key}", Fault.UNKNOWN_KEY, key)
