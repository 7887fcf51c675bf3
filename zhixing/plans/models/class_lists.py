"""Uploaded lists of class runs (班次计划表)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import StoredFile
from zhixing.people.models import Account
from zhixing.people.models.scope import ScopedByAccount


class ClassListImportQuerySet(ScopedByAccount["ClassListImport"]):
    def visible_to(self, user: Account) -> Self:
        """For department and auditor only."""
        return super().visible_to(user) if user.is_department or user.is_auditor else self.none()


class ClassListImport(models.Model):
    """One uploaded list of class runs (班次计划表): read → applied; refused rows are kept with the reason."""

    class State(models.TextChoices):
        READ = "read", _("Ready to apply")
        REFUSED = "refused", _("Refused")
        APPLIED = "applied", _("Applied")
        DROPPED = "dropped", _("Dropped")

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READ)
    year = models.PositiveSmallIntegerField()
    rows = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    objects = ClassListImportQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"class list {self.pk}"
