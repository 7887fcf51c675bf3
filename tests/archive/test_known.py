"""Right at any date, as known at any date: whatever happens later, the answer of a moment stays what it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories import make_city, make_department, make_entry, make_person, make_policy, make_unit
from tests.obligations.texts import CITY
from tests.people.rosters import receive, row, sheet
from zhixing.archive.queries.known import Question, histories, taken_out
from zhixing.archive.queries.statistics import yearly
from zhixing.base.problems import Problem
from zhixing.obligations.actions import NewExemption, add_exemption, merge_ledgers, reverse_entry
from zhixing.obligations.problem import by_reference, in_bulk, local
from zhixing.obligations.queries.policies import rules_of
from zhixing.people import actions
from zhixing.people.known import on_record_at
from zhixing.people.models import Person, RosterImport

pytestmark = pytest.mark.django_db
Run = Callable[[], int]
DAYS = (dt.date(2026, 3, 31), dt.date(2026, 10, 31))
RANKS = ("乡科级正职", "乡科级副职", "县处级副职")
DAY = st.dates(dt.date(2026, 1, 1), dt.date(2026, 11, 1))


class City:
    """A few people and everything that may be done to their posts, through the actions that do it in the product."""

    def __init__(self, run_jobs: Run) -> None:
        self.run_jobs = run_jobs
        self.city = make_city()
        self.units = [make_unit(name, parent=self.city) for name in ("财政局", "审计局")]
        self.department = make_department(self.city)
        self.rules = rules_of(make_policy(CITY))
        self.applied: list[RosterImport] = []
        for n in range(3):
            person = make_person(
                self.units[0], f"人{n}", number=f"N00{n}", rank=RANKS[n], joined_on=dt.date(2020, 1, 1)
            )
            make_entry(person, dt.date(2026, 2, 1), 300)

    def do(self, deed: str, n: int, day: dt.date, rank: str) -> None:
        """What is refused, or finds nothing to do it to, changes nothing."""
        people = list(Person.objects.order_by("pk"))
        person, by = people[n % len(people)], self.department
        other = people[(n + 1) % len(people)]
        unit = self.units[day.day % 2]
        post = {"by": by, "from_on": day, "rank": rank}
        with suppress(Problem, ObjectDoesNotExist), transaction.atomic():
            match deed:
                case "post":
                    actions.add_posting(person, unit, is_principal=day.day % 3 > 0, **post)
                case "promote":
                    actions.promote(person, **post)
                case "close":
                    actions.close_posting(person.postings.filter(to_on=None).latest("pk"), to_on=day, by=by)
                case "correct":
                    actions.correct_person(person, by=by, joined_on=day)
                case "leave":
                    actions.end_service(person, last_day=day, retired=True, by=by)
                case "enter":
                    actions.add_person(unit=unit, name="人新", number=f"X{day:%m%d}", **post)
                case "exempt":
                    away = {"from_on": day, "to_on": day + dt.timedelta(days=40), "reason": "援派"}
                    add_exemption(NewExemption(person=person, rule="annual", **away), by)
                case "reverse":
                    reverse_entry(person.entries.live().latest("pk"), "更正", by)
                case "merge":
                    merge_ledgers(person, other, "重复建档", by)
                case "roster":
                    self._import(person, day, rank)
                case "undo" if self.applied:
                    actions.start_rolling_back(self.applied.pop(), by=by)
                    self.run_jobs()

    def _import(self, person: Person, day: dt.date, rank: str) -> None:
        """One known person moved or corrected, one who may be new."""
        rows = [
            {"姓名": person.name, "工号": person.number, "单位": "财政局", "职务层次": rank},
            row("人生", day.day % 4 + 10, "审计局", rank, 状态="退休" if day.day % 5 == 0 else ""),
        ]
        received = receive(sheet(rows), self.department, self.city, on=day)
        self.run_jobs()
        received.refresh_from_db()
        if received.state == RosterImport.State.READ and received.has_changes:
            actions.start_applying(received, by=self.department)
            self.run_jobs()
            received.refresh_from_db()
            if received.state == RosterImport.State.APPLIED:
                self.applied.append(received)

    def standings(self, known: dt.datetime | None) -> dict[dt.date, list[Any]]:
        """Everyone's on record; on the first day by both ways of computing, which must agree."""
        moment = local(known) if known else None
        everyone = list(on_record_at(Person.objects.all(), known).values_list("pk", flat=True))
        found = {on: sorted(by_reference(everyone, self.rules, on, moment)) for on in DAYS}
        assert in_bulk(None, self.rules, DAYS[0], moment) == found[DAYS[0]]
        return found

    def statistics(self, known: dt.datetime) -> list[Any]:
        return [
            yearly(chain(histories(Person.objects.all(), question, lambda done, total: None), taken_out(question, None)), question)
            for on in DAYS
            for unit in (None, self.units[1])
            for question in [Question(on, known, dt.date(2026, 1, 1), unit)]
        ]  # fmt: skip


DEEDS = ("post", "promote", "close", "correct", "leave", "enter", "exempt", "reverse", "merge", "roster", "undo")
STEPS = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, 5), DAY, st.sampled_from(RANKS)), min_size=2, max_size=7
)


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_what_was_answered_at_a_moment_is_answered_later_as_known_then(
    run_jobs: Run, steps: list[tuple[str, int, dt.date, str]]
) -> None:
    with transaction.atomic():
        city = City(run_jobs)
        answers = []
        for step in [None, *steps]:
            if step:
                city.do(*step)
            now = timezone.now()
            answers.append((now, city.standings(None), city.statistics(now)))
        there = set(Person.objects.values_list("pk", flat=True))
        for moment, standings, statistics in answers:
            left = {on: [line for line in found if line[0] in there] for on, found in standings.items()}
            assert city.standings(moment) == left
            assert city.statistics(moment) == statistics
        transaction.set_rollback(True)
