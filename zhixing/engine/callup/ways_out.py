"""Ways out: the cheapest changes of pins, seats and minimums after which a list exists.

Each way is the optimum of a small integer program over the pins and over the pairs that count for the minimums looked at: who goes, and what
is changed. The next way must leave out one of the changes of each way before it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from zhixing.engine.callup.limits import Limits, limits_of
from zhixing.engine.callup.problem import CallupProblem, Flags, Floats, Longs
from zhixing.engine.callup.relaxations import COLUMN, COST, Relaxation, Step, Way
from zhixing.engine.callup.rules import AWAY, CLASS

WAYS_MOST = 12
"""Ways told of one knot; the planner needs the cheapest few, not all."""


class Minimums(NamedTuple):
    """The minimums that a program looks at."""

    classes: Flags  # [J]
    quotas: Flags  # [Q]

    @classmethod
    def none(cls, problem: CallupProblem) -> Minimums:
        return cls(np.zeros(problem.classes, np.bool_), np.zeros(len(problem.quota_unit), np.bool_))

    @classmethod
    def of(cls, problem: CallupProblem, limits: Limits, found: Longs) -> Minimums:
        """Those of some limits."""
        own = cls.none(problem)
        of_class, of_quota = found[limits.kind[found] == CLASS], found[limits.kind[found] != CLASS]
        own.classes[limits.class_[of_class]] = True
        own.quotas[_quota_rows(problem, limits, of_quota)] = True
        return own

    def joined(self, more: Minimums) -> Minimums:
        return Minimums(self.classes | more.classes, self.quotas | more.quotas)

    def others(self) -> Minimums:
        return Minimums(~self.classes, ~self.quotas)

    def share(self, other: Minimums) -> bool:
        return bool((self.classes & other.classes).any() or (self.quotas & other.quotas).any())

    def within(self, problem: CallupProblem) -> CallupProblem:
        """The problem with only these minimums."""
        return dataclasses.replace(
            problem,
            seats_min=np.where(self.classes, problem.seats_min, 0),
            quota_min=np.where(self.quotas, problem.quota_min, 0),
        )


def _quota_rows(problem: CallupProblem, limits: Limits, found: Longs) -> Longs:
    """The quota behind each of the limits."""
    own = problem.quota_unit.astype(np.int64) * problem.classes + problem.quota_class
    return np.searchsorted(own, limits.unit[found].astype(np.int64) * problem.classes + limits.class_[found])


class Program(NamedTuple):
    """Minimise ``cost`` · x with ``low`` ≤ matrix · x ≤ ``high`` and 0 ≤ x ≤ ``most``, x whole."""

    cost: Floats  # [N]
    most: Floats  # [N]
    matrix: scipy.sparse.csr_matrix  # [M, N]
    low: Floats  # [M]
    high: Floats  # [M]


Minimise = Callable[[Program], Floats | None]
"""The optimum of a program; None when it was not found in time."""


class Ways:
    """The program of one problem with some minimums. Columns: pairs, persons with several pairs in a week, steps (how far), steps (whether)."""

    def __init__(self, problem: CallupProblem, minimums: Minimums) -> None:
        self.problem = minimums.within(problem)
        self._keep_pairs_that_count()
        self.limits = limits_of(self.problem)
        self.columns = self.problem.pairs
        self.most: list[float] = [1.0] * self.columns
        self.rows: list[tuple[list[int], list[float], float, float]] = []
        self.steps: dict[tuple[Relaxation, int], int] = {}
        self.away: dict[tuple[Relaxation, int], list[tuple[int, list[list[int]]]]] = {}
        self._pins()
        self._persons()
        self._limits()

    def _keep_pairs_that_count(self) -> None:
        """Only pinned pairs, and those that fill a minimum, need to be looked at."""
        problem = self.problem
        limits = limits_of(problem)
        asked = np.flatnonzero(limits.asked > 0)
        counts = np.zeros(len(limits.kind), np.bool_)
        counts[asked] = True
        kept = limits.cells_drawing(counts)[limits.cell_of_pair]
        pinned = problem.find_pairs(problem.pin_person, problem.pin_class)
        kept[pinned[(pinned >= 0) & problem.pin_chosen]] = True
        self.problem = dataclasses.replace(
            problem,
            pair_person=problem.pair_person[kept],
            pair_class=problem.pair_class[kept],
            value=problem.value[kept],
        )

    def _step(self, change: Relaxation, at: int, most: int) -> int:
        """The column of a step that may be taken up to ``most`` times."""
        column = self.steps.setdefault((change, at), self.columns)
        if column == self.columns:
            self.columns += 1
            self.most.append(0.0)
        self.most[column] = max(self.most[column], float(most))
        return column

    def _row(self, columns: list[int], low: float, high: float, *further: tuple[int, float]) -> None:
        signs = [1.0] * len(columns) + [sign for _, sign in further]
        self.rows.append(([*columns, *(column for column, _ in further)], signs, low, high))

    def _pins(self) -> None:
        """A pair pinned in goes, one pinned out stays, unless the pin is dropped."""
        problem = self.problem
        pairs = problem.find_pairs(problem.pin_person, problem.pin_class)
        for pin, pair in enumerate(pairs.tolist()):
            if pair < 0:
                continue
            dropped = self._step(Relaxation.DROP_PIN, pin, 1)
            if problem.pin_chosen[pin]:
                self._row([pair], 1.0, np.inf, (dropped, 1.0))
            else:
                self._row([pair], -np.inf, 0.0, (dropped, -1.0))

    def _persons(self) -> None:
        """No more call-ups of a person than allowed, and of the classes held on one day one at most."""
        problem = self.problem
        first_pair = problem.first_pair()
        first, last = problem.first_day[problem.pair_class], problem.last_day[problem.pair_class]
        for person in np.flatnonzero(np.diff(first_pair) > 1).tolist():
            own = list(range(int(first_pair[person]), int(first_pair[person + 1])))
            beyond = len(own) - problem.settings.callups_max
            if beyond > 0:
                more = self._step(Relaxation.CALLUPS_MAX, 0, beyond)
                self._row(own, -np.inf, float(problem.settings.callups_max), (more, -1.0))
            for pair in own:
                on = [other for other in own if first[other] <= first[pair] <= last[other]]
                if len(on) > 1:
                    self._row(on, -np.inf, 1.0)

    def _limits(self) -> None:
        limits = self.limits
        pairs = np.argsort(limits.cell_of_pair, kind="stable")
        begins = np.searchsorted(limits.cell_of_pair[pairs], np.arange(len(limits.seats_from) + 1))
        members: dict[int, list[int]] = {limit: [] for limit in range(len(limits.kind))}
        for cell, (start, stop) in enumerate(zip(limits.seats_from, limits.away_to, strict=True)):
            for limit in limits.drawn[start:stop].tolist():
                members[limit] += pairs[begins[cell] : begins[cell + 1]].tolist()
        for limit, inside in members.items():
            if limits.kind[limit] == AWAY:
                self._limit_away(limit, inside)
            else:
                self._limit_seats(limit, inside)

    def _limit_seats(self, limit: int, inside: list[int]) -> None:
        most, asked = int(self.limits.most[limit]), int(self.limits.asked[limit])
        of_class = self.limits.kind[limit] == CLASS
        at = int(self.limits.class_[limit]) if of_class else int(self._quota(limit))
        if len(inside) > most:
            more = self._step(Relaxation.CLASS_SEATS if of_class else Relaxation.QUOTA_SEATS, at, len(inside) - most)
            self._row(inside, -np.inf, float(most), (more, -1.0))
        if asked:
            fewer = self._step(Relaxation.CLASS_MINIMUM if of_class else Relaxation.QUOTA_MINIMUM, at, asked)
            self._row(inside, float(asked), np.inf, (fewer, 1.0))

    def _quota(self, limit: int) -> Any:
        return _quota_rows(self.problem, self.limits, np.array([limit]))[0]

    def _limit_away(self, limit: int, inside: list[int]) -> None:
        """Distinct persons of the unit in the week: who has two pairs there has a column of their own."""
        own: dict[int, list[int]] = {}
        for pair in inside:
            own.setdefault(int(self.problem.pair_person[pair]), []).append(pair)
        most, unit, week = (int(of[limit]) for of in (self.limits.most, self.limits.unit, self.limits.week))
        if len(own) <= most:
            return
        persons = [pairs[0] if len(pairs) == 1 else self._either(pairs) for pairs in own.values()]
        of_week = np.flatnonzero((self.problem.away_unit == unit) & (self.problem.away_week == week)).tolist()
        change, at = (Relaxation.AWAY_WEEK, of_week[0]) if of_week else (Relaxation.AWAY_MAX, unit)
        more = self._step(change, at, len(own) - most)
        self._row(persons, -np.inf, float(most), (more, -1.0))
        self.away.setdefault((change, at), []).append((week, list(own.values())))

    def _either(self, pairs: list[int]) -> int:
        column = self.columns
        self.columns += 1
        self.most.append(1.0)
        for pair in pairs:
            self._row([pair], -np.inf, 0.0, (column, -1.0))
        return column

    def cheapest(self, minimise: Minimise) -> Iterator[Way]:
        """Ways by cost, each without some change of every way before it, until none is left, ``WAYS_MOST`` are found or time is up."""
        steps = list(self.steps.items())
        whether = {key: self.columns + k for k, (key, _) in enumerate(steps)}
        rows = [*self.rows, *(([far, whether[key]], [1.0, -self.most[far]], -np.inf, 0.0) for key, far in steps)]
        cost = np.zeros(self.columns + len(steps))
        for (change, _), column in steps:
            cost[column] = COST[change]
        most = np.array(self.most + [1.0] * len(steps))
        for _ in range(WAYS_MOST):
            x = minimise(_program(cost, most, rows))
            if x is None:
                return
            way = self._way(x)
            yield way
            if not way.steps:
                return
            used = [whether[step.change, step.at] for step in way.steps]
            rows.append((used, [1.0] * len(used), -np.inf, len(used) - 1.0))

    def _way(self, x: Floats) -> Way:
        found = []
        for (change, at), column in self.steps.items():
            far = round(float(x[column]))
            if far:
                before = self._now(change, at)
                sign = -1 if change in (Relaxation.CLASS_MINIMUM, Relaxation.QUOTA_MINIMUM, Relaxation.DROP_PIN) else 1
                weeks = self._weeks((change, at), x, before) if (change, at) in self.away else ()
                found.append(Step(change, at, before, before + sign * far, weeks))
        return Way(sum(COST[step.change] * abs(step.after - step.before) for step in found), tuple(found))

    def _now(self, change: Relaxation, at: int) -> int:
        problem = self.problem
        if change is Relaxation.CALLUPS_MAX:
            return problem.settings.callups_max
        if change is Relaxation.DROP_PIN:
            return 1
        return int(getattr(problem, COLUMN[change])[at])

    def _weeks(self, key: tuple[Relaxation, int], x: Floats, most: int) -> tuple[int, ...]:
        """The weeks in which more than ``most`` go."""
        away = ((week, sum(bool((x[pairs] > 0.5).any()) for pairs in own)) for week, own in self.away[key])
        return tuple(sorted(week for week, count in away if count > most))


def _program(cost: Floats, most: Floats, rows: list[tuple[list[int], list[float], float, float]]) -> Program:
    row = np.repeat(np.arange(len(rows)), [len(columns) for columns, *_ in rows])
    column = [column for columns, *_ in rows for column in columns]
    sign = [sign for _, signs, *_ in rows for sign in signs]
    matrix = scipy.sparse.csr_matrix((sign, (row, column)), shape=(len(rows), len(cost)))
    low, high = np.array([low for *_, low, _ in rows]), np.array([high for *_, high in rows])
    return Program(cost, most, matrix, low, high)
