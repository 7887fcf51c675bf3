"""The way of a plan to its approval (审批流程): one to four steps, stored and numbered; and what was said at each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.people.models import Account, Unit

if TYPE_CHECKING:
    from zhixing.plans.models.annual_plans import AnnualPlan

STEPS_MOST = 4


class ApprovalRouteQuerySet(models.QuerySet["ApprovalRoute"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: of their subtree, and those that name them. Others: those that name them."""
        own = user.scope_unit
        named = Q(steps__account=user) | Q(steps__deputy=user)
        if own is None or not (user.is_department or user.is_auditor):
            return self.filter(named).distinct()
        return self.filter(named | Q(unit__path__startswith=own.path)).distinct()


class ApprovalRoute(models.Model):
    """One version of a unit's route; the newest is in force, plans keep the one they were submitted on. Never changes."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("version"))
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = ApprovalRouteQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval route")
        ordering = ("unit__path", "-number")
        constraints = (models.UniqueConstraint(fields=("unit", "number"), name="approval_route_once_per_number"),)

    def __str__(self) -> str:
        return f"{self.unit_id} {self.number}"


class ApprovalStep(models.Model):
    """Who decides at a step: the account or its deputy; without an account any department account of the ``office`` itself."""

    route = models.ForeignKey(ApprovalRoute, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("step"))
    title = models.CharField(_("name of the step"), max_length=60)
    office = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit that decides"))
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("account"))
    deputy = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("deputy"))

    class Meta:
        verbose_name = _("step of an approval route")
        ordering = ("route_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("route", "position"), name="approval_step_once"),
            models.CheckConstraint(condition=Q(position__range=(1, STEPS_MOST)), name="approval_step_in_range"),
            models.CheckConstraint(
                condition=Q(office=None, account__isnull=False) | Q(office__isnull=False, account=None, deputy=None),
                name="approval_step_by_account_or_office",
            ),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("account")), name="approval_step_has_other_deputy"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def is_for(self, user: Account) -> bool:
        """Whether ``user`` decides at this step."""
        if self.office_id is not None:
            return user.is_department and user.scope_unit_id == self.office_id
        return user.pk in (self.account_id, self.deputy_id)


class PlanApprovalQuerySet(models.QuerySet["PlanApproval"]):
    def of_round(self, plan: AnnualPlan) -> Self:
        """Said since the plan was last submitted."""
        return self.filter(plan=plan, round=plan.round)


class PlanApproval(models.Model):
    """What was decided at one step of one submission (``round``, from 1). Append-only."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("step of a plan", "Approved")
        RETURNED = "returned", pgettext_lazy("step of a plan", "Returned")

    plan = models.ForeignKey("plans.AnnualPlan", models.PROTECT, related_name="approvals")
    round = models.PositiveSmallIntegerField(_("submission"))
    step = models.ForeignKey(ApprovalStep, models.PROTECT, related_name="+")
    verdict = models.CharField(_("decision"), max_length=8, choices=Verdict.choices)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    at = models.DateTimeField(auto_now_add=True)

    objects = PlanApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval of a plan")
        ordering = ("plan_id", "round", "step__position")
        constraints = (
            models.UniqueConstraint(fields=("plan", "round", "step"), name="plan_step_decided_once"),
            models.CheckConstraint(condition=~Q(verdict="returned") | ~Q(reason=""), name="plan_returned_with_reason"),
        )

    def __str__(self) -> str:
        return f"{self.plan_id} {self.round} {self.verdict}"
