"""What a form is made of, once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

GRADES: Final = 4
"""The four grades, stored as 1 (不满意) to 4 (满意): on every kind of item more is better."""


class Subject(StrEnum):
    """What a form is about."""

    CLASS_RUN = "class_run"
    SESSION = "session"


class Kind(StrEnum):
    """How an item is answered."""

    GRADES = "grades"
    SCALE = "scale"
    MATRIX = "matrix"
    CHOICE = "choice"
    TEXT = "text"


class Per(StrEnum):
    """How often an item is asked: once, or again for each session or teacher of the class run."""

    FORM = "form"
    SESSION = "session"
    TEACHER = "teacher"


SCORED: Final = frozenset({Kind.GRADES, Kind.SCALE, Kind.MATRIX})
"""Kinds whose answers are numbers."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``points``: its weight within the block (0 where nothing is scored). ``top``: the best answer in numbers, the
    worst is 1; 0 for choice and text. ``low`` and ``high`` name the ends of a scale. ``most``: characters of a text.
    """

    code: str
    text: str
    kind: Kind
    required: bool
    per: Per
    points: int
    top: int = 0
    low: str = ""
    high: str = ""
    rows: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    many: bool = False
    most: int = 0
    graded: bool = False
    """Whether the numbers are the four grades."""

    @property
    def is_scored(self) -> bool:
        return self.kind in SCORED


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a form; ``weight`` is its share of the total in percent, 0 where nothing of it is scored."""

    title: str
    weight: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A form. The weights of its blocks add up to 100, or to 0 where nothing at all is scored."""

    title: str
    subject: Subject
    intro: str
    blocks: tuple[Block, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for block in self.blocks for item in block.items)

    @property
    def is_repeated(self) -> bool:
        """Whether anything is asked for each session or teacher."""
        return any(item.per is not Per.FORM for item in self.items)
