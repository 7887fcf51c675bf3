"""Costs and gains of class runs: their sums, and the days that people were there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from zhixing.base.problems import Text
from zhixing.evaluations.models import CostEntry
from zhixing.evaluations.queries.facts import person_days
from zhixing.plans.models import ClassRun

Kind = CostEntry.Kind


@dataclass(frozen=True)
class CostLine:
    """One category of a class run, in cents."""

    label: Text
    planned: int
    spent: int


@dataclass(frozen=True)
class Costs:
    """``days``: person-days in closed registers; ``a_day``: cents spent for each, rounded half up, None where either is missing."""

    lines: Sequence[CostLine]
    planned: int
    spent: int
    days: int

    @property
    def a_day(self) -> int | None:
        return (2 * self.spent + self.days) // (2 * self.days) if self.days and self.spent else None


def costs_of(class_run: ClassRun) -> Costs:
    """Corrections taken in."""
    rows = (
        CostEntry.objects.filter(class_run=class_run)
        .order_by()
        .values_list("category", "kind")
        .annotate(all=Sum("cents"))
    )
    found = {(category, kind): cents for category, kind, cents in rows}
    lines = [
        CostLine(label, found.get((code, Kind.PLANNED), 0), found.get((code, Kind.SPENT), 0))
        for code, label in CostEntry.Category.choices
        if (code, Kind.PLANNED) in found or (code, Kind.SPENT) in found
    ]
    return Costs(
        lines,
        sum(one.planned for one in lines),
        sum(one.spent for one in lines),
        person_days(ClassRun.objects.filter(pk=class_run.pk)),
    )
