"""What follows from marks: hours in the ledger, make-ups for what was missed, withdrawals proposed. All of it is brought in line from here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from zhixing.attendance import rules
from zhixing.attendance.actions.proposing import propose_withdrawals
from zhixing.attendance.models import Mark, Register, Withdrawal
from zhixing.attendance.queries.budgets import class_tenths
from zhixing.attendance.queries.ledger import key_anew, key_of, live_entries, live_of, not_completed_key, postings_of
from zhixing.attendance.queries.results import result_of
from zhixing.callups.actions import finish_callup, open_make_up
from zhixing.callups.models import Callup, MakeUp
from zhixing.obligations.actions import NewCredit, post_credits, reverse_entry
from zhixing.obligations.models import Entry
from zhixing.plans.models import ClassRun

SOURCE = "attendance"
Changed = tuple[Register, Mark]


def post_hours(register: Register, marks: Iterable[Mark], *, by: Any, now: dt.datetime) -> None:
    """Post what a register that was just closed earns; ``source_key`` lets nothing be booked twice."""
    post_credits([_credit(register, mark, mark.callup, key_of(mark)) for mark in marks if mark.tenths], by=by, at=now)


def settle(callup_ids: Iterable[int], changed: Sequence[Changed], *, reason: str, by: Any, now: dt.datetime) -> None:
    """After a change, bring hours, make-ups and proposed withdrawals of some call-ups in line.

    The caller holds the registers of ``changed``. The call-ups are held here, in key order, so that two changes take turns.
    """
    callups = hold(callup_ids)
    for register, mark in changed:
        if register.state == Register.State.CLOSED:
            _settle_hours(register, mark, callups[mark.callup_id], reason=reason, by=by, now=now)
    for callup in callups.values():
        _reinstate(callup, reason=reason, by=by, now=now)
        settle_make_up(callup, by=by)
    propose_withdrawals(list(callups.values()), by=by, now=now)


def hold(callup_ids: Iterable[int]) -> dict[int, Callup]:
    """The call-ups as they are now, by key, held until the transaction ends."""
    held = Callup.objects.select_for_update(of=("self",)).filter(pk__in=list(callup_ids)).order_by("pk")
    return {callup.pk: callup for callup in held.select_related("person", "unit", "class_run__institution")}


def _settle_hours(register: Register, mark: Mark, callup: Callup, *, reason: str, by: Any, now: dt.datetime) -> None:
    """Reverse the entry that is wrong now, post the right one; what an appeal about the entry booked is the department's word, and stands."""
    wanted = 0 if _hours_are_void(callup) else mark.tenths
    postings = postings_of(key_of(mark))
    live = live_of(postings)
    if wanted == (live.tenths if live else 0) or (live and live.source == Entry.Source.APPEAL):
        return
    if live is not None:
        reverse_entry(live, reason=reason, by=by, at=now)
    if wanted:
        _post_anew(_credit(register, mark, callup, key_of(mark)), postings, by=by, now=now)


def _post_anew(credit: NewCredit, postings: Sequence[Entry], *, by: Any, now: dt.datetime) -> None:
    """Under the next key, to whom the last of ``postings`` belongs: of two persons on record that is the one who stays."""
    person = postings[-1].person_id if postings else credit.person_id
    key = key_anew(str(credit.source_key), postings)
    post_credits([replace(credit, person_id=person, source_key=key)], by=by, at=now)


def settle_make_up(callup: Callup, *, by: Any) -> None:
    """The open duty of a call-up is exactly what was missed and has to be made up."""
    open_make_up(callup, tenths=missed_tenths(callup), cause=MakeUp.Cause.ATTENDANCE, by=by)


def missed_tenths(callup: Callup) -> int:
    """Hours (tenths) to be made up: the whole class run when it was not completed, else what the closed registers lack."""
    if callup.state == Callup.State.NOT_COMPLETED:
        return class_tenths(callup.class_run)
    marks = Mark.objects.filter(callup=callup, register__state=Register.State.CLOSED)
    owed = marks.filter(status__in=rules.in_force().make_up_statuses)
    missed: int = owed.aggregate(n=Sum(F("register__session__tenths") - F("tenths")))["n"] or 0
    return missed


def fail(callup: Callup, *, reason: str, by: Any, now: dt.datetime) -> None:
    """The class run is not completed: its hours are void (unless the rules keep them), the record says so, all of it is to be made up."""
    finish_callup(callup, completed=False, by=by)
    if _hours_are_void(callup):
        for entry in live_entries(callup):
            reverse_entry(entry, reason=reason, by=by, at=now)
    earlier = postings_of(not_completed_key(callup))
    if live_of(earlier) is None:
        _post_anew(_not_completed(callup, not_completed_key(callup)), earlier, by=by, now=now)
    settle_make_up(callup, by=by)


def _reinstate(callup: Callup, *, reason: str, by: Any, now: dt.datetime) -> None:
    """A correction may show that a person who failed by the rules alone has completed the class run after all: then all of it is turned round.

    Where a named person confirmed a withdrawal, that decision stands.
    """
    if callup.state != Callup.State.NOT_COMPLETED or callup.class_run.state != ClassRun.State.HELD:
        return
    confirmed = Withdrawal.objects.filter(callup=callup, state=Withdrawal.State.CONFIRMED)
    if confirmed.exists() or not result_of(callup).completes:
        return
    finish_callup(callup, completed=True, by=by)
    if said := live_of(postings_of(not_completed_key(callup))):
        reverse_entry(said, reason=reason or _("Attendance corrected"), by=by, at=now)
    closed = Mark.objects.filter(callup=callup, register__state=Register.State.CLOSED)
    for mark in closed.select_related("register__session"):
        _settle_hours(mark.register, mark, callup, reason=reason, by=by, now=now)


def _hours_are_void(callup: Callup) -> bool:
    return callup.state == Callup.State.NOT_COMPLETED and not rules.in_force().keeps_hours


def _credit(register: Register, mark: Mark, callup: Callup, key: str) -> NewCredit:
    on = register.session.on
    common = _of_class_run(callup)
    return NewCredit(earned_on=on, began_on=on, tenths=mark.tenths, source_key=key, **common)


def _not_completed(callup: Callup, key: str) -> NewCredit:
    """The line of the record that says so, with no hours."""
    return NewCredit(
        earned_on=callup.class_run.ends_on,
        began_on=callup.class_run.starts_on,
        tenths=0,
        source_key=key,
        result=Entry.Result.NOT_COMPLETED,
        **_of_class_run(callup),
    )


def _of_class_run(callup: Callup) -> dict[str, Any]:
    run = callup.class_run
    return {
        "person_id": callup.person_id,
        "channel": run.channel,
        "content": run.content,
        "title": run.name,
        "theme": run.theme,
        "organiser": run.organiser,
        "institution": run.institution.name if run.institution else run.institution_name,
        "source": SOURCE,
    }
