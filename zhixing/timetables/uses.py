"""How often sessions use what is in the resource banks: directly a course and a teacher, by its name a site, through its course the rest."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from zhixing.plans.models import ClassRun
from zhixing.resources.models import Bank
from zhixing.timetables.models import Session

NAMED_AS = {
    Bank.TEACHERS: ("teacher", "pk"),
    Bank.COURSES: ("bank_course", "pk"),
    Bank.CASES: ("bank_course__cases", "pk"),
    Bank.TEXTBOOKS: ("bank_course__textbooks", "pk"),
    Bank.SITES: ("venue", "name"),
}
"""Field of the session, and of the row that it names."""


def sessions_of(year: int) -> QuerySet[Session]:
    """Of class runs that take place."""
    return Session.objects.filter(class_run__year=year).exclude(
        class_run__state__in=(ClassRun.State.DRAFT, ClassRun.State.CANCELLED)
    )


def uses_of(bank: str, year: int) -> Combinable:
    return _folded(bank, year, Count("pk", distinct=True))


def hours_of(year: int) -> Combinable:
    return _folded(Bank.TEACHERS, year, Sum("tenths"))


def _folded(bank: str, year: int, fold: Any) -> Combinable:
    field, named = NAMED_AS[Bank(bank)]
    found = sessions_of(year).filter(**{field: OuterRef(named)}).order_by().values(field)
    return Coalesce(Subquery(found.annotate(n=fold).values("n")), 0)
