"""Who may work on an annual plan, comment on it, decide about it and carry it out."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people.models import Account, Role, Unit
from zhixing.people.permissions import is_within
from zhixing.plans.models import AnnualPlan, ApprovalRoute, ApprovalStep, PlanChange, PlanLine, Programme
from zhixing.plans.permissions.class_runs import ONLY_DEPARTMENT

State = AnnualPlan.State
ONLY_OWNER = _("Only the department that makes this plan may do this.")
ONLY_DRAFT = _("Only a draft can be worked on.")
ONLY_IN_FORCE = _("Only for a plan that is approved and not reviewed yet.")
DECIDING_ROLES = frozenset({Role.DEPARTMENT, Role.LIAISON})
"""Roles that a step of a route can name."""


def owns(user: Account, plan: AnnualPlan) -> bool:
    """Whether ``user`` is of the department that makes the plan, or of one above it."""
    return user.is_department and is_within(user, plan.unit)


def may_make_plan(user: Account, unit: Unit | None = None) -> Verdict:
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    return YES if unit is None or is_within(user, unit) else no(ONLY_OWNER)


def may_work_on(user: Account, plan: AnnualPlan) -> Verdict:
    """Lines, money and title: while it is a draft."""
    if not owns(user, plan):
        return no(ONLY_OWNER)
    return YES if plan.state == State.DRAFT else no(ONLY_DRAFT)


def may_propose_lines(user: Account, plan: AnnualPlan) -> Verdict:
    """Have lines proposed from the needs: for an empty draft, so that nothing is overwritten."""
    verdict = may_work_on(user, plan)
    if verdict and plan.lines.exists():
        return no(_("The draft has lines already."))
    return verdict


TRIED_IN: Final = (State.DRAFT, State.COMMENTING, State.RETURNED, State.APPROVING, State.APPROVED)


def may_try(user: Account, plan: AnnualPlan) -> Verdict:
    """Ask what if. Nothing of the plan changes by it, so it may be asked until the plan is reviewed."""
    if not owns(user, plan):
        return no(ONLY_OWNER)
    if plan.state not in TRIED_IN:
        return no(_("Only for a plan that is being made or carried out."))
    return YES if plan.lines.exists() else no(_("The plan has no lines yet."))


def may_see_tries(user: Account, plan: AnnualPlan) -> bool:
    """Department and auditor over the plan."""
    return (user.is_department or user.is_auditor) and is_within(user, plan.unit)


def may_judge_duplicates(user: Account, plan: AnnualPlan) -> Verdict:
    """Say that lines which look alike are no duplicates: whoever may make them one."""
    return YES if may_work_on(user, plan) or may_change(user, plan) else no(ONLY_OWNER)


def may_drop(user: Account, plan: AnnualPlan) -> Verdict:
    return may_work_on(user, plan)


def may_rework(user: Account, plan: AnnualPlan) -> Verdict:
    """Make a draft again of what was returned, or end the time of comments."""
    if not owns(user, plan):
        return no(ONLY_OWNER)
    if plan.state not in {State.RETURNED, State.COMMENTING}:
        return no(_("Only a plan that was returned or is open for comments becomes a draft again."))
    return YES


def may_open_for_comments(user: Account, plan: AnnualPlan) -> Verdict:
    verdict = may_work_on(user, plan)
    if verdict and not plan.lines.exists():
        return no(_("The plan has no lines yet."))
    return verdict


def may_comment(user: Account, plan: AnnualPlan) -> Verdict:
    """Liaisons and departments of the units below, on behalf of their unit."""
    own = user.scope_unit
    if own is None or not (user.is_liaison or user.is_department) or not own.path.startswith(plan.unit.path):
        return no(_("Comments are written by liaisons and departments for their unit."))
    if user.is_department and own.path == plan.unit.path:
        return no(_("Your own department makes this plan."))
    if plan.state != State.COMMENTING or is_past(plan.comments_until):
        return no(_("The plan is not open for comments."))
    return YES


def is_past(day: dt.date | None) -> bool:
    return day is not None and day < timezone.localdate()


def may_answer(user: Account, plan: AnnualPlan) -> Verdict:
    if not owns(user, plan):
        return no(ONLY_OWNER)
    if plan.state not in {State.DRAFT, State.COMMENTING, State.RETURNED}:
        return no(_("Comments are answered before the plan is submitted."))
    return YES


def may_submit(user: Account, plan: AnnualPlan) -> Verdict:
    verdict = may_open_for_comments(user, plan)
    if not verdict:
        return verdict
    if plan.comments.filter(answered_at=None).exists():
        return no(_("Answer every comment first."))
    if route_for(plan.unit) is None:
        return no(_("No approval route is set: say first who approves."))
    return YES


def route_for(unit: Unit) -> ApprovalRoute | None:
    """The route in force: the newest of the unit itself, else of the nearest unit above it."""
    routes = ApprovalRoute.objects.filter(unit__path__in=unit.paths_up)
    return routes.order_by("-unit__path", "-number").first()


def step_now(plan: AnnualPlan) -> ApprovalStep | None:
    """The step whose decision the plan waits for."""
    if plan.state != State.APPROVING or plan.route_id is None:
        return None
    return ApprovalStep.objects.filter(route=plan.route_id, position=plan.step).first()


def may_decide(user: Account, plan: AnnualPlan) -> Verdict:
    """Approve or return at the step of now; nobody decides about the own submission."""
    step = step_now(plan)
    if step is None:
        return no(_("The plan does not wait for a decision."))
    if not step.is_for(user):
        return no(_("Another one decides at this step."))
    if user.pk == plan.submitted_by_id:
        return no(_("You submitted this plan: somebody else decides about it."))
    return YES


def may_change(user: Account, plan: AnnualPlan) -> Verdict:
    """Propose a change of a plan in force."""
    if not owns(user, plan):
        return no(ONLY_OWNER)
    return YES if plan.state == State.APPROVED else no(ONLY_IN_FORCE)


def may_decide_change(user: Account, change: PlanChange) -> Verdict:
    """Whoever approves last on the route of the plan; nobody the own change."""
    if change.state != PlanChange.State.PROPOSED:
        return no(_("This change was decided already."))
    if change.plan.state != State.APPROVED:
        return no(ONLY_IN_FORCE)
    last = ApprovalStep.objects.filter(route=change.plan.route_id).order_by("-position").first()
    if last is None or not last.is_for(user):
        return no(_("A change is decided by whoever approves the plan last."))
    if user.pk == change.by_id:
        return no(_("You proposed this change: somebody else decides about it."))
    return YES


def may_make_runs(user: Account, line: PlanLine) -> Verdict:
    verdict = may_change(user, line.plan)
    if verdict and line.struck:
        return no(_("This line is struck out."))
    return verdict


def may_spend(user: Account, plan: AnnualPlan) -> Verdict:
    return may_change(user, plan)


def may_review(user: Account, plan: AnnualPlan) -> Verdict:
    return may_change(user, plan)


def may_set_route(user: Account, unit: Unit) -> Verdict:
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    return YES if is_within(user, unit) else no(ONLY_OWNER)


def may_keep_programmes(user: Account, programme: Programme | None = None) -> Verdict:
    """Programmes of the own department and those below; those of a department above are used, not changed."""
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    return YES if programme is None or is_within(user, programme.unit) else no(ONLY_OWNER)


def may_keep_capacity(user: Account, institution: Unit) -> Verdict:
    """The department, or the institution itself."""
    if (user.is_department or (user.is_school and not user.is_class_head)) and is_within(user, institution):
        return YES
    return no(_("Only the department and the institution itself may do this."))


def on_the_way(user: Account, plan: AnnualPlan) -> bool:
    """Whether ``user`` decides at any step of the route that the plan was submitted on."""
    return any(step.is_for(user) for step in ApprovalStep.objects.filter(route=plan.route_id))
