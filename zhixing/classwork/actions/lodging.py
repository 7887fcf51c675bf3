"""Every write about lodging, meals and transport."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.callups.models import Callup
from zhixing.classwork import permissions, queries
from zhixing.classwork.models import Offer, Room, Stay
from zhixing.engine import rooms as engine
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

ROOMS_MAX = 500


@dataclass(frozen=True)
class Answer:
    """What a person says; what the class run does not offer is put away."""

    overnight: bool = False
    alone: bool = False
    meals: bool = False
    diet: str = ""
    arrives: str = ""


@transaction.atomic
def offer(
    class_run: ClassRun, *, beds: bool, meals: bool, transport: bool, closes_on: dt.date, by: Account
) -> Offer | None:
    """Say what the class run offers; nothing at all takes the offer back, and nobody is asked. Answers given stay."""
    permissions.may_offer(by, class_run).require()
    if not (beds or meals or transport):
        Offer.objects.filter(class_run=class_run).delete()
        audit.record("classwork.offered", class_run, by=by, beds=False, meals=False, transport=False)
        return None
    if closes_on > class_run.ends_on:
        raise Invalid(_("Answers may change at most until the class run ends."))
    facts = {"beds": beds, "meals": meals, "transport": transport, "closes_on": closes_on}
    made, _made = Offer.objects.update_or_create(class_run=class_run, defaults=facts)
    audit.record("classwork.offered", class_run, by=by, beds=beds, meals=meals, transport=transport)
    return made


@transaction.atomic
def answer_stay(callup: Callup, answer: Answer, *, by: Account, today: dt.date) -> Stay:
    """Keep what the person, the liaison or staff of the class run says. A room that no longer fits the answer is given up."""
    offered = queries.offer_of(callup.class_run_id)
    permissions.may_answer(by, callup, offered, today).require()
    assert offered is not None  # may_answer asked
    if answer.arrives and answer.arrives not in Stay.Arrival.values:
        raise Invalid(_("Choose how you arrive."))
    overnight, meals = answer.overnight and offered.beds, answer.meals and offered.meals
    diet = written(answer.diet, Stay.diet.field) if meals else ""
    facts = {
        "overnight": overnight,
        "alone": answer.alone and overnight,
        "meals": meals,
        "diet": diet,
        "arrives": answer.arrives if offered.transport else "",
        "by_id": by.pk,
    }
    lock(callup.class_run)
    known = Stay.objects.filter(callup=callup).select_related("room").first()
    if known is not None and known.room is not None and not _still_fits(known, overnight, bool(facts["alone"])):
        facts |= {"room": None, "bed": None}
    stay, _made = Stay.objects.update_or_create(callup=callup, defaults=facts)
    audit.record("classwork.stay_answered", callup, by=by, overnight=overnight, meals=meals)
    return stay


def _still_fits(stay: Stay, overnight: bool, alone: bool) -> bool:
    shares = Stay.objects.filter(room=stay.room_id).exclude(pk=stay.pk).exists()
    return overnight and not (alone and shares)


def lock(class_run: ClassRun) -> None:
    """One writer at a time moves people between the rooms of a class run; the beds of those who lost the seat are free from now on."""
    ClassRun.objects.select_for_update(of=("self",)).get(pk=class_run.pk)
    gone = Stay.objects.filter(callup__class_run=class_run, callup__seat=None, room__isnull=False)
    gone.update(room=None, bed=None)


@transaction.atomic
def add_rooms(class_run: ClassRun, names: Sequence[str], beds: int, *, by: Account) -> int:
    """Rooms for the days of the class run. Returns how many were added; a name that is there already is left as it is."""
    permissions.may_offer(by, class_run).require()
    if beds not in {1, 2} or not names or len(names) > ROOMS_MAX or any(len(name) > 20 for name in names):
        raise Invalid(_("Give the numbers of the rooms, at most 20 characters each, and one or two beds."))
    lock(class_run)
    known = set(Room.objects.filter(class_run=class_run).values_list("name", flat=True))
    new = [name for name in dict.fromkeys(names) if name not in known]
    Room.objects.bulk_create(Room(class_run=class_run, name=name, beds=beds) for name in new)
    audit.record("classwork.rooms_added", class_run, by=by, rooms=len(new), beds=beds)
    return len(new)


@transaction.atomic
def remove_room(room: Room, *, by: Account) -> None:
    """Whoever was to sleep there is without a room again."""
    permissions.may_offer(by, room.class_run).require()
    lock(room.class_run)
    Stay.objects.filter(room=room).update(room=None, bed=None)
    Room.objects.filter(pk=room.pk).delete()
    audit.record("classwork.room_removed", room.class_run, by=by, room=room.name)


@transaction.atomic
def give_rooms(class_run: ClassRun, *, by: Account) -> tuple[int, int]:
    """Give everybody who stays over night a room, all anew. Returns how many have one, and how many have none for want of rooms."""
    permissions.may_offer(by, class_run).require()
    lock(class_run)
    stays = {stay.callup_id: stay for stay in queries.guests_of(class_run)}
    guests = [engine.Guest(stay.callup_id, stay.callup.person.sex, stay.alone) for stay in stays.values()]
    rooms = [engine.Room(room.pk, room.beds) for room in Room.objects.filter(class_run=class_run).order_by("name")]
    given = engine.give_rooms(guests, rooms)
    Stay.objects.filter(callup__class_run=class_run).update(room=None, bed=None)
    taken: dict[int, int] = {}
    for key, room in given.items():
        taken[room] = taken.get(room, 0) + 1
        stays[key].room_id, stays[key].bed = room, taken[room]
    Stay.objects.bulk_update([stays[key] for key in given], ("room", "bed"))
    audit.record("classwork.rooms_given", class_run, by=by, guests=len(guests), given=len(given))
    return len(given), len(guests) - len(given)


@transaction.atomic
def put_into(stay: Stay, room: Room | None, *, by: Account) -> None:
    """By hand: into a room, or out of any. Refused against a wish to be alone, for different sexes, and when the room is full."""
    class_run = stay.callup.class_run
    permissions.may_offer(by, class_run).require()
    lock(class_run)
    stay.refresh_from_db()
    if room is not None and not Room.objects.filter(pk=room.pk).exists():
        raise Conflict(_("This room was removed a moment ago. Look at the rooms again."))
    if room is None:
        Stay.objects.filter(pk=stay.pk).update(room=None, bed=None)
    else:
        _check(stay, room)
        beds = set(Stay.objects.filter(room=room).exclude(pk=stay.pk).values_list("bed", flat=True))
        bed = next(number for number in (1, 2) if number not in beds)
        try:
            with transaction.atomic():
                Stay.objects.filter(pk=stay.pk).update(room=room, bed=bed)
        except IntegrityError as error:
            raise Conflict(_("This bed was given a moment ago. Look at the rooms again.")) from error
    audit.record("classwork.room_given", stay.callup, by=by, room=room.name if room else "")


def _check(stay: Stay, room: Room) -> None:
    if room.class_run_id != stay.callup.class_run_id or not stay.overnight:
        raise Invalid(_("A room is for people of this class run who stay over night."))
    others = list(Stay.objects.filter(room=room).exclude(pk=stay.pk).select_related("callup__person"))
    if len(others) >= room.beds:
        raise Conflict(_("Room %(room)s is full.") % {"room": room.name})
    me = engine.Guest(stay.callup_id, stay.callup.person.sex, stay.alone)
    for other in others:
        if not engine.may_share(me, engine.Guest(other.callup_id, other.callup.person.sex, other.alone)):
            raise Invalid(_("These two do not share a room: one wants to be alone, or their sexes differ."))


@transaction.atomic
def forget_notes(class_run: ClassRun) -> int:
    """Blank what the kitchen was to know, after the class run is over. Returns how many notes there were."""
    lock(class_run)
    noted = Stay.objects.filter(callup__class_run=class_run).exclude(diet="").update(diet="")
    if noted:
        audit.record("classwork.notes_blanked", class_run, by=None, people=noted)
    return noted
