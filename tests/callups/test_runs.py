"""Runs in planning: stopped, started anew, changed, dropped, impossible; and the reasons they keep."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.callups.city import REPLY_BY, City, make_city, terms_of
from zhixing.base import jobs
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups import actions, explaining, reasons, seats, sentences
from zhixing.callups.actions import proposals
from zhixing.callups.models import Callup, CallupRun, Pin
from zhixing.callups.sentences import Names
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
State = CallupRun.State


@pytest.fixture
def city() -> City:
    return make_city(people=5)


def draft(city: City, **terms: Any) -> CallupRun:
    class_runs = [city.class_run(seats_max=3)]
    return actions.create_run("试算", class_runs, by=city.department, terms=terms_of(**terms), seconds=5)


def test_a_search_stopped_before_it_began_leaves_the_run_as_it_was(city: City, run_jobs: Jobs) -> None:
    run = draft(city)
    actions.start_run(run, by=city.department)
    assert run.state == State.SOLVING
    with pytest.raises(Refused):
        actions.drop_run(run, by=city.department)
    actions.stop_run(run, by=city.department)
    assert run.state == State.DRAFT
    run_jobs()
    assert not run.callups.exists()
    with pytest.raises(Refused):
        actions.stop_run(run, by=city.department)


def test_a_search_stopped_on_the_way_keeps_the_best_list(city: City) -> None:
    run = draft(city)
    job = actions.start_run(run, by=city.department)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    actions.stop_run(run, by=city.department)
    job.refresh_from_db()
    assert job.cancel_asked
    proposals.propose(CallupRun.objects.select_related("job").get(pk=run.pk), jobs.Handle(job))
    run.refresh_from_db()
    assert run.state == State.PROPOSED
    assert run.callups.count() == 3


def test_a_run_whose_worker_was_lost_can_be_started_again(city: City, run_jobs: Jobs) -> None:
    run = draft(city)
    job = actions.start_run(run, by=city.department)
    with pytest.raises(Conflict):
        actions.start_run(run, by=city.department)
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    actions.start_run(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    assert run.state == State.PROPOSED


def test_a_search_that_was_replaced_saves_nothing(city: City, run_jobs: Jobs) -> None:
    run = draft(city)
    job = actions.start_run(run, by=city.department)
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    stale = CallupRun.objects.select_related("job").get(pk=run.pk)
    actions.start_run(run, by=city.department)
    with pytest.raises(Conflict):
        proposals.propose(stale, jobs.Handle(job))
    run_jobs()
    run.refresh_from_db()
    assert run.state == State.PROPOSED


def test_changing_a_run_puts_the_list_away_and_keeps_the_pins(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=3)
    run = city.solved([class_run], run_jobs)
    actions.pin_pair(run, city.people[0], class_run, chosen=False, reason="驻村", by=city.department)
    facts = {"terms": terms_of(callups_max=1), "seed": 7, "seconds": 5}
    actions.change_run(run, "改", [class_run, city.class_run(weeks=2)], by=city.department, **facts)
    assert (run.state, run.seed, run.callups.count(), run.waiting.count()) == (State.DRAFT, 7, 0, 0)
    assert Pin.objects.count() == 1
    with pytest.raises(Refused):
        actions.publish_run(run, reply_by=REPLY_BY, by=city.department)


def test_a_pin_taken_back_leaves_the_pair_to_the_search(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=5)
    run = city.solved([class_run], run_jobs)
    actions.pin_pair(run, city.people[0], class_run, chosen=False, reason="驻村", by=city.department)
    actions.unpin_pair(run, city.people[0], class_run, by=city.department)
    actions.start_run(run, by=city.department)
    run_jobs()
    assert run.callups.filter(person=city.people[0]).exists()


def test_a_dropped_run_calls_nobody_and_stays_dropped(city: City, run_jobs: Jobs) -> None:
    run = city.solved([city.class_run(seats_max=3)], run_jobs)
    actions.drop_run(run, by=city.department)
    assert (run.state, run.callups.count()) == (State.DROPPED, 0)
    for deed in (actions.start_run, actions.drop_run):
        with pytest.raises((Refused, Conflict)):
            deed(run, by=city.department)


def test_fewest_seats_that_cannot_be_reached_are_named(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_min=9, seats_max=10)
    run = city.solved([class_run], run_jobs, hard_minimums=True)
    assert run.state == State.INFEASIBLE
    (line,) = sentences.Told.to(city.department, run.result["conflict"]).conflict(run.result["conflict"])
    assert class_run.name in line
    assert "9" in line
    soft = city.solved([class_run], run_jobs)
    assert soft.state == State.PROPOSED
    assert soft.callups.count() == 5


def test_conflicting_pins_are_told_in_sentences(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=1)
    run = actions.create_run("试算", [class_run], by=city.department, seconds=5)
    for person in city.people[:2]:
        actions.pin_pair(run, person, class_run, chosen=True, reason="x", by=city.department)
    actions.start_run(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    lines = sentences.Told.to(city.department, run.result["conflict"]).conflict(run.result["conflict"])
    assert len(lines) == 3
    assert all(any(person.name in line for line in lines) for person in city.people[:2])


def test_every_eligible_pair_has_a_reason(city: City, run_jobs: Jobs) -> None:
    first, second = city.class_run(seats_max=2), city.class_run(seats_max=2)
    run = city.solved([first, second], run_jobs)
    chosen = run.callups.count()
    counts = {c.pk: reasons.codes_left_out(run, c.pk) for c in (first, second)}
    assert chosen + sum(sum(by_code.values()) for by_code in counts.values()) == 10
    assert set(counts[first.pk]) == {"shared_day", "class_full"}
    names = Names()
    for row in reasons.left_out(run, limit=100):
        import json

        text = sentences.sentence(row["code"], json.loads(row["detail"]), names)
        assert text.endswith("。"), text
        assert "—" not in text
        assert sentences.changes(row["code"], json.loads(row["detail"]), names)


def test_a_run_without_a_search_has_no_reasons(city: City) -> None:
    run = draft(city)
    assert reasons.left_out(run, limit=5) == []
    assert reasons.count_left_out(run) == 0
    explained = explaining.explain(run, city.people[0], run.class_runs.get(), city.department)
    assert explained["why"] == "尚未拟定名单。"
    assert not explained["facts"]


def test_what_was_weighed_is_told_in_words(city: City, run_jobs: Jobs) -> None:
    run = city.solved([city.class_run(seats_max=2)], run_jobs)
    callup = run.callups.select_related("person", "class_run").first()
    assert callup is not None
    facts = {
        str(what): str(how)
        for what, how in explaining.explain(run, callup.person, callup.class_run, city.department)["facts"]
    }
    assert facts["距上次培训时间"] == "尚无培训记录"
    assert facts["按公开种子抽签的签号（理由相同时用）"] == str(callup.detail["tie"])


def test_a_pair_that_the_search_did_not_know_has_its_own_reason(city: City, run_jobs: Jobs) -> None:
    first = city.published([city.class_run(name="一班", seats_max=2)], run_jobs)
    called = first.callups.select_related("person", "class_run")[0]
    again = city.solved([called.class_run, city.class_run(name="二班")], run_jobs)
    assert (
        explaining.explain(again, called.person, called.class_run, city.department)["why"] == "已由其他方案调训本班次。"
    )
    late = city.person(city.organ, name="晚到")
    outside = city.person(city.organ, name="别的层次", rank="省部级正职")
    other = again.class_runs.get(name="二班")
    assert explaining.explain(again, late, other, city.department)["why"] == "拟定本名单时不符合条件，现已符合。"
    assert explaining.explain(again, outside, other, city.department)["why"] == "不属于该班次的培训对象。"


def test_the_rules_are_counted_alike_for_few_and_for_many(
    city: City, run_jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "MANY", 0)
    first = city.published([city.class_run(seats_max=3)], run_jobs)
    clash = city.class_run(seats_max=3)
    room = seats.Room([clash], {clash.pk: [p.pk for p in city.people]}, terms_of())
    called = set(first.callups.values_list("person_id", flat=True))
    found = {p.pk: room.obstacle(p.pk, clash.pk) for p in city.people}
    assert {person for person, obstacle in found.items() if obstacle} == called
    assert {str(obstacle.rule) for obstacle in found.values() if obstacle} == {"shared_day"}


def test_free_seats_are_filled_only_between_publication_and_start(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=3)
    run = city.published([class_run], run_jobs)
    class_run.refresh_from_db()
    assert actions.fill_free_seats(class_run, city.department) == []
    leaver = run.callups.first()
    assert leaver is not None
    Callup.objects.filter(pk=leaver.pk).update(state=Callup.State.WITHDRAWN, seat=None)
    with pytest.raises(Refused):
        actions.fill_free_seats(class_run, city.liaison)
    ClassRun.objects.filter(pk=class_run.pk).update(starts_on=timezone.localdate() - dt.timedelta(days=1))
    class_run.refresh_from_db()
    with pytest.raises(Refused):
        actions.fill_free_seats(class_run, city.department)


def test_a_list_that_names_nobody_is_not_published(city: City, run_jobs: Jobs) -> None:
    run = city.solved([city.class_run(seats_max=3)], run_jobs)
    run.callups.all().delete()
    with pytest.raises(Invalid):
        actions.publish_run(run, reply_by=REPLY_BY, by=city.department)
    run.refresh_from_db()
    assert run.state == State.PROPOSED


def test_a_class_run_cancelled_meanwhile_stops_the_publication(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=3)
    run = city.solved([class_run], run_jobs)
    ClassRun.objects.filter(pk=class_run.pk).update(state=ClassRun.State.CANCELLED)
    with pytest.raises(Conflict, match=class_run.name):
        actions.publish_run(run, reply_by=REPLY_BY, by=city.department)


@pytest.mark.parametrize("deed", ["in", "out", "back"])
def test_a_decision_on_a_page_that_was_opened_before_the_publication_changes_nothing(
    city: City, run_jobs: Jobs, deed: str
) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    person = run.callups.order_by("pk")[0].person
    actions.pin_pair(run, person, class_run, chosen=False, reason="驻村", by=city.department)
    before = CallupRun.objects.get(pk=run.pk)
    actions.publish_run(run, reply_by=REPLY_BY, by=city.department)
    decide: Callable[..., Any] = actions.unpin_pair
    if deed != "back":
        decide = functools.partial(actions.pin_pair, chosen=deed == "in", reason="又可以去")
    with pytest.raises(Refused):
        decide(before, person, class_run, by=city.department)
    assert not run.callups.filter(state=Callup.State.PROPOSED).exists()
    assert run.pins.get().reason == "驻村"
