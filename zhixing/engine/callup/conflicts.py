"""Why pins cannot hold: one minimal set of pins and the rule that they break together."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np

from zhixing.engine.callup.problem import CallupProblem, Longs
from zhixing.engine.callup.rules import AWAY, DAYS_TO_MONDAY, LIMIT_RULES, Limits, Rule, limits_of

Conflict = tuple[dict[str, Any], ...]

EPOCH = dt.date(1970, 1, 1)


def pin_conflict(problem: CallupProblem) -> Conflict:
    """The smallest conflict among the pins that choose, empty when there is none.

    Its first item names the rule, the others the pins; without any one of these pins the rule holds for the others."""
    chosen = problem.pin_chosen
    pins = np.stack([problem.pin_person[chosen], problem.pin_class[chosen]], axis=1).astype(np.int64)
    eligible = problem.find_pairs(pins[:, 0], pins[:, 1]) >= 0
    if not eligible.all():
        return _conflict(problem, {"rule": Rule.NOT_ELIGIBLE}, pins[~eligible][:1])
    found = [*_shared_days(problem, pins), *_too_many_callups(problem, pins), *_full_limits(problem, pins)]
    return min(found, key=len, default=())


def _shared_days(problem: CallupProblem, pins: Longs) -> list[Conflict]:
    """The first two pins of one person whose classes share a day (pins are sorted by person and first day)."""
    person, class_ = pins[:, 0], pins[:, 1]
    same = person[1:] == person[:-1]
    clash = same & (problem.first_day[class_[1:]] <= problem.last_day[class_[:-1]])
    return [_conflict(problem, {"rule": Rule.SHARED_DAY}, pins[k : k + 2]) for k in np.flatnonzero(clash)[:1]]


def _too_many_callups(problem: CallupProblem, pins: Longs) -> list[Conflict]:
    most = problem.settings.callups_max
    person = pins[:, 0]
    beyond = np.flatnonzero(person[most:] == person[: max(0, len(person) - most)])
    rule = {"rule": Rule.CALLUPS_MAX, "most": most}
    return [_conflict(problem, rule, pins[k : k + most + 1]) for k in beyond[:1]]


def _full_limits(problem: CallupProblem, pins: Longs) -> list[Conflict]:
    """For every limit that the pins alone break: as many of them as break it."""
    pinned = dataclasses.replace(
        problem,
        pair_person=pins[:, 0].astype(np.int32),
        pair_class=pins[:, 1].astype(np.int32),
        value=np.ones(len(pins)),
    )
    limits = limits_of(pinned)
    members: dict[int, list[int]] = {}
    for pin, cell in enumerate(limits.cell_of_pair.tolist()):
        for limit in limits.drawn[limits.seats_from[cell] : limits.away_to[cell]].tolist():
            of_limit = members.setdefault(limit, [])
            twice = limits.kind[limit] == AWAY and of_limit and pins[of_limit[-1], 0] == pins[pin, 0]
            if not twice:
                of_limit.append(pin)
    return [
        _conflict(problem, limit_said(problem, limits, limit), pins[of_limit[: int(limits.most[limit]) + 1]])
        for limit, of_limit in sorted(members.items())
        if len(of_limit) > limits.most[limit]
    ]


def limit_said(problem: CallupProblem, limits: Limits, limit: int) -> dict[str, Any]:
    """A limit by its rule, its keys and how many it lets in; an away limit tells its week by the Monday."""
    said: dict[str, Any] = {"rule": LIMIT_RULES[limits.kind[limit]]}
    if limits.unit[limit] >= 0:
        said["unit_id"] = problem.unit_keys[int(limits.unit[limit])].as_py()
    if limits.class_[limit] >= 0:
        said["class_id"] = problem.class_keys[int(limits.class_[limit])].as_py()
    if limits.kind[limit] == AWAY:
        said["week"] = monday_of(int(limits.week[limit])).isoformat()
    return said | {"most": int(limits.most[limit])}


def monday_of(week: int) -> dt.date:
    """The first day of an ISO week counted as in ``Limits.week``."""
    return EPOCH + dt.timedelta(days=7 * week - DAYS_TO_MONDAY)


def _conflict(problem: CallupProblem, rule: dict[str, Any], pins: Longs) -> Conflict:
    return (
        rule,
        *(
            {
                "rule": "pinned_in",
                "person_id": problem.person_keys[person].as_py(),
                "class_id": problem.class_keys[class_].as_py(),
            }
            for person, class_ in pins.tolist()
        ),
    )
