"""The stored standings: recomputed from the facts and written whole."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, jobs
from zhixing.base.load import load
from zhixing.base.models import Job
from zhixing.engine.obligations.lacks import Lack
from zhixing.obligations import permissions
from zhixing.obligations.actions.counts import count_standings
from zhixing.obligations.models import Foreseen, Policy, Standing
from zhixing.obligations.problem import Question, Row, stand_and_foresee
from zhixing.obligations.queries.board import STATES
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.people.models import Account, Person

MANY: Final = 5_000
"""From so many persons on a job names nobody: it recomputes everyone."""
LOCK: Final = 0x5A58_0B11
"""The advisory lock under which PostgreSQL lets one refresh run at a time; SQLite has one worker."""
CLOCK_LOCK: Final = LOCK + 1
"""Under this one a worker looks whether today's refresh is queued, and queues it."""
TRIED_AGAIN: Final = dt.timedelta(hours=1)
"""So long after a refresh that failed or was cancelled the clock queues the next one."""
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
FORESEEN_COLUMNS: Final = (
    "person",
    "rule",
    "rule_no",
    "window_opens",
    "window_closes",
    "required_tenths",
    "counted_tenths",
    "missing_tenths",
    "above",
    "rooms",
    "policy",
    "on",
)
"""Those of ``Lack``, then whose rules on which day."""


def enqueue_refresh(person_ids: Collection[int] | None, *, by: Account | None = None) -> Job:
    """Queue one recomputation, in the caller's transaction, of some persons or (None) of everyone.

    The work leads to the board only whoever may open it: a school books hours, and sees no standings.
    """
    some = None if person_ids is None or len(person_ids) >= MANY else sorted(person_ids)
    return jobs.start(
        "obligations.refresh",
        label=_("Recompute the standings"),
        by=by,
        link=reverse("obligations:standings") if by is None or permissions.may_see_board(by) else "",
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
    """Queue one refresh of everyone when the stored standings are of an earlier day, or none are where a policy asks something of people.

    For a clock to call: every worker does, and however many ask at once, one refresh is queued. One that failed is tried again after
    ``TRIED_AGAIN``.
    """
    if not _awaits_refresh():
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # SQLite lets one writer in at a time
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLOCK_LOCK])
        return enqueue_refresh(None) if _awaits_refresh() else None


def _awaits_refresh() -> bool:
    day, today = snapshot_day(), timezone.localdate()
    if day is not None and day >= today:
        return False
    if day is None and (policy_in_force(today) is None or not Person.objects.exists()):
        return False
    in_the_way = Q(state__in=(Job.State.QUEUED, Job.State.RUNNING))
    in_the_way |= Q(state__in=(Job.State.FAILED, Job.State.CANCELLED), created_at__gt=timezone.now() - TRIED_AGAIN)
    if day is None:  # today's may have found nobody whom the policy asks for anything
        in_the_way |= Q(state=Job.State.DONE, created_at__date=today)
    return not Job.objects.filter(in_the_way, kind="obligations.refresh").exists()


def refresh_standings(
    person_ids: Collection[int] | None = None,
    on: dt.date | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Recompute and store the standings on ``on`` (default: today) of some persons or of everyone; returns how many rows were written.

    What will be overdue at the end of the year if nothing more is earned is computed from the same facts and stored with them (``Foreseen``).
    All stored standings are of one day: the first refresh of a new day recomputes everyone, whoever was asked for.
    Facts are read before the write begins, so that readers and writers of SQLite wait only for the write.
    """
    on = on or timezone.localdate()
    with _one_at_a_time():
        if person_ids is not None and snapshot_day() != on:
            person_ids = None
        last = year_end(on)
        policy, policy_then = policy_in_force(on), policy_in_force(last)
        rows, foreseen = stand_and_foresee(person_ids, _question(policy, on), _question(policy_then, last))
        progress(1, STEPS)
        with transaction.atomic():
            _clear(person_ids)
            if policy is not None:
                store_standings(rows, policy, on)
            if policy_then is not None:
                store_foreseen(foreseen, policy_then, last)
            progress(2, STEPS)
            count_standings(on)
    progress(STEPS, STEPS)
    return len(rows)


def year_end(on: dt.date) -> dt.date:
    """The day that standings of ``on`` look ahead to."""
    return dt.date(on.year, 12, 31)


def _question(policy: Policy | None, on: dt.date) -> Question | None:
    return Question(rules_of(policy), on) if policy else None


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


def _clear(person_ids: Collection[int] | None) -> None:
    some = {} if person_ids is None else {"person__in": person_ids}
    Standing.objects.filter(**some).delete()
    Foreseen.objects.filter(**some).delete()


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


def store_foreseen(lacks: Iterable[Lack], policy: Policy, on: dt.date) -> None:
    """Write what will be overdue on ``on`` where nothing is."""
    load(Foreseen, FORESEEN_COLUMNS, (_foreseen_values(lack, policy.pk, on) for lack in lacks))


def _foreseen_values(lack: Lack, policy_id: int, on: dt.date) -> tuple[Any, ...]:
    """Values of ``FORESEEN_COLUMNS``."""
    return (
        lack.person_id,
        lack.rule,
        lack.rule_no,
        lack.window_opens.isoformat(),
        lack.window_closes.isoformat(),
        lack.required_tenths,
        lack.counted_tenths,
        lack.missing_tenths,
        json.dumps(lack.above),
        json.dumps(lack.rooms),
        policy_id,
        on.isoformat(),
    )
