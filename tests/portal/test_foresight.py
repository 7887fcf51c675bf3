"""What will happen if nothing is done, and which class runs of the plan would cure it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from tests.factories import (
    make_account,
    make_city,
    make_class_run,
    make_department,
    make_entry,
    make_person,
    make_policy,
    make_unit,
)
from tests.obligations.texts import CITY
from zhixing.obligations.actions import refresh_standings
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.portal.foresight import foresee

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
YEAR_END = dt.date(TODAY.year, 12, 31)
LATER = YEAR_END + dt.timedelta(days=30)
"""A day after every class run of these tests; the windows of the year have closed by then."""
SOON = TODAY + dt.timedelta(days=3)


@pytest.fixture(autouse=True)
def _in_english(client: Client) -> object:
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def city() -> Unit:
    """Three people behind in two units and one who is ready."""
    city = make_city()
    make_policy(CITY.replace("2026-01-01", f"{TODAY.year - 1}-01-01"))
    here, there = make_unit("财政局", parent=city), make_unit("教育局", parent=city)
    make_person(here)
    make_person(here)
    make_person(there)
    make_entry(make_person(there, rank="", grade="一级主任科员"), dt.date(TODAY.year, 1, 1), 900)
    refresh_standings(on=TODAY)
    return city


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def test_people_are_counted_once_by_unit(department: Account) -> None:
    seen = foresee(department, YEAR_END)
    assert (seen.people, [(one.name, one.people) for one in seen.units]) == (3, [("财政局", 2), ("教育局", 1)])
    assert foresee(department, YEAR_END - dt.timedelta(days=1)).people == 0


def test_only_open_future_runs_that_the_people_may_attend_and_need_cure_it(department: Account) -> None:
    fits = make_class_run("合适班", starts_on=SOON, seats_max=2, tenths=300)
    make_class_run("已开班", starts_on=TODAY - dt.timedelta(days=1))
    make_class_run("草稿班", starts_on=SOON, state=ClassRun.State.DRAFT)
    make_class_run("无人班", starts_on=SOON, ranks=["县处级正职"])
    make_class_run("自学班", starts_on=SOON, channel="self_study")
    make_class_run("迟到班", starts_on=LATER)
    (cure,) = foresee(department, LATER).cures
    assert (cure.class_run, cure.free, cure.eligible, cure.takes, cure.tenths) == (fits, 2, 3, 2, 600)


def test_the_page_leads_to_a_callup_run_with_these_class_runs_chosen(client: Client, department: Account) -> None:
    fits = make_class_run("合适班", starts_on=SOON)
    other = make_class_run("别的班", starts_on=SOON, ranks=["县处级正职"])
    client.force_login(department)
    page = client.get(reverse("portal:foresight"), {"on": LATER.isoformat()}).content.decode()
    address = f"{reverse('callups:create')}?year={SOON.year}&amp;chosen={fits.pk}"
    assert address in page
    assert "<strong>3</strong> people will be overdue" in page
    form = client.get(address.replace("&amp;", "&")).content.decode()
    assert f'value="{fits.pk}" checked' in form
    assert f'value="{other.pk}" checked' not in form
    assert client.get(reverse("portal:foresight"), {"on": "soon"}).status_code == 422


def test_nothing_outside_the_scope_is_counted(client: Client, city: Unit) -> None:
    liaison = make_account(Role.LIAISON, Unit.objects.get(name="教育局"))
    make_class_run("合适班", starts_on=SOON)
    assert (foresee(liaison, LATER).people, foresee(liaison, LATER).cures) == (1, [])
    client.force_login(liaison)
    assert "财政局" not in client.get(reverse("portal:foresight")).content.decode()
    for account in (make_account(Role.SCHOOL, city), make_account(Role.TEACHER)):
        client.force_login(account)
        assert client.get(reverse("portal:foresight")).status_code == 403


def test_a_liaison_of_one_unit_is_led_to_the_people(city: Unit, client: Client) -> None:
    client.force_login(make_account(Role.LIAISON, Unit.objects.get(name="财政局")))
    address = f"{reverse('obligations:standing_list')}?due=1"
    assert address in client.get(reverse("portal:foresight"), {"on": YEAR_END.isoformat()}).content.decode()
    assert address not in client.get(reverse("portal:foresight"), {"on": LATER.isoformat()}).content.decode()
