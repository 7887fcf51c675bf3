"""How alike the called and those they are compared with are (平衡性): standardised differences, before matching and after."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from zhixing.engine.columns import Flags, Floats

UNEVEN = 0.1
"""A difference of more standard deviations than this is told."""
UNLIKE = 0.25
"""A difference of more than this makes groups that cannot be compared (Rubin 2001)."""


@dataclass(frozen=True)
class Balance:
    """Of one characteristic: means of the called and the others, and their difference in standard deviations as these are before matching."""

    name: str
    called_before: float
    others_before: float
    before: float
    called_after: float
    others_after: float
    after: float


def balance_of(
    names: tuple[str, ...], traits: Floats, called: Flags, kept: Flags, weight: Floats
) -> tuple[Balance, ...]:
    """``traits`` [n, p]; ``kept`` [n] called who were matched; ``weight`` [n] of the others after matching."""
    return tuple(_one(name, trait, called, kept, weight) for name, trait in zip(names, traits.T, strict=True))


def _one(name: str, trait: Floats, called: Flags, kept: Flags, weight: Floats) -> Balance:
    mine, theirs = trait[called], trait[~called]
    spread = math.sqrt((float(mine.var()) + float(theirs.var())) / 2.0)
    after = (float(trait[kept].mean()), float(np.average(trait, weights=weight))) if kept.any() else (math.nan,) * 2
    before = float(mine.mean()), float(theirs.mean())
    return Balance(name, *before, _in_spreads(before, spread), *after, _in_spreads(after, spread))


def _in_spreads(means: tuple[float, float], spread: float) -> float:
    apart = means[0] - means[1]
    if spread > 0.0:
        return apart / spread
    return math.copysign(math.inf, apart) if apart else 0.0
