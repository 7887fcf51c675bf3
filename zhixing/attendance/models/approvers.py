"""Who stands on a rung of the ladder for one class run: its class head (班主任) and others, named among the institution's staff."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Account
from zhixing.plans.models import ClassRun


class NamedApprover(models.Model):
    """``approver`` is a code of the rules; ``deputy`` decides as well. Where none is named, any staff of the institution decides."""

    class_run = models.ForeignKey(ClassRun, models.CASCADE, related_name="named_approvers")
    approver = models.CharField(_("approver"), max_length=20)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("account"))
    deputy = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("deputy"))

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("class_run", "approver"), name="approver_named_once_per_class_run"),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("account")), name="approver_is_not_own_deputy"
            ),
        )

    def __str__(self) -> str:
        return f"{self.class_run_id} {self.approver}"

    def is_for(self, user: Account) -> bool:
        """Whether ``user`` stands on this rung; the department always may."""
        return user.is_department or user.pk in (self.account_id, self.deputy_id)
