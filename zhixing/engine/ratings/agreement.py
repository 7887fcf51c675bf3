"""How far raters agree.

Raters of the same units: Krippendorff's α (2011) at every level of measurement. Raters in groups that rate themselves: r_wg and r_wg(j) (James, Demaree and
Wolf 1984), a_wg (Brown and Hauenstein 2005), the average deviation from the median (Burke, Finkelstein and Dusig 1999)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import scipy.sparse as sp

from zhixing.engine.ratings.design import Flags, Floats
from zhixing.engine.ratings.reliability import LEVEL, Figure
from zhixing.engine.ratings.sheets import Codes, Fault, FaultCode, Groups, SheetsError

RESAMPLES: Final = 1_000
BLOCKS: Final = 2_000
RATIO_VALUES_MOST: Final = 3_000


class Measure(StrEnum):
    """Levels of measurement."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's α of ``units`` that two raters or more have rated, with ``answers`` in all."""

    units: int
    answers: int
    measure: Measure
    alpha: Figure


def krippendorff(values: Floats, measure: Measure, resamples: int = RESAMPLES, seed: int = 1) -> Agreement:
    """α of units [n] by raters [k] with any cells missing. Its interval is the seeded percentile one of resampled units, of more than ``BLOCKS`` units of
    as many blocks that they are dealt into; 0 ``resamples``: no interval."""
    paired = values[(~np.isnan(values)).sum(axis=1) > 1]
    if not len(paired):
        raise SheetsError([Fault(FaultCode.NEVER_TOGETHER)])
    there = ~np.isnan(paired)
    known, place = np.unique(paired[there], return_inverse=True)
    _check_values(known, measure)
    unit = np.repeat(np.arange(len(paired)), there.sum(axis=1))
    counts = sp.csr_matrix((np.ones(len(unit)), (unit, place)), shape=(len(paired), len(known)))
    units = _Units.of(counts, known, measure)
    lower, upper = units.interval(resamples, np.random.default_rng(seed)) if resamples else (None, None)
    return Agreement(len(paired), len(unit), measure, Figure(units.alpha(np.ones(len(paired))), lower, upper))


def _check_values(known: Floats, measure: Measure) -> None:
    if len(known) < 2:
        raise SheetsError([Fault(FaultCode.ALL_EQUAL)])
    if measure is Measure.RATIO and known[0] < 0.0:
        raise SheetsError([Fault(FaultCode.NOT_POSITIVE, value=f"{known[0]:g}")])
    if measure is Measure.RATIO and len(known) > RATIO_VALUES_MOST:
        raise SheetsError([Fault(FaultCode.MANY_VALUES, value=str(len(known)))])


@dataclass(frozen=True, eq=False)
class _Units:
    """How often each unit was given each of the V values, and the disagreement inside it: Σ δ² over the pairs of its m ratings, over m − 1.

    Intervals lie ``at`` their values; ordinal ones at the middle ranks of these among all ratings, so that what stands between two values parts them, with
    half of each. Ratio ``gap`` [V, V] is δ² itself. Nominal values have neither."""

    counts: sp.csr_matrix  # [U, V]
    inside: Floats  # [U]
    at: Floats | None  # [V]
    gap: Floats | None  # [V, V]

    @classmethod
    def of(cls, counts: sp.csr_matrix, known: Floats, measure: Measure) -> _Units:
        size, total = np.asarray(counts.sum(axis=1)).ravel(), np.asarray(counts.sum(axis=0)).ravel()
        at = gap = None
        if measure is Measure.NOMINAL:
            inside = size**2 - np.asarray(counts.multiply(counts).sum(axis=1)).ravel()
        elif measure is Measure.RATIO:
            both = np.add.outer(known, known)
            gap = np.divide(np.subtract.outer(known, known), both, out=np.zeros_like(both), where=both > 0.0) ** 2
            inside = np.asarray(counts.multiply(counts @ gap).sum(axis=1)).ravel()
        else:
            at = known if measure is Measure.INTERVAL else np.cumsum(total) - total / 2.0
            at = at - at @ total / total.sum()
            inside = np.maximum(2.0 * (size * (counts @ at**2) - (counts @ at) ** 2), 0.0)
        return cls(counts, inside / (size - 1.0), at, gap)

    def alpha(self, weight: Floats) -> float:
        """1 − observed ÷ expected disagreement of the units weighted; NaN where all that count were given one value."""
        total = self.counts.T @ weight
        n, expected = float(total.sum()), self._expected(total)
        return float(1.0 - (n - 1.0) * (weight @ self.inside) / expected) if expected > 0.0 else np.nan

    def _expected(self, total: Floats) -> float:
        """Σ δ² over the pairs of all ratings"""
        if self.gap is not None:
            return float(total @ self.gap @ total)
        if self.at is not None:
            return 2.0 * float(total.sum() * (total @ self.at**2) - (total @ self.at) ** 2)
        return float(total.sum() ** 2 - total @ total)

    def interval(self, resamples: int, rng: np.random.Generator) -> tuple[float, float]:
        dealt = self._dealt(rng)
        n = len(dealt.inside)
        drawn = [
            dealt.alpha(np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)) for _ in range(resamples)
        ]
        low, high = np.nanquantile(drawn, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
        return float(low), float(high)

    def _dealt(self, rng: np.random.Generator) -> _Units:
        """The units in at most ``BLOCKS`` blocks of like size, by lot."""
        n = len(self.inside)
        if n <= BLOCKS:
            return self
        block = rng.permutation(n) % BLOCKS
        deal = sp.csr_matrix((np.ones(n), (block, np.arange(n))), shape=(BLOCKS, n))
        return _Units((deal @ self.counts).tocsr(), deal @ self.inside, self.at, self.gap)


@dataclass(frozen=True, eq=False)
class WithinGroups:
    """Agreement inside each of the G groups about J items on a scale of A steps from ``low`` to ``high``; NaN where a group has too few answers.

    ``r_wg_j``: 1 − mean variance over what answers by chance, all steps as likely, would have, by J items (cut at 0); ``deviation``: mean distance from the
    median of the group, over the items; ``a_wg``: 1 − the variance over half of the largest that the mean allows, over the items."""

    sheets: Codes
    r_wg: Floats  # [G, J]
    r_wg_j: Floats  # [G]
    deviation: Floats  # [G]
    a_wg: Floats  # [G]


def within_groups(values: Floats, groups: Groups, low: float, high: float) -> WithinGroups:
    """Of items [n, J] answered in whole steps."""
    code, g, j = groups.code, len(groups.names), values.shape[1]
    there = ~np.isnan(values)
    filled = np.where(there, values, 0.0)
    count, total = _by_group(code, there.astype(np.float64), g), _by_group(code, filled, g)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / count
        squares = _by_group(code, np.where(there, (filled - mean[code]) ** 2, 0.0), g)
        variance = np.where(count > 1, squares / (count - 1.0), np.nan)
        chance = ((high - low + 1.0) ** 2 - 1.0) / 12.0
        share = variance / chance
        left = 1.0 - share.mean(axis=1)
        r_wg_j = j * left / (j * left + share.mean(axis=1))
        largest = ((high + low) * mean - mean**2 - high * low) * count / (count - 1.0)
        a_wg = np.where((variance == 0.0) & (largest <= 0.0), 1.0, 1.0 - 2.0 * variance / largest)
        enough = mean_allows(mean, count, low, high)
        deviation = np.column_stack([_deviation(column, code, g) for column in values.T])
    return WithinGroups(
        sheets=np.bincount(code, minlength=g).astype(np.int64),
        r_wg=np.maximum(1.0 - share, 0.0),
        r_wg_j=np.where(left > 0.0, r_wg_j, np.where(np.isnan(left), np.nan, 0.0)),
        deviation=deviation.mean(axis=1),
        a_wg=np.where(enough, a_wg, np.nan).mean(axis=1),
    )


def mean_allows(mean: Floats, count: Floats, low: float, high: float) -> Flags:
    """Whether a mean lies where a_wg is defined: so near to an end of the scale a few answers cannot disagree (Brown and Hauenstein 2005)."""
    least = (low * (count - 1.0) + high) / count
    most = (high * (count - 1.0) + low) / count
    return np.asarray((count > 1) & (((mean >= least) & (mean <= most)) | (mean == low) | (mean == high)))


def _by_group(code: Codes, columns: Floats, groups: int) -> Floats:
    """[G, J]"""
    return np.column_stack([np.bincount(code, column, minlength=groups) for column in columns.T])


def _deviation(column: Floats, code: Codes, groups: int) -> Floats:
    """[G] the mean distance of the answers from their median"""
    there = ~np.isnan(column)
    value, own = column[there], code[there]
    order = np.lexsort((value, own))
    value, own = value[order], own[order]
    count = np.bincount(own, minlength=groups)
    start = np.cumsum(count) - count
    median = np.full(groups, np.nan)
    some = count > 0
    first, second = start + (count - 1) // 2, start + count // 2
    median[some] = (value[first[some]] + value[second[some]]) / 2.0
    away = np.bincount(own, np.abs(value - median[own]), minlength=groups)
    return np.where(count > 1, away / np.maximum(count, 1), np.nan)
