"""Make-ups: one duty for each missed class, never two, and none without an end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.callups.city import City, make_city
from zhixing.base.models import Notice
from zhixing.callups import actions
from zhixing.callups.models import Callup, MakeUp, Reply

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
State, Cause = MakeUp.State, MakeUp.Cause


@pytest.fixture
def city() -> City:
    return make_city(people=1)


@pytest.fixture
def callup(city: City, run_jobs: Jobs) -> Callup:
    run = city.published([city.class_run(seats_max=1)], run_jobs)
    return run.callups.select_related("class_run", "unit", "person", "run").get()


def excused_again(city: City, callup: Callup, run_jobs: Jobs, weeks: int) -> Callup:
    """The person is excused and called again to make it up."""
    reply = actions.ask_leave(callup, reason=Reply.Reason.DUTY, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    run = city.published([city.class_run(weeks=weeks, seats_max=1)], run_jobs, callups_max=3)
    return run.callups.select_related("class_run", "unit", "person", "run").get()


def test_saying_it_again_corrects_the_figure_and_zero_closes_it(city: City, callup: Callup) -> None:
    city.trainee(callup.person)
    duty = actions.open_make_up(callup, 80, Cause.ATTENDANCE, None)
    assert duty is not None
    assert Notice.objects.filter(kind="callups.make_up_opened").count() == 1
    assert actions.open_make_up(callup, 80, Cause.ATTENDANCE, None) == duty
    assert actions.open_make_up(callup, 120, Cause.ATTENDANCE, None) == duty
    duty.refresh_from_db()
    assert (duty.tenths, duty.state) == (120, State.OPEN)
    actions.open_make_up(callup, 0, Cause.ATTENDANCE, None)
    duty.refresh_from_db()
    assert (duty.tenths, duty.state) == (0, State.CLOSED)
    actions.open_make_up(callup, 40, Cause.ATTENDANCE, None)
    duty.refresh_from_db()
    assert (duty.tenths, duty.state) == (40, State.OPEN)


def test_nothing_missed_opens_nothing(callup: Callup) -> None:
    assert actions.open_make_up(callup, 0, Cause.ATTENDANCE, None) is None
    assert not MakeUp.objects.exists()


def test_an_unknown_cause_is_a_mistake_of_the_program(callup: Callup) -> None:
    with pytest.raises(ValueError):
        actions.open_make_up(callup, 10, "weather", None)


def test_a_make_up_excused_again_stays_one_duty(city: City, callup: Callup, run_jobs: Jobs) -> None:
    second = excused_again(city, callup, run_jobs, weeks=5)
    assert MakeUp.objects.get().state == State.PLANNED
    third = excused_again(city, second, run_jobs, weeks=9)
    duty = MakeUp.objects.get()
    assert (duty.missed_id, duty.state, third.makes_up_id) == (callup.pk, State.PLANNED, duty.pk)


def test_a_make_up_not_completed_is_open_again_and_one(city: City, callup: Callup, run_jobs: Jobs) -> None:
    second = excused_again(city, callup, run_jobs, weeks=5)
    actions.open_make_up(second, 30, Cause.ATTENDANCE, None)
    actions.finish_callup(second, completed=False, by=city.department)
    actions.open_make_up(second, second.class_run.tenths, Cause.ATTENDANCE, None)
    assert MakeUp.objects.get(missed=callup).state == State.OPEN
    assert MakeUp.objects.get(missed=second).state == State.CLOSED


def test_a_withdrawn_make_up_call_up_opens_the_duty_again(city: City, callup: Callup, run_jobs: Jobs) -> None:
    second = excused_again(city, callup, run_jobs, weeks=5)
    actions.withdraw_callup(second, "班次调整", city.department)
    assert MakeUp.objects.get().state == State.OPEN


def test_completing_is_said_once(city: City, callup: Callup, run_jobs: Jobs) -> None:
    second = excused_again(city, callup, run_jobs, weeks=5)
    for _ in range(2):
        actions.finish_callup(second, completed=True, by=None)
    duty = MakeUp.objects.get()
    assert duty.state == State.CLOSED
    assert duty.is_made_up
    assert actions.open_make_up(callup, 999, Cause.ATTENDANCE, None) == duty
    duty.refresh_from_db()
    assert duty.tenths == callup.class_run.tenths
