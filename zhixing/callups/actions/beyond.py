"""Inviting beyond the seats: the run proposes how many, a person decides for each class run."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.callups import permissions, telling
from zhixing.callups.actions.endings import release
from zhixing.callups.actions.seats import call_next, room_for, seat_those_beyond, waiting_for
from zhixing.callups.models import Callup, CallupQuerySet, CallupRun
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


REMIND_DAYS = 5
"""So many days before a class begins the department is told who still has no seat."""


@transaction.atomic
def release_beyond(class_run: ClassRun, *, by: Account) -> list[Callup]:
    """A named person decides: whoever is still beyond the seats need not come. First, free seats go to them. Returns who was released."""
    permissions.may_release_beyond(by, class_run).require()
    lock_year(class_run.year)
    if not waiting_beyond().filter(class_run=class_run).exists():
        raise Conflict(_("Nobody is beyond the seats any more."))
    return _release(_seated(class_run, by), by)


def settle_beyond(today: dt.date | None = None) -> int:
    """At every sweep: who is beyond the seats of a class that begins today is released; the department hears of those that begin soon.

    A class that is over is left alone: who came and who did not is told by its registers. Returns how many were released."""
    today = today or timezone.localdate()
    soon = ClassRun.objects.filter(
        pk__in=waiting_beyond().values("class_run"),
        starts_on__lte=today + dt.timedelta(days=REMIND_DAYS),
        ends_on__gte=today,
    )
    return sum(_settle(class_run, today) for class_run in soon.order_by("starts_on", "pk"))


@transaction.atomic
def _settle(class_run: ClassRun, today: dt.date) -> int:
    lock_year(class_run.year)
    rest = _seated(class_run, None)
    if class_run.starts_on <= today:
        return len(_release(rest, None))
    if rest:
        telling.tell_beyond_soon(class_run, rest)
    return 0


def _seated(class_run: ClassRun, by: Account | None) -> list[Callup]:
    """Gives the free seats of the class run as it is now to those beyond them. Returns who has none, held until the transaction ends."""
    class_run.refresh_from_db()
    seat_those_beyond(class_run, by)
    rows = waiting_beyond().filter(class_run=class_run).select_for_update(of=("self",), no_key=True)
    return list(rows.select_related("class_run", "person", "unit", "run").order_by("pk"))


def _release(callups: list[Callup], by: Account | None) -> list[Callup]:
    reason = str(_("No seat came free before the class begins."))
    for callup in callups:
        release(callup, reason, by)
    return callups


def waiting_beyond() -> CallupQuerySet:
    """Beyond the seats, and still to come."""
    return Callup.objects.beyond_seats().filter(state__in=Callup.TO_COME).order_by()
