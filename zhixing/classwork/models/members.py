"""Study groups with their leaders, and the committee of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.callups.models import Callup
from zhixing.plans.models import ClassRun, in_charge

if TYPE_CHECKING:
    from zhixing.people.models import Account


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, user: Account) -> Self:
        """Whoever answers for the class run; a trainee the own class."""
        mine = (
            Q(class_run__callups__in=Callup.objects.of_person(user).holding_a_seat()) if user.person_id else Q(pk=None)
        )
        return self.filter(in_charge(user, "class_run__") | mine).distinct()

    def present(self) -> Self:
        """Of those who still hold a seat: who was excused or replaced stands in no group."""
        return self.filter(callup__seat__isnull=False)


class Member(models.Model):
    """Where one person of a class stands: in which study group, whether as its leader (组长), and in which office of the committee (班委)."""

    class Office(models.TextChoices):
        MONITOR = "monitor", _("Monitor")
        DEPUTY = "deputy", _("Deputy monitor")
        SECRETARY = "secretary", _("Secretary of the temporary party branch")
        STUDY = "study", _("Study officer")
        LIFE = "life", _("Life officer")
        DISCIPLINE = "discipline", _("Discipline officer")
        CULTURE = "culture", _("Culture and sports officer")

    callup = models.OneToOneField(Callup, models.PROTECT, related_name="member")
    class_run = models.ForeignKey(ClassRun, models.CASCADE, related_name="members")
    group = models.PositiveSmallIntegerField(null=True)
    leads = models.BooleanField(default=False)
    office = models.CharField(max_length=10, choices=Office.choices, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ("class_run_id", "group", "-leads", "callup_id")
        constraints = (
            models.UniqueConstraint(
                fields=("class_run", "group"), condition=Q(leads=True), name="study_group_has_one_leader"
            ),
            models.UniqueConstraint(
                fields=("class_run",), condition=Q(office="monitor"), name="class_run_has_one_monitor"
            ),
            models.CheckConstraint(condition=Q(leads=False) | Q(group__gte=1), name="study_group_leader_is_in_one"),
        )

    def __str__(self) -> str:
        return f"{self.callup_id} group {self.group}"

    @property
    def posts(self) -> str:
        """Leader and office in words, empty for most."""
        return "、".join(
            str(post) for post in (_("group leader") if self.leads else "", self.get_office_display()) if post
        )
