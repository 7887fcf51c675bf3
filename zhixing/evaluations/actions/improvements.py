"""Improvements: asked for by the department, reported by the school, looked at and closed by a named person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.evaluations import permissions, telling_assessed
from zhixing.evaluations.models import Assessment, Improvement
from zhixing.people.models import Account

State = Improvement.State


@transaction.atomic
def ask_improvement(
    assessment: Assessment, text: str, *, owner: str, due_on: dt.date, code: str = "", by: Account
) -> Improvement:
    """Ask the institution to mend something. Raises ``Invalid``."""
    permissions.may_ask_improvement(by, assessment).require()
    institution = assessment.school
    if institution is None:
        raise Invalid(_("This class run was held by no institution of the system."))
    if code and code not in {one.code for one in assessment.version.tree.indicators}:
        raise Invalid(_("This system has no such indicator."))
    if due_on < timezone.localdate():
        raise Invalid(_("That day is past."))
    made = Improvement.objects.create(
        institution=institution,
        assessment=assessment,
        code=code,
        text=written(text, Improvement.text.field, missing=_("Say what is to be mended.")),
        owner=written(owner, Improvement.owner.field, missing=_("Name who answers for it.")),
        due_on=due_on,
        by_id=by.pk,
    )
    audit.record("evaluations.improvement_asked", made, by=by, institution=institution.pk)
    telling_assessed.tell_improvement(made)
    return made


@transaction.atomic
def report_improvement(improvement: Improvement, text: str, *, by: Account) -> None:
    """The school says what was done. Raises ``Invalid`` and ``Conflict``."""
    permissions.may_report_improvement(by, improvement).require()
    text = written(text, Improvement.report.field, missing=_("Say what was done."))
    _move(improvement, State.OPEN, state=State.DONE, report=text, reported_at=timezone.now())
    audit.record("evaluations.improvement_reported", improvement, by=by)
    telling_assessed.tell_improved(improvement)


@transaction.atomic
def close_improvement(improvement: Improvement, *, good: bool, by: Account) -> None:
    """Good: it is mended. Otherwise it is open again, what was reported stays to be read. Raises ``Conflict``."""
    permissions.may_close_improvement(by, improvement).require()
    closed = {"state": State.CLOSED, "closed_at": timezone.now(), "closed_by_id": by.pk}
    _move(improvement, State.DONE, **(closed if good else {"state": State.OPEN}))
    audit.record("evaluations.improvement_closed", improvement, by=by, state=State.CLOSED if good else State.OPEN)
    telling_assessed.tell_looked_at(improvement, good=good)


def _move(improvement: Improvement, from_state: str, **fields: Any) -> None:
    if not Improvement.objects.filter(pk=improvement.pk, state=from_state).update(**fields):
        raise Conflict(_("Someone else was there a moment ago: look again."))
