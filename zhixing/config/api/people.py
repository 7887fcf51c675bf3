"""People: who is where, today or on a day."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from zhixing.base.problems import NotFound
from zhixing.people.models import Person, Posting
from zhixing.people.views.request import SignedInRequest

router = Router(tags=["people"])


class PersonOut(Schema):
    id: int
    number: str
    name: str
    unit_id: int | None
    unit: str | None
    title: str
    rank: str
    grade: str
    category: str
    status: str

    @staticmethod
    def resolve_unit(person: Person) -> str | None:
        return person.unit.name if person.unit else None


class PostingOut(Schema):
    unit_id: int
    unit: str
    title: str
    rank: str
    grade: str
    from_on: dt.date
    to_on: dt.date | None
    is_principal: bool
    promoted: bool

    @staticmethod
    def resolve_unit(posting: Posting) -> str:
        return posting.unit.name


@router.get("", response=list[PersonOut], summary="People of the scope")
@paginate
def people(request: SignedInRequest, unit_id: int | None = None, number: str | None = None) -> QuerySet[Person]:
    rows = Person.objects.visible_to(request.user).select_related("unit").order_by("id")
    if unit_id is not None:
        rows = rows.filter(unit=unit_id)
    return rows.filter(number=number) if number else rows


@router.get(
    "/{person_id}/postings", response=list[PostingOut], summary="Postings of a person, or those in force on a day"
)
def postings(request: SignedInRequest, person_id: int, on: dt.date | None = None) -> QuerySet[Posting]:
    person = Person.objects.visible_to(request.user).filter(pk=person_id).first()
    if person is None:
        raise NotFound
    rows = person.postings.select_related("unit")
    return rows.in_force(on) if on else rows
