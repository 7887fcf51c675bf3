"""Promotion checks (提拔任职资格（培训）核查): who was asked about, as of which day. The answer is computed each time it is opened."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhixing.people.models.scope import ScopedByAccount


class PromotionCheck(models.Model):
    """``people`` are keys of persons in the order of the list; ``problems`` what was named and not found, as fields of ``RowProblem``.

    Never changed: another list is another check.
    """

    title = models.CharField(_("what for"), max_length=120, blank=True)
    on = models.DateField(_("as of"))
    known_on = models.DateField(_("as known at the end of"))
    people = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedByAccount["PromotionCheck"].as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.title or f"promotion check {self.pk}"
