"""The four indices of a year, each with its trend, its parts and what each class run adds to it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zhixing.engine.diagnosis.index import NOTHING, Change, Index, change_of, ratio_of
from zhixing.engine.diagnosis.methods import Taught, diversity, diversity_of
from zhixing.engine.diagnosis.relevance import Gain, Others, gain_of, match_of
from zhixing.engine.diagnosis.staffing import Load, load_of, staffing_of
from zhixing.portal.diagnosis.readings import (
    YEARS,
    Measured,
    Needs,
    RunHours,
    Scope,
    class_runs_of,
    gains_of,
    hours_of,
    needs_of,
    short_topics,
)
from zhixing.portal.diagnosis.tracing import TRACED, Trace
from zhixing.resources.models import Method

METHODS, CONTENT, STAFFING, RELEVANCE = "methods", "content", "staffing", "relevance"
CODES: Final = (METHODS, CONTENT, STAFFING, RELEVANCE)
INTERACTIVE: Final = frozenset(Method.values) - {Method.LECTURE, Method.ONLINE}


@dataclass(frozen=True)
class Problem:
    """One named problem. ``trend``: the index of each year, this one last. ``rows``: what a class run (of staffing: a teacher) adds, by its key.

    ``parts``: figures beside the index, None where they are not known. ``short``: topics that have fewer than ``TEACHERS_LEAST`` teachers.
    """

    code: str
    index: Index
    trend: Sequence[tuple[int, Index]]
    parts: Mapping[str, float | int | None]
    rows: Mapping[int, Mapping[str, Any]]
    short: Sequence[str] = ()

    @property
    def before(self) -> Index:
        """Of the year before."""
        return self.trend[-2][1] if len(self.trend) > 1 else NOTHING

    @property
    def change(self) -> Change:
        return change_of(self.index, self.before)


@dataclass(frozen=True)
class Diagnosis:
    """``class_runs`` take place in the year, ``laid_out`` of them have a timetable with hours."""

    year: int
    on: dt.date
    class_runs: int
    laid_out: int
    problems: Sequence[Problem]

    def problem(self, code: str) -> Problem:
        return next(one for one in self.problems if one.code == code)


def diagnose(scope: Scope, year: int, on: dt.date) -> Diagnosis:
    """As things stand ``on``; years before it are those of the trend."""
    years = range(year - YEARS + 1, year + 1)
    hours = hours_of(scope, years)
    problems = [_methods(hours), _content(hours), _staffing(scope, hours), _relevance(scope, years)]
    return Diagnosis(year, on, class_runs_of(scope, [year]).count(), len(hours[year]), problems)


def _taught(run: RunHours) -> Taught:
    return Taught(run.methods, run.sessions)


def _methods(hours: Mapping[int, Sequence[RunHours]]) -> Problem:
    kinds = len(Method.values)
    trend = [(year, diversity_of([_taught(one) for one in runs], kinds)) for year, runs in hours.items()]
    now = _last(hours)
    whole = sum(one.tenths for one in now)
    interactive = sum(one.methods[method] for one in now for method in INTERACTIVE)
    rows = {one.pk: {**_hours_by_method(one), "index": diversity(_taught(one), kinds)} for one in now}
    parts = {
        "interactive": interactive / whole if whole else None,
        "used": len({method for one in now for method in one.methods}) if now else None,
        "one_method": sum(one.sessions > 1 and len(one.methods) == 1 for one in now) if now else None,
    }
    return Problem(METHODS, trend[-1][1], trend, parts, rows)


def _hours_by_method(run: RunHours) -> dict[str, Any]:
    return {
        "tenths": run.tenths,
        "sessions": run.sessions,
        "methods": {m: run.methods[m] for m in Method.values if run.methods[m]},
    }


def _content(hours: Mapping[int, Sequence[RunHours]]) -> Problem:
    trend = [
        (year, ratio_of([(_traced(one), one.tenths) for one in runs], _sessions(runs))) for year, runs in hours.items()
    ]
    now = _last(hours)
    whole = sum(one.tenths for one in now)
    sums: Counter[str] = Counter()
    for one in now:
        sums.update(one.traces)
    rows = {
        one.pk: {
            "tenths": one.tenths,
            "traced": _traced(one),
            "index": _traced(one) / one.tenths,
            **{f"by_{trace}": one.traces[trace] for trace in TRACED},
        }
        for one in now
    }
    parts = {str(trace): sums[trace] / whole if whole else None for trace in Trace}
    return Problem(CONTENT, trend[-1][1], trend, parts, rows)


def _sessions(runs: Sequence[RunHours]) -> int:
    return sum(one.sessions for one in runs)


def _traced(run: RunHours) -> int:
    return sum(run.traces[trace] for trace in TRACED)


def _staffing(scope: Scope, hours: Mapping[int, Sequence[RunHours]]) -> Problem:
    trend = [(year, staffing_of([one.teachers for one in runs], _sessions(runs))) for year, runs in hours.items()]
    now = _last(hours)
    load: Load = load_of([one.teachers for one in now])
    rows: dict[int, dict[str, Any]] = {}
    for one in now:
        for teacher, tenths in one.teachers.items():
            if teacher is not None:
                row = rows.setdefault(teacher, {"tenths": 0, "class_runs": 0})
                row["tenths"] += tenths
                row["class_runs"] += 1
    whole = sum(row["tenths"] for row in rows.values())
    for row in rows.values():
        row["index"] = row["tenths"] / whole
    parts = {"teachers": load.teachers, "effective": load.effective, "largest": load.largest, "unnamed": load.unnamed}
    short = short_topics(scope)
    return Problem(STAFFING, trend[-1][1], trend, {**parts, "short_topics": len(short)}, rows, short)


def _relevance(scope: Scope, years: Sequence[int]) -> Problem:
    """Standings are kept of the present year alone, so that the trend has a single point until years have passed."""
    year = years[-1]
    needs = needs_of(scope, year)
    others = Others(needs.others)
    index = match_of([*needs.called.values()], others) if needs.is_known else NOTHING
    gains = [one for one in gains_of(scope, years) if one.year == year]
    effect = gain_of([Gain(one.value, one.lower, one.upper) for one in gains])
    parts: dict[str, float | int | None] = {
        "called": sum(counts.total() for counts in needs.called.values()),
        "small": needs.small,
        "owed_called": _mean(sum(needs.called.values(), Counter[int]())),
        "owed_others": _mean(needs.others) if needs.is_known else None,
        "measured": len(gains),
        "effect": effect.value if effect else None,
        "effect_lower": effect.lower if effect else None,
        "effect_upper": effect.upper if effect else None,
    }
    trend = [(one, index if one == year else NOTHING) for one in years]
    return Problem(RELEVANCE, index, trend, parts, _relevance_rows(needs, others, gains))


def _relevance_rows(needs: Needs, others: Others, gains: Sequence[Measured]) -> dict[int, dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {
        run: {"called": counts.total(), "owed": _mean(counts), "index": others.chance(counts)}
        for run, counts in needs.called.items()
    }
    for one in gains:
        rows.setdefault(one.run, {"called": None, "owed": None, "index": None})
        rows[one.run] |= {"gain": one.value, "gain_lower": one.lower, "gain_upper": one.upper, "tested": one.n}
    return rows


def _mean(counts: Counter[int]) -> float | None:
    """Of hundredths, as a share."""
    return sum(owed * people for owed, people in counts.items()) / (100 * counts.total()) if counts else None


def _last(hours: Mapping[int, Sequence[RunHours]]) -> Sequence[RunHours]:
    return list(hours.values())[-1]
