"""An index over the class runs of a year, with what is not known of it.

Class runs are what is drawn: the interval says what class runs like these would have shown, however many hours or people each of them holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from zhixing.engine.student import student_95


class Known(StrEnum):
    """How much is known of an index."""

    NOTHING = "nothing"  # no class run says anything about it
    ONE = "one"  # a single class run does: there is a value, and nothing to say how sure it is
    RANGE = "range"


class Change(StrEnum):
    """An index beside that of the year before."""

    MORE = "more"
    LESS = "less"
    ALIKE = "alike"  # the two cannot be told apart
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Index:
    """``value`` and its 95 % interval are shares of 1; ``error`` is the standard error, ``class_runs`` how many say something about it."""

    value: float | None
    lower: float | None
    upper: float | None
    error: float | None
    class_runs: int

    @property
    def known(self) -> Known:
        if self.value is None:
            return Known.NOTHING
        return Known.ONE if self.lower is None else Known.RANGE


NOTHING = Index(None, None, None, None, 0)


def index_of(value: float, left_out: Sequence[float], most: float = math.inf) -> Index:
    """``left_out``: the same index without each of the class runs in turn (delete-one jackknife); of a single one there is no other.

    ``most``: what was drawn in all (sessions, people), beyond which nothing can be sure.
    """
    runs = len(left_out)
    if runs < 2:
        return Index(value, None, None, None, 1)
    middle = math.fsum(left_out) / runs
    variance = (runs - 1) / runs * math.fsum((one - middle) ** 2 for one in left_out)
    lower, upper = share_interval(value, variance, runs, most)
    return Index(value, lower, upper, math.sqrt(variance), runs)


def share_interval(share: float, variance: float, runs: int, most: float = math.inf) -> tuple[float, float]:
    """Wilson's interval with as many draws as the variance stands for, ``most`` at most, and Student's width for ``runs`` class runs.

    Where class runs do not differ at all their number stands for the draws: a hundred lectures do not prove that there is nothing else.
    """
    spread = share * (1 - share)
    # a rounding error is no variance
    draws = min(most, spread / variance) if spread > 0 and variance > 1e-12 * spread else float(runs)
    width = student_95(runs - 1)
    shrink = 1 + width**2 / draws
    middle = (share + width**2 / (2 * draws)) / shrink
    half = width * math.sqrt(spread / draws + width**2 / (4 * draws**2)) / shrink
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))


def ratio_of(parts: Sequence[tuple[float, float]], most: float = math.inf) -> Index:
    """The sum of the first numbers as a share of the sum of the second, a pair for each class run. Class runs of weight 0 say nothing."""
    weighing = [(part, whole) for part, whole in parts if whole > 0]
    if not weighing:
        return NOTHING
    part, whole = (math.fsum(column) for column in zip(*weighing, strict=True))
    left_out = [(part - one) / (whole - of) for one, of in weighing] if len(weighing) > 1 else []
    return index_of(min(1.0, max(0.0, part / whole)), left_out, most)


def change_of(now: Index, before: Index) -> Change:
    """Whether the index rose or fell beyond what class runs differ by anyway."""
    if now.value is None or before.value is None or now.error is None or before.error is None:
        return Change.UNKNOWN
    error = math.hypot(now.error, before.error)
    if error == 0:  # class runs that do not differ at all tell nothing of how much such differ
        return Change.UNKNOWN
    width = student_95(min(now.class_runs, before.class_runs) - 1)
    if abs(now.value - before.value) <= width * error:
        return Change.ALIKE
    return Change.MORE if now.value > before.value else Change.LESS
