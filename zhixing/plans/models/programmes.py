"""Programmes (培训项目): templates from which lines of an annual plan are made; and what institutions have room for (承训能力)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.needs.models import Competency
from zhixing.people.models import Account, Unit


class Term(models.IntegerChoices):
    """The parts of a year that a plan speaks of; dates come with the class runs."""

    FIRST = 1, _("First quarter")
    SECOND = 2, _("Second quarter")
    THIRD = 3, _("Third quarter")
    FOURTH = 4, _("Fourth quarter")


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: those of their departments and above. School: those of the departments above. Others none."""
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor or user.is_school) or user.is_class_head:
            return self.none()
        above = Q(unit__path__in=own.paths_up)
        return self.filter(above if user.is_school else above | Q(unit__path__startswith=own.path))

    def in_use(self) -> Self:
        return self.filter(state=Programme.State.IN_USE)


class Programme(models.Model):
    """A template of class runs. All hours are tenths, all money cents.

    ``content_tenths``: content block → tenths, ``method_tenths``: method → tenths; each adds up to ``tenths``. ``parts``: the three parts
    ``theory`` (理论导入), ``discussion`` (研讨交流), ``practice`` (实践运用) and the three places ``classroom`` (课堂), ``site`` (现场),
    ``online`` (互联网), in tenths; each three add up to ``tenths`` or are left out. ``teacher_days``: topic → days of one run.
    ``leading``: for members of leading groups. ``runs_min``, ``runs_max``: of a year.
    """

    class Kind(models.TextChoices):
        MAIN = "main", pgettext_lazy("programme", "Main class")
        BUSINESS = "business", pgettext_lazy("programme", "Business training")
        SPECIAL = "special", pgettext_lazy("programme", "Special-subject class")
        ONLINE = "online", pgettext_lazy("programme", "Online class")

    class State(models.TextChoices):
        IN_USE = "in_use", pgettext_lazy("programme", "In use")
        RETIRED = "retired", pgettext_lazy("programme", "Retired")

    TRANSITIONS = {State.IN_USE: {State.RETIRED}, State.RETIRED: {State.IN_USE}}

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("programme"), max_length=100)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.IN_USE)
    theme = models.CharField(_("theme"), max_length=60, blank=True)
    days = models.PositiveSmallIntegerField(_("days"))
    tenths = models.PositiveIntegerField(_("hours (tenths)"))
    content_tenths = models.JSONField(_("hours by content block"), default=dict)
    method_tenths = models.JSONField(_("hours by method"), default=dict)
    leader_tenths = models.PositiveIntegerField(_("hours taught by leading cadres"), default=0)
    parts = models.JSONField(_("parts"), default=dict)
    size_min = models.PositiveSmallIntegerField(_("fewest people"))
    size_max = models.PositiveSmallIntegerField(_("most people"))
    person_day_cents = models.PositiveIntegerField(_("money per person and day"), default=0)
    run_cents = models.PositiveIntegerField(_("money per run"), default=0)
    teacher_days = models.JSONField(_("teacher days by topic"), default=dict)
    rank_groups = models.JSONField(_("rank groups"), default=list)
    leading = models.BooleanField(_("for members of leading groups"), default=False)
    runs_min = models.PositiveSmallIntegerField(_("fewest runs a year"), default=0)
    runs_max = models.PositiveSmallIntegerField(_("most runs a year"), null=True, blank=True)
    competencies = models.ManyToManyField(
        Competency, through="plans.ProgrammeCompetency", related_name="programmes", verbose_name=_("competencies")
    )
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(auto_now_add=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        ordering = ("kind", "code")
        constraints = (
            models.UniqueConstraint(fields=("unit", "code"), name="programme_once_per_code"),
            models.CheckConstraint(condition=Q(size_min__gte=1, size_max__gte=F("size_min")), name="programme_sizes"),
            models.CheckConstraint(condition=Q(days__gte=1), name="programme_has_a_day"),
            models.CheckConstraint(condition=Q(leader_tenths__lte=F("tenths")), name="programme_leaders_within_hours"),
            models.CheckConstraint(
                condition=Q(runs_max=None) | Q(runs_max__gte=F("runs_min")), name="programme_runs_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ProgrammeCompetency(models.Model):
    """How much of the gap in a competency the programme covers, 1–100 percent."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="covers")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="covered_by")
    strength = models.PositiveSmallIntegerField(_("strength"))

    class Meta:
        verbose_name = _("competency of a programme")
        ordering = ("programme_id", "-strength", "id")
        constraints = (
            models.UniqueConstraint(fields=("programme", "competency"), name="programme_covers_once"),
            models.CheckConstraint(condition=Q(strength__range=(1, 100)), name="programme_strength_in_range"),
        )

    def __str__(self) -> str:
        return f"{self.programme_id} {self.competency_id} {self.strength}"


class CapacityQuerySet(models.QuerySet["Capacity"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: of the institutions of their subtree. School: the own. Others none."""
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor or user.is_school) or user.is_class_head:
            return self.none()
        return self.filter(institution__path__startswith=own.path)


class Capacity(models.Model):
    """What an institution has in one quarter: class runs and people at once, teacher days by topic, its rate per person and day."""

    institution = models.ForeignKey(Unit, models.PROTECT, related_name="capacities", verbose_name=_("institution"))
    year = models.PositiveSmallIntegerField(_("year"))
    term = models.PositiveSmallIntegerField(_("term"), choices=Term.choices)
    runs_at_once = models.PositiveSmallIntegerField(_("class runs at once"))
    seats = models.PositiveIntegerField(_("people at once"))
    teacher_days = models.JSONField(_("teacher days by topic"), default=dict)
    rate_cents = models.PositiveIntegerField(_("rate per person and day"), default=0)
    closed = models.BooleanField(_("closed"), default=False)

    objects = CapacityQuerySet.as_manager()

    class Meta:
        verbose_name = _("capacity of an institution")
        ordering = ("year", "institution__path", "term")
        constraints = (
            models.UniqueConstraint(fields=("institution", "year", "term"), name="capacity_once_a_term"),
            models.CheckConstraint(condition=Q(term__range=(1, 4)), name="capacity_term_in_range"),
        )

    def __str__(self) -> str:
        return f"{self.institution_id} {self.year} {self.term}"
