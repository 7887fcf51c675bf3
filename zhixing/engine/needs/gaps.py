"""Gaps between what posts require and what people have, by unit and level, with partial pooling, as one or several sources see them.

For each competency by itself a gap is the mean of its level as a source sees it, what the unit adds, what the unit adds for that level and source, and what
is the sheet's own (σ, by source). So a unit of four people lies near what people of such levels have elsewhere, by as much as units are alike at all
(``posterior``). That people rate themselves better than others do is a difference of means of levels: it is the same for all units, so that no unit looks
better because nobody else was asked about it. σ comes from how sheets of one unit, level and source differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from zhixing.engine.columns import Flags, Floats, Longs
from zhixing.engine.needs.posterior import Band, Cells, Posterior
from zhixing.engine.student import NORMAL_95

FREEDOM_LEAST: Final = 5
"""Sheets beyond the first of their unit, level and source, below which it is not known how they differ."""
ALONE_LEAST: Final = 10
"""Where a source has one sheet of each unit and level, so many tell how they differ at most: by how far they lie from the mean of their level."""
FLOOR: Final = 1e-6
"""The least variance of a source beside others."""


@dataclass(frozen=True, eq=False)
class Answers:
    """One row [n] for each sheet and competency: the numbers of the ``competency``, the ``unit``, the ``level``, and the ``gap`` (required − present); and
    which ``source`` says so (none: the first). ``sizes``: how many competencies, units and levels there are."""

    competency: Longs
    unit: Longs
    level: Longs
    gap: Floats
    sizes: tuple[int, int, int]
    source: Longs | None = None

    def counted(self, some: Flags | slice = slice(None)) -> Longs:
        """[C, J, L] how many there are, of all or of some."""
        place = (self.competency * self.sizes[1] + self.unit) * self.sizes[2] + self.level
        found: Longs = np.bincount(place[some], minlength=int(np.prod(self.sizes))).reshape(self.sizes)
        return found


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
    """Of C competencies, J units, L levels and S sources. ``more`` [C, J]: the probability that the gap of a unit is larger than people of such levels have
    on average. ``seen`` [C, L, S] is what each source says by itself, and ``apart`` by how much its gap is larger than that of the first source."""

    cells: Bands  # [C, J, L]
    units: Bands  # [C, J]
    levels: Bands  # [C, L]
    overall: Bands  # [C]
    more: Floats  # [C, J]
    seen: Bands  # [C, L, S]
    apart: Bands  # [C, L, S]


def gaps_of(answers: Answers, people: Floats | None = None, weights: Sequence[float] = (1.0,)) -> Gaps:
    """``people`` [J, L] for whom the answers stand: units, levels and all are means over them (none given: over those who answered). ``weights`` [S] of the
    sources: a gap is the mean of what they see by these, of those that say anything about the competency and level."""
    sheets = _Sheets(answers, len(weights))
    count = sheets.count.sum(axis=3)
    found = []
    for c in range(answers.sizes[0]):
        weight = count.max(axis=0).astype(np.float64) if people is None else people
        found.append(_Competency(sheets.count[c], sheets.mean[c], sheets.within[c], weight, np.array(weights)).told())
    total = (sheets.count * sheets.mean).sum(axis=3)
    cells, units, levels, overall = (
        _bands([one.bands[kind] for one in found], total, count, axes)
        for kind, axes in enumerate(((), (2,), (1,), (1, 2)))
    )
    of_sources = (sheets.count * sheets.mean).sum(axis=1), sheets.count.sum(axis=1)
    seen, apart = (_bands([one.bands[kind] for one in found], *of_sources, ()) for kind in (4, 5))
    return Gaps(cells, units, levels, overall, np.array([one.more for one in found]), seen, apart)


class _Sheets:
    """``count`` and ``mean`` [C, J, L, S], and the sum of squares ``within`` them [C, S]"""

    def __init__(self, answers: Answers, sources: int) -> None:
        competencies, units, levels = answers.sizes
        source = np.zeros(len(answers.gap), np.int64) if answers.source is None else answers.source
        place = ((answers.competency * units + answers.unit) * levels + answers.level) * sources + source
        shape = (*answers.sizes, sources)
        size = int(np.prod(shape))
        self.count: Longs = np.bincount(place, minlength=size).reshape(shape).astype(np.int64)
        total: Floats = np.bincount(place, answers.gap, minlength=size).reshape(shape).astype(np.float64)
        self.mean = np.divide(total, self.count, out=np.zeros(shape), where=self.count > 0)
        about = (answers.gap - self.mean.ravel()[place]) ** 2
        where = answers.competency * sources + source
        self.within = np.bincount(where, about, minlength=competencies * sources).reshape(competencies, sources)


class _Told(NamedTuple):
    """Estimates and errors of cells, units, levels, all, sources, differences of sources; and ``more`` [J]; of one competency."""

    bands: tuple[Band, ...]
    more: Floats


def _bands(found: list[Band], total: Floats, count: Longs, axes: tuple[int, ...]) -> Bands:
    """``found`` of each competency; ``total`` and ``count`` are added up along ``axes`` for the plain means."""
    sums = total.sum(axis=axes) if axes else total
    counts: Longs = count.sum(axis=axes) if axes else count
    return Bands(
        estimate=np.array([estimate for estimate, _error in found]),
        error=np.array([error for _estimate, error in found]),
        count=counts,
        raw=np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0),
    )


@dataclass(frozen=True, eq=False)
class _Competency:
    """One competency: ``count`` and ``mean`` [J, L, S], ``within`` [S], ``people`` [J, L], ``weights`` [S]. Levels that a source says nothing of are left out
    of what it says."""

    count: Longs
    mean: Floats
    within: Floats
    people: Floats
    weights: Floats

    @cached_property
    def variance(self) -> Floats:
        """[S] of the sheets of one unit, level and source; NaN where it is not known."""
        freedom = (self.count - (self.count > 0)).sum(axis=(0, 1))
        found = np.divide(self.within, freedom, out=np.full(len(freedom), np.nan), where=freedom >= FREEDOM_LEAST)
        return np.where(freedom >= FREEDOM_LEAST, found, self._about_levels)

    @cached_property
    def _about_levels(self) -> Floats:
        """[S] of sheets about the mean of their level: not less than within cells, for what units add is in it"""
        total = self.count.sum(axis=0)
        middle = np.divide((self.count * self.mean).sum(axis=0), total, out=np.zeros(total.shape), where=total > 0)
        squares = self.within + (self.count * (self.mean - middle) ** 2).sum(axis=(0, 1))
        sheets, freedom = total.sum(axis=0), (total - (total > 0)).sum(axis=0)
        alone = (sheets >= ALONE_LEAST) & (self.count.max(axis=(0, 1)) == 1) & (freedom >= FREEDOM_LEAST)
        found: Floats = np.divide(squares, freedom, out=np.full(len(sheets), np.nan), where=alone)
        return found

    @cached_property
    def columns(self) -> tuple[Longs, Longs]:
        """Level and source of each column that says something"""
        says = (self.count.sum(axis=0) > 0) & ~np.isnan(self.variance) & (self.weights > 0)
        level, source = np.nonzero(says)
        return level, source

    @cached_property
    def part(self) -> Floats:
        """[M] what each column counts for in its level"""
        level, source = self.columns
        whole = np.bincount(level, self.weights[source], minlength=self.people.shape[1])
        part: Floats = self.weights[source] / whole[level]
        return part

    def told(self) -> _Told:
        level, source = self.columns
        if not len(level):
            return self._exact(np.full(self.people.shape, np.nan))
        only = len(set(source.tolist())) == 1
        if only and not self.variance[source[0]] > 0.0:
            there = self.count[:, :, source[0]] > 0
            return self._exact(np.where(there, self.mean[:, :, source[0]], np.nan))
        variance = np.maximum(self.variance[source], 0.0 if only else FLOOR)
        count = np.ascontiguousarray(self.count[:, level, source].T)
        mean = np.ascontiguousarray(self.mean[:, level, source].T)
        group = np.unique(level, return_inverse=True)[1]
        return self._pooled(Cells(count, mean, variance, group).posterior())

    def _pooled(self, posterior: Posterior) -> _Told:
        level, _source = self.columns
        units, levels = self.people.shape
        cells = np.full((2, units, levels), np.nan)
        for place in np.unique(level):
            cells[:, :, place] = posterior.units(np.where(level == place, self.part, 0.0)[:, None])
        part = self.part[:, None]
        share = _shares(self.people.T[level] * part, part / len(np.unique(level)), axis=0)
        return _Told(
            ((cells[0], cells[1]), posterior.units(share), *self._of_columns(posterior)), posterior.more(share)
        )

    def _of_columns(self, posterior: Posterior) -> tuple[Band, ...]:
        """Levels, all, sources and their differences: all are sums of the means of columns."""
        level, source = self.columns
        units, levels = self.people.shape
        sources = len(self.weights)
        share = _shares(self.people.T[level], np.full((len(level), 1), 1.0 / units), axis=1)
        middle, covariance = posterior.columns(share)

        def band(sums: Floats, shape: tuple[int, ...]) -> Band:
            spread = np.einsum("km,mn,kn->k", sums, covariance, sums)
            known = np.abs(sums).sum(axis=1) > 0
            mean = np.where(known, sums @ middle, np.nan).reshape(shape)
            return mean, np.where(known, np.sqrt(np.maximum(spread, 0.0)), np.nan).reshape(shape)

        of_level = np.where(np.arange(levels)[:, None] == level, self.part, 0.0)
        size = self.people[:, np.unique(level)].sum(axis=0)
        whole = _shares(size, np.full(len(size), 1.0 / len(size)), axis=0) @ of_level[np.unique(level)]
        alone = np.zeros((levels, sources, len(level)))
        alone[level, source, np.arange(len(level))] = 1.0
        says = alone.sum(axis=2) > 0.0
        both = (says & says[:, :1])[:, :, None]
        apart = np.where(both, alone - alone[:, :1], 0.0)
        apart[:, 0] = 0.0
        overall = band(whole[None], (1,))
        return (
            band(of_level, (levels,)),
            (overall[0][0], overall[1][0]),
            band(alone.reshape(-1, len(level)), (levels, sources)),
            band(apart.reshape(-1, len(level)), (levels, sources)),
        )

    def _exact(self, exact: Floats) -> _Told:
        """Where sheets of one unit and level do not differ the means are what they are; where too few answered, nothing is known."""
        weight = np.where(np.isnan(exact), 0.0, self.people)

        def told(axes: tuple[int, ...]) -> Band:
            sums, weights = np.nansum(exact * weight, axis=axes), weight.sum(axis=axes)
            estimate = np.divide(sums, weights, out=np.full(np.shape(sums), np.nan), where=np.asarray(weights > 0))
            return _known(estimate)

        levels = told((0,))
        seen = np.full((len(levels[0]), len(self.weights)), np.nan)
        _level, source = self.columns
        if len(source):
            seen[:, source[0]] = levels[0]
        apart = np.full(seen.shape, np.nan)
        units = self.people.shape[0]
        return _Told(
            (_known(exact), told((1,)), levels, told((0, 1)), _known(seen), _known(apart)), np.full(units, 0.5)
        )


def _known(exact: Floats) -> Band:
    return exact, np.where(np.isnan(exact), np.nan, 0.0)


def _shares(people: Floats, otherwise: Floats, axis: int) -> Floats:
    """Shares of the people along an axis; ``otherwise`` where there are none."""
    total = people.sum(axis=axis, keepdims=True)
    other = np.broadcast_to(otherwise, people.shape)
    return np.where(total > 0.0, people / np.where(total > 0.0, total, 1.0), other)
