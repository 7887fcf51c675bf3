"""Call-ups: who is called to what, and what was answered."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from zhixing.callups.models import Callup
from zhixing.people.views.request import SignedInRequest

router = Router(tags=["call-ups"])


class CallupOut(Schema):
    id: int
    person_id: int
    class_run_id: int
    unit_id: int
    state: str
    seat: int | None
    reply_by: dt.date | None
    code: str


@router.get("", response=list[CallupOut], summary="Call-ups of the scope")
@paginate
def callups(
    request: SignedInRequest, class_run_id: int | None = None, person_id: int | None = None, state: str | None = None
) -> QuerySet[Callup]:
    rows = Callup.objects.visible_to(request.user).order_by("id")
    wanted = {"class_run": class_run_id, "person": person_id, "state": state}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})
