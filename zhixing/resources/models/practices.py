"""Practices worth copying (经验做法): under which conditions, and who took them up."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.people.models import Account, Unit
from zhixing.resources.models.keeping import Keeping, Kept, Topic, once_per_keeper


class PracticeQuerySet(Keeping["Practice"]):
    pass


class Practice(Kept):
    """``origin``: the unit that did it first; ``conditions``: where it can be copied and what it needs."""

    title = models.CharField(pgettext_lazy("bank", "title"), max_length=120)
    origin = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit that did it")
    )
    topics = models.ManyToManyField(
        Topic, related_name="practices", blank=True, verbose_name=pgettext_lazy("bank", "topics")
    )
    text = models.TextField(_("what was done"), max_length=4000, blank=True)
    conditions = models.TextField(_("conditions of use"), max_length=2000)

    objects = PracticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("practice")
        ordering = ("title", "id")
        constraints = once_per_keeper("title", "practice")

    def __str__(self) -> str:
        return self.title


class Uptake(models.Model):
    """One unit took a practice up. Rows are added, never changed."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="uptakes")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit that took it up"))
    on = models.DateField(_("since"))
    note = models.CharField(_("what came of it"), max_length=500, blank=True)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("entered at"), auto_now_add=True)

    class Meta:
        verbose_name = _("uptake of a practice")
        ordering = ("-on", "id")
        constraints = (models.UniqueConstraint(fields=("practice", "unit"), name="uptake_once_per_unit"),)

    def __str__(self) -> str:
        return f"{self.practice_id} {self.unit_id}"
