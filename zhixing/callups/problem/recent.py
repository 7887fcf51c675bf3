"""Call-ups of the two years before, where the terms of a run limit those of three years."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from zhixing.callups.elsewhere import earlier_counts
from zhixing.callups.models import Callup
from zhixing.callups.problem.away import Place
from zhixing.callups.problem.facts import Flags, Occupied, People, day_number
from zhixing.callups.terms import Terms
from zhixing.engine.callup.weeks import week_of

Held = tuple[int, int, int]
"""(class run, first day, last day)"""


@dataclass(frozen=True, eq=False)
class Recent:
    """``used_up`` [P]: no call-up is left, with those of the two years before and the standing ones of the year.

    ``binding``: of people who have fewer left than the year allows, so many earlier call-ups as the difference. They enter the problem as pinned
    pairs on the days on which they were, so that one limit, the engine's, holds for everybody; like every standing call-up they make the next
    one a further one, which goes after a first (``second_callup_cost``).
    """

    used_up: Flags
    binding: Occupied

    def gone(self, people: People) -> Counter[Place]:
        """How many of a unit these earlier call-ups took away in a week: they bind nobody else."""
        found: Counter[Place] = Counter()
        place = people.unit[np.searchsorted(people.pk, self.binding.person)]
        days = (self.binding.first.tolist(), self.binding.last.tolist())
        for unit, first, last in zip(place.tolist(), *days, strict=True):
            found.update((unit, week) for week in range(week_of(first), week_of(last) + 1))
        return found


def read_recent(year: int, terms: Terms, people: People, taking: Occupied) -> Recent:
    """``taking`` are the standing call-ups of the year that count. Without a limit nothing is read."""
    if terms.three_years_max is None:
        return Recent(np.zeros(len(people.pk), np.bool_), Occupied(*np.zeros((4, 0), np.int64)))
    place = {person: at for at, person in enumerate(people.pk.tolist())}
    ours = _ours(year, place)
    count = np.zeros(len(place), np.int64)
    for person, times in earlier_counts(year, outside=terms.count_outside).items():
        if person in place:
            count[place[person]] = times
    left = terms.three_years_max - count
    used_up = np.bincount(np.searchsorted(people.pk, taking.person), minlength=len(place)) >= left
    fewer = np.maximum(0, terms.callups_max - left)
    found = [
        (person, *one)
        for person, held in sorted(ours.items())
        if not used_up[place[person]]
        for one in _apart(held, day_number(dt.date(year, 1, 1)))[: fewer[place[person]]]
    ]
    return Recent(used_up, Occupied(*np.array(found, np.int64).reshape(-1, 4).T))


def _ours(year: int, known: dict[int, int]) -> dict[int, list[Held]]:
    """Person → the call-ups of the two years before that were kept, in order of time."""
    rows = Callup.objects.in_force().filter(class_run__year__in=(year - 2, year - 1))
    columns = ("person_id", "class_run_id", "class_run__starts_on", "class_run__ends_on")
    found: defaultdict[int, list[Held]] = defaultdict(list)
    for person, class_, first, last in rows.order_by("class_run__starts_on", "pk").values_list(*columns):
        if person in known:
            found[person].append((class_, day_number(first), day_number(last)))
    return found


def _apart(held: list[Held], before: int) -> list[Held]:
    """Those that end ``before`` a day and share no day: facts may, pinned pairs may not."""
    kept: list[Held] = []
    for one in held:
        if one[2] < before and (not kept or kept[-1][2] < one[1]):
            kept.append(one)
    return kept
