"""Evidence of lines: given by the needs of the year, put aside and taken up again. The weight falls by exactly the share of what was put aside."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.annual.evidence import parts_of, with_aside
from zhixing.people.models import Account
from zhixing.plans import permissions
from zhixing.plans.actions.annual_plans import hold
from zhixing.plans.actions.plan_edits import undoable
from zhixing.plans.actions.searches import needs_for
from zhixing.plans.models import AnnualPlan, PlanEdit, PlanLine
from zhixing.plans.problem import evidence_of_needs
from zhixing.plans.try_problem import reckoning_of


@transaction.atomic
def weigh_without(line: PlanLine, need: str, key: str, *, aside: bool, by: Account) -> None:
    """Put one finding of a draft's line aside, or take it up again. Done already, it stays done; ``Conflict`` when the line rests on no such finding."""
    permissions.may_work_on(by, line.plan).require()
    held = hold(line.plan, AnnualPlan.State.DRAFT)
    found = held.lines.filter(number=line.number).first()
    part = (
        next((one for one in parts_of(found.evidence) if (one.need, one.key) == (need, key)), None) if found else None
    )
    if found is None or part is None:
        raise Conflict(_("The line does not rest on this evidence any more. Look at it again."))
    if part.aside == aside:
        return
    with undoable(held, PlanEdit.Kind.EVIDENCE, [found.number], by):
        found.evidence = with_aside(found.evidence, need, key, aside)
        found.save(update_fields=["evidence"])
    if aside:
        audit.record("plans.evidence_put_aside", held, by=by, line=found.number)
    else:
        audit.record("plans.evidence_taken_up", held, by=by, line=found.number)


@transaction.atomic
def rest_on_needs(plan: AnnualPlan, *, by: Account) -> int:
    """Give every line of a draft that has a programme and no evidence the needs that it covers; tells of how many lines. Can be undone."""
    permissions.may_work_on(by, plan).require()
    held = hold(plan, AnnualPlan.State.DRAFT)
    reckoning = needs_for(held, reckoning_of(held))
    bare = [line for line in held.lines.order_by("number") if not line.evidence and line.programme_id is not None]
    found = evidence_of_needs(bare, reckoning)
    if not found:
        raise Invalid(_("No line without evidence has a programme that covers a need of its rank group."))
    with undoable(held, PlanEdit.Kind.EVIDENCE, sorted(found), by):
        for line in bare:
            if line.number in found:
                line.evidence = found[line.number]
                line.save(update_fields=["evidence"])
    if held.reckoning_id is None:
        held.reckoning = reckoning
        held.save(update_fields=["reckoning"])
    audit.record("plans.lines_rest_on_needs", held, by=by, lines=len(found))
    return len(found)
