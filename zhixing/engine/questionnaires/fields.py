"""The fields of a form: everything there is to fill in, in order, once it is known what is repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from zhixing.engine.questionnaires.definition import Item, Kind, Per, Questionnaire

Subjects = Mapping[Per, Sequence[str]]
"""What an item is repeated for → the keys of those sessions or teachers, in order."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. ``name`` is unique in the form: ``code``, with ``.2`` for the second row and ``@7`` for the subject 7;
    ``number`` is what people read (``3``, ``3-1``). ``row`` counts from 0, None where the item has no rows; ``block`` from 0.
    """

    name: str
    number: str
    item: Item
    block: int
    row: int | None = None
    subject: str = ""


def fields_of(form: Questionnaire, subjects: Subjects) -> tuple[Field, ...]:
    """Every field in the order of the form; an item with nothing to be repeated for has none."""
    return tuple(_fields(form, subjects))


def _fields(form: Questionnaire, subjects: Subjects) -> Iterator[Field]:
    number = 0
    for place, block in enumerate(form.blocks):
        for item in block.items:
            number += 1
            yield from _of_item(item, place, number, subjects)


def _of_item(item: Item, block: int, number: int, subjects: Subjects) -> Iterator[Field]:
    keys: Sequence[str] = [""] if item.per is Per.FORM else subjects.get(item.per, ())
    rows: Sequence[int | None] = range(len(item.rows)) if item.kind is Kind.MATRIX else [None]
    for turn, key in enumerate(keys, start=1):
        for row in rows:
            parts = [number, *([turn] if key else []), *([] if row is None else [row + 1])]
            name = f"{item.code}{'' if row is None else f'.{row + 1}'}{f'@{key}' if key else ''}"
            yield Field(name, "-".join(map(str, parts)), item, block, row, key)
