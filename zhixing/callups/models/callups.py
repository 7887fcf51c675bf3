"""Call-ups, what people answered, who waits for a free seat, and what must be made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import StoredFile
from zhixing.callups.models.runs import CallupRun
from zhixing.obligations.models.scope import ScopedByPerson
from zhixing.people.models import Person, Unit
from zhixing.plans.models import ClassRun, in_charge

if TYPE_CHECKING:
    from zhixing.people.models import Account


BEYOND = "beyond_seats"
"""The code of a call-up that was sent without a seat, since some of those called will be excused; it gets the next seat that comes free."""


class CallupQuerySet(models.QuerySet["Callup"]):
    def visible_to(self, user: Account) -> Self:
        """Department, auditor: their subtree. All others only what is sent: a liaison the own subtree, a school the
        class runs it holds, a teacher class runs with a session of theirs, a trainee the own call-ups.
        """
        if user.is_department or user.is_auditor:
            if user.sees_the_city:
                return self.all()
            return self.filter(unit__path__startswith=user.scope_unit.path) if user.scope_unit else self.none()
        sent = self.exclude(state=Callup.State.PROPOSED)
        if user.is_liaison:
            return sent.filter(unit__path__startswith=user.scope_unit.path) if user.scope_unit else self.none()
        if user.is_school:
            return sent.filter(in_charge(user, "class_run__"))
        if user.is_teacher:
            return sent.filter(class_run__sessions__teacher__account=user).distinct()
        return sent.filter(person=user.person_id) if user.person_id else self.none()

    def holding_a_seat(self) -> Self:
        return self.filter(seat__isnull=False)

    def in_force(self) -> Self:
        """Sent and not undone: these take a person's days, the unit's away weeks and one of the year's call-ups."""
        return self.filter(state__in=Callup.IN_FORCE)

    def beyond_seats(self) -> Self:
        """Invited beyond the seats, and no seat has come free yet."""
        return self.in_force().filter(code=BEYOND, seat=None)

    def in_question(self) -> Self:
        """Still to come, but something became of the person since: the department decides whether the call-up stands."""
        return self.filter(state__in=Callup.TO_COME).exclude(concern="")

    def of_person(self, user: Account) -> Self:
        """The account's own call-ups, once they are sent."""
        return self.filter(person=user.person_id).exclude(state=Callup.State.PROPOSED)


class Callup(models.Model):
    """One named person called to one class run (调训名额落实到人).

    ``seat`` is a number from 1 to the class run's seats; a constraint of the database gives it to one call-up at a time.
    Runs that are still being planned may propose the same pair; once sent, it is unique. ``code`` and ``detail`` are the engine's reason,
    ``acknowledged_at`` and ``acknowledged_digest``: when the person ticked which text of the class rules.
    ``released``: invited beyond the seats, and none had come free when the class began; nobody refused anything.
    ``note`` says why it was withdrawn, or stands. ``concern`` is what became of the person since, until somebody decides; ``concern_settled`` the one that
    the department decided to live with (of other callers, ``KeptClash`` says so for each).
    """

    class Concern(models.TextChoices):
        STATUS = "status", _("no longer serving")
        UNIT = "unit", _("moved to another unit")
        TARGET = "target", _("no longer in the target group")
        CALLER = "caller", _("called by another authority too")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        SENT = "sent", _("Waiting for the reply")
        ACCEPTED = "accepted", _("Accepted")
        ASKED = "asked", _("Asks leave or a substitute")
        EXCUSED = "excused", _("Excused")
        SUBSTITUTED = "substituted", _("Replaced by a substitute")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        RELEASED = "released", _("No seat came free")
        COMPLETED = "completed", _("Completed")
        NOT_COMPLETED = "not_completed", _("Not completed")

    TRANSITIONS = {
        State.PROPOSED: {State.SENT, State.WITHDRAWN},
        State.SENT: {
            State.ACCEPTED,
            State.ASKED,
            State.WITHDRAWN,
            State.RELEASED,
            State.COMPLETED,
            State.NOT_COMPLETED,
        },
        State.ASKED: {State.SENT, State.EXCUSED, State.SUBSTITUTED, State.WITHDRAWN, State.RELEASED},
        State.ACCEPTED: {State.ASKED, State.WITHDRAWN, State.RELEASED, State.COMPLETED, State.NOT_COMPLETED},
        State.COMPLETED: {State.NOT_COMPLETED},  # a withdrawal confirmed after a correction
        State.NOT_COMPLETED: {State.COMPLETED},  # an upheld appeal
    }

    IN_FORCE = (State.SENT, State.ACCEPTED, State.ASKED, State.COMPLETED)
    LIVE = (State.PROPOSED, *IN_FORCE)
    """On the list of a run, sent or not."""
    TO_COME = (State.SENT, State.ACCEPTED, State.ASKED)

    run = models.ForeignKey(CallupRun, models.PROTECT, related_name="callups")
    person = models.ForeignKey(Person, models.PROTECT, related_name="callups")
    class_run = models.ForeignKey(ClassRun, models.PROTECT, related_name="callups")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="callups")
    seat = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=13, choices=State.choices, default=State.PROPOSED)
    makes_up = models.ForeignKey("callups.MakeUp", models.PROTECT, null=True, related_name="callups")
    instead_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="substitute")
    from_waiting = models.BooleanField(default=False)
    value = models.FloatField(default=0)
    code = models.CharField(max_length=30, blank=True)
    detail = models.JSONField(default=dict)
    reply_by = models.DateField(null=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_digest = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=200, blank=True)
    concern = models.CharField(max_length=6, choices=Concern.choices, blank=True)
    concern_settled = models.CharField(max_length=6, choices=Concern.choices, blank=True)

    objects = CallupQuerySet.as_manager()

    class Meta:
        verbose_name = _("call-up")
        ordering = ("class_run__starts_on", "unit__path", "person__number")
        indexes = (
            models.Index(fields=("class_run", "state", "run"), name="callup_by_class_run"),
            models.Index(fields=("run", "person", "class_run", "state"), name="callup_by_run"),
            models.Index(fields=("person", "state"), name="callup_by_person"),
            models.Index(fields=("concern",), condition=~Q(concern=""), name="callup_in_question"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person", "class_run"),
                condition=~Q(state__in=("proposed", "withdrawn", "released", "excused", "substituted")),
                name="callup_once_per_person_and_class_run",
            ),
            models.UniqueConstraint(
                fields=("run", "person", "class_run"),
                condition=Q(state="proposed"),
                name="callup_proposed_once_per_run",
            ),
            models.UniqueConstraint(fields=("class_run", "seat"), name="callup_seat_given_once"),
            models.CheckConstraint(
                condition=Q(seat=None)
                | (Q(seat__gte=1) & ~Q(state__in=("proposed", "withdrawn", "released", "excused", "substituted"))),
                name="callup_seat_held_only_when_called",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} → {self.class_run_id}"

    @property
    def is_beyond(self) -> bool:
        """Whether the person was invited beyond the seats and has none yet."""
        return self.code == BEYOND and self.seat is None and self.state in Callup.TO_COME

    @property
    def owes_rules(self) -> bool:
        """Whether the class has rules whose present text the person has not acknowledged."""
        return bool(self.class_run.class_rules) and self.acknowledged_digest != self.class_run.rules_digest


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: Account) -> Self:
        """The department, the auditor, the liaison of the unit and the person: whoever holds or teaches the class does not read reasons."""
        if user.is_school or user.is_teacher:
            return self.filter(callup__person=user.person_id) if user.person_id else self.none()
        return self.filter(callup__in=Callup.objects.visible_to(user).only("pk"))

    def pending(self) -> Self:
        return self.filter(decision=Reply.Decision.PENDING)


class Reply(models.Model):
    """What the person or the liaison answered, and what the department decided. Kept for ever; the latest one counts."""

    class Kind(models.TextChoices):
        ACCEPT = "accept", _("Accept")
        LEAVE = "leave", _("Ask leave")
        SUBSTITUTE = "substitute", _("Propose a substitute")

    class Reason(models.TextChoices):
        DUTY = "duty", _("Duty that cannot be moved")
        MEETING = "meeting", _("Congress or statutory meeting")
        HEALTH = "health", _("Health")
        FAMILY = "family", _("Special family matter")
        ABROAD = "abroad", _("Away on mission")
        OTHER = "other", _("Other")

    class Decision(models.TextChoices):
        NONE = "none", _("No decision needed")
        PENDING = "pending", _("Waiting for a decision")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    callup = models.ForeignKey(Callup, models.PROTECT, related_name="replies")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    text = models.CharField(max_length=300, blank=True)
    proof = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    substitute = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.NONE)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("callup",), condition=Q(decision="pending"), name="reply_one_pending_per_callup"
            ),
            models.CheckConstraint(condition=~Q(kind="leave") | ~Q(reason=""), name="reply_leave_has_reason"),
            models.CheckConstraint(
                condition=~Q(kind="substitute") | Q(substitute__isnull=False), name="reply_substitute_is_named"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.callup_id}"


class Waiting(models.Model):
    """Who is next when a seat comes free, in order of priority."""

    run = models.ForeignKey(CallupRun, models.CASCADE, related_name="waiting")
    class_run = models.ForeignKey(ClassRun, models.CASCADE, related_name="waiting")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    value = models.FloatField()
    used = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("place on a waiting list")
        ordering = ("class_run_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("run", "class_run", "person"), name="waiting_once_per_class_run"),
        )

    def __str__(self) -> str:
        return f"{self.class_run_id} #{self.position}"


class MakeUp(models.Model):
    """An open duty to make up what was missed (补训): the next run holds it with priority; it closes when made up, or is waived with a reason."""

    class Cause(models.TextChoices):
        LEAVE = "leave", _("Excused before the class")
        ATTENDANCE = "attendance", _("Hours missed in the class")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        OPEN = "open", _("To be made up")
        PLANNED = "planned", _("Called again")
        CLOSED = "closed", _("Made up")
        WAIVED = "waived", _("Waived")

    TRANSITIONS = {
        State.OPEN: {State.PLANNED, State.CLOSED, State.WAIVED},
        State.PLANNED: {State.OPEN, State.CLOSED, State.WAIVED},
    }

    missed = models.OneToOneField(Callup, models.PROTECT, related_name="make_up")
    person = models.ForeignKey(Person, models.PROTECT, related_name="make_ups")
    tenths = models.PositiveIntegerField()
    cause = models.CharField(max_length=20, choices=Cause.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(auto_now_add=True)
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    objects = ScopedByPerson["MakeUp"].as_manager()

    class Meta:
        verbose_name = _("make-up")
        ordering = ("due_on", "id")
        indexes = (models.Index(fields=("state", "person"), name="make_up_by_state"),)

    def __str__(self) -> str:
        return f"make-up {self.person_id} {self.state}"

    @property
    def is_made_up(self) -> bool:
        """Whether a later call-up has made it up."""
        return self.callups.filter(state=Callup.State.COMPLETED).exists()
