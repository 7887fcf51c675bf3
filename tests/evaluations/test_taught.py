"""Means of courses and teachers: made by the worker when answers are in, so that the pages find them, and the same as those made on the spot."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.evaluations.test_consequences import BAD, GOOD, Scene
from zhixing.base import jobs
from zhixing.base.models import Job
from zhixing.engine.questionnaires import mean_of, mean_of_sums
from zhixing.evaluations.models import Reckoning, Sheet, Survey
from zhixing.evaluations.queries import taught
from zhixing.evaluations.queries.courses import evidence_for
from zhixing.evaluations.reckoning import reckon_taught, reckon_when_stale
from zhixing.people.models import Account, Role
from zhixing.resources.models import Teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    first, second = made.teacher("甲"), made.teacher("乙")
    for number, teacher in enumerate((first, second, first)):
        made.teach("好课", teacher, [one - number for one in GOOD])
        made.teach("差课", teacher, [one + 2 * number for one in BAD])
    return made


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a page reckons")

    monkeypatch.setattr(taught, "_corrected", refuse)


def test_the_pages_find_what_the_worker_made(scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    on_the_spot = evidence_for(scene.department)
    Reckoning.objects.all().delete()
    job = reckon_when_stale()
    assert job is not None
    jobs.perform(str(job.pk))
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE
    forbid(monkeypatch)
    assert evidence_for(scene.department) == on_the_spot
    factories.make_department(scene.city)  # somebody who could answer an appeal
    teacher = Teacher.objects.get(name="甲")
    session = Survey.objects.latest("pk").session_id
    for user in (scene.department, scene.office):
        client.force_login(user)
        for url in (
            reverse("evaluations:courses"),
            reverse("evaluations:course", args=[session]),
            reverse("evaluations:decide_course", args=[session]),
            reverse("evaluations:invitation", args=[teacher.pk]),
            reverse("evaluations:decide_invitation", args=[teacher.pk]),
        ):
            assert client.get(url).status_code == 200
    assert teacher.account
    client.force_login(teacher.account)
    assert client.get(reverse("evaluations:my_invitations")).status_code == 200


def test_a_page_does_not_wait_for_the_worker_where_marks_are_newer(scene: Scene) -> None:
    reckon_taught()
    before = evidence_for(scene.department)[scene.course("好课")]
    scene.teach("好课", None, BAD)
    after = evidence_for(scene.department)[scene.course("好课")]
    assert before.corrected
    assert after.corrected
    assert (before.sessions, after.sessions) == (3, 4)
    assert after.corrected.mean < before.corrected.mean - 5


def test_it_is_queued_once_and_only_where_there_is_something_new(scene: Scene) -> None:
    first = reckon_when_stale()
    assert first is not None
    assert reckon_when_stale() is None  # it waits in the queue
    jobs.perform(str(first.pk))
    assert reckon_when_stale() is None  # nothing is new
    scene.teach("好课", None, GOOD)
    second = reckon_when_stale()
    assert second is not None
    Job.objects.filter(pk=second.pk).update(state=Job.State.FAILED)
    assert reckon_when_stale() is None  # not again at every sweep
    Job.objects.filter(pk=second.pk).update(created_at=timezone.now() - dt.timedelta(hours=2))
    assert reckon_when_stale() is not None


def test_a_new_scope_is_reckoned_for(scene: Scene) -> None:
    reckon_taught()
    assert reckon_when_stale() is None
    factories.make_account(Role.SCHOOL, scene.school)  # of a scope that is known
    assert reckon_when_stale() is None
    factories.make_account(Role.SCHOOL, factories.make_unit("干部学院", scene.city))
    assert reckon_when_stale() is not None


def test_sums_tell_the_same_mean_as_the_sheets(scene: Scene) -> None:
    for of in taught.rated_sessions(scene.department):
        sheets = Sheet.objects.filter(survey__session=of.session).values_list("score", flat=True)
        scores = [one / 100 for one in sheets if one is not None]
        plain, summed = mean_of(scores), taught.raw_of([of])
        assert plain
        assert summed
        for name in ("n", "mean", "low", "high"):
            assert getattr(summed, name) == pytest.approx(getattr(plain, name), rel=1e-12)


@pytest.mark.parametrize("marks", [[], [7_777], [10_000] * 5, [0, 10_000], [3_333, 6_667, 9_999], [1] * 3 + [2]])
def test_the_mean_of_sums_is_that_of_the_marks(marks: list[int]) -> None:
    sums = mean_of_sums(len(marks), sum(marks), sum(one * one for one in marks))
    plain = mean_of([one / 100 for one in marks])
    if plain is None or sums is None:
        assert sums is plain is None
        return
    assert sums.n == plain.n
    assert sums.mean == pytest.approx(plain.mean)
    for end in ("low", "high"):
        one, other = getattr(sums, end), getattr(plain, end)
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other, abs=1e-9)


def test_nobody_reckons_for_accounts_that_are_closed(scene: Scene) -> None:
    Account.objects.filter(pk=scene.office.pk).update(is_active=False)
    assert reckon_taught() == {"scopes": 1}


def test_hundreds_of_occasions_are_shown_page_by_page(scene: Scene, client: Client) -> None:
    teacher = Teacher.objects.get(name="甲")
    for _n in range(22):
        scene.teach("好课", teacher, GOOD[:5])
    assert teacher.account
    client.force_login(teacher.account)
    url = reverse("evaluations:my_invitations")
    first, second = (client.get(url, {"page": page}).content.decode() for page in ("1", "2"))
    assert "第 1–20 项，共 26 项" in first
    assert "第 21–26 项，共 26 项" in second
    assert first.count("好课") > second.count("好课") > 0
    for page in ("x", "-1", "99", ""):  # the nearest there is
        assert client.get(url, {"page": page}).status_code == 200
    client.force_login(scene.department)
    session = Survey.objects.filter(title="好课").latest("pk").session_id
    assert "第 1–20 项，共 25 项" in client.get(reverse("evaluations:course", args=[session])).content.decode()
    assert "第 1–20 项，共 26 项" in client.get(reverse("evaluations:invitation", args=[teacher.pk])).content.decode()
