"""The way of a plan to its approval, and the routes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.problems import NotFound
from zhixing.base.refusals import said_on, status_of
from zhixing.people.models import Account, Unit
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions, permissions
from zhixing.plans.actions import Step
from zhixing.plans.forms.annual_plans import DecideForm, RouteForm
from zhixing.plans.models import AnnualPlan, ApprovalRoute, ApprovalStep, PlanApproval
from zhixing.plans.queries import annual_plans as reads
from zhixing.plans.views.plan_pages import may_see_approval, plan_context


@require_GET
def approval(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    if not may_see_approval(request.user, plan):
        raise NotFound
    route = plan.route if plan.round else permissions.route_for(plan.unit)
    said = PlanApproval.objects.filter(plan=plan).select_related("step", "by").order_by("-round", "-step__position")
    context = plan_context(request, plan, "approval") | {
        "route": route,
        "steps": _steps(plan, route),
        "said": said,
        "form": DecideForm(),
        "may_rework": permissions.may_rework(request.user, plan),
        "may_set_route": permissions.may_set_route(request.user, plan.unit),
    }
    return render(request, "plans/plan_approval.html", context)


def _steps(plan: AnnualPlan, route: ApprovalRoute | None) -> list[tuple[ApprovalStep, PlanApproval | None, bool]]:
    """Each step, what was decided at it in this submission, and whether the plan waits for it."""
    if route is None:
        return []
    decided = {one.step_id: one for one in PlanApproval.objects.of_round(plan).select_related("by")}
    steps = route.steps.select_related("account", "deputy", "office")
    waits = plan.step if plan.state == AnnualPlan.State.APPROVING else 0
    return [(step, decided.get(step.pk), step.position == waits) for step in steps]


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Submit, approve or return."""
    plan = reads.plan_for(request.user, pk)
    reason = request.POST.get("reason", "")
    if deed == "submit":
        actions.submit_plan(plan, by=request.user)
        messages.success(request, _("The plan is submitted."))
    elif deed == "approve":
        done = actions.approve_plan(plan, reason=reason, by=request.user)
        messages.success(
            request, _("The plan is approved and frozen.") if done else _("Approved; the next step decides.")
        )
    elif deed == "return":
        actions.return_plan(plan, reason=reason, by=request.user)
        messages.success(request, _("The plan is returned to be mended."))
    else:
        raise NotFound
    return redirect("plans:approval", pk)


@require_GET
def routes(request: SignedInRequest) -> HttpResponse:
    if not (request.user.is_department or request.user.is_auditor):
        raise NotFound
    found = (
        ApprovalRoute.objects.visible_to(request.user)
        .select_related("unit", "by")
        .prefetch_related("steps__account", "steps__deputy", "steps__office")
    )
    context = {"routes": found, "may_set": permissions.may_make_plan(request.user)}
    return render(request, "plans/routes.html", context)


def set_route(request: SignedInRequest) -> HttpResponse:
    """The next version of the route of the user's own unit."""
    permissions.may_make_plan(request.user).require()
    unit = request.user.scope_unit
    assert unit is not None
    route = permissions.route_for(unit)
    form = RouteForm(
        request.POST or None,
        accounts=Account.objects.visible_to(request.user).filter(is_active=True, role__in=permissions.DECIDING_ROLES),
        offices=Unit.objects.filter(accounts__role="department", accounts__is_active=True).within(unit).distinct(),
        initial_steps=list(route.steps.all()) if route else (),
    )
    if request.method == "POST" and form.is_valid():
        given: list[dict[str, Any]] = form.steps()
        with said_on(form):
            actions.set_route(unit, [Step(**step) for step in given], by=request.user)
            messages.success(request, _("The route is kept. Plans under way keep the one they were submitted on."))
            return redirect("plans:routes")
    return render(request, "plans/route_edit.html", {"form": form, "unit": unit}, status=status_of(form))
