"""Deciding what follows: courses kept, mended or dropped; teachers invited again or not; appeals, answered by somebody else."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.evaluations import deciding, telling_consequences
from zhixing.evaluations.actions.twice import refuse_twice
from zhixing.evaluations.models import CourseDecision, InvitationAppeal, InvitationDecision
from zhixing.evaluations.queries.taught import Evidence
from zhixing.people.models import Account, Unit
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
    """Keep, mend or drop; whoever is to mend it is named with a day. Raises ``Invalid``, and ``Conflict`` for what was decided a moment ago."""
    Unit.objects.select_for_update(of=("self",), no_key=True).get(
        pk=institution.pk
    )  # of two at once the second sees the first
    standing = CourseDecision.objects.filter(institution=institution, title=title).first()
    deciding.may_decide_course(by, institution, standing).require()
    if choice not in CourseDecision.Choice.values:
        raise Invalid(_("Choose what is decided."))
    mends = choice == CourseDecision.Choice.FIX
    owner = written(owner, CourseDecision.owner.field, missing=_("Name who answers for it.") if mends else "")
    if mends and due_on is None:
        raise Invalid(_("Say until when it is to be mended."))
    if mends and due_on and due_on < timezone.localdate():
        raise Invalid(_("That day is past."))
    facts = {
        "choice": choice,
        "reason": written(reason, CourseDecision.reason.field, missing=_("A decision needs its reason.")),
        "owner": owner if mends else "",
        "due_on": due_on if mends else None,
    }
    refuse_twice(standing, by, **facts)
    made = CourseDecision.objects.create(
        institution=institution,
        title=title,
        **facts,
        evidence=evidence.kept(),
        unit=by.scope_unit,
        by=by,
    )
    audit.record("evaluations.course_decided", made, by=by, institution=institution.pk, decision=choice)
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
    _lock(teacher)
    if InvitationAppeal.objects.waiting().filter(decision__teacher=teacher, decision__unit=unit).exists():
        raise Conflict(_("An appeal waits for its answer."))
    latest = InvitationDecision.objects.filter(teacher=teacher, unit=unit).first()
    refuse_twice(latest, by, choice=choice, reason=reason.strip())
    return _decided(teacher, unit, choice, reason, evidence, by, None)


@transaction.atomic
def appeal_invitation(decision: InvitationDecision, text: str, *, by: Account) -> InvitationAppeal:
    """The teacher disagrees, once. Raises ``Invalid`` and ``Conflict``."""
    _lock(decision.teacher)
    deciding.may_appeal_invitation(by, decision).require()
    text = written(text, InvitationAppeal.text.field, missing=_("Say what is wrong, and by what it can be seen."))
    try:
        with transaction.atomic():
            made = InvitationAppeal.objects.create(decision=decision, text=text, by=by)
    except IntegrityError:
        raise Conflict(_("You have appealed against this already.")) from None
    audit.record("evaluations.invitation_appealed", decision.teacher, by=by)
    telling_consequences.tell_appeal(made)
    return made


@transaction.atomic
def answer_appeal(
    appeal: InvitationAppeal, choice: str, reason: str, *, evidence: Evidence, by: Account
) -> InvitationDecision:
    """A new decision of the same unit by somebody else, whether or not it says the same. Raises ``Invalid`` and ``Conflict``."""
    _lock(appeal.decision.teacher)
    deciding.may_answer_appeal(by, appeal).require()
    before = appeal.decision
    return _decided(before.teacher, before.unit, choice, reason, evidence, by, appeal)


def _decided(
    teacher: Teacher,
    unit: Unit,
    choice: str,
    reason: str,
    evidence: Evidence,
    by: Account,
    appeal: InvitationAppeal | None,
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


def _lock(teacher: Teacher) -> None:
    """Of two who decide at once the second sees what the first did."""
    Teacher.objects.select_for_update(of=("self",)).get(pk=teacher.pk)
