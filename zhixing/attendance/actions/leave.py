"""Leave in class (请假): asked for, decided rung by rung, entered in the registers, cancelled, reported back from (销假)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.attendance import permissions, rules, telling
from zhixing.attendance.actions.observing import Seen, lock, observe
from zhixing.attendance.actions.proposing import propose_withdrawals
from zhixing.attendance.actions.settling import Changed, hold, settle
from zhixing.attendance.models import Evidence, Leave, LeaveSession, LeaveStep, Register, Status
from zhixing.attendance.queries.leaves import current_step
from zhixing.attendance.times import begins, ends
from zhixing.base import audit, proofs
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.callups.models import Callup
from zhixing.people.models import Account
from zhixing.timetables.models import Session

Source = Evidence.Source
State = Leave.State


@transaction.atomic
def ask_leave(
    callup: Callup,
    sessions: Sequence[Session],
    *,
    reason: str,
    by: Account,
    text: str = "",
    proof: UploadedFile[Any] | None = None,
    now: dt.datetime | None = None,
) -> Leave:
    """Ask leave from ``sessions``. The ladder follows from the number of half days; the first rung is told."""
    now = now or timezone.now()
    permissions.may_ask_leave(by, callup).require()
    Callup.objects.select_for_update(of=("self",)).get(pk=callup.pk)  # two requests for one half day take turns
    _check_sessions(callup, sessions, now)
    if proof and reason == Leave.Reason.HEALTH and not rules.in_force().keep_medical_paper:
        raise Invalid(_("A medical paper is shown to the class head and not kept: leave it out here."))
    leave = Leave.objects.create(
        callup=callup,
        reason=reason,
        text=written(text, Leave.text.field),
        proof=proofs.keep(proof, by=by) if proof else None,
        half_days=len(sessions),
        tenths=sum(session.tenths for session in sessions),
        by_id=by.pk,
    )
    LeaveSession.objects.bulk_create(LeaveSession(leave=leave, session=session) for session in sessions)
    codes = rules.in_force().steps_for(leave.half_days)
    steps = [LeaveStep(leave=leave, order=n, approver=code) for n, code in enumerate(codes, start=1)]
    LeaveStep.objects.bulk_create(steps)
    audit.record("attendance.leave_asked", leave, by=by, half_days=leave.half_days, tenths=leave.tenths)
    telling.tell_step(leave, steps[0])
    return leave


def _check_sessions(callup: Callup, sessions: Sequence[Session], now: dt.datetime) -> None:
    if not sessions:
        raise Invalid(_("Choose at least one half day."))
    if any(session.class_run_id != callup.class_run_id for session in sessions):
        raise Invalid(_("A half day of another class run cannot be chosen."))
    oldest = now - dt.timedelta(days=rules.in_force().ask_days_after)
    if any(ends(session) < oldest for session in sessions):
        days = rules.in_force().ask_days_after
        raise Invalid(
            _("Leave can be recorded until %(days)s days after a half day; later, appeal against the mark.")
            % {"days": days}
        )
    live = LeaveSession.objects.filter(leave__callup=callup, session__in=sessions, released_at=None)
    if live.filter(leave__state__in=(State.ASKED, State.APPROVED, State.ENDED)).exists():
        raise Invalid(_("One of these half days is already in another leave."))


@transaction.atomic
def decide_leave(leave: Leave, *, agree: bool, by: Account, note: str = "", now: dt.datetime | None = None) -> Leave:
    """Agree or refuse on the current rung. The last agreement approves the leave and enters it in the registers."""
    now = now or timezone.now()
    step = current_step(leave)
    permissions.may_decide_leave(by, leave, step).require()
    assert step is not None
    note = written(note, LeaveStep.note.field, missing="" if agree else _("Say why the leave is refused."))
    decision = LeaveStep.Decision.AGREED if agree else LeaveStep.Decision.REFUSED
    waiting = LeaveStep.objects.filter(pk=step.pk, decision=LeaveStep.Decision.WAITING)
    if not waiting.filter(leave__state=State.ASKED).update(decision=decision, by_id=by.pk, at=now, note=note):
        raise Conflict(_("Someone else decided this step a moment ago."))
    audit.record("attendance.leave_step_decided", leave, by=by, step=step.order, decision=decision)
    following = leave.steps.filter(decision=LeaveStep.Decision.WAITING).order_by("order").first()
    if not agree:
        _move(leave, State.REFUSED, by=by)
    elif following is not None:
        telling.tell_step(leave, following)
        return leave
    else:
        _move(leave, State.APPROVED, by=by)
        _enter(leave, by=by, now=now)
    telling.tell_leave_decided(leave, note)
    return leave


def _move(leave: Leave, to: str, *, by: Account, **fields: Any) -> None:
    """Change the state when the transition table allows it and nobody was faster."""
    allowed_from = [state for state, targets in Leave.TRANSITIONS.items() if to in targets]
    if not Leave.objects.filter(pk=leave.pk, state__in=allowed_from).update(state=to, **fields):
        raise Conflict(_("This leave changed in the meantime. Look at it again."))
    leave.state = to
    for name, value in fields.items():
        setattr(leave, name, value)
    audit.record(f"attendance.leave_{to}", leave, by=by, tenths=leave.tenths)


def _enter(leave: Leave, *, by: Account, now: dt.datetime) -> None:
    """Approved: every register of the half days shows it, those closed already with hours and make-up set right."""
    seen = Seen(leave.callup_id, Source.LEAVE, Status.LEAVE)
    changed = _write(leave.half_day_rows.values_list("session_id", flat=True), seen, by=by, now=now)
    settle([leave.callup_id], changed, reason=_("Leave approved"), by=by, now=now)


def _write(session_ids: Iterable[int], seen: Seen, *, by: Account, now: dt.datetime) -> list[Changed]:
    """Enter one observation in the registers of some sessions, locked in key order; returns the marks that stand there now."""
    registers = Register.objects.filter(session__in=list(session_ids)).order_by("pk").values_list("pk", flat=True)
    held = [lock(pk) for pk in registers]
    return [(register, mark) for register in held for mark in observe(register, [seen], by=by, at=now)]


@transaction.atomic
def cancel_leave(leave: Leave, *, by: Account, now: dt.datetime | None = None) -> Leave:
    """Take back a leave of which no half day has begun."""
    now = now or timezone.now()
    permissions.may_end_leave(by, leave).require()
    rows = list(leave.half_day_rows.select_related("session"))
    if leave.state == State.APPROVED and any(begins(row.session) <= now for row in rows):
        raise Conflict(_("This leave has begun: report back instead."))
    _move(leave, State.CANCELLED, by=by)
    _release(leave, rows, by=by, now=now)
    return leave


@transaction.atomic
def report_back(leave: Leave, *, by: Account, now: dt.datetime | None = None) -> Leave:
    """The trainee is back (销假): half days that have not begun are released, so they no longer count as leave."""
    now = now or timezone.now()
    permissions.may_end_leave(by, leave).require()
    if leave.state != State.APPROVED:
        raise Conflict(_("Only an approved leave is reported back from."))
    _move(leave, State.ENDED, by=by, back_at=now)
    rows = leave.half_day_rows.select_related("session")
    _release(leave, [row for row in rows if begins(row.session) > now], by=by, now=now)
    return leave


def _release(leave: Leave, rows: Sequence[LeaveSession], *, by: Account, now: dt.datetime) -> None:
    """Half days that have not begun count no longer; their registers are open, so neither hours nor make-ups change."""
    LeaveSession.objects.filter(pk__in=[row.pk for row in rows]).update(released_at=now)
    entered = Evidence.objects.filter(callup=leave.callup_id, source=Source.LEAVE)
    sessions = entered.filter(register__session__in=[row.session_id for row in rows])
    seen = Seen(leave.callup_id, Source.LEAVE_ENDED, Status.ABSENT)
    _write(sessions.values_list("register__session_id", flat=True), seen, by=by, now=now)
    propose_withdrawals([*hold([leave.callup_id]).values()], by=by, now=now)
