"""What many answers say together: a mean and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zhixing.engine.student import NORMAL_95, student_95


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean of ``n`` values from 0 to 100 with its 95 % interval; no interval (None) for a single value."""

    n: int
    mean: float
    low: float | None
    high: float | None


def mean_of(values: Sequence[float]) -> Mean | None:
    """The mean of values from 0 to 100; None without any.

    The interval is Student's: the raters are taken as some of those who might have sat there. Where all agree, that would have no width,
    although the next rater may think otherwise; then it is Wilson's for a share, which no values between 0 and 100 with this mean exceed.
    """
    n = len(values)
    if not n:
        return None
    mean = math.fsum(values) / n
    return _mean(n, mean, math.fsum((value - mean) ** 2 for value in values) / (n - 1) if n > 1 else 0.0)


def mean_of_sums(n: int, total: int, squares: int) -> Mean | None:
    """As ``mean_of``, of ``n`` values in hundredths of which the sum and the sum of squares are known: as whole numbers these are exact."""
    if not n:
        return None
    return _mean(n, total / (100 * n), (n * squares - total**2) / (10_000 * n * (n - 1)) if n > 1 else 0.0)


def _mean(n: int, mean: float, variance: float) -> Mean:
    if n == 1:
        return Mean(n, mean, None, None)
    if variance == 0:
        return Mean(n, mean, *_wilson(mean, n))
    half = student_95(n - 1) * math.sqrt(variance / n)
    return Mean(n, mean, max(0.0, mean - half), min(100.0, mean + half))


def _wilson(mean: float, n: int) -> tuple[float, float]:
    share, spread = mean / 100, NORMAL_95**2 / n
    middle = (share + spread / 2) / (1 + spread)
    half = NORMAL_95 / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))
