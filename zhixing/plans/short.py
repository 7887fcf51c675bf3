"""Class runs that hold fewer people than their fewest seats (低于最少人数).

Call-ups live in an app above, so that app says at its start how people are counted; without it nobody is held.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.expressions import Combinable

from zhixing.plans.models import ClassRun

_counts: list[Callable[[], Combinable]] = []


def count_held_by(count: Callable[[], Combinable]) -> None:
    """``count`` makes the expression for the number of people called to the class run of a row and still expected."""
    _counts[:] = [count]


def with_held(rows: QuerySet[ClassRun]) -> QuerySet[Any]:
    """The class runs with ``held``, how many people are called and still expected."""
    return rows.annotate(held=_counts[0]() if _counts else Value(0))


def short_among(rows: QuerySet[ClassRun], today: dt.date) -> QuerySet[Any]:
    """Those whose list is published and that have not begun, with fewer people than their fewest seats; each with ``held``."""
    called = rows.filter(state=ClassRun.State.CALLED, starts_on__gte=today)
    return with_held(called).filter(held__lt=F("seats_min"))


def is_short(class_run: Any, today: dt.date) -> bool:
    """The same question about one class run that carries ``held``."""
    waits = class_run.state == ClassRun.State.CALLED and class_run.starts_on >= today
    return bool(waits and class_run.held < class_run.seats_min)
