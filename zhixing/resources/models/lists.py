"""An uploaded list for one of the banks."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.base.models import StoredFile
from zhixing.people.models import Account
from zhixing.people.models.scope import ScopedByAccount
from zhixing.resources.models.words import Bank


class BankListQuerySet(ScopedByAccount["BankList"]):
    def visible_to(self, user: Account) -> Self:
        """A department and an auditor: what accounts in their scope brought in. An institution: what it brought in itself."""
        if user.is_school:
            own = Account.objects.filter(scope_unit=user.scope_unit_id or 0).order_by()
            return self.none() if user.is_class_head else self.filter(by_id__in=own.values("pk"))
        return super().visible_to(user) if user.is_department or user.is_auditor else self.none()


class BankList(models.Model):
    """Read → applied or dropped; a file that is no such list is refused. ``rows`` are facts by name, ``problems`` what was wrong with others."""

    class State(models.TextChoices):
        READ = "read", pgettext_lazy("bank list", "Ready to apply")
        REFUSED = "refused", pgettext_lazy("bank list", "Refused")
        APPLIED = "applied", pgettext_lazy("bank list", "Applied")
        DROPPED = "dropped", pgettext_lazy("bank list", "Dropped")

    bank = models.CharField(_("resource bank"), max_length=9, choices=Bank.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.READ)
    rows: models.JSONField[Any, Any] = models.JSONField(default=list)
    problems: models.JSONField[Any, Any] = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(_("received"), auto_now_add=True)

    objects = BankListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list for a bank")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.bank} list {self.pk}"
