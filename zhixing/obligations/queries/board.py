"""The board of standings: how many people of a scope are in which state, by rule, unit and rank, from the stored counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
    """The counts of the user's subtree, in two queries; units are the children of the scope."""
    rows = list(
        StandingCount.objects.visible_to(user)
        .order_by()
        .values_list("on", "unit__path", "rank", "rule", "state", "people", "due")
    )
    once = [(path, rank, state, people, due) for _on, path, rank, rule, state, people, due in rows if not rule]
    states: Counter[str] = Counter()
    for _path, _rank, state, people, _due in once:
        states[state] += people
    return Board(
        on=rows[0][0] if rows else None,
        due=sum(due for *_rest, due in once),
        people=states.total(),
        states=dict(states),
        rules=_rules(((rule, state, people) for _on, _path, _rank, rule, state, people, _due in rows if rule), titles),
        units=_units(user, ((path, people, due) for path, _rank, _state, people, due in once)),
        ranks=_ranks((rank, people, due) for _path, rank, _state, people, due in once),
    )


def _rules(rows: Iterable[tuple[str, str, int]], titles: Mapping[str, str]) -> list[RuleLine]:
    """In the order of ``titles``."""
    counts: Counter[tuple[str, str]] = Counter()
    for rule, state, people in rows:
        counts[rule, state] += people
    lines = [RuleLine(code, title, tuple(counts[code, state] for state in STATES)) for code, title in titles.items()]
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
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for rank, people, due in rows:
        sums[rank][0] += people
        sums[rank][1] += due
    return sorted((GroupLine(rank, rank, *sum_) for rank, sum_ in sums.items()), key=lambda line: (-line.due, line.key))
