"""On which limits each cell draws: its class, the quotas of its unit and of every unit above, and its unit's weeks, walked without a table of all.

A nation has some ten million cells and four times as many draws; joining them as columns would take more memory than the search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zhixing.engine.callup.problem import CallupProblem, Ints, Longs
from zhixing.engine.compiled import compiled

NOTHING = -1


class Cells(NamedTuple):
    """C cells sorted by unit and class, with what tells their limits. W away limits: the weeks of a unit that its cells touch, in order."""

    unit: Longs  # [C]
    class_: Longs  # [C]
    parent: Ints  # [U], -1 at the top
    quota_class: Ints  # [Q] sorted by unit, then class
    quota_from: Longs  # [U + 1] where the quotas of each unit begin
    weeks: Longs  # [C] how many ISO weeks the class touches
    first_away: Longs  # [C] the away limit of its first week; those of the next weeks follow
    away_unit: Longs  # [W]
    away_week: Longs  # [W]


def cells_with_limits(problem: CallupProblem, unit: Longs, class_: Longs, first: Longs, last: Longs) -> Cells:
    """``first`` and ``last`` [J] are the ISO weeks of the classes."""
    start = int(first.min(initial=0))
    seen = np.full(int(last.max(initial=0)) - start + 1, NOTHING, np.int64)
    first_away = np.zeros(len(unit), np.int64)
    count = _number_weeks(unit, class_, first - start, last - start, seen, first_away, first_away[:0], first_away[:0])
    away_unit, away_week = np.zeros(count, np.int64), np.zeros(count, np.int64)
    seen[:] = NOTHING
    _number_weeks(unit, class_, first - start, last - start, seen, first_away, away_unit, away_week)
    return Cells(
        unit=unit,
        class_=class_,
        parent=problem.parent,
        quota_class=problem.quota_class,
        quota_from=np.searchsorted(problem.quota_unit, np.arange(problem.units + 1, dtype=np.int32)).astype(np.int64),
        weeks=(last - first + 1)[class_],
        first_away=first_away,
        away_unit=away_unit,
        away_week=away_week + start,
    )


@compiled
def _number_weeks(
    unit: Longs,
    class_: Longs,
    first: Longs,
    last: Longs,
    seen: Longs,
    first_away: Longs,
    away_unit: Longs,
    away_week: Longs,
) -> int:
    """Numbers the touched weeks of each unit in order, and returns how many there are; writes them where there is room."""
    number, begin = 0, 0
    while begin < len(unit):
        end, low, high = begin, first[class_[begin]], last[class_[begin]]
        while end < len(unit) and unit[end] == unit[begin]:
            low, high = min(low, first[class_[end]]), max(high, last[class_[end]])
            for week in range(first[class_[end]], last[class_[end]] + 1):
                seen[week] = unit[begin]
            end += 1
        for week in range(low, high + 1):
            if seen[week] == unit[begin]:
                if len(away_unit):
                    away_unit[number], away_week[number] = unit[begin], week
                seen[week] = number
                number += 1
        for cell in range(begin, end):
            first_away[cell] = seen[first[class_[cell]]]
        for week in range(low, high + 1):
            seen[week] = NOTHING
        begin = end
    return number


@compiled
def quota_at(cells: Cells, unit: int, class_: int) -> int:
    """The quota of a unit for a class, -1 when it has none."""
    low, high = cells.quota_from[unit], cells.quota_from[unit + 1]
    while low < high:
        middle = (low + high) // 2
        if cells.quota_class[middle] < class_:
            low = middle + 1
        else:
            high = middle
    found = low < cells.quota_from[unit + 1] and cells.quota_class[low] == class_
    return int(low) if found else NOTHING


@compiled
def add_up(cells: Cells, pairs: Longs, of_class: Longs, of_quota: Longs, of_week: Longs) -> None:
    """Adds the ``pairs`` [C] of each cell to every limit that it draws on."""
    for cell in range(len(cells.unit)):
        if pairs[cell] == 0:
            continue
        of_class[cells.class_[cell]] += pairs[cell]
        unit = cells.unit[cell]
        while unit >= 0:
            quota = quota_at(cells, unit, cells.class_[cell])
            if quota >= 0:
                of_quota[quota] += pairs[cell]
            unit = cells.parent[unit]
        for away in range(cells.first_away[cell], cells.first_away[cell] + cells.weeks[cell]):
            of_week[away] += pairs[cell]


@compiled
def lay_out(
    cells: Cells,
    class_number: Ints,
    quota_number: Ints,
    week_number: Ints,
    seats_from: Longs,
    away_from: Longs,
    drawn: Ints,
) -> int:
    """Writes the kept limits of each cell side by side (numbers of -1 are not kept) and returns how many there are; ``drawn`` may be too short to write."""
    place, writes = 0, len(drawn) > 0
    for cell in range(len(cells.unit)):
        seats_from[cell] = place
        if class_number[cells.class_[cell]] >= 0:
            if writes:
                drawn[place] = class_number[cells.class_[cell]]
            place += 1
        unit = cells.unit[cell]
        while unit >= 0:
            quota = quota_at(cells, unit, cells.class_[cell])
            if quota >= 0 and quota_number[quota] >= 0:
                if writes:
                    drawn[place] = quota_number[quota]
                place += 1
            unit = cells.parent[unit]
        away_from[cell] = place
        for away in range(cells.first_away[cell], cells.first_away[cell] + cells.weeks[cell]):
            if week_number[away] >= 0:
                if writes:
                    drawn[place] = week_number[away]
                place += 1
    return place
