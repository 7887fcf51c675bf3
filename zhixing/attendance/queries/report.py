"""Attendance across class runs, for those who answer for them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce, NullIf

from zhixing.attendance.models import Mark, Register, Status
from zhixing.attendance.queries.registers import counted
from zhixing.attendance.rules import PRESENCES
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

MARKS = "sessions__register__marks"
CLOSED = Q(sessions__register__state=Register.State.CLOSED)


def _in_scope(user: Account) -> QuerySet[ClassRun]:
    return ClassRun.objects.in_charge(user)


def _marks(*statuses: str) -> Coalesce:
    """How many marks of closed registers say one of ``statuses`` (none: any), for each class run."""
    marks = Mark.objects.filter(register__session__class_run=OuterRef("pk"), register__state=Register.State.CLOSED)
    return counted(marks.filter(status__in=statuses) if statuses else marks, "register__session__class_run")


def _registers(**narrowed: str) -> Coalesce:
    registers = Register.objects.filter(session__class_run=OuterRef("pk"), **narrowed)
    return counted(registers, "session__class_run")


def attendance_by_class_run(user: Account) -> QuerySet[Any]:
    """Class runs with a closed register, with their counts; ``rate`` is the percentage of marks that say "there"."""
    closed = Register.objects.filter(session__class_run=OuterRef("pk"), state=Register.State.CLOSED)
    counts = (
        _in_scope(user)
        .filter(Exists(closed))
        .annotate(
            registers=_registers(),
            closed=_registers(state=Register.State.CLOSED),
            marked=_marks(),
            there=_marks(*PRESENCES),
            late=_marks(Status.LATE),
            left_early=_marks(Status.LEFT_EARLY),
            on_leave=_marks(Status.LEAVE),
            absent=_marks(Status.ABSENT),
        )
    )
    rate = 100.0 * Cast(F("there"), FloatField()) / NullIf(F("marked"), 0)
    return counts.annotate(rate=rate).order_by("-starts_on")


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
