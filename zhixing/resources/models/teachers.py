"""Teachers (师资): who they are, what they teach and which account is theirs."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Account, Unit
from zhixing.resources.models.keeping import Topic
from zhixing.resources.models.words import Level


class TeacherQuerySet(models.QuerySet["Teacher"]):
    def visible_to(self, user: Account) -> Self:
        """Department, auditor and school: the teachers kept in their subtree and those of the city. A teacher: the own row. Others none."""
        if user.is_teacher:
            return self.filter(account=user)
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor or user.is_school):
            return self.none()
        if user.sees_the_city:
            return self.all()
        return self.filter(Q(institution=None) | Q(institution__path__startswith=own.path))

    def active(self) -> Self:
        """Those who may be named in a session."""
        return self.filter(retired_on=None)


class Teacher(models.Model):
    """One of the four groups from which teachers are picked. ``institution`` keeps the row (none: the city's department, for all to name).

    ``topics`` are words as written, ``listed_topics`` those of the vocabulary; ``fee_class`` decides the ceiling of the fee for an hour.
    """

    class Group(models.TextChoices):
        LEADER = "leader", _("Leading cadre")
        EXPERT = "expert", _("Expert or professor")
        SCHOOL = "school", _("Party-school teacher")
        VILLAGE = "village", _("Village party secretary")

    class FeeClass(models.TextChoices):
        NONE = "none", _("No fee")
        VICE = "vice", _("Up to vice-senior title")
        SENIOR = "senior", _("Senior title")
        NOTED = "noted", _("Academician or expert known nation-wide")

    name = models.CharField(_("Name"), max_length=60)
    group = models.CharField(_("teacher group"), max_length=8, choices=Group.choices)
    institution = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="teachers", verbose_name=_("kept by")
    )
    account = models.OneToOneField(
        Account, models.PROTECT, null=True, blank=True, related_name="teacher", verbose_name=_("account")
    )
    topics = models.CharField(_("topics"), max_length=200, blank=True)
    listed_topics = models.ManyToManyField(
        Topic, related_name="teachers", blank=True, verbose_name=_("topics of the vocabulary")
    )
    levels: models.JSONField[Any, Any] = models.JSONField(_("for levels"), default=list, blank=True)
    fee_class = models.CharField(_("fee class"), max_length=6, choices=FeeClass.choices, blank=True)
    chosen_for = models.CharField(_("chosen for"), max_length=200, blank=True)
    contact = models.CharField(_("contact details"), max_length=120, blank=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    objects = TeacherQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def level_labels(self) -> str:
        return "、".join(str(Level(one).label) for one in self.levels)
