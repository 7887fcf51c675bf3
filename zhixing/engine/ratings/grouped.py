"""Ratings level by level of the largest factor, and the sums over them that a large fit is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from zhixing.engine.ratings import rows
from zhixing.engine.ratings.design import Floats, Ints, Longs, Reals
from zhixing.engine.ratings.sums import Sums


@dataclass(frozen=True, eq=False)
class Grouped:
    """The first factor is the largest; its levels stand so that those are neighbours which share other levels: who rated one class run, rated its teachers
    and courses, and the processor has these at hand. The q_2 levels of the others stand side by side in their own order.

    ``start`` [q_1 + 1]: where the ratings of each first level begin; ``other`` [c, K − 1]: their other levels; ``count`` [c]."""

    first: Longs  # [q_1] where they stand among all levels
    others: Longs  # [q_2] where they stand among all levels
    sizes: tuple[int, ...]  # [K - 1]
    start: Longs
    other: Ints
    count: Reals

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """The levels of each other factor among the others"""
        ahead = np.append(0, np.cumsum(self.sizes)).tolist()
        return tuple(slice(*ends) for ends in pairwise(ahead))

    @cached_property
    def most(self) -> int:
        """Rows of any first level"""
        return int(np.diff(self.start).max())

    def gather(self, x: Reals) -> Reals:
        """Z_1'W Z_2 x"""
        found = np.zeros((len(self.start) - 1, x.shape[1]), x.dtype)
        rows.gather(self.start, self.other, self.count, x, found)
        return found

    def spread(self, t: Reals) -> Reals:
        """Z_2'W Z_1 t"""
        found = np.zeros((len(self.others), t.shape[1]), t.dtype)
        rows.spread(self.start, self.other, self.count, t, found)
        return found

    def meet(self, x: Reals, shrink: Reals) -> Reals:
        """Z_2'(W − W Z_1 diag(shrink) Z_1'W) Z_2 x"""
        found = np.zeros_like(x)
        held, mean = np.empty((self.most, x.shape[1]), x.dtype), np.empty(x.shape[1], x.dtype)
        rows.meet(self.start, self.other, self.count, shrink.astype(x.dtype), x, held, mean, found)
        return found

    def sum_squares(self, weight: Floats) -> Floats:
        """[q_2, c] Σ_r weight[r] n_rj², n_rj being the ratings with both levels"""
        found = np.zeros((len(self.others), weight.shape[1]))
        rows.sum_squares(self.start, self.other, self.count, weight, np.zeros(len(found)), found)
        return found

    def weigh_squares(self, weight: Floats) -> Floats:
        """[q_1] Σ_j n_rj² weight[j]"""
        found = np.zeros(len(self.start) - 1)
        rows.weigh_squares(self.start, self.other, self.count, weight, np.zeros(len(self.others)), found)
        return found


def grouped_of(sums: Sums) -> Grouped:
    sizes = np.diff(sums.start)
    largest = int(np.argmax(sizes))
    rest = [k for k in range(len(sizes)) if k != largest]
    own = sums.codes[:, largest]
    visited = (
        _by_neighbour(own, sums.codes[:, max(rest, key=lambda k: sizes[k])], sizes[largest])
        if rest
        else np.arange(sizes[largest])
    )
    place = np.empty(sizes[largest], np.int32)
    place[visited] = np.arange(sizes[largest], dtype=np.int32)
    own = place[own]
    start = np.append(0, np.cumsum(np.bincount(own, minlength=sizes[largest])))
    order = np.empty(len(sums.codes), np.int64)
    rows.deal(own, start[:-1].copy(), order)
    ahead = np.append(0, np.cumsum(sizes[rest])).astype(np.int32)
    other = np.empty((len(order), len(rest)), np.int32)
    for column, k in enumerate(rest):
        other[:, column] = sums.codes[:, k][order] + ahead[column]
    levels = np.arange(sums.start[-1])
    return Grouped(
        first=sums.start[largest] + visited,
        others=np.delete(levels, slice(sums.start[largest], sums.start[largest + 1])),
        sizes=tuple(sizes[rest].tolist()),
        start=start,
        other=other,
        count=sums.count[order],
    )


def _by_neighbour(own: Ints, other: Ints, levels: int) -> Longs:
    """The first levels in the order of another that each has met"""
    met = np.zeros(levels, np.int32)
    met[own] = other
    order: Longs = np.argsort(met, kind="stable")
    return order
