"""What is said about a plan and what becomes of it: comments, changes after it was frozen, and money."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.people.models import Account, Unit
from zhixing.plans.models.annual_plans import AnnualPlan, PlanLine, made_in


class PlanCommentQuerySet(models.QuerySet["PlanComment"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: of the plans of their subtree. Department and liaison: those of their units. Others none."""
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor or user.is_liaison):
            return self.none()
        return self.filter(made_in(user, "plan__") | Q(unit__path__startswith=own.path))


class PlanComment(models.Model):
    """A comment of a unit on a line (``line_number`` with its title then) or on the whole plan. Answered once, with whether it was taken up."""

    class Outcome(models.TextChoices):
        TAKEN = "taken", pgettext_lazy("comment", "Taken up")
        PARTLY = "partly", pgettext_lazy("comment", "Partly taken up")
        EXPLAINED = "explained", pgettext_lazy("comment", "Explained")

    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="comments")
    line_number = models.PositiveSmallIntegerField(_("line"), null=True)
    line_title = models.CharField(max_length=110, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    text = models.CharField(_("comment"), max_length=500)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("written by"))
    at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    answered_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = PlanCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on a plan")
        ordering = ("plan_id", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome="", answered_at=None)
                | ~Q(outcome="") & Q(answered_at__isnull=False) & ~Q(answer=""),
                name="plan_comment_answered_whole",
            ),
        )

    def __str__(self) -> str:
        return f"comment {self.pk}"


class PlanChangeQuerySet(models.QuerySet["PlanChange"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: of the plans that they see. School and liaison: those in force, of lines that they see."""
        if user.is_department or user.is_auditor:
            return self.filter(plan__in=AnnualPlan.objects.visible_to(user).order_by().values("pk"))
        lines = PlanLine.objects.visible_to(user).order_by()
        return self.filter(made__in=lines.values("pk"), state=PlanChange.State.APPROVED)

    def waiting(self) -> Self:
        """Proposed and not decided."""
        return self.filter(state=PlanChange.State.PROPOSED)


class PlanChange(models.Model):
    """A change of a frozen plan: ``was`` and ``becomes`` hold the fields that differ. Decided once by somebody else, and never altered then.

    ``line``: the version that it changes (none: a new line); ``made``: the version that it became. ``kind`` tells what is done; of two lines made
    one, ``becomes`` names under ``absorbs`` the number of the line that is struck out with it.
    """

    class Kind(models.TextChoices):
        ADD = "add", pgettext_lazy("change of a plan", "New line")
        EDIT = "edit", pgettext_lazy("change of a plan", "Changed line")
        STRIKE = "strike", pgettext_lazy("change of a plan", "Struck out")
        MERGE = "merge", pgettext_lazy("change of a plan", "Two lines into one")

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("change of a plan", "Proposed")
        APPROVED = "approved", pgettext_lazy("change of a plan", "Approved")
        REFUSED = "refused", pgettext_lazy("change of a plan", "Refused")

    TRANSITIONS = {State.PROPOSED: {State.APPROVED, State.REFUSED}}

    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="changes")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    line = models.ForeignKey(PlanLine, models.PROTECT, null=True, related_name="changes")
    made = models.OneToOneField(PlanLine, models.PROTECT, null=True, related_name="made_by")
    was = models.JSONField(default=dict)
    becomes = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PROPOSED)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(_("reason of the decision"), max_length=500, blank=True)

    objects = PlanChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a plan")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="plan_change_has_reason"),
            models.CheckConstraint(condition=Q(kind="add") | Q(line__isnull=False), name="plan_change_has_line"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | ~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_by=F("by")),
                name="plan_change_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", made__isnull=False) | ~Q(state="approved") & Q(made=None),
                name="plan_change_approved_made_a_version",
            ),
            models.UniqueConstraint(
                fields=("line",), condition=Q(state="proposed"), name="plan_change_one_proposed_per_line"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.line_id}"


class PlanSpendingQuerySet(models.QuerySet["PlanSpending"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: of the plans of their subtree. School: of the lines held there. Others none."""
        own = user.scope_unit
        if own is not None and user.is_school and not user.is_class_head:
            return self.filter(line__institution__path__startswith=own.path, line__plan__state__in=AnnualPlan.IN_FORCE)
        return self.filter(made_in(user, "line__plan__"))


class PlanSpending(models.Model):
    """Money committed or spent for a line, on a day. Append-only: a correction is an entry with the opposite sign."""

    class Kind(models.TextChoices):
        COMMITTED = "committed", pgettext_lazy("money", "Committed")
        SPENT = "spent", pgettext_lazy("money", "Spent")

    line = models.ForeignKey(PlanLine, models.PROTECT, related_name="spending")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    cents = models.BigIntegerField(_("money"))
    on = models.DateField(_("on"))
    note = models.CharField(_("note"), max_length=200)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(auto_now_add=True)

    objects = PlanSpendingQuerySet.as_manager()

    class Meta:
        verbose_name = _("money of a plan")
        ordering = ("-on", "-id")
        constraints = (models.CheckConstraint(condition=~Q(cents=0), name="plan_spending_not_nothing"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.cents}"
