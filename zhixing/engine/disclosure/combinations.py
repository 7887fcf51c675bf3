"""Small groups that are a sum and difference of cells, without a solver.

A group z [A] of atoms is such a combination exactly when it is orthogonal to everything that all cells leave open, and so, but for a chance of nothing,
when it is to a random vector v of that (``open_directions``). What remains is to find a few entries of v that add up to 0: two halves of up to two atoms
each are sorted and met."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.linalg as la
from scipy import sparse

from zhixing.engine.columns import Floats, Longs

EXACT = 1e-7
DIRECTIONS = 3
SEED = 20270101
ATOMS_MOST = 4
"""Of a group that is found; a group of at most so many people has no more."""


def open_directions(cells: sparse.csr_matrix) -> Floats:
    """[A, 3] random directions in which answers may change without any cell changing."""
    matrix = cells.toarray()
    random = np.random.default_rng(SEED).normal(size=(matrix.shape[1], DIRECTIONS))
    told = la.lstsq(matrix, matrix @ random, lapack_driver="gelsy")[0]
    return np.asarray(random - told)


def small_sums(directions: Floats, size: Longs, most: int) -> Iterator[tuple[int, ...]]:
    """Every group of at most ``ATOMS_MOST`` atoms and 1 to ``most`` people that is a combination, none of which holds another; atoms of nobody are in none."""
    few = np.flatnonzero((size > 0) & (size <= most))
    value, people = directions[few], size[few]
    taken: list[set[int]] = []
    for group in _zero(value, people, most):
        if not any(part <= set(group) for part in taken):
            taken.append(set(group))
            yield tuple(sorted(few[list(group)].tolist()))


def _zero(value: Floats, people: Longs, most: int) -> Iterator[tuple[int, ...]]:
    """Groups whose values add up to 0, fewer atoms first."""
    one = np.arange(len(value))[:, None]
    yield from _met(one, None, value, people, most)
    two = _pairs(people, most)
    yield from _met(two, None, value, people, most)
    yield from _met(two, one, value, people, most)
    yield from _met(two, two, value, people, most)


def _pairs(people: Longs, most: int) -> Longs:
    first, second = np.triu_indices(len(people), 1)
    fits = people[first] + people[second] <= most
    return np.column_stack([first[fits], second[fits]])


def _met(left: Longs, right: Longs | None, value: Floats, people: Longs, most: int) -> Iterator[tuple[int, ...]]:
    """Rows of ``left`` [L, a], each together with one of ``right`` [R, b] or alone, whose values add up to 0."""
    sums = value[left].sum(axis=1)
    if right is None:
        zero = np.flatnonzero(np.all(np.abs(sums) < EXACT, axis=1))
        yield from (tuple(left[row].tolist()) for row in zero)
        return
    others = -value[right].sum(axis=1)
    order = np.argsort(others[:, 0], kind="stable")
    sorted_others = others[order, 0]
    low = np.searchsorted(sorted_others, sums[:, 0] - EXACT)
    high = np.searchsorted(sorted_others, sums[:, 0] + EXACT, side="right")
    for row in np.flatnonzero(high > low):
        for place in order[low[row] : high[row]]:
            group = tuple(sorted({*left[row].tolist(), *right[place].tolist()}))
            near = np.all(np.abs(sums[row] - others[place]) < EXACT)
            if near and len(group) == left.shape[1] + right.shape[1] and people[list(group)].sum() <= most:
                yield group
