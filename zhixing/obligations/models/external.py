"""Training that the record lacks (补录): reported by the person, entered by the unit or the department, approved by the department."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import StoredFile
from zhixing.obligations.models.ledger import TENTHS_MAX, Channel, Entry
from zhixing.obligations.models.scope import ScopedByPerson
from zhixing.people.models import Person


class ExternalTraining(models.Model):
    """One course held by an upper level or another body, on its way into the ledger."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    TRANSITIONS = {State.ASKED: {State.APPROVED, State.REFUSED}}

    person = models.ForeignKey(Person, models.PROTECT, related_name="external_trainings")
    title = models.CharField(_("course"), max_length=120)
    began_on = models.DateField(_("began"))
    ended_on = models.DateField(_("ended"))
    tenths = models.PositiveIntegerField(_("hours"))
    channel = models.CharField(_("form"), max_length=12, choices=Channel.choices)
    recognition = models.JSONField(default=dict, blank=True)
    """How the hours were found by the table in force, where they were not stated: ``{"kind", "title", "amount", "level", "passed",
    "lost", "parts"}``; ``parts`` are [last day of the year's share, tenths, exact hundredths], ``lost`` hundredths over a limit.
    Of stated hours that the table splits over years it holds the ``parts`` alone."""
    organiser = models.CharField(_("organiser"), max_length=120)
    institution = models.CharField(_("institution"), max_length=120, blank=True)
    certificate = models.CharField(_("certificate number"), max_length=40, blank=True)
    abroad = models.BooleanField(_("held abroad"), null=True, blank=True)
    """Outside the mainland (出国（境）); null: nobody said."""
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="external_training")
    asked_by_id = models.BigIntegerField()
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=200, blank=True)

    objects = ScopedByPerson["ExternalTraining"].as_manager()

    class Meta:
        verbose_name = _("training elsewhere")
        ordering = ("-id",)
        indexes = (models.Index(fields=("state", "-id"), name="external_by_state"),)
        constraints = (
            models.CheckConstraint(condition=Q(ended_on__gte=F("began_on")), name="external_begins_before_end"),
            models.CheckConstraint(condition=Q(tenths__gt=0) & Q(tenths__lte=TENTHS_MAX), name="external_tenths_sane"),
            models.CheckConstraint(
                condition=Q(entry=None) | Q(state="approved"), name="external_entry_only_when_approved"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.tenths}"
