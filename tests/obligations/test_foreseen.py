"""What is stored about the end of the year is what the engine says of that day, whoever is refreshed and however often."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_account, make_city, make_entry, make_person, make_policy, make_unit
from tests.obligations.test_standings import NATIONAL, populate
from tests.obligations.texts import CITY
from zhixing.engine.obligations.bulk import bulk
from zhixing.obligations.actions import refresh_standings
from zhixing.obligations.actions.reminders import remind
from zhixing.obligations.models import Exemption, Foreseen, Policy, Standing, StandingCount
from zhixing.obligations.problem import tables_for
from zhixing.obligations.queries.board import board_for
from zhixing.obligations.queries.policies import rules_of
from zhixing.people.models import Person, Posting, Role, Unit

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 24)
YEAR_END = dt.date(2026, 12, 31)
ROLLING = """
[policy]
code = "rolling"
in_force_from = 2020-01-01
[[rule]]
code = "rolling"
ranks = ["乡科级正职"]
window = "rolling_five_years"
hours = 300
channels = ["offjob"]
remind_days = [40]
[[rule]]
code = "annual"
ranks = ["乡科级正职"]
window = "year"
hours = 90
channels = ["offjob"]
remind_days = [40]
"""
Duty = tuple[int, str, dt.date, dt.date, int, int, int]


@pytest.fixture
def unit() -> Unit:
    return make_unit(parent=make_city())


def stored() -> list[Duty]:
    names = (
        "person_id",
        "rule",
        "window_opens",
        "window_closes",
        "required_tenths",
        "counted_tenths",
        "missing_tenths",
    )
    return list(Foreseen.objects.order_by("person_id", "rule").values_list(*names))


def said_by_the_engine(on: dt.date = YEAR_END) -> list[Duty]:
    inputs = tables_for()
    rules = rules_of(Policy.objects.get())
    rows = bulk(inputs.people, inputs.postings, inputs.credits, inputs.exemptions, rules, on).to_pylist()
    names = (
        "person_id",
        "rule",
        "window_opens",
        "window_closes",
        "required_tenths",
        "counted_tenths",
        "missing_tenths",
    )
    return [tuple(row[name] for name in names) for row in rows if row["state"] == "overdue"]


class Town:
    """Of the year's end each knows something that today does not show."""

    def __init__(self, unit: Unit) -> None:
        old, lately = dt.date(2021, 12, 10), dt.date(2026, 5, 1)
        make_policy(ROLLING)
        self.loses = self.person(unit, (old, 2500), (lately, 900))  # the old hours drop out on 9 December
        self.keeps = self.person(unit, (lately, 3000))
        self.leaves = make_person(unit, left_on=dt.date(2026, 12, 15))
        self.booked = self.person(unit, (lately, 2500), (dt.date(2026, 12, 10), 500))
        self.behind = make_person(unit)
        self.exempt = make_person(unit)
        for rule in ("rolling", "annual"):
            Exemption.objects.create(
                person=self.exempt,
                rule=rule,
                from_on=dt.date(2020, 1, 1),
                to_on=YEAR_END,
                reason="援藏",
                recorded_at=timezone.now(),
            )
        self.comes = make_person(unit, joined_on=dt.date(2026, 12, 1))
        self.rises = make_person(unit, rank="试用期")
        Posting.objects.filter(person=self.rises).update(to_on=dt.date(2026, 11, 30))
        rise = {"unit": unit, "from_on": dt.date(2026, 12, 1), "is_principal": True}
        Posting.objects.create(person=self.rises, rank="乡科级正职", **rise)

    def person(self, unit: Unit, *entries: tuple[dt.date, int]) -> Person:
        person = make_person(unit)
        for earned_on, tenths in entries:
            make_entry(person, earned_on, tenths)
        return person


@pytest.fixture
def town(unit: Unit) -> Town:
    return Town(unit)


def test_what_is_stored_is_what_the_bulk_engine_says_of_that_day(town: Town, unit: Unit) -> None:
    refresh_standings(on=ON)
    assert stored() == said_by_the_engine()
    overdue = {town.loses.pk, town.behind.pk, town.comes.pk, town.rises.pk}
    assert {duty[0] for duty in stored()} == overdue
    assert board_for(make_account(Role.LIAISON, unit), {}).due == len(overdue)


def test_on_the_day_itself_the_same_people_are_overdue(town: Town) -> None:
    refresh_standings(on=ON)
    foreseen = stored()
    refresh_standings(on=YEAR_END)
    overdue = Standing.objects.filter(state=Standing.State.OVERDUE).order_by("person_id", "rule")
    assert [(one.person_id, one.rule, one.missing_tenths) for one in overdue] == [
        (person, rule, missing) for person, rule, _opens, _closes, _required, _counted, missing in foreseen
    ]
    assert stored() == foreseen


def test_who_has_no_duty_today_is_counted_with_the_others_and_held_to_nothing(town: Town, unit: Unit) -> None:
    refresh_standings(on=ON)
    held = {town.comes.pk, town.rises.pk} & set(Standing.objects.values_list("person", flat=True))
    board = board_for(make_account(Role.LIAISON, unit), {})
    assert (held, board.people, board.due) == (set(), 6, 4)
    assert sum(line.due for line in board.ranks) == board.due


def test_the_rules_of_that_day_are_those_in_force_then(unit: Unit) -> None:
    make_policy(CITY)
    stricter = make_policy(CITY.replace("2026-01-01", "2026-12-01").replace("hours = 90", "hours = 120"))
    make_entry(make_person(unit, rank="", grade="一级主任科员"), dt.date(2026, 3, 1), 900)
    refresh_standings(on=ON)
    assert Standing.objects.get().state == Standing.State.MET
    assert (Foreseen.objects.get().policy, Foreseen.objects.get().missing_tenths) == (stricter, 300)


def test_refreshing_who_was_touched_stores_what_refreshing_everyone_stores(town: Town) -> None:
    refresh_standings(on=ON)
    make_entry(town.behind, dt.date(2026, 6, 1), 3000)
    make_entry(town.comes, dt.date(2026, 12, 20), 3000)
    Person.objects.filter(pk=town.keeps.pk).update(left_on=dt.date(2026, 12, 20))
    touched = [town.behind.pk, town.comes.pk, town.keeps.pk]
    refresh_standings(touched, on=ON)
    found = rows()
    refresh_standings(on=ON)
    assert rows() == found
    assert not {one for one in found[0] if one[0] in touched}


def rows() -> tuple[list[tuple[object, ...]], set[tuple[object, ...]]]:
    names = [field.attname for field in Foreseen._meta.concrete_fields if field.attname not in ("id", "person_id")]
    foreseen = list(Foreseen.objects.order_by("person_id", "rule").values_list("person_id", *names))
    return foreseen, set(StandingCount.objects.values_list("unit", "rank", "rule", "state", "people"))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), on=st.dates(dt.date(2022, 1, 1), dt.date(2026, 12, 31)))
def test_few_and_many_are_foreseen_alike(seed: int, on: dt.date) -> None:
    with transaction.atomic():
        populate(random.Random(seed), make_city(), 25)
        make_policy(NATIONAL)
        refresh_standings(on=on)
        by_reference = rows()
        assert stored() == said_by_the_engine(dt.date(on.year, 12, 31))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("zhixing.obligations.problem.FEW", 0)
            refresh_standings(on=on)
        assert rows() == by_reference
        transaction.set_rollback(True)


def test_nobody_is_reminded_of_the_years_end_who_will_have_left_or_whose_hours_are_booked(
    town: Town, unit: Unit
) -> None:
    town.person(unit, (dt.date(2026, 12, 11), 900))
    refresh_standings(on=ON)
    remind(ON)
    reminded = set(Person.objects.filter(reminders__rule="annual").values_list("pk", flat=True))
    assert reminded == {town.behind.pk}
