"""Who hears what about an annual plan, in the app and by e-mail."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base import notices
from zhixing.people.models import Account, Role
from zhixing.plans.models import AnnualPlan, ApprovalStep, PlanChange, PlanComment


def tell_open(plan: AnnualPlan) -> int:
    """Liaisons and departments below hear that the plan waits for comments."""
    below = Account.objects.filter(
        is_active=True, role__in=(Role.LIAISON, Role.DEPARTMENT), scope_unit__path__startswith=plan.unit.path
    ).exclude(role=Role.DEPARTMENT, scope_unit=plan.unit_id)
    title = _("%(plan)s is open for comments until %(day)s") % {"plan": plan.title, "day": plan.comments_until}
    return notices.tell(below, "plans.open", title, link=reverse("plans:comments", args=[plan.pk]))


def tell_answered(given: PlanComment, answer: str) -> None:
    title = _("Your comment on %(plan)s was answered") % {"plan": given.plan.title}
    link = reverse("plans:comments", args=[given.plan_id])
    notices.tell([given.by], "plans.answered", title, text=answer, link=link)


def deciders(step: ApprovalStep) -> Iterable[Account]:
    """Whoever may decide at a step."""
    if step.office_id is not None:
        found: QuerySet[Account] = Account.objects.filter(
            role=Role.DEPARTMENT, scope_unit=step.office_id, is_active=True
        )
        return found
    return [one for one in (step.account, step.deputy) if one is not None and one.is_active]


def tell_step(plan: AnnualPlan) -> None:
    """Whoever decides now hears of it, but for the one who submitted the plan."""
    step = (
        ApprovalStep.objects.filter(route=plan.route_id, position=plan.step).select_related("account", "deputy").get()
    )
    waiting = [one for one in deciders(step) if one.pk != plan.submitted_by_id]
    title = _("%(plan)s waits for your decision: %(step)s") % {"plan": plan.title, "step": step.title}
    notices.tell(waiting, "plans.waits", title, link=reverse("plans:approval", args=[plan.pk]))


def tell_decided(plan: AnnualPlan, *, approved: bool, reason: str = "") -> None:
    """Whoever submitted the plan hears how it ended."""
    words = _("%(plan)s is approved and frozen") if approved else _("%(plan)s was returned to be mended")
    told = [one for one in (plan.submitted_by,) if one is not None]
    link = reverse("plans:approval", args=[plan.pk])
    notices.tell(told, "plans.decided", words % {"plan": plan.title}, text=reason, link=link)


def tell_change(change: PlanChange) -> None:
    last = ApprovalStep.objects.filter(route=change.plan.route_id).select_related("account", "deputy")
    step = last.order_by("-position").first()
    if step is not None:
        title = _("A change of %(plan)s waits for your decision") % {"plan": change.plan.title}
        waiting = [one for one in deciders(step) if one.pk != change.by_id]
        notices.tell(waiting, "plans.change", title, text=change.reason, link=_changes(change.plan))


def tell_change_decided(change: PlanChange) -> None:
    words = (
        _("Your change of %(plan)s was approved")
        if change.state == PlanChange.State.APPROVED
        else _("Your change of %(plan)s was refused")
    )
    notices.tell(
        [change.by],
        "plans.change",
        words % {"plan": change.plan.title},
        text=change.decision,
        link=_changes(change.plan),
    )


def _changes(plan: AnnualPlan) -> str:
    return reverse("plans:changes", args=[plan.pk])
