"""Changes of a plan in force: proposed with a reason, decided by somebody else, kept as the next version of the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.people.models import Account
from zhixing.plans import permissions, telling
from zhixing.plans.actions.annual_plans import changes_of, check_line, hold, write_facts, written_of
from zhixing.plans.models import AnnualPlan, PlanChange, PlanLine

State = AnnualPlan.State
ABSORBS = "absorbs"
"""What ``becomes`` of two lines made one calls the number of the line that is struck out."""


@transaction.atomic
def propose_change(
    plan: AnnualPlan, facts: Mapping[str, Any], *, reason: str, by: Account, line: PlanLine | None = None
) -> PlanChange:
    """What a line of a frozen plan should become, or a line to be added; nothing changes before somebody else agrees."""
    permissions.may_change(by, plan).require()
    held = hold(plan, State.APPROVED)
    current = None if line is None else standing_line(held, line)
    draft = PlanLine(plan=held, number=0) if current is None else current
    changed = changes_of(draft, facts) if current is not None else sorted(facts)
    if current is not None and not changed:
        raise Invalid(_("Nothing would change."))
    was = {} if current is None else written_of(current, changed)
    for name in changed:
        setattr(draft, name, facts[name])
    check_line(draft)
    kind = PlanChange.Kind.ADD if line is None else PlanChange.Kind.EDIT
    return propose(held, kind, line, was, written_of(draft, changed), reason, by)


@transaction.atomic
def propose_strike(line: PlanLine, *, reason: str, by: Account) -> PlanChange:
    """That a line of a frozen plan should be struck out."""
    permissions.may_change(by, line.plan).require()
    held = hold(line.plan, State.APPROVED)
    current = standing_line(held, line)
    return propose(held, PlanChange.Kind.STRIKE, current, {"struck": False}, {"struck": True}, reason, by)


def standing_line(plan: AnnualPlan, line: PlanLine) -> PlanLine:
    found = plan.lines.standing().filter(pk=line.pk).select_related("institution", "programme").first()
    if found is None:
        raise Conflict(_("This line was changed in the meantime. Look at it again."))
    found.plan = plan
    return found


def propose(
    plan: AnnualPlan,
    kind: str,
    line: PlanLine | None,
    was: dict[str, Any],
    becomes: dict[str, Any],
    reason: str,
    by: Account,
) -> PlanChange:
    """Keep the proposal and tell whoever decides; the plan is held. ``Conflict`` when a change of the line waits already."""
    if not reason.strip():
        raise Invalid(_("Say why the plan changes."))
    try:
        with transaction.atomic():
            change = PlanChange.objects.create(
                plan=plan, kind=kind, line=line, was=was, becomes=becomes, reason=reason.strip()[:500], by=by
            )
    except IntegrityError as error:
        raise Conflict(_("A change of this line waits for a decision already.")) from error
    audit.record("plans.change_proposed", plan, by=by, line=line.number if line else None, fields=sorted(becomes))
    telling.tell_change(change)
    return change


@transaction.atomic
def decide_change(change: PlanChange, *, approved: bool, reason: str = "", by: Account) -> None:
    """Somebody else says yes or no; with a yes the line gets its next version, and the old one stays as it was."""
    held = hold(change.plan, State.APPROVED)
    found = PlanChange.objects.select_for_update(of=("self",)).select_related("line").get(pk=change.pk)
    found.plan = held
    permissions.may_decide_change(by, found).require()
    if not approved and not reason.strip():
        raise Invalid(_("Say why the change is refused."))
    found.made = _next_version(held, found) if approved else None
    if approved and found.kind == PlanChange.Kind.MERGE:
        _strike(held, found.becomes[ABSORBS])
    found.state = PlanChange.State.APPROVED if approved else PlanChange.State.REFUSED
    found.decided_by, found.decided_at, found.decision = by, timezone.now(), reason.strip()[:500]
    found.save(update_fields=["made", "state", "decided_by", "decided_at", "decision"])
    audit.record(f"plans.change_{found.state}", held, by=by, line=found.made.number if found.made else None)
    telling.tell_change_decided(found)


def _next_version(plan: AnnualPlan, change: PlanChange) -> PlanLine:
    old = change.line
    if old is None:
        number = (plan.lines.aggregate(n=Max("number"))["n"] or 0) + 1
        line = PlanLine(plan=plan, number=number, frozen=True)
    else:
        standing_line(plan, old)
        line = _next_of(old)
    write_facts(line, {name: value for name, value in change.becomes.items() if name != ABSORBS})
    line.save()
    return line


def _strike(plan: AnnualPlan, number: int) -> None:
    """The next version of a line says that it is struck out."""
    old = plan.lines.standing().filter(number=number).first()
    if old is None:
        raise Conflict(_("The other line was changed in the meantime. Refuse this change, and propose it anew."))
    if PlanChange.objects.waiting().filter(line=old).exists():
        raise Conflict(_("A change of the other line waits for a decision: decide about that first."))
    line = _next_of(old)
    line.struck = True
    line.save()


def _next_of(old: PlanLine) -> PlanLine:
    """The next version, saying the same; not saved."""
    line = PlanLine(plan_id=old.plan_id, number=old.number, version=old.version + 1, frozen=True)
    write_facts(line, written_of(old))
    return line
