"""Keeping programmes and what institutions have room for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.people.models import Account
from zhixing.plans import permissions
from zhixing.plans.models import Capacity, Programme, ProgrammeCompetency

State = Programme.State
THREE_PARTS, THREE_PLACES = ("theory", "discussion", "practice"), ("classroom", "site", "online")


@transaction.atomic
def create_programme(facts: Mapping[str, Any], covers: Mapping[int, int], *, by: Account) -> Programme:
    """Keep a programme of the user's own unit; ``facts`` are model fields, ``covers`` key of a competency → strength."""
    permissions.may_keep_programmes(by).require()
    if by.scope_unit is None:
        raise Invalid(_("Your account belongs to no unit that could keep a programme."))
    programme = Programme(**facts, unit=by.scope_unit, by=by)
    _keep(programme, covers)
    audit.record("plans.programme_kept", programme, by=by)
    return programme


@transaction.atomic
def edit_programme(programme: Programme, facts: Mapping[str, Any], covers: Mapping[int, int], *, by: Account) -> None:
    """Change a programme. Lines keep what they took from it."""
    permissions.may_keep_programmes(by, programme).require()
    found = Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
    for name, value in facts.items():
        setattr(found, name, value)
    _keep(found, covers)
    audit.record("plans.programme_kept", found, by=by)


def _keep(programme: Programme, covers: Mapping[int, int]) -> None:
    check_programme(programme)
    try:
        with transaction.atomic():
            programme.save()
    except IntegrityError as error:
        raise Conflict(_("There already is a programme with this code.")) from error
    programme.covers.all().delete()
    ProgrammeCompetency.objects.bulk_create(
        ProgrammeCompetency(programme=programme, competency_id=key, strength=strength)
        for key, strength in covers.items()
    )


def check_programme(programme: Programme) -> None:
    """Raise ``Invalid`` for a template that cannot be filled."""
    if programme.size_min < 1 or programme.size_max < programme.size_min:
        raise Invalid(_("The fewest people are at least one and not more than the most."))
    if programme.runs_max is not None and programme.runs_max < programme.runs_min:
        raise Invalid(_("The fewest runs a year cannot be more than the most."))
    if programme.days < 1 or programme.leader_tenths > programme.tenths:
        raise Invalid(_("Days are at least one, and leading cadres cannot teach more hours than there are."))
    three = [
        {key: programme.parts[key] for key in keys if key in programme.parts} for keys in (THREE_PARTS, THREE_PLACES)
    ]
    for hours in (programme.content_tenths, programme.method_tenths, *three):
        if hours and sum(hours.values()) != programme.tenths:
            raise Invalid(
                _("Hours by content, by method, by part and by place each add up to the hours of the programme.")
            )


@transaction.atomic
def move_programme(programme: Programme, to: str, *, by: Account) -> None:
    """Retire a programme, or take it up again."""
    permissions.may_keep_programmes(by, programme).require()
    allowed = [state for state, targets in Programme.TRANSITIONS.items() if to in targets]
    if not Programme.objects.filter(pk=programme.pk, state__in=allowed).update(state=to):
        raise Conflict(_("Somebody else changed this programme. Look at it again."))
    audit.record(f"plans.programme_{to}", programme, by=by)


@transaction.atomic
def keep_capacity(facts: Mapping[str, Any], *, by: Account) -> Capacity:
    """What an institution has in a quarter; said again, it replaces what was said before."""
    institution = facts["institution"]
    permissions.may_keep_capacity(by, institution).require()
    rest = {name: value for name, value in facts.items() if name not in ("institution", "year", "term")}
    made, _created = Capacity.objects.update_or_create(
        institution=institution, year=facts["year"], term=facts["term"], defaults=rest
    )
    audit.record("plans.capacity_kept", made, by=by, year=made.year, term=made.term)
    return made
