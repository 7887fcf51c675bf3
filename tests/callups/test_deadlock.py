"""A run without a list: what conflicts and the ways out stand on its page, each way where it is taken, and taking it helps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.callups.city import City, make_city, terms_of
from zhixing.callups import actions
from zhixing.callups.models import CallupRun, Pin
from zhixing.callups.views.deadlock import Deadlock, deadlock_of
from zhixing.people.models import Person, Role
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
State = CallupRun.State


@pytest.fixture
def city() -> City:
    return make_city(people=5)


def solved_with_pins(city: City, class_runs: list[ClassRun], run_jobs: Jobs, *pairs: tuple[int, int]) -> CallupRun:
    """Each pair: a person by number, a class run by number."""
    run = actions.create_run("试算", class_runs, by=city.department, terms=terms_of(), seconds=5)
    for person, class_run in pairs:
        facts = {"chosen": True, "reason": "x", "by": city.department}
        actions.pin_pair(run, city.people[person], class_runs[class_run], **facts)
    return solved(city, run, run_jobs)


def solved(city: City, run: CallupRun, run_jobs: Jobs) -> CallupRun:
    actions.start_run(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    return run


def texts(deadlock: Deadlock) -> list[list[list[str]]]:
    """Knots of ways of steps."""
    return [[[step.text for step in way.steps] for way in ways] for ways in deadlock.knots]


def test_too_many_pins_for_a_class_may_be_taken_back_or_given_a_seat(
    city: City, run_jobs: Jobs, client: Client
) -> None:
    class_run = city.class_run(name="水利班", seats_max=1)
    run = solved_with_pins(city, [class_run], run_jobs, (0, 0), (1, 0))
    assert run.state == State.INFEASIBLE
    assert not run.callups.exists()
    deadlock = deadlock_of(city.department, run)
    names = [person.name for person in city.people[:2]]
    assert texts(deadlock) == [[["“水利班”增加 1 个名额"], *([f"撤销{name}参加“水利班”的指定"] for name in names)]]
    assert [way.cheapest for way in deadlock.knots[0]] == [True, False, False]
    client.force_login(city.department)
    page = client.get(reverse("callups:run", args=[run.pk])).content.decode()
    assert reverse("plans:edit", args=[class_run.pk]) in page
    assert page.count(reverse("callups:unpin", args=[run.pk, class_run.pk])) == 2
    place = deadlock.knots[0][1].steps[0].place
    assert place is not None
    assert place.person == city.people[0].pk
    client.post(place.url, {"person": place.person, "back": "/"})
    assert Pin.objects.get().person == city.people[1]
    taken_back = deadlock_of(city.department, run).knots[0][1].steps[0]
    assert taken_back.place is None
    assert solved(city, run, run_jobs).state == State.PROPOSED


def test_every_way_out_makes_a_list_possible(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=1)
    run = solved_with_pins(city, [class_run], run_jobs, (0, 0), (1, 0))
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=2)
    assert solved(city, run, run_jobs).state == State.PROPOSED
    assert run.callups.count() == 2
    assert not run.result.get("conflicts")


def test_conflicts_apart_are_told_in_groups(city: City, run_jobs: Jobs) -> None:
    small, clash, other = city.class_run(seats_max=1), city.class_run(weeks=3), city.class_run(weeks=3)
    run = solved_with_pins(city, [small, clash, other], run_jobs, (0, 0), (1, 0), (2, 1), (2, 2))
    deadlock = deadlock_of(city.department, run)
    assert len(deadlock.conflicts) == len(deadlock.knots) == 2
    assert {len(ways) for ways in deadlock.knots} == {2, 3}


def test_a_quota_an_away_limit_and_a_term_lead_to_their_pages(city: City, run_jobs: Jobs) -> None:
    class_runs = [city.class_run(weeks=week, seats_max=9) for week in (0, 3, 6)]
    factories.make_quota(class_runs[0], city.organ, seats_max=1)
    run = actions.create_run("试算", class_runs, by=city.department, terms=terms_of(away_percent=1), seconds=5)
    for person, class_run in ((0, 0), (1, 0), (0, 1), (0, 2)):
        facts = {"chosen": True, "reason": "x", "by": city.department}
        actions.pin_pair(run, city.people[person], class_runs[class_run], **facts)
    deadlock = deadlock_of(city.department, solved(city, run, run_jobs))
    pages = {step.place.url for ways in deadlock.knots for way in ways for step in way.steps if step.place}
    assert reverse("plans:quotas", args=[class_runs[0].pk]) in pages
    assert reverse("people:edit_unit", args=[city.organ.pk]) in pages
    assert reverse("callups:change", args=[run.pk]) in pages


def test_a_pin_that_a_standing_call_up_bars_is_named_with_the_class(city: City, run_jobs: Jobs) -> None:
    first = city.class_run(name="一班", seats_max=1)
    other = city.class_run(name="二班", seats_max=2)
    run = actions.create_run("试算", [other], by=city.department, terms=terms_of(), seconds=5)
    published = city.published([first], run_jobs)
    called = published.callups.get().person
    actions.pin_pair(run, called, other, chosen=True, reason="x", by=city.department)
    run = solved(city, run, run_jobs)
    assert run.state == State.INFEASIBLE
    deadlock = deadlock_of(city.department, run)
    assert len(deadlock.conflicts) == 1
    assert "一班" in deadlock.conflicts[0][0]
    assert called.name in deadlock.conflicts[0][1]
    assert texts(deadlock) == [[[f"撤销{called.name}参加“二班”的指定"]]]
    actions.unpin_pair(run, called, other, by=city.department)
    assert solved(city, run, run_jobs).state == State.PROPOSED


def test_a_pin_of_somebody_who_left_the_target_group_is_named_with_all_else_in_the_way(
    city: City, run_jobs: Jobs
) -> None:
    class_run = city.class_run(seats_max=1)
    run = actions.create_run("试算", [class_run], by=city.department, terms=terms_of(), seconds=5)
    for person in city.people[:4]:
        chosen = person != city.people[3]
        actions.pin_pair(run, person, class_run, chosen=chosen, reason="x", by=city.department)
    for person in (city.people[0], city.people[3]):
        Person.objects.filter(pk=person.pk).update(status=Person.Status.RETIRED)
    deadlock = deadlock_of(city.department, solved(city, run, run_jobs))
    assert len(deadlock.conflicts) == len(deadlock.knots) == 2
    assert deadlock.conflicts[0][0] == "不属于该班次的培训对象。"
    assert not any(city.people[3].name in line for lines in deadlock.conflicts for line in lines)


def test_fewest_seats_lead_to_the_class_run(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(name="水利班", seats_min=9, seats_max=10)
    run = city.solved([class_run], run_jobs, hard_minimums=True)
    deadlock = deadlock_of(city.department, run)
    assert texts(deadlock) == [[["“水利班”的最少人数减少 4 人"]]]
    place = deadlock.knots[0][0].steps[0].place
    assert place is not None
    assert place.url == reverse("plans:edit", args=[class_run.pk])


def test_only_who_may_change_it_gets_the_buttons_and_only_own_people_their_names(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=1)
    run = solved_with_pins(city, [class_run], run_jobs, (0, 0), (1, 0))
    county = factories.make_account(Role.DEPARTMENT, city.county, email="county@city.example")
    deadlock = deadlock_of(county, run)
    assert not any(step.place.verdict for ways in deadlock.knots for way in ways for step in way.steps if step.place)
    told = [line for lines in deadlock.conflicts for line in lines]
    told += [step.text for ways in deadlock.knots for way in ways for step in way.steps]
    assert not any(person.name in line for line in told for person in city.people)
    assert any("其他单位人员" in line for line in told)


def test_a_run_solved_before_ways_out_were_known_shows_its_conflict(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=1)
    run = solved_with_pins(city, [class_run], run_jobs, (0, 0), (1, 0))
    run.result = {key: value for key, value in run.result.items() if key not in ("conflicts", "relaxations")}
    deadlock = deadlock_of(city.department, run)
    assert len(deadlock.conflicts[0]) == 3
    assert deadlock.knots == []
    run.result.pop("conflict")
    assert deadlock_of(city.department, run).conflicts == []
