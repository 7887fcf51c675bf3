"""Forms in force, rules that launch them, and surveys of the class runs that kept registers: closed ones with sheets, one still open."""

from __future__ import annotations

import datetime as dt

import numpy as np
from django.utils import timezone

from zhixing.attendance.times import ends
from zhixing.demo.filling import filled_sheet
from zhixing.demo.rated import rate_without_registers
from zhixing.evaluations import actions, rules
from zhixing.evaluations.actions.launching import end_of_day
from zhixing.evaluations.actions.urn import put_in
from zhixing.evaluations.models import FormVersion, Group, Survey, Ticket
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.timetables.models import Session

OPEN_DAYS = 7
COURSE_DAYS = 2
ANSWERING = 0.85
"""Share of those asked who answer."""
LAUNCHED = (
    ("course", Group.TRAINEES, 0),
    ("class-run", Group.TRAINEES, 0),
    ("behaviour-own", Group.TRAINEES, 1),
    ("behaviour-superior", Group.SUPERIORS, 3),
)
"""Template, rater group and months of the rules in force."""


def make_surveys(rng: np.random.Generator, on: dt.date) -> None:
    """Everything as it stands on the morning of ``on``."""
    admin = Account.objects.get(username="zuzhibu")
    forms = {name: _published(name, admin, on) for name in rules.templates()}
    for name, group, months in LAUNCHED:
        days = COURSE_DAYS if name == "course" else OPEN_DAYS
        actions.make_rule(forms[name].form, group, months=months, open_days=days, by=admin, today=on)
    kept = ClassRun.objects.filter(sessions__register__isnull=False).distinct().order_by("ends_on", "pk")
    class_runs = list(kept.select_related("institution"))
    ended = [one for one in class_runs if one.ends_on < on]
    for class_run in class_runs:
        quality = float(rng.normal(0, 0.3))
        last = class_run is (ended[-1] if ended else None)
        _about_sessions(rng, class_run, forms["course"], quality, on)
        if class_run.ends_on < on:
            _about_class_run(rng, class_run, forms, quality, on, still_open=last)
    rate_without_registers(rng, forms["class-run"], class_runs, on)


def _published(name: str, admin: Account, on: dt.date) -> FormVersion:
    version = actions.create_form(rules.templates()[name].document, by=admin)
    actions.publish_version(version, edition=1, by=admin, now=_morning(dt.date(on.year, 1, 5)))
    version.refresh_from_db()
    return version


def _morning(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(9)))


def _about_sessions(
    rng: np.random.Generator, class_run: ClassRun, form: FormVersion, quality: float, on: dt.date
) -> None:
    """Courses of the days before; those of the last days are still open, and the demonstration trainee has not answered them."""
    teachers: dict[int | None, float] = {}
    for session in class_run.sessions.select_related("class_run__institution").filter(on__lt=on):
        worth = quality + teachers.setdefault(session.teacher_id, float(rng.normal(0, 0.4)))
        survey = _begun(form, class_run, Group.TRAINEES, ends(session), session=session, days=COURSE_DAYS)
        if survey:
            _fill(rng, survey, worth, closed=session.on + dt.timedelta(days=COURSE_DAYS) < on)


def _about_class_run(
    rng: np.random.Generator,
    class_run: ClassRun,
    forms: dict[str, FormVersion],
    quality: float,
    on: dt.date,
    still_open: bool,
) -> None:
    over = _morning(class_run.ends_on + dt.timedelta(days=1))
    if survey := _begun(forms["class-run"], class_run, Group.TRAINEES, over):
        if still_open:  # prolonged, so that there is a rate to be watched
            Survey.objects.filter(pk=survey.pk).update(closes_at=end_of_day(on + dt.timedelta(days=3)))
        _fill(rng, survey, quality, closed=not still_open)
    if not still_open and (survey := _begun(forms["class-run"], class_run, Group.OFFICE, over)):
        _fill(rng, survey, quality + 0.3, closed=True)
    due = class_run.ends_on + dt.timedelta(days=31)
    if due + dt.timedelta(days=OPEN_DAYS) < on:
        for name, group in (("behaviour-own", Group.TRAINEES), ("behaviour-superior", Group.SUPERIORS)):
            if survey := _begun(forms[name], class_run, group, _morning(due), months=1):
                _fill(rng, survey, quality - 0.4, closed=True)


def _begun(
    form: FormVersion,
    class_run: ClassRun,
    group: str,
    at: dt.datetime,
    *,
    session: Session | None = None,
    months: int = 0,
    days: int = OPEN_DAYS,
) -> Survey | None:
    closes = end_of_day(timezone.localdate(at) + dt.timedelta(days=days))
    survey = Survey(
        version=form, class_run=class_run, session=session, group=group, months=months, opens_at=at, closes_at=closes
    )
    return actions.begin(survey)


def _fill(rng: np.random.Generator, survey: Survey, worth: float, *, closed: bool) -> None:
    """Most of those asked have answered, fewer while it is open; nobody knows who of the closed ones."""
    spared = Ticket.objects.filter(survey=survey, person__account__username="xueyuan")
    asked = list(survey.tickets.exclude(pk__in=spared).order_by("pk").values_list("pk", flat=True))
    share = ANSWERING if closed else 0.6
    answering = [key for key in asked if rng.random() < share]
    fields = survey.fields
    put_in(survey, [filled_sheet(rng, fields, worth) for _key in answering])
    Ticket.objects.filter(pk__in=answering).update(burnt=True)
    Survey.objects.filter(pk=survey.pk).update(answered=len(answering))
    if closed:
        actions.close_survey(survey, by=None, now=survey.closes_at)
