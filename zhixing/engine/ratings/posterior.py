"""What the ratings tell of all levels of one factor together, the uncertainty of the variances taken in.

At given γ (``point.py``) the effects and the fixed terms are jointly normal about Henderson's solutions, and the residual variance is integrated out exactly
(a scaled inverse χ² of n − p degrees: the restricted likelihood is its integral; Harville 1974). What the γ may be is integrated over numerically: their
posterior density is the restricted likelihood times a prior that is flat on the variance of every factor, which keeps intervals of shrunken effects near
their level for few levels too (Morris and Tang 2011; Kass and Steffey 1989 for why the plug-in intervals are too short). The nodes are a scrambled Sobol
sequence, carried to a product of t distributions about the mode and weighted by what the density is there (importance sampling; Geweke 1989)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy.linalg as la
import scipy.special as special

from zhixing.engine.ratings.crossed import Fit
from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.exact import Exact
from zhixing.engine.ratings.point import Point
from zhixing.engine.ratings.sums import Sums

Places = npt.NDArray[np.int64]

NODES: Final = 64
"""A power of two, as such sequences want."""
NODES_LEAST: Final = 8
"""Fewer are no integral: the mode alone then stands for all γ."""
CELLS_MOST: Final = 16_000_000
"""Of all covariance matrices together: 128 MB."""
COLUMNS: Final = 64
"""Of the inverse at once, so that memory stays linear in the levels of all factors."""
TAIL: Final = 4.0
"""Degrees of freedom of the t distributions that the nodes come from: heavier than any tail of the posterior density."""
WIDE: Final = 10.0
"""Beyond so many times the variance of the ratings the prior of a variance falls, so that two levels alone leave the posterior density proper."""
BEND_LEAST: Final = 0.05
"""So flat a density is told by few nodes only: they are not spread further."""
NEGLIGIBLE: Final = 1e-5
JITTER: Final = 1e-12
TINY: Final = 1e-150
"""Levels without any variance are drawn this far apart: enough for each to be the lowest as often as any other."""
HALVINGS: Final = 40
NORMAL: Final = 1_000
"""Of more degrees of freedom a t distribution is taken as normal: its quantiles are within 0.2 %."""
NARROWEST, WIDEST = np.log(1e-8), np.log(1e8)
SMALL: Final = 1e-3
"""Where the search for the mode starts when a factor has no variance."""
OFF: Final = 3.0
FLAT: Final = 1e-9
"""Where the slope of the deviance is no more than this so many times off the likeliest γ, the ratings tell nothing of a variance."""
INTEGRATED_MOST: Final = 250
"""More levels tell their variance to a tenth, and the likeliest one stands for all."""
OTHERS_MOST: Final = 1_500
"""Levels of all factors but the largest: more are too many to be solved over and over."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """A mixture of P multivariate t distributions with ``freedom`` degrees over the q levels of a factor; ``middle`` is the mean response at the mean of
    the fixed terms. ``scale`` [P, q] and ``covariance`` [P, q, q] are those of a normal distribution, before the residual variance is integrated out;
    without ``covariance`` the levels are taken as independent. ``means`` are those of the levels with the middle: what is not known of the middle is not
    counted twice, for a level that seems high where the middle seems low has the same mean."""

    weight: Floats  # [P]
    mean: Floats  # [P, q]
    scale: Floats  # [P, q]
    covariance: Floats | None
    freedom: int
    middle: float
    means: tuple[Floats, Floats] | None = None  # [P, q] and their scale [P, q]

    def of_means(self) -> Posterior:
        """The levels with the middle, each by itself."""
        mean, scale = (self.mean + self.middle, self.scale) if self.means is None else self.means
        return Posterior(self.weight, mean, scale, None, self.freedom, 0.0)

    @property
    def estimate(self) -> Floats:
        """[q]"""
        return self.weight @ self.mean

    @property
    def error(self) -> Floats:
        """[q] the standard deviation of each level"""
        about = self.mean - self.estimate
        return np.sqrt(self.weight @ (self._wide * self.scale**2 + about**2))

    @property
    def _wide(self) -> float:
        return self.freedom / (self.freedom - 2) if self.freedom > 2 else 1.0

    def gap_error(self) -> Floats:
        """[q, q] the standard deviation of the difference of every two levels"""
        if self.covariance is None:
            return np.sqrt(np.add.outer(self.error**2, self.error**2))
        about = self.mean - self.estimate
        spread = np.tensordot(self.weight * self._wide, self.covariance, 1) + (about.T * self.weight) @ about
        own = np.diag(spread)
        return np.sqrt(np.maximum(np.add.outer(own, own) - 2.0 * spread, 0.0))

    def quantile(self, share: float) -> Floats:
        """[q] below which a level lies with this probability, by halving"""
        reach = -special.stdtrit(self.freedom, min(share, 1.0 - share) / 100.0) * self.scale
        low, high = (self.mean - reach).min(axis=0), (self.mean + reach).max(axis=0)
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            off = np.divide(middle - self.mean, self.scale, out=np.zeros_like(self.scale), where=self.scale > 0.0)
            below = self.weight @ self._chance(off) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2.0)

    def _chance(self, off: Floats) -> Floats:
        """Of lying so many scales below a mean"""
        return np.asarray(special.ndtr(off) if self.freedom > NORMAL else special.stdtr(self.freedom, off))

    def draws(self, count: int, order: Places, seed: int) -> Floats:
        """[count, q] seeded draws, node by node. Levels are drawn in ``order``: where that does not depend on their names, the draws do not either."""
        rng = np.random.default_rng(seed)
        drawn = np.empty((count, len(order)))
        start = 0
        for node, size in enumerate(_shares(self.weight, count).tolist()):
            normal = rng.standard_normal((size, len(order)))
            if self.covariance is None:
                normal *= np.maximum(self.scale[node, order], TINY)
            else:
                normal = normal @ _root(self.covariance[node][np.ix_(order, order)]).T
            normal *= np.sqrt(self.freedom / rng.chisquare(self.freedom, (size, 1)))
            drawn[start : start + size, order] = self.mean[node, order] + normal
            start += size
        return drawn


def _shares(weight: Floats, count: int) -> Places:
    """[P] how many of ``count`` draws each node gets: the whole parts, the rest to the largest remainders."""
    exact = weight * count
    whole = np.floor(exact).astype(np.int64)
    left = count - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole


def _root(covariance: Floats) -> Floats:
    """The lower Cholesky factor: unlike axes it changes little when the matrix does."""
    size = float(np.diag(covariance).mean())
    if size <= 0.0:
        return TINY * np.eye(len(covariance))
    return np.asarray(la.cholesky(covariance + JITTER * size * np.eye(len(covariance)), lower=True))


def posterior_of(sums: Sums, found: Fit, place: int, seed: int = 1) -> Posterior:
    """The posterior distribution of the levels of factor ``place``, integrated over the variances of all factors that the ratings tell anything of."""
    levels = sums.start[place + 1] - sums.start[place]
    sizes = np.diff(sums.start)
    others = int(sizes.sum() - sizes.max())
    if levels**2 > CELLS_MOST or others > OTHERS_MOST:
        return _independent(sums, found, place)
    if levels > INTEGRATED_MOST and place not in found.singular:
        likeliest: Point = Exact(sums, found.variances / found.residual, restricted=True)
        points, weight = [likeliest], np.ones(1)
    else:
        points, weight = _integrated(_Density.of(sums, found), CELLS_MOST // max(levels, others) ** 2, seed)
    mean, covariance = (np.array(part) for part in zip(*(_levels(point, place) for point in points), strict=True))
    middle = np.array([point.beta @ sums.xx[0] / sums.n for point in points])
    scale = np.sqrt(np.einsum("pii->pi", covariance))
    means = mean + middle[:, None], np.array([_scale_of_means(point, place) for point in points])
    return Posterior(weight, mean, scale, covariance, points[0].freedom, float(weight @ middle), means)


def _independent(sums: Sums, found: Fit, place: int) -> Posterior:
    """The effects of a fit with their conditional errors, where the levels are too many for a covariance matrix: they tell the variances so well
    that these are as good as known."""
    own = slice(sums.start[place], sums.start[place + 1])
    middle = float(found.beta @ sums.xx[0] / sums.n)
    return Posterior(
        np.ones(1), found.effects[None, own], found.errors[None, own], None, sums.n - len(found.beta), middle
    )


def _integrated(density: _Density, room: int, seed: int) -> tuple[list[Point], Floats]:
    """The points at the nodes, as many as there is ``room`` for, with their weights; nodes that add nothing are dropped."""
    mode, root = density.peak()
    if not len(mode) or room < NODES_LEAST:
        return [density.point(mode)], np.ones(1)
    at, lift = _nodes(mode, root, 1 << (min(NODES, room).bit_length() - 1), seed)
    points = [density.point(x) for x in at]
    logs = np.array([density.log(point, x) for point, x in zip(points, at, strict=True)]) + lift
    weight = np.exp(logs - logs.max())
    kept = np.flatnonzero(weight > NEGLIGIBLE * weight.sum())
    return [points[place] for place in kept.tolist()], weight[kept] / weight[kept].sum()


def _levels(point: Point, place: int) -> tuple[Floats, Floats]:
    """Mean [q] and squared scale [q, q] of the levels of a factor: σ²(ΛA⁻¹Λ + W G⁻¹ W'), of which the second part is the uncertainty of the fixed terms."""
    own = _own(point, place)
    inverse, by_terms = _inverse(point, own), _by_terms(point, own)
    known = inverse + by_terms @ la.solve(point.gram, by_terms.T, assume_a="pos")
    return point.scale[own] * point.spherical[own], point.residual * (known + known.T) / 2.0


def _scale_of_means(point: Point, place: int) -> Floats:
    """[q] of the levels with the mean response at the mean x of the fixed terms: σ²(ΛA⁻¹Λ + (x − W) G⁻¹ (x − W)')."""
    own = _own(point, place)
    off = point.sums.xx[0] / point.sums.n - _by_terms(point, own)
    open_ = np.einsum("qp,pq->q", off, la.solve(point.gram, off.T, assume_a="pos"))
    return np.asarray(np.sqrt(point.residual * np.maximum(np.diag(_inverse(point, own)) + open_, 0.0)))


def _own(point: Point, place: int) -> Places:
    start = point.sums.start
    return np.arange(start[place], start[place + 1])


def _by_terms(point: Point, own: Places) -> Floats:
    """W [q, p]"""
    return np.asarray(point.scale[own][:, None] * point.solved[1][own])


def _inverse(point: Point, own: Places) -> Floats:
    """ΛA⁻¹Λ [q, q]"""
    scale = point.scale[own]
    inverse = np.zeros((len(own), len(own)))
    for first in range(0, len(own), COLUMNS):
        some = own[first : first + COLUMNS]
        right = np.zeros((point.sums.start[-1], len(some)))
        right[some, np.arange(len(some))] = point.scale[some]
        inverse[:, first : first + COLUMNS] = scale[:, None] * point.solve(right)[own]
    return inverse


@dataclass(frozen=True, eq=False)
class _Density:
    """The posterior density of the logarithms of γ of the factors that are ``there``; the others have no variance."""

    sums: Sums
    there: Places
    start: Floats
    wide: float

    @classmethod
    def of(cls, sums: Sums, found: Fit) -> _Density:
        gamma = np.where(found.variances > 0.0, found.variances / found.residual, SMALL)
        several = np.diff(sums.start) > 1
        off = Exact(sums, np.where(several, OFF * gamma, 0.0), restricted=True)
        there = np.flatnonzero(np.abs(off.slope * off.gamma) > FLAT)
        nothing = Exact(sums, np.zeros(len(gamma)), restricted=True)
        return cls(sums, there, np.log(gamma[there]), WIDE * nothing.residual / found.residual)

    def point(self, x: Floats) -> Point:
        gamma = np.zeros(len(self.sums.start) - 1)
        gamma[self.there] = np.exp(np.clip(x, NARROWEST, WIDEST))
        return Exact(self.sums, gamma, restricted=True)

    def log(self, point: Point, x: Floats) -> float:
        return -0.5 * point.deviance + float(np.sum(x - 1.5 * np.log1p(np.exp(x) / self.wide)))

    def _down(self, x: Floats) -> tuple[float, Floats]:
        """−log density and its slope"""
        point = self.point(x)
        gamma = np.exp(x)
        prior = 1.0 - 1.5 * gamma / (self.wide + gamma)
        return -self.log(point, x), 0.5 * point.slope[self.there] * gamma - prior

    def peak(self) -> tuple[Floats, Floats]:
        """The mode [K'] and a root R of the inverse of the bend there, R R' = H⁻¹."""
        if not len(self.there):
            return self.start, np.zeros((0, 0))
        from scipy.optimize import minimize  # here: whoever only fits does without it

        mode = minimize(
            self._down, self.start, jac=True, method="L-BFGS-B", bounds=[(NARROWEST, WIDEST)] * len(self.start)
        ).x
        step = 1e-3
        bend = np.array(
            [
                (self._down(mode + step * one)[1] - self._down(mode - step * one)[1]) / (2 * step)
                for one in np.eye(len(mode))
            ]
        )
        values, axes = la.eigh((bend + bend.T) / 2.0)
        upright = (axes * np.maximum(values, BEND_LEAST)) @ axes.T
        return mode, la.inv(la.cholesky(upright))


def _nodes(mode: Floats, root: Floats, count: int, seed: int) -> tuple[Floats, Floats]:
    """Nodes [P, K'] and −log of the density that they come from, but for a constant [P]."""
    from scipy.stats.qmc import Sobol  # here: half a second that nobody else needs

    even = Sobol(len(mode), scramble=True, seed=seed).random(count)
    off = special.stdtrit(TAIL, np.clip(even, 1e-9, 1.0 - 1e-9))
    return mode + off @ root.T, (TAIL + 1.0) / 2.0 * np.log1p(off**2 / TAIL).sum(axis=1)
