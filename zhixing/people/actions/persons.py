"""Writing persons: arrivals by hand, corrections, departures, and the log of who read whose record."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.base.sealed import blind_index, seal
from zhixing.engine.sheets.identity import Identity, read_id
from zhixing.people import permissions
from zhixing.people.actions.by_hand import fold_person
from zhixing.people.actions.postings import add_posting, check_days, lock_person
from zhixing.people.models import Account, Person, RecordReading, Unit
from zhixing.people.signals import persons_changed

CORRECTABLE = frozenset(
    {"name", "number", "sex", "born_on", "phone", "work_began_on", "joined_on", "category", "note", "status"}
)
"""Facts about a person that hold whatever the post. ``id_number`` is corrected too, sealed."""
READINGS_AT_ONCE = 2_000


@transaction.atomic
def add_person(
    *,
    unit: Unit,
    by: Account,
    name: str,
    number: str,
    from_on: dt.date,
    id_number: str = "",
    joined_on: dt.date | None = None,
    rank: str = "",
    grade: str = "",
    title: str = "",
    department: str = "",
    **facts: Any,
) -> Person:
    """Enter one person with the first posting; words are kept as an import keeps them.

    Raises ``Invalid`` when the staff or ID number is known already, and for facts that an import would refuse or doubt.
    """
    permissions.may_add_person(by, unit).require()
    check_days(from_on, None)
    person = Person(name=name, number=number, unit=unit, joined_on=joined_on or from_on, **facts)
    if id_number:
        seal_id_number(person, id_number)
    fold_person(person)
    _save(person)
    add_posting(person, unit, by=by, from_on=from_on, rank=rank, grade=grade, title=title, department=department)
    audit.record("people.person_added", person, by=by, unit=unit.pk)
    person.refresh_from_db()
    return person


@transaction.atomic
def correct_person(person: Person, *, by: Account, id_number: str = "", **facts: Any) -> None:
    """Correct facts that were entered wrongly (``CORRECTABLE``); an empty ``id_number`` leaves the known one.

    The audit trail names the fields, never their values. Raises ``Invalid`` for a number somebody else has.
    """
    permissions.may_change_person(by, person).require()
    if unknown := facts.keys() - CORRECTABLE:
        raise TypeError(f"not correctable: {sorted(unknown)}")
    if facts.get("status", person.status) != person.status and person.left_on is not None:
        raise Invalid(_("The person has left; a new posting comes first."))
    if facts.get("status") in {Person.Status.RETIRED, Person.Status.LEFT} and person.left_on is None:
        raise Invalid(_("Enter the last day of service instead."))
    person = lock_person(person)
    before = copy.copy(person)
    for name, value in facts.items():
        setattr(person, name, value)
    sealed = bool(id_number) and seal_id_number(person, id_number)
    fold_person(person, before)
    changed = sorted(name for name in facts if getattr(person, name) != getattr(before, name))
    if sealed:
        changed.append("id_number")
    if not changed:
        return
    _save(person)
    audit.record("people.person_corrected", person, by=by, fields=changed)
    persons_changed.send(Person, person_ids=[person.pk])


@transaction.atomic
def end_service(person: Person, *, last_day: dt.date, retired: bool, by: Account) -> None:
    """Record that ``person`` retired or left; open postings end on the last day. Raises ``Conflict`` when that is recorded already."""
    permissions.may_change_person(by, person).require()
    person = lock_person(person)
    check_days(person.joined_on, last_day)
    if person.left_on is not None:
        raise Conflict(_("The person has left already."))
    if person.postings.filter(to_on=None, from_on__gt=last_day).exists():
        raise Invalid(_("A post of this person began after this day."))
    person.postings.filter(to_on=None).update(to_on=last_day)
    person.left_on = last_day
    person.status = Person.Status.RETIRED if retired else Person.Status.LEFT
    person.save(update_fields=("left_on", "status"))
    audit.record("people.service_ended", person, by=by, last_day=last_day, status=person.status)
    persons_changed.send(Person, person_ids=[person.pk])


def record_reading(person: Person, by: Account, page: str) -> None:
    """Log that ``by`` looked at the record of ``person``; reading the own record is not logged."""
    if by.person_id != person.pk:
        RecordReading.objects.create(person=person, reader=by, page=page)


def record_readings(person_ids: Iterable[int], by: Account, page: str) -> None:
    """The same for many at once."""
    others = (key for key in person_ids if key != by.person_id)
    readings = (RecordReading(person_id=key, reader=by, page=page) for key in others)
    RecordReading.objects.bulk_create(readings, batch_size=READINGS_AT_ONCE)


def seal_id_number(person: Person, id_number: str) -> bool:
    """Check (GB 11643) and seal an ID number onto ``person``; False when it is the known one. Raises ``Invalid``."""
    read = read_id(id_number)
    if not isinstance(read, Identity):
        raise Invalid(_("This is no valid ID number (18 characters, check digit)."))
    index = blind_index(read.number)
    if index == person.id_index:
        return False
    person.id_sealed, person.id_index = seal(read.number), index
    person.sex, person.born_on = read.sex, read.born
    return True


def _save(person: Person) -> None:
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise Invalid(_("Somebody with this staff number or ID number is known already.")) from error
