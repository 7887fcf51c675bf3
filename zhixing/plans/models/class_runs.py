"""Class runs (班次) of a year, whom they are for, and the seats given to units (名额)."""

from __future__ import annotations

import hashlib
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhixing.obligations.models import Channel
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Content

NONE, ALL = Q(pk__in=()), ~Q(pk__in=())


def in_charge(user: Account, at: str = "") -> Q:
    """The class run at the path ``at`` is one that ``user`` answers for.

    Department and auditor: organised in their subtree (at the root: all of them). School: held there, of which a class head
    runs those only that name the account or have it as deputy. Others: none.
    """
    own = user.scope_unit
    if own is None or not (user.is_department or user.is_auditor or user.is_school):
        return NONE
    if user.is_school:
        held = Q(**{f"{at}institution__path__startswith": own.path})
        return held & Q(**{f"{at}pk__in": _named(user)}) if user.is_class_head else held
    return ALL if user.sees_the_city else Q(**{f"{at}organised_by__path__startswith": own.path})


def _named(user: Account) -> models.QuerySet[ClassRun, int]:
    """Keys of the class runs that name the account on a rung of their ladder."""
    named = Q(named_approvers__account=user) | Q(named_approvers__deputy=user)
    return ClassRun.objects.filter(named).order_by().values_list("pk", flat=True)


class ClassRunQuerySet(models.QuerySet["ClassRun"]):
    def visible_to(self, user: Account) -> Self:
        """Class runs of the year are open to every signed-in account but a class head, who sees the own ones; drafts only to those
        who answer for them.
        """
        if user.is_class_head:
            return self.filter(in_charge(user))
        return self.filter(in_charge(user) | ~Q(state=ClassRun.State.DRAFT))

    def in_charge(self, user: Account) -> Self:
        """Those that ``user`` answers for."""
        return self.filter(in_charge(user))


class ClassRun(models.Model):
    """One run of a class (班次). ``ranks``, ``grades``, ``categories`` and ``units`` make the target group; an empty list means no limit.

    ``organised_by`` is the unit whose department planned it and answers for it (none: the city's); ``organiser`` is what papers print.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Ready for call-up")
        CALLED = "called", _("Called up")
        RUNNING = "running", _("Running")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS = {
        State.DRAFT: {State.OPEN, State.CANCELLED},
        State.OPEN: {State.DRAFT, State.CALLED, State.CANCELLED},
        State.CALLED: {State.OPEN, State.RUNNING, State.HELD, State.CANCELLED},
        State.RUNNING: {State.HELD, State.CANCELLED},
    }

    Content = Content

    code = models.CharField(_("code"), max_length=40, unique=True)
    year = models.PositiveSmallIntegerField(_("year"), db_index=True)
    name = models.CharField(_("class run"), max_length=120)
    theme = models.CharField(_("theme"), max_length=60, blank=True)
    content = models.CharField(_("content block"), max_length=12, choices=Content.choices, blank=True)
    channel = models.CharField(_("form of training"), max_length=12, choices=Channel.choices, default=Channel.OFFJOB)
    organiser = models.CharField(_("organiser"), max_length=120, blank=True)
    organised_by = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("unit whose department organises it"),
    )
    institution = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="class_runs", verbose_name=_("training institution")
    )
    institution_name = models.CharField(_("institution as written"), max_length=120, blank=True)
    starts_on = models.DateField(_("starts on"), db_index=True)
    ends_on = models.DateField(_("ends on"))
    tenths = models.PositiveIntegerField(_("hours (tenths)"))
    seats_min = models.PositiveIntegerField(_("fewest seats"), default=0)
    seats_max = models.PositiveIntegerField(_("seats"))
    ranks = models.JSONField(_("ranks and grades"), default=list)
    categories = models.JSONField(_("categories"), default=list)
    units = models.JSONField(_("units (keys; with all below)"), default=list)
    target_text = models.CharField(_("target group as written"), max_length=300, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    contact = models.CharField(_("contact"), max_length=60, blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=30, blank=True)
    joining_instructions = models.TextField(_("joining instructions"), blank=True)
    class_rules = models.TextField(_("class rules to acknowledge"), blank=True)
    quotas_close = models.BooleanField(_("units without a quota have no seat"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    brought_by = models.ForeignKey(
        "plans.ClassListImport", models.SET_NULL, null=True, blank=True, related_name="class_runs"
    )

    objects = ClassRunQuerySet.as_manager()

    class Meta:
        ordering = ("starts_on", "code")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="class_run_ends_after_start"),
            models.CheckConstraint(condition=Q(seats_max__gte=F("seats_min")), name="class_run_seats_in_order"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def rules_digest(self) -> str:
        """SHA-256 of the class rules, in hexadecimal; empty without rules. Who acknowledges them acknowledges this text."""
        return hashlib.sha256(self.class_rules.encode()).hexdigest() if self.class_rules else ""

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1


class Quota(models.Model):
    """Seats of one class run for one unit and everything below it (名额)."""

    class_run = models.ForeignKey(ClassRun, models.CASCADE, related_name="quotas")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="quotas")
    seats_min = models.PositiveIntegerField(default=0)
    seats_max = models.PositiveIntegerField()

    class Meta:
        ordering = ("class_run_id", "unit__path")
        constraints = (
            models.UniqueConstraint(fields=("class_run", "unit"), name="quota_once_per_unit"),
            models.CheckConstraint(condition=Q(seats_max__gte=F("seats_min")), name="quota_seats_in_order"),
        )

    def __str__(self) -> str:
        return f"{self.class_run_id} {self.unit_id} {self.seats_max}"
