"""A running search on its page: what the list is so far, the button that takes it, and the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from tests.callups.city import REPLY_BY, City, make_city, terms_of
from tests.callups.test_pages import signed_in
from tests.factories import make_account
from zhixing.base import jobs
from zhixing.base.models import Job
from zhixing.callups import actions
from zhixing.callups.actions import proposals
from zhixing.callups.models import CallupRun
from zhixing.people.models import Role

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def city() -> City:
    made = make_city(people=6)
    actions.create_run("试算", [made.class_run(seats_max=4)], by=made.department, terms=terms_of(), seconds=5)
    return made


class Heard(jobs.Handle):
    """A handle that keeps what the search says of its list on the way, as the page would read it."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.said: list[dict[str, float]] = []

    def progress(self, done: int, total: int, note: str = "", so_far: object = None) -> None:
        if so_far:
            self.said.append(dict(so_far))  # type: ignore[call-overload]


def test_the_search_says_how_many_seats_are_filled_and_how_much_better_a_list_can_be(city: City) -> None:
    run = CallupRun.objects.get()
    heard = Heard(actions.start_run(run, by=city.department))
    proposals.propose(run, heard)
    assert heard.said[-1] == {"gap": pytest.approx(0.0, abs=1e-6), "seats": 4}
    assert all(0 <= one["seats"] <= 4 for one in heard.said)


def test_seats_of_other_lists_are_not_counted_as_filled(city: City, run_jobs: Jobs) -> None:
    first = CallupRun.objects.get()
    actions.start_run(first, by=city.department)
    run_jobs()
    first.refresh_from_db()
    actions.publish_run(first, reply_by=REPLY_BY, by=city.department)
    run_jobs()
    later = actions.create_run(
        "再算", [city.class_run(weeks=4, seats_max=2)], by=city.department, terms=terms_of(), seconds=5
    )
    heard = Heard(actions.start_run(later, by=city.department))
    proposals.propose(later, heard)
    assert heard.said[-1]["seats"] == 2


def test_the_card_shows_the_list_so_far_and_loads_the_page_anew_at_the_end(city: City, run_jobs: Jobs) -> None:
    run = CallupRun.objects.get()
    job = actions.start_run(run, by=city.department)
    desk, url = signed_in(city.department), reverse("callups:live", args=[run.pk])
    assert desk.get(url)["Location"] == reverse("callups:run", args=[run.pk])
    waiting = desk.get(url, headers=HTMX).content.decode()
    assert "尚无名单" in waiting
    assert "共 4 个名额" in waiting
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, result={"gap": 0.0123, "seats": 3}, progress_note="目前最好"
    )
    running = desk.get(url, headers=HTMX).content.decode()
    assert "1.23%" in running
    assert "停止，采用目前最好的名单" in running
    desk.post(reverse("callups:move", args=[run.pk, "stop"]))
    assert "正在停止求解" in desk.get(url, headers=HTMX).content.decode()
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    run_jobs()
    ended = desk.get(url, headers=HTMX)
    assert ended["HX-Refresh"] == "true"


def test_only_planners_see_the_card_and_an_auditor_has_no_button(city: City) -> None:
    run = CallupRun.objects.get()
    actions.start_run(run, by=city.department)
    url = reverse("callups:live", args=[run.pk])
    assert signed_in(city.liaison).get(url, headers=HTMX).status_code == 404
    seen = signed_in(make_account(Role.AUDITOR, city.root)).get(url, headers=HTMX).content.decode()
    assert "live-stop" not in seen
    assert "live-title" in seen
