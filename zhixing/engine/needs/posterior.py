"""What answers by unit and column say of each cell, where neither how much units nor how much cells differ is known.

A column is a level as one source sees it. What it says of a unit is the mean of the column, what the unit adds to all (σ_u), what the unit adds for the
level, whoever says so, and what this source alone sees there (σ_v² together, of which ``OWN`` is the source's where there are several). Means of columns are
fixed; σ_u and σ_v are averaged over with the restricted likelihood and a flat prior on each (Gelman 2006), on a grid that is drawn in to where the likelihood
lies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from zhixing.engine.columns import Flags, Floats, Longs

NODES, NODES_OF_FEW, FEW = 9, 21, 40
"""Of the grid, for each of the two spreads: more where so few units leave long tails. Closer near 0 where the grid begins there."""
FIRST: Final = 3.0
"""How many spreads of the means the first grid reaches."""
FARTHEST: Final = 8.0
"""How many times farther a grid reaches at most: of one unit nothing says how much units differ."""
ROUNDS: Final = 12
NEAR: Final = 1e-3
"""A grid is drawn in to the nodes that are less likely than the likeliest by no more than this."""
WEIGHT_LEAST: Final = 1e-3
"""Nodes that weigh less of the heaviest than this are left out."""
OWN: Final = 0.3
"""The part of σ_v² that is a source's own, where there are several: else one that agrees by chance would count for more than it knows."""
DRAWN_IN: Final = 0.7
"""A grid is fine enough once its likely nodes fill so much of it."""

Band: TypeAlias = tuple[Floats, Floats]
"""Estimates and their standard errors."""


class _Solved(NamedTuple):
    """At each node g: means of columns [G, M], their covariance [G, M, M], precision of cells [G, M, J]; of what a unit adds for a level, once its answers
    are known, the variance [G, N, J], and how much of what the unit adds to all stays beside it [G, N, J]; the variance of that [G, J]; the sums by level of
    precision × distance from the column [G, N, J]; and the log of the restricted likelihood [G]."""

    level: Floats
    inverse: Floats
    w: Floats
    t: Floats
    h: Floats
    s: Floats
    pulled: Floats
    log: Floats


def _by_level(values: Floats, group: Longs) -> Floats:
    """[G, M, J] added up over the columns of each level"""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    found: Floats = values if len(starts) == len(group) else np.add.reduceat(values, starts, axis=1)
    return found


def _spread(values: Floats, group: Longs) -> Floats:
    """[G, N, J] for each column of a level; what holds for all levels alike stays as it is"""
    return values if values.shape[1] == 1 else values[:, group]


@dataclass(frozen=True, eq=False)
class Cells:
    """``count`` and ``mean`` [M, J] of the answers by column and unit, every column of which has some; the ``variance`` [M] of single answers; the ``group``
    [M] of each column: its level, in order from 0 to N − 1."""

    count: Longs
    mean: Floats
    variance: Floats
    group: Longs

    @cached_property
    def _held(self) -> Floats:
        return (self.count > 0).astype(np.float64)

    @cached_property
    def _noise(self) -> Floats:
        """[M, J] variance of each mean about its cell; infinite where nobody answered"""
        found = np.broadcast_to(self.variance[:, None], self.mean.shape)
        noise: Floats = np.divide(found, self.count, out=np.full(self.mean.shape, np.inf), where=self.count > 0)
        return noise

    @cached_property
    def _kinds(self) -> tuple[Floats, Longs]:
        """The different variances of means, and how often each is there: of few cells a logarithm is worked out"""
        return np.unique(self._noise[self.count > 0], return_counts=True)

    @cached_property
    def _centred(self) -> Floats:
        return np.where(self.count > 0, self.mean, 0.0)

    @cached_property
    def own(self) -> float:
        return OWN if self._several else 1.0

    @cached_property
    def _several(self) -> bool:
        return len(self.group) > int(self.group[-1]) + 1

    def posterior(self) -> Posterior:
        """Units that have not answered say nothing of how much units differ: they are left out until that is known."""
        return self._at(*self._answered._likely_nodes())

    @cached_property
    def _answered(self) -> Cells:
        some = self.count.any(axis=0)
        return self if some.all() else Cells(self.count[:, some], self.mean[:, some], self.variance, self.group)

    def _likely_nodes(self) -> tuple[Floats, Floats, Floats]:
        """σ_u and σ_v of nodes, and the log of what each weighs"""
        first = FIRST * float(np.sqrt(max(self._between(), float(np.mean(self._kinds[0])))))
        size = NODES_OF_FEW if self.mean.shape[1] <= FEW else NODES
        sides = [(0.0, first), (0.0, first)]
        for _ in range(ROUNDS):
            nodes = [_nodes(*side, size) for side in sides]
            log = self._solve(*_crossed(*nodes)).log
            near = np.exp(log - log.max()).reshape(size, size) >= NEAR
            drawn = [_drawn(nodes[axis], near.any(axis=1 - axis), first * FARTHEST) for axis in (0, 1)]
            if all(_fits(new, old) for new, old in zip(drawn, sides, strict=True)):
                break
            sides = drawn
        width = [np.gradient(one) for one in nodes]
        for one in width:
            one[[0, -1]] /= 2.0
        return *_crossed(*nodes), log + np.log(np.outer(*width).ravel())

    def _between(self) -> float:
        """The plain variance of the means of cells"""
        return float(np.var(self.mean[self.count > 0]))

    def _solve(self, of_unit: Floats, of_cell: Floats) -> _Solved:
        u2, v2 = of_unit[:, None] ** 2, of_cell[:, None, None] ** 2
        w = 1.0 / (self.own * v2 + self._noise)
        of_levels = _by_level(w, self.group)
        h, t = np.ones((1, 1, 1)), np.zeros((1, 1, 1))
        if self._several:
            h = 1.0 / (1.0 + (1.0 - self.own) * v2 * of_levels)
            t = (1.0 - self.own) * v2 * h
        whole = (h * of_levels).sum(axis=1)
        s = u2 / (1.0 + u2 * whole)
        wy = w * self._centred
        a = _by_level(wy, self.group)
        b = (h * a).sum(axis=1)
        wh = w * _spread(h, self.group) if self._several else w
        information = -wh @ np.swapaxes(s[:, None, :] * wh, 1, 2)
        diagonal = np.arange(len(self.mean))
        information[:, diagonal, diagonal] += w.sum(axis=2)
        right = wy.sum(axis=2) - (wh @ (s * b)[:, :, None])[:, :, 0]
        left = wy.reshape(len(wy), -1) @ self._centred.ravel() - (s * b**2).sum(axis=1)
        kinds, times = self._kinds
        logs = np.log(self.own * v2[:, :, 0] + kinds) @ times + np.log1p(u2 * whole).sum(axis=1)
        if self._several:
            wt = w * _spread(t, self.group)
            information -= (wt @ np.swapaxes(w, 1, 2)) * (self.group == self.group[:, None])
            right -= (wt * _spread(a, self.group)).sum(axis=2)
            left -= (t * a**2).sum(axis=(1, 2))
            logs -= np.log(h).sum(axis=(1, 2))
        inverse = np.linalg.inv(information)
        level = (inverse @ right[:, :, None])[:, :, 0]
        left -= (right * level).sum(axis=1)
        pulled = a - _by_level(w * level[:, :, None], self.group)
        return _Solved(level, inverse, w, t, h, s, pulled, -0.5 * (logs + np.linalg.slogdet(information)[1] + left))

    def at(self, of_unit: Floats, of_cell: Floats, prior: Floats) -> Posterior:
        """What the answers say where σ_u and σ_v are those of each node [G], and how likely these are."""
        return self._at(of_unit, of_cell, self._solve(of_unit, of_cell).log + np.log(prior))

    def _at(self, of_unit: Floats, of_cell: Floats, log: Floats) -> Posterior:
        weight = np.exp(log - log.max())
        likely = weight >= WEIGHT_LEAST
        found = self._solve(of_unit[likely], of_cell[likely])
        own = self.own * of_cell[likely, None, None] ** 2
        rest = (self._centred - found.level[:, :, None]) * self._held
        return Posterior(weight[likely] / weight[likely].sum(), found, self.group, own * found.w, own, rest)


def _nodes(low: float, high: float, size: int) -> Floats:
    step = np.arange(size) / (size - 1.0)
    return low + (high - low) * (step if low else step**2)


def _crossed(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """σ_u and σ_v of all nodes"""
    one, other = np.meshgrid(first, second, indexing="ij")
    return one.ravel(), other.ravel()


def _drawn(nodes: Floats, near: Flags, farthest: float) -> tuple[float, float]:
    """The side of a grid about its likely nodes, with one more node on either end; twice as long where the last node is likely."""
    places = np.flatnonzero(near)
    low = float(nodes[max(0, places[0] - 1)])
    high = 2.0 * float(nodes[-1]) - low if near[-1] else float(nodes[places[-1] + 1])
    return low, min(high, farthest)


def _fits(drawn: tuple[float, float], side: tuple[float, float]) -> bool:
    return drawn[1] <= side[1] and drawn[1] - drawn[0] >= DRAWN_IN * (side[1] - side[0])


@dataclass(frozen=True, eq=False)
class Posterior:
    """At each node g: ``weight`` [G] of the node and what is ``solved`` there; ``kept`` [G, M, J] the share of a cell's distance from all above it that is
    the source's own, ``own`` [G, 1, 1] how much that varies, ``rest`` [G, M, J] mean − level. Of a sum of cells by ``share`` [M, J] the mean follows from the
    answers as ``_pull`` times them."""

    weight: Floats
    solved: _Solved
    group: Longs
    kept: Floats
    own: Floats
    rest: Floats

    @cached_property
    def _open(self) -> Floats:
        return 1.0 - self.kept

    @cached_property
    def _of_unit(self) -> Floats:
        """[G, J] what the unit adds to all"""
        found: Floats = self.solved.s * (self.solved.h * self.solved.pulled).sum(axis=1)
        return found

    @cached_property
    def _weakened(self) -> Floats:
        """[G, M, J] precision of a cell for what the unit adds to all"""
        return self.solved.w * _spread(self.solved.h, self.group)

    @cached_property
    def _added(self) -> Floats:
        """[G, M, J] what unit, level and source add to the mean of the column"""
        of_level = self.solved.t * self.solved.pulled + self.solved.h * self._of_unit[:, None, :]
        return self._open * _spread(of_level, self.group) + self.kept * self.rest

    def units(self, share: Floats) -> Band:
        """[J] of each unit the sum of its cells by ``share`` [M, J]"""
        pull, own = self._pull(share)
        mean = (share * (self.solved.level[:, :, None] + self._added)).sum(axis=1)
        variance = own + self._by_levels(share - pull)
        middle = self.weight @ mean
        spread = self.weight @ (variance + (mean - middle) ** 2)
        return middle, np.sqrt(np.maximum(spread, 0.0))

    def more(self, share: Floats) -> Floats:
        """[J] the probability that a unit adds to what the columns have on average, by ``share`` [M, J]"""
        from scipy.special import ndtr  # here: a web server starts without it

        pull, own = self._pull(share)
        added = (share * self._added).sum(axis=1)
        spread = own + self._by_levels(pull)
        off = np.divide(added, np.sqrt(spread), out=np.zeros(added.shape), where=spread > 0.0)
        chance: Floats = self.weight @ ndtr(off)
        return chance

    def _pull(self, share: Floats) -> tuple[Floats, Floats]:
        """[G, M, J] by how much each answer moves the sum of its unit; and the variance of that sum at known means of columns [G, J]"""
        t, h, s = self.solved.t, self.solved.h, self.solved.s
        open_ = share * self._open
        of_level = _by_level(open_, self.group)
        of_unit = (of_level * h).sum(axis=1)
        own = of_unit**2 * s + (share**2 * self._open).sum(axis=1) * self.own[:, 0]
        pull = share * self.kept + (of_unit * s)[:, None, :] * self._weakened
        if t.any():
            own += (of_level**2 * t).sum(axis=1)
            pull += _spread(of_level * t, self.group) * self.solved.w
        return pull, own

    def columns(self, share: Floats) -> tuple[Floats, Floats]:
        """Mean [M] and covariance [M, M] of the sums of columns over units, by ``share`` [M, J]"""
        t, h, s = _spread(self.solved.t, self.group), _spread(self.solved.h, self.group), self.solved.s[:, None, :]
        same = self.group == self.group[:, None]
        diagonal = np.arange(len(share))
        open_ = share * self._open
        of_unit = open_ * h
        slope = -(of_unit * s) @ np.swapaxes(self._weakened, 1, 2)
        slope -= same * ((open_ * t) @ np.swapaxes(self.solved.w, 1, 2))
        slope[:, diagonal, diagonal] += open_.sum(axis=2)
        within = (of_unit * s) @ np.swapaxes(of_unit, 1, 2) + same * ((open_ * t) @ np.swapaxes(open_, 1, 2))
        within[:, diagonal, diagonal] += (share**2 * self._open).sum(axis=2) * self.own[:, 0]
        within += slope @ self.solved.inverse @ np.swapaxes(slope, 1, 2)
        mean = self.solved.level * share.sum(axis=1) + (share * self._added).sum(axis=2)
        middle = self.weight @ mean
        off = mean - middle
        covariance: Floats = np.tensordot(self.weight, within + off[:, :, None] * off[:, None, :], 1)
        return middle, covariance

    def _by_levels(self, slope: Floats) -> Floats:
        """[G, J] what the means of columns leave open of something that has this ``slope`` [G, M, J] by them"""
        found: Floats = ((self.solved.inverse @ slope) * slope).sum(axis=1)
        return found
