"""Imports of training history: a sheet of past training on its way into the ledger."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import Job, StoredFile
from zhixing.people.models.scope import ScopedByAccount


class HistoryImport(models.Model):
    """One uploaded history sheet: read → looked at → booked. The file lies sealed and is destroyed when the import ends.

    ``counts``: ``rows`` accepted, of them ``new``, ``known`` and ``differing`` (known with other hours), ``people`` and ``tenths`` of the
    new ones, ``refused`` and ``doubtful`` rows, ``booked``. ``problems``: the first of them as fields of ``RowProblem``. ``found``: what
    the table of recognition in force said of the new ones: how many got their hours from it (``recognised``), how many it ``split`` over
    years, and the first ``rows`` of both as {"row", "name", "days", "titles", "tenths", "shares"}.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        READ = "read", _("Ready to book")
        REFUSED = "refused", _("Refused")
        APPLIED = "applied", _("Booked")
        DROPPED = "dropped", _("Dropped")

    TRANSITIONS = {
        State.RECEIVED: {State.READ, State.REFUSED, State.DROPPED},
        State.READ: {State.APPLIED, State.DROPPED},
    }

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    found = models.JSONField(default=dict)
    refusal = models.TextField(blank=True)
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    objects = ScopedByAccount["HistoryImport"].as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"history import {self.pk}"
