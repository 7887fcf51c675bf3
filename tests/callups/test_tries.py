"""What would put somebody on a list is told only after it was tried, to whoever plans."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.callups.city import City, make_city
from zhixing.base.models import AuditEntry, Job
from zhixing.base.problems import Conflict, Refused
from zhixing.callups import actions, queries
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.trying import try_changes
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


@pytest.fixture
def city() -> City:
    return make_city(people=6)


def left_out(run: CallupRun) -> Person:
    """Any of the four without a seat."""
    return Person.objects.exclude(pk__in=run.callups.values("person")).filter(unit__name="市水务局").earliest("pk")


def tried(run: CallupRun, person: Person, class_run: ClassRun, city: City, run_jobs: Jobs) -> Job:
    actions.start_try(run, person, class_run, by=city.department)
    run_jobs()
    job = queries.last_try(run, person.pk, class_run.pk)
    assert job is not None
    assert job.state == Job.State.DONE, job.error
    return job


def page(run: CallupRun, person: Person, class_run: ClassRun, city: City) -> str:
    client = Client()
    client.force_login(city.department)
    return client.get(reverse("callups:why", args=[run.pk, person.pk, class_run.pk])).content.decode()


def test_the_change_that_is_told_puts_the_person_on_the_list(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    person = left_out(run)
    flip = tried(run, person, class_run, city, run_jobs).result["flip"]
    assert (flip["change"], flip["rule"], flip["from"]) == ("most", "class_full", 2)
    assert f"班次名额由 2 个增加到 {flip['to']} 个" in page(run, person, class_run, city)
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=flip["to"])
    actions.start_run(run, by=city.department)
    run_jobs()
    assert run.callups.filter(person=person, state=Callup.State.PROPOSED).exists()


def test_trying_changes_nothing_and_is_audited(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    before = list(run.callups.order_by("pk").values())
    person = left_out(run)
    tried(run, person, class_run, city, run_jobs)
    assert list(run.callups.order_by("pk").values()) == before
    entry = AuditEntry.objects.get(action="callups.change_tried")
    assert (entry.details["person"], entry.details["class_run"]) == (person.pk, class_run.pk)


def test_the_priority_is_set_against_the_seats_that_it_needs(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    person = left_out(run)
    said = tried(run, person, class_run, city, run_jobs).result
    assert said["net"] == pytest.approx(said["value"] - sum(one["price"] for one in said["prices"]), abs=1e-3)
    found = page(run, person, class_run, city)
    assert "求解时的权衡明细" in found
    assert f"{said['value']:.2f}" in found


def test_a_new_search_makes_the_old_trial_void(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    person = left_out(run)
    tried(run, person, class_run, city, run_jobs)
    city.person()
    actions.start_run(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    assert queries.last_try(run, person.pk, class_run.pk) is None


def test_one_trial_of_a_pair_at_a_time(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    person = left_out(run)
    actions.start_try(run, person, class_run, by=city.department)
    with pytest.raises(Conflict):
        actions.start_try(run, person, class_run, by=city.department)
    assert "试算怎样才能列入名单" not in page(run, person, class_run, city)


def test_whoever_is_not_known_to_the_search_has_no_change(city: City, run_jobs: Jobs) -> None:
    run = city.solved([city.class_run(seats_max=2)], run_jobs)
    stranger = city.person()
    said = try_changes(run, stranger.pk, run.class_runs.get().pk)
    assert said == {"digest": run.digest, "eligible": False}


def test_only_who_plans_the_run_can_try(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.published([class_run], run_jobs)
    person = left_out(run)
    with pytest.raises(Refused):
        actions.start_try(run, person, class_run, by=city.liaison)
    client = Client()
    client.force_login(city.liaison)
    address = reverse("callups:try_change", args=[run.pk, person.pk, class_run.pk])
    assert client.post(address).status_code in {403, 404}
    assert address not in client.get(reverse("callups:why", args=[run.pk, person.pk, class_run.pk])).content.decode()
    assert not Job.objects.filter(kind="callups.try").exists()
