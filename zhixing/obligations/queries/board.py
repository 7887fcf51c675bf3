"""The board of standings: how many people of a scope are in which state, by rule, unit and rank, from the stored counts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Sum

from zhixing.obligations.models import Standing, StandingCount
from zhixing.people.models import Account, Unit

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
    """One unit (with all below it) or one rank: how many people are held to a rule, and how many of them are due; ``key`` filters the list."""

    key: str
    label: str
    people: int
    due: int


@dataclass(frozen=True)
class Board:
    """``due`` are people who are overdue by the end of the year if nothing more is earned; ``states`` count each person once, at the worst."""

    on: dt.date | None
    due: int
    people: int
    states: dict[str, int]
    rules: list[RuleLine]
    units: list[GroupLine]
    ranks: list[GroupLine]


def board_for(user: Account, titles: Mapping[str, str]) -> Board:
    """The counts of the user's subtree; units are the children of the scope."""
    counts = StandingCount.objects.visible_to(user).order_by()
    sums = list(counts.values_list("on", "rule", "state").annotate(Sum("people"), Sum("due")))
    once = [(state, people, due) for _on, rule, state, people, due in sums if not rule]
    groups = counts.filter(rule="")
    return Board(
        on=sums[0][0] if sums else None,
        due=sum(due for _state, _people, due in once),
        people=sum(people for _state, people, _due in once),
        states={state: people for state, people, _due in once},
        rules=_rules({(rule, state): people for _on, rule, state, people, _due in sums}, titles),
        units=_units(user, groups.values_list("unit__path").annotate(Sum("people"), Sum("due"))),
        ranks=_ranks(groups.values_list("rank").annotate(Sum("people"), Sum("due"))),
    )


def _rules(counts: Mapping[tuple[str, str], int], titles: Mapping[str, str]) -> list[RuleLine]:
    """In the order of ``titles``."""
    lines = [
        RuleLine(code, title, tuple(counts.get((code, state), 0) for state in STATES)) for code, title in titles.items()
    ]
    return [line for line in lines if any(line.counts)]


def _units(user: Account, rows: Iterable[tuple[str, int, int]]) -> list[GroupLine]:
    """The children of the scope, each with everything below, the most due first; who sits in the scope's own unit is in none."""
    tops = {unit.path: unit for unit in Unit.objects.filter(parent=user.scope_unit_id or 0)}
    depth = min((path.count(".") for path in tops), default=0)
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path, people, due in rows:
        top = "".join(f"{part}." for part in path.split(".")[:depth])
        sums[top][0] += people
        sums[top][1] += due
    lines = [GroupLine(str(tops[top].pk), tops[top].name, *sums[top]) for top in sorted(sums.keys() & tops.keys())]
    return sorted(lines, key=lambda line: -line.due)


def _ranks(rows: Iterable[tuple[str, int, int]]) -> list[GroupLine]:
    lines = [GroupLine(rank, rank, people, due) for rank, people, due in rows]
    return sorted(lines, key=lambda line: (-line.due, line.key))
