"""Evidence of needs (需求依据): what the system knows already, brought by the apps that know it, in one form."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.needs.models.frameworks import Competency, RankGroup
from zhixing.people.models import Account, Unit


class NeedsEvidenceQuerySet(models.QuerySet["NeedsEvidence"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: of their subtree, and what is of no unit."""
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor):
            return self.none()
        return self.filter(Q(unit=None) | Q(unit__path__startswith=own.path))


class NeedsEvidence(models.Model):
    """One finding about ``n`` people. ``key`` is the source's own: put again, it replaces what was said before.

    ``value`` in hundredths of what the ``code`` tells (hours, percent, points); ``weight`` 1–100 is how much the source says it should count.
    ``withdrawn``: the department lets it count for nothing, until it takes that back; brought again it stays so.
    A ``competency``, or a ``topic`` (a word by which competencies are found), says what it is about; neither: the people, whatever they learn.
    """

    class Source(models.TextChoices):
        HOURS = "hours", _("Hours owed")
        EXAM = "exam", _("Weak exam topic")
        EVALUATION = "evaluation", _("Evaluation")
        MISSED = "missed", _("Missed make-ups")
        SURVEY = "survey", _("Survey")
        PRIORITY = "priority", _("Priority of the authority")
        PROBLEM = "problem", _("Problem of work")

    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    key = models.CharField(max_length=80)
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="evidence")
    topic = models.CharField(_("topic"), max_length=60, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    rank_group = models.CharField(_("rank group"), max_length=8, choices=RankGroup.choices, blank=True)
    n = models.PositiveIntegerField(_("people"))
    value = models.IntegerField()
    weight = models.PositiveSmallIntegerField(_("weight"))
    code = models.CharField(max_length=40)
    withdrawn = models.BooleanField(_("taken out"), default=False)
    at = models.DateTimeField(auto_now=True)

    objects = NeedsEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence of a need")
        ordering = ("year", "source", "key")
        constraints = (
            models.UniqueConstraint(fields=("year", "source", "key"), name="needs_evidence_once_per_key"),
            models.CheckConstraint(condition=Q(weight__range=(1, 100)), name="needs_evidence_weight_in_range"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.key}"
