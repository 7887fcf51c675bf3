"""What will happen if nothing is done: who will be overdue at the end of the year, and which class runs of the plan would cure it.

Both read what was stored with the standings: the engine's answer for that day, and what each duty will lack then.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast

from zhixing.callups.models import Callup
from zhixing.callups.queries import callable_class_runs
from zhixing.engine.obligations.lacks import Lack, Training, after, missing_after
from zhixing.engine.policies import Rule
from zhixing.obligations.actions.standings import year_end
from zhixing.obligations.models import Foreseen, Policy
from zhixing.obligations.queries.board import board_for, units_below
from zhixing.obligations.queries.policies import rules_of
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import eligible_people

CLASS_RUNS_MOST = 100
"""The next class runs of the plan; each kind of target group costs one query."""
PEOPLE_MOST = 100_000
"""With more who will be overdue only the stored counts are shown: a page has no time to ask what would cure so many."""
ROWS_AT_ONCE = 10_000
TEXTS = ("window_opens", "window_closes", "above", "rooms")
FIELDS = (
    *("person_id", "policy_id", "rule_no", "required_tenths", "counted_tenths", "missing_tenths"),
    *(f"{name}_text" for name in TEXTS),
)
Lacking = tuple[tuple[Rule, Lack], ...]
"""All that one person will lack, without the person: many lack the same."""


@dataclass
class Lackings:
    """Who lacks what: each lacking is kept once, ``of`` says under which number for every person who lacks anything."""

    groups: list[Lacking] = field(default_factory=list)
    of: dict[int, int] = field(default_factory=dict)

    def lacking(self, person: int) -> Lacking:
        return self.groups[self.of[person]]

    def with_left(self, left: dict[int, Lacking]) -> Lackings:
        """The same where for some people less is left; who has nothing left is not in it."""
        groups, numbers = list(self.groups), dict[Lacking, int]()
        of = {person: number for person, number in self.of.items() if person not in left}
        for person, lacking in left.items():
            if lacking and (number := numbers.setdefault(lacking, len(groups))) == len(groups):
                groups.append(lacking)
            if lacking:
                of[person] = number
        return Lackings(groups, of)


@dataclass(frozen=True)
class UnitLine:
    """How many people of a unit right below the scope (with all below it) will be overdue."""

    pk: int
    name: str
    people: int


@dataclass(frozen=True)
class Cure:
    """A class run that has not begun: how many of its target group would owe nothing after it, and how many less than now."""

    class_run: ClassRun
    free: int
    wholly: int
    partly: int

    @property
    def takes(self) -> int:
        """How many of the people it could take."""
        return min(self.free, self.wholly + self.partly)


@dataclass(frozen=True)
class Seated:
    """Those who will be overdue although, or unless, they take the seats that they have in class runs to come."""

    people: int
    wholly: int
    partly: int

    @property
    def nothing(self) -> int:
        return self.people - self.wholly - self.partly


@dataclass(frozen=True)
class Foresight:
    """``as_of`` is the day of the stored standings, None without any; ``on`` the end of its year.

    ``seated`` and ``cures`` are None where more than ``PEOPLE_MOST`` people will be overdue.
    """

    as_of: dt.date | None
    on: dt.date
    people: int
    units: list[UnitLine]
    seated: Seated | None = None
    cures: list[Cure] | None = None


def foresee(user: Account, today: dt.date) -> Foresight:
    """From what is stored for the user's scope, and the class runs still to come after ``today``.

    A person whom several class runs could take is counted in each of them.
    """
    board = board_for(user, {})
    on = year_end(board.on or today)
    units = _units(user)
    if board.due > PEOPLE_MOST:
        return Foresight(board.on, on, board.due, units)
    lackings = _lackings(user)
    seats = _seats(lackings, today, on)
    left = {
        person: _after(lackings.lacking(person), (training for _run, training in held))
        for person, held in seats.items()
    }
    seated = Counter(_said(lackings.lacking(person), _missing(still)) for person, still in left.items())
    taken: dict[int, set[int]] = defaultdict(set)
    for person, held in seats.items():
        for class_run, _training in held:
            taken[class_run].add(person)
    cures = list(_cures(user, today, on, lackings.with_left(left), taken))
    return Foresight(board.on, on, board.due, units, Seated(len(seats), seated["wholly"], seated["partly"]), cures)


def _units(user: Account) -> list[UnitLine]:
    """In the order of the tree: this is no ranking."""
    due = {line.key: line.due for line in units_below(user)}
    lines = [UnitLine(unit.pk, unit.name, due.get(str(unit.pk), 0)) for unit in Unit.objects.right_below(user)]
    return [line for line in lines if line.people]


def _lackings(user: Account) -> Lackings:
    """Rows are compared as they are stored; only what differs is decoded."""
    rows = Foreseen.objects.visible_to(user).order_by("person_id", "rule")
    rules = {
        policy.pk: rules_of(policy).rules
        for policy in Policy.objects.filter(pk__in=rows.order_by().values("policy").distinct())
    }
    texts = {f"{name}_text": Cast(name, TextField()) for name in TEXTS}
    found, numbers = Lackings(), dict[tuple[tuple[Any, ...], ...], int]()
    for person, held in groupby(rows.annotate(**texts).values_list(*FIELDS).iterator(ROWS_AT_ONCE), key=itemgetter(0)):
        stored = tuple(row[1:] for row in held)
        number = found.of[person] = numbers.setdefault(stored, len(found.groups))
        if number == len(found.groups):
            found.groups.append(tuple(_decoded(rules, *row) for row in stored))
    return found


def _decoded(
    rules: dict[int, tuple[Rule, ...]],
    policy: int,
    rule_no: int,
    required: int,
    counted: int,
    missing: int,
    *texts: str,
) -> tuple[Rule, Lack]:
    """A stored row without its person."""
    (opens, closes), (above, rooms) = map(dt.date.fromisoformat, texts[:2]), map(json.loads, texts[2:])
    rule = rules[policy][rule_no]
    return rule, Lack(0, rule.code, rule_no, opens, closes, required, counted, missing, tuple(above), tuple(rooms))


def _after(lacking: Lacking, trainings: Iterable[Training]) -> Lacking:
    """What is still lacking after these trainings; empty when nothing is."""
    for training in trainings:
        lacking = tuple((rule, after(lack, rule, training)) for rule, lack in lacking)
    return tuple((rule, lack) for rule, lack in lacking if lack.missing_tenths)


def _missing(lacking: Lacking) -> int:
    return sum(lack.missing_tenths for _rule, lack in lacking)


def _said(lacking: Lacking, still: int) -> str:
    """How far a training cures what is lacking when ``still`` so many tenths are missing after it: ``wholly``, ``partly`` or not."""
    if not still:
        return "wholly"
    return "partly" if still < _missing(lacking) else ""


def _training(class_run: ClassRun, today: dt.date) -> Training:
    """The days still to come, with their share of the hours: those of a class run under way are booked day by day."""
    first = max(class_run.starts_on, today + dt.timedelta(days=1))
    days, left = ((class_run.ends_on - day).days + 1 for day in (class_run.starts_on, first))
    return Training(class_run.channel, class_run.content, class_run.tenths * left // days, first, class_run.ends_on)


def _seats(lackings: Lackings, today: dt.date, on: dt.date) -> dict[int, list[tuple[int, Training]]]:
    """Of those who lack something: person → (class run, training) of each seat held in a class run that is over by ``on``."""
    held = (
        Callup.objects.holding_a_seat()
        .filter(state__in=Callup.TO_COME, class_run__ends_on__gt=today, class_run__ends_on__lte=on)
        .select_related("class_run")
        .order_by("class_run__starts_on", "pk")
    )
    seats: dict[int, list[tuple[int, Training]]] = defaultdict(list)
    for callup in held:
        if callup.person_id in lackings.of:
            seats[callup.person_id].append((callup.class_run_id, _training(callup.class_run, today)))
    return seats


def _cures(
    user: Account, today: dt.date, on: dt.date, lackings: Lackings, taken: dict[int, set[int]]
) -> Iterator[Cure]:
    """Class runs with a free seat that make less of what is lacking, for people who have no seat in them yet."""
    runs = callable_class_runs(user, today).filter(ends_on__lte=on)
    runs = runs.annotate(seated=Count("callups", filter=Q(callups__seat__isnull=False), distinct=True))
    meant, outcomes = _meant_for(user, lackings), _outcomes(lackings)
    for class_run in runs.order_by("starts_on", "code")[:CLASS_RUNS_MOST]:
        free = class_run.seats_max - class_run.seated
        if free <= 0:
            continue
        keys, counted = meant(class_run)
        people = counted - Counter(lackings.of[person] for person in taken[class_run.pk] & keys)
        said: Counter[str] = Counter()
        outcome = outcomes(_training(class_run, today))
        for group, number in people.items():
            said[outcome(group)] += number
        if said["wholly"] or said["partly"]:
            yield Cure(class_run, free, said["wholly"], said["partly"])


def _meant_for(user: Account, lackings: Lackings) -> Callable[[ClassRun], tuple[set[int], Counter[int]]]:
    """Class run → keys of its target group among those who lack something, and how many of them are in each group; once for equal ones."""
    found: dict[tuple[Any, ...], tuple[set[int], Counter[int]]] = {}
    due = Exists(Foreseen.objects.filter(person=OuterRef("pk")))

    def meant(class_run: ClassRun) -> tuple[set[int], Counter[int]]:
        target = (
            *map(tuple, (class_run.ranks, class_run.categories, class_run.units)),
            class_run.quotas_close and class_run.pk,
        )
        if target not in found:
            people = eligible_people(class_run).visible_to(user).filter(due).order_by().values_list("pk", flat=True)
            keys = {person for person in people if person in lackings.of}
            found[target] = keys, Counter(lackings.of[person] for person in keys)
        return found[target]

    return meant


def _outcomes(lackings: Lackings) -> Callable[[Training], Callable[[int], str]]:
    """Training → group → ``wholly``, ``partly`` or nothing; once for trainings of the same hours that lie in the same of its windows."""
    windows = [tuple((lack.window_opens, lack.window_closes) for _rule, lack in held) for held in lackings.groups]
    found: dict[tuple[Any, ...], str] = {}

    def of_training(training: Training) -> Callable[[int], str]:
        kind = (training.channel, training.content, training.tenths)
        keys = {held: (*kind, *(training.lies_in(opens, closes) for opens, closes in held)) for held in set(windows)}

        def of_group(group: int) -> str:
            key = (group, keys[windows[group]])
            if key not in found:
                lacking = lackings.groups[group]
                still = sum(missing_after(lack, rule, training) for rule, lack in lacking)
                found[key] = _said(lacking, still)
            return found[key]

        return of_group

    return of_training
