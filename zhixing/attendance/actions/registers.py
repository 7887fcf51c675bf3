"""Opening registers, marking people on them, closing them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.attendance import permissions, rules, telling
from zhixing.attendance.actions.observing import Seen, earned, lock, observe
from zhixing.attendance.actions.settling import post_hours, settle
from zhixing.attendance.models import Evidence, LeaveSession, Mark, Register, Status
from zhixing.attendance.queries.registers import Line, lines_of, listed
from zhixing.attendance.times import begins
from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.people.models import Account
from zhixing.plans.actions import mark_class_run
from zhixing.plans.models import ClassRun

Source = Evidence.Source


@transaction.atomic
def open_registers(class_run: ClassRun, *, by: Account, now: dt.datetime | None = None) -> int:
    """Open a register for each session that has none; approved leave is entered at once. Returns how many were opened."""
    permissions.may_open_registers(by, class_run).require()
    lacking = list(class_run.sessions.filter(register=None))
    if not class_run.sessions.exists():
        raise Invalid(_("This class run has no sessions yet: lay out its timetable first."))
    Register.objects.bulk_create([Register(session=session) for session in lacking], ignore_conflicts=True)
    registers = Register.objects.filter(session__in=lacking).select_related("session")
    for register in registers:
        _enter_leave(register, by=by, now=now or timezone.now())
    mark_class_run(class_run, ClassRun.State.RUNNING, by=by)
    audit.record("attendance.registers_opened", class_run, by=by, registers=len(lacking))
    return len(lacking)


def _enter_leave(register: Register, *, by: Account, now: dt.datetime) -> None:
    rows = LeaveSession.objects.in_force().filter(session=register.session_id)
    people = sorted(set(rows.values_list("leave__callup_id", flat=True)))
    observe(register, [Seen(callup, Source.LEAVE, Status.LEAVE) for callup in people], by=by, at=now)


@transaction.atomic
def mark_person(
    register: Register, callup_id: int, status: str, *, version: int, by: Account, now: dt.datetime | None = None
) -> Line:
    """Roll call: ``by`` saw this person. ``version`` is the number of observations the page showed; a newer one is a ``Conflict``.

    "On leave" needs an approved leave: a register is no way around the ladder.
    """
    now = now or timezone.now()
    register = lock(register.pk)
    permissions.may_take(by, register).require()
    must_be_time(register, now)
    line = _line(register, callup_id)
    if line.version != version:
        raise Conflict(
            _("%(name)s was marked by someone else a moment ago. The page shows it now; look again.")
            % {"name": line.callup.person}
        )
    if status == Status.LEAVE and not line.covered:
        raise Invalid(_("No approved leave covers this half day. Record the leave first, then the register shows it."))
    observe(register, [Seen(callup_id, Source.ROLL_CALL, status)], by=by, at=now)
    return _line(register, callup_id)


def _line(register: Register, callup_id: int) -> Line:
    lines = lines_of(register, [callup_id])
    if not lines:
        raise NotFound
    return lines[0]


@transaction.atomic
def mark_rest(register: Register, *, by: Account, now: dt.datetime | None = None) -> int:
    """Roll call: everybody not marked yet is present. Returns how many."""
    now = now or timezone.now()
    register = lock(register.pk)
    permissions.may_take(by, register).require()
    must_be_time(register, now)
    rest = _unmarked(register)
    observe(register, [Seen(callup, Source.ROLL_CALL, Status.PRESENT) for callup in rest], by=by, at=now)
    audit.record("attendance.rest_marked", register, by=by, present=len(rest))
    return len(rest)


def _unmarked(register: Register) -> list[int]:
    marked = register.marks.values("callup")
    return list(listed(register.session.class_run).exclude(pk__in=marked).order_by("pk").values_list("pk", flat=True))


def must_be_time(register: Register, now: dt.datetime) -> None:
    """Raise ``Refused`` before the register opens: nobody can be seen in a session that has not begun."""
    opens = begins(register.session) - rules.in_force().opens_before
    if now < opens:
        when = timezone.localtime(opens).strftime("%Y-%m-%d %H:%M")
        raise Refused(_("This register opens at %(when)s.") % {"when": when})


@dataclass(frozen=True)
class Closing:
    """How a register was closed, in persons; ``tenths`` are the hours posted."""

    present: int
    on_leave: int
    absent: int
    tenths: int


@transaction.atomic
def close_register(register: Register, *, by: Account, now: dt.datetime | None = None) -> Closing:
    """Close: whoever nobody saw is absent, hours are posted, make-ups opened, withdrawals proposed, absent people told. All or nothing."""
    now = now or timezone.now()
    register = lock(register.pk)
    permissions.may_close(by, register, now).require()
    closed = Register.objects.filter(pk=register.pk, state=Register.State.OPEN)
    if not closed.update(state=Register.State.CLOSED, closed_at=now, closed_by_id=by.pk):
        raise Conflict(_("This register was closed already."))
    register.marks.exclude(callup__in=listed(register.session.class_run).values("pk")).delete()
    unseen = _unmarked(register)
    register.state, register.closed_at, register.closed_by_id = Register.State.CLOSED, now, by.pk
    observe(register, [Seen(callup, Source.CLOSING, Status.ABSENT) for callup in unseen], by=by, at=now)
    marks = _with_hours(register)
    post_hours(register, marks, by=by, now=now)
    settle(_concerned(register, marks), [], reason="", by=by, now=now)
    telling.tell_absent(register, [mark for mark in marks if mark.status == Status.ABSENT])
    closing = _closing(marks)
    audit.record("attendance.register_closed", register, by=by, **vars(closing))
    return closing


def _concerned(register: Register, marks: Iterable[Mark]) -> set[int]:
    """The call-ups whose make-up or budget a closed register may change: who missed hours, and who came in spite of leave that counted until now."""
    granted = LeaveSession.objects.in_force().filter(session=register.session_id)
    on_leave = set(granted.values_list("leave__callup_id", flat=True))
    return {mark.callup_id for mark in marks if mark.tenths < register.session.tenths or mark.callup_id in on_leave}


def _with_hours(register: Register) -> list[Mark]:
    """All marks of a register that was just closed, with the hours they earn."""
    marks = list(register.marks.select_related("callup__class_run__institution"))
    for mark in marks:
        mark.tenths = earned(register, mark.status)
    Mark.objects.bulk_update(marks, ("tenths",))
    return marks


def _closing(marks: list[Mark]) -> Closing:
    absent = sum(mark.status == Status.ABSENT for mark in marks)
    on_leave = sum(mark.status == Status.LEAVE for mark in marks)
    return Closing(len(marks) - absent - on_leave, on_leave, absent, sum(mark.tenths for mark in marks))
