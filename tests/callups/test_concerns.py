"""Called people who leave, retire or move: flagged by a job, decided by the department."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.callups.city import SPRING, City, make_city
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups import actions
from zhixing.callups.models import Callup, CallupRun
from zhixing.people import actions as people
from zhixing.people.models import Person, Role

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
TODAY = dt.date.today()  # noqa: DTZ011  the actions ask the clock


@pytest.fixture
def city() -> City:
    return make_city(people=3)


def one_called(city: City, run_jobs: Jobs) -> Callup:
    """Of three people of the water bureau two are called, the third waits. Returns a call-up."""
    run: CallupRun = city.published([city.class_run(seats_max=2)], run_jobs)
    run_jobs()
    Notice.objects.all().delete()
    return fresh(run.callups.order_by("pk")[0])


def fresh(callup: Callup) -> Callup:
    return Callup.objects.select_related("person", "unit", "class_run", "run").get(pk=callup.pk)


def retire(person: Person, city: City, run_jobs: Jobs) -> None:
    people.end_service(person, last_day=TODAY - dt.timedelta(days=1), retired=True, by=city.department)
    run_jobs()


def move(person: Person, city: City, run_jobs: Jobs) -> None:
    people.add_posting(person, city.county, by=city.department, from_on=TODAY, rank=person.rank)
    run_jobs()


def signed_in(account: object) -> Client:
    client = Client()
    client.force_login(account)  # type: ignore[arg-type]
    return client


def test_who_retires_after_the_publication_comes_into_question(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    retire(callup.person, city, run_jobs)
    callup = fresh(callup)
    assert (callup.concern, callup.state) == (Callup.Concern.STATUS, Callup.State.SENT), (
        "nobody is withdrawn by software"
    )
    told = {notice.recipient_id for notice in Notice.objects.filter(kind="callups.in_question")}
    assert told == {city.department.pk, city.liaison.pk}
    assert Callup.objects.in_question().count() == 1


def test_a_withdrawal_settles_the_question_and_the_seat_goes_on(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    retire(callup.person, city, run_jobs)
    (called,) = actions.withdraw_callup(fresh(callup), "已退休", city.department)
    assert called.from_waiting
    assert called.person_id not in {callup.person_id}
    assert not Callup.objects.in_question().exists()


def test_a_call_up_that_stands_after_a_move_belongs_to_the_new_unit(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    move(callup.person, city, run_jobs)
    callup = fresh(callup)
    assert (callup.concern, callup.unit) == (Callup.Concern.UNIT, city.organ)
    actions.keep_callup(callup, "新单位同意", by=city.department)
    callup = fresh(callup)
    assert (callup.concern, callup.unit, callup.note) == ("", city.county, "新单位同意")
    actions.review_callups(None)
    assert not Callup.objects.in_question().exists()
    assert AuditEntry.objects.filter(action="callups.kept").count() == 1


def test_what_was_settled_does_not_come_again_but_another_change_does(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    retire(callup.person, city, run_jobs)
    actions.keep_callup(fresh(callup), "授课需要", by=city.department)
    assert actions.review_callups([callup.person_id]) == 0
    Person.objects.filter(pk=callup.person_id).update(status=Person.Status.SERVING, rank="省部级正职")
    assert actions.review_callups([callup.person_id]) == 1
    assert fresh(callup).concern == Callup.Concern.TARGET


def test_a_concern_that_is_over_is_taken_back(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    Person.objects.filter(pk=callup.person_id).update(status=Person.Status.SECONDED)
    assert actions.review_callups([callup.person_id]) == 1
    Person.objects.filter(pk=callup.person_id).update(status=Person.Status.SERVING)
    assert actions.review_callups(None) == 0
    assert fresh(callup).concern == ""


def test_classes_that_are_over_and_closed_call_ups_are_left_alone(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    Person.objects.filter(pk=callup.person_id).update(status=Person.Status.LEFT)
    assert actions.review_callups([callup.person_id], today=SPRING + dt.timedelta(days=30)) == 0
    actions.withdraw_callup(callup, "离职", city.department)
    assert actions.review_callups([callup.person_id]) == 0


def test_somebody_else_s_change_touches_nobody(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    move(city.person(city.organ), city, run_jobs)
    assert fresh(callup).concern == ""
    assert not Notice.objects.filter(kind="callups.in_question").exists()


def test_only_the_department_keeps_and_only_with_a_reason_and_a_question(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    with pytest.raises(Refused):
        actions.keep_callup(callup, "照常参训", by=city.department)
    move(callup.person, city, run_jobs)
    callup = fresh(callup)
    for account in (city.liaison, city.trainee(callup.person), factories.make_account(Role.AUDITOR, city.root)):
        with pytest.raises(Refused):
            actions.keep_callup(callup, "照常参训", by=account)
    with pytest.raises(Invalid):
        actions.keep_callup(callup, " ", by=city.department)
    stale = fresh(callup)
    actions.keep_callup(callup, "照常参训", by=city.department)
    with pytest.raises(Conflict):
        actions.keep_callup(stale, "照常参训", by=city.department)


def test_the_desk_the_list_and_the_page_show_what_happened_and_what_to_do(city: City, run_jobs: Jobs) -> None:
    callup = one_called(city, run_jobs)
    move(callup.person, city, run_jobs)
    path, said = reverse("callups:callup", args=[callup.pk]), f"{callup.person.name}由市水务局调至青石县。"
    for account in (city.department, city.liaison):
        client = signed_in(account)
        assert "存疑的调训" in client.get("/").content.decode()
        listed = client.get(reverse("callups:replies"), {"face": "changed"}).content.decode()
        assert said in listed
        page = client.get(path).content.decode()
        assert said in page
        assert ("建议撤回调训" in page) == account.is_department
    assert signed_in(city.liaison).post(reverse("callups:keep", args=[callup.pk]), {"note": "x"}).status_code == 403
    stranger = signed_in(city.trainee(city.people[-1] if city.people[-1] != callup.person else city.people[0]))
    assert stranger.post(reverse("callups:keep", args=[callup.pk]), {"note": "x"}).status_code == 404
    answer = signed_in(city.department).post(reverse("callups:keep", args=[callup.pk]), {"note": "新单位同意"})
    assert answer.status_code == 302
    assert fresh(callup).unit == city.county
    empty = signed_in(city.department).get(reverse("callups:replies"), {"face": "changed"}).content.decode()
    assert "没有存疑的调训" in empty
