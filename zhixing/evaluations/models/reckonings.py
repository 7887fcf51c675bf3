"""Reckonings: figures that take a solver, kept so that a page shows them at once. They can be made again at any time."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reckoning(models.Model):
    """``found``: what was reckoned for ``scope``; it holds as long as what it was reckoned from has the same ``digest``.

    Nobody looks at it by itself: whoever asks has been let to the surveys whose figures these are."""

    kind = models.CharField(max_length=20)
    scope = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    found: models.JSONField[Any, Any] = models.JSONField()
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("reckoning")
        constraints = (models.UniqueConstraint(fields=("kind", "scope"), name="reckoning_once_per_scope"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.scope}"
