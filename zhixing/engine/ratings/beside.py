"""Class runs beside each other as a page shows them, and one year beside another: plain numbers, raw and corrected.

What is compared are scores of sheets. Nobody knows who filled in a sheet, so raters are no factor: how strict those of a class run happened to be is part of
its uncertainty, and with few raters much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import stdtrit

from zhixing.engine.ratings.crossed import fit
from zhixing.engine.ratings.design import Design, DesignError, Fault, design_of
from zhixing.engine.ratings.design import FaultCode as Wrong
from zhixing.engine.ratings.ranking import Ranking, rank
from zhixing.engine.student import student_95

NAMED_MOST: Final = 10
"""So many are at most called the first, or the last."""
SHARE: Final = 5
"""One in so many of the levels is among the first, and one among the last."""
MOST: Final = 100.0
"""Points that a sheet may have."""
ROUNDING: Final = 1e-7
"""Points: a difference nearer to none than this is none, and was made by adding up."""


@dataclass(frozen=True)
class Stood:
    """One level of a factor: ``raw`` and ``corrected`` means with the 95 % interval of the corrected one, the interval of its rank (1 is the highest), the
    probabilities of being among the first and last k, and its tie groups: levels that share one cannot be told apart."""

    level: str
    n: int
    raw: float
    corrected: float
    low: float
    high: float
    rank_low: int
    rank_high: int
    p_top: float
    p_bottom: float
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Beside:
    """All levels, the highest corrected mean first. ``apart``: of all pairs the share that can be told apart; ``singular``: the likeliest difference of all
    is none."""

    stood: tuple[Stood, ...]
    k: int
    apart: float
    singular: bool


def beside(table: pa.Table, of: str) -> Beside:
    """The levels of the column ``of``. Columns: ``score``, ``version``, and the one named. Raises ``DesignError``, ``RankingError``.

    Where a form has several versions, what they differ by is taken out; where each level has versions of its own, that would be all that they differ by, and
    is a ``DesignError``."""
    design = design_of(table, "score", _several(table, "version"), [of])
    if _is_told_by_fixed(design):
        raise DesignError([Fault(of, 0, "", Wrong.DEPENDENT_TERM)])
    k = max(1, min(NAMED_MOST, len(design.factors[0].levels) // SHARE))
    return _as_shown(rank(design, of, k, k), k)


def _several(table: pa.Table, name: str) -> list[str]:
    return [name] if len(pc.unique(table[name])) > 1 else []


def _is_told_by_fixed(design: Design) -> bool:
    """Whether the fixed terms of a rating tell its level of the only factor, so that they leave nothing to tell levels by."""
    code, terms = design.factors[0].code, design.fixed.shape[1]
    if not 1 < len(design.factors[0].levels) <= terms:
        return False
    met = np.unique(np.column_stack([design.fixed, np.eye(len(design.factors[0].levels))[code]]), axis=0)
    return bool(np.linalg.matrix_rank(met) == terms)


def _as_shown(found: Ranking, k: int) -> Beside:
    groups = [set(own) for own in found.tie_groups]
    pairs = len(groups) * (len(groups) - 1) / 2
    apart = sum(not (one & other) for place, one in enumerate(groups) for other in groups[:place])
    order = np.lexsort((np.arange(len(groups)), -found.corrected_mean)).tolist()
    return Beside(tuple(_stood(found, place) for place in order), k, apart / pairs, found.singular)


def _stood(found: Ranking, place: int) -> Stood:
    return Stood(
        level=found.levels[place],
        n=int(found.count[place]),
        raw=float(found.raw_mean[place]),
        corrected=_on_scale(found.corrected_mean[place]),
        low=_on_scale(found.mean_lower[place]),
        high=_on_scale(found.mean_upper[place]),
        rank_low=int(found.rank_lower[place]),
        rank_high=int(found.rank_upper[place]),
        p_top=float(found.p_top[place]),
        p_bottom=float(found.p_bottom[place]),
        groups=found.tie_groups[place],
    )


def _on_scale(points: float) -> float:
    """No mean of marks lies outside of 0–100, wherever a normal distribution would go on."""
    return min(MOST, max(0.0, float(points)))


@dataclass(frozen=True)
class Held:
    """What an institution's class runs say together: ``raw`` mean of the sheets; ``mean`` of its class runs, taken as some of those that it might have held,
    with the 95 % interval, which a single class run does not have, nor sheets that all say the same. ``level``: the institution; ``apart``: from which
    others it can be told at 95 % for all pairs at once."""

    level: str
    n: int
    runs: int
    raw: float
    mean: float
    low: float | None
    high: float | None
    apart: tuple[str, ...]


def institutions(table: pa.Table) -> tuple[Held, ...]:
    """By name. They are too few to be shrunken towards each other, so each is told by its own class runs.

    Columns: ``score``, ``class_run``, ``institution``."""
    levels = sorted(pc.unique(table["institution"]).to_pylist())
    own = {level: _mean_of_runs(table.filter(pc.equal(table["institution"], level))) for level in levels}
    pairs = max(1, len(levels) * (len(levels) - 1) // 2)
    found = []
    for level, one in own.items():
        apart = tuple(other for other in levels if other != level and _are_apart(one, own[other], pairs))
        low = high = None
        if one.error is not None:
            half = one.error * student_95(one.runs - 1)
            low, high = _on_scale(one.mean - half), _on_scale(one.mean + half)
        found.append(Held(level, one.n, one.runs, one.raw, one.mean, low, high, apart))
    return tuple(found)


@dataclass(frozen=True)
class _Own:
    n: int
    runs: int
    raw: float
    mean: float
    error: float | None


def _mean_of_runs(table: pa.Table) -> _Own:
    raw, runs = pc.mean(table["score"]).as_py(), len(pc.unique(table["class_run"]))
    if runs < 2:
        return _Own(len(table), runs, raw, raw, None)
    found = fit(design_of(table, "score", [], ["class_run"]))
    error = (
        None if found.log_likelihood is None else float(found.beta_errors[0])
    )  # all alike: no difference to reckon an error from
    return _Own(len(table), runs, raw, float(found.beta[0]), error)


def _are_apart(one: _Own, other: _Own, pairs: int) -> bool:
    """Welch's comparison, at a level that all pairs share (Bonferroni)."""
    if one.error is None or other.error is None:
        return False
    parts = one.error**2, other.error**2
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (one.runs - 1) + parts[1] ** 2 / (other.runs - 1))
    limit = float(stdtrit(freedom, 1.0 - 0.025 / pairs))
    return abs(one.mean - other.mean) > limit * float(np.sqrt(sum(parts)))


@dataclass(frozen=True)
class Change:
    """From one year to the next: of each the raw mean, its sheets and class runs; by how much the later one is higher once class runs are taken as some of
    those that might have been held, with the 95 % interval, which years of which each has sheets of one score only do not have. ``confounded``: the form
    changed with the year, so nothing is said."""

    raw: tuple[float, float]
    sheets: tuple[int, int]
    runs: tuple[int, int]
    more: float | None
    low: float | None
    high: float | None
    confounded: bool = False

    @property
    def is_told(self) -> bool:
        """Whether the years can be told apart."""
        return self.low is not None and self.high is not None and (self.low > 0.0 or self.high < 0.0)


def change(table: pa.Table) -> Change | None:
    """Between the two values of the column ``year``; None where there are not two, or too few class runs for any interval. Columns as of ``beside``, with
    ``class_run``."""
    years = sorted(pc.unique(table["year"]).to_pylist())
    if len(years) != 2:
        return None
    parts = [table.filter(pc.equal(table["year"], year)) for year in years]
    first, second = parts
    raw = pc.mean(first["score"]).as_py(), pc.mean(second["score"]).as_py()
    sheets = len(first), len(second)
    runs = len(pc.unique(first["class_run"])), len(pc.unique(second["class_run"]))
    if sum(runs) < 3:
        return None
    try:
        design = design_of(table, "score", ["year", *_several(table, "version")], ["class_run"])
    except DesignError as error:
        if any(fault.code is Wrong.DEPENDENT_TERM for fault in error.faults):
            return Change(raw, sheets, runs, None, None, None, confounded=True)
        raise
    found = fit(design)
    more = float(found.beta[1])
    if found.log_likelihood is None:  # no score but one in a year: there is nothing to hold a difference against
        return Change(raw, sheets, runs, _cleared(more), None, None)
    half = student_95(sum(runs) - 2) * float(found.beta_errors[1])
    return Change(raw, sheets, runs, _cleared(more), _cleared(more - half), _cleared(more + half))


def _cleared(points: float) -> float:
    return 0.0 if abs(points) < ROUNDING else points
