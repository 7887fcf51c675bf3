"""The hard rules for one more call-up, counted from the rows of the moment: what guards every seat that is given by hand or comes free.

The engine proposes whole lists; between two lists, seats move one by one (a substitute, the waiting list, a planner's pin). Whoever moves one
first holds ``lock_year``: all hard rules stay inside a year, so no two seats of a year move at once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Q

from zhixing.base.chunks import chunks
from zhixing.callups import busy, elsewhere
from zhixing.callups.elsewhere import ELSEWHERE, Elsewhere
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.terms import Terms
from zhixing.engine.callup.rules import LIMIT_RULES, Rule
from zhixing.engine.callup.weeks import mondays
from zhixing.people.models import Person, Unit
from zhixing.plans.models import ClassRun, Quota
from zhixing.plans.queries import eligible_people

MANY = 300
"""Beyond this many people, all of the year is read rather than a list of keys."""


@dataclass(frozen=True)
class Obstacle:
    """The rule that a call-up would break; ``class_run``, ``unit`` and ``week`` (a Monday) say where, ``most`` the limit.

    ``elsewhere`` is what another authority calls the person to on these days, ``callers`` whose call-ups were counted, too, ``three_years`` the limit
    of three years where that is the one.
    """

    rule: str
    class_run: int | None = None
    unit: int | None = None
    week: dt.date | None = None
    most: int = 0
    elsewhere: Elsewhere | None = None
    callers: tuple[str, ...] = ()
    three_years: int = 0

    @property
    def detail(self) -> dict[str, Any]:
        """For ``sentences.sentence``: only what applies."""
        found = {"class": self.class_run, "unit": self.unit, "week": self.week and self.week.isoformat()}
        known: dict[str, Any] = {key: value for key, value in found.items() if value}
        if self.rule in LIMIT_RULES:
            known["most"] = self.most
        if self.three_years:
            known["three_years"] = self.three_years
        if self.callers:
            known["callers"] = list(self.callers)
        return known | (self.elsewhere.detail if self.elsewhere else {})


class Candidate(NamedTuple):
    person: int
    unit: int
    path: str


class _Quota(NamedTuple):
    unit: int
    path: str
    most: int


def lock_year(year: int) -> None:
    """Hold back everyone else who wants to move a seat of the year, until the transaction ends.

    Class runs are locked in one order, so that no two wait for each other. SQLite lets one writer in at a time anyway.
    """
    rows = ClassRun.objects.select_for_update(no_key=True).filter(year=year).order_by("pk")
    list(rows.values_list("pk", flat=True))


def lock_run(run: CallupRun) -> CallupRun:
    """The run as it is now, held until the transaction ends. After the class runs of its year, as whoever gives a seat locks them first."""
    lock_year(run.class_runs.order_by().values_list("year", flat=True).first() or 0)
    return CallupRun.objects.select_for_update(no_key=True).get(pk=run.pk)


class Room:
    """What is taken and what is free, for the people ``considered`` for each of some class runs of one year.

    ``run``: its proposals count as taken, too (planning); without it only what was sent counts.
    """

    def __init__(
        self,
        class_runs: Iterable[ClassRun],
        considered: Mapping[int, Collection[int]],
        terms: Terms,
        run: CallupRun | None = None,
    ) -> None:
        self.class_runs = {c.pk: c for c in class_runs}
        self.considered = considered
        self.terms = terms
        self.candidates = _candidates({person for people in considered.values() for person in people})
        self._units = {candidate.unit for candidate in self.candidates.values()}
        self._days = {c.pk: (c.starts_on, c.ends_on) for c in self.class_runs.values()}
        self._held: dict[int, set[int]] = defaultdict(set)
        self._paths: dict[int, list[str]] = defaultdict(list)
        self._beyond: dict[int, int] = defaultdict(int)
        self._away: dict[tuple[int, dt.date], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._seats = _seats(self.class_runs)
        self._quotas = _quotas(self.class_runs)
        self._eligible: dict[int, set[int]] = {}
        self._limits: dict[int, int] = {}
        self._elsewhere: dict[int, list[Elsewhere]] = defaultdict(list)
        self._counted: dict[int, list[Elsewhere]] = defaultdict(list)
        self._read(run)
        self._read_elsewhere()
        self._earlier = self._read_earlier()
        self._busy = self._read_busy()

    def _read(self, run: CallupRun | None) -> None:
        counted = Q(state__in=Callup.IN_FORCE)
        if run is not None:
            counted |= Q(run=run, state=Callup.State.PROPOSED)
        year = next(iter(self.class_runs.values())).year
        rows = Callup.objects.filter(counted, class_run__year=year).order_by()
        if len(self.candidates) <= MANY:
            near = Q(person__in=self.candidates) | Q(class_run__in=self.class_runs) | Q(person__unit__in=self._units)
            rows = rows.filter(near)
        columns = ("person_id", "person__unit_id", "person__unit__path", "class_run_id")
        days = ("class_run__starts_on", "class_run__ends_on")
        for person, unit, path, class_run, first, last in rows.values_list(*columns, *days):
            self._days[class_run] = (first, last)
            self._enter(Candidate(person, unit or 0, path or ""), class_run)
        beyond = Callup.objects.beyond_seats().filter(class_run__in=self.class_runs).order_by()
        for class_run in beyond.values_list("class_run_id", flat=True):
            self._beyond[class_run] += 1

    def _read_elsewhere(self) -> None:
        """What other authorities take of the candidates' days and, where they count, of their units' weeks."""
        days = [(one.starts_on, one.ends_on) for one in self.class_runs.values()]
        year = next(iter(self.class_runs.values())).year
        condition = elsewhere.near(min(first for first, _last in days), max(last for _first, last in days))
        if len(self.candidates) <= MANY:
            condition &= Q(person__in=self.candidates) | Q(person__unit__in=self._units)
        found = elsewhere.read(condition)
        units = _candidates({one.person for one in found})
        for one in found:
            self._elsewhere[one.person].append(one)
            if self.terms.count_outside and one.counts_in(year):
                self._counted[one.person].append(one)
                for week in mondays(one.away_from, one.away_to):
                    self._away[units[one.person].unit, week][one.person] += 1

    def _read_earlier(self) -> Counter[int]:
        """How often each candidate was called in the two years before; nothing where no limit asks."""
        if self.terms.three_years_max is None:
            return Counter()
        year = next(iter(self.class_runs.values())).year
        few = self.candidates if len(self.candidates) <= MANY else None
        return elsewhere.earlier_counts(year, few, outside=self.terms.count_outside)

    def _read_busy(self) -> dict[tuple[int, dt.date], int]:
        """(unit, Monday) → how many the unit lets go in that week, where it said so."""
        days = [(one.starts_on, one.ends_on) for one in self.class_runs.values()]
        paths = {one.unit: one.path for one in self.candidates.values()}
        return busy.most_by_week(paths, min(first for first, _last in days), max(last for _first, last in days))

    def _enter(self, who: Candidate, class_run: int, step: int = 1) -> None:
        if step > 0:
            self._held[who.person].add(class_run)
            self._paths[class_run].append(who.path)
        else:
            self._held[who.person].discard(class_run)
            self._paths[class_run].remove(who.path)
        for week in mondays(*self._days[class_run]):
            self._away[who.unit, week][who.person] += step

    def obstacle(self, person: int, class_run: int) -> Obstacle | None:
        """The first hard rule that calling ``person`` to ``class_run`` would break; None when there is a seat for them."""
        return next(self.obstacles(person, class_run), None)

    def obstacles(self, person: int, class_run: int) -> Iterator[Obstacle]:
        """Every hard rule in the way."""
        who = self.candidates.get(person)
        if who is None or person not in self._eligible_for(class_run):
            yield Obstacle(Rule.NOT_ELIGIBLE)
            return
        first, last = self._days[class_run]
        taken = (one for one in self._elsewhere.get(person, ()) if one.takes(first, last))
        yield from (Obstacle(ELSEWHERE, elsewhere=one) for one in taken)
        held, counted = self._held[person], self._counted.get(person, ())
        if len(held) + len(counted) >= self.terms.callups_max:
            callers = tuple(dict.fromkeys(one.caller for one in counted))
            yield Obstacle(Rule.CALLUPS_MAX, most=self.terms.callups_max, callers=callers)
        elif (three := self.terms.three_years_max) and len(held) + len(counted) + self._earlier[person] >= three:
            yield Obstacle(Rule.CALLUPS_MAX, three_years=three)
        for other in sorted(held):
            if self._days[other][0] <= last and first <= self._days[other][1]:
                yield Obstacle(Rule.SHARED_DAY, class_run=other)
        seats = self.class_runs[class_run].seats_max
        if not self.free(class_run):
            yield Obstacle(Rule.CLASS_FULL, class_run=class_run, most=seats)
        yield from self._full_quotas(who, class_run)
        yield from self._full_weeks(who, class_run)

    def _full_quotas(self, who: Candidate, class_run: int) -> Iterator[Obstacle]:
        for quota in self._quotas.get(class_run, ()):
            if who.path.startswith(quota.path):
                used = sum(path.startswith(quota.path) for path in self._paths[class_run])
                if used >= quota.most:
                    yield Obstacle(Rule.QUOTA_FULL, class_run=class_run, unit=quota.unit, most=quota.most)

    def _full_weeks(self, who: Candidate, class_run: int) -> Iterator[Obstacle]:
        for week in mondays(*self._days[class_run]):
            limit = min(self._limit(who.unit), self._busy.get((who.unit, week), self._limit(who.unit)))
            away = {person for person, times in self._away[who.unit, week].items() if times}
            if who.person not in away and len(away) >= limit:
                yield Obstacle(Rule.AWAY_FULL, unit=who.unit, week=week, most=limit)

    def take(self, person: int, class_run: int) -> int:
        """Count the call-up and return the lowest free seat number; zero when every number is taken."""
        self._enter(self.candidates[person], class_run)
        taken = self._seats[class_run]
        seat = next((n for n in range(1, self.class_runs[class_run].seats_max + 1) if n not in taken), 0)
        taken.add(seat)
        return seat

    def release(self, person: int, class_run: int, seat: int | None, *, beyond: bool = False) -> None:
        """Stop counting a call-up that was counted; one ``beyond`` the seats frees none."""
        self._beyond[class_run] -= beyond
        self._enter(self.candidates[person], class_run, step=-1)
        self._seats[class_run].discard(seat or 0)

    def free(self, class_run: int) -> int:
        """How many seats nobody is called to; whoever was invited beyond the seats takes none."""
        seated = len(self._paths[class_run]) - self._beyond[class_run]
        return max(0, self.class_runs[class_run].seats_max - seated)

    def _eligible_for(self, class_run: int) -> set[int]:
        if class_run not in self._eligible:
            considered = list(self.considered.get(class_run, ()))
            people = eligible_people(self.class_runs[class_run]).filter(pk__in=considered).order_by()
            self._eligible[class_run] = set(people.values_list("pk", flat=True))
        return self._eligible[class_run]

    def _limit(self, unit: int) -> int:
        if not self._limits:
            units = Unit.objects.filter(pk__in=self._units)
            serving = Count("people", filter=Q(people__status=Person.Status.SERVING))
            rows = units.order_by().annotate(serving=serving).values_list("pk", "away_max", "serving")
            for pk, own, count in rows:
                self._limits[pk] = self.terms.away_limit(own, count)
        return self._limits[unit]


def _candidates(people: Collection[int]) -> dict[int, Candidate]:
    found: dict[int, Candidate] = {}
    for keys in chunks(sorted(people)):
        rows = Person.objects.filter(pk__in=keys).exclude(unit=None).order_by()
        found |= {row[0]: Candidate(*row) for row in rows.values_list("pk", "unit_id", "unit__path")}
    return found


def _seats(class_runs: Iterable[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Callup.objects.holding_a_seat().filter(class_run__in=list(class_runs)).order_by()
    for class_run, seat in rows.values_list("class_run_id", "seat"):
        found[class_run].add(seat or 0)
    return found


def _quotas(class_runs: Iterable[int]) -> dict[int, list[_Quota]]:
    found: dict[int, list[_Quota]] = defaultdict(list)
    rows = Quota.objects.filter(class_run__in=list(class_runs)).order_by("class_run_id", "unit__path")
    for class_run, unit, path, most in rows.values_list("class_run_id", "unit_id", "unit__path", "seats_max"):
        found[class_run].append(_Quota(unit, path, most))
    return found
