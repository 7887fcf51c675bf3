"""Who would get the next seat, and where else somebody left out would fit: named only to whoever may read that person's reasons."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.callups.city import City, make_city
from tests.callups.test_pages import signed_in
from zhixing.callups import actions, reasons
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.runner_up import best_other
from zhixing.people.models import Person, Role
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


@pytest.fixture
def city() -> City:
    """Two of the organ and two of the county, so that three seats leave one out."""
    made = make_city(people=2)
    made.person(made.county)
    made.person(made.county)
    return made


def page(client: Client, run: CallupRun, person: Person, class_run: ClassRun) -> str:
    answer = client.get(reverse("callups:why", args=[run.pk, person.pk, class_run.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def next_of(run: CallupRun, class_run: ClassRun) -> Person:
    """The runner-up that the engine wrote down, the same for every seat of the class."""
    (key,) = {
        json.loads(row["detail"])["runner_up"]["person"]
        for row in reasons.chosen(run)
        if row["class_id"] == class_run.pk
    }
    return Person.objects.get(pk=key)


def called(run: CallupRun, unit: str = "") -> Callup:
    rows = run.callups.select_related("person", "unit")
    found = (rows.filter(unit__name=unit) if unit else rows).first()
    assert found is not None
    return found


def test_the_planner_reads_who_comes_next_and_opens_why(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=3)
    run = city.solved([class_run], run_jobs)
    coming = next_of(run, class_run)
    assert not run.callups.filter(person=coming).exists()
    text = page(signed_in(city.department), run, called(run).person, class_run)
    assert f"本班次如增加一个名额，下一人选是{coming.name}（{coming.unit.name}）。" in text
    assert reverse("callups:why", args=[run.pk, coming.pk, class_run.pk]) in text
    assert "下一人选" not in page(signed_in(city.department), run, coming, class_run)


def test_the_pair_that_is_named_gets_the_next_seat(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=3)
    run = city.solved([class_run], run_jobs)
    coming = next_of(run, class_run)
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=4)
    actions.start_run(run, by=city.department)
    run_jobs()
    assert run.callups.filter(person=coming, state=Callup.State.PROPOSED).exists()
    text = page(signed_in(city.department), run, coming, class_run)
    assert "未列入人员中，没有人可再占用本班次的名额。" in text


def test_a_liaison_learns_no_name_of_another_unit(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=3)
    run = city.published([class_run], run_jobs)
    coming = next_of(run, class_run)
    county = factories.make_account(Role.LIAISON, city.county)
    own, other = (city.liaison, county) if coming.unit == city.organ else (county, city.liaison)
    mine, theirs = (called(run, account.scope_unit.name).person for account in (own, other))
    assert coming.name in page(signed_in(own), run, mine, class_run)
    text = page(signed_in(other), run, theirs, class_run)
    assert "下一人选是其他单位的人员。" in text
    assert coming.name not in text
    assert str(coming.number) not in text
    assert reverse("callups:why", args=[run.pk, coming.pk, class_run.pk]) not in text


def test_a_trainee_learns_nobody_elses_name_not_even_of_the_own_unit(run_jobs: Jobs) -> None:
    city = make_city(people=3)
    class_run = city.class_run(seats_max=2)
    run = city.published([class_run], run_jobs)
    coming, on_list = next_of(run, class_run), called(run).person
    text = page(signed_in(city.trainee(on_list)), run, on_list, class_run)
    assert "下一人选是培训对象中的另一人。" in text
    assert coming.name not in text
    assert reverse("callups:why", args=[run.pk, coming.pk, class_run.pk]) not in text
    left_out = page(signed_in(city.trainee(coming)), run, coming, class_run)
    assert on_list.name not in left_out


def test_who_was_called_since_is_not_said_to_come_next(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=3)
    run = city.solved([class_run], run_jobs)
    coming = next_of(run, class_run)
    out, stays = (row.person for row in run.callups.select_related("person")[:2])
    actions.pin_pair(run, out, class_run, chosen=False, reason="驻村", by=city.department)
    actions.pin_pair(run, coming, class_run, chosen=True, reason="新任职", by=city.department)
    text = page(signed_in(city.department), run, stays, class_run)
    assert "拟定名单时的下一人选，此后已被调训或由人工决定。" in text
    assert coming.name not in text


def test_whoever_is_left_out_reads_the_own_best_other_class(city: City, run_jobs: Jobs) -> None:
    first, second = city.class_run(seats_max=3, name="一班"), city.class_run(weeks=4, seats_max=3, name="二班")
    run = city.published([first, second], run_jobs, callups_max=1)
    called_to = {row.person_id: row.class_run for row in run.callups.select_related("class_run")}
    assert len(called_to) == len(city.people), "each of the four is called once"
    for person in city.people:
        there = called_to[person.pk]
        other = second if there == first else first
        text = page(signed_in(city.trainee(person)), run, person, other)
        assert f"本名单已调训至“{there.name}”（" in text
        assert reverse("callups:why", args=[run.pk, person.pk, there.pk]) in text


def test_a_class_that_fits_as_well_is_named_with_what_keeps_the_person_out(run_jobs: Jobs) -> None:
    city = make_city(people=3)
    first, second = city.class_run(seats_max=1, name="一班"), city.class_run(seats_max=1, name="二班")
    run = city.solved([first, second], run_jobs, callups_max=1)
    (left_out,) = (one for one in city.people if not run.callups.filter(person=one).exists())
    text = page(signed_in(city.department), run, left_out, first)
    assert "其他班次中，最适合的是“二班”（" in text
    assert "也未列入：班次名额已满。" in text
    alone = city.solved([first], run_jobs)
    (without,) = (one for one in city.people[:1])
    Callup.objects.filter(run=alone, person=without).delete()
    assert "本方案中没有符合条件的其他班次。" in page(signed_in(city.department), alone, without, first)


def test_the_page_reads_the_other_class_with_the_reason_and_an_older_file_is_searched_for_it(
    run_jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = make_city(people=3)
    rows = [city.class_run(weeks=week, seats_max=1, name=f"{week + 1}班") for week in range(3)]
    run = city.solved(rows, run_jobs, callups_max=1)
    pairs = [(person, one) for person in city.people for one in rows]
    with_it = [best_other(run, person, one, reasons.of_pair(run, person.pk, one.pk)) for person, one in pairs]
    older = [best_other(run, person, one, None) for person, one in pairs]
    assert with_it == older
    run.callups.all().delete()
    unknown = [best_other(run, person, one, None) for person, one in pairs]
    found = [reasons.of_pair(run, person.pk, one.pk) for person, one in pairs]
    monkeypatch.setattr(reasons, "of_person", None)
    assert [best_other(run, person, one, row) for (person, one), row in zip(pairs, found, strict=True)] == unknown
    assert any("拟定名单时曾列入，现已不在名单上" in one.said for one in unknown if one)


def test_without_a_list_nothing_is_said_of_others(city: City) -> None:
    class_run = city.class_run(seats_max=3)
    run = actions.create_run("试算", [class_run], by=city.department)
    text = page(signed_in(city.department), run, city.people[0], class_run)
    assert "其他班次" not in text
    assert "下一人选" not in text
    assert run.state == CallupRun.State.DRAFT


def test_who_was_called_and_excused_since_is_not_said_to_come_next(city: City, run_jobs: Jobs) -> None:
    """A seat that comes free is not given to the same person twice."""
    class_run = city.class_run(seats_max=3)
    run = city.published([class_run], run_jobs)
    coming, stays = next_of(run, class_run), called(run).person
    facts = {"unit": coming.unit, "class_run": class_run, "person": coming}
    Callup.objects.create(run=run, state=Callup.State.EXCUSED, sent_at=timezone.now(), **facts)
    text = page(signed_in(city.department), run, stays, class_run)
    assert "拟定名单时的下一人选，此后已被调训或由人工决定。" in text
    assert coming.name not in text
