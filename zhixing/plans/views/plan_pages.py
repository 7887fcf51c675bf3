"""The shell of every page of an annual plan: its answer, its tabs, and who may do what."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import permissions
from zhixing.plans.models import AnnualPlan, PlanChange, PlanComment

State = AnnualPlan.State


def plan_context(request: SignedInRequest, plan: AnnualPlan, active: str) -> dict[str, Any]:
    """What ``plan_page.html`` reads."""
    user = request.user
    return {
        "plan": plan,
        "tabs": plan_tabs(user, plan, active),
        "owns": permissions.owns(user, plan),
        "may_work_on": permissions.may_work_on(user, plan),
        "may_submit": permissions.may_submit(user, plan) if permissions.owns(user, plan) else None,
        "may_decide": permissions.may_decide(user, plan),
        "may_comment": permissions.may_comment(user, plan),
        "may_change": permissions.may_change(user, plan),
    }


def plan_tabs(user: Account, plan: AnnualPlan, active: str) -> list[dict[str, Any]]:
    """The faces of a plan that the user may look at."""
    officer = user.is_department or user.is_auditor
    faces: list[tuple[str, str, bool, int | None]] = [("plan", _("Lines"), True, None)]
    if officer or user.is_liaison:
        count = PlanComment.objects.visible_to(user).filter(plan=plan).count()
        faces.append(("comments", _("Comments"), plan.state == State.COMMENTING or bool(count), count or None))
    faces.append(("approval", _("Approval"), may_see_approval(user, plan), None))
    faces.append(("tries", _("What if"), permissions.may_see_tries(user, plan), None))
    if plan.in_force:
        waiting = PlanChange.objects.visible_to(user).waiting().filter(plan=plan).count()
        faces.append(("changes", _("Plan changes"), True, waiting or None))
        faces.append(("execution", _("Execution"), True, None))
        faces.append(("plan_calendar", _("Calendar"), True, None))
        faces.append(("review", _("Yearly review"), officer or plan.state == State.REVIEWED, None))
    return [
        {"label": label, "url": reverse(f"plans:{name}", args=[plan.pk]), "active": name == active, "count": count}
        for name, label, shown, count in faces
        if shown
    ]


def may_see_approval(user: Account, plan: AnnualPlan) -> bool:
    """Department, auditor and whoever decides on the way."""
    if not plan.round:
        return permissions.owns(user, plan)
    return user.is_department or user.is_auditor or permissions.on_the_way(user, plan)
