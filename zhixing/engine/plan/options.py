"""Options: every programme for every target group at every institution in every term, with what each takes, costs and covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zhixing.engine.plan.problem import Capacity, Group, Institution, Kind, PlanProblem, Programme
from zhixing.engine.plan.rules import SHARES, Rule

Limit = tuple[Rule, str]
"""A rule and what it is about, such as (rooms, 党校/2027-1): together they name one row of the model."""


@dataclass(frozen=True, slots=True)
class Option:
    """``covers``: (place of a need, strength). ``never``: rules that keep it out whatever else stands in the plan.

    ``run_draws`` and ``seat_draws`` are what one run and one seat take of limits; ``share_parts`` what a run adds to each share, which must not
    be negative in all: 100 × tenths that count − percent × all tenths."""

    number: int
    programme: Programme
    group: Group
    institution: Institution
    term: str
    seat_cents: int
    covers: tuple[tuple[int, int], ...]
    never: tuple[Limit, ...]
    run_draws: tuple[tuple[Limit, int], ...]
    seat_draws: tuple[tuple[Limit, int], ...]
    share_parts: tuple[tuple[Rule, int], ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.programme.key, self.group.key, self.institution.key, self.term

    def cents(self, runs: int, seats: int) -> int:
        return runs * self.programme.run_cents + seats * self.seat_cents


def options_of(problem: PlanProblem) -> list[Option]:
    """In the order of programmes, groups, institutions and terms. Whatever covers no need and is not asked for is left out."""
    maker = _Maker(problem)
    return [
        maker.option(number, *parts)
        for number, parts in enumerate(
            (programme, group, institution, capacity)
            for programme in problem.programmes
            for group in maker.groups_of(programme)
            for institution in problem.institutions
            for capacity in institution.capacities
        )
    ]


class _Maker:
    def __init__(self, problem: PlanProblem) -> None:
        self.problem = problem
        self.groups = {group.key: group for group in problem.groups}
        self.needs: dict[str, list[tuple[int, str]]] = {group.key: [] for group in problem.groups}
        for place, need in enumerate(problem.needs):
            self.needs[need.group].append((place, need.competency))

    def groups_of(self, programme: Programme) -> Iterator[Group]:
        for key in programme.groups:
            asked = programme.runs_min or (programme.calls_leading and self.groups[key].leading)
            if asked or self.covers(programme, self.groups[key]):
                yield self.groups[key]

    def covers(self, programme: Programme, group: Group) -> tuple[tuple[int, int], ...]:
        return tuple(
            (place, programme.covers[competency])
            for place, competency in self.needs[group.key]
            if competency in programme.covers
        )

    def option(
        self, number: int, programme: Programme, group: Group, institution: Institution, capacity: Capacity
    ) -> Option:
        seat_cents = programme.days * (programme.person_day_cents + institution.rate_cents)
        return Option(
            number,
            programme,
            group,
            institution,
            capacity.term,
            seat_cents,
            self.covers(programme, group),
            tuple(self.never(programme, group, seat_cents, capacity)),
            tuple(self.run_draws(programme, institution, capacity)),
            tuple(self.seat_draws(programme, group, institution, capacity, seat_cents)),
            tuple(self.share_parts(programme)),
        )

    def never(self, programme: Programme, group: Group, seat_cents: int, capacity: Capacity) -> Iterator[Limit]:
        rules = self.problem.rules
        if programme.kind == Kind.BUSINESS and programme.days > rules.business_days:
            yield Rule.BUSINESS_DAYS, programme.key
        if seat_cents > rules.fee_most(group.fee_class, programme.days):
            yield Rule.FEE_CEILING, programme.key
        left, whole = self.problem.term_days[capacity.term]
        if programme.days > left:
            yield Rule.NOTICE if programme.days <= whole else Rule.TERM_DAYS, capacity.term

    def run_draws(
        self, programme: Programme, institution: Institution, capacity: Capacity
    ) -> Iterator[tuple[Limit, int]]:
        place = f"{institution.key}/{capacity.term}"
        if programme.calls:
            yield (Rule.ROOMS, place), programme.days
        for topic, days in programme.teacher_days.items():
            if days:
                yield (Rule.TEACHERS, f"{place}/{topic}"), days
        if programme.run_cents:
            yield (Rule.MONEY, ""), programme.run_cents
        if programme.runs_max is not None:
            yield (Rule.RUNS_MAX, programme.key), 1

    def seat_draws(
        self, programme: Programme, group: Group, institution: Institution, capacity: Capacity, seat_cents: int
    ) -> Iterator[tuple[Limit, int]]:
        if programme.calls:
            yield (Rule.BEDS, f"{institution.key}/{capacity.term}"), programme.days
            yield (Rule.CALLUPS_MAX, group.key), 1
            if programme.leading:
                yield (Rule.LEADING_CALLUPS_MAX, group.key), 1
        if seat_cents:
            yield (Rule.MONEY, ""), seat_cents

    def share_parts(self, programme: Programme) -> Iterator[tuple[Rule, int]]:
        """A programme without hours says nothing of shares."""
        rules = self.problem.rules
        for rule in SHARES if programme.kind == Kind.MAIN and programme.tenths else ():
            yield rule, 100 * programme.part(rule, rules) - rules.shares[rule] * programme.tenths


def most_of(problem: PlanProblem) -> dict[Limit, int]:
    """The most that all lines together may draw on each limit."""
    rules = problem.rules
    most: dict[Limit, int] = {(Rule.MONEY, ""): problem.money}
    for group in problem.groups:
        most[Rule.CALLUPS_MAX, group.key] = rules.callups_max * group.people
        most[Rule.LEADING_CALLUPS_MAX, group.key] = rules.callups_max * group.leading
    for programme in problem.programmes:
        if programme.runs_max is not None:
            most[Rule.RUNS_MAX, programme.key] = programme.runs_max
    topics = {topic for programme in problem.programmes for topic in programme.teacher_days}
    for institution in problem.institutions:
        for capacity in institution.capacities:
            place = f"{institution.key}/{capacity.term}"
            most[Rule.ROOMS, place] = problem.most_class_days(capacity)
            most[Rule.BEDS, place] = problem.most_bed_days(capacity)
            for topic in topics:
                most[Rule.TEACHERS, f"{place}/{topic}"] = capacity.teachers.get(topic, 0)
    return most


def room_of(option: Option, most: dict[Limit, int]) -> tuple[int, int]:
    """(runs, seats) that the limits would leave to this option, were it alone in the plan."""
    seats = min(most[limit] // draw for limit, draw in option.seat_draws) if option.seat_draws else 10**9
    runs = min((most[limit] // draw for limit, draw in option.run_draws), default=10**9)
    runs = min(runs, seats // option.programme.size_min)
    money = most[Rule.MONEY, ""]
    least = option.cents(1, option.programme.size_min)
    if least:
        runs = min(runs, money // least)
    return (0, 0) if option.never else (runs, min(seats, runs * option.programme.size_max))
