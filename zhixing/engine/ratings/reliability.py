"""How far the items of a form measure one thing, and how much of a rating is the unit rated.

Items of one form: Cronbach's α (1951) with Feldt's interval (1965), McDonald's ω (1999) of one common factor. Units rated by the same raters: the intraclass
correlations of Shrout and Fleiss (1979). Sheets in groups, each of which rates itself only: ICC(1) and ICC(2) (Bliese 2000)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import scipy.linalg as la
import scipy.special as special

from zhixing.engine.ratings.design import Floats
from zhixing.engine.ratings.sheets import Fault, FaultCode, Groups, SheetsError

LEVEL: Final = 0.95
EVEN: Final = 1e-12
"""Units that differ by a smaller share of what raters do are all alike."""
UNIQUE_LEAST: Final = 0.005
"""The least share of an item that is its own: without it the likelihood may have its best where an item has no error at all (Heywood)."""


class Missing(StrEnum):
    """What to do where a sheet leaves items out: take only complete sheets, or each covariance over the sheets that answer both items."""

    COMPLETE = "complete"
    PAIRWISE = "pairwise"


@dataclass(frozen=True)
class Figure:
    """A coefficient with its 95 % interval, where there is one."""

    value: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, eq=False)
class Consistency:
    """Of k items. ``sheets``: how many stand behind the least known covariance; ``item_rest``: correlation of an item with the sum of the others;
    ``alpha_without``: α of the others; ``loadings`` and ``unique`` variances of the one factor behind ω, in the units of the items. ω is None for
    two items: one factor is then not told."""

    sheets: int
    alpha: Figure
    omega: float | None
    item_rest: Floats
    alpha_without: Floats
    loadings: Floats
    unique: Floats


def consistency(values: Floats, missing: Missing = Missing.PAIRWISE) -> Consistency:
    """α and ω of the items [n, k]. Raises ``SheetsError`` where two sheets, two items or any differences are missing."""
    covariance, sheets = covariance_of(values, missing)
    k = len(covariance)
    total, own = covariance.sum(), np.diag(covariance)
    rest = covariance.sum(axis=1) - own
    others = total - 2.0 * rest - own
    with np.errstate(invalid="ignore", divide="ignore"):
        item_rest = rest / np.sqrt(own * others)
        without = (k - 1) / (k - 2) * (1.0 - (own.sum() - own) / others) if k > 2 else np.full(k, np.nan)
    loadings, unique = one_factor(covariance) if k > 2 else (np.full(k, np.nan), np.full(k, np.nan))
    common = float(loadings.sum()) ** 2
    return Consistency(
        sheets=sheets,
        alpha=_feldt(alpha_of(covariance), sheets, k),
        omega=common / (common + float(unique.sum())) if k > 2 else None,
        item_rest=item_rest,
        alpha_without=without,
        loadings=loadings,
        unique=unique,
    )


def alpha_of(covariance: Floats) -> float:
    k = len(covariance)
    return float(k / (k - 1) * (1.0 - np.trace(covariance) / covariance.sum()))


def covariance_of(values: Floats, missing: Missing) -> tuple[Floats, int]:
    """[k, k], and the least number of sheets behind any of it."""
    if values.shape[1] < 2:
        raise SheetsError([Fault(FaultCode.FEW_COLUMNS, value=str(values.shape[1]))])
    if missing is Missing.COMPLETE:
        values = values[~np.isnan(values).any(axis=1)]
    there = ~np.isnan(values)
    both = there.T.astype(np.float64) @ there
    if both.min() < 2:
        raise SheetsError([Fault(FaultCode.FEW_SHEETS, value=str(int(both.min())))])
    centred = np.where(there, values - np.nanmean(values, axis=0), 0.0)
    sums = centred.T @ there
    covariance = (centred.T @ centred - sums * sums.T / both) / (both - 1.0)
    if covariance.sum() <= 1e-12 * max(float(np.nanmax(np.abs(values))) ** 2, 1e-300):
        raise SheetsError([Fault(FaultCode.ALL_EQUAL)])
    return covariance, int(both.min())


def _feldt(alpha: float, sheets: int, items: int) -> Figure:
    first, second = sheets - 1, (sheets - 1) * (items - 1)
    low, high = special.fdtri(first, second, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return Figure(alpha, float(1.0 - (1.0 - alpha) * high), float(1.0 - (1.0 - alpha) * low))


def one_factor(covariance: Floats) -> tuple[Floats, Floats]:
    """Loadings [k] and unique variances [k] of one common factor by maximum likelihood (Jöreskog 1967), found on the correlations: for given uniquenesses
    the best loadings are told by the largest eigenvalue of the matrix they scale. Items that do not vary load nothing."""
    spread = np.sqrt(np.diag(covariance))
    varies = spread > 0.0
    kept = spread[varies]
    correlation = covariance[np.ix_(varies, varies)] / np.outer(kept, kept)

    def lack(logs: Floats) -> tuple[float, Floats]:
        unique = np.exp(logs)
        values, axes = la.eigh(correlation / np.sqrt(np.outer(unique, unique)))
        others = np.maximum(values[:-1], 1e-12)
        load = axes[:, -1] * np.sqrt(max(values[-1] - 1.0, 0.0) * unique)
        slope = (load**2 + unique - 1.0) / unique
        return float(np.sum(others - np.log(others) - 1.0)), slope

    start = np.log(np.clip((1.0 - 0.5 / len(kept)) / np.diag(la.pinvh(correlation)), UNIQUE_LEAST, 1.0))
    from scipy.optimize import minimize  # here: whoever asks for something else does without it

    found = minimize(
        lack, start, jac=True, method="L-BFGS-B", bounds=[(np.log(UNIQUE_LEAST), 0.0)] * len(kept), tol=1e-12
    )
    unique = np.exp(found.x)
    values, axes = la.eigh(correlation / np.sqrt(np.outer(unique, unique)))
    load = axes[:, -1] * np.sqrt(max(values[-1] - 1.0, 0.0) * unique)
    loadings, own = np.zeros(len(spread)), np.zeros(len(spread))
    loadings[varies] = load * kept * (1.0 if load.sum() >= 0.0 else -1.0)
    own[varies] = unique * kept**2
    return loadings, own


@dataclass(frozen=True)
class Intraclass:
    """The six forms: 1 each unit has raters of its own, 2 the same raters drawn from many (agreement), 3 just these raters (consistency); single: of one
    rater, mean: of the mean of all k."""

    units: int
    raters: int
    single_1: Figure
    single_2: Figure
    single_3: Figure
    mean_1: Figure
    mean_2: Figure
    mean_3: Figure


def intraclass(values: Floats) -> Intraclass:
    """The intraclass correlations of units [n] rated by the same raters [k], over the units that all have rated."""
    if values.shape[1] < 2:
        raise SheetsError([Fault(FaultCode.FEW_COLUMNS, value=str(values.shape[1]))])
    full = values[~np.isnan(values).any(axis=1)]
    n, k = full.shape
    if n < 2:
        raise SheetsError([Fault(FaultCode.FEW_SHEETS, value=str(n))])
    about = full - full.mean()
    rows, columns = (
        k * float(about.mean(axis=1) @ about.mean(axis=1)),
        n * float(about.mean(axis=0) @ about.mean(axis=0)),
    )
    total = float((about**2).sum())
    if total <= 1e-12 * max(float(np.abs(full).max()) ** 2, 1e-300):
        raise SheetsError([Fault(FaultCode.ALL_EQUAL)])
    between, within = rows / (n - 1), (total - rows) / (n * (k - 1))
    raters, error = columns / (k - 1), max(total - rows - columns, 0.0) / ((n - 1) * (k - 1))
    one = _by_ratio(between, within, n - 1, n * (k - 1), k)
    three = _by_ratio(between, error, n - 1, (n - 1) * (k - 1), k)
    two = _agreement(between, raters, error, n, k)
    return Intraclass(n, k, one, two, three, _of_mean(one, k), _of_mean(two, k), _of_mean(three, k))


def _by_ratio(between: float, within: float, first: float, second: float, k: float) -> Figure:
    """(F − 1) / (F + k − 1), with the interval that the F distribution gives."""
    high, low = special.fdtri([first, second], [second, first], (1.0 + LEVEL) / 2.0)
    if within <= 0.0:
        return Figure(1.0, 1.0, 1.0)
    ratios = np.array([1.0, 1.0 / high, low]) * between / within
    value, lower, upper = ((ratios - 1.0) / (ratios + k - 1.0)).tolist()
    return Figure(value, lower, upper)


def _agreement(between: float, raters: float, error: float, n: int, k: int) -> Figure:
    """ICC(2,1) with the interval of Fleiss and Shrout (1978), which has none where units differ far less than chance would let them."""
    value = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    if error <= 0.0:
        return Figure(value)
    f = raters / error
    weight = k * value * f + n * (1.0 + (k - 1) * value) - k * value
    freedom = (
        (k - 1)
        * (n - 1)
        * weight**2
        / ((n - 1) * k**2 * value**2 * f**2 + (n * (1.0 + (k - 1) * value) - k * value) ** 2)
    )
    high, low = special.fdtri([n - 1, freedom], [freedom, n - 1], (1.0 + LEVEL) / 2.0)
    if not np.isfinite(high * low):
        return Figure(value)
    rest = k * raters + (k * n - k - n) * error
    lower = n * (between - high * error) / (high * rest + n * between)
    return Figure(value, float(lower), float(n * (low * between - error) / (rest + n * low * between)))


def _of_mean(single: Figure, k: float) -> Figure:
    """Spearman–Brown; without bound below where units do not differ at all"""

    def grown(r: float) -> float:
        rest = 1.0 + (k - 1) * r
        return k * r / rest if rest > EVEN else -np.inf

    if single.lower is None or single.upper is None:
        return Figure(grown(single.value))
    return Figure(grown(single.value), grown(single.lower), grown(single.upper))


@dataclass(frozen=True)
class Grouped:
    """Of sheets in groups: ICC(1), how much of a sheet its group tells; ICC(2), how reliable the mean of a group is; ``size`` the mean size that counts."""

    groups: int
    sheets: int
    size: float
    single: Figure
    mean: Figure


def grouped(scores: Floats, groups: Groups) -> Grouped:
    """ICC(1) and ICC(2) of a score [n] from groups of any sizes; sheets without a score are left out."""
    there = ~np.isnan(scores)
    names, code = np.unique(groups.code[there], return_inverse=True)
    score = scores[there]
    n, g = len(score), len(names)
    if g < 2:
        raise SheetsError([Fault(FaultCode.ONE_GROUP, value=str(g))])
    if n <= g:
        raise SheetsError([Fault(FaultCode.FEW_SHEETS, value=str(n))])
    count = np.bincount(code).astype(np.float64)
    mean = np.bincount(code, score) / count
    inside = float(((score - mean[code]) ** 2).sum())
    between = float(count @ (mean - score.mean()) ** 2)
    if inside + between <= 1e-12 * max(float(np.abs(score).max()) ** 2, 1e-300):
        raise SheetsError([Fault(FaultCode.ALL_EQUAL)])
    size = (n - float(count @ count) / n) / (g - 1)
    single = _by_ratio(between / (g - 1), inside / (n - g), g - 1, n - g, size)
    return Grouped(g, n, size, single, _of_mean(single, size))
