"""ID numbers (GB 11643): 18 characters with a check digit, and the old 15 digits, which become 18."""

from __future__ import annotations

import datetime as dt
import operator
import re
from dataclasses import dataclass

from zhixing.engine.sheets.cells import Number, bare
from zhixing.engine.sheets.faults import Fault

MALE, FEMALE = "m", "f"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK_DIGITS = "10X98765432"
_SHAPE = re.compile(r"\d{17}[\dX]|\d{15}", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.ASCII)
_INSIDE = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)", re.ASCII
)
"""Whether its check digit is right or not."""
_EXACT_DIGITS = 15
"""A spreadsheet number is exact up to here."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an ID number says of its holder; ``number`` has 18 characters."""

    number: str
    born: dt.date
    sex: str


def check_digit(first17: str) -> str:
    """ISO 7064 MOD 11-2 over 17 digits."""
    return _CHECK_DIGITS[(sum(map(operator.mul, _WEIGHTS, first17.encode())) - _ZEROS) % 11]


def looks_like_id(text: str) -> bool:
    """Whether a key cell is meant as an ID number, be it a spoilt one, rather than a staff number."""
    plain = _plain(text)
    return (_SHAPE.fullmatch(plain) or _SCIENTIFIC.fullmatch(plain)) is not None


def without_ids(text: str) -> str:
    """The text with every ID number that stands in it struck out but for the region and the last two characters, as they are shown everywhere."""
    return _INSIDE.sub(lambda found: f"{found[0][:4]}{'*' * 12}{found[0][-2:]}", text)


def read_id(text: str) -> Identity | Fault:
    """Read one cell. The code of the region is not judged: regions come and go."""
    plain = _plain(text)
    if _SCIENTIFIC.fullmatch(plain) or (isinstance(text, Number) and len(plain) > _EXACT_DIGITS):
        return Fault.ID_DIGITS_LOST
    if "*" in plain:
        return Fault.ID_MASKED
    if not _SHAPE.fullmatch(plain):
        return Fault.ID_MALFORMED
    first17 = plain[:17] if len(plain) == 18 else f"{plain[:6]}19{plain[6:]}"
    born = _birth(first17[6:14])
    if born is None:
        return Fault.ID_DATE
    number = first17 + check_digit(first17)
    if len(plain) == 18 and number != plain:
        # A spreadsheet that took the number for a number leaves zeros where digits were.
        return Fault.ID_DIGITS_LOST if plain.endswith("000") else Fault.ID_CHECK_DIGIT
    return Identity(number, born, MALE if int(first17[16]) % 2 else FEMALE)


def _plain(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text.upper()
    return bare(text).upper().replace("×", "X").replace("-", "")


def _birth(digits: str) -> dt.date | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) if digits[:2] in {"19", "20"} else None
    except ValueError:
        return None
