"""Whom other authorities call (其他部门调训): the facts, the lists that brought them, and what stands beside call-ups of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import StoredFile
from zhixing.callups.models.callups import Callup
from zhixing.people.models import Person
from zhixing.people.models.scope import ScopedByAccount

if TYPE_CHECKING:
    from zhixing.people.models import Account


class OutsideListQuerySet(ScopedByAccount["OutsideList"]):
    def visible_to(self, user: Account) -> Self:
        """For department and auditor only: a list names people of many units."""
        return super().visible_to(user) if user.is_department or user.is_auditor else self.none()


class OutsideList(models.Model):
    """One uploaded list of another authority: read → applied → perhaps undone. The file lies sealed and is destroyed when it is of no use any more.

    ``rows`` are those that can be kept, ``{"row", "person", "caller", "document", "class_name", "theme", "place", "starts_on", "ends_on",
    "away_from", "away_to"}``; ``problems`` the others, as fields of ``RowProblem``; ``counts`` what applying or undoing did.
    """

    class State(models.TextChoices):
        READ = "read", _("Ready to apply")
        REFUSED = "refused", _("Refused")
        APPLIED = "applied", _("Applied")
        DROPPED = "dropped", _("Dropped")
        UNDONE = "undone", _("Undone")

    TRANSITIONS = {State.READ: {State.APPLIED, State.DROPPED}, State.APPLIED: {State.UNDONE}}

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.READ)
    rows = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    refusal = models.TextField(blank=True)
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    objects = OutsideListQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"outside list {self.pk}"


class OutsideCallupQuerySet(models.QuerySet["OutsideCallup"]):
    def visible_to(self, user: Account) -> Self:
        """Department, auditor and liaison: the people of their subtree. Everyone else the own ones."""
        if user.is_department or user.is_auditor or user.is_liaison:
            if user.scope_unit is None:
                return self.none()
            return self.filter(person__unit__path__startswith=user.scope_unit.path)
        return self.of_person(user)

    def of_person(self, user: Account) -> Self:
        return self.filter(person=user.person_id) if user.person_id else self.none()

    def standing(self) -> Self:
        return self.filter(state=OutsideCallup.State.STANDING)


class OutsideCallup(models.Model):
    """One named person called by another authority. A fact: only its withdrawal is written to it later.

    ``starts_on`` … ``ends_on`` are the class days, ``away_from`` … ``away_to`` the same with the travel days that the caller states;
    ``replaces`` is the fact that a later list put right.
    """

    class State(models.TextChoices):
        STANDING = "standing", _("Stands")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    TRANSITIONS = {State.STANDING: {State.WITHDRAWN}, State.WITHDRAWN: {State.STANDING}}

    person = models.ForeignKey(Person, models.PROTECT, related_name="outside_callups")
    caller = models.CharField(_("caller"), max_length=120)
    document = models.CharField(_("document number"), max_length=80, blank=True)
    class_name = models.CharField(_("class"), max_length=120)
    theme = models.CharField(_("theme"), max_length=60, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    away_from = models.DateField(_("leaves on"))
    away_to = models.DateField(_("is back on"))
    state = models.CharField(max_length=9, choices=State.choices, default=State.STANDING)
    brought_by = models.ForeignKey(OutsideList, models.PROTECT, null=True, related_name="callups")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_id = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)

    objects = OutsideCallupQuerySet.as_manager()

    class Meta:
        verbose_name = _("call-up by another authority")
        ordering = ("-starts_on", "id")
        indexes = (
            models.Index(fields=("state", "away_from", "away_to"), name="outside_by_days"),
            models.Index(fields=("caller", "document"), name="outside_by_document"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person", "caller", "class_name", "starts_on"),
                condition=Q(state="standing"),
                name="outside_stands_once",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="outside_ends_after_start"),
            models.CheckConstraint(
                condition=Q(away_from__lte=F("starts_on")) & Q(away_to__gte=F("ends_on")),
                name="outside_travel_around_class",
            ),
            models.CheckConstraint(
                condition=Q(state="standing", withdrawn_at=None) | Q(state="withdrawn", withdrawn_at__isnull=False),
                name="outside_withdrawn_has_moment",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.caller} {self.starts_on}"


class KeptClash(models.Model):
    """The department let a call-up of ours stand beside one of another authority, with the reason."""

    callup = models.ForeignKey(Callup, models.PROTECT, related_name="kept_clashes")
    outside = models.ForeignKey(OutsideCallup, models.PROTECT, related_name="kept_clashes")
    reason = models.CharField(max_length=200)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("callup", "outside"), name="clash_kept_once"),)

    def __str__(self) -> str:
        return f"{self.callup_id} beside {self.outside_id}"
