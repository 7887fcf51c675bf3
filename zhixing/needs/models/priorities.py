"""Priorities of the authority (上级重点任务): the needs of the times (时代需求), each with its source and weight."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.needs.models.frameworks import Competency, made_for
from zhixing.people.models import Account, Unit

WEIGHTS = (1, 10)


class PriorityQuerySet(models.QuerySet["Priority"]):
    def visible_to(self, user: Account) -> Self:
        return self.filter(made_for(user))


class Priority(models.Model):
    """``rank_groups``: for whom; an empty list: for all. ``weight`` 1–10 is what the department gives it, beside the other priorities of the year."""

    class State(models.TextChoices):
        IN_FORCE = "in_force", pgettext_lazy("priority", "In force")
        WITHDRAWN = "withdrawn", pgettext_lazy("priority", "Withdrawn")

    TRANSITIONS = {State.IN_FORCE: {State.WITHDRAWN}}

    year = models.PositiveSmallIntegerField(_("year"))
    title = models.CharField(_("priority"), max_length=120)
    source = models.CharField(_("source document"), max_length=200)
    weight = models.PositiveSmallIntegerField(_("weight"))
    competencies = models.ManyToManyField(Competency, related_name="priorities", verbose_name=_("competencies"))
    rank_groups = models.JSONField(_("rank groups"), default=list)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.IN_FORCE)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(auto_now_add=True)

    objects = PriorityQuerySet.as_manager()

    class Meta:
        verbose_name = _("priority of the authority")
        ordering = ("-year", "-weight", "title")
        constraints = (
            models.CheckConstraint(condition=Q(weight__range=WEIGHTS), name="priority_weight_in_range"),
            models.UniqueConstraint(
                fields=("unit", "year", "title"), condition=Q(state="in_force"), name="priority_once_a_year"
            ),
        )

    def __str__(self) -> str:
        return self.title
