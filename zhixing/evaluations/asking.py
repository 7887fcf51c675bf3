"""A form as a page asks it: blocks, questions and their lines, with what was filled in so far and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext_lazy, ngettext

from zhixing.base.problems import Text
from zhixing.engine.questionnaires import AnswerFault, Field, Kind, Questionnaire, Wrong

GRADE_WORDS = (
    gettext_lazy("Not satisfied"),
    gettext_lazy("Fair"),
    gettext_lazy("Fairly satisfied"),
    gettext_lazy("Satisfied"),
)
"""The worst first, as the answers count; pages show the best first."""
WRONG_WORDS: Mapping[Wrong, Text] = {
    Wrong.MISSING: gettext_lazy("Please answer this one."),
    Wrong.NOT_OFFERED: gettext_lazy("Choose one of the answers offered."),
    Wrong.ONLY_ONE: gettext_lazy("Choose one answer only."),
    Wrong.TOO_LONG: gettext_lazy("This text is too long."),
}
SECONDS_A_MARK, SECONDS_A_TEXT = 4, 20
Labels = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Option:
    """One answer to tap."""

    value: int
    label: Text
    chosen: bool


@dataclass(frozen=True)
class Line:
    """One field: what it is called where the question has several, its answers or its text, and what is wrong."""

    field: Field
    label: str
    options: Sequence[Option]
    text: str = ""
    wrong: Text = ""

    @property
    def id(self) -> str:
        """An id of the page: names hold signs that address parts cannot."""
        return f"f-{self.field.number}"


@dataclass(frozen=True)
class Question:
    """One item with its lines."""

    number: str
    lines: Sequence[Line]

    @property
    def item(self) -> object:
        return self.lines[0].field.item

    @property
    def shape(self) -> str:
        """How the answers are laid out: ``grades``, ``scale``, ``many``, ``one`` or ``text``."""
        item = self.lines[0].field.item
        if item.kind is Kind.TEXT:
            return "text"
        if item.kind is Kind.CHOICE:
            return "many" if item.many else "one"
        return "grades" if item.graded else "scale"

    @property
    def is_single(self) -> bool:
        return len(self.lines) == 1 and not self.lines[0].label


@dataclass(frozen=True)
class Part:
    """One block."""

    title: str
    questions: Sequence[Question]


def parts_of(
    form: Questionnaire,
    fields: Sequence[Field],
    labels: Labels,
    given: Mapping[str, Sequence[str]] | None = None,
    faults: Sequence[AnswerFault] = (),
) -> list[Part]:
    """The whole form in its order. ``labels``: (per, key) → what a session or teacher is called."""
    wrong = {one.name: WRONG_WORDS[one.wrong] for one in faults}
    found = []
    for place, in_block in groupby(fields, key=lambda field: field.block):
        questions = [
            Question(lines[0].field.number.partition("-")[0], lines)
            for _item, of_item in groupby(in_block, key=lambda field: field.item)
            if (lines := [_line(one, labels, (given or {}).get(one.name, ()), wrong) for one in of_item])
        ]
        found.append(Part(form.blocks[place].title, questions))
    return found


def _line(field: Field, labels: Labels, given: Sequence[str], wrong: Mapping[str, Text]) -> Line:
    text = "\n".join(given) if field.item.kind is Kind.TEXT else ""
    return Line(field, label_of(field, labels), list(_options(field, given)), text, wrong.get(field.name, ""))


def label_of(field: Field, labels: Labels) -> str:
    """What tells the field from others of its item: session or teacher, row; empty where it is the only one."""
    parts = []
    if field.subject:
        parts.append(labels.get((field.item.per.value, field.subject), field.subject))
    if field.row is not None:
        parts.append(field.item.rows[field.row])
    return " · ".join(parts)


def _options(field: Field, given: Sequence[str]) -> Iterator[Option]:
    chosen = set(given)
    labels = answer_words(field)
    numbers = sorted(labels, reverse=field.item.graded)
    return (Option(number, labels[number], str(number) in chosen) for number in numbers)


def answer_words(field: Field) -> dict[int, Text]:
    """Number of an answer → its words; none for a text."""
    item = field.item
    if item.kind is Kind.CHOICE:
        return dict(enumerate(item.options, start=1))
    if item.graded:
        return dict(enumerate(GRADE_WORDS, start=1))
    return {number: str(number) for number in range(1, item.top + 1)}


def minutes_of(fields: Sequence[Field]) -> str:
    """How long it takes, in words."""
    seconds = sum(SECONDS_A_TEXT if one.item.kind is Kind.TEXT else SECONDS_A_MARK for one in fields)
    minutes = max(1, -(-seconds // 60))
    return ngettext("about %(n)s minute", "about %(n)s minutes", minutes) % {"n": minutes}


def questions_in_words(parts: Sequence[Part]) -> str:
    count = sum(len(part.questions) for part in parts)
    return ngettext("%(n)s question", "%(n)s questions", count) % {"n": count}
