"""Reads about class runs: whom they are for, how many seats, how far the year has come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from zhixing.base.problems import NotFound
from zhixing.people.models import Account, Person, Unit
from zhixing.people.models.persons import PersonQuerySet
from zhixing.plans.models import ClassRun, Quota


def class_run_for(user: Account, pk: int) -> ClassRun:
    """The class run, when the user may see it."""
    found = ClassRun.objects.visible_to(user).select_related("institution", "organised_by").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def rank_is_among(ranks: Sequence[str]) -> Q:
    """A person's rank is 职务层次, else 职级 (formats.md §1)."""
    return Q(rank__in=ranks) | Q(rank="", grade__in=ranks)


def in_units(unit_ids: Iterable[int], field: str = "unit") -> Q:
    """In one of the units or anywhere below; an empty list means no limit."""
    paths = Unit.objects.filter(pk__in=list(unit_ids)).values_list("path", flat=True)
    found = Q()
    for path in paths:
        found |= Q(**{f"{field}__path__startswith": path})
    return found


def eligible_people(class_run: ClassRun) -> PersonQuerySet:
    """Serving people of the target group; where units without a quota have no seat, only people below a unit with one."""
    people = Person.objects.serving().filter(rank_is_among(class_run.ranks))
    if class_run.categories:
        people = people.filter(category__in=class_run.categories)
    if class_run.units:
        people = people.filter(in_units(class_run.units))
    if class_run.quotas_close:
        seated = class_run.quotas.filter(seats_max__gt=0).values_list("unit_id", flat=True)
        people = people.filter(in_units(seated)) if seated else people.none()
    return people


@dataclass(frozen=True)
class YearCount:
    """How far a year has come: class runs, seats and called people by state."""

    class_runs: int
    seats: int
    by_state: dict[str, int]


def year_count(user: Account, year: int) -> YearCount:
    runs = ClassRun.objects.visible_to(user).filter(year=year)
    states = dict(runs.order_by().values_list("state").annotate(n=Count("pk")))
    seats = runs.exclude(state=ClassRun.State.CANCELLED).aggregate(n=Sum("seats_max"))["n"] or 0
    return YearCount(sum(states.values()), seats, states)


def years(user: Account) -> list[int]:
    """Years that have class runs, newest first."""
    return sorted(ClassRun.objects.visible_to(user).order_by().values_list("year", flat=True).distinct(), reverse=True)


def quotas_of(class_run: ClassRun) -> QuerySet[Quota]:
    return class_run.quotas.select_related("unit")


UNITS_FOUND = 200
"""As many units a search for quotas shows at once."""


def units_for_quotas(user: Account, class_run: ClassRun, words: str = "") -> list[Unit]:
    """Units with a quota, and those found by ``words`` in name or code at any depth; without words those one and two levels down."""
    units = Unit.objects.visible_to(user).select_related("parent")
    own = user.scope_unit
    held = list(units.filter(quotas__class_run=class_run))
    near = Q(name__icontains=words) | Q(code__iexact=words) if words else Q(parent=own) | Q(parent__parent=own)
    found = units.filter(near, closed_on=None)
    shown = {unit.pk: unit for unit in (*held, *(found[:UNITS_FOUND] if words else found))}
    return sorted(shown.values(), key=lambda unit: unit.path)


def quota_count() -> Coalesce:
    """How many units have seats in a class run: asked for the rows of a page only, where a join would count for the whole year."""
    seated = Quota.objects.filter(class_run=OuterRef("pk"), seats_max__gt=0).order_by().values("class_run")
    return Coalesce(Subquery(seated.annotate(n=Count("pk")).values("n")), 0)


def ranks_in_use() -> list[str]:
    """Every rank and grade that serving people hold, for the target-group form."""
    serving = Person.objects.serving().order_by()
    ranks = serving.exclude(rank="").values_list("rank", flat=True).distinct()
    grades = serving.exclude(grade="").values_list("grade", flat=True).distinct()
    return sorted({*ranks, *grades})
