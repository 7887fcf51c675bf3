"""Appeals (学时申诉): a person disputes a line of the own ledger."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.base.models import StoredFile
from zhixing.obligations.models.ledger import TENTHS_MAX, Entry
from zhixing.obligations.models.scope import ScopedByPerson
from zhixing.people.models import Person


class EntryAppeal(models.Model):
    """What a person says of an entry, with evidence; a named person of the department decides; both versions stay.

    ``claims_tenths``: the hours that the entry should hold; 0 says that it should not be there. ``correction``: the entry booked
    instead when the appeal was upheld (none where nothing takes the place of the cancelled one).
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "Waiting for a decision")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")

    TRANSITIONS = {State.OPEN: {State.UPHELD, State.DISMISSED}}

    person = models.ForeignKey(Person, models.PROTECT, related_name="entry_appeals")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="appeals")
    claims_tenths = models.PositiveIntegerField()
    text = models.CharField(max_length=500)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    correction = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="corrects_appeal")
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=200, blank=True)

    objects = ScopedByPerson["EntryAppeal"].as_manager()

    class Meta:
        verbose_name = _("appeal about hours")
        ordering = ("-id",)
        indexes = (models.Index(fields=("state", "-id"), name="entry_appeal_by_state"),)
        constraints = (
            models.UniqueConstraint(fields=("entry",), condition=Q(state="open"), name="entry_appeal_one_open"),
            models.CheckConstraint(condition=Q(claims_tenths__lte=TENTHS_MAX), name="entry_appeal_tenths_sane"),
            models.CheckConstraint(
                condition=Q(state="open") | (~Q(decision_reason="") & Q(decided_by_id__isnull=False)),
                name="entry_appeal_decided_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(correction=None) | (Q(state="upheld") & ~Q(correction=F("entry"))),
                name="entry_appeal_corrects_when_upheld",
            ),
        )

    def __str__(self) -> str:
        return f"appeal {self.entry_id}"
