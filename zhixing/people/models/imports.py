"""Roster imports: what a file would change, what it changed, and what undoes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import Job, StoredFile
from zhixing.people.models.units import Unit

if TYPE_CHECKING:
    from zhixing.people.models.accounts import Account


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    def visible_to(self, user: Account) -> Self:
        """Department administrators and auditors: imports for units of their subtree."""
        if not (user.is_department or user.is_auditor) or user.scope_unit is None:
            return self.none()
        return self.filter(scope_unit__path__startswith=user.scope_unit.path)


class RosterImport(models.Model):
    """One uploaded roster on its way: read → compared → applied → rolled back.

    The file lies sealed until it has been read, then it is destroyed: what it said lives on in ``changes``. ``digest`` is its
    SHA-256 as it was given, by which the same file is known again.
    ``counts``: the ``kind`` of file as the guard saw it; how many changes of each kind; ``rows``, ``unchanged``, ``refused``,
    ``doubtful``; ``units`` (paths of names to be opened), ``opened`` (their keys); ``undone`` and ``conflicts`` of a rollback.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        READ = "read", _("Ready to apply")
        REFUSED = "refused", _("Refused")
        APPLIED = "applied", _("Applied")
        ROLLED_BACK = "rolled_back", _("Rolled back")
        DROPPED = "dropped", _("Dropped")

    TRANSITIONS = {
        State.RECEIVED: {State.READ, State.REFUSED, State.DROPPED},
        State.READ: {State.APPLIED, State.DROPPED},
        State.APPLIED: {State.ROLLED_BACK},
    }

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    on = models.DateField()
    complete = models.BooleanField(default=False)
    opens_units = models.BooleanField(default=False)
    scope_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    counts = models.JSONField(default=dict)
    refusal = models.TextField(blank=True)
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    rolled_back_at = models.DateTimeField(null=True)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"roster import {self.pk}"

    @property
    def has_changes(self) -> bool:
        """Whether applying it would change anything."""
        kinds = set(RosterChange.Kind.values) - {RosterChange.Kind.PROBLEM}
        return any(self.counts.get(kind) for kind in kinds)


class RosterChange(models.Model):
    """One row of the preview.

    ``before`` and ``after`` hold the facts that differ, by field of ``Person`` or ``Posting`` (dates ISO, ID numbers sealed and in
    base64), so a rollback knows what was there. ``posting_id`` is the posting a move ends or corrects. ``conflicts`` are the
    facts of this change that were edited after the import: ``[{"fact", "imported", "now"}]``.
    """

    class Kind(models.TextChoices):
        ARRIVAL = "arrival", _("Arrival")
        MOVE = "move", _("Move")
        CHANGE = "change", _("Correction")
        LEAVER = "leaver", _("Leaver")
        PROBLEM = "problem", _("Problem")

    roster_import = models.ForeignKey(RosterImport, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    person_id = models.BigIntegerField(null=True, db_index=True)
    name = models.CharField(max_length=60, blank=True)
    number = models.CharField(max_length=40, blank=True)
    from_on = models.DateField(null=True)
    posting_id = models.BigIntegerField(null=True)
    row = models.PositiveIntegerField(default=0)
    column = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40, blank=True)
    treatment = models.CharField(max_length=10, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    conflicts = models.JSONField(default=list)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("roster_import", "kind", "id"), name="roster_change_by_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} row {self.row}"
