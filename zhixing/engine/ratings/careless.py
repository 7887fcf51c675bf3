"""Sheets that were filled in without reading, by indices that each see another kind of haste.

The *longest run* of equal answers in the order of the form (Johnson 2005); the *variability* of the answers of one sheet (Dunn et al. 2018: none at all;
Marjanovic et al. 2015: as much as by lot); the squared *Mahalanobis distance* from the other sheets (Meade and Craig 2012); *even–odd consistency*, the
correlation over the blocks of the form of the means of their even and odd items, lengthened to the whole form (Jackson 1976); *seconds an item*, where
known (Huang et al. 2012). Time judges a sheet and nothing else: no sheet knows its person, and nothing is added up over sheets.

No index proves anything. On a form whose items all point one way an honest sheet may hold one answer throughout, so a long run and no variability count as
one sign, and a sheet is *set aside* only on ``signs_least`` signs. Figures are always told with and without the sheets set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import scipy.linalg as la
import scipy.special as special

from zhixing.engine.ratings.design import Flags, Floats
from zhixing.engine.ratings.sheets import Sheets

SIGHTLESS: Final = 1e-9
"""A direction in which the answers differ by less than this share of the widest is none."""


class Index(StrEnum):
    LONGEST_RUN = "longest_run"
    VARIABILITY = "variability"
    DISTANCE = "distance"
    CONSISTENCY = "consistency"
    SECONDS = "seconds"


@dataclass(frozen=True)
class Thresholds:
    """From where on an index is a sign; None: never.

    ``run_share``: a run of so large a share of the items (Curran 2016: half). ``variability_share``: variability above so large a share of that of answers
    by lot over the whole scale; our own choice, between the 0.5 of attentive and the 1.0 of careless sheets (`zhixing bench --only answers`).
    ``distance_chance``: a distance that so small a share of attentive sheets would pass (Tabachnick and Fidell 2007: 0.001). ``consistency``: an even–odd
    correlation below this (Jackson 1977: 0.30). ``item_seconds``: less than so much for each item (Huang et al. 2012: 2 s)."""

    run_share: float | None = 0.5
    variability_share: float | None = 0.85
    distance_chance: float | None = 0.001
    consistency: float | None = 0.30
    item_seconds: float | None = 2.0
    signs_least: int = 2


@dataclass(frozen=True, eq=False)
class Screening:
    """Of n sheets: each index [n], NaN where a sheet does not tell it, and which of them it flags; ``flat``: the sheet holds one answer throughout.
    ``signs`` [n] counts the flags, of a long run and of one answer throughout but one; ``aside`` [n] are the sheets with enough signs."""

    index: dict[Index, Floats]
    flags: dict[Index, Flags]
    signs: np.ndarray
    aside: Flags


@dataclass(frozen=True, eq=False)
class Means:
    """Of each group and item [G, k]: how many answered and the mean, of all sheets and of those not set aside."""

    groups: tuple[str, ...]
    count: Floats
    mean: Floats
    count_left: Floats
    mean_left: Floats


def screen(
    sheets: Sheets,
    scale: tuple[float, float],
    blocks: Sequence[Sequence[str]] = (),
    reversed_: Sequence[str] = (),
    thresholds: Thresholds | None = None,
) -> Screening:
    """Every index of every sheet. ``blocks``: the items that belong together, in the order of the form; ``reversed_``: items that point the other way,
    which variability and consistency read turned round: one answer throughout contradicts itself there, and only there."""
    limits = thresholds or Thresholds()
    turned = sheets.turned(reversed_, *scale)
    answered = sheets.answered.sum(axis=1)
    distance, freedom = distances(sheets.values)
    index = {
        Index.LONGEST_RUN: longest_runs(sheets.values),
        Index.VARIABILITY: variability(turned.values),
        Index.DISTANCE: distance,
        Index.CONSISTENCY: consistency(
            turned.values, [[sheets.items.index(name) for name in block] for block in blocks]
        ),
        Index.SECONDS: np.full(len(answered), np.nan),
    }
    if sheets.seconds is not None:
        index[Index.SECONDS] = np.divide(sheets.seconds, answered, out=index[Index.SECONDS], where=answered > 0)
    flags = _flags(index, freedom, answered, scale, limits)
    signs = np.sum([flag.astype(int) for flag in flags.values()], axis=0)
    signs -= flags[Index.LONGEST_RUN] & (index[Index.VARIABILITY] == 0.0) & flags[Index.VARIABILITY]
    return Screening(index, flags, signs, signs >= limits.signs_least)


def _flags(
    index: dict[Index, Floats], freedom: Floats, answered: np.ndarray, scale: tuple[float, float], limits: Thresholds
) -> dict[Index, Flags]:
    """A comparison with NaN is no flag."""
    none = np.zeros(len(answered), bool)
    steps = scale[1] - scale[0] + 1.0
    lot = np.sqrt((steps**2 - 1.0) / 12.0)
    flags = dict.fromkeys(Index, none)
    if limits.run_share is not None:
        flags[Index.LONGEST_RUN] = (index[Index.LONGEST_RUN] >= limits.run_share * answered) & (answered > 2)
    if limits.variability_share is not None:
        at = index[Index.VARIABILITY]
        flags[Index.VARIABILITY] = (at > limits.variability_share * lot) | (at == 0.0)
    if limits.distance_chance is not None:
        chance = special.chdtrc(np.maximum(freedom, 1.0), index[Index.DISTANCE])
        flags[Index.DISTANCE] = (chance < limits.distance_chance) & (freedom > 0.0)
    if limits.consistency is not None:
        flags[Index.CONSISTENCY] = index[Index.CONSISTENCY] < limits.consistency
    if limits.item_seconds is not None:
        flags[Index.SECONDS] = index[Index.SECONDS] < limits.item_seconds
    return flags


def longest_runs(values: Floats) -> Floats:
    """[n] the most equal answers one after another; items left out are passed over. 0 where nothing was answered."""
    last, run, most = np.full(len(values), np.nan), np.zeros(len(values)), np.zeros(len(values))
    for column in values.T:
        there = ~np.isnan(column)
        run = np.where(there, np.where(column == last, run + 1.0, 1.0), run)
        last = np.where(there, column, last)
        most = np.maximum(most, run)
    return most


def variability(values: Floats) -> Floats:
    """[n] the standard deviation of the answers of a sheet, of two or more"""
    there = ~np.isnan(values)
    count = there.sum(axis=1)
    first = values[np.arange(len(values)), there.argmax(axis=1)]
    off = np.where(there, values - first[:, None], 0.0)
    squares = (off**2).sum(axis=1) - off.sum(axis=1) ** 2 / np.maximum(count, 1)
    spread = np.sqrt(np.maximum(squares, 0.0) / np.maximum(count - 1, 1))
    return np.where(count > 1, spread, np.nan)


def distances(values: Floats) -> tuple[Floats, Floats]:
    """[n] squared Mahalanobis distances from the mean, over the items that a sheet answers, and [n] their degrees of freedom.

    Means and covariances are those of the sheets that answer; directions in which the answers do not differ are left out, so a form with an item that
    repeats another has a distance too. NaN and 0 where nothing is left."""
    there = ~np.isnan(values)
    both = there.T.astype(np.float64) @ there
    mean = np.divide(
        np.where(there, values, 0.0).sum(axis=0), np.diag(both), out=np.zeros(len(both)), where=np.diag(both) > 0
    )
    off = np.where(there, values - mean, 0.0)
    covariance = off.T @ off / np.maximum(both - 1.0, 1.0)
    found, freedom = np.full(len(values), np.nan), np.zeros(len(values))
    patterns, which = np.unique(np.packbits(there, axis=1), axis=0, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(which.ravel(), minlength=len(patterns)))[:-1]):
        items = np.flatnonzero(there[rows[0]])
        root = _inverse_root(covariance[np.ix_(items, items)])
        if root.shape[1]:
            found[rows] = ((off[np.ix_(rows, items)] @ root) ** 2).sum(axis=1)
            freedom[rows] = root.shape[1]
    return found, freedom


def _inverse_root(covariance: Floats) -> Floats:
    """[k, rank] R with RR' the inverse of a covariance where it has one"""
    if not len(covariance):
        return np.zeros((0, 0))
    values, axes = la.eigh(covariance)
    seen = values > SIGHTLESS * max(float(values[-1]), 1e-300)
    return np.asarray(axes[:, seen] / np.sqrt(values[seen]))


def consistency(values: Floats, blocks: Sequence[Sequence[int]]) -> Floats:
    """[n] even–odd consistency over the blocks of two items or more, NaN where a sheet tells fewer than three or one half of it does not vary."""
    halves = [(values[:, list(block)[::2]], values[:, list(block)[1::2]]) for block in blocks if len(block) > 1]
    if len(halves) < 3:
        return np.full(len(values), np.nan)
    odd, even = (np.column_stack([_means(half) for half in side]) for side in zip(*halves, strict=True))
    there = ~(np.isnan(odd) | np.isnan(even))
    count = there.sum(axis=1)
    one, other = (_centred(side, there, count) for side in (odd, even))
    size = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    told = (size > 1e-12) & (count > 2)
    half = np.divide((one * other).sum(axis=1), size, out=np.full(len(values), np.nan), where=told)
    return np.asarray(2.0 * half / (1.0 + np.abs(half)))


def _means(columns: Floats) -> Floats:
    """[n] over the items answered"""
    there = ~np.isnan(columns)
    count = there.sum(axis=1)
    total = np.where(there, columns, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0))


def _centred(side: Floats, there: Flags, count: np.ndarray) -> Floats:
    filled = np.where(there, side, 0.0)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    return np.asarray(np.where(there, filled - mean[:, None], 0.0))


def means(sheets: Sheets, aside: Flags) -> Means:
    """The mean answers of every group, or of all sheets, with and without those set aside."""
    names = sheets.groups.names if sheets.groups else ("",)
    code = sheets.groups.code if sheets.groups else np.zeros(len(aside), np.int64)

    def of(rows: Flags) -> tuple[Floats, Floats]:
        there = sheets.answered & rows[:, None]
        filled = np.where(there, sheets.values, 0.0)
        count = _by_group(code, there.astype(np.float64), len(names))
        total = _by_group(code, filled, len(names))
        return count, np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)

    return Means(names, *of(np.ones(len(aside), bool)), *of(~aside))


def _by_group(code: np.ndarray, columns: Floats, groups: int) -> Floats:
    """[G, k]"""
    return np.column_stack([np.bincount(code, column, minlength=groups) for column in columns.T])
