"""Class runs and their quotas."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from zhixing.config.api.answers import DIGITS, Day, Key, Pages, answers, lookups, words
from zhixing.obligations.models import Channel
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun, Quota
from zhixing.plans.queries import class_run_for

router = Router(tags=["class runs"])

ClassRunState = Annotated[ClassRun.State, words(ClassRun.State)]
ChannelWord = Annotated[Channel, words(Channel)]


class ClassRunOut(Schema):
    id: int
    code: str
    year: int
    name: str
    theme: str
    channel: ChannelWord
    institution_id: int | None
    starts_on: dt.date
    ends_on: dt.date
    tenths: int
    seats_min: int
    seats_max: int
    ranks: list[str]
    categories: list[str]
    state: ClassRunState


class QuotaOut(Schema):
    unit_id: int
    seats_min: int
    seats_max: int


class ClassRunFilter(Schema):
    year: Annotated[int, Field(ge=1, le=9999), DIGITS] | None = None
    state: ClassRunState | None = None
    channel: ChannelWord | None = None
    institution_id: Key | None = None
    starts_from: Day | None = Field(None, description="starts on this day or later")
    starts_to: Day | None = Field(None, description="starts on this day or earlier")


LOOKUPS = {"starts_from": "starts_on__gte", "starts_to": "starts_on__lte"}


@router.get("", response=answers(list[ClassRunOut]), summary="Class runs")
@paginate(Pages)
def class_runs(request: SignedInRequest, wanted: Query[ClassRunFilter]) -> QuerySet[ClassRun]:
    fields = lookups(wanted, request.user, renamed=LOOKUPS)
    return ClassRun.objects.visible_to(request.user).filter(**fields).order_by("id")


@router.get("/{class_run_id}", response=answers(ClassRunOut, HTTPStatus.NOT_FOUND), summary="One class run")
def class_run(request: SignedInRequest, class_run_id: Key) -> ClassRun:
    return class_run_for(request.user, class_run_id)


@router.get(
    "/{class_run_id}/quotas", response=answers(list[QuotaOut], HTTPStatus.NOT_FOUND), summary="Quotas of a class run"
)
def quotas(request: SignedInRequest, class_run_id: Key) -> QuerySet[Quota]:
    return class_run_for(request.user, class_run_id).quotas.order_by("unit_id")
