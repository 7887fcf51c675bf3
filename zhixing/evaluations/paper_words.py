"""The words of the workbook into which paper sheets are typed, and what people write into its cells. Chinese whatever the language of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from zhixing.engine.questionnaires import Field, Kind
from zhixing.engine.sheets.cells import bare
from zhixing.engine.sheets.headings import Heading, HeadingTable

NUMBER: Final = "编号"
NUMBER_FIELD: Final = "paper number"
"""No code of a question has a space."""
GRADE_NAMES: Final = ("不满意", "一般", "较满意", "满意")
_NOT_WORDS: Final = re.compile(r"[^\w-]+")
_BETWEEN: Final = re.compile(r"[\s,，、;；]+")
_TEXT_SHOWN: Final = 20


def heading_of(field: Field, label: str) -> str:
    """``3-1 课程设置``: the number makes it unique, the words are for whoever types."""
    words = _NOT_WORDS.sub("", label or field.item.text)[:_TEXT_SHOWN]
    return f"{field.number} {words}"


def table_of(headings: Sequence[tuple[Field, str]]) -> HeadingTable:
    """The headings of one survey: (field, its heading) for each."""
    columns = (Heading(field.name, title, limit=field.item.most or 60) for field, title in headings)
    return HeadingTable(
        (Heading(NUMBER_FIELD, NUMBER, "问卷编号 答卷编号", limit=20), *columns), (NUMBER_FIELD,), NUMBER_FIELD
    )


def given_of(field: Field, text: str) -> list[str]:
    """What a cell says, in the form in which the page would send it; words that say nothing stay as they are and are refused."""
    item = field.item
    if item.kind is Kind.TEXT:
        return [text]
    words = GRADE_NAMES if item.graded else item.options
    by_word = {bare(word): str(number) for number, word in enumerate(words, start=1)}
    if (whole := by_word.get(bare(text))) is not None:
        return [whole]
    parts = _BETWEEN.split(text) if item.many else [text]
    return [by_word.get(bare(part), "x" if item.graded else part.removesuffix(".0")) for part in parts if part]
