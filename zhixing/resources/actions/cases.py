"""Every write about cases and practices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid, Text
from zhixing.people.models import Account, Unit
from zhixing.resources import permissions
from zhixing.resources.actions.keeping import write_row
from zhixing.resources.models import Case, CaseStep, Practice, Uptake

State = Case.State


@transaction.atomic
def save_case(facts: Mapping[str, Any], *, by: Account, case: Case | None = None) -> Case:
    """Enter a case, or change one; its author may while it is written, and changes neither keeper nor author."""
    if case is None:
        return write_row(Case(), facts, by=by)
    may_write = permissions.may_write(by, case)
    if not permissions.may_change(by, case):
        facts = {name: value for name, value in facts.items() if name not in {"institution", "author"}}
    return write_row(case, facts, by=by, may=may_write)


@transaction.atomic
def move_case(case: Case, after: str, reason: str, *, by: Account) -> None:
    """Take a step of ``Case.TRANSITIONS``. A step back needs its reason, a published case the result of its trial."""
    permissions.may_move(by, case, after).require()
    missing: Text = ""
    if (case.state, after) in Case.RETURNS:
        missing = _("Say what has to be changed.")
    elif after == State.PUBLISHED:
        missing = _("Say in which class it was tried and what came of it.")
    reason = written(reason, CaseStep.reason.field, missing=missing)
    facts = {"submitted_by": by} if after == State.REVIEW else {}
    before = case.state
    if not Case.objects.filter(pk=case.pk, state=before, retired_on=None).update(state=after, **facts):
        raise Conflict(_("Somebody else has just taken this step."))
    case.state = after
    for name, value in facts.items():
        setattr(case, name, value)
    CaseStep.objects.create(case=case, before=before, after=after, reason=reason, by=by)
    audit.record("resources.case_moved", case, by=by, before=before, after=after)


@transaction.atomic
def take_up(practice: Practice, unit: Unit, on: dt.date, note: str, *, by: Account) -> Uptake:
    """Enter that a unit took a practice up; once for each."""
    permissions.may_take_up(by, practice, unit).require()
    if on > timezone.localdate():
        raise Invalid(_("That day has not come yet."))
    note = written(note, Uptake.note.field)
    try:
        with transaction.atomic():
            made = Uptake.objects.create(practice=practice, unit=unit, on=on, note=note, by=by)
    except IntegrityError as error:
        raise Invalid(_("It is entered already that this unit took the practice up.")) from error
    audit.record("resources.practice_taken_up", practice, by=by, unit=unit.pk)
    return made


@transaction.atomic
def save_practice(facts: Mapping[str, Any], *, by: Account, practice: Practice | None = None) -> Practice:
    return write_row(practice or Practice(), facts, by=by)
