"""Problems of work (工作难题): what is difficult, blocked or painful (难点、堵点、痛点) where people work, and what comes of it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.needs.models.frameworks import Competency
from zhixing.needs.models.priorities import WEIGHTS
from zhixing.people.models import Account, Unit


class WorkProblemQuerySet(models.QuerySet["WorkProblem"]):
    def visible_to(self, user: Account) -> Self:
        """Department, auditor and liaison: of their unit subtree."""
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor or user.is_liaison):
            return self.none()
        return self.filter(unit__path__startswith=own.path)


class WorkProblem(models.Model):
    """``sort``: one of the four sorts that learning is aimed at (S10). ``weight`` 1–10 with its reason is the department's."""

    class Kind(models.TextChoices):
        DIFFICULT = "difficult", _("Difficult point")
        BLOCKED = "blocked", _("Blocked point")
        PAINFUL = "painful", _("Painful point")

    class Sort(models.TextChoices):
        PRACTICE = "practice", _("New problem of practice")
        DEEP = "deep", _("Deep problem of reform, development or stability")
        PRESSING = "pressing", _("Pressing problem of the people")
        PARTY = "party", _("Marked problem of party building")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("work problem", "Open")
        MERGED = "merged", pgettext_lazy("work problem", "Merged")
        ANSWERED = "answered", pgettext_lazy("work problem", "Answered")

    TRANSITIONS = {State.OPEN: {State.MERGED, State.ANSWERED}, State.MERGED: {State.OPEN}}

    year = models.PositiveSmallIntegerField(_("year"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="work_problems", verbose_name=_("unit"))
    kind = models.CharField(_("difficult, blocked or painful"), max_length=9, choices=Kind.choices)
    sort = models.CharField(_("sort of problem"), max_length=8, choices=Sort.choices)
    text = models.CharField(_("problem"), max_length=300)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    weight = models.PositiveSmallIntegerField(_("weight"), null=True)
    weight_reason = models.CharField(_("reason of the weight"), max_length=300, blank=True)
    competencies = models.ManyToManyField(Competency, related_name="work_problems", verbose_name=_("competencies"))
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    answered_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(auto_now_add=True)

    objects = WorkProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("problem of work")
        ordering = (models.F("weight").desc(nulls_last=True), "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(weight=None) | Q(weight__range=WEIGHTS), name="work_problem_weight_in_range"
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False) | ~Q(state="merged") & Q(merged_into=None),
                name="work_problem_merged_into_one",
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False) | ~Q(state="answered"),
                name="work_problem_answered_has_time",
            ),
        )

    def __str__(self) -> str:
        return self.text
