"""Reading the document of a form strictly: nothing is guessed, and every fault is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

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
from zhixing.engine.questionnaires.faults import DefinitionError, Fault
from zhixing.engine.questionnaires.values import WORD_MAX, Table, Values

ITEMS_MAX: Final = 60
"""Questions of one form: twice what anybody answers with care."""
TITLE_MAX, TEXT_MAX, INTRO_MAX = 120, 200, 500
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


def read(document: object) -> Questionnaire:
    """The form of ``document`` (tables, lists, texts, whole numbers, truths). Raises ``DefinitionError`` with every fault."""
    reader = _Reader()
    found = reader.questionnaire(document)
    if reader.faults:
        raise DefinitionError(reader.faults)
    return found


class _Reader(Values):
    """The parts of a form."""

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
