"""A problem laid out for the solver: flat arrays that compiled functions take as one argument."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from zhixing.engine.callup.cells import meetings
from zhixing.engine.callup.limits import Limits, limits_of, weeks_of
from zhixing.engine.callup.problem import CallupProblem, Flags, Floats, Ints, Longs


class Model(NamedTuple):
    """P persons, J classes, U units, E pairs sorted by (person, class), C cells, R limits, D draws (see ``rules.Limits``)."""

    person: Ints  # [E]
    class_: Ints  # [E]
    cell: Ints  # [E]
    unit: Ints  # [P]
    value: Floats  # [E]
    open: Flags  # [E] not pinned out
    pinned: Flags  # [E] pinned in
    first_pair: Longs  # [P + 1]
    first_day: Ints  # [J]
    last_day: Ints  # [J]
    seats_from: Longs  # [C]
    away_from: Longs  # [C]
    away_to: Longs  # [C]
    drawn: Ints  # [D]
    first_week: Ints  # [C]
    last_week: Ints  # [C]
    meets_before: (
        Flags  # [E] an earlier pair of the person ends, on another day, in the ISO week in which this one begins
    )
    meets_after: Flags  # [E] the same towards a later pair
    most: Longs  # [R]
    least: Longs  # [R]
    callups_max: int  # never above the longest list of pairs of one person
    second_cost: float
    short_cost: float
    theme: Ints  # [J] -1 for none
    theme_cost: float
    close_cost: float
    close_days: int

    def without_costs(self) -> Model:
        """The model in which no call-up costs its person anything."""
        return self._replace(second_cost=0.0).without_spread()

    def without_spread(self) -> Model:
        """The model in which call-ups of one person cost nothing beside each other."""
        return self._replace(theme_cost=0.0, close_cost=0.0)

    def cost_most(self) -> float:
        """No call-up costs its person more; one that comes between two others can be close to both."""
        return self.second_cost + self.theme_cost + 2.0 * self.close_cost


HARD = 4.0
"""A seat short of a hard minimum costs this many times what a person's call-ups can be worth."""


_laid_out: WeakKeyDictionary[CallupProblem, tuple[Model, Limits]] = WeakKeyDictionary()
"""Of each problem still in use: of a nation, laying it out takes as long as an iteration over it does fifty times."""


def model_of(problem: CallupProblem) -> tuple[Model, Limits]:
    """The model and its limits, laid out once for each problem: nobody changes their arrays.

    Hard minimums become minimums that cost too much to miss."""
    if problem not in _laid_out:
        _laid_out[problem] = _lay_out(problem)
    return _laid_out[problem]


def _lay_out(problem: CallupProblem) -> tuple[Model, Limits]:
    pin = problem.find_pairs(problem.pin_person, problem.pin_class)
    pinned = np.zeros(problem.pairs, np.bool_)
    pinned[pin[(pin >= 0) & problem.pin_chosen]] = True
    usable = np.ones(problem.pairs, np.bool_)
    usable[pin[(pin >= 0) & ~problem.pin_chosen]] = False
    limits = limits_of(problem, usable)
    before, after = meetings(problem, *weeks_of(problem))
    longest = int(np.bincount(problem.pair_person, minlength=1).max())
    settings = problem.settings
    callups_max = max(1, min(settings.callups_max, longest))
    has_themes = len(problem.theme) > 0
    model = Model(
        person=problem.pair_person,
        class_=problem.pair_class,
        cell=limits.cell_of_pair,
        unit=problem.unit_of_person,
        value=problem.value,
        open=usable,
        pinned=pinned,
        first_pair=problem.first_pair(),
        first_day=problem.first_day,
        last_day=problem.last_day,
        seats_from=limits.seats_from,
        away_from=limits.away_from,
        away_to=limits.away_to,
        drawn=limits.drawn,
        first_week=limits.first_week,
        last_week=limits.last_week,
        meets_before=before,
        meets_after=after,
        most=limits.most,
        least=limits.least,
        callups_max=callups_max,
        second_cost=settings.second_callup_cost,
        short_cost=settings.short_seat_cost,
        theme=problem.theme if has_themes else np.full(problem.classes, -1, np.int32),
        theme_cost=settings.repeated_theme_cost if has_themes else 0.0,
        close_cost=settings.close_callup_cost if settings.close_days else 0.0,
        close_days=settings.close_days,
    )
    if settings.hard_minimums:
        worth = callups_max * float(problem.value.max(initial=1.0))
        model = model._replace(short_cost=HARD * (worth + model.cost_most()))
    return model, limits


def narrow(model: Model, kept: Longs) -> Model:
    """The model with only the ``kept`` pairs (ascending) and their cells; limits stay as they are."""
    person = model.person[kept]
    filled = np.zeros(len(model.seats_from), np.bool_)
    filled[model.cell[kept]] = True
    cells = np.flatnonzero(filled)
    number = np.cumsum(filled, dtype=np.int32) - np.int32(1)
    return model._replace(
        person=person,
        class_=model.class_[kept],
        cell=number[model.cell[kept]],
        seats_from=model.seats_from[cells],
        away_from=model.away_from[cells],
        away_to=model.away_to[cells],
        first_week=model.first_week[cells],
        last_week=model.last_week[cells],
        value=model.value[kept],
        open=model.open[kept],
        pinned=model.pinned[kept],
        first_pair=np.searchsorted(person, np.arange(len(model.unit) + 1, dtype=np.int32)).astype(np.int64),
        meets_before=model.meets_before[kept],
        meets_after=model.meets_after[kept],
    )
