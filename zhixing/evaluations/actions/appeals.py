"""Appealing against a decision about a course or an invitation, and answering by a new decision of somebody else."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.evaluations import appealing, telling_consequences
from zhixing.evaluations.actions.consequences import (
    course_facts,
    hold_course,
    hold_teacher,
    keep_course,
    keep_invitation,
)
from zhixing.evaluations.models import Appeal, CourseDecision, Decision
from zhixing.evaluations.queries.taught import Evidence
from zhixing.people.models import Account


@transaction.atomic
def appeal_decision(decision: Decision, text: str, *, by: Account) -> Appeal:
    """Disagree, once: a teacher, or the institution about whose course a unit above decided. Raises ``Invalid`` and ``Conflict``."""
    _hold(decision)
    appealing.may_appeal_decision(by, decision).require()
    text = written(text, Appeal.text.field, missing=_("Say what is wrong, and by what it can be seen."))
    about = (
        {"course": decision, "institution": by.scope_unit if by.is_school else None}
        if isinstance(decision, CourseDecision)
        else {"invitation": decision}
    )
    try:
        with transaction.atomic():
            made = Appeal.objects.create(text=text, by=by, **about)
    except IntegrityError:
        raise Conflict(str(appealing.ALREADY)) from None
    subject = decision if isinstance(decision, CourseDecision) else decision.teacher
    audit.record("evaluations.decision_appealed", subject, by=by, decision=decision.choice)
    telling_consequences.tell_appeal(made)
    return made


@transaction.atomic
def answer_appeal(
    appeal: Appeal,
    choice: str,
    reason: str,
    *,
    evidence: Evidence,
    owner: str = "",
    due_on: dt.date | None = None,
    by: Account,
) -> Decision:
    """A new decision of the same unit by somebody else, whether or not it says the same. Raises ``Invalid`` and ``Conflict``."""
    _hold(appeal.decision)
    fresh = Appeal.objects.get(pk=appeal.pk)
    appealing.may_answer_appeal(by, fresh).require()
    before = fresh.decision
    if isinstance(before, CourseDecision):
        facts = course_facts(choice, reason, owner, due_on)
        made: Decision = keep_course(before.institution, before.title, before.of_unit, facts, evidence, fresh, by)
    else:
        if owner or due_on:
            raise Invalid(_("Choose what is decided."))
        made = keep_invitation(before.teacher, before.unit, choice, reason, evidence, fresh, by)
    telling_consequences.tell_answer(fresh, made)
    return made


def _hold(decision: Decision) -> None:
    """Of two at once the second sees what the first did."""
    if isinstance(decision, CourseDecision):
        hold_course(decision.institution)
    else:
        hold_teacher(decision.teacher)
