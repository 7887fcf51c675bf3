"""What is wrong with a form, in words: the engine's codes with their places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhixing.base.problems import Text
from zhixing.engine.questionnaires import DefinitionError, DefinitionFault, Fault, read

REASONS: Mapping[Fault, Text] = {
    Fault.BAD_TYPE: gettext_lazy("this is not what can stand here: %(value)s"),
    Fault.UNKNOWN_KEY: gettext_lazy("“%(value)s” is not known here"),
    Fault.MISSING_KEY: gettext_lazy("“%(value)s” is missing"),
    Fault.EMPTY: gettext_lazy("it is empty"),
    Fault.TOO_LONG: gettext_lazy("it may have %(value)s characters at most"),
    Fault.UNKNOWN_VALUE: gettext_lazy("“%(value)s” is not among what can be chosen"),
    Fault.OUT_OF_RANGE: gettext_lazy("it must lie within %(value)s"),
    Fault.NO_BLOCK: gettext_lazy("there is no block yet"),
    Fault.NO_ITEM: gettext_lazy("there is no question in it yet"),
    Fault.TOO_MANY_ITEMS: gettext_lazy("%(value)s questions are too many: 60 at most"),
    Fault.CODE_MALFORMED: gettext_lazy("a code has small letters, digits and _, and begins with a letter: %(value)s"),
    Fault.CODE_TWICE: gettext_lazy("the code %(value)s is there twice"),
    Fault.TWICE: gettext_lazy("“%(value)s” is there twice"),
    Fault.TOO_FEW: gettext_lazy("there must be %(value)s at least"),
    Fault.TOO_MANY: gettext_lazy("there may be %(value)s at most"),
    Fault.WEIGHTS: gettext_lazy("the weights add up to %(value)s, not 100"),
    Fault.WEIGHT_FOR_NOTHING: gettext_lazy("nothing in it is a mark, so its weight must be 0"),
    Fault.NO_WEIGHT: gettext_lazy("it has marks, so it needs a weight"),
    Fault.REPEAT_OUT_OF_PLACE: gettext_lazy("a form about sessions cannot ask for each session or teacher"),
}
"""Of forms, and of whatever else is written as a definition where it says nothing of its own."""
_WORDS: Mapping[str, Text] = {
    "title": pgettext_lazy("questionnaire", "title"),
    "subject": gettext_lazy("about"),
    "intro": gettext_lazy("introduction"),
    "weight": gettext_lazy("weight"),
    "item": gettext_lazy("questions"),
    "code": gettext_lazy("code of the question"),
    "text": gettext_lazy("question"),
    "kind": gettext_lazy("kind of answer"),
    "required": gettext_lazy("must be answered"),
    "per": gettext_lazy("how often it is asked"),
    "points": gettext_lazy("points"),
    "top": gettext_lazy("points of the scale"),
    "low": gettext_lazy("word for the lowest"),
    "high": gettext_lazy("word for the highest"),
    "rows": gettext_lazy("rows"),
    "options": gettext_lazy("answers to choose from"),
    "many": gettext_lazy("several may be chosen"),
    "most": gettext_lazy("characters at most"),
}
_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


@dataclass(frozen=True)
class Lack:
    """A fault in words; ``block`` and ``item`` count from 1, 0 where it is of the whole."""

    where: str
    reason: str
    block: int = 0
    item: int = 0


def lacks_of(document: object) -> list[Lack]:
    """Everything that stands between a draft and its publication."""
    try:
        read(document)
    except DefinitionError as error:
        return [lack(one) for one in error.faults]
    return []


def lack(fault: DefinitionFault) -> Lack:
    """``block[2].item[1].rows`` → part 2, question 1, rows."""
    numbers: dict[str, int] = {}
    words: list[str] = []
    for step in fault.place.split("."):
        name, number = _parts(step)
        if number:
            numbers[name] = number
            words.append(_("part %(n)s") % {"n": number} if name == "block" else _("question %(n)s") % {"n": number})
        elif name in _WORDS:
            words.append(str(_WORDS[name]))
    said = reason_of(fault, {}, str(_WORDS.get(fault.value, fault.value)))
    where = _(", ").join(words) or _("the form")
    return Lack(where, said, numbers.get("block", 0), numbers.get("item", 0))


def reason_of(fault: DefinitionFault, own: Mapping[Fault, Text], value: str) -> str:
    """What is wrong, in the words of ``own`` where there are any."""
    reason = str(own[fault.fault] if fault.fault in own else REASONS[fault.fault])
    return reason % {"value": value} if "%(value)s" in reason else reason


def _parts(step: str) -> tuple[str, int]:
    found = _STEP.fullmatch(step)
    return (found[1], int(found[2] or 0)) if found else (step, 0)
