"""The loops over sparse rows and over ratings, compiled on first use and kept on disk for the next process."""

from __future__ import annotations

from zhixing.engine.compiled import compiled
from zhixing.engine.ratings.design import Floats, Ints, Longs, Reals


@compiled
def sum_outer(start: Ints, column: Ints, value: Floats, weight: Floats, total: Reals) -> None:
    """Adds the lower triangle of B' diag(weight) B to ``total``; the columns of each sparse row of B ascend."""
    for row in range(len(start) - 1):
        for i in range(start[row], start[row + 1]):
            left = weight[row] * value[i]
            for j in range(start[row], i + 1):
                total[column[i], column[j]] += left * value[j]


@compiled
def sum_quadratic(start: Ints, column: Ints, value: Floats, middle: Reals, found: Floats) -> None:
    """Writes b' M b for each sparse row b, whose columns ascend, from the lower triangle of a symmetric M."""
    for row in range(len(start) - 1):
        total = 0.0
        for i in range(start[row], start[row + 1]):
            for j in range(start[row], i):
                total += 2.0 * value[i] * middle[column[i], column[j]] * value[j]
            total += value[i] * middle[column[i], column[i]] * value[i]
        found[row] = total


@compiled
def deal(code: Ints, place: Longs, order: Longs) -> None:
    """Writes the ratings level by level, in their own order within each; ``place``: where the next one of each level goes."""
    for row in range(len(code)):
        order[place[code[row]]] = row
        place[code[row]] += 1


@compiled
def gather(start: Longs, other: Ints, count: Reals, x: Reals, found: Reals) -> None:
    """Adds Z_1'W Z_2 x to ``found`` [q_1, c]: over the ratings of each level of the first factor, what x [q_2, c] holds of their other levels."""
    wide, factors = x.shape[1], other.shape[1]
    for level in range(len(start) - 1):
        for i in range(start[level], start[level + 1]):
            for k in range(factors):
                c = other[i, k]
                for j in range(wide):
                    found[level, j] += count[i] * x[c, j]


@compiled
def spread(start: Longs, other: Ints, count: Reals, t: Reals, found: Reals) -> None:
    """Adds Z_2'W Z_1 t to ``found`` [q_2, c]: to all other levels of every rating, what t [q_1, c] holds of its first."""
    wide, factors = t.shape[1], other.shape[1]
    for level in range(len(start) - 1):
        for i in range(start[level], start[level + 1]):
            for k in range(factors):
                c = other[i, k]
                for j in range(wide):
                    found[c, j] += count[i] * t[level, j]


@compiled
def meet(
    start: Longs, other: Ints, count: Reals, shrink: Reals, x: Reals, held: Reals, mean: Reals, found: Reals
) -> None:
    """Adds Z_2'(W − W Z_1 diag(shrink) Z_1'W) Z_2 x to ``found`` [q_2, c], one level of the first factor after another.

    ``held`` [most ratings of a level, c] and ``mean`` [c] are room to work in."""
    for level in range(len(start) - 1):
        for j in range(x.shape[1]):
            mean[j] = 0.0
        _hold(start[level], start[level + 1], other, count, x, held, mean)
        for j in range(x.shape[1]):
            mean[j] *= shrink[level]
        _give(start[level], start[level + 1], other, count, held, mean, found)


@compiled
def _hold(begin: int, end: int, other: Ints, count: Reals, x: Reals, held: Reals, mean: Reals) -> None:
    """Writes what x holds of the other levels of each rating, and adds it up."""
    for i in range(begin, end):
        row, c = i - begin, other[i, 0]
        for j in range(x.shape[1]):
            held[row, j] = x[c, j]
        for k in range(1, other.shape[1]):
            c = other[i, k]
            for j in range(x.shape[1]):
                held[row, j] += x[c, j]
        for j in range(x.shape[1]):
            mean[j] += count[i] * held[row, j]


@compiled
def _give(begin: int, end: int, other: Ints, count: Reals, held: Reals, mean: Reals, found: Reals) -> None:
    """Adds what is held of each rating, less the mean, to its other levels."""
    for i in range(begin, end):
        row = i - begin
        for j in range(found.shape[1]):
            held[row, j] = count[i] * (held[row, j] - mean[j])
        for k in range(other.shape[1]):
            c = other[i, k]
            for j in range(found.shape[1]):
                found[c, j] += held[row, j]


@compiled
def sum_squares(start: Longs, other: Ints, count: Reals, weight: Floats, mark: Floats, found: Floats) -> None:
    """Adds Σ_r weight[r, :] n_rj² to ``found`` [q_2, c], n_rj being the ratings that have first level r and other level j; ``mark`` [q_2] is 0."""
    for level in range(len(start) - 1):
        for i in range(start[level], start[level + 1]):
            for k in range(other.shape[1]):
                mark[other[i, k]] += count[i]
        for i in range(start[level], start[level + 1]):
            for k in range(other.shape[1]):
                c = other[i, k]
                for j in range(weight.shape[1]):
                    found[c, j] += weight[level, j] * mark[c] ** 2
                mark[c] = 0.0


@compiled
def weigh_squares(start: Longs, other: Ints, count: Reals, weight: Floats, mark: Floats, found: Floats) -> None:
    """Adds Σ_j n_rj² weight[j] to ``found`` [q_1]; n_rj and ``mark`` as above."""
    for level in range(len(start) - 1):
        for i in range(start[level], start[level + 1]):
            for k in range(other.shape[1]):
                mark[other[i, k]] += count[i]
        for i in range(start[level], start[level + 1]):
            for k in range(other.shape[1]):
                c = other[i, k]
                found[level] += weight[c] * mark[c] ** 2
                mark[c] = 0.0


@compiled
def pool(share: Floats, column: Ints, over: Floats, x: Reals, total: Floats) -> None:
    """Adds V'x to ``total`` [v, c]: row i of V [q, v] is over[i] · share[i] from ``column``[i] on, and zero elsewhere."""
    for i in range(x.shape[0]):
        for k in range(share.shape[1]):
            weight = over[i] * share[i, k]
            if weight != 0.0:
                for j in range(x.shape[1]):
                    total[column[i] + k, j] += weight * x[i, j]


@compiled
def deal_out(
    share: Floats, column: Ints, over: Floats, diagonal: Floats, total: Floats, x: Reals, found: Reals
) -> None:
    """Writes D⁻¹x + V total, with V as above."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            found[i, j] = x[i, j] / diagonal[i]
        for k in range(share.shape[1]):
            weight = over[i] * share[i, k]
            if weight != 0.0:
                for j in range(x.shape[1]):
                    found[i, j] += weight * total[column[i] + k, j]


@compiled
def dots(a: Reals, b: Reals, found: Floats) -> None:
    """Writes the inner products of the columns of a and b, summed in double precision whatever theirs is."""
    for j in range(a.shape[1]):
        found[j] = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            found[j] += float(a[i, j]) * float(b[i, j])


@compiled
def advance(x: Reals, rest: Reals, way: Reals, image: Reals, step: Reals) -> None:
    """x + step · way, and what is left: rest − step · image, column by column."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j] += step[j] * way[i, j]
            rest[i, j] -= step[j] * image[i, j]
