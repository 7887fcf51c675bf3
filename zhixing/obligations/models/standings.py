"""Exemptions (减免) and the stored standings (完成情况) with their counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhixing.obligations.models.policies import Policy
from zhixing.obligations.models.scope import ScopedByPerson
from zhixing.people.models import Person, Unit

if TYPE_CHECKING:
    from zhixing.people.models import Account


class Exemption(models.Model):
    """Days on which a person does not owe a rule, with the reason; withdrawn, never deleted."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="exemptions")
    rule = models.CharField(max_length=60)
    from_on = models.DateField()
    to_on = models.DateField()
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by_id = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_id = models.BigIntegerField(null=True)

    objects = ScopedByPerson["Exemption"].as_manager()

    class Meta:
        verbose_name = _("exemption")
        ordering = ("-from_on", "-id")
        constraints = (models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="exemption_ends_after_start"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.rule}"


class State(models.TextChoices):
    """The engine's states."""

    MET = "met", _("Met")
    ON_TRACK = "on_track", _("On track")
    SHORT = "short", _("Behind")
    OVERDUE = "overdue", _("Overdue")
    EXEMPT = "exempt", _("Exempt")


class Standing(models.Model):
    """Where a person stands under one rule on ``on``: a snapshot of the engine's answer, refreshed when facts change."""

    State = State

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
    worst = models.CharField(max_length=8, choices=State.choices)
    """The worst state of this person under all rules: how the board counts the person."""

    objects = ScopedByPerson["Standing"].as_manager()

    class Meta:
        ordering = ("person_id", "rule")
        indexes = (
            models.Index(fields=("state", "rule", "person"), name="standing_by_state"),
            models.Index(fields=("worst", "state", "person"), name="standing_by_worst"),
        )
        constraints = (models.UniqueConstraint(fields=("person", "rule"), name="standing_once_per_rule"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.rule} {self.state}"


class Foreseen(models.Model):
    """A duty that will be overdue on ``on``, the 31 December of the standings' year, if nothing more is earned: what the engine says of that day.

    Written together with the standings, from the same facts. Who has left by then has none, whatever is missing today; entries booked
    with a later day count. ``rule_no``, ``above`` and ``rooms`` are those of ``engine.obligations.lacks.Lack``.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="foreseen")
    rule = models.CharField(max_length=60)
    rule_no = models.PositiveSmallIntegerField()
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    on = models.DateField()
    window_opens = models.DateField()
    window_closes = models.DateField()
    required_tenths = models.PositiveIntegerField()
    counted_tenths = models.PositiveIntegerField()
    missing_tenths = models.PositiveIntegerField()
    above = models.JSONField(default=list)
    rooms = models.JSONField(default=list)

    objects = ScopedByPerson["Foreseen"].as_manager()

    class Meta:
        ordering = ("person_id", "rule")
        constraints = (models.UniqueConstraint(fields=("person", "rule"), name="foreseen_once_per_rule"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.rule} {self.missing_tenths}"


class StandingCountQuerySet(models.QuerySet["StandingCount"]):
    def visible_to(self, user: Account) -> Self:
        """The counts of the user's own subtree, for those who see persons through it."""
        if not (user.is_department or user.is_auditor or user.is_liaison):
            return self.none()
        return self.filter(unit__in=Unit.objects.visible_to(user))

    def of_scope(self, user: Account) -> Self:
        """The counts of the user's whole scope: what the scope's own unit says of itself and all below."""
        return self.visible_to(user).filter(unit=user.scope_unit_id or 0)


class StandingCount(models.Model):
    """How many people of one unit and of all below it are in one state; written together with the standings, for the tree of that day.

    Rows with a rule count them under it, whatever their rank. Rows without one count each person once, by rank, under the worst state of
    all rules. Rows in the state ``FORESEEN`` count, in the same two ways, who will be overdue at the end of the year (``Foreseen``): the
    same people again, and such as are held to nothing yet.
    """

    FORESEEN = "foreseen"

    on = models.DateField()
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    rank = models.CharField(max_length=20, blank=True)
    rule = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=[*State.choices, (FORESEEN, _("overdue by the year's end"))])
    people = models.PositiveIntegerField()

    objects = StandingCountQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("unit", "rank", "rule", "state"), name="standing_counted_once"),)

    def __str__(self) -> str:
        return f"{self.unit_id} {self.rank} {self.rule} {self.state}: {self.people}"
