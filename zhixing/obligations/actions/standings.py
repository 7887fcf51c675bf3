"""Refreshing the stored standings from the facts: a few people or everyone, by the same engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import pyarrow as pa
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import jobs
from zhixing.engine.obligations.bulk import bulk
from zhixing.obligations.models import Standing, StandingCount
from zhixing.obligations.problem import tables_for
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.people.models import Person

ALL_FROM = 2_000
"""From this many people on, everyone is refreshed: one scan is cheaper than many look-ups."""
ROWS_AT_ONCE = 5_000
COLUMNS = (
    "person_id",
    "rule",
    "policy_id",
    "on",
    "window_opens",
    "window_closes",
    "required_tenths",
    "counted_tenths",
    "missing_tenths",
    "capped_tenths",
    "state",
)
SEVERITY = {"exempt": 0, "met": 1, "on_track": 2, "short": 3, "overdue": 4}


def ask_refresh(person_ids: Collection[int] | None, *, by: Any) -> None:
    """Queue a refresh in the caller's transaction; nobody named means nothing to do, None means everyone."""
    if person_ids is not None and not person_ids:
        return
    some = sorted(person_ids) if person_ids is not None and len(person_ids) < ALL_FROM else None
    jobs.start("obligations.refresh", label=_("Refresh of standings"), by=by, person_ids=some)


@jobs.work("obligations.refresh")
def refresh(handle: jobs.Handle, person_ids: list[int] | None = None) -> dict[str, int]:
    handle.progress(0, 2)
    return {"standings": refresh_standings(person_ids)}


@transaction.atomic
def refresh_standings(person_ids: Collection[int] | None, *, on: dt.date | None = None) -> int:
    """Compute the standings of some people, or of everyone, on ``on`` (today), and replace the stored ones. Returns how many rows.

    Without a policy in force nobody owes anything.
    """
    on = on or timezone.localdate()
    policy = policy_in_force(on)
    stored = Standing.objects.all() if person_ids is None else Standing.objects.filter(person__in=person_ids)
    stored.delete()
    count = 0
    if policy is not None:
        facts = tables_for(person_ids)
        made = bulk(facts.people, facts.postings, facts.credits, facts.exemptions, rules_of(policy), on)
        count = made.num_rows
        _insert(_rows(made, policy.pk, on))
    recount(on)
    return count


def _rows(made: pa.Table, policy_id: int, on: dt.date) -> Iterator[tuple[Any, ...]]:
    for batch in made.to_batches(max_chunksize=ROWS_AT_ONCE):
        for person_id, rule, *rest in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield (person_id, rule, policy_id, on, *rest)


def _insert(rows: Iterable[tuple[Any, ...]]) -> None:
    """Straight into the table: 60,000 rows need no model instances."""
    fields = {field.attname: field for field in Standing._meta.concrete_fields}
    quote = connection.ops.quote_name
    names = ", ".join(quote(fields[name].column or name) for name in COLUMNS)
    marks = ", ".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(Standing._meta.db_table)} ({names}) VALUES ({marks})", list(rows))  # noqa: S608


def recount(on: dt.date) -> None:
    """Count the stored standings by unit, rank, rule and state, and each person once under the worst state."""
    year_end = dt.date(on.year, 12, 31)
    people = {pk: rest for pk, *rest in Person.objects.values_list("pk", "unit_id", "rank", "grade")}
    counts: dict[tuple[int, str, str, str], list[int]] = {}
    worst: dict[int, tuple[str, bool]] = {}
    rows = Standing.objects.order_by().values_list("person_id", "rule", "state", "missing_tenths", "window_closes")
    for person_id, rule, state, missing, closes in rows.iterator(chunk_size=ROWS_AT_ONCE):
        due = missing > 0 and closes <= year_end
        _count(counts, people[person_id], rule, state, due)
        held, was_due = worst.get(person_id, (state, False))
        worst[person_id] = (max(held, state, key=SEVERITY.__getitem__), was_due or due)
    for person_id, (state, due) in worst.items():
        _count(counts, people[person_id], "", state, due)
    StandingCount.objects.all().delete()
    StandingCount.objects.bulk_create(
        (
            StandingCount(on=on, unit_id=unit, rank=rank, rule=rule, state=state, people=number, due=due)
            for (unit, rank, rule, state), (number, due) in counts.items()
        ),
        batch_size=1_000,
    )


def _count(
    counts: dict[tuple[int, str, str, str], list[int]], person: list[Any], rule: str, state: str, due: bool
) -> None:
    unit, rank, grade = person
    if unit is None:
        return
    held = counts.setdefault((unit, rank or grade, rule, state), [0, 0])
    held[0] += 1
    held[1] += due
