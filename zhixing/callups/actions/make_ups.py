"""Make-ups (补训): opened when hours are missed, planned when the person is called again, closed when made up, or waived with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict
from zhixing.callups import permissions, telling
from zhixing.callups.models import Callup, MakeUp
from zhixing.people.models import Account

State = MakeUp.State
UNDONE = (Callup.State.EXCUSED, Callup.State.WITHDRAWN, Callup.State.RELEASED, Callup.State.NOT_COMPLETED)
DUE_AFTER = dt.timedelta(days=365)
"""A missed class is made up within a year of its last day."""


@transaction.atomic
def open_make_up(callup: Callup, tenths: int, cause: str, by: Account | None) -> MakeUp | None:
    """Say that ``tenths`` of the call-up were missed and must be made up. Saying it again corrects the figure; zero closes the open duty.

    A call-up that was to make something up and came to nothing leaves the first duty open again instead of a second one.
    ``cause`` is a ``MakeUp.Cause``; ``by`` is None when the system itself closes a register. Returns the duty, or None when there is none.
    """
    if by is not None:
        permissions.may_record_attendance(by, callup).require()
    if cause not in MakeUp.Cause.values:
        raise ValueError(f"no cause of a make-up: {cause}")
    if callup.makes_up_id and callup.state in UNDONE:
        _say_missed(callup, 0, cause, by)
        return _open_again(callup.makes_up_id, by)
    return _say_missed(callup, tenths, cause, by)


def _say_missed(callup: Callup, tenths: int, cause: str, by: Account | None) -> MakeUp | None:
    known = MakeUp.objects.select_for_update().filter(missed=callup).first()
    if known is not None:
        return _correct(known, tenths, by)
    if tenths <= 0:
        return None
    make_up = MakeUp.objects.create(
        missed=callup,
        person_id=callup.person_id,
        tenths=tenths,
        cause=cause,
        due_on=callup.class_run.ends_on + DUE_AFTER,
    )
    audit.record("callups.make_up_opened", make_up, by=by, callup=callup.pk, tenths=tenths)
    telling.tell_make_up_opened(make_up)
    return make_up


def _open_again(key: int, by: Account | None) -> MakeUp:
    """A make-up that was itself missed is the same duty still; it does not become two."""
    done = (State.PLANNED, State.CLOSED)
    make_up = MakeUp.objects.get(pk=key)
    if MakeUp.objects.filter(pk=key, state__in=done).update(state=State.OPEN, closed_at=None):
        make_up.refresh_from_db()
        audit.record("callups.make_up_reopened", make_up, by=by)
    return make_up


def _correct(make_up: MakeUp, tenths: int, by: Account | None) -> MakeUp:
    """A corrected register changes what is owed. Once somebody was called again or it was waived, only more hours missed still count:
    a waiver covers what was missed when it was given.
    """
    if make_up.tenths == tenths and make_up.state != State.CLOSED:
        return make_up
    settled = make_up.state in {State.PLANNED, State.WAIVED}
    if (settled and tenths < make_up.tenths) or make_up.is_made_up:
        return make_up
    make_up.tenths = tenths
    if make_up.state != State.PLANNED:
        make_up.state = State.OPEN if tenths > 0 else State.CLOSED
    make_up.closed_at = None if tenths > 0 else timezone.now()
    make_up.save(update_fields=("tenths", "state", "closed_at"))
    audit.record("callups.make_up_corrected", make_up, by=by, tenths=tenths)
    return make_up


def plan_make_ups(keys: Iterable[int]) -> int:
    """The people are called again. Returns how many duties are planned now."""
    return MakeUp.objects.filter(pk__in=list(keys), state=State.OPEN).update(state=State.PLANNED)


def unplan_make_up(callup: Callup, by: Account | None) -> None:
    """The call-up that would have made it up is off: the duty is open again."""
    if callup.makes_up_id and MakeUp.objects.filter(pk=callup.makes_up_id, state=State.PLANNED).update(
        state=State.OPEN
    ):
        audit.record("callups.make_up_reopened", callup, by=by, make_up=callup.makes_up_id)


def close_make_up(callup: Callup, by: Account | None) -> None:
    """The call-up that made it up is completed."""
    if not callup.makes_up_id:
        return
    still = MakeUp.objects.filter(pk=callup.makes_up_id, state__in=(State.OPEN, State.PLANNED))
    if still.update(state=State.CLOSED, closed_at=timezone.now()):
        audit.record("callups.make_up_closed", callup, by=by, make_up=callup.makes_up_id)


@transaction.atomic
def waive_make_up(make_up: MakeUp, reason: str, by: Account) -> None:
    """The department lets the duty go, and says why."""
    permissions.may_waive(by, make_up).require()
    reason = written(reason, MakeUp.note.field, missing=_("Say why this need not be made up."))
    still = MakeUp.objects.filter(pk=make_up.pk, state__in=(State.OPEN, State.PLANNED))
    if not still.update(state=State.WAIVED, note=reason, closed_at=timezone.now()):
        raise Conflict(_("The duty was closed a moment ago."))
    make_up.refresh_from_db()
    audit.record("callups.make_up_waived", make_up, by=by)
    telling.tell_waived(make_up)
