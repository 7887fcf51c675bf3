"""The rules of a call-up: their codes, and the limits that the pairs of a problem draw on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from zhixing.engine.callup.problem import DAYS_TO_MONDAY, CallupProblem, Flags, Ints, Longs, find


class Rule(StrEnum):
    """A rule that a selection or a set of pins may break."""

    NOT_ELIGIBLE = "not_eligible"
    CALLUPS_MAX = "callups_max"
    SHARED_DAY = "shared_day"
    CLASS_FULL = "class_full"
    QUOTA_FULL = "quota_full"
    AWAY_FULL = "away_full"
    CLASS_SHORT = "class_short"
    QUOTA_SHORT = "quota_short"


LIMIT_RULES = (Rule.CLASS_FULL, Rule.QUOTA_FULL, Rule.AWAY_FULL)
"""The rule behind each number in ``Limits.kind``."""
CLASS, QUOTA, AWAY = range(3)


@dataclass(frozen=True, eq=False)
class Limits:
    """R limits that can bind, and C cells: the pairs of one unit for one class, which draw on the same limits.

    A limit without a minimum is left out when even all eligible pairs together keep it. ``unit`` is -1 for a class, ``class_``
    and ``week`` are -1 where they do not apply. A class or quota counts pairs, an away limit counts distinct persons of its unit."""

    kind: Ints  # [R] CLASS, QUOTA or AWAY
    unit: Ints  # [R]
    class_: Ints  # [R]
    week: Ints  # [R] ISO weeks since 1969-12-29
    most: Longs  # [R]
    asked: Longs  # [R] the minimum
    least: Longs  # [R] what can be reached of it with the pairs there are and the most there may be
    cell_of_pair: Ints  # [E]
    seats_from: Longs  # [C] a cell draws on drawn[seats_from : away_from] (class, quotas upwards) …
    away_from: Longs  # [C] … and on drawn[away_from : away_to] (weeks in order)
    away_to: Longs  # [C]
    drawn: Ints  # [D] limits
    first_week: Ints  # [C] the away limit of the class's first week, -1 when it cannot bind
    last_week: Ints  # [C]

    @property
    def hopeless(self) -> int:
        """Seats under minimums that no selection can fill."""
        return int((self.asked - self.least).sum())

    def cells_drawing(self, on: Flags) -> Flags:
        """[C] whether a cell draws on any of the limits marked in ``on`` [R]."""
        cell = np.repeat(np.arange(len(self.seats_from)), self.away_to - self.seats_from)
        draws = np.zeros(len(self.seats_from), np.bool_)
        draws[cell[on[self.drawn]]] = True
        return draws


def weeks_of(problem: CallupProblem) -> tuple[Longs, Longs]:
    """[J] the first and the last ISO week that each class touches."""
    first = (problem.first_day.astype(np.int64) + DAYS_TO_MONDAY) // 7
    last = (problem.last_day.astype(np.int64) + DAYS_TO_MONDAY) // 7
    return first, last


@dataclass(frozen=True, eq=False)
class _Draws:
    """Limits of one kind before the joining: per limit its columns, per draw the cell and the limit (ascending by cell)."""

    kind: int
    unit: Longs
    class_: Longs
    week: Longs
    most: Longs
    least: Longs
    cell: Longs
    limit: Longs

    def pairs(self, pairs_in_cell: Longs) -> Longs:
        """How many pairs can draw on each limit."""
        return np.bincount(self.limit, weights=pairs_in_cell[self.cell], minlength=len(self.most)).astype(np.int64)


def limits_of(problem: CallupProblem, usable: Flags | None = None) -> Limits:
    """The limits of a problem in the order class, quota, away; only ``usable`` pairs [E] can fill a minimum (default: all)."""
    unit = problem.unit_of_person[problem.pair_person].astype(np.int64)
    joint = unit * max(1, problem.classes) + problem.pair_class
    cells, cell_of_pair = np.unique(joint, return_inverse=True)
    cell_unit, cell_class = cells // max(1, problem.classes), cells % max(1, problem.classes)
    usable_in_cell = np.bincount(cell_of_pair if usable is None else cell_of_pair[usable], minlength=len(cells))
    kinds = (
        _class_draws(problem, cell_class),
        _quota_draws(problem, cell_unit, cell_class),
        _away_draws(problem, cell_unit, cell_class),
    )
    return _join(kinds, usable_in_cell, cell_of_pair.astype(np.int32))


def _class_draws(problem: CallupProblem, cell_class: Longs) -> _Draws:
    none = np.full(problem.classes, -1, np.int64)
    return _Draws(
        kind=CLASS,
        unit=none,
        class_=np.arange(problem.classes),
        week=none,
        most=problem.seats_max,
        least=problem.seats_min,
        cell=np.arange(len(cell_class)),
        limit=cell_class,
    )


def _quota_draws(problem: CallupProblem, cell_unit: Longs, cell_class: Longs) -> _Draws:
    """A cell draws on the quotas of its class at its own unit and at every unit above."""
    quotas = problem.quota_unit.astype(np.int64) * problem.classes + problem.quota_class
    cells, limits = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    cell, above = np.arange(len(cell_unit)), cell_unit
    while len(cell):
        place = find(quotas, above * problem.classes + cell_class[cell])
        cells.append(cell[place >= 0])
        limits.append(place[place >= 0])
        above = problem.parent[above].astype(np.int64)
        cell, above = cell[above >= 0], above[above >= 0]
    joined_cell, joined_limit = np.concatenate(cells), np.concatenate(limits)
    order = np.argsort(joined_cell, kind="stable")
    return _Draws(
        kind=QUOTA,
        unit=problem.quota_unit.astype(np.int64),
        class_=problem.quota_class.astype(np.int64),
        week=np.full(len(quotas), -1, np.int64),
        most=problem.quota_max,
        least=problem.quota_min,
        cell=joined_cell[order],
        limit=joined_limit[order],
    )


def _away_draws(problem: CallupProblem, cell_unit: Longs, cell_class: Longs) -> _Draws:
    """A cell draws on its unit's away limit in each ISO week of its class: that of the week where it has one of its own."""
    first, last = weeks_of(problem)
    start = int(first.min(initial=0))
    span = int(last.max(initial=0)) - start + 1
    weeks = (last - first + 1)[cell_class]
    cell = np.repeat(np.arange(len(cell_class)), weeks)
    step = np.arange(len(cell)) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    unit_weeks, limit = np.unique(
        cell_unit[cell] * span + (first[cell_class[cell]] - start) + step, return_inverse=True
    )
    unit = unit_weeks // span
    week = unit_weeks % span + start
    return _Draws(
        kind=AWAY,
        unit=unit,
        class_=np.full(len(unit), -1, np.int64),
        week=week,
        most=_away_most(problem, unit, week),
        least=np.zeros(len(unit), np.int64),
        cell=cell,
        limit=limit.astype(np.int64),
    )


def _away_most(problem: CallupProblem, unit: Longs, week: Longs) -> Longs:
    """How many each unit lets go in each week."""
    most = problem.away_max[unit]
    first = min(int(problem.away_week.min(initial=0)), int(week.min(initial=0)))
    span = max(int(problem.away_week.max(initial=0)), int(week.max(initial=0))) - first + 1
    own = find(problem.away_unit.astype(np.int64) * span + problem.away_week - first, unit * span + week - first)
    return np.where(own >= 0, np.append(problem.away_most, 0)[own], most)


def _join(kinds: tuple[_Draws, _Draws, _Draws], usable_in_cell: Longs, cell_of_pair: Ints) -> Limits:
    """Drops the limits that cannot bind, renumbers the others and lays the draws of each cell side by side."""
    cells = len(usable_in_cell)
    pairs_in_cell = np.bincount(cell_of_pair, minlength=cells)
    eligible = [draws.pairs(pairs_in_cell) for draws in kinds]
    usable = [draws.pairs(usable_in_cell) for draws in kinds]
    least = [np.minimum(draws.least, np.minimum(draws.most, count)) for draws, count in zip(kinds, usable, strict=True)]
    kept = [(count > draws.most) | (draws.least > 0) for draws, count in zip(kinds, eligible, strict=True)]
    number = np.cumsum(np.concatenate(kept)) - 1
    offset = np.cumsum([0] + [len(mask) for mask in kept])
    cell_parts, limit_parts, per_cell = [], [], []
    for draws, mask, start in zip(kinds, kept, offset, strict=False):
        stays = mask[draws.limit]
        cell_parts.append(draws.cell[stays])
        limit_parts.append(number[draws.limit[stays] + start])
        per_cell.append(np.bincount(draws.cell[stays], minlength=cells))
    order = np.argsort(np.concatenate(cell_parts), kind="stable")
    total = per_cell[0] + per_cell[1] + per_cell[2]
    seats_from = np.cumsum(total) - total
    away_from = seats_from + per_cell[0] + per_cell[1]
    away = kinds[AWAY]
    week_number = np.where(kept[AWAY], number[offset[AWAY] : offset[AWAY + 1]], -1)

    def joined(name: str, dtype: type) -> np.ndarray:
        parts = [getattr(draws, name)[mask] for draws, mask in zip(kinds, kept, strict=True)]
        return np.concatenate(parts).astype(dtype)

    ends = np.searchsorted(away.cell, np.arange(cells + 1))
    return Limits(
        kind=np.repeat(np.arange(3, dtype=np.int32), [int(mask.sum()) for mask in kept]),
        unit=joined("unit", np.int32),
        class_=joined("class_", np.int32),
        week=joined("week", np.int32),
        most=joined("most", np.int64),
        asked=joined("least", np.int64),
        least=np.concatenate([low[mask] for low, mask in zip(least, kept, strict=True)]),
        cell_of_pair=cell_of_pair,
        seats_from=seats_from,
        away_from=away_from,
        away_to=seats_from + total,
        drawn=np.concatenate(limit_parts)[order].astype(np.int32),
        first_week=week_number[away.limit[ends[:-1]]].astype(np.int32) if cells else np.zeros(0, np.int32),
        last_week=week_number[away.limit[ends[1:] - 1]].astype(np.int32) if cells else np.zeros(0, np.int32),
    )
