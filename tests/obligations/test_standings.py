"""Stored standings: what the engine says, for a few as for many, of one day, counted for the board."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_policy, make_unit
from tests.obligations.texts import CITY
from zhixing.base.models import Job
from zhixing.base.problems import Refused
from zhixing.obligations.actions import (
    ask_refresh,
    enqueue_refresh,
    refresh_standings,
    refresh_when_stale,
    reverse_entry,
)
from zhixing.obligations.actions.standings import LOCK, MANY, TRIED_AGAIN
from zhixing.obligations.models import Channel, Exemption, Standing, StandingCount
from zhixing.obligations.problem import by_reference, facts_for, in_bulk, stand, tables_for
from zhixing.obligations.queries.policies import rules_of
from zhixing.people.models import Person, Posting, Role, Unit
from zhixing.people.signals import persons_changed

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 7, 1)
NATIONAL = """
[policy]
code = "all-kinds"
in_force_from = 2020-01-01
[[rule]]
code = "five"
ranks = ["县处级副职", "四级调研员"]
window = "five_years"
block_start = 2023
hours = 550
channels = ["offjob", "concentrated"]
prorate = "join"
[[rule]]
code = "rolling"
ranks = ["县处级副职", "乡科级正职"]
window = "rolling_five_years"
hours = 300
channels = ["offjob", "teaching"]
caps = { teaching = 30 }
[[rule]]
code = "annual"
ranks = ["乡科级正职", "一级科员"]
window = "year"
hours = 90
channels = ["offjob", "concentrated", "study_group"]
caps = { study_group = 24 }
prorate = "join"
[[rule]]
code = "promoted"
ranks = ["县处级副职", "乡科级正职", "四级调研员"]
window = "after_promotion"
hours = 110
channels = ["offjob"]
"""


@pytest.fixture
def city() -> Unit:
    return make_city()


def state_of(person: Person, rule: str = "annual") -> tuple[int, int, int, str]:
    found = Standing.objects.get(person=person, rule=rule)
    return found.required_tenths, found.counted_tenths, found.missing_tenths, found.state


def test_what_is_stored_is_what_the_engine_says(city: Unit) -> None:
    policy = make_policy(CITY)
    person = make_person(city)
    make_entry(person, dt.date(2026, 3, 6), 600)
    make_entry(person, dt.date(2026, 4, 1), 350, Channel.ONLINE)
    assert refresh_standings(on=ON) == 2
    assert state_of(person) == (900, 800, 100, "on_track")
    assert state_of(person, "online") == (500, 350, 150, "on_track")
    stored = Standing.objects.get(person=person, rule="annual")
    assert (stored.policy, stored.on, stored.capped_tenths) == (policy, ON, 150)
    assert (stored.window_opens, stored.window_closes) == (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def test_the_grade_stands_in_where_there_is_no_rank(city: Unit) -> None:
    make_policy(CITY)
    person = make_person(city, rank="", grade="一级主任科员")
    refresh_standings(on=ON)
    assert list(Standing.objects.values_list("person", "rule")) == [(person.pk, "annual")]


def test_who_has_left_or_holds_no_ruled_rank_has_no_row(city: Unit) -> None:
    make_policy(CITY)
    make_person(city, left_on=dt.date(2026, 6, 30))
    make_person(city, rank="试用期")
    make_person(city, joined_on=dt.date(2026, 8, 1))
    assert refresh_standings(on=ON) == 0


def test_a_cancelled_line_no_longer_counts(city: Unit) -> None:
    make_policy(CITY)
    person = make_person(city)
    entry = make_entry(person, dt.date(2026, 3, 6), 900)
    refresh_standings(on=ON)
    assert state_of(person)[3] == "met"
    reverse_entry(entry, "登记错人", make_department(city))
    refresh_standings([person.pk], on=ON)
    assert state_of(person) == (900, 0, 900, "short")


def test_a_withdrawn_exemption_does_not_count(city: Unit) -> None:
    make_policy(CITY)
    person = make_person(city)
    fields = {"rule": "annual", "from_on": dt.date(2026, 1, 1), "to_on": dt.date(2026, 12, 31), "reason": "援藏"}
    exemption = Exemption.objects.create(person=person, recorded_at=timezone.now(), **fields)
    refresh_standings(on=ON)
    assert state_of(person) == (0, 0, 0, "exempt")
    Exemption.objects.filter(pk=exemption.pk).update(withdrawn_at=timezone.now())
    refresh_standings(on=ON)
    assert state_of(person) == (900, 0, 900, "short")


def test_an_exemption_withdrawn_later_was_known_before(city: Unit) -> None:
    person = make_person(city)
    Exemption.objects.create(
        person=person,
        rule="annual",
        from_on=ON,
        to_on=ON,
        reason="援藏",
        recorded_at=timezone.make_aware(dt.datetime.fromisoformat("2026-03-01")),
        withdrawn_at=timezone.make_aware(dt.datetime.fromisoformat("2026-05-01")),
    )
    assert [
        len(facts_for([person.pk], known_on)[0].exemptions)
        for known_on in (dt.datetime.fromisoformat("2026-04-01"), None)
    ] == [
        1,
        0,
    ]


def test_a_few_are_refreshed_without_touching_the_others(city: Unit) -> None:
    make_policy(CITY)
    one, other = make_person(city), make_person(city)
    refresh_standings(on=ON)
    kept = Standing.objects.get(person=other, rule="annual").pk
    make_entry(one, dt.date(2026, 3, 6), 900)
    assert refresh_standings([one.pk], on=ON) == 2
    assert state_of(one)[3] == "met"
    assert Standing.objects.get(person=other, rule="annual").pk == kept


def test_the_first_refresh_of_a_new_day_is_everyones(city: Unit) -> None:
    make_policy(CITY)
    one = make_person(city)
    make_person(city)
    refresh_standings(on=ON)
    refresh_standings([one.pk], on=ON + dt.timedelta(days=1))
    assert set(Standing.objects.values_list("on", flat=True)) == {ON + dt.timedelta(days=1)}


def test_without_a_policy_in_force_nobody_stands_anywhere(city: Unit) -> None:
    make_policy(CITY)
    make_person(city)
    refresh_standings(on=ON)
    assert refresh_standings(on=dt.date(2025, 12, 31)) == 0
    assert not Standing.objects.exists()
    assert not StandingCount.objects.exists()


def test_the_counts_say_each_person_once_under_the_worst_state(city: Unit) -> None:
    make_policy(CITY)
    unit = make_unit(parent=city)
    behind, ready, away = (make_person(unit) for _ in range(3))
    make_entry(behind, dt.date(2026, 3, 6), 900)
    make_entry(ready, dt.date(2026, 3, 6), 900)
    make_entry(ready, dt.date(2026, 3, 6), 500, Channel.ONLINE)
    for rule in ("annual", "online"):
        Exemption.objects.create(
            person=away,
            rule=rule,
            from_on=dt.date(2026, 1, 1),
            to_on=dt.date(2026, 12, 31),
            reason="援藏",
            recorded_at=timezone.now(),
        )
    refresh_standings(on=ON)
    counts = {(c.rule, c.state): c.people for c in StandingCount.objects.filter(unit=unit)}
    assert set(StandingCount.objects.values_list("rule", "rank")) == {
        ("annual", ""),
        ("online", ""),
        ("", "乡科级正职"),
    }
    assert counts == {
        ("annual", "met"): 2,
        ("annual", "exempt"): 1,
        ("online", "short"): 1,
        ("online", "met"): 1,
        ("online", "exempt"): 1,
        ("online", "foreseen"): 1,
        ("", "short"): 1,
        ("", "met"): 1,
        ("", "exempt"): 1,
        ("", "foreseen"): 1,
    }


def test_a_unit_counts_its_own_people_and_all_below(city: Unit) -> None:
    make_policy(CITY)
    county = make_unit(parent=city)
    for unit in (city, county, county, make_unit(parent=county)):
        make_person(unit)
    refresh_standings(on=ON)
    for state in ("short", "foreseen"):
        counts = StandingCount.objects.filter(rule="", state=state)
        sums = dict(counts.values_list("unit").annotate(Sum("people")))
        assert (sums[city.pk], sums[county.pk], sorted(sums.values())) == (4, 3, [1, 3, 4])


def test_counts_are_seen_by_subtree(city: Unit) -> None:
    make_policy(CITY)
    here, there = make_unit(parent=city), make_unit(parent=city)
    make_person(here)
    make_person(there)
    refresh_standings(on=ON)
    seen = StandingCount.objects.visible_to(make_account(Role.LIAISON, here))
    assert set(seen.values_list("unit", flat=True)) == {here.pk}
    assert not StandingCount.objects.visible_to(make_account(Role.SCHOOL, city)).exists()


def test_changed_persons_queue_one_refresh(city: Unit, run_jobs: Callable[[], int]) -> None:
    make_policy(CITY)
    person = make_person(city)
    persons_changed.send(sender=None, person_ids=[person.pk])
    queued = Job.objects.filter(kind="obligations.refresh")
    assert queued.get().arguments == {"person_ids": [person.pk]}
    run_jobs()
    assert queued.get().result == {"standings": 2}
    assert set(Standing.objects.values_list("on", flat=True)) == {timezone.localdate()}


def test_a_new_day_asks_for_one_refresh_of_everyone(city: Unit) -> None:
    make_policy(CITY)
    make_person(city)
    refresh_standings(on=timezone.localdate() - dt.timedelta(days=1))
    job = refresh_when_stale()
    assert job is not None
    assert job.arguments == {"person_ids": None}
    assert refresh_when_stale() is None
    Job.objects.update(created_at=timezone.now() - dt.timedelta(days=1))
    refresh_standings()
    assert refresh_when_stale() is None


def test_the_first_day_of_a_policy_that_was_signed_ahead_asks_for_a_refresh(city: Unit) -> None:
    today = timezone.localdate()
    make_policy(CITY.replace("2026-01-01", (today + dt.timedelta(days=1)).isoformat()))
    make_person(city)
    enqueue_refresh(None)
    Job.objects.update(state=Job.State.DONE, created_at=timezone.now() - dt.timedelta(days=1))  # when it was signed
    assert refresh_when_stale() is None  # no policy holds yet
    make_policy(CITY.replace("2026-01-01", today.isoformat()))
    assert refresh_when_stale() is not None
    assert refresh_when_stale() is None


def test_without_people_nothing_awaits_a_refresh() -> None:
    make_policy(CITY)
    assert refresh_when_stale() is None


def test_a_policy_that_asks_nobody_for_anything_is_computed_once_a_day(city: Unit) -> None:
    make_policy(CITY)
    make_person(city, rank="试用期")
    assert refresh_when_stale() is not None
    refresh_standings()
    Job.objects.update(state=Job.State.DONE)
    assert refresh_when_stale() is None
    Job.objects.update(created_at=timezone.now() - dt.timedelta(days=1))
    assert refresh_when_stale() is not None


def test_a_snapshot_that_an_upgrade_aged_is_renewed_on_the_day_of_a_refresh(city: Unit) -> None:
    make_policy(CITY)
    make_person(city)
    refresh_standings()
    enqueue_refresh(None)
    Job.objects.update(state=Job.State.DONE)
    assert refresh_when_stale() is None
    Standing.objects.update(on=timezone.localdate() - dt.timedelta(days=1))  # as 0011_foreseen does
    assert refresh_when_stale() is not None


@pytest.mark.parametrize("state", [Job.State.FAILED, Job.State.CANCELLED])
def test_a_refresh_that_failed_is_tried_again_after_an_hour(city: Unit, state: str) -> None:
    make_policy(CITY)
    make_person(city)
    refresh_standings(on=timezone.localdate() - dt.timedelta(days=1))
    assert refresh_when_stale() is not None
    Job.objects.update(state=state)
    assert refresh_when_stale() is None
    Job.objects.update(created_at=timezone.now() - TRIED_AGAIN - dt.timedelta(minutes=1))
    assert refresh_when_stale() is not None


def test_many_changed_persons_are_everyone() -> None:
    assert enqueue_refresh(range(MANY)).arguments == {"person_ids": None}
    assert enqueue_refresh(None).arguments == {"person_ids": None}


def test_a_refresh_leads_to_the_board_only_whoever_may_open_it(city: Unit) -> None:
    """A school that closes a register starts one, and its list of work must not send it to a page that refuses it."""
    assert enqueue_refresh([], by=make_department(city)).link == reverse("obligations:standings")
    assert enqueue_refresh([], by=make_account(Role.SCHOOL, city)).link == ""


def test_the_desk_asks_for_a_new_snapshot_and_others_may_not(city: Unit) -> None:
    assert ask_refresh(make_department(city)).arguments == {"person_ids": None}
    for role in (Role.LIAISON, Role.AUDITOR, Role.SCHOOL, Role.TEACHER):
        with pytest.raises(Refused):
            ask_refresh(make_account(role, city))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_one_refresh_runs_at_a_time(city: Unit, on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite has one worker")
    make_policy(CITY)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            with transaction.atomic(), connection.cursor() as own:
                own.execute("SET LOCAL lock_timeout = '200ms'")
                with pytest.raises(Exception, match="lock timeout"), transaction.atomic():
                    refresh_standings(on=ON)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    finally:
        other.close()
    assert refresh_standings(on=ON) == 0


def populate(chance: random.Random, city: Unit, size: int) -> None:
    """People with every twist: late joiners, leavers, several postings, promotions, reversals, exemptions that overlap and are withdrawn."""

    def some_day() -> dt.date:
        return dt.date(2021, 1, 1) + dt.timedelta(days=chance.randrange(365 * 6))

    ranks = [("县处级副职", ""), ("", "四级调研员"), ("乡科级正职", "一级主任科员"), ("", "一级科员"), ("", "")]
    for _ in range(size):
        rank, grade = chance.choice(ranks)
        joined_on = chance.choice([dt.date(2010, 1, 1), some_day()])
        left_on = joined_on + dt.timedelta(days=chance.randrange(4000)) if chance.random() < 0.2 else None
        person = make_person(
            city,
            rank=rank,
            grade=grade,
            joined_on=joined_on,
            left_on=left_on,
            from_on=some_day(),
            promoted=chance.random() < 0.4,
        )
        for _ in range(chance.randrange(3)):
            began = some_day()
            Posting.objects.create(
                person=person,
                unit=city,
                rank=chance.choice(ranks)[0],
                from_on=began,
                to_on=began + dt.timedelta(days=chance.randrange(900)),
                is_principal=chance.random() < 0.7,
                promoted=chance.random() < 0.4,
            )
        for _ in range(chance.randrange(8)):
            entry = make_entry(person, some_day(), chance.randrange(0, 1200), chance.choice(Channel.values))
            if chance.random() < 0.2:
                reversal = {"reverses": entry, "reason": "更正", "source": "reversal"}
                make_entry(person, entry.earned_on, entry.tenths, entry.channel, **reversal)
        for _ in range(chance.randrange(3)):
            began = some_day()
            Exemption.objects.create(
                person=person,
                rule=chance.choice(["five", "rolling", "annual", "promoted"]),
                from_on=began,
                to_on=began + dt.timedelta(days=chance.randrange(500)),
                reason="援派",
                recorded_at=timezone.now(),
                withdrawn_at=timezone.now() if chance.random() < 0.3 else None,
            )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), on=st.dates(dt.date(2022, 1, 1), dt.date(2026, 12, 31)))
def test_few_and_many_are_computed_alike(seed: int, on: dt.date) -> None:
    with transaction.atomic():
        populate(random.Random(seed), make_city(), 25)
        rules = rules_of(make_policy(NATIONAL))
        everyone = list(Person.objects.order_by("pk").values_list("pk", flat=True))
        assert sorted(by_reference(everyone, rules, on)) == in_bulk(None, rules, on)
        assert sorted(by_reference(everyone[:5], rules, on)) == in_bulk(everyone[:5], rules, on)
        transaction.set_rollback(True)


def test_many_people_go_through_the_bulk_engine_and_come_out_the_same(city: Unit) -> None:
    populate(random.Random(7), city, 210)
    rules = rules_of(make_policy(NATIONAL))
    everyone = list(Person.objects.values_list("pk", flat=True))
    assert stand(None, rules, ON) == in_bulk(None, rules, ON) == sorted(by_reference(everyone, rules, ON))
    assert refresh_standings(on=ON) == Standing.objects.count() > 100


def test_both_ways_of_reading_see_the_same_facts_in_local_time(city: Unit) -> None:
    populate(random.Random(3), city, 12)
    everyone = list(Person.objects.values_list("pk", flat=True))
    tables = tables_for()
    read = sorted(
        (row["entry_id"], row["earned_on"], row["tenths"], row["recorded_at"], row["reverses"])
        for row in tables.credits.to_pylist()  # type: ignore[union-attr]
    )
    facts = facts_for(everyone)
    assert read == sorted(
        (credit.entry_id, credit.earned_on, credit.tenths, credit.recorded_at, credit.reverses)
        for person in facts
        for credit in person.credits
    )
    assert {row["recorded_at"].hour for row in tables.credits.to_pylist()} == {12}  # type: ignore[union-attr]
    assert tables.exemptions.num_rows == sum(len(person.exemptions) for person in facts)  # type: ignore[union-attr]
