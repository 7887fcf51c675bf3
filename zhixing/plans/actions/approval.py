"""The way of a plan to its approval: routes, submission, decisions, and freezing what was approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.people.models import Account, Unit
from zhixing.plans import permissions, telling
from zhixing.plans.actions.annual_plans import CHANGED, LINE_FIELDS, frozen_now, hold, move, written_of
from zhixing.plans.models import AnnualPlan, ApprovalRoute, ApprovalStep, PlanApproval, PlanLine
from zhixing.plans.models.routes import STEPS_MOST

State, Verdict = AnnualPlan.State, PlanApproval.Verdict


@dataclass(frozen=True)
class Step:
    """Who decides: an account with perhaps a deputy, or any department account of ``office``."""

    title: str
    account: Account | None = None
    deputy: Account | None = None
    office: Unit | None = None


@transaction.atomic
def set_route(unit: Unit, steps: Sequence[Step], *, by: Account) -> ApprovalRoute:
    """The next version of a unit's route. Plans under way keep the version that they were submitted on."""
    permissions.may_set_route(by, unit).require()
    if not 1 <= len(steps) <= STEPS_MOST:
        raise Invalid(_("A route has one to four steps."))
    for step in steps:
        _check(step)
    last = ApprovalRoute.objects.filter(unit=unit).aggregate(n=Max("number"))["n"] or 0
    try:
        with transaction.atomic():
            route = ApprovalRoute.objects.create(unit=unit, number=last + 1, by=by)
    except IntegrityError as error:
        raise Conflict(_("Somebody else just changed the route. Look at it again.")) from error
    ApprovalStep.objects.bulk_create(
        ApprovalStep(route=route, position=position, **step.__dict__) for position, step in enumerate(steps, 1)
    )
    audit.record("plans.route_set", route, by=by, steps=len(steps))
    return route


def _check(step: Step) -> None:
    if not step.title.strip():
        raise Invalid(_("Give each step a name."))
    if (step.account is None) == (step.office is None):
        raise Invalid(_("At each step either an account or a department decides."))
    named = [one for one in (step.account, step.deputy) if one is not None]
    if any(one.role not in permissions.DECIDING_ROLES or not one.is_active for one in named):
        raise Invalid(_("Only accounts of departments and liaisons decide about plans."))
    if step.deputy is not None and step.account in (None, step.deputy):
        raise Invalid(_("A deputy stands in for somebody else: name that person first."))


@transaction.atomic
def submit_plan(plan: AnnualPlan, *, by: Account) -> None:
    """Send the draft on the route in force."""
    permissions.may_submit(by, plan).require()
    route = permissions.route_for(plan.unit)
    held = hold(plan, State.DRAFT)
    _refuse_second(held)
    fields = {"route": route, "round": held.round + 1, "step": 1, "submitted_by": by, "submitted_at": timezone.now()}
    move(plan, State.APPROVING, by=by, fields=fields, round=held.round + 1)
    telling.tell_step(plan)


def _refuse_second(plan: AnnualPlan) -> None:
    others = AnnualPlan.objects.filter(unit=plan.unit, year=plan.year, state__in=AnnualPlan.IN_FORCE)
    if others.exclude(pk=plan.pk).exists():
        raise Conflict(_("Another plan of this year is in force already. Change that one."))


@transaction.atomic
def approve_plan(plan: AnnualPlan, *, by: Account, reason: str = "") -> bool:
    """Say yes at the step of now; at the last one the plan is frozen and comes into force. Returns whether it did."""
    held = _decided(plan, Verdict.APPROVED, reason, by)
    steps = ApprovalStep.objects.filter(route=held.route_id).count()
    if held.step < steps:
        AnnualPlan.objects.filter(pk=held.pk).update(step=held.step + 1)
        held.step += 1
        audit.record("plans.plan_step_approved", held, by=by, step=held.step - 1)
        telling.tell_step(held)
        return False
    _freeze(held, by)
    return True


def _decided(plan: AnnualPlan, verdict: str, reason: str, by: Account) -> AnnualPlan:
    """Lock the plan, ask again who may decide, and keep what was said."""
    held = hold(plan, State.APPROVING)
    if (held.round, held.step) != (plan.round, plan.step):
        raise Conflict(CHANGED)
    permissions.may_decide(by, held).require()
    step = permissions.step_now(held)
    assert step is not None
    said = {"verdict": verdict, "reason": reason.strip()[:500]}
    PlanApproval.objects.create(plan=held, round=held.round, step=step, by=by, **said)
    return held


def _freeze(held: AnnualPlan, by: Account) -> None:
    _refuse_second(held)
    digest = digest_of(list(frozen_now(held)))
    held.lines.filter(frozen=False).update(frozen=True)
    fields = {"approved_at": timezone.now(), "digest": digest, "step": 0}
    try:
        with transaction.atomic():
            move(held, State.APPROVED, by=by, fields=fields, digest=digest)
    except IntegrityError as error:
        raise Conflict(_("Another plan of this year is in force already. Change that one.")) from error
    telling.tell_decided(held, approved=True)


def digest_of(lines: Sequence[PlanLine]) -> str:
    """SHA-256 (hex) of what the lines say: the same lines, the same digest."""
    rows: list[dict[str, Any]] = [written_of(line, ("number", "version", "struck", *LINE_FIELDS)) for line in lines]
    written = json.dumps(rows, ensure_ascii=False, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(b"annual plan 1\n" + written.encode()).hexdigest()


@transaction.atomic
def return_plan(plan: AnnualPlan, *, reason: str, by: Account) -> None:
    """Send it back with what is to be mended."""
    if not reason.strip():
        raise Invalid(_("Say what is to be mended."))
    held = _decided(plan, Verdict.RETURNED, reason, by)
    move(held, State.RETURNED, by=by, fields={"step": 0}, step=held.step)
    telling.tell_decided(held, approved=False, reason=reason.strip()[:500])
