"""Weak staffing (力量不足): how evenly the hours lie on those who teach, and how many teachers they stand for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhixing.engine.diagnosis.index import NOTHING, Index, index_of


def evenness(hours: Iterable[float]) -> float | None:
    """1 less Gini's coefficient of the hours of those who teach, corrected for their number. None of nobody; 0 of one, on whom all hangs."""
    loads = sorted(one for one in hours if one > 0)
    n, whole = len(loads), math.fsum(loads)
    if not loads:
        return None
    if n == 1:
        return 0.0
    gini = math.fsum((2 * place - n - 1) * load for place, load in enumerate(loads, 1)) / (n * whole)
    return min(1.0, max(0.0, 1 - gini * n / (n - 1)))


@dataclass(frozen=True, slots=True)
class Load:
    """``teachers``: who taught. ``effective``: as many teachers with equal hours would be as concentrated (1 / Herfindahl's index).

    ``largest``: the largest share of one of them. ``unnamed``: the share of all hours whose teacher nobody has entered.
    """

    teachers: int
    effective: float | None
    largest: float | None
    unnamed: float | None


def load_of(runs: Sequence[Mapping[int | None, float]]) -> Load:
    """``runs``: hours by teacher for each class run; None: no teacher is named."""
    loads = _sums(runs)
    unnamed = loads.pop(None, 0.0)
    whole = math.fsum(loads.values())
    if whole <= 0:
        return Load(0, None, None, 1.0 if unnamed else None)
    shares = [load / whole for load in loads.values()]
    return Load(
        sum(load > 0 for load in loads.values()),
        1 / math.fsum(share**2 for share in shares),
        max(shares),
        unnamed / (whole + unnamed),
    )


def staffing_of(runs: Sequence[Mapping[int | None, float]], sessions: float = math.inf) -> Index:
    """Evenness of the year's hours, which fall into so many ``sessions``. A class run whose teachers nobody has entered says nothing."""
    named: list[dict[int | None, float]] = [
        {who: hours for who, hours in one.items() if who is not None and hours > 0} for one in runs
    ]
    named = [one for one in named if one]
    loads = _sums(named)
    value = evenness(loads.values())
    if value is None:
        return NOTHING
    left_out = []
    for one in named if len(named) > 1 else ():
        without = dict(loads)
        for who, hours in one.items():
            without[who] -= hours
        left_out.append(evenness(load for load in without.values() if load > 1e-9) or 0.0)
    return index_of(value, left_out, sessions)


def _sums(runs: Iterable[Mapping[int | None, float]]) -> dict[int | None, float]:
    loads: Counter[int | None] = Counter()
    for one in runs:
        for who, hours in one.items():
            loads[who] += hours  # type: ignore[assignment]
    return dict(loads)
