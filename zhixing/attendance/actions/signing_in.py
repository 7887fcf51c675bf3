"""The trainee's own scan: a voluntary convenience beside roll call and paper sheet (H1). No place, no photo, no device is recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from zhixing.attendance import rules, tokens
from zhixing.attendance.actions.observing import Seen, lock, observe
from zhixing.attendance.actions.registers import must_be_time
from zhixing.attendance.models import Evidence, Register, Status
from zhixing.attendance.permissions import ON_THE_LIST
from zhixing.attendance.times import begins, ends
from zhixing.base.problems import Refused
from zhixing.callups.models import Callup
from zhixing.people.models import Account


@dataclass(frozen=True)
class SignedIn:
    """What the scan led to: the status that the register shows now, and whether this was a second scan."""

    register: Register
    status: str
    again: bool

    @property
    def label(self) -> str:
        return str(Status(self.status).label)


@transaction.atomic
def sign_in(token: str, *, by: Account, now: dt.datetime, scanned_at: dt.datetime | None = None) -> SignedIn:
    """Enter the own scan of ``token``. Refused with its reason, and nothing is changed: an expired or foreign code, a closed
    register, the wrong time, a person who is not on the list. A second scan changes nothing.

    ``scanned_at`` is when this browser opened the code, where signing in or reading took a while.
    """
    register = lock(tokens.read(token, scanned_at or now))
    callup = on_list(register, by)
    must_be_open(register, now)
    seen = register.evidence.filter(callup=callup, source=Evidence.Source.QR)
    if seen.exists():
        return SignedIn(register, register.marks.get(callup=callup).status, again=True)
    late = now > begins(register.session) + rules.in_force().late_after
    status = Status.LATE if late else Status.PRESENT
    (mark,) = observe(register, [Seen(callup.pk, Evidence.Source.QR, status)], by=by, at=now)
    return SignedIn(register, mark.status, again=False)


def on_list(register: Register, user: Account) -> Callup:
    """The user's call-up on this register. Raises ``Refused`` with the reason when there is none."""
    mine = Callup.objects.filter(class_run=register.session.class_run_id, person=user.person_id)
    callup = next((c for c in mine if c.state in ON_THE_LIST and c.seat is not None), mine.last())
    if user.person_id is None or callup is None or callup.state == Callup.State.PROPOSED:
        raise Refused(_("You are not on the list of this class run. Speak to the class head."))
    if callup.state not in ON_THE_LIST or callup.seat is None:
        state = callup.get_state_display()
        raise Refused(
            _("Your call-up to this class run is “%(state)s”, so you are not on its list.") % {"state": state}
        )
    return callup


def must_be_open(register: Register, now: dt.datetime) -> None:
    """Raise ``Refused`` when the register is closed, or when ``now`` is before it opens or after the session."""
    if register.state != Register.State.OPEN:
        raise Refused(_("This register is closed. Speak to the class head, or appeal on your attendance page."))
    must_be_time(register, now)
    if now > ends(register.session):
        raise Refused(_("This session is over. Speak to the class head."))
