"""The board of standings: how many people of a scope are in which state, by rule and by unit, from the stored counts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from zhixing.obligations.models import Standing, StandingCount
from zhixing.people.models import Account, Unit

STATES = tuple(Standing.State.values)


@dataclass(frozen=True)
class RuleLine:
    """One rule with its people in each state, in the order of ``STATES``."""

    code: str
    title: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Board:
    """``due`` are people who will be overdue at the end of the year if nothing is done; ``states`` count each person once, at the worst."""

    on: dt.date | None
    due: int
    people: int
    states: dict[str, int]
    rules: list[RuleLine]
    units: list[tuple[Unit, int, int]]  # unit, people, due


def board_for(user: Account, titles: dict[str, str]) -> Board:
    """The counts of the user's subtree; units are the children of the scope, each with everything below."""
    counts = StandingCount.objects.visible_to(user)
    once = counts.filter(rule="")
    states = dict(once.order_by().values_list("state").annotate(n=Sum("people")))
    by_rule: dict[str, dict[str, int]] = defaultdict(dict)
    for rule, state, number in (
        counts.exclude(rule="").order_by().values_list("rule", "state").annotate(n=Sum("people"))
    ):
        by_rule[rule][state] = number
    return Board(
        on=counts.values_list("on", flat=True).first(),
        due=once.aggregate(n=Sum("due"))["n"] or 0,
        people=sum(states.values()),
        states=states,
        rules=[
            RuleLine(code, title, tuple(by_rule[code].get(state, 0) for state in STATES))
            for code, title in titles.items()
            if code in by_rule
        ],
        units=_units(user, once),
    )


def _units(user: Account, once: QuerySet[StandingCount]) -> list[tuple[Unit, int, int]]:
    scope = user.scope_unit
    if scope is None:
        return []
    tops = list(Unit.objects.filter(parent=scope))
    people: dict[str, int] = defaultdict(int)
    due: dict[str, int] = defaultdict(int)
    length = len(scope.path) + (len(tops[0].path) - len(scope.path) if tops else 0)
    for path, number, late in once.order_by().values_list("unit__path").annotate(n=Sum("people"), d=Sum("due")):
        people[path[:length]] += number
        due[path[:length]] += late
    rows = [(unit, people[unit.path], due[unit.path]) for unit in tops if people[unit.path]]
    return sorted(rows, key=lambda row: (-row[2], row[0].path))


def standings_in_scope(user: Account) -> QuerySet[Standing]:
    return Standing.objects.visible_to(user).select_related("person__unit")
