"""Asking departments and units what they say about a draft, and answering."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid, NotFound
from zhixing.people.models import Account
from zhixing.plans import permissions, telling
from zhixing.plans.actions.annual_plans import hold, move
from zhixing.plans.models import AnnualPlan, PlanComment, PlanLine

State = AnnualPlan.State
MOST = 200
"""Comments of one unit on one plan."""


@transaction.atomic
def open_for_comments(plan: AnnualPlan, *, until: dt.date, by: Account) -> int:
    """Show the draft to liaisons and departments below until the day ``until``; returns how many were told."""
    permissions.may_open_for_comments(by, plan).require()
    if until < timezone.localdate():
        raise Invalid(_("The last day for comments lies in the past."))
    move(plan, State.COMMENTING, by=by, fields={"comments_until": until}, until=until)
    return telling.tell_open(plan)


@transaction.atomic
def rework_plan(plan: AnnualPlan, *, by: Account) -> None:
    """Make a draft again of a plan that was returned or is open for comments."""
    permissions.may_rework(by, plan).require()
    move(plan, State.DRAFT, by=by)


@transaction.atomic
def comment(plan: AnnualPlan, text: str, *, line: PlanLine | None = None, by: Account) -> PlanComment:
    """Say something for the user's unit about a line or the whole plan."""
    permissions.may_comment(by, plan).require()
    unit = by.scope_unit
    assert unit is not None
    if not text.strip():
        raise Invalid(_("Write what your unit has to say."))
    held = hold(plan, State.COMMENTING)
    if line is not None and not PlanLine.objects.visible_to(by).filter(pk=line.pk, plan=held).exists():
        raise NotFound
    if held.comments.filter(unit=unit).count() >= MOST:
        raise Invalid(_("Your unit has said enough about this plan: put what is left into one comment by another way."))
    about = {} if line is None else {"line_number": line.number, "line_title": line.title}
    made = PlanComment.objects.create(plan=held, unit=unit, text=text.strip()[:500], by=by, **about)
    audit.record("plans.comment_written", held, by=by, line=made.line_number)
    return made


@transaction.atomic
def answer_comment(given: PlanComment, *, outcome: str, answer: str, by: Account) -> None:
    """Say once what becomes of a comment."""
    permissions.may_answer(by, given.plan).require()
    if outcome not in PlanComment.Outcome.values or not answer.strip():
        raise Invalid(_("Say whether the comment is taken up, and why."))
    now = timezone.now()
    answered = PlanComment.objects.filter(pk=given.pk, answered_at=None).update(
        outcome=outcome, answer=answer.strip()[:500], answered_by=by, answered_at=now
    )
    if not answered:
        raise Conflict(_("This comment was answered already."))
    audit.record("plans.comment_answered", given.plan, by=by, outcome=outcome)
    telling.tell_answered(given, answer.strip()[:500])
