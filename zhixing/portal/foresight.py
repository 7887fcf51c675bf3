"""What will happen if nothing is done: who will be overdue at the end of the year, and which class runs of the plan would cure it.

Both read what was stored with the standings: the engine's answer for that day, and what each duty will lack then.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.db.models import Count, Q

from zhixing.callups.models import Callup
from zhixing.callups.queries import callable_class_runs
from zhixing.engine.obligations.lacks import Lack, Training, after
from zhixing.engine.policies import Rule
from zhixing.obligations.actions.standings import year_end
from zhixing.obligations.models import Foreseen, Policy
from zhixing.obligations.queries.board import board_for, units_below
from zhixing.obligations.queries.policies import rules_of
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import eligible_people

CLASS_RUNS_MOST = 100
"""The next class runs of the plan; each costs one query."""
FIELDS = (
    *("person_id", "policy_id", "rule", "rule_no", "window_opens", "window_closes"),
    *("required_tenths", "counted_tenths", "missing_tenths", "above", "rooms"),
)
Lacking = tuple[tuple[Rule, Lack], ...]
"""All that one person will lack, without the person: many lack the same."""
OneOf = dict[int, Lacking]
"""Person → what is lacking."""


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
    """``as_of`` is the day of the stored standings, None without any; ``on`` the end of its year."""

    as_of: dt.date | None
    on: dt.date
    people: int
    units: list[UnitLine]
    seated: Seated
    cures: list[Cure]


def foresee(user: Account, today: dt.date) -> Foresight:
    """From what is stored for the user's scope, and the class runs still to come after ``today``.

    A person whom several class runs could take is counted in each of them.
    """
    board = board_for(user, {})
    on = year_end(board.on or today)
    lacking = _lacking(user)
    seats = _seats(lacking, today, on)
    left = {person: _after(lacking[person], (training for _run, training in held)) for person, held in seats.items()}
    seated = Counter(_said(lacking[person], left[person]) for person in left)
    open_still = {person: of for person, of in {**lacking, **left}.items() if of}
    taken = {(person, class_run) for person, held in seats.items() for class_run, _training in held}
    return Foresight(
        board.on,
        on,
        board.due,
        _units(user),
        Seated(len(seats), seated["wholly"], seated["partly"]),
        list(_cures(user, today, on, open_still, taken)),
    )


def _units(user: Account) -> list[UnitLine]:
    """In the order of the tree: this is no ranking."""
    due = {line.key: line.due for line in units_below(user)}
    lines = [UnitLine(unit.pk, unit.name, due.get(str(unit.pk), 0)) for unit in Unit.objects.right_below(user)]
    return [line for line in lines if line.people]


def _lacking(user: Account) -> OneOf:
    rows = Foreseen.objects.visible_to(user).order_by("person_id", "rule")
    rules = {
        policy.pk: rules_of(policy).rules
        for policy in Policy.objects.filter(pk__in=rows.order_by().values("policy").distinct())
    }
    found: dict[int, list[tuple[Rule, Lack]]] = defaultdict(list)
    for person, policy, rule, rule_no, opens, closes, required, counted, missing, above, rooms in rows.values_list(
        *FIELDS
    ):
        lack = Lack(0, rule, rule_no, opens, closes, required, counted, missing, tuple(above), tuple(rooms))
        found[person].append((rules[policy][rule_no], lack))
    return {person: tuple(held) for person, held in found.items()}


def _after(lacking: Lacking, trainings: Iterable[Training]) -> Lacking:
    """What is still lacking after these trainings; empty when nothing is."""
    for training in trainings:
        lacking = tuple((rule, after(lack, rule, training)) for rule, lack in lacking)
    return tuple((rule, lack) for rule, lack in lacking if lack.missing_tenths)


def _said(before: Lacking, left: Lacking) -> str:
    if not left:
        return "wholly"
    was, still = (sum(lack.missing_tenths for _rule, lack in lacking) for lacking in (before, left))
    return "partly" if still < was else ""


def _training(class_run: ClassRun, today: dt.date) -> Training:
    """The days still to come, with their share of the hours: those of a class run under way are booked day by day."""
    first = max(class_run.starts_on, today + dt.timedelta(days=1))
    days, left = ((class_run.ends_on - day).days + 1 for day in (class_run.starts_on, first))
    return Training(class_run.channel, class_run.content, class_run.tenths * left // days, first, class_run.ends_on)


def _seats(lacking: OneOf, today: dt.date, on: dt.date) -> dict[int, list[tuple[int, Training]]]:
    """Of those who lack something: person → (class run, training) of each seat held in a class run that is over by ``on``."""
    held = (
        Callup.objects.holding_a_seat()
        .filter(state__in=Callup.TO_COME, class_run__ends_on__gt=today, class_run__ends_on__lte=on)
        .select_related("class_run")
        .order_by("class_run__starts_on", "pk")
    )
    seats: dict[int, list[tuple[int, Training]]] = defaultdict(list)
    for callup in held:
        if callup.person_id in lacking:
            seats[callup.person_id].append((callup.class_run_id, _training(callup.class_run, today)))
    return seats


def _cures(user: Account, today: dt.date, on: dt.date, lacking: OneOf, taken: set[tuple[int, int]]) -> Iterator[Cure]:
    """Class runs with a free seat that make less of what is lacking, for people who have no seat in them yet."""
    runs = callable_class_runs(user, today).filter(ends_on__lte=on)
    runs = runs.annotate(seated=Count("callups", filter=Q(callups__seat__isnull=False), distinct=True))
    for class_run in runs.order_by("starts_on", "code")[:CLASS_RUNS_MOST]:
        free = class_run.seats_max - class_run.seated
        if free <= 0:
            continue
        training = _training(class_run, today)

        @cache
        def outcome(of: Lacking, training: Training = training) -> str:
            return _said(of, _after(of, (training,)))

        said = Counter(
            outcome(lacking[person])
            for person in _meant(class_run, user)
            if person in lacking and (person, class_run.pk) not in taken
        )
        if said["wholly"] or said["partly"]:
            yield Cure(class_run, free, said["wholly"], said["partly"])


def _meant(class_run: ClassRun, user: Account) -> Iterable[int]:
    """Keys of the target group among those who will be overdue."""
    due = Foreseen.objects.visible_to(user).order_by().values("person")
    return eligible_people(class_run).filter(pk__in=due).order_by().values_list("pk", flat=True)
