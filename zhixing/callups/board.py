"""The board of a run: units down, class runs across, and in each cell the seats used of the quota; counted in the user's scope, never solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When

from zhixing.callups.models import Callup, CallupRun
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun, Quota

Pair = tuple[int, int]
"""(unit, class run)"""


@dataclass(frozen=True)
class Seats:
    """Seats of a quota."""

    least: int
    most: int


@dataclass(frozen=True)
class Row:
    """A unit with all below it. ``level`` counts from 0 at the top of the board; ``total`` are call-ups of the run in all its class runs."""

    unit: Unit
    level: int
    total: int
    foldable: bool
    is_open: bool


@dataclass(frozen=True)
class Board:
    """``used`` counts everyone called to the class run, by this run or another; a pair without anybody is left out of it.

    The whole city has all seats of a class run for its quota.
    """

    class_runs: Sequence[Any]
    rows: Sequence[Row]
    used: Mapping[Pair, int]
    quotas: Mapping[Pair, Seats] = field(default_factory=dict)


def board_of(run: CallupRun, user: Account, class_runs: Sequence[Any], opened: Collection[int]) -> Board:
    """The board with ``class_runs`` across; ``opened`` units show what is right below them. Units without seat and quota are left out."""
    top = user.scope_unit
    if top is None:
        return Board(class_runs, (), {})
    shown = _units(user, [top.pk, *opened])
    counted = _counted(run, user, [c.pk for c in class_runs])
    quotas = _quotas(user, [c.pk for c in class_runs])
    totals = _totals(run, user)
    known = {unit.path: unit.pk for unit in shown}
    used: Counter[Pair] = Counter()
    for path, class_run, count in counted:
        for above in _up(path):
            if above in known:
                used[known[above], class_run] += count
    total: Counter[int] = Counter()
    for path, count in totals:
        for above in _up(path):
            if above in known:
                total[known[above]] += count
    busy = {row[0] for row in counted} | {row[0] for row in quotas} | {row[0] for row in totals}
    touched = {above for path in busy for above in _up(path)}
    rows = [
        Row(unit, unit.level - top.level, total[unit.pk], unit.foldable and unit.pk != top.pk, unit.pk in opened)
        for unit in _in_order(shown, top, opened)
        if unit.path in touched or unit.pk == top.pk
    ]
    found = {(known[path], key): seats for path, key, seats in quotas if path in known}
    if top.parent_id is None:
        found = {(top.pk, c.pk): Seats(c.seats_min, c.seats_max) for c in class_runs} | found
    return Board(class_runs, rows, used, found)


def _units(user: Account, opened: Collection[int]) -> list[Any]:
    rows = Unit.objects.visible_to(user).filter(Q(pk=user.scope_unit_id) | Q(parent__in=opened))
    return list(rows.annotate(foldable=Exists(Unit.objects.filter(parent=OuterRef("pk")))).order_by("path"))


def _in_order(units: Iterable[Any], top: Unit, opened: Collection[int]) -> Iterable[Any]:
    """Whoever hangs below a folded unit is not shown, even when opened itself; children follow their parent."""
    below: dict[int, list[Any]] = {}
    for unit in units:
        below.setdefault(unit.parent_id or 0, []).append(unit)
    stack = [unit for unit in units if unit.pk == top.pk]
    while stack:
        unit = stack.pop()
        yield unit
        if unit.pk == top.pk or unit.pk in opened:
            stack += sorted(below.get(unit.pk, ()), key=lambda one: (one.position, one.path), reverse=True)


def _up(path: str) -> list[str]:
    """The path of a unit and of every unit above it."""
    parts = path.split(".")[:-1]
    return [".".join(parts[: n + 1]) + "." for n in range(len(parts))]


def held(run: CallupRun) -> Q:
    """The call-ups that take a seat as the run sees it: its own, and those of other lists that stand."""
    return Q(run=run, state=Callup.State.PROPOSED) | Q(state__in=Callup.IN_FORCE)


def _counted(run: CallupRun, user: Account, class_runs: Collection[int]) -> list[tuple[str, int, int]]:
    rows = Callup.objects.visible_to(user).filter(held(run), class_run__in=class_runs).order_by()
    return list(rows.values_list("unit__path", "class_run_id").annotate(n=Count("pk")))


def _totals(run: CallupRun, user: Account) -> list[tuple[str, int]]:
    rows = Callup.objects.visible_to(user).filter(run=run, state__in=Callup.LIVE).order_by()
    return list(rows.values_list("unit__path").annotate(n=Count("pk")))


def _quotas(user: Account, class_runs: Collection[int]) -> list[tuple[str, int, Seats]]:
    path = user.scope_unit.path if user.scope_unit else ""
    rows = Quota.objects.filter(class_run__in=class_runs, unit__path__startswith=path).order_by()
    columns = rows.values_list("unit__path", "class_run_id", "seats_min", "seats_max")
    return [(path, class_run, Seats(least, most)) for path, class_run, least, most in columns if most]


def across(run: CallupRun, words: str) -> QuerySet[Any]:
    """The class runs of the board in the order of time, those whose name or code holds every word."""
    rows = run.class_runs.all()
    for word in words.split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(code__icontains=word))
    return rows.order_by("starts_on", "pk")


def holding(run: CallupRun, class_runs: Collection[int]) -> dict[int, int]:
    """How many hold a seat in each class run, whoever may see them."""
    rows = Callup.objects.filter(held(run), class_run__in=class_runs).order_by()
    return dict(rows.values_list("class_run_id").annotate(n=Count("pk")))


def in_cell(run: CallupRun, user: Account, unit: Unit, class_run: ClassRun) -> QuerySet[Callup]:
    """Who of a unit and all below it is called to a class run; people of this run first, then those whom another list called."""
    rows = Callup.objects.visible_to(user).filter(held(run), class_run=class_run, unit__path__startswith=unit.path)
    related = ("person", "unit", "class_run", "run")
    others = Case(When(run=run, then=0), default=1)
    listed = rows.select_related(*related).defer("run__settings", "run__result")
    return listed.order_by(others, "unit__path", "person__number")
