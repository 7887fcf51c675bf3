"""How a call-up ends: withdrawn, completed or not, or undone because its class run is cancelled."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict
from zhixing.callups import permissions, telling
from zhixing.callups.actions.make_ups import close_make_up, unplan_make_up
from zhixing.callups.actions.seats import pass_on_seat
from zhixing.callups.models import Callup, Reply
from zhixing.callups.seats import lock_year
from zhixing.people.models import Account

State = Callup.State


def leading_to(state: str) -> list[str]:
    """The states that ``Callup.TRANSITIONS`` lets pass into ``state``."""
    return [str(start) for start, ends in Callup.TRANSITIONS.items() if state in ends]


def move(callup: Callup, state: str, **fields: object) -> None:
    """Change the state of a call-up where the transitions allow it; raises ``Conflict`` when someone was faster."""
    allowed = Callup.objects.filter(pk=callup.pk, state__in=leading_to(state))
    if not allowed.update(state=state, **fields):
        raise Conflict(_("This call-up changed a moment ago. Look at it again."))
    callup.refresh_from_db()


@transaction.atomic
def withdraw_callup(callup: Callup, reason: str, by: Account) -> list[Callup]:
    """The department takes a call-up back; before the class begins, the seat goes to the waiting list. Returns who got it."""
    permissions.may_withdraw(by, callup).require()
    reason = written(reason, Callup.note.field, missing=_("Say why the call-up is withdrawn."))
    lock_year(callup.class_run.year)
    take_back(callup, reason, by)
    return pass_on_seat(callup.class_run, by)


def take_back(callup: Callup, reason: str, by: Account) -> None:
    """Withdraw and tell; who gets the seat is the caller's."""
    _undo(callup, State.WITHDRAWN, reason, by)
    audit.record("callups.withdrawn", callup, by=by)
    telling.tell_withdrawn(callup, reason)


def release(callup: Callup, reason: str, by: Account | None) -> None:
    """No seat came free for somebody invited beyond the seats: told so, and as before for every later list. ``by`` None: the day came."""
    _undo(callup, State.RELEASED, reason, by)
    audit.record("callups.released", callup, by=by)
    telling.tell_released(callup, reason)


def _undo(callup: Callup, state: str, reason: str, by: Account | None) -> None:
    move(callup, state, seat=None, note=reason)
    settled = {
        "decision": Reply.Decision.REFUSED,
        "decided_at": timezone.now(),
        "decided_by_id": getattr(by, "pk", None),
        "decision_note": reason,
    }
    callup.replies.pending().update(**settled)
    unplan_make_up(callup, by)


@transaction.atomic
def finish_callup(callup: Callup, completed: bool, by: Account | None) -> None:
    """The class is over for this person. Completing it closes the make-up that it was for; saying the same again changes nothing."""
    if by is not None:
        permissions.may_record_attendance(by, callup).require()
    state = State.COMPLETED if completed else State.NOT_COMPLETED
    if callup.state == state:
        return
    move(callup, state)
    if completed:
        close_make_up(callup, by)
    else:
        unplan_make_up(callup, by)
    audit.record(f"callups.{state}", callup, by=by)


@transaction.atomic
def free_cancelled(class_run_id: int, by: Account | None) -> int:
    """A cancelled class run calls nobody any more. Returns how many call-ups were withdrawn."""
    live = Callup.objects.filter(class_run=class_run_id, state__in=leading_to(State.WITHDRAWN))
    undone = 0
    for callup in live.select_related("class_run", "person", "unit", "run"):
        proposed = callup.state == State.PROPOSED
        _undo(callup, State.WITHDRAWN, _("The class run is cancelled."), by)
        undone += 1
        if not proposed:
            telling.tell_withdrawn(callup, callup.note)
    return undone
