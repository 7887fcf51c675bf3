"""What can be changed so that a list exists, what it costs, and the problem after the change."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from zhixing.engine.callup.problem import CallupProblem
from zhixing.engine.callup.weeks import monday_of


class Relaxation(StrEnum):
    """What can be changed so that a list exists."""

    DROP_PIN = "drop_pin"
    CLASS_SEATS = "class_seats"
    QUOTA_SEATS = "quota_seats"
    AWAY_MAX = "away_max"
    AWAY_WEEK = "away_week"
    CALLUPS_MAX = "callups_max"
    CLASS_MINIMUM = "class_minimum"
    QUOTA_MINIMUM = "quota_minimum"


COST: dict[Relaxation, float] = {
    Relaxation.CLASS_SEATS: 1.0,
    Relaxation.QUOTA_SEATS: 1.0,
    Relaxation.CLASS_MINIMUM: 1.0,
    Relaxation.QUOTA_MINIMUM: 1.0,
    Relaxation.DROP_PIN: 2.0,
    Relaxation.AWAY_MAX: 2.0,
    Relaxation.AWAY_WEEK: 2.0,
    Relaxation.CALLUPS_MAX: 6.0,
}
"""Default cost of one seat, one pin or one call-up. A seat is the organiser's own to give. A pin was somebody's decision, and another absence is
another office's burden: each weighs two seats. One call-up more a year is a rule for everybody and weighs three of these."""


class Step(NamedTuple):
    """One change. ``at`` is the pin, class, quota, unit or week of its own; ``weeks`` are those in which another absence is needed."""

    change: Relaxation
    at: int
    before: int
    after: int
    weeks: tuple[int, ...] = ()

    def said(self, problem: CallupProblem) -> dict[str, Any]:
        """The step by its keys, with the numbers before and after."""
        keys = _keys(problem, self.change, self.at)
        if self.change is Relaxation.DROP_PIN:
            return {"change": str(self.change), **keys}
        weeks = {"weeks": [monday_of(week).isoformat() for week in self.weeks]} if self.weeks else {}
        return {"change": str(self.change), **keys, **weeks, "from": self.before, "to": self.after}


def _keys(problem: CallupProblem, change: Relaxation, at: int) -> dict[str, Any]:
    def key(keys: Any, place: int) -> Any:
        return keys[int(place)].as_py()

    match change:
        case Relaxation.DROP_PIN:
            return {
                "person": key(problem.person_keys, problem.pin_person[at]),
                "class": key(problem.class_keys, problem.pin_class[at]),
                "chosen": bool(problem.pin_chosen[at]),
            }
        case Relaxation.CLASS_SEATS | Relaxation.CLASS_MINIMUM:
            return {"class": key(problem.class_keys, at)}
        case Relaxation.QUOTA_SEATS | Relaxation.QUOTA_MINIMUM:
            return {
                "unit": key(problem.unit_keys, problem.quota_unit[at]),
                "class": key(problem.class_keys, problem.quota_class[at]),
            }
        case Relaxation.AWAY_MAX:
            return {"unit": key(problem.unit_keys, at)}
        case Relaxation.AWAY_WEEK:
            return {"unit": key(problem.unit_keys, problem.away_unit[at])}
    return {}


@dataclass(frozen=True)
class Way:
    """Changes that together are enough; in a proven knot, without any one of them the others are not."""

    cost: float
    steps: tuple[Step, ...]

    def said(self, problem: CallupProblem) -> dict[str, Any]:
        return {"cost": self.cost, "changes": [step.said(problem) for step in self.steps]}


@dataclass(frozen=True)
class Knot:
    """Conflicts that hang together. One way of each knot makes a list possible; the cheapest comes first, ``proven`` when nothing cheaper exists."""

    ways: tuple[Way, ...]
    proven: bool

    @classmethod
    def of(cls, ways: Iterable[Way], proven: bool) -> Knot:
        """Equal costs in the order of fewest changes, then of kinds and keys, whatever order they were found in."""
        return cls(tuple(sorted(ways, key=lambda way: (way.cost, len(way.steps), way.steps))), proven)

    def said(self, problem: CallupProblem) -> dict[str, Any]:
        return {"proven_cheapest": self.proven, "ways": [way.said(problem) for way in self.ways]}


COLUMN = {
    Relaxation.CLASS_SEATS: "seats_max",
    Relaxation.CLASS_MINIMUM: "seats_min",
    Relaxation.QUOTA_SEATS: "quota_max",
    Relaxation.QUOTA_MINIMUM: "quota_min",
    Relaxation.AWAY_MAX: "away_max",
    Relaxation.AWAY_WEEK: "away_most",
}
"""The column of the problem that a number stands in."""


def relaxed(problem: CallupProblem, steps: Iterable[Step]) -> CallupProblem:
    """The problem after the changes."""
    columns = {name: getattr(problem, name).copy() for name in COLUMN.values()}
    settings, dropped = problem.settings, []
    for step in steps:
        if step.change is Relaxation.DROP_PIN:
            dropped.append(step.at)
        elif step.change is Relaxation.CALLUPS_MAX:
            settings = dataclasses.replace(settings, callups_max=step.after)
        else:
            columns[COLUMN[step.change]][step.at] = step.after
    problem = dataclasses.replace(problem, settings=settings, **columns)
    return problem.with_pins(np.delete(np.arange(len(problem.pin_chosen)), dropped)) if dropped else problem
