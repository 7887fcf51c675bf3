"""Indicator systems (指标体系): what institutions and class runs are assessed by, in versions that never change once published."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.engine.indicators import Object, System, read
from zhixing.engine.indicators.facts import FACTS
from zhixing.evaluations.models.versions import Version, made_for
from zhixing.people.models import Unit

if TYPE_CHECKING:
    from zhixing.people.models import Account


class IndicatorSystemQuerySet(models.QuerySet["IndicatorSystem"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: systems made in their subtree and by the departments above. A school: published ones of those above it."""
        if user.is_school and user.scope_unit:
            above = Q(unit__path__in=user.scope_unit.paths_up)
            return self.filter(above, versions__state=Version.State.PUBLISHED).distinct()
        return self.filter(made_for(user))


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


class SystemVersion(Version):
    """One version of a system; ``document`` is what the engine reads, ``reason`` why it weighs otherwise than the one before."""

    OF = "system"

    system = models.ForeignKey(IndicatorSystem, models.CASCADE, related_name="versions")
    reason = models.CharField(_("reason"), max_length=300, blank=True)

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

    @cached_property
    def tree(self) -> System:
        """The system as the engine reads it. Raises ``DefinitionError`` for a draft that is not ready."""
        return read(self.document, FACTS)
