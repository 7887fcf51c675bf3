"""Secrecy markings (密级): a file that bears one must not enter the system (hard line H26)."""

from __future__ import annotations

import itertools
import re

from zhixing.engine.sheets.cells import Sheet, bare

_DEPTH = 20
"""Rows from the top, and from the bottom, in which a marking may stand."""
_MARKING = re.compile(r"(?:密级[:]?)?(绝密|机密|秘密)(?:[★☆*].*|▲.*|\d+年|长期)?|.*(绝密|机密|秘密)[★☆].*")


def secrecy_marking(sheet: Sheet) -> str:
    """The marking that the sheet bears (绝密, 机密, 秘密 alone in a cell, or with a star and a term), or blank."""
    rows = [*sheet.rows[:_DEPTH], *sheet.rows[-_DEPTH:]]
    for text in itertools.chain((sheet.name,), *rows):
        if "密" in text and (marking := _MARKING.fullmatch(bare(text))):
            return str(marking[1] or marking[2])
    return ""
