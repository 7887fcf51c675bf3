"""What every bank has: somebody keeps the row, and it is retired rather than deleted."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Account, Unit

Row = TypeVar("Row", bound=models.Model)


def kept_near(unit: Unit | None) -> Q:
    """Kept by the city, or in the unit and below it."""
    by_city = Q(institution=None)
    return by_city | Q(institution__path__startswith=unit.path) if unit else by_city


class Keeping(models.QuerySet[Row]):
    def visible_to(self, user: Account) -> Self:
        """Department, auditor, school: what is kept in their subtree, and what the city keeps. A teacher: the catalogue, which is what is in use in the
        own institution and in the city, and the own rows. Others none.
        """
        if user.is_teacher:
            return self._catalogue_of(user)
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor or user.is_school):
            return self.none()
        return self.all() if user.sees_the_city else self.filter(kept_near(own))

    def _catalogue_of(self, user: Account) -> Self:
        register = getattr(user, "teacher", None)
        near = kept_near(register.institution if register else None)
        return self.filter(near & self.in_catalogue() | self.own_rows(user))

    def in_catalogue(self) -> Q:
        """What a teacher may choose from."""
        return Q(retired_on=None)

    def own_rows(self, user: Account) -> Q:
        """What a teacher has a part in."""
        return Q(pk__in=())

    def active(self) -> Self:
        return self.filter(retired_on=None)


class Kept(models.Model):
    """``institution`` keeps the row (none: the city's department, for all to use)."""

    institution = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kept by")
    )
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    class Meta:
        abstract = True


def once_per_keeper(field: str, what: str) -> tuple[models.UniqueConstraint, ...]:
    """No two rows of one keeper are called the same; null is no keeper for a constraint, so the city's have one of their own."""
    return (
        models.UniqueConstraint(fields=("institution", field), name=f"{what}_once_per_institution"),
        models.UniqueConstraint(fields=(field,), condition=Q(institution=None), name=f"{what}_once_in_the_city"),
    )


def competency_codes() -> models.JSONField[list[str], list[str]]:
    """Codes of competencies of the city's framework, sorted; they stay the same from version to version, and the frameworks lie in an app above."""
    return models.JSONField(_("competencies"), default=list, blank=True)


class Topic(models.Model):
    """A word of the vocabulary that all banks share (主题). ``competencies`` link it to needs; ``stated_in`` is the paper or survey that states a need
    for it, which counts where no competency is linked; blank: nobody has stated one.
    """

    class Gap(models.TextChoices):
        KNOWLEDGE = "knowledge", _("Knowledge")
        QUALITY = "quality", _("Quality")
        SKILL = "skill", _("Skill")

    name = models.CharField(_("topic"), max_length=60, unique=True)
    gap = models.CharField(_("kind of gap"), max_length=9, choices=Gap.choices, default=Gap.KNOWLEDGE)
    stated_in = models.CharField(_("need stated in"), max_length=200, blank=True)
    competencies = competency_codes()
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    class Meta:
        verbose_name = _("topic")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
