"""How often the year's sessions use what is in the banks (使用率, 盘活用好教学资源).

Sessions live in an app above, so that app says at its start how they are counted; without it nothing is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from zhixing.resources.models import Bank, Uptake

_counts: list[Callable[[str, int], Combinable]] = []
_hours: list[Callable[[int], Combinable]] = []


def count_uses_by(count: Callable[[str, int], Combinable], hours: Callable[[int], Combinable]) -> None:
    """``count``: for a bank and a year, the expression for the number of sessions that use the row; ``hours``: tenths that the teacher of the row teaches."""
    _counts[:] = [count]
    _hours[:] = [hours]


def with_uses(rows: QuerySet[Any], bank: str, year: int) -> QuerySet[Any]:
    """The rows with ``uses``: sessions of the year; of a practice the units that took it up, whenever."""
    found: QuerySet[Any] = rows.annotate(uses=_uses(bank, year))
    return found


def with_hours(rows: QuerySet[Any], year: int) -> QuerySet[Any]:
    """The teachers with ``taught``: tenths of the year."""
    found: QuerySet[Any] = rows.annotate(taught=_hours[0](year) if _hours else Value(0))
    return found


def use_rate(rows: QuerySet[Any], bank: str, year: int) -> tuple[int, int]:
    """How many of the rows in the bank were used in the year, and how many there are."""
    found = with_uses(rows.order_by(), bank, year).aggregate(
        all=Count("pk", distinct=True), used=Count("pk", filter=Q(uses__gt=0), distinct=True)
    )
    return found["used"], found["all"]


def _uses(bank: str, year: int) -> Combinable:
    if bank == Bank.PRACTICES:
        taken = Uptake.objects.filter(practice=OuterRef("pk")).order_by().values("practice")
        return Coalesce(Subquery(taken.annotate(n=Count("pk")).values("n")), 0)
    return _counts[0](bank, year) if _counts else Value(0)
