"""No seat is given twice and no hard rule broken, however many answer and decide at once."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from django.db import connections

from tests.callups.city import City, make_city
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Problem
from zhixing.callups import actions
from zhixing.callups.models import BEYOND, Callup, CallupRun, Reply
from zhixing.callups.queries import callups_of, reply_for
from zhixing.plans.models import ClassRun

Jobs = Callable[[], int]
THREADS = 50


def published(run_jobs: Jobs) -> tuple[City, CallupRun]:
    """Two overlapping classes of 25 seats; 80 people of one unit, of whom 55 may be away in one week."""
    city = make_city()
    city.organ.away_max = 55
    city.organ.save(update_fields=("away_max",))
    for _ in range(80):
        city.person()
    classes = [city.class_run(seats_max=25), city.class_run(seats_max=25)]
    run = city.published(classes, run_jobs, callups_max=1)
    assert run.callups.count() == 50
    return city, run


def check(city: City, run: CallupRun) -> None:
    """Every seat has one holder, nobody has two classes, and each class is exactly full again."""
    held = Callup.objects.holding_a_seat().filter(class_run__in=run.class_runs.all())
    assert set(Counter(held.values_list("class_run_id", flat=True)).values()) == {25}
    assert len(set(held.values_list("class_run_id", "seat"))) == held.count() == 50
    assert len(set(held.values_list("person_id", flat=True))) == 50
    assert set(held.values_list("seat", flat=True)) == set(range(1, 26))


def together(deeds: Sequence[Callable[[], object]]) -> list[str]:
    """Run all deeds at one moment, each on a connection of its own; the names of the problems that they met."""
    gate = threading.Barrier(len(deeds))
    met: list[str] = []

    def run(deed: Callable[[], object]) -> None:
        try:
            gate.wait()
            deed()
        except Problem as problem:
            met.append(type(problem).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return met


@pytest.fixture
def needs_postgres(on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip(
            "SQLite lets one writer in at a time: fifty at once would only queue; the same runs one by one below"
        )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_decisions_at_once_give_every_seat_once(needs_postgres: None, run_jobs: Jobs) -> None:
    city, _run = published(run_jobs)
    replies = [
        actions.ask_leave(callup, reason=Reply.Reason.DUTY, by=city.liaison) for callup in callups_of(city.department)
    ]
    assert len(replies) == THREADS

    def approve(key: int) -> Callable[[], object]:
        return lambda: actions.decide_reply(reply_for(city.department, key), approved=True, by=city.department)

    assert together([approve(reply.pk) for reply in replies]) == []
    held = Callup.objects.holding_a_seat()
    assert held.count() == 30
    assert len(set(held.values_list("class_run_id", "seat"))) == 30
    assert len(set(held.values_list("person_id", flat=True))) == 30
    assert Callup.objects.filter(state=Callup.State.EXCUSED).count() == 50


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_answers_at_once_to_one_call_up_leave_one(needs_postgres: None, run_jobs: Jobs) -> None:
    city, _run = published(run_jobs)
    callup = callups_of(city.department).first()
    assert callup is not None

    def accept() -> object:
        return actions.accept_callup(callups_of(city.liaison).get(pk=callup.pk), by=city.liaison)

    met = together([accept] * THREADS)
    assert len(met) == THREADS - 1
    assert set(met) <= {"Conflict", "Refused"}
    assert Reply.objects.filter(callup=callup).count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_answers_decisions_withdrawals_and_fillings_mix_at_once(needs_postgres: None, run_jobs: Jobs) -> None:
    city, run = published(run_jobs)
    callups = list(callups_of(city.department))
    asked = [actions.ask_leave(c, reason=Reply.Reason.DUTY, by=city.liaison) for c in callups[:10]]
    deeds: list[Callable[[], object]] = [
        lambda key=reply.pk: actions.decide_reply(reply_for(city.department, key), approved=True, by=city.department)
        for reply in asked
    ]
    deeds += [lambda c=c: actions.accept_callup(c, by=city.liaison) for c in callups[10:35]]
    deeds += [lambda c=c: actions.withdraw_callup(c, "计划调整", city.department) for c in callups[35:45]]
    deeds += [lambda c=c: actions.fill_free_seats(c.class_run, city.department) for c in callups[45:50]]
    assert together(deeds) == []
    check(city, run)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_run_published_by_fifty_at_once_is_published_by_one(needs_postgres: None, run_jobs: Jobs) -> None:
    from tests.callups.city import REPLY_BY

    city = make_city(people=20)
    run = city.solved([city.class_run(seats_max=10)], run_jobs)

    def publish() -> object:
        return actions.publish_run(CallupRun.objects.get(pk=run.pk), reply_by=REPLY_BY, by=city.department)

    assert len(together([publish] * THREADS)) == THREADS - 1
    assert Callup.objects.holding_a_seat().count() == 10


def beyond_the_seats(run_jobs: Jobs) -> tuple[City, list[Callup]]:
    """Five of a class that has twenty seats have none."""
    city, run = published(run_jobs)
    class_run = run.class_runs.order_by("pk")[0]
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=20)
    Callup.objects.filter(class_run=class_run, seat__gt=20).update(seat=None, code=BEYOND)
    Notice.objects.all().delete()
    return city, list(callups_of(city.department).filter(code=BEYOND))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_has_no_seat_is_released_once_while_workers_sweep_people_answer_and_registers_are_settled(
    needs_postgres: None, run_jobs: Jobs
) -> None:
    city, late = beyond_the_seats(run_jobs)
    begins = late[0].class_run.starts_on
    released: list[int] = []
    deeds: list[Callable[[], object]] = [lambda: released.append(actions.settle_beyond(begins))] * 6
    deeds += [lambda c=c: actions.accept_callup(c, by=city.liaison) for c in late[:3]]
    deeds += [lambda c=c: actions.finish_callup(c, False, None) for c in late[3:]]
    together(deeds)
    states = Counter(Callup.objects.filter(code=BEYOND).values_list("state", flat=True))
    assert len(released) == 6, "no sweep breaks off"
    assert sum(released) == states[Callup.State.RELEASED] >= 3
    assert sum(states.values()) == states[Callup.State.RELEASED] + states[Callup.State.NOT_COMPLETED] == 5
    assert AuditEntry.objects.filter(action="callups.released").count() == sum(released)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_that_sweep_at_once_remind_the_department_once(needs_postgres: None, run_jobs: Jobs) -> None:
    city, late = beyond_the_seats(run_jobs)
    before = late[0].class_run.starts_on - dt.timedelta(days=1)
    assert together([lambda: actions.settle_beyond(before)] * 8) == []
    assert list(Notice.objects.values_list("kind", "recipient_id")) == [("callups.beyond_soon", city.department.pk)]


@pytest.mark.django_db
def test_fifty_answers_one_after_the_other_keep_every_class_full(run_jobs: Jobs) -> None:
    city, run = published(run_jobs)
    callups = list(callups_of(city.department))
    for callup in callups[:15]:
        reply = actions.ask_leave(callup, reason=Reply.Reason.DUTY, by=city.liaison)
        actions.decide_reply(reply, approved=True, by=city.department)
    for callup in callups[15:30]:
        actions.withdraw_callup(callup, "计划调整", city.department)
    for callup in callups[30:]:
        actions.accept_callup(callup, by=city.liaison)
    check(city, run)
