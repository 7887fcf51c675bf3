"""Reading persons: lists in scope, one person, who was where on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from zhixing.base.problems import NotFound
from zhixing.base.sealed import blind_index, mask, unseal
from zhixing.engine.sheets.identity import Identity, read_id
from zhixing.people.models import Account, Person, Posting, RecordReading, Unit, UnitPlacement

CATEGORIES_MAX = 12


def people_for(user: Account) -> QuerySet[Person]:
    """Everybody in scope, with their units, by staff number: an order that an index gives, however many they are."""
    return Person.objects.visible_to(user).select_related("unit").order_by("number")


def person_for(user: Account, pk: int) -> Person:
    """One person in scope; raises ``NotFound``."""
    person = Person.objects.visible_to(user).select_related("unit").filter(pk=pk).first()
    if person is None:
        raise NotFound
    return person


def find_by_id_number(user: Account, text: str) -> Person | None:
    """The person in scope with exactly this ID number, found through its blind index; None for no such person and for no ID number."""
    read = read_id(text)
    if not isinstance(read, Identity):
        return None
    return Person.objects.visible_to(user).filter(id_index=blind_index(read.number)).first()


def masked_id_number(person: Person) -> str:
    return mask(unseal(bytes(person.id_sealed))) if person.id_sealed else ""


def categories() -> list[str]:
    """The categories that occur, at most ``CATEGORIES_MAX``. Walks from word to word along the index instead of reading everybody."""
    found: list[str] = []
    last = ""
    while len(found) < CATEGORIES_MAX:
        word = Person.objects.filter(category__gt=last).aggregate(next=Min("category"))["next"]
        if word is None:
            break
        found.append(word)
        last = word
    return found


def people_on(user: Account, on: dt.date) -> QuerySet[Posting]:
    """Who was in which unit and rank on ``on``: a row for each posting in force in a unit that lies in scope.

    ``unit_then`` is what the unit was called that day. Somebody who held several posts has several rows.
    """
    then = UnitPlacement.objects.filter(Q(to_on=None) | Q(to_on__gte=on), unit=OuterRef("unit"), from_on__lte=on)
    if user.scope_unit is None:
        return Posting.objects.none()
    return (
        Posting.objects.in_force(on)
        .filter(Unit.objects.holding("unit", user.scope_unit))
        .prefetch_related("person__unit", "unit")
        .annotate(unit_then=Subquery(then.values("name")[:1]))
        .order_by("person_id", "-is_principal", "from_on")
    )


def postings_of(person: Person) -> Sequence[Posting]:
    """All postings, the latest first."""
    return list(person.postings.select_related("unit").order_by("-from_on", "-id"))


def readings_of(person: Person) -> QuerySet[RecordReading]:
    """Who looked at the record of ``person``, the latest first."""
    return RecordReading.objects.filter(person=person).select_related("reader", "reader__scope_unit")


def without_account(unit: Unit) -> QuerySet[Person]:
    """Serving people at or below ``unit`` who have no account."""
    people: QuerySet[Any] = Person.objects.serving().filter(unit__path__startswith=unit.path, account=None)
    return people.select_related("unit").order_by("unit__path", "number")
