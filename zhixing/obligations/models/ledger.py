"""The hours ledger (学时台账)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.obligations.models.scope import ScopedByPerson
from zhixing.people.models import Person

TENTHS_MAX = 20_000
"""2,000 hours: more than one training can bring."""


class Channel(models.TextChoices):
    """How hours were earned; the values are formats.md §2's."""

    OFFJOB = "offjob", _("Full-time (off post)")
    CONCENTRATED = "concentrated", _("Other concentrated training")
    ONLINE = "online", _("Online")
    STUDY_GROUP = "study_group", _("Theory study group")
    SELF_STUDY = "self_study", _("Self-study")
    TEACHING = "teaching", _("Teaching")


class EntryQuerySet(ScopedByPerson["Entry"]):
    def live(self) -> Self:
        """What stands: neither reversals nor what was reversed."""
        return self.filter(reverses=None, reversed_by=None)


class Entry(models.Model):
    """One line of the hours ledger. Append-only by trigger: a correction is a second entry that ``reverses`` the first.

    A course not completed or missed stays in the record with zero tenths. ``source`` says which deed brought the line
    (``Source``, or an upper app's own word); ``source_key`` names the deed, so that it is booked once.
    """

    class Result(models.TextChoices):
        COMPLETED = "completed", _("Completed")
        NOT_COMPLETED = "not_completed", _("Not completed")
        ABSENT = "absent", _("Absent")

    class Source(models.TextChoices):
        HISTORY = "history", _("History import")
        EXTERNAL = "external", _("Outside training")
        REVERSAL = "reversal", _("Reversal")
        APPEAL = "appeal", pgettext_lazy("source", "Appeal")

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

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry in the ledger of hours")
        ordering = ("-earned_on", "-id")
        indexes = (models.Index(fields=("person", "earned_on"), name="entry_by_person"),)
        constraints = (
            models.CheckConstraint(condition=Q(tenths__gte=0) & Q(tenths__lte=TENTHS_MAX), name="entry_tenths_sane"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="entry_channel_known"),
            models.CheckConstraint(condition=Q(reverses=None) | ~Q(reason=""), name="entry_reversal_has_reason"),
            models.CheckConstraint(
                condition=Q(began_on=None) | Q(began_on__lte=F("earned_on")), name="entry_begins_before_end"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.tenths}"

    @property
    def signed_tenths(self) -> int:
        """What the line adds to the sum of the ledger: a reversal takes away."""
        return -self.tenths if self.reverses_id else self.tenths

    @property
    def source_label(self) -> str:
        """The words for ``source``; an upper app's own word stands for itself."""
        return str(dict(self.Source.choices).get(self.source, self.source))
