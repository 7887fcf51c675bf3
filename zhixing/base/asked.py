"""What a request asks for: whoever writes an address or sends a form may write anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import CharField, TextField
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid, NotFound, Text

DIGITS_MAX: Final = 18
"""Any more may lie beyond what a column holds, and thousands of them beyond what Python reads."""


def whole_number(text: str) -> int | None:
    """``text`` as a number from 0; None for anything else, be it ``²``, which has a digit's name, or a number that no column holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Those of ``texts`` that are numbers, such as the keys of ticked rows."""
    return [number for number in map(whole_number, texts) if number is not None]


def either(word: str, yes: str, no: str) -> bool:
    """Whether the button ``yes`` was pressed rather than ``no``. Raises ``NotFound`` for a word that is on neither: nothing is decided by default."""
    if word not in (yes, no):
        raise NotFound
    return word == yes


def written(text: str, field: CharField[Any, Any] | TextField[Any, Any], *, missing: Text = "") -> str:
    """``text`` as ``field`` will hold it, without the space around it; nothing of what a person wrote is cut off.

    Raises ``Invalid`` for more characters than the field holds and, where ``missing`` says why there must be a text, for none.
    """
    text = text.strip()
    if missing and not text:
        raise Invalid(missing)
    most = field.max_length
    if most is not None and len(text) > most:
        raise Invalid(
            _("The text has %(length)d characters; it may have %(most)d.") % {"length": len(text), "most": most}
        )
    return text
