"""What one rater wrote, checked field by field against the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from zhixing.engine.questionnaires.definition import Item, Kind
from zhixing.engine.questionnaires.fields import Field

Answer: TypeAlias = int | list[int] | str
Answers = dict[str, Answer]
"""Field name → number from 1 (grades, scales, rows of a matrix), numbers of the options from 1, or a text. Blank fields are left out."""


class Wrong(StrEnum):
    """What can be wrong with one answer."""

    MISSING = "missing"
    NOT_OFFERED = "not_offered"
    ONLY_ONE = "only_one"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """A fault of the field ``name``."""

    name: str
    wrong: Wrong


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers that stand, and what is wrong with the others."""

    answers: Answers
    faults: tuple[AnswerFault, ...]


def check(fields: Iterable[Field], given: Mapping[str, Sequence[str]], *, complete: bool = True) -> Checked:
    """Read ``given`` (field name → the texts sent for it). Names that are no field's are not looked at.

    ``complete``: a blank required field is a fault; on paper people leave out what they like.
    """
    answers: Answers = {}
    faults: list[AnswerFault] = []
    for field in fields:
        texts = [text for one in given.get(field.name, ()) if (text := one.strip())]
        if not texts:
            if complete and field.item.required:
                faults.append(AnswerFault(field.name, Wrong.MISSING))
            continue
        found = _read(field.item, texts)
        if isinstance(found, Wrong):
            faults.append(AnswerFault(field.name, found))
        else:
            answers[field.name] = found
    return Checked(answers, tuple(faults))


def _read(item: Item, texts: Sequence[str]) -> Answer | Wrong:
    if item.kind is Kind.TEXT:
        text = "\n".join(texts).replace("\0", "")
        return Wrong.TOO_LONG if len(text) > item.most else text
    top = len(item.options) if item.kind is Kind.CHOICE else item.top
    numbers = sorted({_number(text, top) for text in texts})
    if numbers[0] == 0:
        return Wrong.NOT_OFFERED
    if item.many:
        return numbers
    return numbers[0] if len(numbers) == 1 else Wrong.ONLY_ONE


def _number(text: str, top: int) -> int:
    """A whole number from 1 to ``top``; 0 for anything else."""
    fits = text.isascii() and text.isdigit() and len(text) <= 3
    return number if fits and 1 <= (number := int(text)) <= top else 0
