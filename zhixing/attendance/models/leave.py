"""Leave in class with its ladder of approvers, and the withdrawal that is proposed when leave passes its cap."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.attendance.models.scope import CallupScopedQuerySet
from zhixing.base.models import StoredFile
from zhixing.callups.models import Callup
from zhixing.timetables.models import Session


class LeaveQuerySet(CallupScopedQuerySet["Leave"]):
    def granted(self) -> Self:
        """Leave that was approved, reported back from or not."""
        return self.filter(state__in=(Leave.State.APPROVED, Leave.State.ENDED))


class Leave(models.Model):
    """Leave from some half days of a class run. The reason is a category; a medical paper is shown, not kept (H19)."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("leave", "Waiting for approval")
        APPROVED = "approved", pgettext_lazy("leave", "Approved")
        REFUSED = "refused", pgettext_lazy("leave", "Refused")
        CANCELLED = "cancelled", _("Cancelled")
        ENDED = "ended", _("Reported back")

    TRANSITIONS = {
        State.ASKED: {State.APPROVED, State.REFUSED, State.CANCELLED},
        State.APPROVED: {State.CANCELLED, State.ENDED},
    }

    class Reason(models.TextChoices):
        MEETING = "meeting", _("Congress or statutory meeting")
        DUTY = "duty", _("Special duty nobody else can do")
        HEALTH = "health", _("Health")
        FAMILY = "family", _("Special family matter")
        OTHER = "other", _("Other")

    callup = models.ForeignKey(Callup, models.PROTECT, related_name="leaves")
    sessions = models.ManyToManyField(Session, through="attendance.LeaveSession", related_name="leaves")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    text = models.CharField(max_length=300, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    half_days = models.PositiveIntegerField()
    tenths = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    back_at = models.DateTimeField(null=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=~Q(state="ended") | Q(back_at__isnull=False), name="leave_ended_has_time"),
        )

    def __str__(self) -> str:
        return f"leave {self.callup_id} {self.half_days}"


class LeaveSessionQuerySet(models.QuerySet["LeaveSession"]):
    def in_force(self) -> Self:
        """Half days that a granted leave really covers."""
        return self.filter(leave__state__in=(Leave.State.APPROVED, Leave.State.ENDED), released_at=None)


class LeaveSession(models.Model):
    """One half day that a leave covers, until reporting back (销假) or cancelling releases it."""

    leave = models.ForeignKey(Leave, models.CASCADE, related_name="half_day_rows")
    session = models.ForeignKey(Session, models.PROTECT, related_name="leave_rows")
    released_at = models.DateTimeField(null=True)

    objects = LeaveSessionQuerySet.as_manager()

    class Meta:
        ordering = ("session__on", "session__begins_at")
        constraints = (models.UniqueConstraint(fields=("leave", "session"), name="leave_session_once"),)

    def __str__(self) -> str:
        return f"{self.leave_id} {self.session_id}"


class LeaveStep(models.Model):
    """One rung of the ladder: who must agree, in order."""

    class Decision(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("leave", "Waiting")
        AGREED = "agreed", _("Agreed")
        REFUSED = "refused", pgettext_lazy("leave", "Refused")

    leave = models.ForeignKey(Leave, models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    approver = models.CharField(max_length=20)
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.WAITING)
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("leave_id", "order")
        constraints = (models.UniqueConstraint(fields=("leave", "order"), name="leave_step_once_per_order"),)

    def __str__(self) -> str:
        return f"{self.leave_id}.{self.order} {self.approver}"


class Withdrawal(models.Model):
    """The software proposes withdrawal (退学) when leave passes the cap, an absence is unexcused for too long, or a correction
    leaves too few hours for a completion; a named person decides.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("withdrawal", "Proposed")
        CONFIRMED = "confirmed", _("Withdrawn from the class")
        DISMISSED = "dismissed", _("Stays in the class")

    TRANSITIONS = {State.PROPOSED: {State.CONFIRMED, State.DISMISSED}}

    class Cause(models.TextChoices):
        LEAVE_CAP = "leave_cap", _("Hours missed are over the cap")
        ABSENCE = "absence", _("Absent without leave for too many days")
        TOO_LITTLE = "too_little", _("Too few hours attended")

    callup = models.ForeignKey(Callup, models.PROTECT, related_name="withdrawals")
    cause = models.CharField(max_length=20, choices=Cause.choices)
    leave_tenths = models.PositiveIntegerField()
    cap_tenths = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    objects = CallupScopedQuerySet["Withdrawal"].as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("callup",), condition=Q(state="proposed"), name="withdrawal_one_open_per_callup"
            ),
        )

    def __str__(self) -> str:
        return f"withdrawal {self.callup_id}"
