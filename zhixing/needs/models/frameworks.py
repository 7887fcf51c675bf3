"""Competency frameworks (能力框架): what posts ask of people, in levels that describe what one sees; and which post asks which level."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.engine.needs.rank_groups import BUREAU, COUNTY, STAFF, TOWNSHIP
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Content

LEVELS = (1, 5)
"""The lowest and the highest level of a competency."""


class GapKind(models.TextChoices):
    """What somebody lacks who lacks it (知识空白、素质短板、能力弱项)."""

    KNOWLEDGE = "knowledge", _("Knowledge")
    QUALITY = "quality", _("Quality")
    SKILL = "skill", _("Skill")


class RankGroup(models.TextChoices):
    """The groups of ranks that ``engine.needs.rank_groups`` tells."""

    BUREAU = BUREAU, _("Bureau rank")
    COUNTY = COUNTY, _("County rank")
    TOWNSHIP = TOWNSHIP, _("Township rank")
    STAFF = STAFF, _("Staff")


def made_for(user: Account, at: str = "") -> Q:
    """Of what a department made (``unit``): department and auditor see that of their subtree, and of the departments above, for it applies to them, too.

    Others none."""
    own = user.scope_unit
    if own is None or not (user.is_department or user.is_auditor):
        return Q(pk__in=())
    return Q(**{f"{at}unit__path__startswith": own.path}) | Q(**{f"{at}unit__path__in": own.paths_up})


class FrameworkQuerySet(models.QuerySet["Framework"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: what their departments and those above made. Liaison and school: what is published for their unit."""
        own = user.scope_unit
        if own is not None and (user.is_liaison or user.is_school) and not user.is_class_head:
            return self.exclude(state=Framework.State.DRAFT).filter(unit__path__in=[*own.paths_up, own.path])
        return self.filter(made_for(user))


class Framework(models.Model):
    """One version of a framework. Once published its competencies, levels and post map never change: what changes is a new draft with the next number."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("framework", "Draft")
        PUBLISHED = "published", pgettext_lazy("framework", "Published")
        RETIRED = "retired", pgettext_lazy("framework", "Retired")

    TRANSITIONS = {State.DRAFT: {State.PUBLISHED}, State.PUBLISHED: {State.RETIRED}}

    name = models.CharField(_("framework"), max_length=120)
    number = models.PositiveIntegerField(_("version"), default=1)
    source = models.CharField(_("source"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    published_by_id = models.BigIntegerField(null=True)

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        verbose_name = _("competency framework")
        ordering = ("name", "-number")
        constraints = (
            models.UniqueConstraint(fields=("unit", "name", "number"), name="framework_once_per_number"),
            models.UniqueConstraint(
                fields=("unit", "name"), condition=Q(state="draft"), name="framework_has_one_draft"
            ),
            models.UniqueConstraint(
                fields=("unit", "name"), condition=Q(state="published"), name="framework_has_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False), name="framework_published_has_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Competency(models.Model):
    """What somebody knows, is or can do. ``code`` is the key that stays the same from version to version."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="competencies")
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("competency"), max_length=60)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    kind = models.CharField(_("gap type"), max_length=9, choices=GapKind.choices)
    content = models.CharField(_("content block"), max_length=12, choices=Content.choices)
    description = models.CharField(_("description"), max_length=500, blank=True)
    position = models.PositiveIntegerField(default=0)
    frozen = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("competency")
        ordering = ("framework_id", "position", "id")
        constraints = (models.UniqueConstraint(fields=("framework", "code"), name="competency_once_per_code"),)

    def __str__(self) -> str:
        return self.name


class CompetencyLevel(models.Model):
    """What one sees of somebody who has reached the level."""

    competency = models.ForeignKey(Competency, models.CASCADE, related_name="levels")
    level = models.PositiveSmallIntegerField(_("level"))
    behaviour = models.CharField(_("behaviour"), max_length=500)
    frozen = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("level of a competency")
        ordering = ("competency_id", "level")
        constraints = (
            models.UniqueConstraint(fields=("competency", "level"), name="competency_level_once"),
            models.CheckConstraint(condition=Q(level__range=LEVELS), name="competency_level_in_range"),
        )

    def __str__(self) -> str:
        return f"{self.competency_id} {self.level}"


class RequiredLevel(models.Model):
    """A line of the post map: whoever is of these ranks and categories and has ``title`` in the name of the post needs ``level`` of the competency.

    An empty list or title is no limit. Of several lines for one competency the highest level holds."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="required")
    competency = models.ForeignKey(Competency, models.CASCADE, related_name="required")
    ranks = models.JSONField(_("ranks and grades"), default=list)
    categories = models.JSONField(_("categories"), default=list)
    title = models.CharField(_("word in the name of the post"), max_length=40, blank=True)
    level = models.PositiveSmallIntegerField(_("required level"))
    frozen = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("required level")
        ordering = ("framework_id", "id")
        constraints = (models.CheckConstraint(condition=Q(level__range=LEVELS), name="required_level_in_range"),)

    def __str__(self) -> str:
        return f"{self.competency_id} {self.level}"
