"""Persons and their dated postings: who was in which unit and rank on any day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.people.models.units import Unit

if TYPE_CHECKING:
    from zhixing.people.models.accounts import Account


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: Account) -> Self:
        """Department, auditor and liaison: their unit subtree. A trainee: the own row. School staff and teachers see people through class runs only."""
        if user.is_department or user.is_auditor or user.is_liaison:
            return self.filter(unit__path__startswith=user.scope_unit.path) if user.scope_unit else self.none()
        return self.filter(pk=user.person_id) if user.person_id else self.none()

    def within(self, unit: Unit) -> Self:
        """Those of ``unit`` and of what lies below it."""
        return self.filter(unit__path__startswith=unit.path)

    def serving(self) -> Self:
        return self.filter(status=Person.Status.SERVING)


class Person(models.Model):
    """A public servant. ``unit``, ``rank``, ``grade``, ``title`` … repeat the principal posting in force today, for lists; ``postings`` are the facts.

    ``entered_at``: when the person came on record, null: with the city itself. ``service_recorded_at``: since when ``joined_on`` and
    ``left_on`` are known to be these, null: ever since; a trigger sets it and keeps the older ones as ``PastService``.
    """

    class Sex(models.TextChoices):
        MALE = "m", _("Male")
        FEMALE = "f", _("Female")

    class Status(models.TextChoices):
        SERVING = "serving", _("Serving")
        OFF_POST = "off_post", _("Off post")
        SECONDED = "seconded", _("Seconded")
        RETIRED = "retired", _("Retired")
        LEFT = "left", _("Left")

    number = models.CharField(_("staff number"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60, db_index=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, blank=True)
    born_on = models.DateField(_("born"), null=True, blank=True)
    id_sealed = models.BinaryField(null=True)
    id_index = models.CharField(max_length=64, null=True, unique=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    work_began_on = models.DateField(_("began work"), null=True, blank=True)
    joined_on = models.DateField(_("joined"))
    left_on = models.DateField(_("left"), null=True, blank=True)
    entered_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    service_recorded_at = models.DateTimeField(null=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.SERVING, db_index=True)
    category = models.CharField(_("category"), max_length=30, blank=True, db_index=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="people")
    department = models.CharField(_("internal department"), max_length=80, blank=True)
    title = models.CharField(_("post"), max_length=80, blank=True)
    rank = models.CharField(_("rank"), max_length=20, blank=True, db_index=True)
    grade = models.CharField(_("grade"), max_length=20, blank=True, db_index=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        indexes = (models.Index(fields=("unit", "status", "number"), name="person_by_unit"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")), name="person_leaves_after_joining"
            ),
            models.CheckConstraint(
                condition=Q(id_index=None) | Q(id_sealed__isnull=False), name="person_id_sealed_with_index"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def effective_rank(self) -> str:
        """职务层次, else 职级: what policies and classes look at."""
        return self.rank or self.grade


class PostingQuerySet(models.QuerySet["Posting"]):
    def in_force(self, on: dt.date) -> Self:
        return self.filter(Q(to_on=None) | Q(to_on__gte=on), from_on__lte=on)


class Posting(models.Model):
    """One post held from ``from_on`` to ``to_on``, both included. Rank (职务层次) and grade (职级) are two fields; several postings may run at once.

    ``recorded_at``: since when this version is known, null: ever since. That holds for the post with which a person first came on
    record; triggers set it for all others, and keep what a change or deletion replaces as ``PastPosting``.
    """

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="postings", db_index=False
    )  # posting_by_person leads
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings")
    department = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=80, blank=True)
    rank = models.CharField(max_length=20, blank=True)
    grade = models.CharField(max_length=20, blank=True)
    rank_since = models.DateField(null=True, blank=True)
    grade_since = models.DateField(null=True, blank=True)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    is_principal = models.BooleanField(default=True)
    promoted = models.BooleanField(default=False)
    brought_by = models.ForeignKey(
        "people.RosterImport", models.PROTECT, null=True, blank=True, related_name="postings"
    )
    recorded_at = models.DateTimeField(null=True, editable=False)

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ("person_id", "from_on", "id")
        indexes = (
            models.Index(fields=("unit", "from_on"), name="posting_by_unit"),
            models.Index(fields=("person", "-is_principal", "from_on"), name="posting_by_person"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="posting_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=("person",), condition=Q(to_on=None, is_principal=True), name="posting_one_open_principal"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.unit_id} {self.from_on}"


class PastPosting(models.Model):
    """A version of a posting that was known from ``recorded_at`` (null: ever since) until ``superseded_at``, by what standings look at.

    Written by triggers, append-only. It outlives what an undone import takes away, so the database holds no key.
    """

    posting_id = models.BigIntegerField()
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False)
    rank = models.CharField(max_length=20, blank=True)
    grade = models.CharField(max_length=20, blank=True)
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    is_principal = models.BooleanField()
    promoted = models.BooleanField()
    recorded_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("person", "superseded_at"), name="past_posting_by_person"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.unit_id} {self.from_on} until {self.superseded_at}"


class PastService(models.Model):
    """The days of joining and leaving of a person as they were known from ``recorded_at`` (null: ever since) until ``superseded_at``.

    Written by triggers, append-only, as ``PastPosting``.
    """

    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    entered_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("person", "superseded_at"), name="past_service_by_person"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.joined_on} until {self.superseded_at}"


class RecordReading(models.Model):
    """Who looked at whose record and when; open to the person concerned. Append-only by trigger.

    A reading outlives the person whom a rolled-back import takes away, so the database holds no key to it.
    """

    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="readings", db_constraint=False)
    reader = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    page = models.CharField(max_length=40)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("person", "-id"), name="reading_by_person"),)

    def __str__(self) -> str:
        return f"{self.reader_id} read {self.person_id}"
