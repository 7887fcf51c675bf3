"""What was changed in the record of posts after a moment, about days before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone, translation

from tests.factories import make_city, make_department, make_person, make_unit
from tests.people.rosters import ON, brought_in, row
from zhixing.people import actions
from zhixing.people.models import Account, Person, RosterImport, Unit
from zhixing.people.queries import corrections_of

pytestmark = pytest.mark.django_db
Run = Callable[[], int]
LONG_AGO, YEARS_END = timezone.now() - dt.timedelta(days=900), dt.date(2026, 12, 31)


@pytest.fixture(autouse=True)
def _in_english() -> object:
    with translation.override("en"):
        yield


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def finance(city: Unit) -> Unit:
    return make_unit("财政局", parent=city)


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def told(person: Person, since: dt.datetime = LONG_AGO, on: dt.date = ON, until: dt.date = YEARS_END) -> list[str]:
    return [one.what for one in corrections_of([person.pk], since, on, until).get(person.pk, [])]


def test_what_was_recorded_by_hand_after_the_moment_is_told_with_day_and_name(
    finance: Unit, department: Account
) -> None:
    person = make_person(finance)
    assert told(person) == []
    before = timezone.now()
    actions.correct_person(person, by=department, joined_on=dt.date(2018, 6, 1), phone="13900000000")
    actions.add_posting(person, finance, by=department, from_on=dt.date(2025, 9, 1), rank="乡科级正职")
    actions.end_service(person, last_day=dt.date(2026, 4, 30), retired=True, by=department)
    assert told(person) == [
        "day of joining corrected",
        "post entered, from 2025-09-01",
        "service ended on 2026-04-30",
    ]
    (first, *_rest) = corrections_of([person.pk], before, ON, YEARS_END)[person.pk]
    assert (first.by, first.at > before) == (department.name, True)
    assert told(person, since=timezone.now()) == []


def test_what_touches_no_day_asked_about_is_not_told(finance: Unit, department: Account) -> None:
    person = make_person(finance)
    actions.correct_person(person, by=department, phone="13900000000")
    actions.add_posting(person, finance, by=department, from_on=dt.date(2025, 9, 1), rank="乡科级正职")
    actions.end_service(person, last_day=dt.date(2026, 4, 30), retired=True, by=department)
    assert told(person, on=dt.date(2025, 8, 31), until=dt.date(2025, 12, 31)) == []


def test_a_roster_that_corrects_a_rank_is_told_and_one_taken_back_too(
    finance: Unit, city: Unit, department: Account, run_jobs: Run
) -> None:
    since = dt.date(2024, 1, 1).isoformat()
    first = row("韦青", 1, 任现职时间=since)
    brought_in([first], department, city, run_jobs)
    person = Person.objects.get()
    assert told(person) == ["by a roster: post entered, from 2024-01-01"]
    between = timezone.now()
    second = brought_in([first | {"职务层次": "乡科级副职"}], department, city, run_jobs, on=ON + dt.timedelta(days=1))
    (what,) = told(person, between, on=ON + dt.timedelta(days=1))
    assert what.startswith("by a roster: post ")
    after = timezone.now()
    actions.start_rolling_back(second, by=department)
    run_jobs()
    second.refresh_from_db()
    assert second.state == RosterImport.State.ROLLED_BACK
    assert told(person, between, on=ON + dt.timedelta(days=1)) == []
    (undone,) = corrections_of([person.pk], after, ON + dt.timedelta(days=1), YEARS_END)[person.pk]
    assert undone.what.startswith("roster of 2026-03-02 taken back: post ")
    assert undone.by == department.name


@pytest.mark.usefixtures("finance")
def test_a_leaver_of_a_complete_roster_is_told(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in([row("韦青", 1), row("陆白", 2)], department, city, run_jobs)
    person = Person.objects.get(name="陆白")
    between = timezone.now()
    brought_in([row("韦青", 1)], department, city, run_jobs, on=ON + dt.timedelta(days=40), complete=True)
    person.refresh_from_db()
    assert person.left_on is not None
    assert told(person, between) == [f"by a roster: Last day of service: — → {person.left_on}"]
    assert told(person, between, until=person.left_on - dt.timedelta(days=1)) == []
