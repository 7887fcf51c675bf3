"""What was done to a draft by one button, so that it can be undone; what was tried with a plan; and which lines are no duplicates."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Account
from zhixing.plans.models.annual_plans import AnnualPlan, made_in

NAMED = 8
"""So many lines are named; of more it is told how many."""


class PlanTryQuerySet(models.QuerySet["PlanTry"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: of the plans of their subtree. Others none."""
        return self.filter(made_in(user, "plan__"))


class PlanEdit(models.Model):
    """A change of a draft that can be undone. ``was`` and ``became``: number of a line → its fields, null where there is none.

    Undone once, and only while the lines are as it left them; then it never changes.
    """

    class Kind(models.TextChoices):
        MOVE = "move", pgettext_lazy("edit of a plan", "Line moved")
        MERGE = "merge", pgettext_lazy("edit of a plan", "Two lines merged")
        EVIDENCE = "evidence", pgettext_lazy("edit of a plan", "Evidence changed")
        TRY = "try", pgettext_lazy("edit of a plan", "Proposal of a trial taken over")

    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="edits")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    was = models.JSONField(default=dict)
    became = models.JSONField(default=dict)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("edit of a draft plan")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="plan_edit_undone_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def numbers(self) -> list[int]:
        return sorted(map(int, self.was))

    @property
    def said(self) -> str:
        """Which lines, or how many where these are many."""
        named = self.numbers
        if len(named) > NAMED:
            return ngettext("%(n)s line", "%(n)s lines", len(named)) % {"n": len(named)}
        return gettext("line %(lines)s") % {"lines": "、".join(map(str, named))}


class PlanTry(models.Model):
    """What if (试算): ``asked`` is what was changed, ``answer`` what would become of the plan, empty until the ``job`` has answered.

    ``digest`` is of the lines and the money that it was reckoned from: a proposal of other lines is not taken over. ``taken``: the edit that put
    it into the draft, the last one.
    """

    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="tries")
    asked = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    job = models.UUIDField(null=True)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    taken = models.OneToOneField(PlanEdit, models.PROTECT, null=True, related_name="of_try")

    objects = PlanTryQuerySet.as_manager()

    class Meta:
        verbose_name = _("trial of a plan")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(taken=None) | Q(answered_at__isnull=False) & ~Q(digest=""),
                name="plan_try_taken_is_answered",
            ),
        )

    def __str__(self) -> str:
        return f"try {self.pk}"

    @property
    def standing(self) -> bool:
        """Whether the draft has it: taken over, and not undone since."""
        return self.taken is not None and self.taken.undone_at is None


class NoDuplicate(models.Model):
    """That two lines of a plan look alike and are no duplicates, with who says so and why. ``first`` and ``second``: their numbers."""

    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="no_duplicates")
    first = models.PositiveSmallIntegerField()
    second = models.PositiveSmallIntegerField()
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("lines that are no duplicates")
        ordering = ("plan_id", "first", "second")
        constraints = (
            models.UniqueConstraint(fields=("plan", "first", "second"), name="no_duplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="no_duplicate_in_order"),
            models.CheckConstraint(condition=~Q(reason=""), name="no_duplicate_has_reason"),
        )

    def __str__(self) -> str:
        return f"{self.first} {self.second}"
