"""The board of standings: how many people of a scope are in which state, by rule, unit and rank, from the stored counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, Sum

from zhixing.obligations.models import Standing, StandingCount
from zhixing.people.models import Account

STATES = ("overdue", "short", "on_track", "met", "exempt")
"""The worst first; an exempt person owes nothing."""
STATE_LABELS = {state: Standing.State(state).label for state in STATES}


@dataclass(frozen=True)
class RuleLine:
    """One rule with its people in each state, in the order of ``STATES``."""

    code: str
    title: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class GroupLine:
    """One unit (with all below it) or one rank: how many people are held to a rule, and how many will be overdue at the end of the year
    (``due``); ``key`` filters the lists."""

    key: str
    label: str
    people: int
    due: int


@dataclass(frozen=True)
class Board:
    """``due`` are people who will be overdue at the end of the year if nothing more is earned; ``states`` count each person once, at the worst."""

    on: dt.date | None
    due: int
    people: int
    states: dict[str, int]
    rules: list[RuleLine]
    ranks: list[GroupLine]


def board_for(user: Account, titles: Mapping[str, str]) -> Board:
    """The counts of the user's scope, in one query."""
    counts = list(StandingCount.objects.of_scope(user))
    once = [count for count in counts if not count.rule]
    states: Counter[str] = Counter()
    for count in once:
        if count.state != StandingCount.FORESEEN:
            states[count.state] += count.people
    return Board(
        on=counts[0].on if counts else None,
        due=sum(count.people for count in once if count.state == StandingCount.FORESEEN),
        people=states.total(),
        states=dict(states),
        rules=_rules({(count.rule, count.state): count.people for count in counts if count.rule}, titles),
        ranks=_ranks(once),
    )


def units_below(user: Account) -> list[GroupLine]:
    """The children of the scope, each with everything below, the most due first; who sits in the scope's own unit is in none."""
    below = StandingCount.objects.visible_to(user).filter(unit__parent=user.scope_unit_id or 0, rule="")
    is_due = Q(state=StandingCount.FORESEEN)
    sums = (
        below.order_by("unit__path")
        .values_list("unit", "unit__name")
        .annotate(held=Sum("people", filter=~is_due, default=0), due=Sum("people", filter=is_due, default=0))
    )
    return sorted((GroupLine(str(key), *line) for key, *line in sums), key=lambda line: -line.due)


def _rules(counts: Mapping[tuple[str, str], int], titles: Mapping[str, str]) -> list[RuleLine]:
    """In the order of ``titles``."""
    lines = [
        RuleLine(code, title, tuple(counts.get((code, state), 0) for state in STATES)) for code, title in titles.items()
    ]
    return [line for line in lines if any(line.counts)]


def _ranks(once: Iterable[StandingCount]) -> list[GroupLine]:
    people: Counter[str] = Counter()
    due: Counter[str] = Counter()
    for count in once:
        (due if count.state == StandingCount.FORESEEN else people)[count.rank] += count.people
    lines = [GroupLine(rank, rank, people[rank], due[rank]) for rank in people | due]
    return sorted(lines, key=lambda line: (-line.due, line.key))
