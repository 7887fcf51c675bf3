"""A register is evidence, not a status: every mark rests on rows that say who saw it, how and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.attendance.models.scope import CallupScopedQuerySet, MarkScopedQuerySet
from zhixing.base.models import StoredFile
from zhixing.callups.models import Callup
from zhixing.plans.models import in_charge
from zhixing.timetables.models import Session

if TYPE_CHECKING:
    from zhixing.people.models import Account


class RegisterQuerySet(models.QuerySet["Register"]):
    def visible_to(self, user: Account) -> Self:
        """Whoever answers for the class run, and the teacher of the session. Others none: a liaison or a county's department
        sees the marks of its own people.
        """
        if user.is_teacher:
            return self.filter(session__teacher__account=user)
        return self.filter(in_charge(user, "session__class_run__"))


class Register(models.Model):
    """The register of one session (半天)."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("register", "Open")
        CLOSED = "closed", pgettext_lazy("register", "Closed")

    TRANSITIONS = {State.OPEN: {State.CLOSED}}

    session = models.OneToOneField(Session, models.PROTECT, related_name="register")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.BigIntegerField(null=True)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ("session__on", "session__begins_at")

    def __str__(self) -> str:
        return f"register {self.session_id}"


class Status(models.TextChoices):
    PRESENT = "present", pgettext_lazy("mark", "Present")
    LATE = "late", pgettext_lazy("mark", "Late")
    LEFT_EARLY = "left_early", pgettext_lazy("mark", "Left early")
    LEAVE = "leave", pgettext_lazy("mark", "On leave")
    ABSENT = "absent", pgettext_lazy("mark", "Absent")


class Mark(models.Model):
    """The status of one called person in one session, as the evidence has it now.

    ``version`` is the number of observations behind it; ``tenths`` are the hours earned, once the register is closed.
    """

    Status = Status

    register = models.ForeignKey(Register, models.CASCADE, related_name="marks")
    callup = models.ForeignKey(Callup, models.PROTECT, related_name="marks")
    status = models.CharField(max_length=10, choices=Status.choices)
    tenths = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = CallupScopedQuerySet["Mark"].as_manager()

    class Meta:
        ordering = ("register_id", "callup__unit__path", "callup__person__number")
        constraints = (models.UniqueConstraint(fields=("register", "callup"), name="mark_once_per_register"),)

    def __str__(self) -> str:
        return f"{self.callup_id} {self.status}"


class Evidence(models.Model):
    """One observation: who said what about whom, how. Append-only by trigger. ``reason`` is needed for a correction."""

    class Source(models.TextChoices):
        ROLL_CALL = "roll_call", _("Roll call")
        QR = "qr", _("Own scan")
        PAPER = "paper", _("Paper sheet")
        LEAVE = "leave", _("Approved leave")
        LEAVE_ENDED = "no_leave", _("Leave ended")
        CORRECTION = "correction", _("Correction")
        APPEAL = "appeal", _("Appeal upheld")
        CLOSING = "closing", _("Closing of the register")

    register = models.ForeignKey(Register, models.PROTECT, related_name="evidence")
    callup = models.ForeignKey(Callup, models.PROTECT, related_name="evidence")
    source = models.CharField(max_length=10, choices=Source.choices)
    status = models.CharField(max_length=10, choices=Status.choices)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("register", "callup"), name="evidence_by_register"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(source="correction") | ~Q(reason=""), name="evidence_correction_has_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.status}"


class Appeal(models.Model):
    """A trainee disputes a mark; a named person decides; both versions stay."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "Waiting for a decision")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")

    TRANSITIONS = {State.OPEN: {State.UPHELD, State.DISMISSED}}

    mark = models.ForeignKey(Mark, models.PROTECT, related_name="appeals")
    claims = models.CharField(max_length=10, choices=Status.choices)
    text = models.CharField(max_length=500)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, blank=True)

    objects = MarkScopedQuerySet["Appeal"].as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("mark",), condition=Q(state="open"), name="appeal_one_open_per_mark"),
        )

    def __str__(self) -> str:
        return f"appeal {self.mark_id}"
