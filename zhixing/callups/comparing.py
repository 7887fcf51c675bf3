"""Two runs side by side: who is called by one alone, by the other alone and by both, and what each list comes to.

All is counted from the lists as they stand; nothing is solved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Case, Count, Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value, When

from zhixing.callups import reasons, values
from zhixing.callups.board import holding
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.queries import runs_of
from zhixing.engine.callup.codes import Code
from zhixing.people.models import Account

ONE, OTHER, BOTH = "one", "other", "both"
YES = ("1", "true")
"""How the databases write what holds."""
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
    """The call-ups of both runs with ``twin``, whether both have the pair; such a pair comes once, as the call-up of ``one``."""
    mine = When(run=one, then=_in(other))
    rows = _both_lists(one, other, user)
    found: QuerySet[Any] = rows.exclude(Q(run=other) & _in(one)).annotate(twin=Case(mine, default=Value(value=False)))
    return found


def _in(run: CallupRun) -> Exists:
    """Whether a run has the pair of a call-up, too."""
    twins = Callup.objects.filter(person=OuterRef("person"), class_run=OuterRef("class_run"), state__in=Callup.LIVE)
    return Exists(twins.filter(run=run).order_by())


def side_of(callup: Any, one: CallupRun) -> str:
    """On which list a row of ``pairs_of`` is."""
    return BOTH if callup.twin else ONE if callup.run_id == one.pk else OTHER


def on_side(rows: QuerySet[Any], side: str, one: CallupRun) -> QuerySet[Any]:
    """Of the rows of ``pairs_of`` those on one side."""
    rows = rows.filter(twin=side == BOTH)
    return rows if side == BOTH else rows.filter(run=one) if side == ONE else rows.exclude(run=one)


def shares(one: CallupRun, other: CallupRun, user: Account) -> Shares:
    counted = _both_lists(one, other, user).aggregate(**_sides(one, other))
    return Shares(counted["mine"] - counted[BOTH], counted["theirs"] - counted[BOTH], counted[BOTH])


def by(columns: Iterable[str], one: CallupRun, other: CallupRun, user: Account) -> QuerySet[Any]:
    """One row for each class run or unit: call-ups ``one``, ``other``, ``both``, and how many ``differ``."""
    rows = _both_lists(one, other, user).values(*columns).annotate(**_sides(one, other))
    found: QuerySet[Any] = rows.annotate(one=F("mine") - F(BOTH), other=F("theirs") - F(BOTH)).annotate(
        differ=F(ONE) + F(OTHER)
    )
    return found


def _both_lists(one: CallupRun, other: CallupRun, user: Account) -> QuerySet[Any]:
    return Callup.objects.visible_to(user).filter(run__in=(one, other), state__in=Callup.LIVE).order_by()


def _sides(one: CallupRun, other: CallupRun) -> dict[str, Any]:
    """The twin of each call-up is sought once, from the first list."""
    mine = Q(run=one)
    return {
        "mine": Count("pk", filter=mine),
        "theirs": Count("pk", filter=Q(run=other)),
        BOTH: Count("pk", filter=mine & Q(_in(other))),
    }


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


class Weighed(Func):
    """One fact of ``Callup.detail`` as text: both databases read it alike, and once, where a transform of Django's asks SQLite for its type first."""

    template = "CAST((%(expressions)s ->> '%(name)s') AS TEXT)"
    output_field = TextField()

    def __init__(self, name: str) -> None:
        super().__init__(F("detail"), name=name)


def worth_of(run: CallupRun, user: Account) -> Worth:
    """Counted in groups of equal facts, of which there are few."""
    rows = Callup.objects.visible_to(user).filter(run=run, state__in=Callup.LIVE).order_by()
    facts = {f"_{name}": Weighed(name) for name in ("owing", "months", "same_theme", "this_year")}
    groups = rows.annotate(_makes_up=Q(makes_up__isnull=False), **facts)
    counted: Counter[str] = Counter()
    for *group, n in groups.values_list(*facts, "_makes_up", "code").annotate(n=Count("pk")):
        counted.update(dict.fromkeys(_matters(*group), n))
    people = rows.aggregate(n=Count("person_id", distinct=True))["n"]
    names = [one.name for one in fields(Worth) if one.name not in {"seats", "people", "short"}]
    seats, short = _seats_and_short(run)
    return Worth(seats=seats, people=people, short=short, **{name: counted[name] for name in names})


def _matters(
    owing: str | None, months: str | None, same_theme: str | None, this_year: str | None, makes_up: bool, code: str
) -> Iterator[str]:
    """The figures of ``Worth`` in which a call-up counts."""
    waited = int(months or 0)
    conditions = {
        "callups": True,
        "overdue": owing == str(values.OWING.index("overdue")),
        "behind": owing == str(values.OWING.index("short")),
        "make_ups": makes_up,
        "long_waits": waited == values.NEVER or waited >= LONG_WAIT,
        "same_theme": same_theme in YES,
        "this_year": this_year in YES,
        "by_hand": code == Code.CHOSEN_PINNED,
    }
    return (name for name, counts in conditions.items() if counts)


def _seats_and_short(run: CallupRun) -> tuple[int, int]:
    """The seats of a run's class runs, and how many of these have fewer people than they need."""
    sizes = list(run.class_runs.order_by().values_list("pk", "seats_min", "seats_max"))
    held = holding(run, [pk for pk, _least, _most in sizes])
    return sum(most for _pk, _least, most in sizes), sum(held.get(pk, 0) < least for pk, least, _most in sizes)


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
