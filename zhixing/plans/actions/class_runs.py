"""Every write about class runs and quotas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.roster.words import category_of
from zhixing.people.models import Account, Unit
from zhixing.plans import permissions
from zhixing.plans.models import ClassRun, Quota
from zhixing.plans.signals import class_run_cancelled, class_run_held

State = ClassRun.State
PLANNED_FIELDS = frozenset(
    "code year name theme content channel organiser institution institution_id institution_name starts_on ends_on tenths seats_min seats_max ranks "
    "categories units target_text quotas_close brought_by".split()
)
PRACTICAL_FIELDS = frozenset("place contact contact_phone joining_instructions class_rules".split())


@dataclass(frozen=True)
class Seats:
    """Fewest and most seats of a unit in a class run."""

    at_most: int
    at_least: int = 0


@transaction.atomic
def create_class_run(facts: Mapping[str, Any], *, by: Account) -> ClassRun:
    """Make a draft; ``facts`` are model fields. A missing code is given, the next free one of the year."""
    permissions.may_plan(by).require()
    class_run = ClassRun(**_as_on_the_roster(facts), organised_by=by.scope_unit)
    class_run.year = class_run.starts_on.year
    class_run.code = class_run.code or next_code(class_run.year)
    _check(class_run)
    try:
        with transaction.atomic():
            class_run.save()
    except IntegrityError as error:
        raise Conflict(_("There already is a class run with this code.")) from error
    audit.record("plans.class_run_created", class_run, by=by, seats=class_run.seats_max)
    return class_run


def _as_on_the_roster(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Categories in the words that the roster keeps; in others nobody would be eligible."""
    if "categories" not in facts:
        return facts
    return {**facts, "categories": list(dict.fromkeys(map(category_of, facts["categories"])))}


def next_code(year: int) -> str:
    """The next free code of the year: ``2026-001`` …"""
    taken = ClassRun.objects.filter(code__regex=rf"^{year}-\d+$").values_list("code", flat=True)
    return f"{year}-{max((int(code.rpartition('-')[2]) for code in taken), default=0) + 1:03d}"


@transaction.atomic
def edit_class_run(class_run: ClassRun, facts: Mapping[str, Any], *, by: Account) -> list[str]:
    """Change the given fields and return the names of those that really changed."""
    facts = _as_on_the_roster(facts)
    changed = [name for name, value in facts.items() if getattr(class_run, name) != value]
    if PLANNED_FIELDS & set(changed):
        permissions.may_edit(by, class_run).require()
    else:
        permissions.may_complete(by, class_run).require()
    unknown = set(changed) - PLANNED_FIELDS - PRACTICAL_FIELDS
    if unknown:
        raise ValueError(f"not editable: {sorted(unknown)}")
    for name in changed:
        setattr(class_run, name, facts[name])
    class_run.year = class_run.starts_on.year
    _check(class_run)
    if changed:
        class_run.save(update_fields=[*changed, "year"])
        audit.record("plans.class_run_edited", class_run, by=by, fields=sorted(changed))
    return changed


def _check(class_run: ClassRun) -> None:
    if class_run.ends_on < class_run.starts_on:
        raise Invalid(_("The class run ends before it starts."))
    if class_run.seats_max < max(1, class_run.seats_min):
        raise Invalid(_("The most seats must be at least one and not fewer than the fewest."))
    _check_reach(class_run)
    if not class_run.ranks:
        raise Invalid(_("Choose at least one rank or grade: without one nobody is eligible."))


def _check_reach(class_run: ClassRun) -> None:
    """A county's class run calls the county's own people: its units stand below whoever organises it."""
    organiser = class_run.organised_by
    if organiser is None or organiser.parent_id is None:
        return
    within = Unit.objects.within(organiser).filter(pk__in=class_run.units).count()
    if not class_run.units or within != len(set(class_run.units)):
        raise Invalid(_("Choose the units it is for, all of them below %(unit)s.") % {"unit": organiser.name})


def _move(class_run: ClassRun, to: str, *, by: Account, **details: Any) -> None:
    """Change the state when the transition table allows it and nobody was faster."""
    allowed_from = [state for state, targets in ClassRun.TRANSITIONS.items() if to in targets]
    moved = ClassRun.objects.filter(pk=class_run.pk, state__in=allowed_from).update(state=to)
    if not moved:
        raise Conflict(_("The class run is no longer in a state that allows this. Look at it again."))
    class_run.state = to
    audit.record(f"plans.class_run_{to}", class_run, by=by, **details)


@transaction.atomic
def open_class_run(class_run: ClassRun, *, by: Account) -> None:
    """The draft is ready for call-up."""
    permissions.may_edit(by, class_run).require()
    _move(class_run, State.OPEN, by=by)


@transaction.atomic
def reopen_as_draft(class_run: ClassRun, *, by: Account) -> None:
    permissions.may_edit(by, class_run).require()
    _move(class_run, State.DRAFT, by=by)


@transaction.atomic
def cancel_class_run(class_run: ClassRun, *, reason: str, by: Account) -> None:
    """Cancel with a reason; the call-up app hears ``class_run_cancelled`` and frees the people already called."""
    permissions.may_cancel(by, class_run).require()
    if not reason.strip():
        raise Invalid(_("Say why the class run is cancelled."))
    _move(class_run, State.CANCELLED, by=by, reason=reason)
    class_run_cancelled.send(ClassRun, class_run_id=class_run.pk, by_id=by.pk)


@transaction.atomic
def mark_class_run(class_run: ClassRun, to: str, *, by: Account) -> None:
    """Called by the apps above when people were called up, teaching began or the class was held; a no-op when already there."""
    if class_run.state != to:
        _move(class_run, to, by=by)
        if to == State.HELD:
            class_run_held.send(ClassRun, class_run_id=class_run.pk, by_id=by.pk)


@transaction.atomic
def set_quotas(class_run: ClassRun, seats: Mapping[int, Seats], *, by: Account) -> None:
    """Replace all quotas of a class run: unit key → seats. Zero seats are kept: they say that the unit sends nobody."""
    permissions.may_edit(by, class_run).require()
    for given in seats.values():
        if given.at_most < given.at_least or given.at_most < 0:
            raise Invalid(_("A quota's most seats cannot be fewer than its fewest."))
    known = set(Unit.objects.visible_to(by).filter(pk__in=seats).values_list("pk", flat=True))
    if known != set(seats):
        raise Invalid(_("A quota names a unit that does not exist."))
    class_run.quotas.all().delete()
    Quota.objects.bulk_create(
        Quota(class_run=class_run, unit_id=unit, seats_min=given.at_least, seats_max=given.at_most)
        for unit, given in seats.items()
    )
    audit.record("plans.quotas_set", class_run, by=by, units=len(seats), seats=sum(q.at_most for q in seats.values()))


def copy_class_run(class_run: ClassRun, *, starts_on: dt.date, by: Account) -> ClassRun:
    """A further run of the same class on other dates, with the same target group and quotas."""
    length = class_run.ends_on - class_run.starts_on
    kept = PLANNED_FIELDS | PRACTICAL_FIELDS
    facts = {name: getattr(class_run, name) for name in kept - {"code", "year", "starts_on", "ends_on"}}
    with transaction.atomic():
        made = create_class_run({**facts, "starts_on": starts_on, "ends_on": starts_on + length}, by=by)
        quotas = {q.unit_id: Seats(q.seats_max, q.seats_min) for q in class_run.quotas.all()}
        if quotas:
            set_quotas(made, quotas, by=by)
    return made
