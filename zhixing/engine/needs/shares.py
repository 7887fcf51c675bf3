"""Which shares of people tick something, of samples whose sheets stand for unequal numbers of people."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from zhixing.engine.columns import Flags, Floats
from zhixing.engine.student import NORMAL_95


@dataclass(frozen=True, slots=True)
class Share:
    """Parts of 1, with the 95 % interval."""

    share: float
    lower: float
    upper: float


def share_of(ticked: Flags, weight: Floats) -> Share:
    """Of people [n], each of whom stands for ``weight`` others: the share that has ticked, with Wilson's interval (1927) of the effective number (Kish 1965).

    Raises ``ValueError`` of nobody."""
    whole = float(weight.sum())
    if not whole > 0.0:
        raise ValueError("nobody")
    effective = whole**2 / float((weight**2).sum())
    share = min(1.0, float(weight[ticked].sum()) / whole)
    z = NORMAL_95**2 / effective
    middle = (share + z / 2) / (1 + z)
    half = NORMAL_95 * sqrt(share * (1 - share) / effective + z / (4 * effective)) / (1 + z)
    return Share(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))
