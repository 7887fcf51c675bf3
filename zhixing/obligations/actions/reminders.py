"""Reminding (到期提醒): on the dates that the policy names, whoever misses hours hears of it once, and so do the liaisons of the unit.

Nobody is reminded twice of one date, nobody on any other day, and nobody hears of anybody else's hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from zhixing.base import audit
from zhixing.engine import policies
from zhixing.obligations import telling
from zhixing.obligations.actions.standings import CLOCK_LOCK, year_end
from zhixing.obligations.models import Foreseen, Reminder, Standing
from zhixing.obligations.problem import held_rank
from zhixing.obligations.queries.policies import policy_in_force, rules_of

GRACE: Final = 6
"""A worker that stood still catches up for so many days; after that the date has passed."""
REMIND_LOCK: Final = CLOCK_LOCK + 1
BATCH: Final = 2_000


@dataclass(frozen=True)
class Due:
    """One date of the policy: ``days`` before windows of ``rule`` that close from ``first`` to ``last``; ``ranks`` are those the rule holds."""

    rule: str
    ranks: tuple[str, ...]
    days: int
    first: dt.date
    last: dt.date


def dates_due(policy: policies.Policy, on: dt.date) -> Iterator[Due]:
    """What the policy reminds of on a day or a few days before it; a window that has closed is nobody's business any more."""
    held: dict[str, set[str]] = {}
    for rule in policy.rules:
        earlier = held.setdefault(rule.code, set())
        ranks = tuple(rank for rank in rule.ranks if rank not in earlier)
        earlier.update(rule.ranks)
        for days in rule.remind_days:
            last = on + dt.timedelta(days=days)
            yield Due(rule.code, ranks, days, max(on, last - dt.timedelta(days=GRACE)), last)


@transaction.atomic
def remind(on: dt.date) -> int:
    """Remind of the dates that have come, from the stored standings of ``on``; returns how many persons were reminded."""
    policy = policy_in_force(on)
    if policy is None:
        return 0
    if connection.vendor == "postgresql":  # SQLite lets one writer in at a time
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REMIND_LOCK])
    reminders = [one for due in dates_due(rules_of(policy), on) for one in _reminders(due, on)]
    Reminder.objects.bulk_create(reminders, batch_size=BATCH)
    people = telling.tell_reminded(reminders, policy)
    if people:
        audit.record("obligations.reminded", policy, by=None, on=on, people=people)
    return people


def _reminders(due: Due, on: dt.date) -> list[Reminder]:
    rows = _missing(due, on).order_by("person_id").values_list("person_id", "window_closes", "missing_tenths")
    return [
        Reminder(person_id=person, rule=due.rule, window_closes=closes, days=due.days, missing_tenths=missing, on=on)
        for person, closes, missing in rows
    ]


def _missing(due: Due, on: dt.date) -> QuerySet[Standing]:
    """Who misses hours and was not reminded of this date yet.

    Of a window that closes with the year only who will be overdue then: not who will have left, nor whom booked hours will cover.
    """
    told = Reminder.objects.filter(
        person=OuterRef("person"), rule=due.rule, window_closes=OuterRef("window_closes"), days=due.days
    )
    rows = Standing.objects.filter(
        on=on, rule=due.rule, missing_tenths__gt=0, window_closes__range=(due.first, due.last)
    )
    foreseen = Foreseen.objects.filter(person=OuterRef("person"), rule=due.rule)
    rows = rows.filter(~Q(window_closes=year_end(on)) | Exists(foreseen))
    return rows.annotate(held=held_rank("person__")).filter(held__in=due.ranks).exclude(Exists(told))
