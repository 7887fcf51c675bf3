"""Class runs with fewer people than they need: shown on the desk, the lists and the pages, with what can be done, and told once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.attendance.school import make_callup
from tests.factories import make_account, make_city, make_class_run, make_department, make_person, make_unit
from zhixing.base.models import Notice
from zhixing.callups.actions import withdraw_callup
from zhixing.callups.models import Callup, CallupRun
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.plans.short import is_short, short_among, with_held

pytestmark = pytest.mark.django_db


class School:
    """A class run of next week with three people called, and the department that called them."""

    def __init__(self, least: int) -> None:
        self.city = make_city()
        self.today = timezone.localdate()
        self.class_run = make_class_run(
            "年轻干部培训班",
            starts_on=self.today + dt.timedelta(days=7),
            state=ClassRun.State.CALLED,
            seats_min=least,
        )
        self.callups = [
            make_callup(self.class_run, make_person(self.city), Callup.State.ACCEPTED, seat) for seat in (1, 2, 3)
        ]
        CallupRun.objects.update(
            state=CallupRun.State.PUBLISHED, published_at=timezone.now(), reply_by=self.today, by_id=1
        )
        for run in CallupRun.objects.all():
            run.class_runs.add(self.class_run)
        self.department = make_department(self.city)

    def read(self, url: str, account: Account | None = None) -> str:
        client = Client()
        client.force_login(account or self.department)
        return client.get(url, headers={"Accept-Language": "zh-hans"}).content.decode()

    def short(self) -> list[ClassRun]:
        return list(short_among(ClassRun.objects.all(), self.today))


@pytest.mark.parametrize(("least", "short"), [(0, False), (3, False), (4, True)])
def test_a_class_run_is_short_when_it_holds_fewer_than_its_fewest(least: int, short: bool) -> None:
    school = School(least)
    held = with_held(ClassRun.objects.all()).get()
    assert held.held == 3
    assert is_short(held, school.today) is short
    assert bool(school.short()) is short


def test_who_lost_the_seat_is_not_counted_and_what_has_begun_is_not_short() -> None:
    school = School(least=3)
    Callup.objects.filter(pk=school.callups[0].pk).update(state=Callup.State.EXCUSED, seat=None)
    assert school.short() == [school.class_run]
    for fields in ({"state": ClassRun.State.OPEN}, {"starts_on": school.today - dt.timedelta(days=1)}):
        changed = School(least=4)
        ClassRun.objects.filter(pk=changed.class_run.pk).update(**fields)
        assert changed.class_run not in changed.short()


def test_the_desk_leads_to_the_list_of_short_class_runs() -> None:
    school = School(least=4)
    other = make_class_run("满员班", starts_on=school.class_run.starts_on, state=ClassRun.State.CALLED)
    url = f"{reverse('plans:class_runs')}?year={school.class_run.year}&called=short"
    assert url.replace("&", "&amp;") in school.read(reverse("portal:home"))
    shown = school.read(url)
    assert school.class_run.name in shown
    assert other.name not in shown
    assert "低于最少人数 4" in shown


def test_how_many_are_called_stands_in_the_list_for_staff_only() -> None:
    school = School(4)
    client, url = Client(headers={"Accept-Language": "zh-hans"}), reverse("plans:class_runs")
    for role, shown in ((Role.DEPARTMENT, True), (Role.AUDITOR, True), (Role.SCHOOL, True), (Role.LIAISON, False)):
        client.force_login(make_account(role, school.city))
        page = client.get(url).content.decode()
        assert ("年轻干部培训班" in page, "sort=held" in page, "低于最少人数" in page) == (True, shown, shown), role


def test_the_page_says_how_many_are_needed_and_offers_to_call_or_to_cancel() -> None:
    school = School(least=4)
    page = reverse("plans:class_run", args=[school.class_run.pk])
    shown = school.read(page)
    assert "最少 4 人" in shown
    assert "低于最少人数 4" in shown
    assert reverse("callups:latest", args=[school.class_run.pk]) in shown
    assert f"chosen={school.class_run.pk}" in shown
    assert 'href="#more"' in shown
    liaison = make_account(Role.LIAISON, make_unit("市水务局", school.city))
    assert "低于最少人数" not in school.read(page, liaison)


def test_the_institution_reads_the_warning_without_the_deeds_of_the_department() -> None:
    school = School(least=4)
    institution = make_unit("市委党校", school.city, kind=Unit.Kind.SCHOOL)
    ClassRun.objects.update(institution=institution)
    shown = school.read(reverse("plans:class_run", args=[school.class_run.pk]), make_account(Role.SCHOOL, institution))
    assert "低于最少人数 4" in shown
    assert "chosen=" not in shown


def test_a_class_run_leads_to_the_list_of_the_run_that_called_last() -> None:
    school = School(least=4)
    client = Client()
    client.force_login(school.department)
    answer = client.get(reverse("callups:latest", args=[school.class_run.pk]))
    last = CallupRun.objects.order_by("-pk").first()
    assert last is not None
    assert answer.headers["Location"] == reverse("callups:class_list", args=[last.pk, school.class_run.pk])
    listed = school.read(answer.headers["Location"])
    assert "低于最少人数 4" in listed
    board = school.read(f"{reverse('callups:run', args=[last.pk])}?seats=short")
    assert "低于最少人数 4" in board


def test_the_department_is_told_once_when_the_person_leaves_whom_the_class_needed() -> None:
    school = School(least=3)
    told = Notice.objects.filter(kind="callups.short", recipient_id=school.department.pk)
    withdraw_callup(school.callups[0], "工作变动", by=school.department)
    assert told.count() == 1
    assert "2 人" in told.get().text
    withdraw_callup(school.callups[1], "工作变动", by=school.department)
    assert told.count() == 1


@pytest.mark.parametrize(("days", "offered"), [(1, True), (0, False), (-1, False)])
def test_nobody_is_offered_to_call_people_up_for_a_class_run_that_has_begun(days: int, offered: bool) -> None:
    school = School(least=0)
    ClassRun.objects.update(state=ClassRun.State.OPEN, starts_on=school.today + dt.timedelta(days=days))
    page = school.read(reverse("plans:class_run", args=[school.class_run.pk]))
    assert (f"chosen={school.class_run.pk}" in page) is offered
