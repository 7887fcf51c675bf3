"""The values of a document of a plan, read strictly: nothing is guessed, and every fault is told at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from zhixing.engine.plan.faults import Fault, PlanFault

TEXT_MAX: Final = 200
COUNT_MAX: Final = 10_000_000
MONEY_MAX: Final = 10**12
"""Ten thousand million yuan: no plan of a province comes near it."""
DAY_RATE_MAX: Final = 1_000_000
DAY_RATE_LEAST: Final = 1_000
"""Ten yuan: whatever a person-day costs less than that was written in yuan."""
Word = TypeVar("Word", bound=StrEnum)
Table = dict[str, Any]


class Values:
    """A value at fault is noted and read as something harmless on the way."""

    def __init__(self) -> None:
        self.faults: list[PlanFault] = []

    def refuse(self, place: str, fault: Fault, value: object = "", known: Iterable[object] = ()) -> None:
        self.faults.append(PlanFault(place, fault, str(value)[:80], ", ".join(map(str, known))[:200]))

    def table(self, found: object, place: str, keys: Mapping[str, bool]) -> Table:
        """The known keys (key → is it required); unknown and missing ones are refused."""
        if not isinstance(found, dict):
            self.refuse(place or "problem", Fault.BAD_TYPE, type(found).__name__)
            return {}
        inside = f"{place}." if place else ""
        for key in found:
            if key not in keys:
                self.refuse(f"{inside}{key}", Fault.UNKNOWN_KEY, key, keys)
        for key, required in keys.items():
            if required and key not in found:
                self.refuse(f"{inside}{key}", Fault.MISSING_KEY, key)
        return {key: value for key, value in found.items() if key in keys}

    def rows(self, table: Table, place: str, keys: Mapping[str, bool], within: str = "") -> Iterator[tuple[str, Table]]:
        """The tables of a list, numbered from 1; a missing list is empty."""
        where = f"{within}.{place}" if within else place
        found = table.get(place, [])
        if not isinstance(found, list):
            self.refuse(where, Fault.BAD_TYPE, type(found).__name__)
            return
        for number, row in enumerate(found, start=1):
            yield f"{where}[{number}]", self.table(row, f"{where}[{number}]", keys)

    def text(self, table: Table, place: str, key: str, *, filled: bool = True) -> str:
        value, where = table.get(key, ""), f"{place}.{key}"
        if not isinstance(value, str) or len(value) > TEXT_MAX:
            self.refuse(where, Fault.BAD_TYPE if not isinstance(value, str) else Fault.OUT_OF_RANGE, value)
            return ""
        if filled and key in table and not value.strip():
            self.refuse(where, Fault.EMPTY)
        return value.strip()

    def whole(self, table: Table, place: str, key: str, least: int = 0, most: int = COUNT_MAX, absent: int = 0) -> int:
        return self.number(table[key], f"{place}.{key}", least, most) if key in table else absent

    def number(self, value: object, where: str, least: int, most: int) -> int:
        if type(value) is not int:
            self.refuse(where, Fault.BAD_TYPE, value, [f"{least}–{most}"])
            return least
        if not least <= value <= most:
            self.refuse(where, Fault.OUT_OF_RANGE, value, [f"{least}–{most}"])
            return least
        return value

    def money(self, table: Table, place: str, key: str, most: int = MONEY_MAX, *, per_day: bool = False) -> int:
        """Whole cents; what looks like yuan is refused, too."""
        if key not in table:
            return 0
        value, where = table[key], f"{place}.{key}" if place else key
        if type(value) is float:
            self.refuse(where, Fault.MONEY_DECIMAL, value)
        elif type(value) is not int:
            self.refuse(where, Fault.BAD_TYPE, value)
        elif value < 0:
            self.refuse(where, Fault.MONEY_NEGATIVE, value)
        elif value > most:
            self.refuse(where, Fault.MONEY_ABSURD, value)
        elif per_day and 0 < value < DAY_RATE_LEAST:
            self.refuse(where, Fault.MONEY_IN_YUAN, value)
        else:
            return value
        return 0

    def day(self, table: Table, place: str, key: str) -> dt.date:
        value, where = table.get(key), f"{place}.{key}" if place else key
        try:
            return dt.date.fromisoformat(value) if isinstance(value, str) else _day(value)
        except ValueError:
            if key in table:
                self.refuse(where, Fault.BAD_DATE, value)
            return dt.date(2000, 1, 1)

    def word(self, value: object, where: str, known: type[Word], absent: Word) -> Word:
        try:
            return known(str(value))
        except ValueError:
            self.refuse(where, Fault.UNKNOWN_VALUE, value, known)
            return absent

    def words(self, table: Table, place: str, key: str) -> list[str]:
        """A list of distinct texts."""
        value, where = table.get(key, []), f"{place}.{key}"
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.refuse(where, Fault.BAD_TYPE, value)
            return []
        for one in sorted({one for one in value if value.count(one) > 1}):
            self.refuse(where, Fault.DUPLICATE, one)
        return list(dict.fromkeys(value))

    def flag(self, table: Table, place: str, key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.refuse(f"{place}.{key}", Fault.BAD_TYPE, value)
        return value is True

    def amounts(self, table: Table, place: str, key: str, most: int = COUNT_MAX, least: int = 0) -> dict[str, int]:
        """Word → whole number."""
        value, where = table.get(key, {}), f"{place}.{key}"
        if not isinstance(value, dict):
            self.refuse(where, Fault.BAD_TYPE, value)
            return {}
        return {name: self.number(one, f"{where}.{name}", least, most) for name, one in value.items()}

    def known(self, value: str, where: str, keys: Collection[str]) -> str:
        if value not in keys:
            self.refuse(where, Fault.UNKNOWN_REFERENCE, value, sorted(keys)[:8])
        return value

    def apart(self, rows: Iterable[tuple[str, str]]) -> None:
        """(place, key) of rows whose keys must differ."""
        seen: set[str] = set()
        for place, key in rows:
            if key and key in seen:
                self.refuse(place, Fault.DUPLICATE, key)
            seen.add(key)


def _day(value: object) -> dt.date:
    """TOML knows dates."""
    if type(value) is dt.date:
        return value
    raise ValueError(value)
