"""The lists behind the board: standings in scope, narrowed by what the board counts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from zhixing.obligations.models import Foreseen, Standing, StandingCount
from zhixing.people.models import Account


def standings_in_scope(user: Account) -> QuerySet[Standing]:
    return Standing.objects.visible_to(user).select_related("person__unit")


def at_worst(rows: QuerySet[Standing], state: str) -> QuerySet[Standing]:
    """The rows in ``state`` of people who stand nowhere worse: what the board counts once for each person."""
    return rows.filter(worst=state, state=state)


def foreseen_in_scope(user: Account) -> QuerySet[Foreseen]:
    """What will be overdue at the end of the year if nothing more is earned."""
    return Foreseen.objects.visible_to(user).select_related("person__unit")


def of_rank(rows: QuerySet[Any], rank: str) -> QuerySet[Any]:
    """职务层次, else 职级, as the board counts."""
    return rows.filter(Q(person__rank=rank) | Q(person__rank="", person__grade=rank))


def ranks_in_scope(user: Account) -> list[str]:
    counted = StandingCount.objects.of_scope(user).filter(rule="").order_by("rank")
    return list(counted.values_list("rank", flat=True).distinct())


def people_in(rows: QuerySet[Any]) -> int:
    """How many persons stand behind the rows."""
    return rows.order_by().values("person").distinct().count()
