"""Deciding what follows: courses kept, mended or dropped, teachers invited again or not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.evaluations import deciding, telling_consequences
from zhixing.evaluations.actions.twice import refuse_twice
from zhixing.evaluations.appealing import appeals_waiting
from zhixing.evaluations.models import Appeal, CourseDecision, InvitationDecision
from zhixing.evaluations.queries.taught import Evidence
from zhixing.people.models import Account, Unit
from zhixing.resources.actions import follow_decision
from zhixing.resources.models import Teacher


@transaction.atomic
def decide_course(
    institution: Unit,
    title: str,
    choice: str,
    reason: str,
    *,
    evidence: Evidence,
    owner: str = "",
    due_on: dt.date | None = None,
    by: Account,
) -> CourseDecision:
    """Keep, mend or drop; whoever is to mend it is named with a day. Raises ``Invalid``, and ``Conflict`` for what was decided a moment ago and while an
    appeal waits: that is answered first."""
    hold_course(institution)
    standing = CourseDecision.objects.filter(institution=institution, title=title).first()
    deciding.may_decide_course(by, institution, standing).require()
    facts = course_facts(choice, reason, owner, due_on)
    refuse_twice(standing, by, **facts)
    if standing and appeals_waiting(standing).exists():
        raise Conflict(_("An appeal waits for its answer."))
    return keep_course(institution, title, by.scope_unit, facts, evidence, None, by)


def course_facts(choice: str, reason: str, owner: str, due_on: dt.date | None) -> dict[str, Any]:
    """What a decision about a course says. Raises ``Invalid``."""
    if choice not in CourseDecision.Choice.values:
        raise Invalid(_("Choose what is decided."))
    mends = choice == CourseDecision.Choice.FIX
    owner = written(owner, CourseDecision.owner.field, missing=_("Name who answers for it.") if mends else "")
    if mends and due_on is None:
        raise Invalid(_("Say until when it is to be mended."))
    if mends and due_on and due_on < timezone.localdate():
        raise Invalid(_("That day is past."))
    return {
        "choice": choice,
        "reason": written(reason, CourseDecision.reason.field, missing=_("A decision needs its reason.")),
        "owner": owner if mends else "",
        "due_on": due_on if mends else None,
    }


def keep_course(
    institution: Unit,
    title: str,
    unit: Unit | None,
    facts: dict[str, Any],
    evidence: Evidence,
    appeal: Appeal | None,
    by: Account,
) -> CourseDecision:
    made = CourseDecision.objects.create(
        institution=institution,
        title=title,
        **facts,
        evidence=evidence.kept(),
        unit=unit,
        appeal=appeal,
        by=by,
    )
    follow_decision(institution, title, made.choice, by=by)
    audit.record(
        "evaluations.course_decided",
        made,
        by=by,
        institution=institution.pk,
        decision=made.choice,
        after_appeal=appeal is not None,
    )
    telling_consequences.tell_course(made)
    return made


@transaction.atomic
def decide_invitation(
    teacher: Teacher, choice: str, reason: str, *, evidence: Evidence, by: Account
) -> InvitationDecision:
    """For the unit of whoever decides. Raises ``Invalid``, and ``Conflict`` while an appeal waits: that is answered first."""
    deciding.may_invite(by, teacher).require()
    unit = by.scope_unit
    assert unit is not None  # who may decide has a scope
    hold_teacher(teacher)
    latest = InvitationDecision.objects.filter(teacher=teacher, unit=unit).first()
    if latest and appeals_waiting(latest).exists():
        raise Conflict(_("An appeal waits for its answer."))
    refuse_twice(latest, by, choice=choice, reason=reason.strip())
    return keep_invitation(teacher, unit, choice, reason, evidence, None, by)


def keep_invitation(
    teacher: Teacher, unit: Unit, choice: str, reason: str, evidence: Evidence, appeal: Appeal | None, by: Account
) -> InvitationDecision:
    if choice not in InvitationDecision.Choice.values:
        raise Invalid(_("Choose what is decided."))
    made = InvitationDecision.objects.create(
        teacher=teacher,
        unit=unit,
        choice=choice,
        reason=written(reason, InvitationDecision.reason.field, missing=_("A decision needs its reason.")),
        evidence=evidence.kept(),
        appeal=appeal,
        by=by,
    )
    audit.record("evaluations.invitation_decided", teacher, by=by, decision=choice, after_appeal=appeal is not None)
    telling_consequences.tell_invitation(made)
    return made


def hold_teacher(teacher: Teacher) -> None:
    """Of two who decide at once the second sees what the first did."""
    Teacher.objects.select_for_update(of=("self",)).get(pk=teacher.pk)


def hold_course(institution: Unit) -> None:
    """As ``hold_teacher``: one after the other decides about the courses of an institution."""
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=institution.pk)
