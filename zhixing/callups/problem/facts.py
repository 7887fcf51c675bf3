"""What the database knows, read as plain columns: no model instance is made for any of the tens of thousands of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db.models import Max, Q, QuerySet

from zhixing.base.chunks import chunks
from zhixing.callups.models import Callup, CallupRun, MakeUp
from zhixing.callups.values import OWING, UNKNOWN
from zhixing.obligations.models import Channel, Entry, Standing
from zhixing.people.models import Person, Unit
from zhixing.plans.models import ClassRun, Quota

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

EPOCH = dt.date(1970, 1, 1).toordinal()
LONG_AGO = -1_000_000
"""The day of a training that never was."""
OFF_POST = (Channel.OFFJOB, Channel.CONCENTRATED)
"""Trainings that take a person away from the desk: the ones that call-ups are spread by."""


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01, as the engine counts."""
    return day.toordinal() - EPOCH


class ClassFacts(NamedTuple):
    """One class run with its target group."""

    pk: int
    first: int
    last: int
    seats_min: int
    seats_max: int
    ranks: list[str]
    categories: list[str]
    units: list[int]
    quotas_close: bool
    theme: str
    channel: str
    content: str


@dataclass(frozen=True, eq=False)
class Units:
    """U units in the order of their keys."""

    pk: Longs
    paths: list[str]
    parents: list[int | None]
    away_max: list[int | None]

    def place(self, keys: Iterable[int | None]) -> Longs:
        """The place of each key, -1 for none."""
        known = {key: place for place, key in enumerate(self.pk.tolist())}
        return np.array([known.get(key, -1) for key in keys], np.int64)

    def below(self, keys: Iterable[int]) -> Flags:
        """[U] whether a unit is one of ``keys`` or hangs below one."""
        wanted = set(keys)
        tops = tuple(path for key, path in zip(self.pk.tolist(), self.paths, strict=True) if key in wanted)
        return np.array([path.startswith(tops) for path in self.paths], np.bool_)


@dataclass(frozen=True, eq=False)
class People:
    """P persons in the order of their keys: everyone who serves, and whoever else holds a seat or is pinned."""

    pk: Longs
    unit: Longs  # [P] place in ``Units``
    rank: npt.NDArray[np.str_]  # [P] 职务层次, else 职级
    category: npt.NDArray[np.str_]
    serving: Flags


@dataclass(frozen=True, eq=False)
class Occupied:
    """O call-ups of the year that stand: they take seats, days and away weeks, whatever the run proposes."""

    person: Longs  # [O] keys
    class_: Longs
    first: Longs
    last: Longs

    def joined(self, other: Occupied) -> Occupied:
        """These, then those."""
        columns = ("person", "class_", "first", "last")
        return Occupied(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in columns))


@dataclass(frozen=True, eq=False)
class Latest:
    """When each of N persons (sorted keys) was last trained off the desk."""

    person: Longs
    day: Longs

    def of(self, persons: Longs) -> Longs:
        """The day for each key, ``LONG_AGO`` where none is known."""
        place = np.searchsorted(self.person, persons)
        inside = np.minimum(place, max(0, len(self.person) - 1))
        if not len(self.person):
            return np.full(len(persons), LONG_AGO, np.int64)
        return np.where(self.person[inside] == persons, self.day[inside], LONG_AGO)


class OpenMakeUp(NamedTuple):
    pk: int
    person: int
    theme: str
    channel: str
    content: str


def read_class_facts(class_runs: QuerySet[ClassRun]) -> list[ClassFacts]:
    """Class runs in the order of their keys."""
    rows = class_runs.order_by("pk").values_list(
        "pk",
        "starts_on",
        "ends_on",
        "seats_min",
        "seats_max",
        "ranks",
        "categories",
        "units",
        "quotas_close",
        "theme",
        "channel",
        "content",
    )
    return [ClassFacts(pk, day_number(first), day_number(last), *rest) for pk, first, last, *rest in rows]


def read_quotas(classes: Sequence[ClassFacts]) -> list[tuple[int, int, int, int]]:
    """(unit, class run, fewest, most)."""
    keys = [c.pk for c in classes]
    rows = Quota.objects.filter(class_run__in=keys).order_by("unit_id", "class_run_id")
    return list(rows.values_list("unit_id", "class_run_id", "seats_min", "seats_max"))


def read_units() -> Units:
    rows = list(Unit.objects.order_by("pk").values_list("pk", "path", "parent_id", "away_max"))
    return Units(
        np.array([row[0] for row in rows], np.int64),
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
    )


def read_people(units: Units, also: Iterable[int]) -> People:
    """Serving people, and those of ``also`` whatever their status. People without a unit cannot be called."""
    columns = ("pk", "unit_id", "rank", "grade", "category", "status")
    people = Person.objects.exclude(unit=None).order_by()
    rows = list(people.serving().values_list(*columns))
    known = {row[0] for row in rows}
    for others in chunks(sorted(set(also) - known)):
        rows += people.filter(pk__in=others).values_list(*columns)
    rows.sort()
    return People(
        pk=np.array([row[0] for row in rows], np.int64),
        unit=units.place(row[1] for row in rows),
        rank=np.array([row[2] or row[3] for row in rows], np.str_),
        category=np.array([row[4] for row in rows], np.str_),
        serving=np.array([row[5] == Person.Status.SERVING for row in rows], np.bool_),
    )


def read_occupied(year: int, loose: QuerySet[Callup]) -> Occupied:
    """The call-ups that stand, ``loose`` ones left aside."""
    return _days_of(Callup.objects.in_force().filter(class_run__year=year).exclude(pk__in=loose.values("pk")))


def read_excused(year: int) -> Occupied:
    """Days from which people were excused: they are not called to another class then."""
    return _days_of(Callup.objects.filter(state=Callup.State.EXCUSED, class_run__year=year))


def _days_of(callups: QuerySet[Callup]) -> Occupied:
    rows = callups.order_by("class_run__starts_on", "pk").values_list(
        "person_id", "class_run_id", "class_run__starts_on", "class_run__ends_on"
    )
    found = [(person, class_, day_number(first), day_number(last)) for person, class_, first, last in rows]
    table = np.array(found, np.int64).reshape(-1, 4)
    return Occupied(*table.T)


def read_owing() -> tuple[Longs, Longs, Longs]:
    """(person, place in ``OWING``, missing tenths 0 to 10) of each person's worst standing, sorted by person; exempt counts as met."""
    code = {state: place for place, state in enumerate(OWING)}
    worst: dict[int, tuple[int, int]] = {}
    rows = Standing.objects.order_by().values_list("person_id", "state", "missing_tenths", "required_tenths")
    for person, state, missing, required in rows.iterator(chunk_size=5000):
        share = -(-missing * 10 // required) if required else 0
        worst[person] = max(worst.get(person, (0, 0)), (code.get(state, 0), min(10, share)))
    found = [(person, *worst[person]) for person in sorted(worst)]
    table = np.array(found, np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def owing_of(persons: Longs) -> tuple[Longs, Longs]:
    """(place in ``OWING``, missing tenths) for each key; a person without a standing is unknown."""
    known, owing, missing = read_owing()
    if not len(known):
        return np.full(len(persons), UNKNOWN, np.int64), np.zeros(len(persons), np.int64)
    place = np.minimum(np.searchsorted(known, persons), len(known) - 1)
    hit = known[place] == persons
    return np.where(hit, owing[place], UNKNOWN), np.where(hit, missing[place], 0)


def _trained() -> Any:
    """Ledger entries that count as training off the desk: completed and never reversed."""
    return Entry.objects.live().filter(channel__in=OFF_POST, result=Entry.Result.COMPLETED).order_by()


def _taken() -> Any:
    """Call-ups that were kept, or will be."""
    return Callup.objects.in_force().filter(class_run__channel__in=OFF_POST).order_by()


def read_latest(others: Iterable[tuple[int, dt.date]]) -> Latest:
    """The last day of each person's last training, from the ledger and from call-ups, ours and those of ``others`` (person, last day)."""
    ledger = _trained().values_list("person_id").annotate(day=Max("earned_on"))
    called = _taken().values_list("person_id").annotate(day=Max("class_run__ends_on"))
    return _latest(((person, day) for rows in (ledger, called, others) for person, day in rows))


def read_latest_in(theme: str, since: dt.date, told_apart: Sequence[int] = ()) -> Latest:
    """The same for one theme, from ``since`` on, without call-ups to the class runs of ``told_apart``."""
    ledger = (
        _trained().filter(theme=theme, earned_on__gte=since).values_list("person_id").annotate(day=Max("earned_on"))
    )
    called = _taken().filter(class_run__theme=theme, class_run__ends_on__gte=since)
    called = called.exclude(class_run__in=told_apart)
    return _latest(
        ((p, d) for rows in (ledger, called.values_list("person_id", "class_run__ends_on")) for p, d in rows)
    )


def _latest(rows: Iterable[tuple[int, dt.date]]) -> Latest:
    last: dict[int, dt.date] = {}
    for person, day in rows:
        if person not in last or day > last[person]:
            last[person] = day
    persons = sorted(last)
    return Latest(np.array(persons, np.int64), np.array([day_number(last[p]) for p in persons], np.int64))


def read_make_ups(persons: Sequence[int] | None = None) -> list[OpenMakeUp]:
    """Open make-ups with what was missed, oldest duty first; only of ``persons`` when given."""
    rows = MakeUp.objects.filter(state=MakeUp.State.OPEN).order_by("due_on", "pk")
    if persons is not None:
        rows = rows.filter(Q(person__in=persons))
    columns = (
        "pk",
        "person_id",
        "missed__class_run__theme",
        "missed__class_run__channel",
        "missed__class_run__content",
    )
    return [OpenMakeUp(*row) for row in rows.values_list(*columns)]


def year_of(run: CallupRun) -> int:
    """All class runs of a run lie in one year (``actions.runs`` sees to it)."""
    return ClassRun.objects.filter(callup_runs=run).order_by("pk").values_list("year", flat=True)[0]
