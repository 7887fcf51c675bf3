"""Withdrawal (退学): proposed by the software when the cap is passed, decided by a named person of the department."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.attendance import permissions, telling
from zhixing.attendance.actions.settling import fail, hold
from zhixing.attendance.models import Register, Withdrawal
from zhixing.attendance.queries.budgets import class_tenths
from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict
from zhixing.callups.actions import open_make_up, withdraw_callup
from zhixing.callups.models import Callup, MakeUp
from zhixing.people.models import Account

State, Cause = Withdrawal.State, Withdrawal.Cause


@transaction.atomic
def decide_withdrawal(
    withdrawal: Withdrawal, *, confirm: bool, note: str, by: Account, now: dt.datetime | None = None
) -> Withdrawal:
    """Confirm: the call-up ends as not completed (or is withdrawn when the class run has not begun) and its hours are reversed.
    Dismiss: the person stays. Either way with a note.
    """
    now = now or timezone.now()
    permissions.may_decide_withdrawal(by, withdrawal).require()
    note = written(note, Callup.note.field, missing=_("A decision needs its reason."))
    state = State.CONFIRMED if confirm else State.DISMISSED
    fields = {"state": state, "decided_by_id": by.pk, "decided_at": now, "note": note}
    if not Withdrawal.objects.filter(pk=withdrawal.pk, state=State.PROPOSED).update(**fields):
        raise Conflict(_("Someone else decided this a moment ago."))
    withdrawal.refresh_from_db(fields=tuple(fields))
    if confirm:
        _take_out(withdrawal.callup, note, by=by, now=now)
    audit.record("attendance.withdrawal_decided", withdrawal, by=by, state=state)
    telling.tell_withdrawal_decided(withdrawal)
    return withdrawal


def _take_out(callup: Callup, reason: str, *, by: Account, now: dt.datetime) -> None:
    callup = hold([callup.pk])[callup.pk]
    registers = Register.objects.filter(session__class_run=callup.class_run_id, state=Register.State.CLOSED)
    if registers.exists():
        fail(callup, reason=reason, by=by, now=now)
    else:
        withdraw_callup(callup, reason=reason, by=by)
        open_make_up(callup, tenths=class_tenths(callup.class_run), cause=MakeUp.Cause.ATTENDANCE, by=by)
