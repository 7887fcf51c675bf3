"""Gaps between what posts require and what people have, by unit and level, with partial pooling.

For each competency by itself: a gap is the mean of its level, what the unit adds (σ_u), what the unit adds for people of that level (σ_v), and what is the
person's own (σ). So a unit of four people lies near what people of such levels have elsewhere, by as much as units are alike at all. Means of levels are
fixed; σ_u and σ_v are not estimated but averaged over (a grid of both, with the restricted likelihood and a flat prior on each: Gelman 2006), so that
intervals know that they are not known. σ comes from how people of one unit and level differ."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from zhixing.engine.student import NORMAL_95

Floats: TypeAlias = npt.NDArray[np.float64]
Longs: TypeAlias = npt.NDArray[np.int64]

NODES: Final = 15
"""Of the grid, for each of the two spreads; they lie closer near 0."""
WIDENINGS: Final = 8
EDGE_MOST: Final = 1e-3
"""So much of the weight may lie on the largest spreads of the grid; else it is widened."""
WEIGHT_LEAST: Final = 1e-5
"""Nodes that are less likely than the likeliest by more than this are left out."""
FREEDOM_LEAST: Final = 5
"""People beyond the first of their unit and level, below which it is not known how people differ."""


@dataclass(frozen=True, eq=False)
class Answers:
    """One row [n] for each person and competency: the numbers of the ``competency``, the ``unit``, the ``level``, and the ``gap`` (required − present)."""

    competency: Longs
    unit: Longs
    level: Longs
    gap: Floats
    sizes: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Bands:
    """Estimates with their 95 % intervals, of ``count`` answers whose plain mean is ``raw``. NaN where nothing can be said."""

    estimate: Floats
    error: Floats
    count: Longs
    raw: Floats

    @property
    def lower(self) -> Floats:
        return self.estimate - NORMAL_95 * self.error

    @property
    def upper(self) -> Floats:
        return self.estimate + NORMAL_95 * self.error


@dataclass(frozen=True, eq=False)
class Gaps:
    """Of C competencies, J units and L levels. ``more`` [C, J]: the probability that the gap of a unit is larger than people of such levels have on average."""

    cells: Bands  # [C, J, L]
    units: Bands  # [C, J]
    levels: Bands  # [C, L]
    overall: Bands  # [C]
    more: Floats  # [C, J]


def gaps_of(answers: Answers, people: Floats | None = None) -> Gaps:
    """``people`` [J, L] for whom the answers stand: units, levels and all are means over them (none given: over those who answered)."""
    competencies, units, levels = answers.sizes
    place = (answers.competency * units + answers.unit) * levels + answers.level
    shape, size = answers.sizes, competencies * units * levels
    count: Longs = np.bincount(place, minlength=size).reshape(shape).astype(np.int64)
    total: Floats = np.bincount(place, answers.gap, minlength=size).reshape(shape).astype(np.float64)
    mean = np.divide(total, count, out=np.zeros(shape), where=count > 0)
    about = (answers.gap - mean.ravel()[place]) ** 2
    within = np.bincount(answers.competency, about, minlength=competencies)
    found = []
    for c in range(competencies):
        weight = count.max(axis=0).astype(np.float64) if people is None else people
        found.append(_pooled(count[c], mean[c], float(within[c]), weight))
    cells, of_units, of_levels, overall = (
        _bands([one.bands[kind] for one in found], total, count, axes)
        for kind, axes in enumerate(((), (2,), (1,), (1, 2)))
    )
    return Gaps(cells, of_units, of_levels, overall, np.array([one.more for one in found]))


_Band: TypeAlias = tuple[Floats, Floats]


class _Pooled(NamedTuple):
    """Estimates and errors of cells, units, levels and all, and ``more`` [J], of one competency."""

    bands: tuple[_Band, _Band, _Band, _Band]
    more: Floats


def _bands(found: list[_Band], total: Floats, count: Longs, axes: tuple[int, ...]) -> Bands:
    """``found`` of each competency; ``total`` and ``count`` [C, J, L] are added up along ``axes`` for the plain means."""
    sums = total.sum(axis=axes) if axes else total
    counts: Longs = count.sum(axis=axes) if axes else count
    return Bands(
        estimate=np.array([estimate for estimate, _error in found]),
        error=np.array([error for _estimate, error in found]),
        count=counts,
        raw=np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0),
    )


def _pooled(count: Longs, mean: Floats, within: float, people: Floats) -> _Pooled:
    """One competency. Levels of which nobody answered are left out: nothing is said of them."""
    units, levels = count.shape
    freedom = int((count - (count > 0)).sum())
    there = np.flatnonzero(count.sum(axis=0))
    if freedom < FREEDOM_LEAST or not within > 0.0:
        return _nothing(units, levels, count, mean if freedom >= FREEDOM_LEAST else np.full(mean.shape, np.nan), people)
    cells = Cells(count[:, there], mean[:, there], within / freedom)
    posterior = cells.posterior()
    weight = people[:, there]
    of_cells = _laid(posterior.cells(), (units, levels), there)
    of_levels = _laid(posterior.levels(weight), (levels,), there)
    return _Pooled((of_cells, posterior.units(weight), of_levels, posterior.overall(weight)), posterior.more(weight))


def _laid(band: _Band, shape: tuple[int, ...], there: Longs) -> _Band:
    found = []
    for values in band:
        laid = np.full(shape, np.nan)
        laid[..., there] = values
        found.append(laid)
    return found[0], found[1]


def _nothing(units: int, levels: int, count: Longs, mean: Floats, people: Floats) -> _Pooled:
    """Where people of one unit and level do not differ the means are what they are; where too few answered, nothing is known."""
    exact = np.where(count > 0, mean, np.nan)
    weight = np.where(np.isnan(exact), 0.0, people)

    def told(axes: tuple[int, ...]) -> _Band:
        sums, weights = np.nansum(exact * weight, axis=axes), weight.sum(axis=axes)
        estimate = np.divide(sums, weights, out=np.full(np.shape(sums), np.nan), where=np.asarray(weights > 0))
        return _known(estimate)

    return _Pooled((_known(exact), told((1,)), told((0,)), told((0, 1))), np.full(units, 0.5))


def _known(exact: Floats) -> _Band:
    return exact, np.where(np.isnan(exact), np.nan, 0.0)


@dataclass(frozen=True, eq=False)
class Cells:
    """``count`` and ``mean`` [J, L] of the answers by unit and level, every level of which has some, and the ``variance`` of single answers within them."""

    count: Longs
    mean: Floats
    variance: float

    def posterior(self) -> Posterior:
        most = 2.0 * float(np.sqrt(max(self._between(), self.variance / max(1.0, float(self.count.mean())))))
        for _ in range(WIDENINGS):
            found = self.at(*_grid(most))
            edge = np.isclose(found.of_unit, most) | np.isclose(found.of_cell, most)
            if found.weight[edge].sum() <= EDGE_MOST:
                break
            most *= 2.0
        return found

    def _between(self) -> float:
        """The plain variance of the means of cells"""
        held = self.count > 0
        return float(np.var(self.mean[held]))

    def at(self, of_unit: Floats, of_cell: Floats, prior: Floats) -> Posterior:
        """What the answers say where σ_u and σ_v are those of each node [G], and how likely these are."""
        held = self.count > 0
        u2, v2 = (spread[:, None, None] ** 2 for spread in (of_unit, of_cell))
        d = v2 + np.divide(self.variance, self.count, out=np.ones(self.mean.shape), where=held)
        w = np.where(held, 1.0 / d, 0.0)
        whole = w.sum(axis=2)
        s = u2[:, :, 0] / (1.0 + u2[:, :, 0] * whole)
        information = -(np.swapaxes(w, 1, 2) * s[:, None, :]) @ w
        diagonal = np.arange(self.mean.shape[1])
        information[:, diagonal, diagonal] += w.sum(axis=1)
        seen = w * self.mean
        right = seen.sum(axis=1) - ((s * seen.sum(axis=2))[:, None, :] @ w)[:, 0]
        inverse = np.linalg.inv(information)
        level = (inverse @ right[:, :, None])[:, :, 0]
        rest = np.where(held, self.mean - level[:, None, :], 0.0)
        pulled = (w * rest).sum(axis=2)
        left = (w * rest**2).sum(axis=(1, 2)) - (s * pulled**2).sum(axis=1)
        logs = np.where(held, np.log(d), 0.0).sum(axis=(1, 2)) + np.log1p(u2[:, :, 0] * whole).sum(axis=1)
        log = np.log(prior) - 0.5 * (logs + np.linalg.slogdet(information)[1] + left)
        weight = np.exp(log - log.max())
        told = Posterior(of_unit, of_cell, weight, level, inverse, w, s, v2 * w, s * pulled, rest, v2[:, :, 0])
        return told.without(weight < WEIGHT_LEAST)


def _grid(most: float) -> tuple[Floats, Floats, Floats]:
    """σ_u and σ_v of all nodes, from 0 to ``most``, and the share of the prior that each stands for."""
    node = most * (np.arange(NODES) / (NODES - 1.0)) ** 2
    width = np.gradient(node)
    width[[0, -1]] /= 2.0
    first, second = np.meshgrid(node, node, indexing="ij")
    return first.ravel(), second.ravel(), np.outer(width, width).ravel()


@dataclass(frozen=True, eq=False)
class Posterior:
    """At each node g: ``weight`` [G] of the node; ``level`` [G, L] the means of levels and ``inverse`` [G, L, L] their covariance; ``w`` [G, J, L] the
    precision of a cell; ``s`` [G, J] the variance of what a unit adds, once its answers are known, and ``unit`` its mean; ``kept`` [G, J, L] the share of a
    cell's distance from that which is its own; ``rest`` [G, J, L] mean − level; ``cell_variance`` [G, 1] σ_v²."""

    of_unit: Floats
    of_cell: Floats
    weight: Floats
    level: Floats
    inverse: Floats
    w: Floats
    s: Floats
    kept: Floats
    unit: Floats
    rest: Floats
    cell_variance: Floats

    def without(self, gone: npt.NDArray[np.bool_]) -> Posterior:
        """The other nodes, with weights that add up to 1"""
        kept = {field.name: getattr(self, field.name)[~gone] for field in fields(self)}
        return Posterior(**kept | {"weight": kept["weight"] / kept["weight"].sum()})

    @property
    def _added(self) -> Floats:
        """[G, J, L] what unit and level add together to the mean of the level"""
        return self.unit[:, :, None] * (1.0 - self.kept) + self.kept * self.rest

    @property
    def _own(self) -> Floats:
        """[G, J, L] what stays unknown of a cell beside its unit"""
        return self.cell_variance[:, :, None] * (1.0 - self.kept)

    def cells(self) -> _Band:
        mean = self.level[:, None, :] + self._added
        open_ = 1.0 - self.kept
        turned = self.w @ self.inverse
        squares = (self.w * turned).sum(axis=2)[:, :, None]
        s = self.s[:, :, None]
        own = np.diagonal(self.inverse, axis1=1, axis2=2)[:, None, :]
        return self._mixed(mean, open_**2 * (s + own - 2.0 * s * turned + s**2 * squares) + self._own)

    def units(self, people: Floats) -> _Band:
        mean, own, slope = self._of_units(people)
        return self._mixed(mean, own + self._by_levels(slope))

    def levels(self, people: Floats) -> _Band:
        share = _shares(people, axis=0)
        mean = self.level + (share * self._added).sum(axis=1)
        part = share * (1.0 - self.kept)
        own = (part**2 * self.s[:, :, None] + share**2 * self._own).sum(axis=1)
        slope = -(np.swapaxes(part, 1, 2) * self.s[:, None, :]) @ self.w
        diagonal = np.arange(people.shape[1])
        slope[:, diagonal, diagonal] += part.sum(axis=1)
        return self._mixed(mean, own + self._by_levels(slope))

    def overall(self, people: Floats) -> _Band:
        mean, own, slope = self._of_units(people)
        size = people.sum(axis=1) / max(float(people.sum()), 1e-300)
        whole = np.tensordot(slope, size, (1, 0))[:, None, :]
        return self._mixed(mean @ size, own @ size**2 + self._by_levels(whole)[:, 0])

    def more(self, people: Floats) -> Floats:
        """[J] the probability that a unit adds to the gap that people of its levels have on average"""
        from scipy.special import ndtr  # here: a web server starts without it

        share, open_, own = self._unknown(people)
        added = (share * self._added).sum(axis=2)
        slope = share * self.kept + (open_ * self.s)[:, :, None] * self.w
        spread = own + self._by_levels(slope)
        off = np.divide(added, np.sqrt(spread), out=np.zeros(added.shape), where=spread > 0.0)
        chance: Floats = self.weight @ ndtr(off)
        return chance

    def _of_units(self, people: Floats) -> tuple[Floats, Floats, Floats]:
        """Of each unit: mean [G, J], variance at known means of levels, and slope by these [G, J, L]"""
        share, open_, own = self._unknown(people)
        mean = (share * (self.level[:, None, :] + self._added)).sum(axis=2)
        return mean, own, share * (1.0 - self.kept) - (open_ * self.s)[:, :, None] * self.w

    def _unknown(self, people: Floats) -> tuple[Floats, Floats, Floats]:
        """Shares of the levels in each unit [J, L]; how much of what the unit adds is in its mean [G, J]; and the variance of that mean at known means of
        levels [G, J]"""
        share = _shares(people, axis=1)
        open_ = (share * (1.0 - self.kept)).sum(axis=2)
        return share, open_, open_**2 * self.s + (share**2 * self._own).sum(axis=2)

    def _by_levels(self, slope: Floats) -> Floats:
        """[G, .] what the means of levels leave open of something that has this ``slope`` [G, ., L] by them"""
        found: Floats = ((slope @ self.inverse) * slope).sum(axis=2)
        return found

    def _mixed(self, mean: Floats, variance: Floats) -> _Band:
        """Mean and standard deviation over all nodes"""
        middle = np.tensordot(self.weight, mean, 1)
        spread = np.tensordot(self.weight, variance + (mean - middle) ** 2, 1)
        return middle, np.sqrt(np.maximum(spread, 0.0))


def _shares(people: Floats, axis: int) -> Floats:
    """Shares of the people along an axis; equal ones where there are none."""
    total = people.sum(axis=axis, keepdims=True)
    found: Floats = np.divide(people, total, out=np.full(people.shape, 1.0 / people.shape[axis]), where=total > 0.0)
    return found
