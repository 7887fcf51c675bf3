"""Seats that come free: given to the next of the waiting list whom every hard rule allows, one writer at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict
from zhixing.callups import permissions, telling
from zhixing.callups.actions.make_ups import plan_make_ups
from zhixing.callups.links import make_up_for
from zhixing.callups.models import BEYOND, Callup, CallupRun, Pin, Waiting
from zhixing.callups.queries import called_before
from zhixing.callups.seats import Room, lock_year
from zhixing.callups.terms import Terms
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

ANSWER_DAYS = 3
"""Somebody who is called late has at least this long to answer."""


@transaction.atomic
def fill_free_seats(class_run: ClassRun, by: Account, at_most: int | None = None) -> list[Callup]:
    """Give the free seats of a class run that has been called up, all of them or ``at_most``, to the waiting list by priority."""
    permissions.may_fill(by, class_run).require()
    return pass_on_seats(class_run, by=by, at_most=at_most)


def pass_on_seat(class_run: ClassRun, by: Account) -> list[Callup]:
    """Somebody gave up a seat: the next of the waiting list gets it, and the department hears when the class falls below its fewest people."""
    called = pass_on_seats(class_run, by=by, at_most=1)
    telling.tell_if_short(class_run)
    return called


def pass_on_seats(class_run: ClassRun, *, by: Account | None, at_most: int | None) -> list[Callup]:
    """The deed itself, inside the transaction of whatever freed the seats. A class that has begun, or is not called up, gets nobody."""
    lock_year(class_run.year)
    class_run.refresh_from_db()
    if class_run.state != ClassRun.State.CALLED or class_run.starts_on <= timezone.localdate():
        return []
    seat_those_beyond(class_run, by)
    waiting = waiting_for(class_run)
    if not waiting:
        return []
    called: list[Callup] = []
    rooms: dict[int, Room] = {}
    for row in waiting:
        if at_most is not None and len(called) >= at_most:
            break
        room = rooms.get(row.run_id) or room_for(class_run, waiting, row.run)
        rooms[row.run_id] = room
        if not room.free(class_run.pk):
            break
        if room.obstacle(row.person_id, class_run.pk) is None:
            called.append(call_next(row, room, by))
            rooms = {row.run_id: room}
    return called


def seat_those_beyond(class_run: ClassRun, by: Account | None) -> None:
    """Free seats go first to those who were invited beyond the seats, in the order of the waiting list. They are called already."""
    beyond = Callup.objects.beyond_seats().filter(class_run=class_run).order_by("-run_id", "-value", "pk")
    taken = set(Callup.objects.holding_a_seat().filter(class_run=class_run).values_list("seat", flat=True))
    free = (number for number in range(1, class_run.seats_max + 1) if number not in taken)
    for callup, seat in zip(beyond, free, strict=False):
        callup.seat = seat
        callup.save(update_fields=["seat"])
        audit.record("callups.seat_given", callup, by=by, seat=seat)


def waiting_for(class_run: ClassRun) -> list[Waiting]:
    """Who waits, the latest published run first. Nobody comes back who was called before, was excused on these days, or was taken out."""
    rows = Waiting.objects.filter(class_run=class_run, used=False, run__state=CallupRun.State.PUBLISHED)
    rows = rows.exclude(person__in=called_before(class_run).values("person_id"))
    rows = rows.exclude(person__in=Pin.objects.filter(class_run=class_run, chosen=False).values("person_id"))
    return list(rows.select_related("run").order_by("-run_id", "position"))


def room_for(class_run: ClassRun, waiting: list[Waiting], run: CallupRun) -> Room:
    people = {row.person_id for row in waiting if row.run_id == run.pk}
    return Room([class_run], {class_run.pk: people}, Terms.of(run.settings))


def call_next(row: Waiting, room: Room, by: Account | None, *, beyond: bool = False) -> Callup:
    """Call whoever is next; ``beyond`` the seats: without a seat until one comes free."""
    Waiting.objects.filter(class_run=row.class_run_id, person=row.person_id).update(used=True)
    callup = give_seat(
        room,
        Callup(
            run=row.run,
            class_run_id=row.class_run_id,
            person_id=row.person_id,
            makes_up_id=make_up_for(row.person_id, room.class_runs[row.class_run_id]),
            from_waiting=True,
            value=row.value,
            code=BEYOND if beyond else "from_waiting",
            detail={"position": row.position},
        ),
    )
    audit.record("callups.seat_filled", callup, by=by, position=row.position, seat=callup.seat)
    return callup


def give_seat(room: Room, callup: Callup, **states: Any) -> Callup:
    """Save a new call-up with the lowest free seat (none beyond the seats) and tell the person. The caller holds the lock and has asked ``room.obstacle``."""
    class_run = room.class_runs[callup.class_run_id]
    callup.unit_id = room.candidates[callup.person_id].unit
    seat = room.take(callup.person_id, class_run.pk)
    callup.seat = None if callup.code == BEYOND else seat
    callup.state = Callup.State.SENT
    callup.sent_at = timezone.now()
    callup.reply_by = telling.due(_today(), callup.run.reply_by, class_run.starts_on, ANSWER_DAYS)
    try:
        with transaction.atomic():
            callup.save()
    except IntegrityError as error:
        raise Conflict(_("This seat, or this person, was taken a moment ago. Look at the list again.")) from error
    if callup.makes_up_id:
        plan_make_ups([callup.makes_up_id])
    callup = Callup.objects.select_related("run", "class_run", "unit", "person").get(pk=callup.pk)
    telling.tell_called(callup)
    return callup


def _today() -> dt.date:
    return timezone.localdate()
