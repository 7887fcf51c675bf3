"""Policies (学时要求): signed versions of a TOML document."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models


class PolicyQuerySet(models.QuerySet["Policy"]):
    def in_force(self, on: dt.date) -> Self:
        """The versions that have begun by ``on``, the one that holds first: the latest to begin, then the last signed."""
        return self.filter(in_force_from__lte=on).order_by("-in_force_from", "-pk")


class Policy(models.Model):
    """One signed version of a policy document. Append-only by trigger: a change is a new version."""

    code = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    basis = models.CharField(max_length=200, blank=True)
    in_force_from = models.DateField(db_index=True)
    signed_by_id = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(auto_now_add=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ("-in_force_from", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="policy_once_per_version"),
            models.UniqueConstraint(fields=("digest",), name="policy_once_per_text"),
        )

    def __str__(self) -> str:
        return f"{self.title or self.code} v{self.version}"
