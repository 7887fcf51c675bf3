"""Rows of the database as input of the roster engine: the people and the units known."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from zhixing.base.chunks import chunks
from zhixing.base.sealed import blind_index
from zhixing.engine.roster.comparison import KnownPerson
from zhixing.engine.roster.headings import ROSTER
from zhixing.engine.roster.rows import RosterRow
from zhixing.engine.roster.units import KnownUnit, UnitIndex, UnitMiss
from zhixing.engine.sheets.cells import clean, said
from zhixing.engine.sheets.dates import PartialDate
from zhixing.engine.sheets.faults import Fault
from zhixing.people.models import Account, Person, Posting, Unit

CHUNK = 5_000
NEW = "new:"
"""Begins the key of a unit that the import would open; its path of names follows."""

ELSEWHERE = "elsewhere"
"""Code of the problem that a person belongs to a subtree outside the officer's scope; the other codes are the engine's."""
NEWER = "newer"
"""Code of the problem that a post is known which began after the day of the roster."""


@dataclass(frozen=True, slots=True)
class Held:
    """The principal posting in force, else the last one; ``to_on`` None: in force."""

    pk: int
    from_on: dt.date
    to_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the engine sees it, and what applying and rolling back need beside that."""

    person: KnownPerson
    path: str
    joined_on: dt.date
    left_on: dt.date | None
    held: Held | None
    open_postings: tuple[tuple[int, dt.date], ...]

    @property
    def pk(self) -> int:
        return int(self.person.key)


class Indexes:
    """Blind indexes of ID numbers, each computed once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, id_number: str) -> str:
        index = self._known.get(id_number)
        if index is None:
            index = self._known[id_number] = blind_index(id_number)
        return index


def known_people(rows: Sequence[RosterRow], index_of: Indexes, scope: Unit | None) -> list[Known]:
    """Everybody whom a row names by ID or staff number, wherever they are; with ``scope`` also everybody at or below it."""
    people: dict[int, tuple[Any, ...]] = {}
    for numbers in chunks({index_of(row.id_number) for row in rows if row.id_number}, CHUNK):
        people.update(_people(id_index__in=numbers))
    for numbers in chunks({row.number for row in rows if row.number}, CHUNK):
        people.update(_people(number__in=numbers))
    if scope is not None:
        people.update(_people(unit__path__startswith=scope.path))
    known: list[Known] = []
    for keys in chunks(people, CHUNK):
        postings = _postings(keys)
        known.extend(_known(people[key], postings[key]) for key in keys)
    return known


_PERSON_FIELDS = (
    *("pk", "name", "number", "id_index", "sex", "born_on", "work_began_on", "category", "phone", "status"),
    *("joined_on", "left_on", "unit__path", "unit_id", "department", "title", "rank", "grade"),
)
_POSTING_FIELDS = (
    *("person_id", "pk", "from_on", "to_on", "is_principal"),
    *("unit_id", "department", "title", "rank", "grade", "rank_since", "grade_since"),
)


def _people(**condition: Any) -> dict[int, tuple[Any, ...]]:
    return {row[0]: row for row in Person.objects.filter(**condition).values_list(*_PERSON_FIELDS)}


def _postings(people: Collection[int]) -> defaultdict[int, list[tuple[Any, ...]]]:
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = Posting.objects.filter(person_id__in=people).order_by("from_on", "id").values_list(*_POSTING_FIELDS)
    for person_id, *posting in rows:
        found[person_id].append(tuple(posting))
    return found


def _known(row: tuple[Any, ...], postings: list[tuple[Any, ...]]) -> Known:
    (
        key,
        name,
        number,
        id_index,
        sex,
        born_on,
        work_began_on,
        category,
        phone,
        status,
        joined_on,
        left_on,
        path,
        *own,
    ) = row
    principal = [posting for posting in postings if posting[3]]
    held = next((posting for posting in principal if posting[2] is None), principal[-1] if principal else None)
    unit, department, title, rank, grade, rank_since, grade_since = held[4:] if held else (*own, None, None)
    return Known(
        KnownPerson(
            key=str(key),
            name=name,
            number=number,
            id_index=id_index or "",
            sex=sex,
            born=born_on,
            unit="" if unit is None else str(unit),
            department=department,
            title=title,
            rank=rank,
            grade=grade,
            rank_since=rank_since,
            grade_since=grade_since,
            work_began=work_began_on,
            category=category,
            phone=phone,
            status=status,
        ),
        path or "",
        joined_on,
        left_on,
        Held(held[0], held[1], held[2]) if held else None,
        tuple((posting[0], posting[1]) for posting in postings if posting[2] is None),
    )


def is_visible(known: Known, user: Account) -> bool:
    return user.scope_unit is not None and known.path.startswith(user.scope_unit.path)


def known_units(scope: Unit) -> list[KnownUnit]:
    """The open units at or below ``scope``; paths begin with its own name."""
    units = Unit.objects.within(scope).filter(closed_on=None).order_by("path")
    paths: dict[int, str] = {}
    known = []
    for unit in units:
        above = paths.get(unit.parent_id or 0, "")
        paths[unit.pk] = f"{above}/{unit.name}" if above else unit.name
        known.append(KnownUnit(str(unit.pk), unit.name, unit.code, paths[unit.pk]))
    return known


def unit_index(scope: Unit, rows: Sequence[RosterRow], *, opens_units: bool) -> tuple[UnitIndex, list[str]]:
    """The index by which the engine finds units; with ``opens_units`` it also holds those still to be opened, returned as paths of names."""
    known = known_units(scope)
    index = UnitIndex(known)
    if not opens_units:
        return index, []
    missed = {}
    for text in {row.unit for row in rows if row.unit}:
        found = index.find(text)
        if isinstance(found, UnitMiss) and found.fault is Fault.UNIT_UNKNOWN:
            path = "/".join(filter(None, (clean(part) for part in text.replace("\\", "/").split("/"))))
            missed[path] = KnownUnit(f"{NEW}{path}", path.rpartition("/")[2], path=path)
    return UnitIndex([*known, *missed.values()]), sorted(missed)


def unit_names(scope: Unit) -> dict[int, str]:
    """How a sheet names each open unit of ``scope``: by its name, else its path, else its code, whichever an import of ``scope`` finds again."""
    units = known_units(scope)
    index = UnitIndex(units)
    limit = ROSTER.by_field["unit"].limit
    return {
        int(unit.key): next(
            (
                text
                for text in (unit.name, unit.path, unit.code)
                if len(text) <= limit and index.find(said(text)) == unit.key
            ),
            "",
        )
        for unit in units
    }


def roster_row(person: Person, posting: Posting | None, *, unit: str = "", id_number: str = "") -> RosterRow:
    """What a roster says of a person and the principal posting; ``unit`` and ``id_number`` as the cells name them."""
    post = posting or person
    return RosterRow(
        sheet="",
        row=0,
        name=person.name,
        id_number=id_number,
        number=person.number,
        sex=person.sex,
        born=_date(person.born_on),
        unit=unit,
        department=post.department,
        title=post.title,
        rank=post.rank,
        grade=post.grade,
        rank_since=_date(posting.rank_since) if posting else None,
        grade_since=_date(posting.grade_since) if posting else None,
        work_began=_date(person.work_began_on),
        category=person.category,
        phone=person.phone,
        status=person.status,
    )


def _date(day: dt.date | None) -> PartialDate | None:
    return PartialDate.of(day) if day else None
