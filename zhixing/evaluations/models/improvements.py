"""Improvements (整改任务): what an institution is asked to mend after an assessment, by whom there and until when."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.evaluations.models.assessments import Assessment, of_institutions
from zhixing.people.models import Account, Unit


class ImprovementQuerySet(models.QuerySet["Improvement"]):
    def visible_to(self, user: Account) -> Self:
        return self.filter(of_institutions(user, "institution__"))

    def overdue(self, today: dt.date) -> Self:
        return self.filter(state=Improvement.State.OPEN, due_on__lt=today)


class Improvement(models.Model):
    """One task. ``code``: the indicator that it is about, empty for the whole. ``owner``: who at the institution answers for it, as written."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("improvement", "To be mended")
        DONE = "done", pgettext_lazy("improvement", "Reported as mended")
        CLOSED = "closed", pgettext_lazy("improvement", "Mended")

    TRANSITIONS = {State.OPEN: {State.DONE}, State.DONE: {State.OPEN, State.CLOSED}}

    institution = models.ForeignKey(Unit, models.PROTECT, related_name="improvements")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="improvements")
    code = models.CharField(max_length=20, blank=True)
    text = models.CharField(_("what is to be mended"), max_length=300)
    owner = models.CharField(_("who answers for it"), max_length=60)
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.OPEN)
    report = models.CharField(_("what was done"), max_length=500, blank=True)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.BigIntegerField(null=True)

    objects = ImprovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("improvement")
        ordering = ("due_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False), name="improvement_closed_has_time"
            ),
        )

    def __str__(self) -> str:
        return self.text
