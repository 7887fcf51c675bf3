"""Inviting beyond the seats: the run proposes how many, a person decides for each class run."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.callups import permissions
from zhixing.callups.actions.seats import call_next, room_for, waiting_for
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.seats import lock_year
from zhixing.callups.turnout import Beyond
from zhixing.engine.callup.rules import Rule
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun


@transaction.atomic
def invite_beyond(run: CallupRun, class_run: ClassRun, count: int, *, by: Account) -> list[Callup]:
    """Call up to ``count`` more people of the waiting list, who have no seat until one comes free. Every hard rule but the seats of the class holds.

    Raises ``Invalid`` for more than the run proposes now, ``Conflict`` while a seat is free. Returns who was called."""
    permissions.may_invite_beyond(by, run, class_run).require()
    lock_year(class_run.year)
    waiting = [row for row in waiting_for(class_run) if row.run_id == run.pk]
    room = room_for(class_run, waiting, run)
    if room.free(class_run.pk):
        raise Conflict(_("A seat is free. Fill it from the waiting list first."))
    foresight = Beyond(run)
    proposal = foresight.proposal(class_run)
    if not 1 <= count <= proposal.more:
        raise Invalid(_("No more than %(most)s people can be invited at the risk chosen.") % {"most": proposal.more})
    called: list[Callup] = []
    for row in waiting:
        if len(called) == count:
            break
        if all(found.rule == Rule.CLASS_FULL for found in room.obstacles(row.person_id, class_run.pk)):
            called.append(call_next(row, room, by, beyond=True))
    audit.record(
        "callups.invited_beyond",
        class_run,
        by=by,
        run=run.pk,
        invited=len(called),
        risk_percent=foresight.percent,
        invited_most=proposal.more,
    )
    return called
