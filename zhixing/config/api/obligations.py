"""Standings: where people stand, as the stored snapshot has it."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from zhixing.base.problems import NotFound
from zhixing.config.api.answers import Key, Pages, Word, answers, lookups, words
from zhixing.obligations.models import Standing
from zhixing.obligations.models.standings import State
from zhixing.people.actions import record_reading
from zhixing.people.views.request import SignedInRequest

router = Router(tags=["standings"])

StandingState = Annotated[State, words(State)]


class StandingOut(Schema):
    id: int
    person_id: int
    rule: str
    on: dt.date
    window_opens: dt.date
    window_closes: dt.date
    required_tenths: int
    counted_tenths: int
    missing_tenths: int
    capped_tenths: int
    state: StandingState


class StandingFilter(Schema):
    person_id: Key | None = None
    unit_id: Key | None = Field(None, description="people at and below this unit")
    rule: Word | None = None
    state: StandingState | None = None


@router.get("", response=answers(list[StandingOut], HTTPStatus.NOT_FOUND), summary="Standings of the scope")
@paginate(Pages)
def standings(request: SignedInRequest, wanted: Query[StandingFilter]) -> QuerySet[Standing]:
    fields = lookups(wanted, request.user, unit="person__unit")
    return Standing.objects.visible_to(request.user).filter(**fields).order_by("person_id", "rule")


@router.get("/{standing_id}", response=answers(StandingOut, HTTPStatus.NOT_FOUND), summary="One standing")
def standing(request: SignedInRequest, standing_id: Key) -> Standing:
    """Of one person under one rule; a refresh may give it another key."""
    found = Standing.objects.visible_to(request.user).select_related("person").filter(pk=standing_id).first()
    if found is None:
        raise NotFound
    record_reading(found.person, request.user, "standing")
    return found
