"""What would have to change for a pair that is left out to be chosen (the flip), claimed only once it was tried.

Each change is replayed on the problem and the problem solved anew, with the seed of the list; only when the pair is chosen then is the change told.
A pair of a higher value, or a lower lot, can take the seat that was meant for this one: then two more seats may be needed, or no number helps.
``smallest``: one step less was tried, too, and did not do."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from zhixing.engine.callup.codes import Code
from zhixing.engine.callup.obstacles import PINNED
from zhixing.engine.callup.problem import CallupProblem, Ints
from zhixing.engine.callup.reasons import PLACES, Standpoint
from zhixing.engine.callup.result import CallupResult, Status
from zhixing.engine.callup.rules import AWAY, CLASS
from zhixing.engine.callup.solver import ASCENT_SHARE, solve

STEPS_MOST = 5
"""More seats than this are no small change."""
MARGIN = 1e-3
"""How far a value is tried beside the one from which on a pair is chosen …"""
SLACK = 2e-6
"""… or this share of the objective, where that is more: lists that differ by less count as equal."""
TRIES = 4
"""Values tried, each twice as far, where the search is not exact."""

Said = dict[str, Any]


class NoFlip(StrEnum):
    """Why no change is told. ``NO_LIST``: no list that keeps the rules and the pins holds the pair; ``UNPINNED``: without the pin it is not chosen
    either; ``NONE_FOUND``: nothing small did it; ``TIME``: the seconds were used up."""

    NO_LIST = "no_list"
    UNPINNED = "unpinned"
    NONE_FOUND = "none_found"
    TIME = "time"


class _TimeIsUp(Exception):
    pass


def flip_of(standpoint: Standpoint, result: CallupResult, pair: int, obstacles: Ints, seconds: float) -> Said:
    """``flip``: the change, or None with ``flip_why`` (``NoFlip``). ``obstacles``: what keeps the pair out (``obstacles.obstacles_of``).

    A flip has ``change`` and ``smallest``: ``most`` with rule, keys, ``from`` and ``to`` of one limit; ``several`` with such ``steps``, all together;
    ``unpin``; ``value`` with ``from``, ``above`` (the pair is chosen when it is worth more) and ``to``, the value tried. One more away holds as well
    in the one week alone as in every week of the unit."""
    tries = _Tries(standpoint, result, pair, seconds)
    try:
        flip = _first(tries, [int(obstacle) for obstacle in obstacles])
    except _TimeIsUp:
        return {"flip": None, "flip_why": str(NoFlip.TIME)}
    return {"flip": flip} if isinstance(flip, dict) else {"flip": None, "flip_why": str(flip)}


def _first(tries: _Tries, obstacles: list[int]) -> Said | NoFlip:
    limits = len(tries.standpoint.limits.kind)
    if limits + PINNED in obstacles:
        if not tries.chosen(tries.unpinned()):
            return NoFlip.UNPINNED
        return {"rule": str(Code.PINNED_OUT), "change": "unpin", "smallest": True}
    if obstacles and max(obstacles) < limits:
        for step in range(1, STEPS_MOST + 1):
            if all(tries.chosen(raised) for raised in tries.raised(obstacles, step)):
                return tries.said(obstacles, step)
    return tries.value()


@dataclass
class _Tries:
    """Replays of changes of one problem, as seen from one pair."""

    standpoint: Standpoint
    result: CallupResult
    pair: int
    seconds: float

    def __post_init__(self) -> None:
        self.start = time.perf_counter()
        self.problem = self.standpoint.problem

    def solved(self, problem: CallupProblem) -> CallupResult:
        if time.perf_counter() - self.start >= self.seconds:
            raise _TimeIsUp
        found = solve(problem, seconds=self.seconds, seed=self.result.seed)
        if (
            found.seconds >= ASCENT_SHARE * self.seconds
        ):  # it may have been cut short: another run could find something else
            raise _TimeIsUp
        return found

    def chosen(self, problem: CallupProblem) -> bool:
        return self.pair in self.solved(problem).selected

    def unpinned(self) -> CallupProblem:
        problem = self.problem
        return problem.with_pins(problem.find_pairs(problem.pin_person, problem.pin_class) != self.pair)

    def raised(self, limits: list[int], step: int) -> Iterator[CallupProblem]:
        """The problem with ``step`` more of each limit; where weeks are among them, also with as many more in every week of the unit."""
        problem, kind = self.problem, self.standpoint.limits.kind
        weeks = [limit for limit in limits if kind[limit] == AWAY]
        for limit in limits:
            if kind[limit] != AWAY:
                problem = self._more_seats(problem, limit, step)
        if not weeks:
            yield problem
            return
        alone = problem
        for limit in weeks:
            alone = self._more_away(alone, limit, step)
        yield alone
        unit = int(self.standpoint.limits.unit[weeks[0]])
        if unit not in problem.away_unit:
            away_max = problem.away_max.copy()
            away_max[unit] += step
            yield dataclasses.replace(problem, away_max=away_max)

    def _more_seats(self, problem: CallupProblem, limit: int, step: int) -> CallupProblem:
        limits = self.standpoint.limits
        class_, unit = int(limits.class_[limit]), int(limits.unit[limit])
        if limits.kind[limit] == CLASS:
            seats = problem.seats_max.copy()
            seats[class_] += step
            return dataclasses.replace(problem, seats_max=seats)
        seats = problem.quota_max.copy()
        seats[(problem.quota_unit == unit) & (problem.quota_class == class_)] += step
        return dataclasses.replace(problem, quota_max=seats)

    def _more_away(self, problem: CallupProblem, limit: int, step: int) -> CallupProblem:
        """In the one week of the limit."""
        limits = self.standpoint.limits
        unit, week, most = int(limits.unit[limit]), int(limits.week[limit]), int(limits.most[limit]) + step
        others = (problem.away_unit != unit) | (problem.away_week != week)
        units = np.append(problem.away_unit[others], np.int32(unit))
        weeks = np.append(problem.away_week[others], np.int32(week))
        mosts = np.append(problem.away_most[others], np.int64(most))
        order = np.lexsort((weeks, units))
        return dataclasses.replace(problem, away_unit=units[order], away_week=weeks[order], away_most=mosts[order])

    def said(self, limits: list[int], step: int) -> Said:
        told = [self.standpoint.told(limit) for limit in limits]
        steps = [one | {"change": "most", "from": one["most"], "to": one["most"] + step} for one in told]
        if len(steps) == 1:
            return steps[0] | {"smallest": True}
        return {"change": "several", "steps": steps, "smallest": True}

    def worth(self, value: float) -> CallupProblem:
        values = self.problem.value.copy()
        values[self.pair] = value
        return dataclasses.replace(self.problem, value=values)

    def value(self) -> Said | NoFlip:
        """From which value on the pair is chosen: what the best list without it is worth beyond the best with it."""
        forced = self.solved(self._pinned_in())
        if forced.status is Status.INFEASIBLE:
            return NoFlip.NO_LIST
        if forced.objective is None or self.result.objective is None:
            return NoFlip.NONE_FOUND
        value, without = float(self.problem.value[self.pair]), self.result.objective
        above = round(max(value, value + without - forced.objective), PLACES)
        margin = max(MARGIN, SLACK * abs(without))
        for turn in range(TRIES):
            to = round(above + margin * 2**turn + (above - value) * (2**turn - 1), PLACES)
            if self.chosen(self.worth(to)):
                below = above - margin
                smallest = turn == 0 and (below <= value or not self.chosen(self.worth(below)))
                tried = {"from": value, "above": above if turn == 0 else to, "to": to}
                return {"change": "value", **tried, "smallest": smallest}
        return NoFlip.NONE_FOUND

    def _pinned_in(self) -> CallupProblem:
        problem = self.problem
        person, class_ = problem.pair_person[self.pair], problem.pair_class[self.pair]
        joint = problem.pin_person.astype(np.int64) * problem.classes + problem.pin_class
        place = int(np.searchsorted(joint, int(person) * problem.classes + int(class_)))
        return dataclasses.replace(
            problem,
            pin_person=np.insert(problem.pin_person, place, person),
            pin_class=np.insert(problem.pin_class, place, class_),
            pin_chosen=np.insert(problem.pin_chosen, place, True),
        )
