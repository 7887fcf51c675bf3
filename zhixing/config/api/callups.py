"""Call-ups: who is called to what, and what was answered."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from zhixing.base.problems import NotFound
from zhixing.callups.models import Callup
from zhixing.config.api.answers import Key, Pages, answers, lookups, words
from zhixing.people.views.request import SignedInRequest

router = Router(tags=["call-ups"])

CallupState = Annotated[Callup.State, words(Callup.State)]


class CallupOut(Schema):
    id: int
    run_id: int
    person_id: int
    class_run_id: int
    unit_id: int
    state: CallupState
    seat: int | None
    reply_by: dt.date | None
    code: str = Field(description="the engine's reason for the choice")


class CallupFilter(Schema):
    run_id: Key | None = None
    class_run_id: Key | None = None
    person_id: Key | None = None
    unit_id: Key | None = Field(None, description="at and below this unit")
    state: CallupState | None = None


@router.get("", response=answers(list[CallupOut], HTTPStatus.NOT_FOUND), summary="Call-ups of the scope")
@paginate(Pages)
def callups(request: SignedInRequest, wanted: Query[CallupFilter]) -> QuerySet[Callup]:
    return Callup.objects.visible_to(request.user).filter(**lookups(wanted, request.user)).order_by("id")


@router.get("/{callup_id}", response=answers(CallupOut, HTTPStatus.NOT_FOUND), summary="One call-up")
def callup(request: SignedInRequest, callup_id: Key) -> Callup:
    found = Callup.objects.visible_to(request.user).filter(pk=callup_id).first()
    if found is None:
        raise NotFound
    return found
