"""The guard against several callers: what others have called people to bars, counts and repeats at every moment of planning."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from tests import factories
from tests.callups.city import REPLY_BY, TODAY, City, make_city, terms_of
from tests.callups.outside import CALLER, DOCUMENT, around, elsewhere
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups import actions, explaining, problem, reasons
from zhixing.callups.elsewhere import ELSEWHERE
from zhixing.callups.models import Callup, CallupRun, KeptClash, OutsideCallup, Waiting
from zhixing.callups.problem import BARRED, Frozen
from zhixing.callups.seats import Room
from zhixing.callups.sentences import Told, obstacle_sentence, sentence, span
from zhixing.callups.sentences.reasons import Names
from zhixing.engine.callup.rules import Rule
from zhixing.people.models import Account, Person, Role
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
Day = dt.timedelta(days=1)


@pytest.fixture
def city() -> City:
    return make_city()


def frozen(city: City, *class_runs: ClassRun, **terms: Any) -> Frozen:
    run = actions.create_run("试算", class_runs, by=city.department, terms=terms_of(**terms), on=TODAY)
    return problem.load(run)


def rows(found: Frozen, table: str) -> dict[tuple[int, int], dict[str, Any]]:
    return {(row["person_id"], row["class_id"]): row for row in found.tables[table].to_pylist()}


def room(class_run: ClassRun, *people: Person, **terms: Any) -> Room:
    return Room([class_run], {class_run.pk: [person.pk for person in people]}, terms_of(**terms))


def fresh(callup: Callup) -> Callup:
    return Callup.objects.select_related("person__unit", "unit", "class_run", "run").get(pk=callup.pk)


@pytest.mark.parametrize(
    ("before", "after", "travel", "meets"),
    [
        (0, 0, 0, True),  # the same days
        (10, 10, 0, True),  # around the class run
        (-1, -1, 0, True),  # within it, where no session need lie
        (10, -4, 0, True),  # ends on its first day
        (-4, 10, 0, True),  # begins on its last day
        (10, -5, 0, False),  # ends the day before
        (10, -5, 1, True),  # … and is back on the first day
        (-5, 10, 0, False),  # begins the day after
        (-5, 10, 1, True),  # … and leaves on the last day
    ],
)
def test_days_taken_elsewhere_bar_the_pair_and_name_the_caller(
    city: City, before: int, after: int, travel: int, meets: bool
) -> None:
    person, class_run = city.person(), city.class_run()
    first, last = around(class_run, before, after)
    away = {"away_from": first - travel * Day, "away_to": last + travel * Day}
    elsewhere(city, person, first, last, **away)
    found = frozen(city, class_run)
    barred = rows(found, BARRED).get((person.pk, class_run.pk))
    obstacle = room(class_run, person).obstacle(person.pk, class_run.pk)
    assert ((person.pk, class_run.pk) in rows(found, "pairs")) is not meets
    assert (barred is not None) is meets
    assert (obstacle is not None) is meets
    if barred is not None and obstacle is not None:
        assert barred["code"] == obstacle.rule == ELSEWHERE
        assert json.loads(barred["detail"]) == obstacle.detail
        said = obstacle_sentence(obstacle)
        assert said == sentence(barred["code"], json.loads(barred["detail"]), Names())
        assert CALLER in said
        assert DOCUMENT in said
        assert span(first, last) in said


def test_every_planted_overlap_is_found_and_nothing_else(city: City) -> None:
    draw = random.Random(8)
    class_runs = [city.class_run(weeks=week) for week in range(6)]
    people = [city.person() for _ in range(40)]
    start = class_runs[0].starts_on - 10 * Day
    planted: dict[int, list[tuple[dt.date, dt.date]]] = {}
    for person in people:
        for caller in ("省委组织部", "市委党校", "部机关")[: draw.randrange(4)]:
            first = start + draw.randrange(60) * Day
            last = first + draw.randrange(40) * Day
            elsewhere(city, person, first, last, caller=caller)
            planted.setdefault(person.pk, []).append((first, last))
    barred = rows(frozen(city, *class_runs, count_outside=False), BARRED)
    wanted = {
        (person, one.pk)
        for person, days in planted.items()
        for one in class_runs
        if any({first + n * Day for n in range((last - first).days + 1)} & class_days(one) for first, last in days)
    }
    assert wanted
    assert {key for key, row in barred.items() if row["code"] == ELSEWHERE} == wanted == set(barred)


def class_days(class_run: ClassRun) -> set[dt.date]:
    return {class_run.starts_on + step * Day for step in range(class_run.days)}


def test_a_withdrawn_one_bars_nothing(city: City) -> None:
    person, class_run = city.person(), city.class_run()
    found = elsewhere(city, person, *around(class_run))
    actions.withdraw_outside_callup(found, "省里改派他人", by=city.department)
    assert (person.pk, class_run.pk) in rows(frozen(city, class_run), "pairs")
    assert room(class_run, person).obstacle(person.pk, class_run.pk) is None
    with pytest.raises(Refused):
        actions.withdraw_outside_callup(found, "再来一次", by=city.department)


def test_it_counts_in_the_year_unless_the_terms_say_otherwise(city: City) -> None:
    person, class_run = city.person(), city.class_run()
    elsewhere(city, person, *around(class_run, -20, 30))
    counted = rows(frozen(city, class_run, callups_max=1), BARRED)[person.pk, class_run.pk]
    assert counted["code"] == Rule.CALLUPS_MAX
    assert CALLER in sentence(counted["code"], json.loads(counted["detail"]), Names())
    obstacle = room(class_run, person, callups_max=1).obstacle(person.pk, class_run.pk)
    assert obstacle is not None
    assert obstacle.detail == {"callers": [CALLER]} == json.loads(counted["detail"])
    uncounted = {"callups_max": 1, "count_outside": False}
    assert (person.pk, class_run.pk) in rows(frozen(city, class_run, **uncounted), "pairs")
    assert room(class_run, person, **uncounted).obstacle(person.pk, class_run.pk) is None


def test_one_of_another_year_does_not_count_but_takes_its_days(city: City) -> None:
    person = city.person()
    class_run = city.class_run(weeks=-8)
    new_year = dt.date(class_run.year, 1, 1)
    elsewhere(city, person, new_year - 30 * Day, new_year - 10 * Day)
    assert (person.pk, class_run.pk) in rows(frozen(city, class_run, callups_max=1), "pairs")
    elsewhere(city, person, new_year - 5 * Day, class_run.starts_on, caller="市委党校")
    assert rows(frozen(city, class_run, callups_max=1), BARRED)[person.pk, class_run.pk]["code"] == ELSEWHERE


def test_the_search_gives_only_what_the_year_still_holds(city: City, run_jobs: Jobs) -> None:
    """Two call-ups a year, one of them taken by the province: the solver may give one more, never two."""
    person = city.person()
    class_runs = [city.class_run(weeks=week, seats_max=1) for week in (0, 3, 6)]
    elsewhere(city, person, *around(city.class_run(weeks=20)))
    run = city.solved(class_runs, run_jobs, callups_max=2, second_callup_cost=0)
    assert run.callups.count() == 1
    free = city.solved(class_runs, run_jobs, callups_max=2, second_callup_cost=0, count_outside=False)
    assert free.callups.count() == 2
    assert not reasons.of_pair(run, person.pk, -OutsideCallup.objects.get().pk)


def test_whoever_is_away_for_others_is_away(city: City) -> None:
    city.organ.away_max = 1
    city.organ.save(update_fields=("away_max",))
    gone, colleague, class_run = city.person(), city.person(), city.class_run()
    elsewhere(city, gone, *around(class_run, -1, 0))
    assert rows(frozen(city, class_run), BARRED)[colleague.pk, class_run.pk]["code"] == Rule.AWAY_FULL
    obstacle = room(class_run, colleague).obstacle(colleague.pk, class_run.pk)
    assert obstacle is not None
    assert obstacle.rule == Rule.AWAY_FULL
    assert room(class_run, colleague, count_outside=False).obstacle(colleague.pk, class_run.pk) is None


@pytest.mark.parametrize(
    ("days", "theme", "repeated"), [(365, "数字 政府", True), (366, "数字政府", False), (30, "治水", False)]
)
def test_the_theme_of_another_caller_within_a_year_is_a_repeated_one(
    city: City, days: int, theme: str, repeated: bool
) -> None:
    person = city.person()
    class_run = city.class_run(theme="数字政府")
    last = class_run.starts_on - days * Day
    elsewhere(city, person, last - 2 * Day, last, theme=theme)
    after = city.person()
    first = class_run.ends_on + days * Day
    elsewhere(city, after, first, first + 2 * Day, theme=theme)
    found = rows(frozen(city, class_run), "pairs")
    assert found[person.pk, class_run.pk]["same_theme"] is repeated
    assert found[after.pk, class_run.pk]["same_theme"] is repeated


def test_a_pin_on_taken_days_is_refused_by_name(city: City, run_jobs: Jobs) -> None:
    person, class_run = city.person(), city.class_run(seats_max=1)
    other = city.person()
    elsewhere(city, person, *around(class_run, 5, 5))
    run = city.solved([class_run], run_jobs)
    assert [callup.person_id for callup in run.callups.all()] == [other.pk]
    with pytest.raises(Invalid, match=CALLER):
        actions.pin_pair(run, person, class_run, chosen=True, reason="必须去", by=city.department)
    assert not run.pins.exists()
    actions.pin_pair(run, person, class_run, chosen=False, reason="不去", by=city.department)
    assert run.pins.count() == 1


def test_a_list_that_came_between_search_and_publication_stops_the_publication(city: City, run_jobs: Jobs) -> None:
    person, class_run = city.person(), city.class_run(seats_max=1)
    run = city.solved([class_run], run_jobs)
    elsewhere(city, person, *around(class_run, -2, -2))
    with pytest.raises(Conflict, match=CALLER):
        actions.publish_run(run, reply_by=REPLY_BY, by=city.department)


def test_a_pin_that_a_list_overtook_is_named_when_no_list_exists(city: City, run_jobs: Jobs) -> None:
    person, class_run = city.person(), city.class_run(seats_max=1)
    run = city.solved([class_run], run_jobs)
    actions.pin_pair(run, person, class_run, chosen=True, reason="必须去", by=city.department)
    elsewhere(city, person, *around(class_run))
    actions.start_run(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    assert run.state == CallupRun.State.INFEASIBLE
    why, whom = Told.to(city.department, run.result["conflict"]).conflict(run.result["conflict"])
    assert CALLER in why
    assert person.name in whom


def test_the_waiting_list_passes_over_whoever_is_taken_since(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=1)
    for _ in range(3):
        city.person()
    run = city.published([class_run], run_jobs)
    waiting = list(Waiting.objects.filter(run=run).order_by("position"))
    elsewhere(city, waiting[0].person, *around(class_run, 1, 1))
    called = actions.withdraw_callup(run.callups.get(), reason="调离", by=city.department)
    assert [callup.person_id for callup in called] == [waiting[1].person_id]


def test_a_substitute_whose_days_are_taken_cannot_come(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=1)
    people = [city.person(), city.person()]
    callup = fresh(city.published([class_run], run_jobs).callups.get())
    other = next(person for person in people if person.pk != callup.person_id)
    reply = actions.propose_substitute(callup, other, text="", by=city.liaison)
    elsewhere(city, other, *around(class_run, -1, -1))
    with pytest.raises(Conflict, match=CALLER):
        actions.decide_reply(reply, approved=True, note="", by=city.department)
    actions.decide_reply(reply, approved=False, note="已被省里调训", by=city.department)
    with pytest.raises(Invalid, match=CALLER):
        actions.propose_substitute(fresh(callup), other, text="", by=city.liaison)


def test_left_out_lists_and_the_explanation_say_who_calls(city: City, run_jobs: Jobs) -> None:
    person, class_run = city.person(), city.class_run(seats_max=2)
    city.person()
    elsewhere(city, person, *around(class_run))
    run = city.published([class_run], run_jobs)
    said = explaining.explain(run, person, class_run, city.department)
    assert CALLER in said["why"]
    assert any(CALLER in change for change in said["changes"])
    assert reasons.codes_left_out(run, class_run.pk) == {ELSEWHERE: 1}
    (own,) = explaining.left_out_of_published(person.pk)
    assert DOCUMENT in own["why"]
    assert not Waiting.objects.filter(person=person).exists()


def test_a_reason_kept_with_a_run_says_the_same_when_the_fact_is_withdrawn(city: City, run_jobs: Jobs) -> None:
    person, class_run = city.person(), city.class_run(seats_max=2)
    city.person()
    fact = elsewhere(city, person, *around(class_run))
    run = city.solved([class_run], run_jobs)
    actions.withdraw_outside_callup(fact, "省里改派他人", by=city.department)
    assert CALLER in explaining.explain(run, person, class_run, city.department)["why"]


def test_the_sentence_in_chinese_is_as_an_officer_would_say_it() -> None:
    detail = {"caller": CALLER, "document": DOCUMENT, "first": "2027-03-04", "last": "2027-03-08"}
    with translation.override("zh-hans"):
        assert sentence(ELSEWHERE, detail, Names()) == "省委组织部（省组通〔2027〕12号）2027年3月4日–8日已调训。"
        assert span(dt.date(2027, 3, 30), dt.date(2027, 4, 2)) == "2027年3月30日–4月2日"
        assert span(dt.date(2027, 12, 30), dt.date(2028, 1, 2)) == "2027年12月30日–2028年1月2日"
        assert span(dt.date(2027, 3, 4), dt.date(2027, 3, 4)) == "2027年3月4日"
        travel = detail | {"document": "", "away_from": "2027-03-03", "away_to": "2027-03-09"}
        assert sentence(ELSEWHERE, travel, Names()) == "省委组织部2027年3月4日–8日（含路途2027年3月3日–9日）已调训。"


# What clashes with call-ups that are sent: a matter for a person to decide


def called(city: City, run_jobs: Jobs, **fields: Any) -> Callup:
    city.person()
    callup = city.published([city.class_run(seats_max=1, **fields)], run_jobs).callups.get()
    run_jobs()
    Notice.objects.all().delete()
    return fresh(callup)


def test_a_clash_with_a_call_up_of_ours_comes_into_question(city: City, run_jobs: Jobs) -> None:
    callup = called(city, run_jobs)
    elsewhere(city, callup.person, *around(callup.class_run, 3, -2))
    run_jobs()
    callup = fresh(callup)
    assert callup.concern == Callup.Concern.CALLER
    assert set(Notice.objects.values_list("recipient_id", flat=True)) == {city.department.pk, city.liaison.pk}


def test_both_are_kept_with_a_reason_until_a_third_caller_comes(city: City, run_jobs: Jobs) -> None:
    callup = called(city, run_jobs)
    elsewhere(city, callup.person, *around(callup.class_run))
    run_jobs()
    with pytest.raises(Invalid):
        actions.keep_callup(fresh(callup), " ", by=city.department)
    actions.keep_callup(fresh(callup), "省里同意其上午请假", by=city.department)
    kept = KeptClash.objects.get()
    assert (kept.callup_id, kept.reason, kept.by_id) == (callup.pk, "省里同意其上午请假", city.department.pk)
    actions.review_callups(None)
    assert fresh(callup).concern == ""
    elsewhere(city, callup.person, *around(callup.class_run, -1, -1), caller="市委宣传部")
    run_jobs()
    assert fresh(callup).concern == Callup.Concern.CALLER


def test_the_question_is_over_when_the_other_authority_withdraws(city: City, run_jobs: Jobs) -> None:
    callup = called(city, run_jobs)
    fact = elsewhere(city, callup.person, *around(callup.class_run))
    run_jobs()
    actions.withdraw_outside_callup(fact, "省里改派他人", by=city.department)
    run_jobs()
    assert fresh(callup).concern == ""


def test_a_settled_concern_does_not_hide_a_clash(city: City, run_jobs: Jobs) -> None:
    callup = called(city, run_jobs)
    Person.objects.filter(pk=callup.person_id).update(rank="县处级正职")
    actions.review_callups([callup.person_id])
    actions.keep_callup(fresh(callup), "刚提任，仍参训", by=city.department)
    elsewhere(city, callup.person, *around(callup.class_run))
    run_jobs()
    assert fresh(callup).concern == Callup.Concern.CALLER
    actions.keep_callup(fresh(callup), "两边都去", by=city.department)
    actions.review_callups(None)
    assert (fresh(callup).concern, fresh(callup).concern_settled) == ("", Callup.Concern.TARGET)


def test_a_theme_repeated_since_is_a_question_and_one_weighed_before_is_none(city: City, run_jobs: Jobs) -> None:
    person = city.person()
    class_run = city.class_run(seats_max=1, theme="数字政府")
    first = class_run.ends_on + 40 * Day
    elsewhere(city, person, first, first + 3 * Day, theme="数字政府")
    callup = city.published([class_run], run_jobs, second_callup_cost=0).callups.get()
    run_jobs()
    assert fresh(callup).concern == ""
    elsewhere(city, person, first + 9 * Day, first + 12 * Day, theme="数字政府", caller="市委党校")
    run_jobs()
    assert fresh(callup).concern == Callup.Concern.CALLER


def test_nobody_decides_a_clash_of_the_own_and_no_liaison_decides(city: City, run_jobs: Jobs) -> None:
    callup = called(city, run_jobs)
    elsewhere(city, callup.person, *around(callup.class_run))
    run_jobs()
    city.department.person = callup.person
    city.department.save(update_fields=("person",))
    for account in (city.department, city.liaison, city.trainee(city.person())):
        with pytest.raises(Refused):
            actions.keep_callup(fresh(callup), "都去", by=account)


# Entering and withdrawing by hand


def test_only_the_department_enters_and_withdraws_and_only_for_its_own_people(city: City) -> None:
    person = city.person()
    county = factories.make_account(Role.DEPARTMENT, city.county, email="county@city.example")
    fact = elsewhere(city, person, TODAY, TODAY)
    for account in (city.liaison, factories.make_account(Role.AUDITOR, city.root), city.trainee(person)):
        with pytest.raises(Refused):
            actions.withdraw_outside_callup(fact, "不去了", by=account)
        with pytest.raises(Refused):
            actions.enter_outside_callup(person, {}, by=account)
    with pytest.raises(Refused):
        actions.withdraw_outside_callup(fact, "不去了", by=county)
    days = {"caller": CALLER, "class_name": "班", "starts_on": TODAY, "ends_on": TODAY}
    with pytest.raises(Invalid):
        actions.enter_outside_callup(person, days, by=county)


@pytest.mark.parametrize(
    "days",
    [
        {"ends_on": TODAY - Day},
        {"away_from": TODAY + Day},
        {"away_to": TODAY + 2 * Day},
        {"ends_on": TODAY + 900 * Day},
    ],
)
def test_days_that_cannot_be_are_refused(city: City, days: dict[str, dt.date]) -> None:
    facts = {"caller": CALLER, "class_name": "班", "starts_on": TODAY, "ends_on": TODAY + 3 * Day}
    with pytest.raises(Invalid):
        actions.enter_outside_callup(city.person(), {**facts, **days}, by=city.department)
    assert not OutsideCallup.objects.exists()


def test_the_same_twice_is_refused_and_both_deeds_are_in_the_trail(city: City) -> None:
    person = city.person()
    fact = elsewhere(city, person, TODAY, TODAY)
    with pytest.raises(Conflict):
        elsewhere(city, person, TODAY, TODAY + Day)
    actions.withdraw_outside_callup(fact, "不去了", by=city.department)
    elsewhere(city, person, TODAY, TODAY + Day)
    found = AuditEntry.objects.filter(action__startswith="callups.outside").order_by("pk")
    assert [entry.action.removeprefix("callups.outside_") for entry in found] == ["entered", "withdrawn", "entered"]


def test_scope_of_the_facts(city: City) -> None:
    own, far = city.person(), city.person(city.township)
    for person in (own, far):
        elsewhere(city, person, TODAY, TODAY)

    def seen(account: Account) -> set[int]:
        return set(OutsideCallup.objects.visible_to(account).values_list("person_id", flat=True))

    assert seen(city.department) == {own.pk, far.pk}
    assert seen(factories.make_account(Role.DEPARTMENT, city.county)) == {far.pk}
    assert seen(city.liaison) == {own.pk}
    assert seen(city.trainee(far)) == {far.pk}
    assert seen(factories.make_account(Role.SCHOOL, city.root)) == set()
    assert seen(factories.make_account(Role.TEACHER, city.root)) == set()
