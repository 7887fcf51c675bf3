"""The home desk of each role: its one sentence, what waits, and nothing that lies outside the scope."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_city, make_class_run, make_department, make_person, make_unit
from zhixing.callups.models import Callup, CallupRun
from zhixing.obligations.actions import install_shipped_policy, refresh_standings
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.portal.desks import desk_for
from zhixing.portal.navigation import navigation_for, phone_bar_for
from zhixing.timetables.actions import lay_out_sessions

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Unit:
    install_shipped_policy()
    return make_city()


@pytest.fixture
def admin(city: Unit) -> Account:
    return make_department(city)


def call(person: Person, class_run: ClassRun, admin: Account) -> Callup:
    run = CallupRun.objects.create(name="调训", on=timezone.localdate(), by_id=admin.pk)
    reply_by = timezone.localdate() + dt.timedelta(days=3)
    return Callup.objects.create(
        run=run, person=person, class_run=class_run, unit=person.unit, state="sent", seat=1, reply_by=reply_by
    )


def coming(**fields: object) -> ClassRun:
    start = timezone.localdate() + dt.timedelta(days=7)
    return make_class_run("基层治理专题班", starts_on=start, ends_on=start, **fields)


def test_the_department_reads_how_many_people_will_be_overdue(city: Unit, admin: Account) -> None:
    for _ in range(3):
        make_person(city)
    refresh_standings(None)
    assert desk_for(admin).answer.startswith("若不采取措施，3 人")


def test_the_department_counts_only_its_own_subtree(city: Unit) -> None:
    county, other = make_unit("青禾县", city), make_unit("望川区", city)
    make_person(county)
    make_person(other)
    refresh_standings(None)
    assert "1 人" in desk_for(make_account(Role.DEPARTMENT, county)).answer


def test_a_called_trainee_is_asked_to_reply_first(city: Unit, admin: Account) -> None:
    person = make_person(city)
    desk = desk_for(make_account(Role.TRAINEE, person=person))
    assert "没有学时要求" in desk.answer
    call(person, coming(), admin)
    desk = desk_for(make_account(Role.TRAINEE, person=make_person(city)))
    assert "基层治理" not in desk.answer
    desk = desk_for(Account.objects.get(person=person))
    assert "基层治理专题班" in desk.answer
    assert desk.deeds[0].url == reverse("callups:mine")


def test_a_trainee_reads_what_is_still_owed(city: Unit) -> None:
    person = make_person(city, joined_on=dt.date(2010, 1, 1))
    refresh_standings(None)
    assert "您还差" in desk_for(make_account(Role.TRAINEE, person=person)).answer


def test_a_liaison_reads_who_waits_for_a_reply_in_the_own_unit_only(city: Unit, admin: Account) -> None:
    own, other = make_unit("市财政局", city), make_unit("市教育局", city)
    class_run = coming()
    call(make_person(own, "顾清和"), class_run, admin)
    desk = desk_for(make_account(Role.LIAISON, own))
    assert desk.answer.startswith("1 人")
    assert [line.title for line in desk.groups[0].lines] == ["顾清和"]
    assert desk_for(make_account(Role.LIAISON, other)).answer == "没有待回执事项"


def test_a_teacher_reads_the_next_own_session(city: Unit, admin: Account) -> None:
    from zhixing.resources.models import Teacher

    account = make_account(Role.TEACHER)
    teacher = Teacher.objects.create(name="苏教授", group="school", account=account)
    class_run = coming()
    lay_out_sessions(class_run, by=admin)
    assert desk_for(account).answer == "近期没有课程"
    class_run.sessions.update(teacher=teacher)
    assert str(class_run.starts_on) in desk_for(account).answer


def test_every_role_has_a_desk_that_answers(city: Unit) -> None:
    school = make_unit("党校", city, Unit.Kind.SCHOOL)
    person = make_person(city)
    accounts = [
        make_account(role, school if role == Role.SCHOOL else city, person if role == Role.TRAINEE else None)
        for role in Role.values
    ]
    for account in accounts:
        client = Client()
        client.force_login(account, "allauth.account.auth_backends.AuthenticationBackend")
        page = client.get("/", follow=True)
        assert page.status_code == 200
        assert navigation_for(account, "/")[0]["items"][0]["active"]


def test_only_trainees_have_a_bar_on_the_phone(city: Unit, admin: Account) -> None:
    trainee = make_account(Role.TRAINEE, person=make_person(city))
    assert len(phone_bar_for(trainee, "/")) == 5
    assert phone_bar_for(admin, "/") == []


def test_only_the_innermost_place_is_the_current_one(admin: Account) -> None:
    items = [item for section in navigation_for(admin, reverse("people:units")) for item in section["items"]]
    assert [item["url"] for item in items if item["active"]] == [reverse("people:units")]
