"""The unit tree (机构), dated: what a unit was called and where it hung on any day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from zhixing.people.models.accounts import Account


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, user: Account) -> Self:
        """The user's own subtree; the whole tree for users without a scope limit."""
        return self.within(user.scope_unit) if user.scope_unit else self.none()

    def right_below(self, user: Account) -> Self:
        """The children of the user's own unit, in the order of the tree."""
        return self.visible_to(user).filter(parent=user.scope_unit_id or 0).order_by("path")

    def within(self, unit: Unit) -> Self:
        """``unit`` and everything below it, today."""
        return self.filter(path__startswith=unit.path)

    def holding(self, field: str, unit: Unit) -> Q:
        """The condition on rows of another table that their ``field`` lies within ``unit``.

        The root holds nearly every row, so each is looked up as it comes; a smaller subtree begins with its few units.
        """
        if unit.parent_id is None:
            return Q(Exists(self.within(unit).filter(pk=OuterRef(field))))
        return Q(**{f"{field}__path__startswith": unit.path})


class Unit(models.Model):
    """A body of the city. ``name``, ``parent`` and ``path`` are today's; ``placements`` hold every day's."""

    class Kind(models.TextChoices):
        CITY = "city", _("City")
        ORGAN = "organ", _("City organ")
        COUNTY = "county", _("County or district")
        TOWNSHIP = "township", _("Township or subdistrict")
        INSTITUTION = "institution", _("Public institution")
        ENTERPRISE = "enterprise", _("State-owned enterprise")
        SCHOOL = "school", _("Training institution")

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, db_index=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=120, unique=True)
    position = models.PositiveIntegerField(default=0)
    opened_on = models.DateField(default=dt.date(1949, 10, 1))
    closed_on = models.DateField(null=True, blank=True)
    away_max = models.PositiveIntegerField(null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("path",)
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")), name="unit_closes_after_opening"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def paths_up(self) -> list[str]:
        """The path of the unit and of every unit above it: of ``1.2.`` they are ``1.`` and ``1.2.``."""
        parts = self.path.rstrip(".").split(".")
        return [".".join(parts[: n + 1]) + "." for n in range(len(parts))]

    @property
    def level(self) -> int:
        """1 for the city itself."""
        return self.path.count(".")


class UnitPlacement(models.Model):
    """What a unit was called and where it hung from ``from_on`` to ``to_on``, both included; open-ended when ``to_on`` is empty."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="placements")
    parent = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="placed_below")
    name = models.CharField(max_length=120)
    from_on = models.DateField()
    to_on = models.DateField(null=True)

    class Meta:
        ordering = ("from_on",)
        constraints = (
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="placement_ends_after_start"
            ),
            models.UniqueConstraint(fields=("unit",), condition=Q(to_on=None), name="placement_one_open_per_unit"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.from_on}"
