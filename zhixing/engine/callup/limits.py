"""The limits of a problem, and on which of them each pair draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zhixing.engine.callup.cells import cells_of
from zhixing.engine.callup.draws import Cells, add_up, cells_with_limits, lay_out
from zhixing.engine.callup.problem import CallupProblem, Flags, Ints, Longs, find
from zhixing.engine.callup.rules import AWAY, CLASS, QUOTA
from zhixing.engine.callup.weeks import week_of


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
    return week_of(problem.first_day.astype(np.int64)), week_of(problem.last_day.astype(np.int64))


def limits_of(problem: CallupProblem, usable: Flags | None = None) -> Limits:
    """The limits of a problem in the order class, quota, away; only ``usable`` pairs [E] can fill a minimum (default: all)."""
    unit, class_, cell_of_pair = cells_of(problem)
    cells = cells_with_limits(problem, unit, class_, *weeks_of(problem))
    quotas, weeks = len(problem.quota_unit), len(cells.away_unit)
    most = (problem.seats_max, problem.quota_max, _away_most(problem, cells.away_unit, cells.away_week))
    asked = (problem.seats_min, problem.quota_min, np.zeros(weeks, np.int64))
    eligible = _pairs_of_limits(cells, cell_of_pair, problem.classes, quotas)
    barred = _pairs_of_limits(
        cells, cell_of_pair[:0] if usable is None else cell_of_pair[~usable], problem.classes, quotas
    )
    fit = [count - out for count, out in zip(eligible, barred, strict=True)]
    least = [np.minimum(low, np.minimum(high, count)) for low, high, count in zip(asked, most, fit, strict=True)]
    kept = [(count > high) | (low > 0) for count, high, low in zip(eligible, most, asked, strict=True)]
    seats_from, away_from, away_to, drawn, number = _draws(cells, kept)

    def joined(parts: Sequence[npt.NDArray[Any]], dtype: type) -> npt.NDArray[Any]:
        return np.concatenate([part[mask] for part, mask in zip(parts, kept, strict=True)]).astype(dtype)

    none = [np.full(size, -1, np.int64) for size in (problem.classes, quotas, weeks)]
    return Limits(
        kind=np.repeat(np.arange(3, dtype=np.int32), [int(mask.sum()) for mask in kept]),
        unit=joined((none[CLASS], problem.quota_unit, cells.away_unit), np.int32),
        class_=joined((np.arange(problem.classes), problem.quota_class, none[AWAY]), np.int32),
        week=joined((none[CLASS], none[QUOTA], cells.away_week), np.int32),
        most=joined(most, np.int64),
        asked=joined(asked, np.int64),
        least=joined(least, np.int64),
        cell_of_pair=cell_of_pair,
        seats_from=seats_from,
        away_from=away_from,
        away_to=away_to,
        drawn=drawn,
        first_week=number[AWAY][cells.first_away],
        last_week=number[AWAY][cells.first_away + cells.weeks - 1],
    )


def _away_most(problem: CallupProblem, unit: Longs, week: Longs) -> Longs:
    """How many each unit lets go in each week."""
    most = problem.away_max[unit]
    first = min(int(problem.away_week.min(initial=0)), int(week.min(initial=0)))
    span = max(int(problem.away_week.max(initial=0)), int(week.max(initial=0))) - first + 1
    own = find(problem.away_unit.astype(np.int64) * span + problem.away_week - first, unit * span + week - first)
    return np.where(own >= 0, np.append(problem.away_most, 0)[own], most)


def _pairs_of_limits(cells: Cells, cell_of_pair: Ints, classes: int, quotas: int) -> tuple[Longs, Longs, Longs]:
    """How many of the pairs can draw on each class, each quota and each week of a unit."""
    found = (np.zeros(classes, np.int64), np.zeros(quotas, np.int64), np.zeros(len(cells.away_unit), np.int64))
    add_up(cells, np.bincount(cell_of_pair, minlength=len(cells.unit)), *found)
    return found


def _draws(cells: Cells, kept: Sequence[Flags]) -> tuple[Longs, Longs, Longs, Ints, tuple[Ints, Ints, Ints]]:
    """``seats_from``, ``away_from``, ``away_to`` and ``drawn`` of ``Limits``; and the number of each limit of each kind, -1 when it is not kept."""
    before = np.cumsum([0, *(int(mask.sum()) for mask in kept)])
    number = [
        np.where(mask, start + np.cumsum(mask) - 1, -1).astype(np.int32)
        for mask, start in zip(kept, before, strict=False)
    ]
    numbers = (number[CLASS], number[QUOTA], number[AWAY])
    seats_from, away_from = np.zeros(len(cells.unit), np.int64), np.zeros(len(cells.unit), np.int64)
    drawn = np.zeros(lay_out(cells, *numbers, seats_from, away_from, np.zeros(0, np.int32)), np.int32)
    lay_out(cells, *numbers, seats_from, away_from, drawn)
    return seats_from, away_from, np.append(seats_from[1:], len(drawn))[: len(seats_from)], drawn, numbers
