"""The software proposes a withdrawal when a limit is passed, and takes the proposal back when a correction brings the person inside again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from zhixing.attendance import telling
from zhixing.attendance.models import Withdrawal
from zhixing.attendance.permissions import ON_THE_LIST
from zhixing.attendance.queries.budgets import Budget, budgets
from zhixing.attendance.queries.results import result_of
from zhixing.base import audit
from zhixing.callups.models import Callup

State, Cause = Withdrawal.State, Withdrawal.Cause


def propose_withdrawals(callups: list[Callup], *, by: Any, now: dt.datetime) -> None:
    """Bring the proposals about ``callups`` in line with their budgets; the caller holds the call-ups' rows.

    A person who completed the class run is proposed as well when a later correction leaves too little: nobody fails without a decision.
    """
    concerned = [callup for callup in callups if callup.state in (*ON_THE_LIST, Callup.State.COMPLETED)]
    found = budgets(concerned)
    latest = {one.callup_id: one for one in Withdrawal.objects.filter(callup__in=concerned).order_by("pk")}
    for callup in concerned:
        budget, last = found[callup.pk], latest.get(callup.pk)
        cause = _cause(callup, budget)
        if last is not None and last.state == State.PROPOSED:
            if cause:
                _keep(last, cause, budget)
            else:
                _take_back(last, by=by, now=now)
        elif cause and _is_news(budget, last):
            _propose(callup, cause, budget, by=by)


def _cause(callup: Callup, budget: Budget) -> str:
    if budget.passed:
        return Cause.LEAVE_CAP
    if budget.absent_too_long:
        return Cause.ABSENCE
    failed = callup.state == Callup.State.COMPLETED and not result_of(callup).completes
    return Cause.TOO_LITTLE if failed else ""


def _is_news(budget: Budget, last: Withdrawal | None) -> bool:
    """Nothing is proposed twice: after a person's dismissal only further hours missed are news."""
    if last is None or last.decided_by_id is None:
        return True
    return last.state == State.DISMISSED and budget.used > last.leave_tenths


def _keep(proposed: Withdrawal, cause: str, budget: Budget) -> None:
    """Whoever decides sees, and decides about, what is missed by then."""
    figures = {"cause": cause, "leave_tenths": budget.used, "cap_tenths": budget.cap}
    Withdrawal.objects.filter(pk=proposed.pk, state=State.PROPOSED).update(**figures)


def _propose(callup: Callup, cause: str, budget: Budget, *, by: Any) -> None:
    proposed = Withdrawal.objects.create(callup=callup, cause=cause, leave_tenths=budget.used, cap_tenths=budget.cap)
    audit.record("attendance.withdrawal_proposed", proposed, by=by, cause=cause, missed=budget.used, cap=budget.cap)
    telling.tell_withdrawal(proposed)


def _take_back(proposed: Withdrawal, *, by: Any, now: dt.datetime) -> None:
    note = _("Taken back: the limits are kept again.")
    fields = {"state": State.DISMISSED, "decided_at": now, "note": note}
    Withdrawal.objects.filter(pk=proposed.pk, state=State.PROPOSED).update(**fields)
    audit.record("attendance.withdrawal_taken_back", proposed, by=by)
