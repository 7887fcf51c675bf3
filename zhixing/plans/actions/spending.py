"""Money of a plan in force, and the review that closes its year."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Invalid
from zhixing.people.models import Account
from zhixing.plans import permissions
from zhixing.plans.actions.annual_plans import hold, move
from zhixing.plans.models import AnnualPlan, PlanChange, PlanLine, PlanSpending

State = AnnualPlan.State


@transaction.atomic
def record_spending(line: PlanLine, *, kind: str, cents: int, on: dt.date, note: str, by: Account) -> PlanSpending:
    """Money committed or spent for a line; what was entered wrongly is taken back by the opposite sum."""
    permissions.may_spend(by, line.plan).require()
    held = hold(line.plan, State.APPROVED)
    if not cents or kind not in PlanSpending.Kind.values or not note.strip():
        raise Invalid(_("Give a sum, what it is for and whether it is committed or spent."))
    entered = PlanSpending.objects.filter(line__plan=held, line__number=line.number, kind=kind)
    if sum(entered.values_list("cents", flat=True)) + cents < 0:
        raise Invalid(_("More would be taken back than was entered."))
    made = PlanSpending.objects.create(line=line, kind=kind, cents=cents, on=on, note=note.strip()[:200], by=by)
    audit.record("plans.money_entered", held, by=by, line=line.number, kind=kind, cents=cents)
    return made


@transaction.atomic
def review_plan(plan: AnnualPlan, text: str, *, by: Account) -> None:
    """Close the year with what came of the plan; nothing of it changes after that."""
    permissions.may_review(by, plan).require()
    if not text.strip():
        raise Invalid(_("Write what came of the plan."))
    if PlanChange.objects.waiting().filter(plan=plan).exists():
        raise Invalid(_("A change waits for a decision: let it be decided first."))
    move(plan, State.REVIEWED, by=by, fields={"review": text.strip(), "reviewed_by": by, "reviewed_at": timezone.now()})
