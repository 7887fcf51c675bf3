"""Printed textbooks and other materials (教材): the stock of an institution, what a class hands out, and who got it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.callups.models import Callup
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun, in_charge

if TYPE_CHECKING:
    from zhixing.people.models import Account


class MaterialQuerySet(models.QuerySet["Material"]):
    def visible_to(self, user: Account) -> Self:
        """The stock of the institutions in the scope of department, auditor and institution. Others none."""
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor or user.is_school):
            return self.none()
        return self.filter(institution__path__startswith=own.path)


class Material(models.Model):
    """A title at one institution. ``stock``: copies on the shelf; what is handed out is not among them."""

    institution = models.ForeignKey(
        Unit, models.PROTECT, related_name="materials", verbose_name=_("training institution")
    )
    name = models.CharField(_("title"), max_length=120)
    edition = models.CharField(_("edition"), max_length=60, blank=True)
    stock = models.PositiveIntegerField(_("in stock"), default=0)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        ordering = ("name", "edition", "id")
        constraints = (
            models.UniqueConstraint(fields=("institution", "name", "edition"), name="material_once_per_institution"),
            models.CheckConstraint(condition=Q(stock__gte=0), name="material_stock_not_below_zero"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.edition}".strip()


class HandoutQuerySet(models.QuerySet["Handout"]):
    def visible_to(self, user: Account) -> Self:
        """Of class runs that the user answers for."""
        return self.filter(in_charge(user, "class_run__"))


class Handout(models.Model):
    """A material that a class run hands out; ``comes_back``: to be returned at the end."""

    class_run = models.ForeignKey(ClassRun, models.CASCADE, related_name="handouts")
    material = models.ForeignKey(Material, models.PROTECT, related_name="handouts", verbose_name=_("material"))
    comes_back = models.BooleanField(_("to be returned"), default=False)

    objects = HandoutQuerySet.as_manager()

    class Meta:
        ordering = ("material__name", "id")
        constraints = (models.UniqueConstraint(fields=("class_run", "material"), name="handout_once_per_class_run"),)

    def __str__(self) -> str:
        return f"{self.class_run_id} {self.material_id}"


class Issue(models.Model):
    """One copy given to one person, and its return."""

    handout = models.ForeignKey(Handout, models.PROTECT, related_name="issues")
    callup = models.ForeignKey(Callup, models.PROTECT, related_name="issues")
    issued_at = models.DateTimeField(auto_now_add=True)
    issued_by_id = models.BigIntegerField()
    returned_at = models.DateTimeField(null=True)
    returned_by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("handout", "callup"), condition=Q(returned_at=None), name="issue_one_copy_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.handout_id} → {self.callup_id}"
