"""Class runs and their quotas."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun, Quota
from zhixing.plans.queries import class_run_for

router = Router(tags=["class runs"])


class ClassRunOut(Schema):
    id: int
    code: str
    year: int
    name: str
    theme: str
    channel: str
    starts_on: dt.date
    ends_on: dt.date
    tenths: int
    seats_min: int
    seats_max: int
    ranks: list[str]
    state: str


class QuotaOut(Schema):
    unit_id: int
    seats_min: int
    seats_max: int


@router.get("", response=list[ClassRunOut], summary="Class runs")
@paginate
def class_runs(request: SignedInRequest, year: int | None = None, state: str | None = None) -> QuerySet[ClassRun]:
    rows = ClassRun.objects.visible_to(request.user).order_by("id")
    wanted = {"year": year, "state": state}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


@router.get("/{class_run_id}/quotas", response=list[QuotaOut], summary="Quotas of a class run")
def quotas(request: SignedInRequest, class_run_id: int) -> QuerySet[Quota]:
    return class_run_for(request.user, class_run_id).quotas.order_by("unit_id")
