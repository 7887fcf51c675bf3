"""What will happen if nothing is done, and which class runs of the plan would cure it."""

from __future__ import annotations

import datetime as dt
from typing import Any

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
from zhixing.callups.models import Callup, CallupRun
from zhixing.obligations.actions import refresh_standings
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.portal import foresight
from zhixing.portal.foresight import Cure, Foresight, Seated, foresee

pytestmark = pytest.mark.django_db
TODAY = dt.date(timezone.localdate().year + 1, 1, 15)
"""Of the coming year, so that its class runs lie ahead on whatever day the tests run."""
YEAR_END = dt.date(TODAY.year, 12, 31)
SOON = TODAY + dt.timedelta(days=20)
CONTENTS = f"""
[policy]
code = "contents"
in_force_from = {TODAY.year}-01-01
[[rule]]
code = "annual"
ranks = ["乡科级正职"]
window = "year"
hours = 90
channels = ["offjob", "study_group"]
caps = {{ study_group = 24 }}
[[rule.minimum]]
title = "党性教育"
channels = ["offjob"]
contents = ["party_spirit"]
hours = 20
"""


@pytest.fixture(autouse=True)
def _in_english(client: Client) -> object:
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def city() -> Unit:
    """Three people behind in two units and one who is ready."""
    city = make_city()
    make_policy(
        CITY.replace("2026-01-01", f"{TODAY.year - 1}-01-01")
        .replace('"online", "study_group"', '"study_group"')
        .replace("caps = { online = 20 }\n", "")
    )
    here, there = make_unit("财政局", parent=city), make_unit("教育局", parent=city)
    for unit in (here, here, there):
        make_entry(make_person(unit), dt.date(TODAY.year, 1, 2), 500, "online")
    make_entry(make_person(there, rank="", grade="一级主任科员"), dt.date(TODAY.year, 1, 1), 900)
    refresh_standings(on=TODAY)
    return city


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def seen_by(account: Account) -> Foresight:
    return foresee(account, TODAY)


def cures_of(account: Account) -> list[Cure]:
    cures = seen_by(account).cures
    assert cures is not None
    return cures


def seated_by(account: Account) -> Seated:
    seated = seen_by(account).seated
    assert seated is not None
    return seated


def numbers(cure: Cure) -> tuple[int, int, int, int]:
    return cure.free, cure.wholly, cure.partly, cure.takes


def seat(person: Person, class_run: ClassRun, number: int = 1, state: str = "accepted") -> Callup:
    run = CallupRun.objects.create(name="调训", on=TODAY)
    return Callup.objects.create(
        run=run, person=person, class_run=class_run, unit=person.unit, state=state, seat=number
    )


def test_people_are_counted_once_by_unit(department: Account) -> None:
    seen = seen_by(department)
    assert (seen.on, seen.people) == (YEAR_END, 3)
    assert [(one.name, one.people) for one in seen.units] == [("财政局", 2), ("教育局", 1)]


def test_only_open_future_runs_that_the_people_may_attend_and_need_cure_it(department: Account) -> None:
    fits = make_class_run("合适班", starts_on=SOON, seats_max=2, tenths=900)
    make_class_run("已开班", starts_on=TODAY - dt.timedelta(days=1))
    make_class_run("草稿班", starts_on=SOON, state=ClassRun.State.DRAFT)
    make_class_run("无人班", starts_on=SOON, ranks=["县处级正职"])
    make_class_run("自学班", starts_on=SOON, channel="self_study")
    make_class_run("跨年班", starts_on=YEAR_END)
    (cure,) = cures_of(department)
    assert (cure.class_run, numbers(cure)) == (fits, (2, 3, 0, 2))


def test_a_class_run_of_few_hours_cures_only_partly(department: Account) -> None:
    make_class_run("短班", starts_on=SOON, tenths=300)
    (cure,) = cures_of(department)
    assert (cure.wholly, cure.partly) == (0, 3)


def test_who_lacks_under_two_rules_is_cured_wholly_only_when_both_are_met(department: Account, city: Unit) -> None:
    make_person(city)  # lacks the online hours as well
    refresh_standings(on=TODAY)
    make_class_run("长班", starts_on=SOON, tenths=900)
    (cure,) = cures_of(department)
    assert (cure.wholly, cure.partly) == (3, 1)


class TestContents:
    """Where the policy names contents, the content of the class run decides."""

    @pytest.fixture
    def of_contents(self, department: Account) -> Account:
        """One of the three has 70 of 90 hours, none of them of the content that is asked for."""
        make_policy(CONTENTS)
        make_entry(Person.objects.filter(unit__name="财政局")[0], dt.date(TODAY.year, 1, 3), 700, content="economy")
        refresh_standings(on=TODAY)
        return department

    def test_hours_of_another_content_do_not_serve_a_minimum(self, of_contents: Account) -> None:
        make_class_run("党性班", starts_on=SOON, tenths=200, content="party_spirit")
        make_class_run("经济班", starts_on=SOON, tenths=900, content="economy")
        party, other = cures_of(of_contents)
        assert (party.class_run.name, party.wholly, party.partly) == ("党性班", 1, 2)
        assert (other.class_run.name, other.wholly, other.partly) == ("经济班", 0, 2)

    def test_a_cap_limits_what_a_class_run_can_cure(self, of_contents: Account) -> None:
        make_class_run("中心组", starts_on=SOON, tenths=900, channel="study_group")
        (cure,) = cures_of(of_contents)
        assert (cure.wholly, cure.partly) == (0, 2)


class TestSeats:
    """Who has a seat already is said apart, and is not offered the same again."""

    def test_a_seat_that_cures_leaves_the_person_to_no_class_run(self, department: Account) -> None:
        one, other, _third = Person.objects.filter(foreseen__isnull=False).order_by("pk")
        long, short = (make_class_run(name, starts_on=SOON, tenths=t) for name, t in (("长班", 900), ("短班", 300)))
        seat(one, long)
        seat(other, short)
        seated = seated_by(department)
        assert (seen_by(department).people, seated.people, seated.wholly, seated.partly) == (3, 2, 1, 1)
        assert {cure.class_run: (cure.wholly, cure.partly) for cure in cures_of(department)} == {
            long: (2, 0),
            short: (0, 1),
        }

    def test_two_seats_count_together(self, department: Account) -> None:
        person = Person.objects.filter(foreseen__isnull=False)[0]
        for name, tenths in (("一班", 500), ("二班", 400)):
            seat(person, make_class_run(name, starts_on=SOON, tenths=tenths))
        assert (seated_by(department).people, seated_by(department).wholly) == (1, 1)

    def test_a_seat_whose_hours_do_not_count_is_said_to_help_nobody(self, department: Account) -> None:
        seat(Person.objects.filter(foreseen__isnull=False)[0], make_class_run(starts_on=SOON, channel="self_study"))
        assert seated_by(department).nothing == 1

    def test_of_a_class_run_under_way_only_the_days_to_come_count(self, department: Account) -> None:
        person = Person.objects.filter(foreseen__isnull=False)[0]
        under_way = make_class_run(starts_on=TODAY - dt.timedelta(days=1), tenths=1500)  # five days, three to come
        seat(person, under_way)
        assert (seated_by(department).people, seated_by(department).wholly) == (1, 1)
        ClassRun.objects.filter(pk=under_way.pk).update(tenths=1499)
        assert (seated_by(department).wholly, seated_by(department).partly) == (0, 1)

    def test_a_seat_after_the_years_end_or_given_up_is_none(self, department: Account) -> None:
        one, other = Person.objects.filter(foreseen__isnull=False)[:2]
        seat(one, make_class_run(starts_on=YEAR_END))
        callup = seat(other, make_class_run(starts_on=SOON))
        Callup.objects.filter(pk=callup.pk).update(state="withdrawn", seat=None)
        assert seated_by(department).people == 0

    def test_the_page_says_so(self, client: Client, department: Account) -> None:
        seat(Person.objects.filter(foreseen__isnull=False)[0], make_class_run(starts_on=SOON, tenths=900))
        client.force_login(department)
        page = client.get(reverse("portal:foresight")).content.decode()
        assert "1 of them has a seat in a class run that ends by then" in page


def test_the_page_leads_to_a_callup_run_with_these_class_runs_chosen(client: Client, department: Account) -> None:
    fits = make_class_run("合适班", starts_on=SOON)
    other = make_class_run("别的班", starts_on=SOON, ranks=["县处级正职"])
    client.force_login(department)
    page = client.get(reverse("portal:foresight")).content.decode()
    address = f"{reverse('callups:create')}?year={SOON.year}&amp;chosen={fits.pk}"
    assert address in page
    assert f"<strong>3</strong> people will be overdue on {YEAR_END}" in page
    form = client.get(address.replace("&amp;", "&")).content.decode()
    assert f'value="{fits.pk}" checked' in form
    assert f'value="{other.pk}" checked' not in form


def test_nothing_outside_the_scope_is_counted(client: Client, city: Unit) -> None:
    liaison = make_account(Role.LIAISON, Unit.objects.get(name="教育局"))
    make_class_run("合适班", starts_on=SOON)
    assert (seen_by(liaison).people, seen_by(liaison).cures) == (1, [])
    client.force_login(liaison)
    assert "财政局" not in client.get(reverse("portal:foresight")).content.decode()
    for account in (make_account(Role.SCHOOL, city), make_account(Role.TEACHER)):
        client.force_login(account)
        assert client.get(reverse("portal:foresight")).status_code == 403


def test_the_page_leads_to_the_people_whom_it_counts(department: Account, client: Client) -> None:
    client.force_login(department)
    address = reverse("obligations:foreseen_list")
    page = client.get(reverse("portal:foresight")).content.decode()
    unit = Unit.objects.get(name="财政局")
    assert f'href="{address}"' in page
    assert f'href="{address}?unit={unit.pk}"' in page
    assert "<strong>2</strong> duties of 2 people" in client.get(address, {"unit": unit.pk}).content.decode()


def test_of_too_many_people_only_the_stored_counts_are_shown(
    department: Account, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_class_run("合适班", starts_on=SOON)
    monkeypatch.setattr(foresight, "PEOPLE_MOST", 3)
    assert len(cures_of(department)) == 1
    monkeypatch.setattr(foresight, "PEOPLE_MOST", 2)
    seen = seen_by(department)
    assert (seen.people, len(seen.units), seen.seated, seen.cures) == (3, 2, None, None)
    client.force_login(department)
    page = client.get(reverse("portal:foresight")).content.decode()
    assert "only the counts are shown" in page
    assert "合适班" not in page
    assert "No class run of the plan cures it" not in page


def test_class_runs_of_one_target_group_are_asked_about_once(
    department: Account, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        make_class_run(f"第{n}班", starts_on=SOON, tenths=300 + n)
    with django_assert_max_num_queries(12):
        assert [cure.partly for cure in cures_of(department)] == [3] * 12


def test_figures_of_an_earlier_day_say_so(department: Account, client: Client) -> None:
    refresh_standings(on=timezone.localdate() - dt.timedelta(days=1))
    client.force_login(department)
    assert "of an earlier day" in client.get(reverse("portal:foresight")).content.decode()
