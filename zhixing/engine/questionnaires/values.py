"""The values of a document, read strictly: nothing is guessed, and every fault is told at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from zhixing.engine.questionnaires.faults import DefinitionFault, Fault

CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,19}")
"""No dot and no ``@``: names of fields are made of codes with these."""
WORD_MAX: Final = 60
Word = TypeVar("Word", bound=StrEnum)
Table = dict[str, Any]


class Values:
    """A value at fault is noted and read as something harmless on the way."""

    def __init__(self) -> None:
        self.faults: list[DefinitionFault] = []
        self.codes: set[str] = set()

    def refuse(self, place: str, fault: Fault, value: object = "") -> None:
        self.faults.append(DefinitionFault(place, fault, str(value)[:80]))

    def code(self, item: Table, place: str) -> str:
        code = self.text(item, place, "code", 40)
        if code and not CODE.fullmatch(code):
            self.refuse(f"{place}.code", Fault.CODE_MALFORMED, code)
        elif code in self.codes:
            self.refuse(f"{place}.code", Fault.CODE_TWICE, code)
        self.codes.add(code)
        return code

    def table(self, found: object, place: str, keys: Mapping[str, bool], *, strict: bool = True) -> Table:
        """The known keys; unknown ones are refused unless it is not told which are known, missing ones always."""
        if not isinstance(found, dict):
            self.refuse(place or "form", Fault.BAD_TYPE, type(found).__name__)
            return {}
        inside = f"{place}." if place else ""
        for key in found if strict else ():
            if key not in keys:
                self.refuse(f"{inside}{key}", Fault.UNKNOWN_KEY, key)
        for key, required in keys.items():
            if required and key not in found:
                self.refuse(f"{inside}{key}", Fault.MISSING_KEY, key)
        return {key: value for key, value in found.items() if key in keys}

    def tables(self, found: object, place: str) -> Iterable[tuple[str, Table]]:
        if not isinstance(found, list):
            self.refuse(place, Fault.BAD_TYPE, type(found).__name__)
            return
        for number, row in enumerate(found, start=1):
            where = f"{place}[{number}]"
            if isinstance(row, dict):
                yield where, row
            else:
                self.refuse(where, Fault.BAD_TYPE, type(row).__name__)

    def text(self, table: Table, place: str, key: str, most: int, *, may_be_empty: bool = False) -> str:
        value, where = table.get(key, ""), f"{place}.{key}"
        if not isinstance(value, str):
            self.refuse(where, Fault.BAD_TYPE, value)
            return ""
        if key in table and not value.strip() and not may_be_empty:
            self.refuse(where, Fault.EMPTY)
        if len(value) > most:
            self.refuse(where, Fault.TOO_LONG, most)
        return value.strip()

    def whole(self, table: Table, place: str, key: str, least: int, most: int, absent: int = 0) -> int:
        if key not in table:
            return absent
        value, where = table[key], f"{place}.{key}"
        if type(value) is not int:
            self.refuse(where, Fault.BAD_TYPE, value)
            return absent
        if not least <= value <= most:
            self.refuse(where, Fault.OUT_OF_RANGE, f"{least}–{most}")
            return absent
        return value

    def flag(self, table: Table, place: str, key: str, absent: bool) -> bool:
        value = table.get(key, absent)
        if not isinstance(value, bool):
            self.refuse(f"{place}.{key}", Fault.BAD_TYPE, value)
            return absent
        return value

    def word(self, table: Table, place: str, key: str, known: type[Word], absent: Word) -> Word:
        if key not in table:
            return absent
        value = table[key]
        if isinstance(value, str) and value in set(known):
            return known(value)
        self.refuse(f"{place}.{key}", Fault.UNKNOWN_VALUE, value)
        return absent

    def words(self, table: Table, place: str, key: str, least: int) -> tuple[str, ...]:
        """From ``least`` to 20 different short texts."""
        if key not in table:
            return ()
        value, where = table[key], f"{place}.{key}"
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.refuse(where, Fault.BAD_TYPE, value)
            return ()
        words = tuple(one.strip() for one in value)
        if not all(words):
            self.refuse(where, Fault.EMPTY)
        for one in sorted({one for one in words if one and words.count(one) > 1}):
            self.refuse(where, Fault.TWICE, one)
        if any(len(one) > WORD_MAX for one in words):
            self.refuse(where, Fault.TOO_LONG, WORD_MAX)
        if len(words) < least:
            self.refuse(where, Fault.TOO_FEW, least)
        if len(words) > 20:
            self.refuse(where, Fault.TOO_MANY, 20)
        return words
