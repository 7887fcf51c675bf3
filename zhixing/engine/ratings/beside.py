"""Class runs beside each other as a page shows them, and one year beside another: plain numbers, raw and corrected.

What is compared are scores of sheets. Nobody knows who filled in a sheet, so raters are no factor: how strict those of a class run happened to be is part of
its uncertainty, and with few raters much of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import stdtrit

from zhixing.engine.questionnaires import Mean, mean_of
from zhixing.engine.ratings.case_mix import Mix, mix_of
from zhixing.engine.ratings.compared import LEAST, Alone, Beside, Change, Compared, Held, Stood, WhyNot
from zhixing.engine.ratings.crossed import Fit, fit
from zhixing.engine.ratings.design import Design, DesignError, design_of
from zhixing.engine.ratings.design import FaultCode as Wrong
from zhixing.engine.ratings.ranking import Ranking, RankingError, rank
from zhixing.engine.student import student_95

NAMED_MOST: Final = 10
"""So many are at most called the first, or the last."""
SHARE: Final = 5
"""One in so many of the levels is among the first, and one among the last."""
MOST: Final = 100.0
"""Points that a sheet may have."""
ROUNDING: Final = 1e-7
"""Points: a difference nearer to none than this is none, and was made by adding up."""


def compare(table: pa.Table, of: str, facts: Sequence[str] = ()) -> Compared:
    """The levels of the column ``of``. Columns: ``score``, ``version``, the one named, and ``facts`` (``case_mix.mix_of``).

    Where a form has several versions, what they differ by is taken out. A level that is the only one under its version would be given the mean of all, for
    nothing parts it from the version: of such a one only the raw mean is told."""
    if len(pc.unique(table[of])) < LEAST:
        return Compared(why_not=WhyNot.FEW)
    only = _alone(table, of)
    alone = tuple(_by_itself(table, of, level) for level in only)
    kept = table.filter(pc.invert(pc.is_in(table[of], pa.array(only, pa.string()))))
    if len(pc.unique(kept[of])) < LEAST:
        return Compared(alone=alone, why_not=WhyNot.CONFOUNDED)
    terms = _several(kept, "version")
    try:
        plain = _beside(design_of(kept, "score", terms, [of]), of)
    except (DesignError, RankingError) as error:
        why = WhyNot.CONFOUNDED if isinstance(error, DesignError) else WhyNot.ALIKE
        return Compared(alone=alone, why_not=why)
    mix = mix_of(kept, of, facts, terms)
    mixed = _beside(with_mix(design_of(kept, "score", terms, [of]), mix), of) if mix.used else None
    return Compared(plain, mixed, alone, mix.used, mix.left)


def with_mix(design: Design, mix: Mix) -> Design:
    """The terms of the mix of cases added."""
    names = tuple(f"mix{place}" for place in range(mix.columns.shape[1]))
    return replace(design, terms=design.terms + names, fixed=np.column_stack([design.fixed, mix.columns]))


def _alone(table: pa.Table, of: str) -> list[str]:
    """Levels of which each was the only one under every version that it was asked by, where there are several versions."""
    pairs = set(zip(table["version"].to_pylist(), table[of].to_pylist(), strict=True))
    under = Counter(version for version, _level in pairs)
    shared = {level for version, level in pairs if under[version] > 1}
    return sorted({level for _version, level in pairs} - shared) if len(under) > 1 else []


def _by_itself(table: pa.Table, of: str, level: str) -> Alone:
    raw = mean_of(table.filter(pc.equal(table[of], level))["score"].to_pylist())
    assert raw is not None  # a level has a row
    return Alone(level, raw.n, raw.mean, raw.low, raw.high)


def _several(table: pa.Table, name: str) -> list[str]:
    return [name] if len(pc.unique(table[name])) > 1 else []


def _beside(design: Design, of: str) -> Beside:
    """Raises ``RankingError``."""
    k = max(1, min(NAMED_MOST, len(design.factors[0].levels) // SHARE))
    found = rank(design, of, k, k)
    raw = [mean_of(design.response[design.factors[0].code == place].tolist()) for place in range(len(found.levels))]
    groups = [set(own) for own in found.tie_groups]
    pairs = len(groups) * (len(groups) - 1) / 2
    apart = sum(not (one & other) for place, one in enumerate(groups) for other in groups[:place])
    order = np.lexsort((np.arange(len(groups)), -found.corrected_mean)).tolist()
    return Beside(tuple(_stood(found, place, raw[place]) for place in order), k, apart / pairs, found.singular)


def _stood(found: Ranking, place: int, raw: Mean | None) -> Stood:
    assert raw is not None  # a level has a row
    return Stood(
        level=found.levels[place],
        n=raw.n,
        raw=raw.mean,
        raw_low=raw.low,
        raw_high=raw.high,
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


def institutions(table: pa.Table, facts: Sequence[str] = ()) -> tuple[Held, ...]:
    """By name. They are too few to be shrunken towards each other, so each is told by its own class runs; where versions of the form or the mix of cases
    (``facts``) differ, these are taken out, too, by one model of all.

    Columns: ``score``, ``version``, ``class_run``, ``institution``, and the facts."""
    levels = sorted(pc.unique(table["institution"]).to_pylist())
    own = {level: _mean_of_runs(table.filter(pc.equal(table["institution"], level))) for level in levels}
    pairs = max(1, len(levels) * (len(levels) - 1) // 2)
    corrected = _corrected(table, facts, pairs)
    found = []
    for level, one in own.items():
        low = high = None
        if one.error is not None:
            half = one.error * student_95(one.runs - 1)
            low, high = _on_scale(one.mean - half), _on_scale(one.mean + half)
        if corrected is None:
            apart = tuple(other for other in levels if other != level and _are_apart(one, own[other], pairs))
            found.append(Held(level, one.n, one.runs, one.raw, one.mean, low, high, apart))
            continue
        fair = corrected.get(level)
        mean = Held(
            level, one.n, one.runs, one.raw, one.mean, low, high, fair.apart if fair else (), alone=fair is None
        )
        if fair:
            mean = replace(mean, corrected=fair.mean, corrected_low=fair.low, corrected_high=fair.high)
        found.append(mean)
    return tuple(found)


@dataclass(frozen=True)
class _Fair:
    """Corrected for versions and mix; ``apart`` from these."""

    mean: float
    low: float | None
    high: float | None
    apart: tuple[str, ...]


def _corrected(table: pa.Table, facts: Sequence[str], pairs: int) -> dict[str, _Fair] | None:
    """Of institutions that versions of the form link; None where there is nothing to correct for.

    ``score ~ institution + version + mix + (1 | class run)``: institutions are fixed terms, and each in turn is the one from which the others are told."""
    if len(pc.unique(table["institution"])) < 2:
        return None
    several = bool(_several(table, "version"))
    kept = table.filter(pc.invert(pc.is_in(table["class_run"], pa.array(_alone(table, "class_run"), pa.string()))))
    if several:
        kept = kept.filter(pc.is_in(kept["institution"], pa.array(sorted(_linked(kept)), pa.string())))
    if not len(kept):
        return {}
    terms = _several(kept, "version")
    mix = mix_of(kept, "class_run", facts, ["institution", *terms])
    if not several and not mix.used:
        return None
    try:
        design = design_of(kept, "score", terms, ["class_run"])
    except DesignError:
        return {}
    return _fair(kept, design, mix, pairs)


def _linked(table: pa.Table) -> set[str]:
    """The largest set of institutions that versions of the form asked by several of them hold together."""
    pairs = set(zip(table["version"].to_pylist(), table["institution"].to_pylist(), strict=True))
    sets: list[set[str]] = []
    for version in sorted({version for version, _level in pairs}):
        asked = {level for own, level in pairs if own == version}
        joined = asked.union(*(one for one in sets if one & asked))
        sets = [one for one in sets if not one & joined] + [joined]
    best: set[str] = max(sets, key=lambda one: (len(one), sorted(one)), default=set())
    return best if len(best) > 1 else set()


def _fair(table: pa.Table, design: Design, mix: Mix, pairs: int) -> dict[str, _Fair]:
    others = np.column_stack([design.fixed[:, 1:], mix.columns])
    others = others - others.mean(axis=0)
    names = np.array(table["institution"].to_pylist())
    levels = np.unique(names).tolist()
    if len(levels) < 2:
        return {}
    is_of = np.column_stack([(names == level).astype(np.float64) for level in levels])
    freedom = len(design.factors[0].levels) - len(levels) - others.shape[1]
    found = {}
    for place, level in enumerate(levels):
        from_it = np.delete(is_of, place, axis=1)
        whole = np.column_stack([np.ones(len(names)), from_it, others])
        if np.linalg.matrix_rank(whole) < whole.shape[1] or freedom < 1:
            return {}
        fitted = fit(replace(design, terms=tuple(map(str, range(whole.shape[1]))), fixed=whole))
        found[level] = _one_fair(fitted, [one for one in levels if one != level], freedom, pairs)
    return found


def _one_fair(fitted: Fit, others: Sequence[str], freedom: int, pairs: int) -> _Fair:
    """``fitted``: the first term is the mean of the institution, the next ones what the others have more."""
    mean = _on_scale(fitted.beta[0])
    if fitted.log_likelihood is None:
        return _Fair(mean, None, None, ())
    half = student_95(freedom) * float(fitted.beta_errors[0])
    limit = float(stdtrit(freedom, 1.0 - 0.025 / pairs))
    gaps = zip(others, fitted.beta[1:].tolist(), fitted.beta_errors[1:].tolist(), strict=False)
    apart = tuple(other for other, gap, error in gaps if abs(gap) > limit * error)
    return _Fair(mean, _on_scale(fitted.beta[0] - half), _on_scale(fitted.beta[0] + half), apart)


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
