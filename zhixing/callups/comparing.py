"""Two runs side by side: who is called by one alone, by the other alone and by both, and what each list comes to.

All is counted from the lists as they stand; nothing is solved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When

from zhixing.callups import reasons, values
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.queries import callups_of, count_run, runs_of, short_class_runs
from zhixing.engine.callup.codes import Code
from zhixing.people.models import Account

ONE, OTHER, BOTH = "one", "other", "both"
LONG_WAIT = 24
"""Months since the last training from which a wait is counted as long."""


@dataclass(frozen=True)
class Shares:
    """Call-ups of two runs that are in the one alone, in the other alone, in both."""

    one: int
    other: int
    both: int

    @property
    def is_same(self) -> bool:
        return not (self.one or self.other)


def comparable(run: CallupRun, user: Account) -> QuerySet[Any]:
    """Other runs with a list about some of the same class runs, the newest first."""
    through = CallupRun.class_runs.through.objects
    shared = through.filter(calluprun=OuterRef("pk"), classrun__in=through.filter(calluprun=run).values("classrun"))
    with_list = (CallupRun.State.PROPOSED, CallupRun.State.PUBLISHED)
    return runs_of(user).filter(Exists(shared), state__in=with_list).exclude(pk=run.pk).order_by("-pk")


def pairs_of(one: CallupRun, other: CallupRun, user: Account) -> QuerySet[Any]:
    """The call-ups of both runs with ``side``; a pair that both have comes once, as the call-up of ``one``."""
    found: QuerySet[Any] = _with_side(callups_of(user), one, other)
    return found


def _with_side(rows: QuerySet[Any], one: CallupRun, other: CallupRun) -> QuerySet[Any]:
    twins = Callup.objects.filter(person=OuterRef("person"), class_run=OuterRef("class_run"), state__in=Callup.LIVE)
    sided: QuerySet[Any] = (
        rows.filter(run__in=(one, other), state__in=Callup.LIVE)
        .annotate(twin=Case(When(run=one, then=Exists(twins.filter(run=other))), default=Exists(twins.filter(run=one))))
        .exclude(run=other, twin=True)
        .annotate(side=Case(When(twin=True, then=Value(BOTH)), When(run=one, then=Value(ONE)), default=Value(OTHER)))
    )
    return sided


def shares(one: CallupRun, other: CallupRun, user: Account) -> Shares:
    rows = _with_side(Callup.objects.visible_to(user), one, other).order_by()
    counted = dict(rows.values_list("side").annotate(n=Count("pk")))
    return Shares(counted.get(ONE, 0), counted.get(OTHER, 0), counted.get(BOTH, 0))


def by(fields: Iterable[str], one: CallupRun, other: CallupRun, user: Account) -> QuerySet[Any]:
    """One row for each class run or unit: call-ups ``one``, ``other``, ``both``, and how many ``differ``."""
    rows: QuerySet[Any] = _with_side(Callup.objects.visible_to(user), one, other).order_by()
    sides: dict[str, Any] = {side: Count("pk", filter=Q(side=side)) for side in (ONE, OTHER, BOTH)}
    found: QuerySet[Any] = rows.values(*fields).annotate(**sides).annotate(differ=F(ONE) + F(OTHER))
    return found


@dataclass(frozen=True)
class Worth:
    """What the list of a run comes to, in figures that anyone can count: call-ups, except ``people`` and ``short`` (class runs)."""

    seats: int
    callups: int
    people: int
    overdue: int
    behind: int
    make_ups: int
    long_waits: int
    same_theme: int
    this_year: int
    by_hand: int
    short: int

    @property
    def second(self) -> int:
        return self.callups - self.people


def worth_of(run: CallupRun, user: Account) -> Worth:
    overdue, behind = values.OWING.index("overdue"), values.OWING.index("short")
    waited = Q(detail__months=values.NEVER) | Q(detail__months__gte=LONG_WAIT)
    conditions = {
        "overdue": Q(detail__owing=overdue),
        "behind": Q(detail__owing=behind),
        "make_ups": Q(makes_up__isnull=False),
        "long_waits": waited,
        "same_theme": Q(detail__same_theme=True),
        "this_year": Q(detail__this_year=True),
        "by_hand": Q(code=Code.CHOSEN_PINNED),
    }
    rows = Callup.objects.visible_to(user).filter(run=run, state__in=Callup.LIVE)
    counted = rows.aggregate(
        callups=Count("pk"),
        people=Count("person_id", distinct=True),
        **{name: Count("pk", filter=condition) for name, condition in conditions.items()},
    )
    return Worth(seats=count_run(run).seats, short=short_class_runs(run).count(), **counted)


class LeftOutWhys:
    """The stored reasons of pairs that a run left out, read for the people of a page at once."""

    def __init__(self, run: CallupRun) -> None:
        self._run = run
        self._known: dict[tuple[int, int], dict[str, Any]] = {}

    def read(self, pairs: Iterable[tuple[int, int]]) -> None:
        """``pairs``: (person, class run)."""
        wanted = set(pairs)
        if wanted:
            rows = reasons.of_pairs(self._run, wanted)
            self._known = {(row["person_id"], row["class_id"]): row for row in rows}

    def of(self, person: int, class_run: int) -> dict[str, Any] | None:
        return self._known.get((person, class_run))


def same_facts(one: CallupRun, other: CallupRun) -> bool | None:
    """Whether both searches knew the same of people, class runs and quotas; None when one of them kept no digest of it."""
    mine, theirs = one.result.get("facts"), other.result.get("facts")
    return mine == theirs if mine and theirs else None
