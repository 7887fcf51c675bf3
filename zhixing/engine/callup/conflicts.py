"""Why pins cannot hold: every rule that they break, each with a minimal set of pins against it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from zhixing.engine.callup.limits import Limits, limits_of
from zhixing.engine.callup.problem import CallupProblem, Longs
from zhixing.engine.callup.rules import AWAY, LIMIT_RULES, Rule
from zhixing.engine.callup.weeks import monday_of

Conflict = tuple[dict[str, Any], ...]


class Clash(NamedTuple):
    """``rule`` is broken; ``few`` of the ``pins`` that count for it are enough to break it, and without any one of these few they do not."""

    rule: dict[str, Any]
    few: Longs
    pins: Longs

    def said(self, problem: CallupProblem) -> Conflict:
        """Its first item names the rule, the others the few pins."""
        return (self.rule, *(pin_said(problem, pin) for pin in self.few.tolist()))


def pin_clashes(problem: CallupProblem) -> list[Clash]:
    """Every rule that the pins that choose break among themselves; the one with the fewest pins first."""
    pins = np.flatnonzero(problem.pin_chosen)
    found = [*_shared_days(problem, pins), *_too_many_callups(problem, pins), *_full_limits(problem, pins)]
    return sorted(found, key=lambda clash: len(clash.few))


def _shared_days(problem: CallupProblem, pins: Longs) -> Iterator[Clash]:
    """Every two pins of one person whose classes share a day (pins are sorted by person and first day)."""
    person, class_ = problem.pin_person[pins], problem.pin_class[pins]
    first, last = problem.first_day[class_], problem.last_day[class_]
    for further in range(1, len(pins)):
        same = person[further:] == person[:-further]
        if not same.any():
            return
        for one in np.flatnonzero(same & (first[further:] <= last[:-further])).tolist():
            two = pins[[one, one + further]]
            yield Clash({"rule": str(Rule.SHARED_DAY)}, two, two)


def _too_many_callups(problem: CallupProblem, pins: Longs) -> Iterator[Clash]:
    most = problem.settings.callups_max
    _persons, begins, counts = np.unique(problem.pin_person[pins], return_index=True, return_counts=True)
    rule = {"rule": str(Rule.CALLUPS_MAX), "most": most}
    for k in np.flatnonzero(counts > most).tolist():
        own = pins[begins[k] : begins[k] + counts[k]]
        yield Clash(rule, own[: most + 1], own)


def _full_limits(problem: CallupProblem, pins: Longs) -> Iterator[Clash]:
    """Every limit that the pins alone break; an away limit counts a person once."""
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
            members.setdefault(limit, []).append(pin)
    for limit, inside in sorted(members.items()):
        few = inside
        if limits.kind[limit] == AWAY:
            few = list({int(problem.pin_person[pin]): pin for pin in reversed(inside)}.values())[::-1]
        if len(few) > limits.most[limit]:
            enough = np.array(few[: int(limits.most[limit]) + 1])
            yield Clash(limit_said(problem, limits, limit), enough, np.array(inside))


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


def pin_said(problem: CallupProblem, pin: int) -> dict[str, Any]:
    """A pin by its kind and its keys."""
    return {
        "rule": "pinned_in" if problem.pin_chosen[pin] else "pinned_out",
        "person": problem.person_keys[int(problem.pin_person[pin])].as_py(),
        "class": problem.class_keys[int(problem.pin_class[pin])].as_py(),
    }
