"""Needs surveys (需求调研): a sample drawn from strata, tickets that let each answer once, and sheets that nobody can be told from."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.needs.models.frameworks import Framework, RankGroup, made_for
from zhixing.people.models import Account, Person, Unit


class NeedsSurveyQuerySet(models.QuerySet["NeedsSurvey"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: those of their departments and above. A liaison: those, once launched, that ask people of the own unit."""
        if user.is_liaison and user.scope_unit is not None:
            asked = Stratum.objects.filter(unit__path__startswith=user.scope_unit.path).values("survey")
            return self.exclude(state=NeedsSurvey.State.DRAFT).filter(pk__in=asked)
        return self.filter(made_for(user))


class NeedsSurvey(models.Model):
    """``who``: people about themselves, superiors about those below them, or units (by their liaison) about their people.

    ``sample``: how many of the frame shall be asked; ``method`` how they are shared out to strata; ``seed`` of the draw, so that anybody can draw again.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("needs survey", "Being prepared")
        OPEN = "open", pgettext_lazy("needs survey", "Open")
        CLOSED = "closed", pgettext_lazy("needs survey", "Closed")

    TRANSITIONS = {State.DRAFT: {State.OPEN}, State.OPEN: {State.CLOSED}}

    class Who(models.TextChoices):
        SELF = "self", _("People about themselves")
        SUPERIOR = "superior", _("Superiors about their people")
        UNIT = "unit", _("Units about their people")

    class Method(models.TextChoices):
        PROPORTIONAL = "proportional", _("In proportion to the people")
        EQUAL = "equal", _("The same from every group")
        NEYMAN = "neyman", _("By people and how much they differ")

    year = models.PositiveSmallIntegerField(_("needs of the year"))
    title = models.CharField(_("survey"), max_length=120)
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="surveys", verbose_name=_("framework"))
    who = models.CharField(_("who answers"), max_length=8, choices=Who.choices, default=Who.SELF)
    sample = models.PositiveIntegerField(_("people to ask"))
    method = models.CharField(_("shared out"), max_length=12, choices=Method.choices, default=Method.PROPORTIONAL)
    seed = models.PositiveIntegerField(_("seed of the draw"), default=1)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.DRAFT)
    closed_at = models.DateTimeField(null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    by_id = models.BigIntegerField()
    invited = models.PositiveIntegerField(_("asked"), default=0)
    answered = models.PositiveIntegerField(_("answered"), default=0)
    reminded_on = models.DateField(_("last reminded on"), null=True)

    objects = NeedsSurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("needs survey")
        ordering = ("-year", "-opens_at", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="needs_survey_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | ~Q(state="closed") & Q(closed_at=None),
                name="needs_survey_closed_has_time",
            ),
            models.CheckConstraint(condition=Q(answered__lte=F("invited")), name="needs_survey_answered_by_asked"),
            models.CheckConstraint(condition=Q(sample__gte=1), name="needs_survey_asks_somebody"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int:
        """Answered of asked, rounded down."""
        return self.answered * 100 // self.invited if self.invited else 0

    def takes_answers(self, now: dt.datetime) -> bool:
        return self.state == self.State.OPEN and self.opens_at <= now < self.closes_at


class Stratum(models.Model):
    """The people of one unit and rank group: how many there are, how many of them are asked, how many have answered (with ``half`` of them in part).

    ``unit``: the top unit of the stratum, with all below it."""

    survey = models.ForeignKey(NeedsSurvey, models.CASCADE, related_name="strata")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    rank_group = models.CharField(_("rank group"), max_length=8, choices=RankGroup.choices)
    people = models.PositiveIntegerField(_("people"))
    asked = models.PositiveIntegerField(_("asked"))
    answered = models.PositiveIntegerField(_("answered"), default=0)
    half = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("stratum")
        ordering = ("survey_id", "unit__path", "rank_group")
        constraints = (
            models.UniqueConstraint(fields=("survey", "unit", "rank_group"), name="stratum_once"),
            models.CheckConstraint(condition=Q(asked__lte=F("people")), name="stratum_asks_its_people"),
            models.CheckConstraint(
                condition=Q(answered__lte=F("asked"), half__lte=F("answered")), name="stratum_answered_by_asked"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit_id} {self.rank_group}"


class NeedsTicketQuerySet(models.QuerySet["NeedsTicket"]):
    def visible_to(self, user: Account) -> Self:
        """The own ones only, whatever the role: a unit's belong to its liaison."""
        own = Q(person=user.person_id) if user.person_id else Q(pk__in=())
        if user.is_liaison and user.scope_unit_id:
            own |= Q(unit=user.scope_unit_id)
        return self.filter(own)


def make_nonce() -> str:
    return secrets.token_urlsafe(16)


class NeedsTicket(models.Model):
    """Leave to answer once. Of the link only a nonce is kept: it takes the installation's key to make the link of it (``tokens``).

    ``levels``: competency → level that the post requires, as it was at the launch; nothing else of the post. No time is kept, and the row goes
    when the survey closes.
    """

    stratum = models.ForeignKey(Stratum, models.CASCADE, related_name="tickets")
    survey = models.ForeignKey(NeedsSurvey, models.CASCADE, related_name="tickets")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    levels = models.JSONField(default=dict)
    nonce = models.CharField(max_length=22, unique=True, default=make_nonce)
    burnt = models.BooleanField(default=False)

    objects = NeedsTicketQuerySet.as_manager()

    class Meta:
        ordering = ("survey_id", "id")
        constraints = (
            models.UniqueConstraint(fields=("survey", "person"), name="needs_ticket_once_per_person"),
            models.UniqueConstraint(fields=("survey", "unit"), name="needs_ticket_once_per_unit"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, unit=None) | Q(person=None, unit__isnull=False),
                name="needs_ticket_has_one_holder",
            ),
        )

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class NeedsSheet(models.Model):
    """What one of a stratum answered. ``answers``: key of the competency → [importance 1–5, present 1–5, required]; what was left open is null.

    ``items``: how many of the ``asked`` competencies have both marks. ``wants``: topics and methods ticked. No time, no key, no link to a ticket.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(NeedsSurvey, models.PROTECT, related_name="sheets")
    stratum = models.ForeignKey(Stratum, models.PROTECT, related_name="sheets")
    answers = models.JSONField(default=dict)
    wants = models.JSONField(default=dict)
    items = models.PositiveSmallIntegerField()
    asked = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("needs sheet")
        ordering = ("id",)
        constraints = (models.CheckConstraint(condition=Q(items__lte=F("asked")), name="needs_sheet_items_asked"),)

    def __str__(self) -> str:
        return f"sheet {self.id}"


class NeedsText(models.Model):
    """A text that somebody wrote: apart from the marks that came with it, for a way of writing may tell a person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(NeedsSurvey, models.PROTECT, related_name="texts")
    rank_group = models.CharField(max_length=8, choices=RankGroup.choices)
    text = models.CharField(max_length=500)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"text {self.id}"
