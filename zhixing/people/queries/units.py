"""Reading the unit tree: today's with counts, and any other day's."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from zhixing.base.problems import NotFound
from zhixing.people.models import Account, Person, Unit, UnitPlacement


def units_for(user: Account) -> QuerySet[Unit]:
    """The units in scope, in the order of the tree."""
    return Unit.objects.visible_to(user).order_by("path")


def unit_for(user: Account, pk: int) -> Unit:
    """One unit in scope; raises ``NotFound``."""
    unit = Unit.objects.visible_to(user).select_related("parent").filter(pk=pk).first()
    if unit is None:
        raise NotFound
    return unit


class Headcounts:
    """How many people serve in each unit, alone and with everything below it. Two queries for a whole subtree."""

    def __init__(self, top: Unit | None) -> None:
        self.own: Counter[str] = Counter()
        self.below: Counter[str] = Counter()
        if top is None:
            return
        paths = dict(Unit.objects.within(top).values_list("pk", "path"))
        people = Person.objects.serving().order_by()
        if top.parent_id is not None:
            people = people.filter(unit__path__startswith=top.path)
        for unit_id, count in people.values_list("unit_id").annotate(count=Count("pk")):
            path = paths.get(unit_id)
            if path is None:
                continue
            self.own[path] = count
            for upper in _upwards(path):
                self.below[upper] += count


def _upwards(path: str) -> Iterable[str]:
    """``1.7.9.`` → ``1.``, ``1.7.``, ``1.7.9.``"""
    parts = path.rstrip(".").split(".")
    return (".".join(parts[: depth + 1]) + "." for depth in range(len(parts)))


def chain(unit: Unit, user: Account) -> list[Unit]:
    """The units above ``unit`` within the user's scope, the highest first."""
    top = user.scope_unit.path if user.scope_unit else ""
    paths = [path for path in _upwards(unit.path) if path.startswith(top) and path != unit.path]
    return list(Unit.objects.filter(path__in=paths).order_by("path"))


def children(unit: Unit) -> QuerySet[Unit]:
    """Open units right below ``unit``, in their official order."""
    return unit.children.filter(closed_on=None).order_by("position", "path")


def units_on(user: Account, on: dt.date) -> QuerySet[UnitPlacement]:
    """What each unit in scope was called and where it hung on ``on``."""
    return (
        UnitPlacement.objects.filter(Q(to_on=None) | Q(to_on__gte=on), from_on__lte=on)
        .filter(unit__in=Unit.objects.visible_to(user))
        .select_related("unit", "parent")
        .order_by("unit__path")
    )
