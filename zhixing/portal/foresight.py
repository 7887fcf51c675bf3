"""What will happen if nothing is done: who will be overdue on a day, and which class runs of the plan would cure it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from zhixing.callups.queries import callable_class_runs
from zhixing.obligations.models import Standing
from zhixing.obligations.queries.lists import due_by, people_in
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import eligible_people

CLASS_RUNS_MOST = 100
"""The next class runs of the plan; each costs one count."""


@dataclass(frozen=True)
class UnitLine:
    """How many people of a unit right below the scope (with all below it) will be overdue."""

    pk: int
    name: str
    people: int


@dataclass(frozen=True)
class Cure:
    """A class run that has not begun: ``eligible`` of the people who will be overdue are in its target group and lack hours that it gives."""

    class_run: ClassRun
    free: int
    eligible: int

    @property
    def takes(self) -> int:
        """How many of the people it could take."""
        return min(self.free, self.eligible)

    @property
    def tenths(self) -> int:
        """The hours it could give them together."""
        return self.class_run.tenths * self.takes


@dataclass(frozen=True)
class Foresight:
    on: dt.date
    people: int
    units: list[UnitLine]
    cures: list[Cure]


def foresee(user: Account, on: dt.date) -> Foresight:
    """From the stored standings of the user's scope. A person whom several class runs could take is counted in each of them."""
    due = due_by(Standing.objects.visible_to(user), on)
    return Foresight(on, people_in(due), _units(user, due), _cures(user, due, on))


def _units(user: Account, due: QuerySet[Standing]) -> list[UnitLine]:
    """In the order of the tree: this is no ranking."""
    below = Unit.objects.right_below(user)
    rows = due.order_by().values_list("person__unit__path").annotate(people=Count("person", distinct=True))
    counted = [(path or "", people) for path, people in rows]
    lines = [
        UnitLine(unit.pk, unit.name, sum(people for path, people in counted if path.startswith(unit.path)))
        for unit in below
    ]
    return [line for line in lines if line.people]


def _cures(user: Account, due: QuerySet[Standing], on: dt.date) -> list[Cure]:
    runs = callable_class_runs(user, timezone.localdate()).filter(ends_on__lte=on)
    runs = runs.annotate(seated=Count("callups", filter=Q(callups__seat__isnull=False), distinct=True))
    policy = policy_in_force(timezone.localdate())
    rules = rules_of(policy).rules if policy else ()
    found = []
    for class_run in runs.order_by("starts_on", "code")[:CLASS_RUNS_MOST]:
        free = max(class_run.seats_max - class_run.seated, 0)
        codes = [rule.code for rule in rules if class_run.channel in rule.channels]
        lacking = due.filter(rule__in=codes).order_by().values("person")
        eligible = eligible_people(class_run).filter(pk__in=lacking).count() if free else 0
        if eligible:
            found.append(Cure(class_run, free, eligible))
    return found
