"""Surveys (测评): a published form put to one rater group about one class run, and the tickets that let each of them answer once."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.engine.questionnaires import Field, Per, Subjects, fields_of
from zhixing.evaluations import rules
from zhixing.evaluations.models.forms import Form, FormVersion
from zhixing.evaluations.models.versions import made_for
from zhixing.people.models import Account, Person, Unit
from zhixing.plans.models import ClassRun, in_charge
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session


class Group(models.TextChoices):
    """Who rates (评价主体)."""

    TRAINEES = "trainees", pgettext_lazy("raters", "Trainees")
    TEACHERS = "teachers", pgettext_lazy("raters", "Teachers and experts")
    STAFF = "staff", pgettext_lazy("raters", "Class staff")
    OFFICE = "office", pgettext_lazy("raters", "Teaching office")
    SUPERIORS = "superiors", pgettext_lazy("raters", "Superiors")


MONTHS = ((0, _("at once")), (1, _("1 month later")), (3, _("3 months later")), (6, _("6 months later")))


class LaunchRuleQuerySet(models.QuerySet["LaunchRule"]):
    def visible_to(self, user: Account) -> Self:
        return self.filter(made_for(user))


class LaunchRule(models.Model):
    """A survey that starts by itself: ``form`` (its latest version) to ``group`` when a session or class run that ends on or after ``from_on``
    is over, ``months`` later. It holds for class runs organised in the subtree of ``unit``.
    """

    form = models.ForeignKey(Form, models.PROTECT, related_name="launch_rules", verbose_name=_("questionnaire"))
    group = models.CharField(_("rater group"), max_length=10, choices=Group.choices)
    months = models.PositiveSmallIntegerField(_("when"), choices=MONTHS, default=0)
    open_days = models.PositiveSmallIntegerField(_("open for days"), default=7)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    from_on = models.DateField()
    by_id = models.BigIntegerField()
    stopped_on = models.DateField(null=True)

    objects = LaunchRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("launch rule")
        ordering = ("form__title", "group", "months")
        constraints = (
            models.UniqueConstraint(
                fields=("form", "group", "months", "unit"),
                condition=Q(stopped_on=None),
                name="launch_rule_once_in_force",
            ),
            models.CheckConstraint(condition=Q(open_days__range=(1, 90)), name="launch_rule_days_in_range"),
        )

    def __str__(self) -> str:
        return f"{self.form} {self.group} {self.months}"


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, user: Account) -> Self:
        """Whoever answers for the class run. A teacher: what is closed and about a session of theirs. Others none: they answer by their ticket."""
        if user.is_teacher:
            mine = Q(teacher__account=user) | Q(teachers__account=user)
            return self.filter(mine, state=Survey.State.CLOSED).distinct()
        return self.filter(in_charge(user, "class_run__"))


class Survey(models.Model):
    """``session``: what a form about a session is about (None: the class run), with its ``title`` and ``teacher`` as they were at the launch: what raters
    have said of them stays with them. ``months``: so long after the end. ``subjects``: the sessions (key, label, key of the teacher) and teachers that
    repeated items are asked for, and ``teachers`` all of these, as they were at the launch. ``on_paper``: the rest is answered on paper. ``answered`` counts
    sheets; who has answered is nowhere once it is closed, and ``strata`` then counts by kinds of trainee, none of them small.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("survey", "Open")
        CLOSED = "closed", pgettext_lazy("survey", "Closed")

    TRANSITIONS = {State.OPEN: {State.CLOSED}}

    version = models.ForeignKey(FormVersion, models.PROTECT, related_name="surveys")
    class_run = models.ForeignKey(ClassRun, models.PROTECT, related_name="surveys")
    session = models.ForeignKey(Session, models.PROTECT, null=True, related_name="surveys")
    title = models.CharField(max_length=120, blank=True)
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, related_name="+")
    teachers = models.ManyToManyField(Teacher, related_name="+")
    group = models.CharField(_("rater group"), max_length=10, choices=Group.choices)
    months = models.PositiveSmallIntegerField(choices=MONTHS, default=0)
    subjects = models.JSONField(default=dict)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)
    rule = models.ForeignKey(LaunchRule, models.PROTECT, null=True, related_name="surveys")
    by_id = models.BigIntegerField(null=True)
    invited = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    on_paper = models.BooleanField(default=False)
    reminded_on = models.DateField(null=True)
    strata = models.JSONField(default=dict)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        ordering = ("-opens_at", "-id")
        indexes = (models.Index(fields=("state", "closes_at"), name="survey_by_state"),)
        constraints = (
            models.UniqueConstraint(
                fields=("version", "class_run", "group", "months"),
                condition=Q(session=None),
                name="survey_once_per_class_run",
            ),
            models.UniqueConstraint(
                fields=("version", "session", "group", "months"),
                condition=Q(session__isnull=False),
                name="survey_once_per_session",
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="survey_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | Q(state="closed", closed_at__isnull=False),
                name="survey_closed_has_time",
            ),
            models.CheckConstraint(condition=Q(answered__lte=F("invited")), name="survey_answered_by_invited"),
            models.CheckConstraint(
                condition=Q(session=None, title="", teacher=None) | (Q(session__isnull=False) & ~Q(title="")),
                name="survey_title_of_its_session",
            ),
        )

    def __str__(self) -> str:
        return f"{self.version.form} · {self.about}"

    @property
    def about(self) -> str:
        """The class run, or the session of it."""
        return f"{self.class_run} · {self.title}" if self.title else str(self.class_run)

    @property
    def is_small(self) -> bool:
        """Whether so few were invited that not even the number of answers is shown."""
        return self.invited < rules.in_force().least

    @property
    def percent(self) -> int:
        """Answered of invited, rounded down."""
        return self.answered * 100 // self.invited if self.invited else 0

    def takes_answers(self, now: dt.datetime) -> bool:
        return self.state == self.State.OPEN and self.opens_at <= now < self.closes_at

    @property
    def repeats(self) -> Subjects:
        return {Per(per): [row[0] for row in rows] for per, rows in self.subjects.items()}

    @property
    def labels(self) -> dict[tuple[str, str], str]:
        """(per, key) → what the session or teacher is called on the form."""
        return {(per, row[0]): row[1] for per, rows in self.subjects.items() for row in rows}

    def own_subjects(self, teachers: set[str]) -> dict[Per, set[str]]:
        """Keys of the sessions and teachers of ``teachers`` (keys) that repeated items are asked for."""
        sessions = {row[0] for row in self.subjects.get(Per.SESSION, ()) if row[2] in teachers}
        return {Per.SESSION: sessions, Per.TEACHER: teachers, Per.FORM: set()}

    @property
    def fields(self) -> tuple[Field, ...]:
        """Everything there is to fill in."""
        return fields_of(self.version.questionnaire, self.repeats)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: Account) -> Self:
        """The own ones only, whatever the role: a unit's belong to its liaison, who passes the link on."""
        own = Q(account=user)
        if user.person_id:
            own |= Q(person=user.person_id)
        if user.is_liaison and user.scope_unit_id:
            own |= Q(unit=user.scope_unit_id)
        return self.filter(own)


def make_nonce() -> str:
    return secrets.token_urlsafe(16)


class Ticket(models.Model):
    """Leave to answer once. Of the link only a nonce is kept: it takes the installation's key to make the link of it (``tokens``).

    No time is kept, and the whole row goes when the survey closes.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="tickets")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    nonce = models.CharField(max_length=22, unique=True, default=make_nonce)
    burnt = models.BooleanField(default=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ("survey__closes_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("survey", "person"), name="ticket_once_per_person"),
            models.UniqueConstraint(fields=("survey", "account"), name="ticket_once_per_account"),
            models.UniqueConstraint(fields=("survey", "unit"), name="ticket_once_per_unit"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, account=None, unit=None)
                | Q(person=None, account__isnull=False, unit=None)
                | Q(person=None, account=None, unit__isnull=False),
                name="ticket_has_one_holder",
            ),
        )

    def __str__(self) -> str:
        return f"ticket {self.pk}"
