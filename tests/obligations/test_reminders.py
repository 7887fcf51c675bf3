"""Reminders: on the dates of the policy, once, to the person and the liaisons of the unit, and to nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_policy, make_unit
from zhixing.base.models import AuditEntry, Notice
from zhixing.engine import policies
from zhixing.obligations.actions import enqueue_refresh, refresh_standings
from zhixing.obligations.actions.reminders import GRACE, dates_due, remind
from zhixing.obligations.models import Reminder
from zhixing.people.models import Account, Person, Role, Unit

pytestmark = pytest.mark.django_db
POLICY = """
[policy]
code = "reminds"
in_force_from = 2020-01-01
[[rule]]
code = "annual"
title = "年度学时"
ranks = ["乡科级正职"]
window = "year"
hours = 90
channels = ["offjob"]
remind_days = [30, 90]
[[rule]]
code = "online"
title = "网络自学"
ranks = ["乡科级正职", "县处级副职"]
window = "year"
hours = 50
channels = ["online"]
remind_days = [30]
[[rule]]
code = "silent"
title = "不提醒"
ranks = ["乡科级正职"]
window = "year"
hours = 10
channels = ["study_group"]
"""
NINETY = dt.date(2026, 10, 2)
THIRTY = dt.date(2026, 12, 1)
"""The days before 31 December 2026."""


@dataclass
class Place:
    city: Unit
    unit: Unit
    person: Person
    account: Account
    liaison: Account
    elsewhere: Account


@pytest.fixture
def place() -> Place:
    city = make_city()
    unit, other = make_unit("市水务局", city), make_unit("市档案局", city)
    person = make_person(unit)
    make_policy(POLICY)
    return Place(
        city,
        unit,
        person,
        make_account(Role.TRAINEE, None, person),
        make_account(Role.LIAISON, unit),
        make_account(Role.LIAISON, other),
    )


def remind_on(day: dt.date) -> int:
    refresh_standings(None, day)
    return remind(day)


def told(account: Account) -> list[Notice]:
    return list(Notice.objects.filter(recipient_id=account.pk, kind__startswith="obligations.reminder"))


@pytest.mark.parametrize(
    ("day", "rules"),
    [
        (NINETY - dt.timedelta(days=1), set()),
        (NINETY, {"annual"}),
        (NINETY + dt.timedelta(days=GRACE), {"annual"}),
        (NINETY + dt.timedelta(days=GRACE + 1), set()),
        (THIRTY - dt.timedelta(days=1), set()),
        (THIRTY, {"annual", "online"}),
        (dt.date(2026, 12, 31), set()),
    ],
)
def test_only_on_the_dates_of_the_policy(place: Place, day: dt.date, rules: set[str]) -> None:
    assert remind_on(day) == bool(rules)
    assert set(Reminder.objects.values_list("rule", flat=True)) == rules


def test_a_person_hears_once_of_all_rules_and_not_again(place: Place) -> None:
    remind_on(THIRTY)
    (notice,) = told(place.account)
    assert "2026-12-31" in notice.title
    assert "年度学时" in notice.text
    assert "网络自学" in notice.text
    assert "90" in notice.text
    assert "不提醒" not in notice.text
    assert remind_on(THIRTY) == 0
    assert remind_on(THIRTY + dt.timedelta(days=1)) == 0
    assert len(told(place.account)) == 1


def test_every_date_of_the_policy_reminds_again(place: Place) -> None:
    assert (remind_on(NINETY), remind_on(THIRTY)) == (1, 1)
    assert sorted(Reminder.objects.filter(rule="annual").values_list("days", flat=True)) == [30, 90]


def test_who_misses_nothing_hears_nothing(place: Place) -> None:
    make_entry(place.person, dt.date(2026, 5, 1), 900)
    make_entry(place.person, dt.date(2026, 5, 1), 500, "online")
    assert remind_on(THIRTY) == 0
    assert not told(place.account)
    assert not told(place.liaison)


def test_a_liaison_hears_how_many_of_the_own_unit_and_no_name(place: Place) -> None:
    make_person(place.unit, rank="县处级副职")
    remind_on(THIRTY)
    (notice,) = told(place.liaison)
    assert "2" in notice.title
    assert "年度学时：1 人" in notice.text
    assert "网络自学：2 人" in notice.text
    assert place.person.name not in notice.title + notice.text
    assert not told(place.elsewhere)


def test_the_link_of_a_liaison_opens_the_people(place: Place, client: Client) -> None:
    remind_on(THIRTY)
    client.force_login(place.liaison)
    page = client.get(told(place.liaison)[0].link)
    assert place.person.name in page.content.decode()


def test_a_person_without_an_account_is_counted_for_the_liaison(place: Place) -> None:
    place.account.is_active = False
    place.account.save()
    assert remind_on(THIRTY) == 1
    assert not told(place.account)
    assert len(told(place.liaison)) == 1


def test_nobody_else_is_told(place: Place) -> None:
    department = make_department(place.city)
    remind_on(THIRTY)
    assert not told(department)
    trail = AuditEntry.objects.get(action="obligations.reminded")
    assert trail.details["people"] == 1


def test_standings_of_another_day_remind_of_nothing(place: Place) -> None:
    refresh_standings(None, THIRTY - dt.timedelta(days=20))
    assert remind(THIRTY) == 0


def test_without_a_policy_nobody_is_reminded() -> None:
    assert remind(THIRTY) == 0


def test_a_rule_later_in_the_document_does_not_remind_whom_an_earlier_one_of_its_code_holds() -> None:
    rule = '[[rule]]\ncode = "a"\nranks = {ranks}\nwindow = "year"\nhours = 9\nchannels = ["offjob"]\nremind_days = [{days}]\n'
    head = '[policy]\ncode = "p"\nin_force_from = 2020-01-01\n'
    text = head + rule.format(ranks='["甲"]', days=30) + rule.format(ranks='["甲", "乙"]', days=60)
    assert [(due.ranks, due.days) for due in dates_due(policies.parse(text), THIRTY)] == [(("甲",), 30), (("乙",), 60)]


@pytest.mark.parametrize(
    "days", ["30", "[]", "[0]", "[400]", "[30, 30]", "[1.5]", "[true]", '["30"]', "[1, 2, 3, 4, 5]"]
)
def test_dates_that_cannot_be_are_refused_with_their_line(days: str) -> None:
    with pytest.raises(policies.PolicyError) as refused:
        policies.parse(POLICY.replace("[30, 90]", days))
    (problem,) = refused.value.problems
    assert problem.line == 12
    assert problem.key.startswith("rule[1].remind_days")


def test_the_daily_refresh_reminds_and_a_posting_does_not(place: Place, run_jobs: Callable[[], int]) -> None:
    today = timezone.localdate()
    left = max(1, (dt.date(today.year, 12, 31) - today).days)
    make_policy(POLICY.replace("2020-01-01", "2021-01-01").replace("[30, 90]", f"[{left}]"))
    run_jobs()
    assert not Reminder.objects.exists()
    enqueue_refresh(None)
    run_jobs()
    enqueue_refresh([place.person.pk])
    run_jobs()
    assert set(Reminder.objects.values_list("person", "days", "on")) == {(place.person.pk, left, today)}
    assert len(told(place.account)) == 1
