"""Rows → what the engine reads: dataclasses for one person or a few, Arrow tables for a city."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import Case, F, Q, QuerySet, TextField, When
from django.db.models.functions import Cast
from django.utils import timezone

from zhixing.engine.obligations import facts, standing
from zhixing.engine.obligations.bulk import bulk, bulk_lacks
from zhixing.engine.obligations.inputs import Inputs
from zhixing.engine.obligations.lacks import Lack, lacks
from zhixing.engine.policies import Policy
from zhixing.obligations.models import Entry, Exemption
from zhixing.people.known import on_record_at, postings_at, services_at
from zhixing.people.models import Person

DAY: Final = pa.date32()
MOMENT: Final = pa.timestamp("us")
TEXTUAL: Final = (DAY, MOMENT)
ROWS_AT_ONCE: Final = 50_000
FEW: Final = 200
"""Up to so many persons the one-person reference is quicker than starting the bulk engine."""
Row = tuple[int, str, dt.date, dt.date, int, int, int, int, str]
"""A row of formats.md §2's standings, columns in its order."""


def held_rank(at: str = "") -> Case:
    """职务层次, else 职级: what policies look at; ``at`` is the path to the posting or person (``person__``)."""
    return Case(When(**{f"{at}rank": ""}, then=F(f"{at}grade")), default=F(f"{at}rank"))


@dataclass(frozen=True)
class Question:
    """A day and the rules in force on it; ``known_on`` (local): by the posts, dates of service, hours and exemptions recorded until then."""

    policy: Policy
    on: dt.date
    known_on: dt.datetime | None = None


def stand(
    person_ids: Collection[int] | None, policy: Policy, on: dt.date, known_on: dt.datetime | None = None
) -> list[Row]:
    """Where some persons or (None) everyone stand on ``on``: a few by the reference, many by the bulk engine; both say the same.

    ``known_on`` (local): by what was recorded until then; everyone is then who was on record.
    """
    person_ids = _named_if_few(person_ids, known_on)
    if person_ids is not None and len(person_ids) <= FEW:
        return by_reference(person_ids, policy, on, known_on)
    return in_bulk(person_ids, policy, on, known_on)


def stand_and_foresee(
    person_ids: Collection[int] | None, now: Question | None, then: Question | None
) -> tuple[list[Row], list[Lack]]:
    """Where they stand, and the duties that will be overdue on the day of ``then`` if nothing more is earned; the facts are read once.

    By all that is known; a question that is None has an empty answer.
    """
    person_ids = _named_if_few(person_ids)
    if person_ids is not None and len(person_ids) <= FEW:
        known = facts_for(person_ids)
        return (
            _one_by_one(known, now) if now else [],
            [lack for one in known for lack in lacks(one, then.policy, then.on)] if then else [],
        )
    inputs = tables_for(person_ids)
    return _together(inputs, now) if now else [], bulk_lacks(inputs, then.policy, then.on) if then else []


def _named_if_few(person_ids: Collection[int] | None, known_on: dt.datetime | None = None) -> Collection[int] | None:
    """Everyone by key, where they are few."""
    if person_ids is not None or Person.objects.count() > FEW:
        return person_ids
    return list(on_record_at(Person.objects.all(), _moment(known_on)).values_list("pk", flat=True))


def by_reference(
    person_ids: Collection[int], policy: Policy, on: dt.date, known_on: dt.datetime | None = None
) -> list[Row]:
    return _one_by_one(facts_for(person_ids, known_on), Question(policy, on, known_on))


def _one_by_one(known: Iterable[facts.PersonFacts], asked: Question) -> list[Row]:
    return [
        (
            one.person_id,
            of.rule,
            of.window_opens,
            of.window_closes,
            of.required_tenths,
            of.counted_tenths,
            of.missing_tenths,
            of.capped_tenths,
            str(of.state),
        )
        for one in known
        for of in standing.standings(one, asked.policy, asked.on, asked.known_on)
    ]


def in_bulk(
    person_ids: Collection[int] | None, policy: Policy, on: dt.date, known_on: dt.datetime | None = None
) -> list[Row]:
    return _together(tables_for(person_ids, known_on), Question(policy, on, known_on))


def _together(inputs: Inputs, asked: Question) -> list[Row]:
    given = inputs.people, inputs.postings, inputs.credits, inputs.exemptions
    table = bulk(*given, asked.policy, asked.on, asked.known_on)
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def end_of(day: dt.date) -> dt.datetime:
    """The last moment of a local day."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max), timezone.get_default_timezone())


def local(moment: dt.datetime) -> dt.datetime:
    """The engine's time: local, without zone."""
    return timezone.make_naive(moment, timezone.get_default_timezone())


def _moment(known_on: dt.datetime | None) -> dt.datetime | None:
    return timezone.make_aware(known_on, timezone.get_default_timezone()) if known_on else None


def standing_exemptions(known_on: dt.datetime | None) -> QuerySet[Exemption]:
    """Those not withdrawn by ``known_on`` (None: at all)."""
    moment = _moment(known_on)
    if moment is None:
        return Exemption.objects.filter(withdrawn_at=None)
    return Exemption.objects.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=moment))


def facts_for(person_ids: Collection[int], known_on: dt.datetime | None = None) -> list[facts.PersonFacts]:
    """What is known of some persons, in four queries, as known then in six.

    ``known_on`` (local) settles which posts, dates of service and exemptions stood then; the engine looks at the moments of hours itself.
    """
    moment = _moment(known_on)
    postings: dict[int, list[facts.Posting]] = {key: [] for key in person_ids}
    credits: dict[int, list[facts.Credit]] = {key: [] for key in person_ids}
    exemptions: dict[int, list[facts.Exemption]] = {key: [] for key in person_ids}
    for rows in postings_at(moment):
        for person_id, *posting in (
            rows.filter(person__in=person_ids)
            .annotate(held=held_rank())
            .values_list("person_id", "unit_id", "held", "from_on", "to_on", "is_principal", "promoted")
        ):
            postings[person_id].append(facts.Posting(*posting))
    for person_id, entry_id, earned_on, tenths, channel, recorded_at, reverses, content in Entry.objects.filter(
        person__in=person_ids
    ).values_list("person_id", "pk", "earned_on", "tenths", "channel", "recorded_at", "reverses_id", "content"):
        credit = facts.Credit(entry_id, earned_on, tenths, channel, local(recorded_at), reverses, content)
        credits[person_id].append(credit)
    for person_id, rule, from_on, to_on, recorded_at in (
        standing_exemptions(known_on)
        .filter(person__in=person_ids)
        .values_list("person_id", "rule", "from_on", "to_on", "recorded_at")
    ):
        exemptions[person_id].append(facts.Exemption(rule, from_on, to_on, local(recorded_at)))
    return [
        facts.PersonFacts(key, joined_on, left_on, tuple(postings[key]), tuple(credits[key]), tuple(exemptions[key]))
        for key, joined_on, left_on in sorted(
            found
            for rows in services_at(moment)
            for found in rows.filter(key__in=person_ids).values_list("key", "joined_on", "left_on")
        )
    ]


def tables_for(
    person_ids: Collection[int] | QuerySet[Any] | None = None, known_on: dt.datetime | None = None
) -> Inputs:
    """The four tables of formats.md §2, for some persons or for all on record. ``known_on`` settles what stood then, as in ``facts_for``."""
    moment = _moment(known_on)
    services, postings = services_at(moment), postings_at(moment)
    entries: QuerySet[Entry] = Entry.objects.all()
    exemptions = standing_exemptions(known_on)
    if person_ids is None and moment is not None:
        person_ids = on_record_at(Person.objects.all(), moment).values_list("pk", flat=True)
    if person_ids is not None:
        services = [rows.filter(key__in=person_ids) for rows in services]
        postings = [rows.filter(person__in=person_ids) for rows in postings]
        entries = entries.filter(person__in=person_ids)
        exemptions = exemptions.filter(person__in=person_ids)
    return Inputs(
        pa.concat_tables(map(_people, services)),
        pa.concat_tables(map(_postings, postings)),
        _credits(entries),
        _exemptions(exemptions),
    )


def _people(rows: QuerySet[Any]) -> pa.Table:
    return _read(
        rows,
        {"person_id": ("key", pa.int64()), "joined_on": ("joined_on", DAY), "left_on": ("left_on", DAY)},
    )


def _postings(rows: QuerySet[Any]) -> pa.Table:
    return _read(
        rows.annotate(held=held_rank()),
        {
            "person_id": ("person_id", pa.int64()),
            "unit_id": ("unit_id", pa.int64()),
            "rank": ("held", pa.string()),
            "from_on": ("from_on", DAY),
            "to_on": ("to_on", DAY),
            "is_principal": ("is_principal", pa.bool_()),
            "promoted": ("promoted", pa.bool_()),
        },
    )


def _credits(rows: QuerySet[Entry]) -> pa.Table:
    return _read(
        rows,
        {
            "entry_id": ("pk", pa.int64()),
            "person_id": ("person_id", pa.int64()),
            "earned_on": ("earned_on", DAY),
            "tenths": ("tenths", pa.int32()),
            "channel": ("channel", pa.string()),
            "recorded_at": ("recorded_at", MOMENT),
            "reverses": ("reverses_id", pa.int64()),
            "content": ("content", pa.string()),
        },
    )


def _exemptions(rows: QuerySet[Exemption]) -> pa.Table:
    return _read(
        rows,
        {
            "person_id": ("person_id", pa.int64()),
            "rule": ("rule", pa.string()),
            "from_on": ("from_on", DAY),
            "to_on": ("to_on", DAY),
            "recorded_at": ("recorded_at", MOMENT),
        },
    )


def _read(rows: QuerySet[Any], columns: Mapping[str, tuple[str, Any]]) -> pa.Table:
    """Rows as an Arrow table, column → (field path, type).

    The query is the ORM's, the cursor is not: half a million rows need no model, and the caller's own transaction is seen. Days and
    moments come as text, which Arrow reads far faster than Python.
    """
    texts = {f"{name}_text": Cast(path, TextField()) for name, (path, kind) in columns.items() if kind in TEXTUAL}
    paths = [f"{name}_text" if kind in TEXTUAL else path for name, (path, kind) in columns.items()]
    sql, parameters = rows.order_by().annotate(**texts).values_list(*paths).query.sql_with_params()
    kinds = {name: pa.string() if kind in TEXTUAL else kind for name, (_path, kind) in columns.items()}
    batches = []
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while chunk := cursor.fetchmany(ROWS_AT_ONCE):
            values = zip(zip(*chunk, strict=True), kinds.values(), strict=True)
            batches.append(pa.RecordBatch.from_arrays([pa.array(column, kind) for column, kind in values], [*kinds]))
    table = pa.Table.from_batches(batches, pa.schema(kinds.items()))
    return pa.table({name: _typed(table[name], kind) for name, (_path, kind) in columns.items()})


def _typed(column: pa.ChunkedArray, kind: Any) -> pa.ChunkedArray:
    """Text as days or moments: a moment is stored in UTC, with its offset or without, and becomes local time without zone."""
    if kind == DAY:
        return column.cast(DAY)
    if kind != MOMENT:
        return column
    utc = pc.assume_timezone(pc.replace_substring_regex(column, r"\+00(:00)?$", "").cast(MOMENT), "UTC")
    return pc.local_timestamp(utc.cast(pa.timestamp("us", tz=timezone.get_default_timezone_name())))
