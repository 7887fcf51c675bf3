"""Whole runs out of a linear program: round a few up, solve again, and let the program answer what that does to all others."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from zhixing.engine.plan.model import Floats

WHOLE = 1e-6
SHARE = 0.25
"""So many of the runs that are in parts go up in a step, those that lack least first."""
LEFT = 150
"""With so few left in parts a program in whole runs decides better than rounding does."""


class Between(Protocol):
    """The best columns with runs between these, in parts; None when no plan is."""

    def __call__(self, least: Floats, most: Floats, /) -> Floats | None: ...


def dive(between: Between, least: Floats, most: Floats) -> Floats | None:
    """Runs that a plan near the bound should hold at the least; None when not even parts of runs fit between ``least`` and ``most``.

    What does not go up together is tried by halves; what does not go up alone stays down; where neither can be, the dive ends above it."""
    count = len(least)
    least, most = least.copy(), most.copy()
    x = between(least, most)
    if x is None:
        return None
    while True:
        runs = x[:count]
        down = np.floor(runs + WHOLE)
        parts = np.flatnonzero(runs - down > WHOLE)
        if len(parts) <= LEFT:
            return np.maximum(least, down)
        parts = parts[np.argsort(down[parts] - runs[parts], kind="stable")]
        taken = max(1, int(SHARE * len(parts)))
        while True:
            up = parts[:taken]
            higher = np.clip(down, least, most)
            higher[up] += 1
            x = between(higher, most)
            if x is not None:
                least = higher
                break
            if taken == 1:
                most[up] = np.maximum(least[up], down[up])
                x = between(least, most)
                break
            taken //= 2
        if x is None:
            return least
