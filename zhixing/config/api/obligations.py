"""Standings: where people stand, as the stored snapshot has it."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from zhixing.obligations.models import Standing
from zhixing.people.views.request import SignedInRequest

router = Router(tags=["standings"])


class StandingOut(Schema):
    person_id: int
    rule: str
    on: dt.date
    window_opens: dt.date
    window_closes: dt.date
    required_tenths: int
    counted_tenths: int
    missing_tenths: int
    capped_tenths: int
    state: str


@router.get("", response=list[StandingOut], summary="Standings of the scope")
@paginate
def standings(
    request: SignedInRequest, person_id: int | None = None, state: str | None = None, rule: str | None = None
) -> QuerySet[Standing]:
    rows = Standing.objects.visible_to(request.user).order_by("person_id", "rule")
    wanted = {"person": person_id, "state": state, "rule": rule}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})
