"""Launching, prolonging, closing surveys, and reminding those who have not answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.questionnaires import Per, Questionnaire, Subject
from zhixing.evaluations import permissions, telling
from zhixing.evaluations.actions.urn import leave_out_rare, lock
from zhixing.evaluations.models import FormVersion, LaunchRule, Survey, Ticket
from zhixing.evaluations.queries.raters import raters
from zhixing.evaluations.strata import strata_of
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session

DAYS_MAX = 90


@transaction.atomic
def launch_survey(
    version: FormVersion,
    class_run: ClassRun,
    group: str,
    *,
    by: Account,
    closes_at: dt.datetime,
    session: Session | None = None,
    now: dt.datetime | None = None,
) -> Survey:
    """By hand: put a published form to a rater group, now. Raises ``Invalid`` when there is nobody to ask, ``Conflict`` when it was launched before."""
    permissions.may_launch(by, class_run).require()
    now = now or timezone.now()
    if not now < closes_at <= now + dt.timedelta(days=DAYS_MAX):
        raise Invalid(_("A survey is open for up to %(days)s days.") % {"days": DAYS_MAX})
    _must_suit(version, class_run, session)
    survey = Survey(
        version=version,
        class_run=class_run,
        session=session,
        group=group,
        opens_at=now,
        closes_at=closes_at,
        by_id=by.pk,
    )
    try:
        with transaction.atomic():
            launched = begin(survey)
    except IntegrityError:
        raise Conflict(_("This form was put to this rater group already.")) from None
    if launched is None:
        raise Invalid(_("There is nobody of this rater group to ask."))
    return launched


def _must_suit(version: FormVersion, class_run: ClassRun, session: Session | None) -> None:
    if version.state != FormVersion.State.PUBLISHED:
        raise Invalid(_("Publish the form first."))
    about_session = version.questionnaire.subject is Subject.SESSION
    if about_session != (session is not None) or (session and session.class_run_id != class_run.pk):
        raise Invalid(_("This form is about something else: choose a session for a form about sessions only."))


def begin(survey: Survey, rule: LaunchRule | None = None) -> Survey | None:
    """Save a survey with a ticket for everyone who is asked, and tell them. None, and nothing saved, when nobody is."""
    asked = raters(survey.group, survey.class_run, survey.session)
    if not asked:
        return None
    survey.rule, survey.invited = rule, len(asked)
    survey.subjects = subjects_of(survey.version.questionnaire, survey.class_run)
    survey.title, survey.teacher = _as_asked(survey.session)
    survey.save()
    survey.teachers.set(teachers_among(survey.subjects))
    for ticket in asked:
        ticket.survey = survey
    Ticket.objects.bulk_create(asked, batch_size=500)
    telling.tell_asked(survey, asked)
    by = None if rule else Account.objects.filter(pk=survey.by_id).first()
    audit.record("evaluations.survey_launched", survey, by=by, class_run=survey.class_run_id, asked=survey.invited)
    return survey


def _as_asked(session: Session | None) -> tuple[str, Teacher | None]:
    """Title and teacher: as all surveys of one session know them, the first of which fixed them."""
    if session is None:
        return "", None
    first = Survey.objects.filter(session=session).select_related("teacher").order_by("opens_at", "pk").first()
    return (first.title, first.teacher) if first else (session.title, session.teacher)


def subjects_of(form: Questionnaire, class_run: ClassRun) -> dict[str, list[tuple[str, ...]]]:
    """Per → (key, label) of what the form's items are repeated for, of sessions with the key of the teacher or nothing, in the order of the timetable;
    nothing that no item asks about."""
    wanted = {item.per for item in form.items}
    found: dict[str, list[tuple[str, ...]]] = {}
    sessions = list(class_run.sessions.select_related("teacher"))
    if Per.SESSION in wanted:
        found[Per.SESSION.value] = [(str(one.pk), _label(one), str(one.teacher_id or "")) for one in sessions]
    if Per.TEACHER in wanted:
        teachers = {str(one.teacher_id): one.teacher.name for one in sessions if one.teacher}
        found[Per.TEACHER.value] = list(teachers.items())
    return found


def teachers_among(subjects: Mapping[str, Sequence[Sequence[str]]]) -> set[int]:
    """Keys of all whom repeated items are about."""
    of_sessions = {row[2] for row in subjects.get(Per.SESSION, ())}
    named = {row[0] for row in subjects.get(Per.TEACHER, ())}
    return {int(key) for key in of_sessions | named if key}


def _label(session: Session) -> str:
    return f"{session.on:%m-%d} {session.get_half_display()} {session.title}"


@transaction.atomic
def prolong_survey(survey: Survey, closes_at: dt.datetime, *, by: Account, now: dt.datetime | None = None) -> None:
    """Let an open survey close later."""
    now = now or timezone.now()
    permissions.may_close(by, survey).require()
    if not survey.closes_at < closes_at <= survey.opens_at + dt.timedelta(days=DAYS_MAX) or closes_at <= now:
        raise Invalid(_("A survey is open for up to %(days)s days, and can only be prolonged.") % {"days": DAYS_MAX})
    open_still = Survey.objects.filter(pk=survey.pk, state=Survey.State.OPEN, closes_at=survey.closes_at)
    if not open_still.update(closes_at=closes_at):
        raise Conflict(_("Someone else changed this survey a moment ago."))
    audit.record("evaluations.survey_prolonged", survey, by=by, until=timezone.localdate(closes_at))


@transaction.atomic
def close_survey(survey: Survey, *, by: Account | None, now: dt.datetime | None = None) -> None:
    """For good. Tickets and paper numbers go: from now on nothing tells who has answered. ``by`` None: its time has come."""
    if by is not None:
        permissions.may_close(by, survey).require()
    locked = lock(survey.pk)
    if locked is None or locked.state != Survey.State.OPEN:
        raise Conflict(_("This survey was closed a moment ago."))
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.CLOSED, closed_at=now or timezone.now())
    Survey.objects.filter(pk=survey.pk).update(strata=strata_of(locked))
    leave_out_rare(locked)
    locked.tickets.all().delete()
    locked.paper_numbers.all().delete()
    audit.record("evaluations.survey_closed", survey, by=by, asked=locked.invited, answered=locked.answered)


@transaction.atomic
def remind(survey: Survey, *, by: Account, now: dt.datetime | None = None) -> None:
    """Tell those who have not answered, once more. Nobody learns who they are, nor how many where few were asked."""
    now = now or timezone.now()
    permissions.may_remind(by, survey, now).require()
    today = timezone.localdate(now)
    before = Survey.objects.filter(pk=survey.pk, state=Survey.State.OPEN, reminded_on=survey.reminded_on)
    if not before.update(reminded_on=today):
        raise Conflict(_("Someone else sent a reminder a moment ago."))
    telling.tell_again(survey, list(survey.tickets.filter(burnt=False)))
    audit.record("evaluations.reminded", survey, by=by)
