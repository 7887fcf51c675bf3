"""Dates in every shape officers type them; the precision that was written is kept."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from zhixing.engine.sheets.cells import Number, clean
from zhixing.engine.sheets.faults import Fault

YEARS = range(1900, 2101)
_EXCEL_EPOCH = dt.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, or a month when ``day`` is None (出生年月)."""

    year: int
    month: int
    day: int | None = None

    @classmethod
    def of(cls, day: dt.date) -> Self:
        return cls(day.year, day.month, day.day)

    @property
    def first(self) -> dt.date:
        """The day, or the first of the month."""
        return dt.date(self.year, self.month, self.day or 1)

    @property
    def last(self) -> dt.date:
        """The day, or the last of the month."""
        return dt.date(self.year, self.month, self.day or calendar.monthrange(self.year, self.month)[1])

    @property
    def is_month(self) -> bool:
        """Spreadsheets turn a typed month into its first day, so a first day may be no more than a month."""
        return self.day is None or self.day == 1

    def agrees(self, other: PartialDate) -> bool:
        """Whether both can be the same day: equal, or equal months when one of them may be only a month."""
        if (self.year, self.month) != (other.year, other.month):
            return False
        return self.day == other.day or self.is_month or other.is_month

    def is_before(self, other: PartialDate) -> bool:
        """Whether even the last day this can be comes before the first day ``other`` can be."""
        return (self.year, self.month, self.day or 31) < (other.year, other.month, other.day or 1)

    def __str__(self) -> str:
        """ISO: ``1985-07`` or ``1985-07-12``."""
        month = f"{self.year:04d}-{self.month:02d}"
        return month if self.day is None else f"{month}-{self.day:02d}"


_TIME_OF_DAY = re.compile(r"(?<=\d)[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_SEPARATED = re.compile(r"(\d{4})[-./·。年](\d{1,2})(?:月?|[-./·。月](\d{1,2})日?)")
_RUN = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_UNCLEAR = re.compile(
    r"\d{4}年?|\d{1,2}[-./年]\d{1,2}(?:[-./月]\d{0,4}日?)?|\d{1,2}月\d{1,2}日|\d{2}年\d{1,2}月?(?:\d{1,2}日)?"
)
_SHORT_RUN = re.compile(r"\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_ZERO_LOST = re.compile(r"\d{4}\.1")


def read_date(text: str) -> PartialDate | Fault:
    """Read one cell: ``1985.07``, ``1985年7月``, ``198507``, ``19850712``, ``1985/7/1``, a spreadsheet serial …

    A two-digit year, a bare year, a year at the end, and a number cell ``1985.1`` (January, or October with its zero lost)
    are ambiguous and not guessed.
    """
    return _read_number(text) if isinstance(text, Number) else _read(text)


def _read_number(text: str) -> PartialDate | Fault:
    return Fault.DATE_AMBIGUOUS if _ZERO_LOST.fullmatch(text) else _read(str(text))


@lru_cache(maxsize=1 << 16)
def _read(text: str) -> PartialDate | Fault:
    plain = unicodedata.normalize("NFKC", clean(text))
    plain = _TIME_OF_DAY.sub("", plain).replace(" ", "").replace("号", "日").replace("–", "-").replace("—", "-")
    if _SHORT_RUN.fullmatch(plain) and int(plain[:4]) not in YEARS:
        return Fault.DATE_AMBIGUOUS
    if serial := _SERIAL.fullmatch(plain):
        return _checked(PartialDate.of(_EXCEL_EPOCH + dt.timedelta(days=int(serial[1]))))
    if shape := _SEPARATED.fullmatch(plain) or _RUN.fullmatch(plain):
        year, month, day = shape.groups()
        return _checked(PartialDate(int(year), int(month), None if day is None else int(day)))
    return Fault.DATE_AMBIGUOUS if _UNCLEAR.fullmatch(plain) else Fault.DATE_UNREADABLE


def _checked(date: PartialDate) -> PartialDate | Fault:
    if date.year not in YEARS or not 1 <= date.month <= 12:
        return Fault.DATE_IMPOSSIBLE
    days = calendar.monthrange(date.year, date.month)[1]
    return date if date.day is None or 1 <= date.day <= days else Fault.DATE_IMPOSSIBLE
