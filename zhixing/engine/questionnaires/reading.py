"""Reading the document of a form strictly: nothing is guessed, and every fault is told at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from zhixing.engine.questionnaires.definition import (
    GRADES,
    SCORED,
    Block,
    Item,
    Kind,
    Per,
    Questionnaire,
    Subject,
)
from zhixing.engine.questionnaires.faults import DefinitionError, DefinitionFault, Fault

ITEMS_MAX: Final = 60
"""Questions of one form: twice what anybody answers with care."""
TITLE_MAX, TEXT_MAX, INTRO_MAX, WORD_MAX = 120, 200, 500, 60
CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,19}")
"""No dot and no ``@``: names of fields are made of codes with these."""
_FORM: Final = {"title": True, "subject": True, "intro": False}
_BLOCK: Final = {"title": True, "weight": True, "item": True}
_ITEM: Final = {"code": True, "text": True, "kind": True, "required": False, "per": False}
_OWN: Final[Mapping[Kind, Mapping[str, bool]]] = {
    Kind.GRADES: {"points": False},
    Kind.SCALE: {"points": False, "top": True, "low": False, "high": False},
    Kind.MATRIX: {"points": False, "rows": True, "top": False, "low": False, "high": False},
    Kind.CHOICE: {"options": True, "many": False},
    Kind.TEXT: {"most": False},
}
"""Key → is it required."""

Word = TypeVar("Word", bound=StrEnum)
Table = dict[str, Any]


def read(document: object) -> Questionnaire:
    """The form of ``document`` (tables, lists, texts, whole numbers, truths). Raises ``DefinitionError`` with every fault."""
    reader = _Reader()
    found = reader.questionnaire(document)
    if reader.faults:
        raise DefinitionError(reader.faults)
    return found


class _Reader:
    """A value at fault is noted and read as something harmless on the way."""

    def __init__(self) -> None:
        self.faults: list[DefinitionFault] = []
        self.codes: set[str] = set()

    def refuse(self, place: str, fault: Fault, value: object = "") -> None:
        self.faults.append(DefinitionFault(place, fault, str(value)[:80]))

    # The parts of a form

    def questionnaire(self, document: object) -> Questionnaire:
        top = self.table(document, "", {"form": True, "block": True})
        form = self.table(top.get("form", {}), "form", _FORM)
        blocks = tuple(self.blocks(top.get("block", [])))
        found = Questionnaire(
            title=self.text(form, "form", "title", TITLE_MAX),
            subject=self.word(form, "form", "subject", Subject, Subject.CLASS_RUN),
            intro=self.text(form, "form", "intro", INTRO_MAX, may_be_empty=True),
            blocks=blocks,
        )
        self.as_a_whole(found)
        return found

    def as_a_whole(self, found: Questionnaire) -> None:
        """What no part tells alone."""
        if not found.blocks:
            self.refuse("block", Fault.NO_BLOCK)
        if len(found.items) > ITEMS_MAX:
            self.refuse("block", Fault.TOO_MANY_ITEMS, len(found.items))
        total = sum(block.weight for block in found.blocks)
        if any(item.is_scored for item in found.items) and total != 100:
            self.refuse("block", Fault.WEIGHTS, total)
        for number, block in enumerate(found.blocks, start=1):
            scored = any(item.is_scored for item in block.items)
            if block.weight and not scored:
                self.refuse(f"block[{number}].weight", Fault.WEIGHT_FOR_NOTHING, block.weight)
            if scored and not block.weight:
                self.refuse(f"block[{number}].weight", Fault.NO_WEIGHT)
        if found.subject is Subject.SESSION and found.is_repeated:
            self.refuse("form.subject", Fault.REPEAT_OUT_OF_PLACE)

    def blocks(self, rows: object) -> Iterable[Block]:
        for place, row in self.tables(rows, "block"):
            block = self.table(row, place, _BLOCK)
            items = tuple(self.items(block.get("item", []), place))
            if "item" in block and not items:
                self.refuse(f"{place}.item", Fault.NO_ITEM)
            title = self.text(block, place, "title", TITLE_MAX)
            yield Block(title, self.whole(block, place, "weight", 0, 100), items)

    def items(self, rows: object, block: str) -> Iterable[Item]:
        for place, row in self.tables(rows, f"{block}.item"):
            kind = self.word(row, place, "kind", Kind, Kind.TEXT) if "kind" in row else None
            own = {} if kind is None else _OWN[kind]
            item = self.table(row, place, {**_ITEM, **own}, strict=kind is not None)
            yield self.item(item, place, kind or Kind.TEXT)

    def item(self, item: Table, place: str, kind: Kind) -> Item:
        graded = kind is Kind.GRADES or (kind is Kind.MATRIX and "top" not in item)
        return Item(
            code=self.code(item, place),
            text=self.text(item, place, "text", TEXT_MAX),
            kind=kind,
            required=self.flag(item, place, "required", kind is not Kind.TEXT),
            per=self.word(item, place, "per", Per, Per.FORM),
            points=self.whole(item, place, "points", 1, 100, 1) if kind in SCORED else 0,
            top=self.top(item, place, kind, graded),
            low=self.text(item, place, "low", WORD_MAX, may_be_empty=True),
            high=self.text(item, place, "high", WORD_MAX, may_be_empty=True),
            rows=self.words(item, place, "rows", 1) if kind is Kind.MATRIX else (),
            options=self.words(item, place, "options", 2) if kind is Kind.CHOICE else (),
            many=self.flag(item, place, "many", False),
            most=self.whole(item, place, "most", 1, 2000, 500) if kind is Kind.TEXT else 0,
            graded=graded,
        )

    def top(self, item: Table, place: str, kind: Kind, graded: bool) -> int:
        if kind not in SCORED:
            return 0
        return GRADES if graded else self.whole(item, place, "top", 2, 10, 2)

    def code(self, item: Table, place: str) -> str:
        code = self.text(item, place, "code", 40)
        if code and not CODE.fullmatch(code):
            self.refuse(f"{place}.code", Fault.CODE_MALFORMED, code)
        elif code in self.codes:
            self.refuse(f"{place}.code", Fault.CODE_TWICE, code)
        self.codes.add(code)
        return code

    # Values

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
