"""Policies, the hours ledger (学时台账), exemptions (减免) and the stored standings (完成情况)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Person

if TYPE_CHECKING:
    from zhixing.people.models import Account


class Policy(models.Model):
    """One signed, immutable version of a policy document. The policy in force on a day is the latest one whose ``in_force_from`` is not after it."""

    code = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    basis = models.CharField(max_length=200, blank=True)
    in_force_from = models.DateField(db_index=True)
    signed_by_id = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-in_force_from", "-version")
        constraints = (models.UniqueConstraint(fields=("code", "version"), name="policy_once_per_version"),)

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Channel(models.TextChoices):
    """How hours were earned; the values are formats.md §2's."""

    OFFJOB = "offjob", _("Full-time (off post)")
    CONCENTRATED = "concentrated", _("Other concentrated training")
    ONLINE = "online", _("Online")
    STUDY_GROUP = "study_group", _("Theory study group")
    SELF_STUDY = "self_study", _("Self-study")
    TEACHING = "teaching", _("Teaching")


class ScopedByPerson(models.QuerySet[models.Model]):
    """Rows about a person are seen by whoever sees the person."""

    def visible_to(self, user: Account) -> Self:
        return self.filter(person__in=Person.objects.visible_to(user).only("pk"))


class Entry(models.Model):
    """One line of the hours ledger. Append-only by trigger: a correction is a second entry that ``reverses`` the first.

    A course not completed or missed stays in the record with zero tenths.
    """

    class Result(models.TextChoices):
        COMPLETED = "completed", _("Completed")
        NOT_COMPLETED = "not_completed", _("Not completed")
        ABSENT = "absent", _("Absent")

    person = models.ForeignKey(Person, models.PROTECT, related_name="entries")
    earned_on = models.DateField()
    tenths = models.IntegerField()
    channel = models.CharField(max_length=12, choices=Channel.choices)
    content = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=120)
    theme = models.CharField(max_length=60, blank=True)
    began_on = models.DateField(null=True)
    organiser = models.CharField(max_length=120, blank=True)
    institution = models.CharField(max_length=120, blank=True)
    certificate = models.CharField(max_length=40, blank=True)
    result = models.CharField(max_length=13, choices=Result.choices, default=Result.COMPLETED)
    source = models.CharField(max_length=60)
    source_key = models.CharField(max_length=120, null=True, unique=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by_id = models.BigIntegerField(null=True)

    objects = ScopedByPerson.as_manager()

    class Meta:
        ordering = ("-earned_on", "-id")
        indexes = (models.Index(fields=("person", "earned_on"), name="entry_by_person"),)
        constraints = (
            models.CheckConstraint(condition=Q(tenths__gte=0) & Q(tenths__lte=20000), name="entry_tenths_sane"),
            models.CheckConstraint(condition=Q(reverses=None) | ~Q(reason=""), name="entry_reversal_has_reason"),
            models.CheckConstraint(
                condition=Q(began_on=None) | Q(began_on__lte=F("earned_on")), name="entry_begins_before_end"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.tenths}"


class Exemption(models.Model):
    """Days on which a person does not owe a rule, with the reason; withdrawn, never deleted."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="exemptions")
    rule = models.CharField(max_length=60)
    from_on = models.DateField()
    to_on = models.DateField()
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by_id = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_id = models.BigIntegerField(null=True)

    objects = ScopedByPerson.as_manager()

    class Meta:
        ordering = ("-from_on",)
        constraints = (models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="exemption_ends_after_start"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.rule}"


class Standing(models.Model):
    """Where a person stands under one rule on ``on``: a snapshot of the engine's answer, refreshed when facts change."""

    class State(models.TextChoices):
        MET = "met", _("Met")
        ON_TRACK = "on_track", _("On track")
        SHORT = "short", _("Behind")
        OVERDUE = "overdue", _("Overdue")
        EXEMPT = "exempt", _("Exempt")

    person = models.ForeignKey(Person, models.CASCADE, related_name="standings")
    rule = models.CharField(max_length=60)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    on = models.DateField()
    window_opens = models.DateField()
    window_closes = models.DateField()
    required_tenths = models.PositiveIntegerField()
    counted_tenths = models.PositiveIntegerField()
    missing_tenths = models.PositiveIntegerField()
    capped_tenths = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)

    objects = ScopedByPerson.as_manager()

    class Meta:
        ordering = ("person_id", "rule")
        indexes = (models.Index(fields=("state", "rule"), name="standing_by_state"),)
        constraints = (models.UniqueConstraint(fields=("person", "rule"), name="standing_once_per_rule"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.rule} {self.state}"
