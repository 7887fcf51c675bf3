"""A sheet as lists of strings, and the silent cleaning of what people type into cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


class Number(str):
    """The text of a cell which the file holds as a number: digits past the 15th and trailing zeros after the point are lost."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows[i]`` is row ``i + 1`` of the sheet; rows may differ in length, a missing cell is blank."""

    name: str
    rows: Sequence[Sequence[str]]
    hidden: bool = False

    @property
    def filled(self) -> int:
        """How many cells hold anything: the measure by which the largest sheet is chosen."""
        return sum(1 for row in self.rows for cell in row if cell)


def by_size(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheet with the most filled cells first; hidden sheets (often lists for a drop-down) last."""
    return sorted(sheets, key=lambda sheet: (sheet.hidden, -sheet.filled))


def largest(sheets: Sequence[Sheet]) -> Sheet:
    """The one sheet that is read where one is asked for."""
    return by_size(sheets)[0]


_CONTROLS = "".join(
    chr(code) for code in (*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF) if code != 0x85
)
_INVISIBLE = f"{_CONTROLS}\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_TO_HALF_WIDTH = {
    **{
        code: code - 0xFEE0
        for start, end in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
        for code in range(start, end + 1)
    },
    **dict.fromkeys(map(ord, _INVISIBLE)),
}
_DIRT = re.compile(rf"[\s{_INVISIBLE}\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]|^['‘’`＇=]")
_FORCED_TEXT = re.compile(r'="([^"]*)"')
_NOTHING = frozenset({"-", "--", "—", "——", "/", "\\", "无", "暂无", "#N/A", "N/A", "NULL", "null", "None"})


def clean(text: str) -> str:
    """The cell without stray spaces, line breaks, invisible signs, leading apostrophes and full-width letters and digits."""
    if not _DIRT.search(text):
        return text
    if forced := _FORCED_TEXT.fullmatch(text.strip()):
        text = forced[1]
    return " ".join(text.translate(_TO_HALF_WIDTH).split()).lstrip("'‘’`＇").lstrip()


@lru_cache(maxsize=1 << 16, typed=True)  # typed: a number cell is not the same as its text
def said(text: str) -> str:
    """``clean``, and blank where the cell only says that there is nothing to say ("无", "/", "—")."""
    if _DIRT.search(text):
        text = clean(text)
    return "" if text in _NOTHING else text


@lru_cache(maxsize=1 << 16)
def bare(text: str) -> str:
    """The form in which words are compared: one width, no spaces, lower case."""
    return "".join(unicodedata.normalize("NFKC", clean(text)).split()).casefold()


_BRACKETED = re.compile(r"[(\[【〔{][^()\[\]【】〔〕{}]*[)\]】〕}]")


def without_brackets(text: str) -> str:
    """``bare`` text without bracketed remarks: ``一级主任科员（乡科级）`` → ``一级主任科员``."""
    return _BRACKETED.sub("", bare(text))
