"""A small invented city for call-ups: two organs, a county with a township, one department, one liaison."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests import factories
from zhixing.callups import actions
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.terms import Terms
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.plans.models import ClassRun

TODAY = dt.date.today()  # noqa: DTZ011  the actions ask the clock, so the invented classes lie ahead of it
YEAR = TODAY.year + 1
SPRING = dt.date(YEAR, 3, 2)
REPLY_BY = dt.date(YEAR, 1, 20)


@dataclass
class City:
    root: Unit
    organ: Unit
    county: Unit
    township: Unit
    department: Account
    liaison: Account
    people: list[Person] = field(default_factory=list)

    def person(self, unit: Unit | None = None, **fields: Any) -> Person:
        made = factories.make_person(unit or self.organ, **fields)
        self.people.append(made)
        return made

    def class_run(self, weeks: int = 0, **fields: Any) -> ClassRun:
        """Five days from the Monday ``weeks`` after early March of next year."""
        starts_on = SPRING + dt.timedelta(days=-SPRING.weekday(), weeks=weeks)
        return factories.make_class_run(starts_on=starts_on, **fields)

    def trainee(self, person: Person) -> Account:
        return factories.make_account(Role.TRAINEE, person=person, email=f"{person.number}@city.example")

    def solved(self, class_runs: Iterable[ClassRun], run_jobs: Callable[[], int], **terms: Any) -> CallupRun:
        run = actions.create_run("试算", class_runs, by=self.department, terms=terms_of(**terms), seconds=5, on=TODAY)
        actions.start_run(run, by=self.department)
        run_jobs()
        run.refresh_from_db()
        return run

    def published(self, class_runs: Iterable[ClassRun], run_jobs: Callable[[], int], **terms: Any) -> CallupRun:
        run = self.solved(class_runs, run_jobs, **terms)
        actions.publish_run(run, reply_by=REPLY_BY, by=self.department)
        run.refresh_from_db()
        return run


def terms_of(**given: Any) -> Terms:
    """Everyone of a unit may be away unless a test says otherwise."""
    return Terms.of({"away_percent": 100, **given})


def make_city(people: int = 0) -> City:
    root = factories.make_city()
    organ = factories.make_unit("市水务局", root)
    county = factories.make_unit("青石县", root, kind=Unit.Kind.COUNTY)
    township = factories.make_unit("白沙镇", county, kind=Unit.Kind.TOWNSHIP)
    city = City(
        root,
        organ,
        county,
        township,
        factories.make_account(Role.DEPARTMENT, root, email="department@city.example"),
        factories.make_account(Role.LIAISON, organ, email="liaison@city.example"),
    )
    for _ in range(people):
        city.person()
    return city


def callups_by_person(run: CallupRun) -> dict[int, list[Callup]]:
    found: dict[int, list[Callup]] = {}
    for callup in run.callups.select_related("class_run"):
        found.setdefault(callup.person_id, []).append(callup)
    return found
