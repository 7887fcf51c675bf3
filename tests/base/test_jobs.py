"""Long work: claimed once, cancelled when asked, queued again when its worker died, given up after three tries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from tests.factories import make_account, make_city, make_department
from zhixing.base import jobs, notices
from zhixing.base.models import Job, Notice
from zhixing.base.problems import Conflict, NotFound
from zhixing.people.models import Role

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], int]
State = Job.State


@pytest.fixture
def ran() -> Iterator[list[int]]:
    """Three kinds of work that note that they ran."""
    seen: list[int] = []

    def count(handle: jobs.Handle, number: int) -> dict[str, int]:
        handle.progress(1, 2)
        handle.check()
        seen.append(number)
        return {"number": number}

    def refuse(handle: jobs.Handle) -> None:
        raise Conflict("someone was faster")

    def break_down(handle: jobs.Handle) -> None:
        raise ZeroDivisionError

    works = {"tests.count": count, "tests.refuse": refuse, "tests.break": break_down}
    for kind, function in works.items():
        jobs.work(kind)(function)
    yield seen
    for kind in works:
        jobs._works.pop(kind)


def test_work_is_done_once_and_keeps_its_result(ran: list[int], run_jobs: RunJobs) -> None:
    job = jobs.start("tests.count", label="x", by=None, number=7)
    run_jobs()
    jobs.perform(str(job.pk))
    job.refresh_from_db()
    assert (ran, job.state, job.result, job.percent) == ([7], State.DONE, {"number": 7}, 100)


def test_a_problem_ends_the_job_with_its_sentence(ran: list[int], run_jobs: RunJobs) -> None:
    job = jobs.start("tests.refuse", label="x", by=None)
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "someone was faster")


def test_a_bug_is_named_and_not_swallowed(ran: list[int]) -> None:
    job = jobs.start("tests.break", label="x", by=None)
    with pytest.raises(ZeroDivisionError):
        jobs.perform(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "ZeroDivisionError")


def test_waiting_work_is_cancelled_at_once_and_running_work_when_it_looks(ran: list[int], run_jobs: RunJobs) -> None:
    waiting = jobs.start("tests.count", label="x", by=None, number=1)
    jobs.cancel(waiting)
    running = jobs.start("tests.count", label="x", by=None, number=2)
    Job.objects.filter(pk=running.pk).update(cancel_asked=True)
    run_jobs()
    assert ran == []
    assert set(Job.objects.values_list("state", flat=True)) == {State.CANCELLED}


def test_silent_work_is_queued_again_and_given_up_after_three_tries(ran: list[int]) -> None:
    job = jobs.start("tests.count", label="x", by=None, number=1)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, heartbeat_at=long_ago, attempts=1)
    assert jobs.sweep() == 1
    job.refresh_from_db()
    assert job.state == State.QUEUED
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, heartbeat_at=long_ago, attempts=3)
    assert jobs.sweep() == 0
    job.refresh_from_db()
    assert job.state == State.FAILED


def test_breathing_work_is_left_alone(ran: list[int]) -> None:
    job = jobs.start("tests.count", label="x", by=None, number=1)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, heartbeat_at=timezone.now())
    assert jobs.sweep() == 0


def test_unknown_work_is_refused_before_it_is_queued() -> None:
    with pytest.raises(LookupError):
        jobs.start("tests.unknown", label="x", by=None)
    assert not Job.objects.exists()


def test_a_job_is_seen_by_its_owner_and_the_department(ran: list[int]) -> None:
    city = make_city()
    owner, other = make_account(Role.LIAISON, city), make_account(Role.LIAISON, city)
    job = jobs.start("tests.count", label="x", by=owner, number=1)
    assert jobs.seen_by(owner, str(job.pk)) == jobs.seen_by(make_department(city), str(job.pk)) == job
    with pytest.raises(NotFound):
        jobs.seen_by(other, str(job.pk))


def test_a_name_on_two_lines_stops_no_mail(mailoutbox: list[EmailMessage]) -> None:
    account = make_account(Role.LIAISON, make_city(), email="a@example.org")
    notices.tell([account], "x", "甲班\nBcc: b@example.org")
    notices.send_notices(jobs.Handle(Job.objects.get()))
    assert [(mail.subject, mail.recipients()) for mail in mailoutbox] == [
        ("甲班 Bcc: b@example.org", ["a@example.org"])
    ]


def test_a_notice_is_mailed_once(run_jobs: RunJobs, mailoutbox: list[object]) -> None:
    city = make_city()
    with_address = make_account(Role.LIAISON, city, email="a@example.org")
    without = make_account(Role.LIAISON, city)
    assert notices.tell([with_address, without], "callups", "请回执", text="…", link="/callups/mine/") == 2
    run_jobs()
    notices.send_notices(jobs.Handle(Job.objects.get()))
    assert [mail.to for mail in mailoutbox] == [["a@example.org"]]  # type: ignore[attr-defined]
    assert notices.unread(without.pk) == 1
    assert Notice.objects.exclude(emailed_at=None).count() == 1
