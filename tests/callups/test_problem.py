"""Rows → problem: who is eligible, what speaks for each, and what standing call-ups rule out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.callups.city import REPLY_BY, SPRING, TODAY, City, make_city, terms_of
from zhixing.callups import actions, problem
from zhixing.callups.models import Callup, CallupRun, MakeUp, Reply
from zhixing.callups.problem import BARRED, Frozen
from zhixing.callups.values import CHANNEL, CONTENT, NEVER, OPEN, OWING, THEME
from zhixing.config.cli import main
from zhixing.obligations.models import Entry, Policy, Standing
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import eligible_people

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


@pytest.fixture
def city() -> City:
    return make_city()


def frozen(city: City, *class_runs: ClassRun, **terms: Any) -> Frozen:
    run = actions.create_run("试算", class_runs, by=city.department, terms=terms_of(**terms), on=TODAY)
    return problem.load(run)


def pairs(found: Frozen, table: str = "pairs") -> dict[tuple[int, int], dict[str, Any]]:
    return {(row["person_id"], row["class_id"]): row for row in found.tables[table].to_pylist()}


def entry(person: Person, on: dt.date, **fields: Any) -> Entry:
    return Entry.objects.create(
        **{
            "person": person,
            "earned_on": on,
            "tenths": 300,
            "channel": "offjob",
            "title": "培训",
            "source": "history",
            "recorded_at": timezone.now(),
            **fields,
        }
    )


def test_eligible_pairs_are_just_those_of_the_plans(city: City) -> None:
    for unit in (city.organ, city.county, city.township):
        for rank, grade in (("乡科级正职", ""), ("", "一级主任科员"), ("县处级副职", "一级主任科员")):
            for category in ("公务员", "事业单位"):
                city.person(unit, rank=rank, grade=grade, category=category)
    city.person(status=Person.Status.RETIRED)
    plain = city.class_run(ranks=["乡科级正职", "一级主任科员"])
    narrow = city.class_run(ranks=["乡科级正职"], categories=["公务员"], units=[city.county.pk])
    closed = city.class_run(ranks=["乡科级正职"], quotas_close=True)
    factories.make_quota(closed, city.county, 3)
    factories.make_quota(closed, city.organ, 0)
    nobody = city.class_run(ranks=["乡科级正职"], quotas_close=True)
    found = set(pairs(frozen(city, plain, narrow, closed, nobody)))
    for class_run in (plain, narrow, closed, nobody):
        wanted = set(eligible_people(class_run).values_list("pk", flat=True))
        assert {person for person, class_id in found if class_id == class_run.pk} == wanted
    assert {class_id for _person, class_id in found} == {plain.pk, narrow.pk, closed.pk}


def test_the_facts_behind_a_value_are_read_from_standings_and_ledger(city: City) -> None:
    policy = Policy.objects.create(code="p", version=1, text="", digest="", in_force_from=TODAY)
    late, fresh, ordinary = city.person(), city.person(), city.person()
    for person, state, missing in ((late, "overdue", 500), (late, "met", 0), (fresh, "met", 0)):
        Standing.objects.create(
            person=person,
            rule=f"{state}",
            policy=policy,
            on=TODAY,
            window_opens=TODAY,
            window_closes=TODAY,
            required_tenths=900,
            counted_tenths=900 - missing,
            missing_tenths=missing,
            capped_tenths=0,
            state=state,
        )
    class_run = city.class_run(theme="水利")
    entry(fresh, SPRING - dt.timedelta(days=40), theme="水利")
    entry(late, SPRING - dt.timedelta(days=800))
    entry(late, SPRING - dt.timedelta(days=10), channel="online")
    entry(late, SPRING - dt.timedelta(days=10), result=Entry.Result.ABSENT, tenths=0)
    wrong = entry(ordinary, SPRING - dt.timedelta(days=20))
    entry(ordinary, SPRING - dt.timedelta(days=20), reverses=wrong, reason="误记")
    found = pairs(frozen(city, class_run))
    rows = {person.pk: found[person.pk, class_run.pk] for person in (late, fresh, ordinary)}
    assert [OWING[rows[p.pk]["owing"]] for p in (late, fresh, ordinary)] == ["overdue", "met", "on_track"]
    assert [rows[p.pk]["missing"] for p in (late, fresh, ordinary)] == [6, 0, 0]
    assert [rows[p.pk]["months"] for p in (late, fresh, ordinary)] == [26, 1, NEVER]
    assert [rows[p.pk]["this_year"] for p in (late, fresh, ordinary)] == [False, True, False]
    assert [rows[p.pk]["same_theme"] for p in (late, fresh, ordinary)] == [False, True, False]


def test_a_make_up_fits_by_theme_channel_and_content_and_not_otherwise(city: City, run_jobs: Jobs) -> None:
    person = city.person()
    missed = city.class_run(theme="水利", content="ability", seats_max=1)
    (callup,) = city.published([missed], run_jobs).callups.select_related("class_run", "unit", "person", "run")
    reply = actions.ask_leave(callup, reason=Reply.Reason.DUTY, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    same = city.class_run(weeks=5, theme="水利", content="ability")
    channel_only = city.class_run(weeks=6, theme="党性")
    theme_only = city.class_run(weeks=7, theme="水利", channel="concentrated")
    neither = city.class_run(weeks=8, theme="党性", channel="concentrated", content="ability")
    found = pairs(frozen(city, same, channel_only, theme_only, neither))
    flags = [found[person.pk, c.pk]["make_up"] for c in (same, channel_only, theme_only, neither)]
    assert flags == [OPEN | THEME | CHANNEL | CONTENT, OPEN | CHANNEL, OPEN | THEME, 0]


def test_standing_call_ups_bar_their_days_and_stand_as_pins(city: City, run_jobs: Jobs) -> None:
    people = [city.person() for _ in range(3)]
    held = city.class_run(seats_max=2)
    run = city.published([held], run_jobs)
    called = set(run.callups.values_list("person_id", flat=True))
    clash, free = city.class_run(), city.class_run(weeks=3)
    found = frozen(city, clash, free)
    barred = pairs(found, BARRED)
    assert {key for key in barred if key[1] == clash.pk} == {(person, clash.pk) for person in called}
    assert {barred[key]["code"] for key in barred} == {"shared_day"}
    assert json.loads(next(iter(barred.values()))["detail"]) == {"class": held.pk}
    pins = {(pin["person_id"], pin["class_id"], pin["chosen"]) for pin in found.tables["pins"].to_pylist()}
    assert pins == {(person, held.pk, True) for person in called}
    assert {key[0] for key in pairs(found) if key[1] == free.pk} == {p.pk for p in people}
    assert {row["seats_max"] for row in found.tables["classes"].to_pylist() if row["class_id"] == held.pk} == {2}


def test_who_was_called_often_enough_is_barred_whatever_the_days(city: City, run_jobs: Jobs) -> None:
    person = city.person()
    city.published([city.class_run(seats_max=1)], run_jobs)
    later = city.class_run(weeks=9)
    found = frozen(city, later, callups_max=1)
    assert pairs(found, BARRED)[person.pk, later.pk]["code"] == "callups_max"
    assert (person.pk, later.pk) in pairs(frozen(city, later, callups_max=2))


def test_a_full_week_of_a_unit_bars_its_other_people(city: City, run_jobs: Jobs) -> None:
    city.organ.away_max = 1
    city.organ.save(update_fields=("away_max",))
    first, second = city.person(), city.person()
    elsewhere = city.person(city.county)
    run = city.published([city.class_run(seats_max=1, units=[city.organ.pk])], run_jobs)
    away = run.callups.get().person_id
    other = ({first.pk, second.pk} - {away}).pop()
    same_week = city.class_run()
    found = frozen(city, same_week)
    assert pairs(found, BARRED)[other, same_week.pk]["code"] == "away_full"
    assert (elsewhere.pk, same_week.pk) in pairs(found)


def test_days_excused_are_not_called_to_again(city: City, run_jobs: Jobs) -> None:
    person = city.person()
    (callup,) = city.published([city.class_run(seats_max=1)], run_jobs).callups.select_related(
        "class_run", "unit", "person", "run"
    )
    reply = actions.ask_leave(callup, reason=Reply.Reason.ABROAD, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    same_days = city.class_run()
    assert pairs(frozen(city, same_days), BARRED)[person.pk, same_days.pk]["code"] == "excused_then"


def test_facts_beyond_a_lowered_limit_do_not_make_every_list_impossible(city: City, run_jobs: Jobs) -> None:
    for _ in range(4):
        city.person()
    city.published([city.class_run(seats_max=3)], run_jobs)
    city.organ.away_max = 1
    city.organ.save(update_fields=("away_max",))
    free = city.person(city.county)
    run = city.solved([city.class_run(seats_max=3)], run_jobs)
    assert run.state == CallupRun.State.PROPOSED
    assert [c.person_id for c in run.callups.all()] == [free.pk]


def test_a_class_run_called_before_is_only_filled_up(city: City, run_jobs: Jobs) -> None:
    for _ in range(2):
        city.person()
    class_run = city.class_run(seats_max=3)
    first = city.published([class_run], run_jobs)
    newcomers = {city.person().pk, city.person().pk}
    again = city.published([class_run], run_jobs)
    assert first.callups.count() == 2
    assert again.callups.count() == 1
    assert set(again.callups.values_list("person_id", flat=True)) <= newcomers
    seats = Callup.objects.filter(class_run=class_run).values_list("seat", flat=True)
    assert sorted(seats) == [1, 2, 3]


def test_quotas_and_away_limits_hold_in_the_proposal(city: City, run_jobs: Jobs) -> None:
    for unit in (city.organ, city.county, city.township):
        for _ in range(5):
            city.person(unit)
    class_run = city.class_run(seats_max=12)
    factories.make_quota(class_run, city.county, 3)
    run = city.solved([class_run], run_jobs, away_percent=50)
    by_unit = list(run.callups.values_list("unit_id", flat=True))
    assert by_unit.count(city.county.pk) + by_unit.count(city.township.pk) == 3
    assert by_unit.count(city.organ.pk) == 3
    assert max(by_unit.count(city.county.pk), by_unit.count(city.township.pk)) <= 3


def test_the_away_limit_is_a_share_rounded_up_and_at_least_one() -> None:
    terms = terms_of(away_percent=10)
    assert [terms.away_limit(None, n) for n in (0, 1, 10, 11, 200)] == [1, 1, 1, 2, 20]
    assert terms.away_limit(0, 50) == 0
    assert terms.away_limit(7, 50) == 7


def test_equal_rows_freeze_to_equal_bytes(city: City) -> None:
    for _ in range(5):
        city.person()
    class_run = city.class_run()
    run = actions.create_run("试算", [class_run], by=city.department)
    first, again = problem.load(run), problem.load(run)
    assert first.packed() == again.packed()
    assert Frozen.unpacked(first.packed()).problem().digest() == first.problem().digest()


def test_the_packed_problem_is_a_folder_for_the_command(city: City, tmp_path: Any, run_jobs: Jobs) -> None:
    import pyarrow.parquet as pq

    for _ in range(3):
        city.person()
    run = city.solved([city.class_run(seats_max=2)], run_jobs)
    folder = tmp_path / "problem"
    assert exit_code("export", str(run.pk), "--out", str(folder)) == 0
    assert exit_code("export", str(run.pk), "--out", str(folder)) == 2
    assert exit_code("export", str(run.pk + 1), "--out", str(tmp_path / "other")) == 2
    assert not (tmp_path / "other").exists()
    assert {path.name for path in folder.iterdir()} >= {
        "classes.parquet",
        "people.parquet",
        "units.parquet",
        "pairs.parquet",
        "quotas.parquet",
        "pins.parquet",
        "settings.json",
    }
    assert json.loads((folder / "settings.json").read_text())["callups_max"] == 2
    assert pq.read_table(folder / "pairs.parquet").num_rows == 3
    assert exit_code("solve", str(folder), "--out", str(tmp_path / "plan")) == 0


def exit_code(*words: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["callup", *words])
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


def test_one_duty_is_made_up_by_one_call_up(city: City, run_jobs: Jobs) -> None:
    city.person()
    (callup,) = city.published([city.class_run(seats_max=1)], run_jobs).callups.select_related(
        "class_run", "unit", "person", "run"
    )
    reply = actions.ask_leave(callup, reason=Reply.Reason.DUTY, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    later = [city.class_run(weeks=n, seats_max=1) for n in (5, 8)]
    run = city.solved(later, run_jobs, second_callup_cost=0)
    assert sorted(c.makes_up_id or 0 for c in run.callups.all()) == [0, MakeUp.objects.get().pk]
    actions.publish_run(run, reply_by=REPLY_BY, by=city.department)
    assert MakeUp.objects.get().state == MakeUp.State.PLANNED
