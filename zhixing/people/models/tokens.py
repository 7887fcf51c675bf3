"""Tokens for programs: a token acts as its account, with the same scope and permissions, and is kept as a digest only."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.people.models.accounts import Account


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: Account) -> Self:
        """Everybody sees the own tokens only; those of others do not exist."""
        return self.filter(account=user)


class ApiToken(models.Model):
    """One key of a program. ``digest`` is the SHA-256 of the token, which is shown once and never stored."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="tokens")
    name = models.CharField(_("purpose"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_on = models.DateField(_("expires on"))
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_on < timezone.localdate()

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and not self.is_expired
