"""Walking a TOML document strictly: every fault with its line, its key and what to do."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from zhixing.engine.policies.faults import Fault, PolicyError, PolicyProblem

HOURS_MAX: Final = Decimal(2**31 - 1) / 10
"""Hours leave the engine as int32 tenths."""

_HEADER: Final = re.compile(r"\s*(\[{1,2})\s*([\w.-]+)\s*\]")
_NAME: Final = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_KEY: Final = re.compile(rf"\s*({_NAME}(?:\.{_NAME})*)\s*=")

Table = dict[str, Any]


def line_numbers(text: str) -> dict[str, int]:
    """Dotted place (``rule[2].minimum[1].share``) → line. Good enough for messages: ``tomllib`` keeps no places."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            prefix = _place(header[2].split("."), counts, is_item=header[1] == "[[")
            lines.setdefault(prefix, number)
        elif key := _KEY.match(line):
            name = re.sub("[\"']", "", key[1])
            lines.setdefault(f"{prefix}.{name}" if prefix else name, number)
    return lines


def _place(names: Sequence[str], counts: dict[str, int], *, is_item: bool) -> str:
    """Where a heading's table stands; each list on the way is at its last item, the list itself gets one more."""
    place = ""
    for depth, name in enumerate(names, start=1):
        place = f"{place}.{name}" if place else name
        if is_item and depth == len(names):
            counts[place] = counts.get(place, 0) + 1
        if place in counts:
            place = f"{place}[{counts[place]}]"
    return place


class Document:
    """Reads values and gathers every fault; a value at fault is read as something harmless on the way."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text.removeprefix("\ufeff"), name
        self.lines = line_numbers(self.text)
        self.problems: list[PolicyProblem] = []

    def refuse(
        self, key: str, fault: Fault, mend: str, value: object = "", line: int | None = None, known: Iterable[str] = ()
    ) -> None:
        place = key
        while line is None and place:
            line = self.lines.get(place, self.lines.get(re.sub(r"\[\d+\]$", "", place)))  # a list may stand on one line
            place = place.rpartition(".")[0]
        self.problems.append(PolicyProblem(self.name, line, key, fault, str(value)[:80], mend, ", ".join(known)))

    def line_of(self, key: str, word: str) -> int | None:
        """The line on or below that of ``key`` on which ``word`` stands in quotes; lists run over many lines."""
        first = self.lines.get(key)
        rest = self.text.splitlines()[first - 1 :] if first else []
        quoted = (f'"{word}"', f"'{word}'")
        return next(
            (number for number, line in enumerate(rest, first or 1) if any(one in line for one in quoted)), first
        )

    def load(self) -> Table:
        """The whole document. Raises ``PolicyError`` for a text that is no TOML."""
        try:
            return tomllib.loads(self.text, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            at = re.search(r"line (\d+)", str(error))
            mend = "mend the TOML syntax at this place"
            self.refuse("document", Fault.NOT_TOML, mend, error, line=int(at[1]) if at else self._left_open())
            raise PolicyError(self.problems) from error

    def _left_open(self) -> int | None:
        """The line that opens what the end of the document finds open: all above it is TOML."""
        lines = self.text.splitlines()
        for above in range(len(lines) - 1, -1, -1):
            try:
                tomllib.loads("\n".join(lines[:above]))
            except (ValueError, RecursionError):
                continue
            return above + 1
        return None

    def table(self, found: object, place: str, keys: Mapping[str, bool]) -> Table:
        """The table's known keys (key → is it required); unknown and missing ones are refused."""
        if not isinstance(found, dict):
            self.refuse(place, Fault.BAD_TYPE, "make it a table", found)
            return {}
        inside = f"{place}." if place else ""
        for key in (key for key in found if key not in keys):
            self.refuse(inside + key, Fault.UNKNOWN_KEY, f"remove it or use one of {', '.join(keys)}")
        for key, required in keys.items():
            if required and key not in found:
                self.refuse(inside + key, Fault.MISSING_KEY, f"add the key {key}")
        return {key: value for key, value in found.items() if key in keys}

    def tables(self, found: object, place: str) -> list[tuple[str, Table]]:
        """(place, table) of a list of tables, numbered from 1; what is no table is refused."""
        heading = "[[" + re.sub(r"\[\d+\]", "", place) + "]]"
        if not isinstance(found, list):
            self.refuse(place, Fault.BAD_TYPE, f"write each under a heading {heading}")
            return []
        numbered = [(f"{place}[{number}]", table) for number, table in enumerate(found, start=1)]
        for where, table in numbered:
            if not isinstance(table, dict):
                self.refuse(where, Fault.BAD_TYPE, f"make it a table under a heading {heading}", table)
        return [(where, table) for where, table in numbered if isinstance(table, dict)]

    def words(self, table: Table, place: str, key: str, *, filled: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.refuse(f"{place}.{key}", Fault.BAD_TYPE, "write a text in quotes", value)
            return ""
        if filled and key in table and not value.strip():
            self.refuse(f"{place}.{key}", Fault.EMPTY, "write a short text")
        return value

    def day(self, table: Table, place: str, key: str) -> dt.date | None:
        """None when it is absent or refused."""
        value = table.get(key)
        if value is not None and type(value) is not dt.date:
            self.refuse(f"{place}.{key}", Fault.BAD_TYPE, "write a date such as 2026-01-01, no quotes", value)
            return None
        return value

    def flag(self, table: Table, place: str, key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.refuse(f"{place}.{key}", Fault.BAD_TYPE, "write true or false, no quotes", value)
            return False
        return value

    def choice(self, table: Table, place: str, key: str, known: Iterable[str]) -> str:
        """The one word under ``key``; empty when it is absent or refused."""
        value, known = table.get(key, ""), [str(word) for word in known]
        if key in table and value not in known:
            fault = Fault.UNKNOWN_VALUE if isinstance(value, str) else Fault.BAD_TYPE
            self.refuse(f"{place}.{key}", fault, f"use one of {', '.join(known)}", value, known=known)
            return ""
        return str(value)

    def choices(
        self,
        table: Table,
        place: str,
        key: str,
        known: Iterable[str] | None = None,
        *,
        may_be_empty: bool = False,
    ) -> list[str]:
        """The list of distinct words under ``key``, each among ``known`` when that is given."""
        value, where = table.get(key, []), f"{place}.{key}"
        if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
            self.refuse(where, Fault.BAD_TYPE, 'write a list of texts, such as ["…", "…"]', value)
            return []
        if key in table and not value and not may_be_empty:
            self.refuse(where, Fault.EMPTY, "name at least one")
        accepted: list[str] = []
        for word in value:
            if word in accepted:
                self.refuse(where, Fault.DUPLICATE, "name it once", word)
            elif known is not None and word not in list(known):
                self.refuse(where, Fault.UNKNOWN_VALUE, f"use one of {', '.join(known)}", word, known=known)
            else:
                accepted.append(word)
        return accepted

    def tenths(self, hours: object, place: str) -> int:
        """Hours (int or Decimal) as whole tenths."""
        exact = self.number(hours, place, 0, HOURS_MAX, "hours")
        if exact.denominator in (1, 2, 5, 10):
            return int(exact * 10)
        self.refuse(place, Fault.NOT_WHOLE_TENTHS, "write hours with at most one decimal", hours)
        return 0

    def whole(self, table: Table, place: str, key: str, least: int, most: int) -> int:
        """A whole number; 0 when it is absent or refused."""
        value = table.get(key, 0)
        if key not in table:
            return 0
        if type(value) is not int:
            self.refuse(f"{place}.{key}", Fault.BAD_TYPE, f"write a whole number from {least} to {most}", value)
            return 0
        return int(self.number(value, f"{place}.{key}", least, most, "a whole number"))

    def wholes(self, table: Table, place: str, key: str, least: int, most: int) -> list[int]:
        """The list of distinct whole numbers under ``key``."""
        value, where = table.get(key, []), f"{place}.{key}"
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            self.refuse(where, Fault.BAD_TYPE, f"write a list of whole numbers from {least} to {most}", value)
            return []
        if key in table and not value:
            self.refuse(where, Fault.EMPTY, "name at least one")
        for one in sorted({one for one in value if value.count(one) > 1}):
            self.refuse(where, Fault.DUPLICATE, "name it once", one)
        return [int(self.number(one, where, least, most, "a whole number")) for one in value]

    def number(self, value: object, place: str, least: int, most: int | Decimal, what: str) -> Fraction:
        """An int or Decimal, exactly; 0 when it is refused."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.refuse(place, Fault.BAD_TYPE, f"write a number of {what}", value)
            return Fraction(0)
        exact = Decimal(value)
        if not (exact.is_finite() and least <= exact <= most):
            self.refuse(place, Fault.OUT_OF_RANGE, f"write {what} from {least} to {most}", value)
            return Fraction(0)
        if exact and exact.adjusted() < -LEAST_DIGIT:  # a fraction of it would fill the memory
            self.refuse(place, Fault.NOT_WHOLE_TENTHS, "write fewer decimals", value)
            return Fraction(0)
        return Fraction(exact)


LEAST_DIGIT: Final = 9
