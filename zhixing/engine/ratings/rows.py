"""The loops over sparse rows, compiled on first use and kept on disk for the next process."""

from __future__ import annotations

from zhixing.engine.compiled import compiled
from zhixing.engine.ratings.design import Floats, Ints


@compiled
def sum_outer(start: Ints, column: Ints, value: Floats, weight: Floats, total: Floats) -> None:
    """Adds the lower triangle of B' diag(weight) B to ``total``; the columns of each sparse row of B ascend."""
    for row in range(len(start) - 1):
        for i in range(start[row], start[row + 1]):
            left = weight[row] * value[i]
            for j in range(start[row], i + 1):
                total[column[i], column[j]] += left * value[j]


@compiled
def sum_quadratic(start: Ints, column: Ints, value: Floats, middle: Floats, found: Floats) -> None:
    """Writes b' M b for each sparse row b, whose columns ascend, from the lower triangle of a symmetric M."""
    for row in range(len(start) - 1):
        total = 0.0
        for i in range(start[row], start[row + 1]):
            for j in range(start[row], i):
                total += 2.0 * value[i] * middle[column[i], column[j]] * value[j]
            total += value[i] * middle[column[i], column[i]] * value[i]
        found[row] = total
