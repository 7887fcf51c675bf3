"""Attendance across class runs, for those who answer for them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, FloatField, Q, QuerySet
from django.db.models.functions import Cast, NullIf

from zhixing.attendance.models import Register, Status
from zhixing.attendance.rules import PRESENCES
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

MARKS = "sessions__register__marks"
CLOSED = Q(sessions__register__state=Register.State.CLOSED)


def _in_scope(user: Account) -> QuerySet[ClassRun]:
    runs = ClassRun.objects.visible_to(user)
    if not user.is_school:
        return runs
    path = user.scope_unit.path if user.scope_unit else "-"
    return runs.filter(institution__path__startswith=path)


def _count(*statuses: str) -> Count:
    return Count(MARKS, filter=CLOSED & Q(**{f"{MARKS}__status__in": statuses}), distinct=True)


def attendance_by_class_run(user: Account) -> QuerySet[ClassRun]:
    """Class runs with a closed register, with their counts; ``rate`` is the percentage of marks that say "there"."""
    counted = _in_scope(user).annotate(
        registers=Count("sessions__register", distinct=True),
        closed=Count("sessions__register", filter=CLOSED, distinct=True),
        marked=Count(MARKS, filter=CLOSED, distinct=True),
        there=_count(*PRESENCES),
        late=_count(Status.LATE),
        left_early=_count(Status.LEFT_EARLY),
        on_leave=_count(Status.LEAVE),
        absent=_count(Status.ABSENT),
    )
    rate = 100.0 * Cast(F("there"), FloatField()) / NullIf(F("marked"), 0)
    return counted.filter(closed__gt=0).annotate(rate=rate).order_by("-starts_on")


def attendance_in_all(user: Account) -> dict[str, Any]:
    """Over all class runs in scope: marks, how many say "there", and the rate in percent (None without marks)."""
    total: dict[str, Any] = _in_scope(user).aggregate(
        marked=Count(MARKS, filter=CLOSED), there=Count(MARKS, filter=CLOSED & Q(**{f"{MARKS}__status__in": PRESENCES}))
    )
    total["rate"] = round(100 * total["there"] / total["marked"], 1) if total["marked"] else None
    return total


def years_of_report(user: Account) -> list[int]:
    years = _in_scope(user).filter(CLOSED).order_by().values_list("year", flat=True).distinct()
    return sorted(years, reverse=True)
