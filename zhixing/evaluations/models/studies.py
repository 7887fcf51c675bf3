"""Studies (效果研究): whether those called do better for it. What was planned, and what came out, are rows that the database lets nobody change."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.people.models import Account, Unit


class StudyQuerySet(models.QuerySet["Study"]):
    def visible_to(self, user: Account) -> Self:
        """Of department and auditor: those of their own unit and below."""
        if user.scope_unit is None or not (user.is_department or user.is_auditor):
            return self.none()
        return self.filter(unit__path__startswith=user.scope_unit.path)


class Study(models.Model):
    """A plan made before outcomes are known. ``same`` and ``near``: headings of what must agree, and of numbers that must lie near (matched only).

    ``called`` and ``compared`` people, ``correlation`` of an earlier measurement with the outcome, ``per_cluster`` people taught together whose outcomes agree
    by ``icc``; ``spread``: the standard deviation of the outcome, where it is known. ``smallest``: the effect that would be seen in four of five cases, in
    standard deviations, as it was shown before the study began."""

    class Design(models.TextChoices):
        MATCHED = "matched", pgettext_lazy("study", "Called beside people like them")
        COHORTS = "cohorts", pgettext_lazy("study", "One cohort called after another")

    class Source(models.TextChoices):
        UPLOAD = "upload", pgettext_lazy("study", "A sheet that is handed in")
        HOURS = "hours", pgettext_lazy("study", "Hours of the year after, from the system")

    title = models.CharField(_("what is asked"), max_length=120)
    outcome = models.CharField(pgettext_lazy("study", "outcome"), max_length=120)
    design = models.CharField(_("design"), max_length=7, choices=Design.choices)
    source = models.CharField(_("outcomes from"), max_length=6, choices=Source.choices)
    less_is_better = models.BooleanField(_("less is better"), default=False)
    same = models.JSONField(default=list)
    near = models.JSONField(default=list)
    theme = models.CharField(_("theme"), max_length=60, blank=True)
    year = models.PositiveSmallIntegerField(_("year of the call"), null=True)
    called = models.PositiveIntegerField(_("people called"))
    compared = models.PositiveIntegerField(_("people compared with"))
    correlation = models.FloatField(default=0.0)
    per_cluster = models.FloatField(default=1.0)
    icc = models.FloatField(default=0.0)
    spread = models.FloatField(null=True)
    smallest = models.FloatField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("begun by"))
    at = models.DateTimeField(_("begun at"), auto_now_add=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = _("study")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(called__gt=0, compared__gt=0, smallest__gt=0), name="study_can_see"),
            models.CheckConstraint(
                condition=Q(source="upload", theme="", year=None)
                | (Q(source="hours", design="matched", year__isnull=False) & ~Q(theme="")),
                name="study_has_its_source",
            ),
        )

    def __str__(self) -> str:
        return self.title


class StudyResult(models.Model):
    """What came out, once and for good. ``found``: plain figures of groups; nothing of any person is kept, the sheet least of all (its ``digest`` is)."""

    study = models.OneToOneField(Study, models.PROTECT, related_name="result")
    found: models.JSONField[Any, Any] = models.JSONField()
    digest = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.study} {self.found.get('verdict')}"
