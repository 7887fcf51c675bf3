"""Numbers that a request asks for: whoever writes an address may write anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

DIGITS_MAX: Final = 18
"""Any more may lie beyond what a column holds, and thousands of them beyond what Python reads."""


def whole_number(text: str) -> int | None:
    """``text`` as a number from 0; None for anything else, be it ``²``, which has a digit's name, or a number that no column holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Those of ``texts`` that are numbers, such as the keys of ticked rows."""
    return [number for number in map(whole_number, texts) if number is not None]
