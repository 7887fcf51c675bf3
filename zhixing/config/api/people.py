"""People: who is where, today or on a day."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from zhixing.config.api.answers import Day, Key, Pages, Word, answers, lookups, words
from zhixing.people import queries
from zhixing.people.actions import record_reading
from zhixing.people.models import Person, Posting
from zhixing.people.views.request import SignedInRequest

router = Router(tags=["people"])

PersonStatus = Annotated[Person.Status, words(Person.Status)]


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
    status: PersonStatus

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


class PersonFilter(Schema):
    unit_id: Key | None = Field(None, description="at and below this unit")
    number: Word | None = Field(None, description="staff number")
    rank: Word | None = None
    grade: Word | None = None
    category: Word | None = None
    status: PersonStatus | None = None


@router.get("", response=answers(list[PersonOut], HTTPStatus.NOT_FOUND), summary="People of the scope")
@paginate(Pages)
def people(request: SignedInRequest, wanted: Query[PersonFilter]) -> QuerySet[Person]:
    return queries.people_for(request.user).filter(**lookups(wanted, request.user)).order_by("id")


@router.get("/{person_id}", response=answers(PersonOut, HTTPStatus.NOT_FOUND), summary="One person")
def person(request: SignedInRequest, person_id: Key) -> Person:
    """The person sees who read the record, by a page or by a program."""
    found = queries.person_for(request.user, person_id)
    record_reading(found, request.user, "person")
    return found


@router.get(
    "/{person_id}/postings",
    response=answers(list[PostingOut], HTTPStatus.NOT_FOUND),
    summary="Postings of a person, or those in force on a day",
)
def postings(request: SignedInRequest, person_id: Key, on: Day | None = None) -> QuerySet[Posting]:
    found = queries.person_for(request.user, person_id)
    record_reading(found, request.user, "person")
    rows = found.postings.select_related("unit")
    return rows.in_force(on) if on else rows
