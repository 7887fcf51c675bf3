"""Every write about sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit, workdays
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.workdays import days_between
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.timetables import permissions
from zhixing.timetables.models import Session
from zhixing.timetables.queries import courses_to_name, teachers_to_name

TIMES = {
    Session.Half.MORNING: (dt.time(9), dt.time(12)),
    Session.Half.AFTERNOON: (dt.time(14, 30), dt.time(17, 30)),
    Session.Half.EVENING: (dt.time(19), dt.time(21)),
}


@transaction.atomic
def lay_out_sessions(class_run: ClassRun, *, by: Account) -> int:
    """Give a class run without sessions one per half day, its hours shared out exactly. Returns how many.

    Weekends and holidays are left out unless the class run lies wholly on such days.
    """
    permissions.may_schedule(by, class_run).require()
    if class_run.sessions.exists():
        raise Conflict(_("This class run already has sessions."))
    halves = list(half_days(class_run.starts_on, class_run.ends_on))
    shares = share_out(class_run.tenths, len(halves))
    Session.objects.bulk_create(
        Session(
            class_run=class_run,
            on=on,
            half=half,
            begins_at=TIMES[half][0],
            ends_at=TIMES[half][1],
            title=class_run.theme or class_run.name,
            tenths=tenths,
        )
        for (on, half), tenths in zip(halves, shares, strict=True)
    )
    audit.record("timetables.sessions_laid_out", class_run, by=by, sessions=len(halves))
    return len(halves)


def half_days(starts_on: dt.date, ends_on: dt.date) -> Iterator[tuple[dt.date, Session.Half]]:
    """The mornings and afternoons of the working days between two days, both included."""
    for day in workdays.in_force().between(starts_on, ends_on) or days_between(starts_on, ends_on):
        yield day, Session.Half.MORNING
        yield day, Session.Half.AFTERNOON


def share_out(tenths: int, parts: int) -> list[int]:
    """Split ``tenths`` into ``parts`` whole numbers that differ by one at most and add up exactly; larger ones first."""
    small, rest = divmod(tenths, parts)
    return [small + 1] * rest + [small] * (parts - rest)


@transaction.atomic
def save_session(
    class_run: ClassRun, facts: Mapping[str, Any], *, by: Account, session: Session | None = None
) -> Session:
    """Add a session, or change one of this class run."""
    permissions.may_schedule(by, class_run).require()
    kept = session or Session(class_run=class_run)
    teacher = facts.get("teacher")
    if teacher is not None and not teachers_to_name(by, kept.teacher_id).filter(pk=teacher.pk).exists():
        raise Invalid(_("This teacher is retired, or is not in your scope."))
    course = facts.get("bank_course")
    if course is not None and not courses_to_name(by, kept.bank_course_id).filter(pk=course.pk).exists():
        raise Invalid(_("This course is retired, or is not in your scope."))
    for name, value in facts.items():
        setattr(kept, name, value)
    if not class_run.starts_on <= kept.on <= class_run.ends_on:
        raise Invalid(_("The session lies outside the days of the class run."))
    if kept.ends_at <= kept.begins_at:
        raise Invalid(_("The session ends before it begins."))
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as error:
        raise Conflict(_("There already is a session in this half day.")) from error
    audit.record("timetables.session_saved", kept, by=by, class_run=class_run.pk)
    return kept


@transaction.atomic
def delete_session(session: Session, *, by: Account) -> None:
    """Remove a session that has no register yet."""
    permissions.may_schedule(by, session.class_run).require()
    audit.record("timetables.session_deleted", session, by=by, class_run=session.class_run_id)
    try:
        session.delete()
    except ProtectedError as error:
        raise Conflict(_("This session has a register, so it stays.")) from error
