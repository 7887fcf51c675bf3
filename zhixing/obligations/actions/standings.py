"""The stored standings: recomputed from the facts, written whole, counted for the board."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Case, F, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, jobs
from zhixing.base.load import load
from zhixing.base.models import Job
from zhixing.obligations import permissions
from zhixing.obligations.models import Policy, Standing, StandingCount
from zhixing.obligations.problem import Row, stand
from zhixing.obligations.queries.board import STATES
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.people.models import Account, Unit

MANY: Final = 5_000
"""From so many persons on a job names nobody: it recomputes everyone."""
ROWS_AT_ONCE: Final = 5_000
LOCK: Final = 0x5A58_0B11
"""The advisory lock under which PostgreSQL lets one refresh run at a time; SQLite has one worker."""
CLOCK_LOCK: Final = LOCK + 1
"""Under this one a worker looks whether today's refresh is queued, and queues it."""
STEPS: Final = 3
COLUMNS: Final = (
    "person",
    "rule",
    "window_opens",
    "window_closes",
    "required_tenths",
    "counted_tenths",
    "missing_tenths",
    "capped_tenths",
    "state",
    "worst",
    "policy",
    "on",
)
"""Those of ``Row``, then the worst state of the person, and whose rules on which day."""


def enqueue_refresh(person_ids: Collection[int] | None, *, by: Account | None = None) -> Job:
    """Queue one recomputation, in the caller's transaction, of some persons or (None) of everyone."""
    some = None if person_ids is None or len(person_ids) >= MANY else sorted(person_ids)
    return jobs.start(
        "obligations.refresh",
        label=_("Recompute the standings"),
        by=by,
        link=reverse("obligations:standings"),
        person_ids=some,
    )


@transaction.atomic
def ask_refresh(by: Account) -> Job:
    """The desk asks for a new snapshot of everyone."""
    permissions.may_refresh(by).require()
    job = enqueue_refresh(None, by=by)
    audit.record("obligations.refresh_asked", by, by=by, job=str(job.pk))
    return job


def refresh_when_stale() -> Job | None:
    """Queue one refresh of everyone when the stored standings are of an earlier day and none was queued today.

    For a clock to call: every worker does, and however many ask at once, one refresh is queued.
    """
    if not _awaits_refresh():
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # SQLite lets one writer in at a time
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLOCK_LOCK])
        return enqueue_refresh(None) if _awaits_refresh() else None


def _awaits_refresh() -> bool:
    today = timezone.localdate()
    day = snapshot_day()
    if day is None or day >= today:
        return False
    return not Job.objects.filter(kind="obligations.refresh", created_at__date=today).exists()


def refresh_standings(
    person_ids: Collection[int] | None = None,
    on: dt.date | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Recompute and store the standings on ``on`` (default: today) of some persons or of everyone; returns how many rows were written.

    All stored standings are of one day: the first refresh of a new day recomputes everyone, whoever was asked for.
    Facts are read before the write begins, so that readers and writers of SQLite wait only for the write.
    """
    on = on or timezone.localdate()
    with _one_at_a_time():
        if person_ids is not None and snapshot_day() != on:
            person_ids = None
        policy = policy_in_force(on)
        rows = stand(person_ids, rules_of(policy), on) if policy else []
        progress(1, STEPS)
        with transaction.atomic():
            _replace(person_ids, policy, on, rows)
            progress(2, STEPS)
            count_standings(on)
    progress(STEPS, STEPS)
    return len(rows)


def snapshot_day() -> dt.date | None:
    """The day of the stored standings."""
    return Standing.objects.order_by().values_list("on", flat=True).first()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Whoever writes later has also read later."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _replace(person_ids: Collection[int] | None, policy: Policy | None, on: dt.date, rows: Sequence[Row]) -> None:
    old = Standing.objects.all() if person_ids is None else Standing.objects.filter(person__in=person_ids)
    old.delete()
    if policy is not None:
        store_standings(rows, policy, on)


def store_standings(rows: Sequence[Row], policy: Policy, on: dt.date) -> None:
    """Write standings where none are; all rows of a person come at once."""
    worst: dict[int, str] = {}
    for person_id, *_rest, state in rows:
        worst[person_id] = min(worst.get(person_id, state), state, key=STATES.index)
    load(Standing, COLUMNS, (_values(row, worst[row[0]], policy.pk, on) for row in rows))


def _values(row: Row, worst: str, policy_id: int, on: dt.date) -> tuple[Any, ...]:
    """Values of ``COLUMNS``."""
    person_id, rule, opens, closes, *rest = row
    return (person_id, rule, opens.isoformat(), closes.isoformat(), *rest, worst, policy_id, on.isoformat())


Key = tuple[int, str, str, str]
"""Of a count: unit, rank, rule, state."""


def count_standings(on: dt.date) -> None:
    """Write ``StandingCount`` anew, in the caller's transaction."""
    people: Counter[Key] = Counter()
    due: Counter[Key] = Counter()
    for (_person, unit_id, rank, worst), duties in groupby(_counted_rows(on), key=lambda row: row[:4]):
        is_due = False
        for *_key, rule, state, late in duties:
            people[unit_id, "", rule, state] += 1
            due[unit_id, "", rule, state] += late
            is_due = is_due or bool(late)
        people[unit_id, rank, "", worst] += 1
        due[unit_id, rank, "", worst] += is_due
    above = _units_above()
    people, due = _rolled_up(people, above), _rolled_up(due, above)
    StandingCount.objects.all().delete()
    StandingCount.objects.bulk_create(
        StandingCount(on=on, unit_id=key[0], rank=key[1], rule=key[2], state=key[3], people=count, due=due[key])
        for key, count in people.items()
    )


def _units_above() -> dict[int, list[int]]:
    """Unit → itself and all above it."""
    keys = dict(Unit.objects.values_list("path", "pk"))
    return {
        key: [keys[path[: place + 1]] for place, sign in enumerate(path) if sign == "." and path[: place + 1] in keys]
        for path, key in keys.items()
    }


def _rolled_up(counts: Counter[Key], above: Mapping[int, list[int]]) -> Counter[Key]:
    """Each unit's own counts added to every unit above it."""
    sums: Counter[Key] = Counter()
    for (unit_id, rank, rule, state), count in counts.items():
        for upper in above[unit_id]:
            sums[upper, rank, rule, state] += count
    return sums


def _counted_rows(on: dt.date) -> Iterable[tuple[Any, ...]]:
    """(person, unit, rank, worst, rule, state, 1 when due by the year's end), one person's rows together."""
    is_due = Case(When(missing_tenths__gt=0, window_closes__lte=dt.date(on.year, 12, 31), then=1), default=0)
    return (
        Standing.objects.exclude(person__unit=None)
        .annotate(rank=Case(When(person__rank="", then=F("person__grade")), default=F("person__rank")), is_due=is_due)
        .order_by("person_id")
        .values_list("person_id", "person__unit_id", "rank", "worst", "rule", "state", "is_due")
        .iterator(chunk_size=ROWS_AT_ONCE)
    )
