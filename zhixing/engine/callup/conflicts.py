"""Why pins cannot hold: one minimal set of pins and the rule that they break together."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np

from zhixing.engine.callup.problem import DAYS_TO_MONDAY, CallupProblem, Longs
from zhixing.engine.callup.rules import AWAY, LIMIT_RULES, Limits, Rule, limits_of

Conflict = tuple[dict[str, Any], ...]

EPOCH = dt.date(1970, 1, 1)


def pin_conflict(problem: CallupProblem) -> Conflict:
    """The smallest conflict among the pins that choose, empty when there is none.

    Its first item names the rule, the others the pins; without any one of these pins the rule holds for the others."""
    pins = np.flatnonzero(problem.pin_chosen)
    strangers = pins[problem.find_pairs(problem.pin_person[pins], problem.pin_class[pins]) < 0]
    if len(strangers):
        return _conflict(problem, {"rule": str(Rule.NOT_ELIGIBLE)}, strangers[:1])
    found = [*_shared_days(problem, pins), *_too_many_callups(problem, pins), *_full_limits(problem, pins)]
    return min(found, key=len, default=())


def _shared_days(problem: CallupProblem, pins: Longs) -> list[Conflict]:
    """The first two pins of one person whose classes share a day (pins are sorted by person and first day)."""
    person, class_ = problem.pin_person[pins], problem.pin_class[pins]
    same = person[1:] == person[:-1]
    clash = same & (problem.first_day[class_[1:]] <= problem.last_day[class_[:-1]])
    return [_conflict(problem, {"rule": str(Rule.SHARED_DAY)}, pins[k : k + 2]) for k in np.flatnonzero(clash)[:1]]


def _too_many_callups(problem: CallupProblem, pins: Longs) -> list[Conflict]:
    most = problem.settings.callups_max
    person = problem.pin_person[pins]
    beyond = np.flatnonzero(person[most:] == person[: max(0, len(person) - most)])
    rule = {"rule": str(Rule.CALLUPS_MAX), "most": most}
    return [_conflict(problem, rule, pins[k : k + most + 1]) for k in beyond[:1]]


def _full_limits(problem: CallupProblem, pins: Longs) -> list[Conflict]:
    """For every limit that the pins alone break: as many of them as break it."""
    pinned = dataclasses.replace(
        problem,
        pair_person=problem.pin_person[pins],
        pair_class=problem.pin_class[pins],
        value=np.ones(len(pins)),
    )
    limits = limits_of(pinned)
    members: dict[int, list[int]] = {}
    for pin, cell in zip(pins.tolist(), limits.cell_of_pair.tolist(), strict=True):
        for limit in limits.drawn[limits.seats_from[cell] : limits.away_to[cell]].tolist():
            inside = members.setdefault(limit, [])
            again = inside and problem.pin_person[inside[-1]] == problem.pin_person[pin]
            if limits.kind[limit] != AWAY or not again:
                inside.append(pin)
    return [
        _conflict(problem, limit_said(problem, limits, limit), np.array(inside[: int(limits.most[limit]) + 1]))
        for limit, inside in sorted(members.items())
        if len(inside) > limits.most[limit]
    ]


def limit_said(problem: CallupProblem, limits: Limits, limit: int) -> dict[str, Any]:
    """A limit by its rule, its keys and how many it lets in; an away limit tells its week by the Monday."""
    said: dict[str, Any] = {"rule": str(LIMIT_RULES[limits.kind[limit]])}
    if limits.unit[limit] >= 0:
        said["unit"] = problem.unit_keys[int(limits.unit[limit])].as_py()
    if limits.class_[limit] >= 0:
        said["class"] = problem.class_keys[int(limits.class_[limit])].as_py()
    if limits.kind[limit] == AWAY:
        said["week"] = monday_of(int(limits.week[limit])).isoformat()
    return said | {"most": int(limits.most[limit])}


def monday_of(week: int) -> dt.date:
    """The first day of an ISO week counted as in ``Limits.week``."""
    return EPOCH + dt.timedelta(days=7 * week - DAYS_TO_MONDAY)


def pin_said(problem: CallupProblem, pin: int) -> dict[str, Any]:
    """A pin by its kind and its keys."""
    return {
        "rule": "pinned_in" if problem.pin_chosen[pin] else "pinned_out",
        "person": problem.person_keys[int(problem.pin_person[pin])].as_py(),
        "class": problem.class_keys[int(problem.pin_class[pin])].as_py(),
    }


def _conflict(problem: CallupProblem, rule: dict[str, Any], pins: Longs) -> Conflict:
    return (rule, *(pin_said(problem, pin) for pin in pins.tolist()))
