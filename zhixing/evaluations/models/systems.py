"""Indicator systems (指标体系): what institutions and class runs are assessed by, in versions that never change once published."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.engine.indicators import Object, System, read
from zhixing.engine.indicators.facts import FACTS
from zhixing.people.models import Unit

if TYPE_CHECKING:
    from zhixing.people.models import Account


class IndicatorSystemQuerySet(models.QuerySet["IndicatorSystem"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: systems made in their subtree and by the departments above. A school: published ones of those above it."""
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor or user.is_school):
            return self.none()
        above = Q(unit__path__in=own.paths_up)
        if user.is_school:
            return self.filter(above, versions__state=SystemVersion.State.PUBLISHED).distinct()
        return self.filter(Q(unit__path__startswith=own.path) | above)


class IndicatorSystem(models.Model):
    """One system through all its versions. ``unit``: whose department made it."""

    OBJECTS = (
        (Object.INSTITUTION.value, _("institution")),
        (Object.CLASS_RUN.value, _("class run")),
        (Object.COURSE.value, _("course")),
        (Object.PROGRAMME.value, _("programme")),
        (Object.TEXTBOOK.value, _("textbook")),
    )

    title = models.CharField(_("title"), max_length=120)
    of = models.CharField(_("what is assessed"), max_length=12, choices=OBJECTS)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IndicatorSystemQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator system")
        ordering = ("title", "id")

    def __str__(self) -> str:
        return self.title


class SystemVersion(models.Model):
    """One version. ``document`` is what the engine reads; ``edition`` counts the changes of a draft, so that two tabs do not undo each other.

    ``reason``: why this version weighs otherwise than the one before."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("form", "Draft")
        PUBLISHED = "published", pgettext_lazy("form", "Published")

    TRANSITIONS = {State.DRAFT: {State.PUBLISHED}}

    system = models.ForeignKey(IndicatorSystem, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    document: models.JSONField[Any, Any] = models.JSONField()
    edition = models.PositiveIntegerField(default=1)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("version of an indicator system")
        ordering = ("system_id", "-number")
        constraints = (
            models.UniqueConstraint(fields=("system", "number"), name="system_version_once_per_number"),
            models.UniqueConstraint(fields=("system",), condition=Q(state="draft"), name="system_has_one_draft"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="system_version_published_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.system} {self.number}"

    @cached_property
    def tree(self) -> System:
        """The system as the engine reads it. Raises ``DefinitionError`` for a draft that is not ready."""
        return read(self.document, FACTS)
