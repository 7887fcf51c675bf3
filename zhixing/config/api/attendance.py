"""Registers and their marks."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from zhixing.attendance.models import Mark, Register, Status
from zhixing.attendance.queries import register_for
from zhixing.config.api.answers import Day, Key, Pages, answers, lookups, words
from zhixing.people.views.request import SignedInRequest
from zhixing.timetables.models import Session

router = Router(tags=["registers"])

HalfDay = Annotated[Session.Half, words(Session.Half)]
RegisterState = Annotated[Register.State, words(Register.State)]
MarkStatus = Annotated[Status, words(Status)]


class RegisterOut(Schema):
    id: int
    session_id: int
    class_run_id: int = Field(alias="session.class_run_id")
    on: dt.date = Field(alias="session.on")
    half: HalfDay = Field(alias="session.half")
    state: RegisterState


class MarkOut(Schema):
    callup_id: int
    person_id: int = Field(alias="callup.person_id")
    status: MarkStatus
    tenths: int


class RegisterFilter(Schema):
    class_run_id: Key | None = None
    state: RegisterState | None = None
    from_on: Day | None = Field(None, description="held on this day or later")
    to_on: Day | None = Field(None, description="held on this day or earlier")


LOOKUPS = {"class_run_id": "session__class_run", "from_on": "session__on__gte", "to_on": "session__on__lte"}


@router.get("", response=answers(list[RegisterOut]), summary="Registers of the scope")
@paginate(Pages)
def registers(request: SignedInRequest, wanted: Query[RegisterFilter]) -> QuerySet[Register]:
    fields = lookups(wanted, request.user, renamed=LOOKUPS)
    return Register.objects.visible_to(request.user).select_related("session").filter(**fields).order_by("id")


@router.get("/{register_id}", response=answers(RegisterOut, HTTPStatus.NOT_FOUND), summary="One register")
def register(request: SignedInRequest, register_id: Key) -> Register:
    return register_for(request.user, register_id)


@router.get(
    "/{register_id}/marks", response=answers(list[MarkOut], HTTPStatus.NOT_FOUND), summary="Marks of a register"
)
def marks(request: SignedInRequest, register_id: Key) -> QuerySet[Mark]:
    """Those of people whose call-ups one may see."""
    rows = Mark.objects.visible_to(request.user).filter(register=register_for(request.user, register_id))
    return rows.select_related("callup").order_by("id")
