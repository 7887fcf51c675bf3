"""The second walk of the house: call-up → answers → make-up → call-up again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core import mail

from tests.callups.city import REPLY_BY, City, make_city
from zhixing.base.models import AuditEntry, Notice
from zhixing.callups import actions
from zhixing.callups.models import Callup, CallupRun, MakeUp, Reply
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city(people=6)


def test_a_call_up_runs_from_the_proposal_to_the_make_up_and_back(city: City, run_jobs: Callable[[], int]) -> None:
    class_run = city.class_run(seats_max=4, theme="水利")
    accounts = {person.pk: city.trainee(person) for person in city.people}
    run = city.solved([class_run], run_jobs)
    assert run.state == CallupRun.State.PROPOSED
    assert run.result["status"] == "optimal"
    assert run.callups.count() == 4
    assert run.waiting.count() == 2
    assert not Notice.objects.exists()

    assert actions.publish_run(run, reply_by=REPLY_BY, by=city.department) == 4
    run_jobs()
    class_run.refresh_from_db()
    assert class_run.state == ClassRun.State.CALLED
    assert sorted(run.callups.values_list("seat", flat=True)) == [1, 2, 3, 4]
    assert len([m for m in mail.outbox if "培训班" in m.subject or class_run.name in m.subject]) == 4
    assert {m.to[0] for m in mail.outbox} >= {"liaison@city.example"}

    first, second, third, fourth = run.callups.select_related("person", "class_run", "unit", "run")
    actions.accept_callup(first, by=accounts[first.person_id])
    reply = actions.ask_leave(second, reason=Reply.Reason.HEALTH, by=city.liaison)
    assert second.state == Callup.State.ASKED
    (next_called,) = actions.decide_reply(reply, approved=True, by=city.department)
    second.refresh_from_db()
    assert (second.state, second.seat) == (Callup.State.EXCUSED, None)
    assert next_called.seat == 2
    assert next_called.from_waiting
    assert next_called.person_id == run.waiting.get(position=1).person_id

    duty = MakeUp.objects.get(missed=second)
    assert (duty.tenths, duty.state) == (class_run.tenths, MakeUp.State.OPEN)
    again = city.class_run(weeks=6, seats_max=1, theme="水利")
    later = city.published([again], run_jobs)
    (made_up,) = later.callups.select_related("class_run")
    assert made_up.person_id == second.person_id
    assert made_up.makes_up_id == duty.pk
    duty.refresh_from_db()
    assert duty.state == MakeUp.State.PLANNED
    actions.finish_callup(made_up, completed=True, by=city.department)
    duty.refresh_from_db()
    assert duty.state == MakeUp.State.CLOSED
    deeds = set(AuditEntry.objects.filter(action__startswith="callups.").values_list("action", flat=True))
    assert deeds >= {
        "callups.run_created",
        "callups.run_started",
        "callups.proposed",
        "callups.published",
        "callups.replied",
        "callups.decided",
        "callups.seat_filled",
        "callups.make_up_opened",
        "callups.completed",
        "callups.make_up_closed",
    }
    assert third.state == fourth.state == Callup.State.SENT


def test_an_open_make_up_beats_equal_others(city: City, run_jobs: Callable[[], int]) -> None:
    missed = city.class_run(seats_max=6, theme="水利")
    run = city.published([missed], run_jobs)
    absent = run.callups.select_related("class_run", "unit", "person", "run").last()
    assert absent is not None
    for callup in run.callups.exclude(pk=absent.pk):
        actions.withdraw_callup(callup, reason="计划调整", by=city.department)
    reply = actions.ask_leave(absent, reason=Reply.Reason.DUTY, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    chosen = city.solved([city.class_run(weeks=8, seats_max=1)], run_jobs)
    assert [c.person_id for c in chosen.callups.all()] == [absent.person_id]


def test_solving_again_keeps_the_pins(city: City, run_jobs: Callable[[], int]) -> None:
    class_run = city.class_run(seats_max=3)
    run = city.solved([class_run], run_jobs)
    on_list = run.callups.select_related("person").first()
    assert on_list is not None
    left_out = next(p for p in city.people if not run.callups.filter(person=p).exists())
    actions.pin_pair(run, on_list.person, class_run, chosen=False, reason="驻村", by=city.department)
    assert not run.callups.filter(person=on_list.person).exists()
    assert actions.pin_pair(run, left_out, class_run, chosen=True, reason="新任职", by=city.department) is None
    assert run.callups.get(person=left_out).code == "chosen_pinned"
    actions.start_run(run, by=city.department)
    run_jobs()
    called = set(run.callups.values_list("person_id", flat=True))
    assert left_out.pk in called
    assert on_list.person_id not in called
    assert len(called) == 3


def test_the_saved_problem_solved_again_gives_the_same_list(city: City, run_jobs: Callable[[], int]) -> None:
    from zhixing.base.files import path_of
    from zhixing.callups.problem import Frozen
    from zhixing.callups.solution import solve

    run = city.solved([city.class_run(seats_max=2), city.class_run(weeks=1, seats_max=2)], run_jobs)
    assert run.problem_file is not None
    frozen = Frozen.unpacked(path_of(run.problem_file).read_bytes())
    assert frozen.problem().digest() == run.digest
    again = solve(frozen, seconds=5, seed=run.seed)
    chosen = again.reasons.filter(again.reasons["chosen"])
    pairs = set(zip(chosen["person_id"].to_pylist(), chosen["class_id"].to_pylist(), strict=True))
    assert pairs == set(run.callups.values_list("person_id", "class_run_id"))
    assert again.result["objective"] == run.result["objective"]
    assert frozen.packed() == path_of(run.problem_file).read_bytes()


def test_a_cancelled_class_run_frees_everyone_called(city: City, run_jobs: Callable[[], int]) -> None:
    from zhixing.plans.actions import cancel_class_run

    class_run = city.class_run(seats_max=3)
    run = city.published([class_run], run_jobs)
    class_run.refresh_from_db()
    cancel_class_run(class_run, reason="场地停用", by=city.department)
    run_jobs()
    assert set(run.callups.values_list("state", "seat")) == {(Callup.State.WITHDRAWN, None)}


def test_nobody_is_called_twice_on_one_day_by_two_runs(city: City, run_jobs: Callable[[], int]) -> None:
    first = city.published([city.class_run(seats_max=6)], run_jobs)
    second = city.solved([city.class_run(seats_max=6)], run_jobs)
    assert second.callups.count() == 0
    third = city.solved([city.class_run(weeks=3, seats_max=6)], run_jobs, second_callup_cost=0)
    assert third.callups.count() == 6
    fourth = city.solved([city.class_run(weeks=5, seats_max=6)], run_jobs, callups_max=1)
    assert fourth.callups.count() == 0
    assert first.callups.count() == 6


def test_a_published_list_that_no_longer_holds_is_refused(city: City, run_jobs: Callable[[], int]) -> None:
    from zhixing.base.problems import Conflict

    rival = city.class_run(seats_max=6)
    slow = city.solved([rival], run_jobs)
    city.published([city.class_run(seats_max=6)], run_jobs)
    with pytest.raises(Conflict):
        actions.publish_run(slow, reply_by=REPLY_BY, by=city.department)
    slow.refresh_from_db()
    assert slow.state == CallupRun.State.PROPOSED


def test_a_deadline_lies_between_today_and_the_first_class(city: City, run_jobs: Callable[[], int]) -> None:
    from zhixing.base.problems import Invalid

    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    for day in (dt.date(2020, 1, 1), class_run.starts_on):
        with pytest.raises(Invalid):
            actions.publish_run(run, reply_by=day, by=city.department)
