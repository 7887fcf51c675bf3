"""Teachers (师资): for now the register that sessions and accounts need; the banks of courses, cases and sites come with their own issue."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Account, Unit


class Teacher(models.Model):
    """One of the four groups from which teachers are picked."""

    class Group(models.TextChoices):
        LEADER = "leader", _("Leading cadre")
        EXPERT = "expert", _("Expert or professor")
        SCHOOL = "school", _("Party-school teacher")
        VILLAGE = "village", _("Village party secretary")

    name = models.CharField(_("name"), max_length=60)
    group = models.CharField(_("group"), max_length=8, choices=Group.choices)
    school = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="teachers")
    account = models.OneToOneField(Account, models.PROTECT, null=True, blank=True, related_name="teacher")
    topics = models.CharField(_("topics"), max_length=200, blank=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name
