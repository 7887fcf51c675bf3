"""What the books say goes into the fresh database: units, persons with their postings, class runs with their seats, the ledger.

Keys are given in the order of names and numbers, never of rows, so that books whose rows stand in another order give the same city.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from django.utils import timezone

from zhixing.base.load import load
from zhixing.base.sealed import blind_index, seal
from zhixing.cycle.books import Classes, Member, Roster
from zhixing.engine.policies import working_days
from zhixing.engine.roster.words import RETIRED, SERVING
from zhixing.engine.sheets.classes import ClassRow
from zhixing.engine.sheets.dates import PartialDate
from zhixing.obligations.actions.history_credits import training_key
from zhixing.obligations.models import Channel, Entry
from zhixing.people.actions.units import EARLIEST
from zhixing.people.models import Person, Posting, Unit, UnitPlacement
from zhixing.plans.class_lists import CONTENTS, HOURS_A_DAY
from zhixing.plans.models import ClassRun, Quota

CITY = "市"
"""The name of the top of the tree: the books do not say it."""
TOP = 1
DAY = dt.timedelta(days=1)
Row = tuple[Any, ...]


def write_people(roster: Roster, on: dt.date) -> dict[str, int]:
    """Write units, persons and postings; returns the key of each unit by its bare name."""
    units = {bare: pk for pk, bare in enumerate(sorted(roster.units), start=TOP + 1)}
    _write_units([CITY, *(roster.units[bare] for bare in units)])
    numbers = _staff_numbers(roster.members)
    people = zip(roster.members, numbers, strict=True)
    load(Person, PERSON_FIELDS, (_person(member, number, units[member.unit], on) for member, number in people))
    load(Posting, POSTING_FIELDS, (_posting(member, units[member.unit], on) for member in roster.members))
    return units


def _write_units(names: Sequence[str]) -> None:
    """The first name is the city's; all others hang below it."""
    fields = "id code name kind parent path position opened_on".split()
    opened = EARLIEST.isoformat()
    top = f"{TOP:06d}."
    rows: list[Row] = [(TOP, f"U{TOP:05d}", names[0], Unit.Kind.CITY, None, top, TOP, opened)]
    for pk, name in enumerate(names[1:], start=TOP + 1):
        rows.append((pk, f"U{pk:05d}", name, Unit.Kind.ORGAN, TOP, f"{top}{pk:06d}.", pk, opened))
    load(Unit, fields, rows)
    placements = ((row[0], row[4], row[2], opened) for row in rows)
    load(UnitPlacement, ("unit", "parent", "name", "from_on"), placements)


def _staff_numbers(members: Sequence[Member]) -> list[str]:
    """The staff number of each person; who has none is numbered by key."""
    taken = {member.row.number for member in members}
    return [member.row.number or _free_number(member.pk, taken) for member in members]


def _free_number(pk: int, taken: set[str]) -> str:
    number = f"R{pk:06d}"
    while number in taken:
        number = f"R{number}"
    return number


PERSON_FIELDS = (
    "id number name sex born_on id_sealed id_index phone work_began_on joined_on left_on status category note unit department title rank grade"
).split()
POSTING_FIELDS = (
    "person unit department title rank grade rank_since grade_since from_on to_on is_principal promoted".split()
)


def _person(member: Member, number: str, unit: int, on: dt.date) -> Row:
    row = member.row
    identity = row.id_number
    return (
        member.pk,
        number,
        row.name,
        row.sex,
        _iso(row.born),
        seal(identity) if identity else None,
        blind_index(identity) if identity else None,
        row.phone,
        _iso(row.work_began),
        _joined_on(member).isoformat(),
        _last_day(member, on),
        row.status or SERVING,
        row.category,
        "",
        unit,
        row.department,
        row.title,
        row.rank,
        row.grade,
    )


def _posting(member: Member, unit: int, on: dt.date) -> Row:
    row = member.row
    return (
        member.pk,
        unit,
        row.department,
        row.title,
        row.rank,
        row.grade,
        _iso(row.rank_since),
        _iso(row.grade_since),
        _post_began(member).isoformat(),
        _last_day(member, on),
        True,
        False,
    )


def _joined_on(member: Member) -> dt.date:
    """Who does not say when work began has served for long: nothing of the hours owed is taken off."""
    return member.row.work_began.first if member.row.work_began else EARLIEST


def _post_began(member: Member) -> dt.date:
    """When the present post and grade came together."""
    dates = [date.first for date in (member.row.rank_since, member.row.grade_since) if date]
    return max(dates, default=_joined_on(member))


def _last_day(member: Member, on: dt.date) -> str | None:
    """Of the retired: the day before, as the sheet does not say when; they owe nothing any more."""
    if member.row.status != RETIRED:
        return None
    return max(on - DAY, _post_began(member), _joined_on(member)).isoformat()


def _iso(date: PartialDate | None) -> str | None:
    return date.first.isoformat() if date else None


CLASS_FIELDS = (
    "id code year name theme content channel organiser institution_name starts_on ends_on tenths seats_min seats_max ranks categories units "
    "target_text place contact contact_phone joining_instructions class_rules quotas_close state"
).split()


def write_classes(classes: Classes, units: dict[str, int]) -> None:
    """Write the class runs, open for call-up, and the seats of units.

    Where 分配名额 has a column for a class, every unit gets a line: one without a number gets no seat, so that its people are told why.
    """
    load(ClassRun, CLASS_FIELDS, (_class_run(pk, row) for pk, row in enumerate(classes.rows, start=1)))
    load(Quota, ("class_run", "unit", "seats_min", "seats_max"), _quotas(classes, units))


def _class_run(pk: int, row: ClassRow) -> Row:
    return (
        pk,
        f"{row.starts_on.year}-{pk:03d}",
        row.starts_on.year,
        row.name,
        row.theme,
        next((code for word, code in CONTENTS.items() if word in row.content), ""),
        row.channel or Channel.OFFJOB,
        row.organiser,
        row.institution,
        row.starts_on.isoformat(),
        row.ends_on.isoformat(),
        row.tenths or HOURS_A_DAY * working_days(row.starts_on, row.ends_on),
        row.seats_min or 0,
        row.seats,
        json.dumps(row.ranks, ensure_ascii=False),
        "[]",
        "[]",
        row.target,
        row.place,
        "",
        "",
        "",
        "",
        False,
        ClassRun.State.OPEN,
    )


def _quotas(classes: Classes, units: dict[str, int]) -> Iterator[Row]:
    for pk, row in enumerate(classes.rows, start=1):
        seats = classes.seats.get(row.name)
        if seats is not None:
            yield from ((pk, unit, *seats.get(bare, (0, 0))) for bare, unit in units.items())


ENTRY_FIELDS = (
    "person earned_on tenths channel content title theme began_on organiser institution certificate result source source_key reason recorded_at"
).split()


def write_ledger(records: pa.Table) -> None:
    """Book every training; one that was not completed stays in the record with no hours."""
    recorded = timezone.now().isoformat(sep=" ").removesuffix("+00:00")
    load(Entry, ENTRY_FIELDS, (row for batch in records.to_batches() for row in _entries(batch, recorded)))


def _entries(batch: pa.RecordBatch, recorded: str) -> Iterator[Row]:
    days = ("starts_on", "ends_on")
    columns = {
        name: (batch[name].cast(pa.string()) if name in days else batch[name]).to_pylist()
        for name in batch.schema.names
    }
    source = Entry.Source.HISTORY
    for person, earned, tenths, channel, title, began, organiser, institution, certificate, result in zip(
        *(columns[name] for name in ("person", "ends_on", "credited", "channel", "name", "starts_on")),
        *(columns[name] for name in ("organiser", "institution", "certificate", "result")),
        strict=True,
    ):
        yield (person, earned, tenths, channel, "", title, "", began, organiser, institution, certificate, result,
               source, training_key(person, title, began), "", recorded)  # fmt: skip
