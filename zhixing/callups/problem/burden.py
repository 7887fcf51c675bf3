"""What the units carry of the year's call-ups (负担), against their share.

A unit's *share* of the days that a class takes people away is the part of its target group that serves in the unit: of a class that took 100
person-days, a unit with 8 of the 50 eligible people has a share of 16. Shares are summed over the classes. Cancelled classes, and classes that
take nobody from the desk, count for nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Q, QuerySet

from zhixing.callups.models import Callup, MakeUp
from zhixing.callups.problem.facts import (
    OFF_POST,
    Flags,
    Longs,
    People,
    Units,
    read_class_facts,
    read_people,
    read_quotas,
    read_units,
)
from zhixing.callups.problem.pairs import eligible_pairs
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun

Floats = npt.NDArray[np.float64]
State = Callup.State

YEARS = 2
"""A run looks at its own year and the one before: a list for a whole year would else know nothing."""
STEADY_DAYS = 10
"""Added to the share before the burden is taken in parts of it: one call-up of a unit of three people is no burden yet."""
MOST = 100

ACCEPTED = (State.ACCEPTED, State.COMPLETED, State.NOT_COMPLETED)
REFUSED = (State.EXCUSED, State.SUBSTITUTED, State.WITHDRAWN)
AWAY = (*Callup.IN_FORCE, State.NOT_COMPLETED)


def loads(days: Longs, share: Floats) -> Longs:
    """How far days away lie beyond their share, in hundredths of it, −100 to 100."""
    return np.clip(np.rint(MOST * (days - share) / (share + STEADY_DAYS)), -MOST, MOST).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Burden:
    """Of each of U units its own people only, not those of the units below: call-ups, person-days and the share of person-days."""

    serving: Longs
    invited: Longs
    accepted: Longs
    refused: Longs
    absent: Longs
    days: Longs
    share: Floats

    def of(self, inside: Flags) -> dict[str, float]:
        """The sums over the units marked in ``inside`` [U], by name."""
        return {one.name: getattr(self, one.name)[inside].sum().item() for one in fields(self)}

    def carried(self) -> Longs:
        """[U] how much more (less: below 0) than its share each unit has carried (``loads``)."""
        return loads(self.days, self.share)

    def misplaced(self) -> float:
        """The part of all person-days that would have to move to other units for each to carry its share (0 to 1)."""
        total = float(self.days.sum())
        return float(np.maximum(0, self.days - self.share).sum()) / total if total else 0.0

    def and_days(self, days: Longs, share: Floats) -> Burden:
        """The same with further person-days away [U] and their shares [U]."""
        return replace(self, days=self.days + days, share=self.share + share)


@dataclass(frozen=True)
class UnitBurden:
    """The burden of a unit, with all below it or its own people alone; shares in whole days."""

    unit: int
    name: str
    path: str
    serving: int
    invited: int
    accepted: int
    refused: int
    absent: int
    days: int
    share: int
    load: int


def burden_below(unit: Unit, year: int) -> tuple[UnitBurden, UnitBurden, list[UnitBurden]]:
    """(``unit`` with all below it, its own people alone, each unit right below it with all below that) in ``year``."""
    units = read_units()
    found = read_burden([year], units, read_people(units, ()))

    def summed(one: Unit, inside: Flags) -> UnitBurden:
        sums = found.of(inside)
        load = int(loads(np.array([sums["days"]]), np.array([sums["share"]]))[0])
        whole = {name: round(count) for name, count in sums.items()}
        return UnitBurden(unit=one.pk, name=one.name, path=one.path, load=load, **whole)

    below = [summed(one, units.below([one.pk])) for one in unit.children.order_by("path")]
    return summed(unit, units.below([unit.pk])), summed(unit, units.pk == unit.pk), below


def read_burden(years: Collection[int], units: Units, people: People) -> Burden:
    """What the call-ups of the class runs of ``years`` have come to. The units are those that the people were called from, the shares go by
    those who serve today."""
    rows = _counted(years)
    place = {key: at for at, key in enumerate(units.pk.tolist())}
    counts = np.zeros((5, len(units.pk)), np.int64)
    away: dict[int, int] = {}
    for unit, class_run, state, count, absent, first, last in rows:
        days = count * ((last - first).days + 1) if state in AWAY else 0
        found = (count, count * (state in ACCEPTED), count * (state in REFUSED), absent, days)
        counts[:, place[unit]] += np.array(found, np.int64)
        if days:
            away[class_run] = away.get(class_run, 0) + days
    share = shares(away, units, people)
    serving = np.bincount(people.unit[people.serving], minlength=len(units.pk)).astype(np.int64)
    invited, accepted, refused, absent, days_away = counts
    return Burden(serving, invited, accepted, refused, absent, days_away, share)


def _counted(years: Collection[int]) -> QuerySet[Callup, tuple[Any, ...]]:
    """(unit, class run, state, call-ups, those with hours missed in class, first day, last day)."""
    callups = Callup.objects.exclude(state=State.PROPOSED).exclude(class_run__state=ClassRun.State.CANCELLED)
    rows = callups.filter(class_run__year__in=years, class_run__channel__in=OFF_POST).order_by()
    missed = Q(state=State.NOT_COMPLETED) | Q(make_up__cause=MakeUp.Cause.ATTENDANCE)
    grouped = rows.values_list("unit_id", "class_run_id", "state").annotate(n=Count("pk"))
    return grouped.annotate(absent=Count("pk", filter=missed)).values_list(
        "unit_id", "class_run_id", "state", "n", "absent", "class_run__starts_on", "class_run__ends_on"
    )


def shares(away: Mapping[int, int], units: Units, people: People) -> Floats:
    """[U] the share of each unit of the person-days that classes {class run: person-days} take away; those of a class with nobody eligible
    left are nobody's."""
    classes = read_class_facts(ClassRun.objects.filter(pk__in=away))
    seated: dict[int, list[int]] = {}
    for unit, class_run, _least, most in read_quotas(classes):
        if most:
            seated.setdefault(class_run, []).append(unit)
    pairs = eligible_pairs(people, units, classes, seated)
    eligible = np.bincount(pairs.class_, minlength=len(classes))
    weight = np.array([away[c.pk] for c in classes], np.int64) / np.maximum(1, eligible)
    found = np.bincount(people.unit[pairs.person], weights=weight[pairs.class_], minlength=len(units.pk))
    return found.astype(np.float64)


def known_burden(year: int, units: Units | None = None, people: People | None = None) -> Burden:
    """What a run about ``year`` looks at: the call-ups of ``YEARS`` years. Units and people are read when not given."""
    units = units or read_units()
    return read_burden(range(year - YEARS + 1, year + 1), units, people or read_people(units, ()))
