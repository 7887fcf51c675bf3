"""Weeks in which a unit lets nobody, or few, go: entered by its liaison or the department, held by every list, a cause of a repair."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.callups.city import REPLY_BY, TODAY, City, make_city, terms_of
from tests.callups.test_repairs import called, changes, found, signed_in
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups import actions, problem, reasons
from zhixing.callups.actions.busy import WEEKS_MOST
from zhixing.callups.comparing import same_facts
from zhixing.callups.models import BusyTime, Callup, CallupRun
from zhixing.callups.seats import Room
from zhixing.callups.sentences import obstacle_sentence
from zhixing.engine.callup.rules import Rule
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
Day = dt.timedelta(days=1)


@pytest.fixture
def city() -> City:
    return make_city()


def busy(city: City, class_run: ClassRun, unit: Unit | None = None, **given: Any) -> BusyTime:
    """The unit names the days of the class."""
    facts = {"from_on": class_run.starts_on, "to_on": class_run.ends_on, "reason": "防汛", "by": city.department}
    return actions.enter_busy_time(unit or city.organ, **{**facts, **given})


def away_of(city: City, *class_runs: ClassRun, **terms: Any) -> dict[tuple[int, dt.date], int]:
    """(unit, Monday) → the limit of its own, as the engine is given it."""
    run = actions.create_run("试算", class_runs, by=city.department, terms=terms_of(**terms), on=TODAY)
    table = problem.load(run).tables.get("away")
    return {(row["unit_id"], row["week"]): row["away_max"] for row in table.to_pylist()} if table else {}


def room(class_run: ClassRun, *people: Person, **terms: Any) -> Room:
    return Room([class_run], {class_run.pk: [person.pk for person in people]}, terms_of(**terms))


@pytest.mark.parametrize(
    ("before", "after", "meets"),
    [
        (0, 0, True),  # the days of the class, Monday to Friday
        (2, -2, True),  # one day of its week
        (-6, 6, True),  # the Sunday of its week, when the class is over
        (-7, 10, False),  # from the Monday after
        (8, -5, False),  # until the Sunday before
    ],
)
def test_it_holds_for_every_iso_week_that_its_days_touch(city: City, before: int, after: int, meets: bool) -> None:
    person, class_run = city.person(), city.class_run()
    first, last = class_run.starts_on - before * Day, class_run.ends_on + after * Day
    busy(city, class_run, from_on=min(first, last), to_on=max(first, last))
    obstacle = room(class_run, person).obstacle(person.pk, class_run.pk)
    assert ((city.organ.pk, class_run.starts_on) in away_of(city, class_run)) is meets
    assert (obstacle is not None) is meets
    if obstacle is not None:
        assert (obstacle.rule, obstacle.most) == (Rule.AWAY_FULL, 0)
        assert "该单位不抽调人员" in obstacle_sentence(obstacle)


def test_the_list_calls_others_and_the_reason_says_that_the_unit_lets_nobody_go(city: City, run_jobs: Jobs) -> None:
    ours, other = city.person(), city.person(city.township)
    spring, later = city.class_run(seats_max=5), city.class_run(weeks=4, seats_max=5)
    busy(city, spring)
    run = city.solved([spring, later], run_jobs)
    assert set(run.callups.values_list("person_id", "class_run_id")) == {
        (ours.pk, later.pk), (other.pk, spring.pk), (other.pk, later.pk),
    }  # fmt: skip
    row = reasons.of_pair(run, ours.pk, spring.pk)
    assert row is not None
    assert row["code"] == "away_full"
    page = signed_in(city.department).get(reverse("callups:why", args=[run.pk, ours.pk, spring.pk])).content.decode()
    assert "该单位不抽调人员" in page
    assert "该单位当周可以抽调人员" in page


def test_this_unit_is_not_its_subtree_and_with_all_below_each_unit_has_its_own_number(city: City) -> None:
    ranked = [city.person(unit) for unit in (city.county, city.township, city.organ)]
    class_run = city.class_run()
    one = busy(city, class_run, city.county)
    week = class_run.starts_on
    assert set(away_of(city, class_run)) == {(city.county.pk, week)}
    actions.withdraw_busy_time(one, "误录", by=city.department)
    for _ in range(3):
        city.person(city.township)
    busy(city, class_run, city.county, most=1, below=True)
    assert away_of(city, class_run) == {(city.township.pk, week): 1}  # of the county itself only one serves anyway
    later = factories.make_unit("新设镇", city.county, kind=Unit.Kind.TOWNSHIP)
    for _ in range(2):
        city.person(later)
    assert away_of(city, class_run) == {(city.township.pk, week): 1, (later.pk, week): 1}
    assert room(class_run, *ranked).obstacle(ranked[1].pk, class_run.pk) is None


def test_the_fewest_of_several_holds_and_none_raises_the_usual_limit(city: City, run_jobs: Jobs) -> None:
    for _ in range(3):
        city.person()
    class_run = city.class_run(seats_max=9)
    busy(city, class_run, most=5)
    assert away_of(city, class_run) == {}
    busy(city, class_run, most=2, to_on=class_run.ends_on + Day)
    busy(city, class_run, city.root, most=1, below=True)
    assert away_of(city, class_run) == {(city.organ.pk, class_run.starts_on): 1}
    assert room(class_run, *city.people).obstacle(city.people[0].pk, class_run.pk) is None
    assert len(called(city.solved([class_run], run_jobs), Callup.State.PROPOSED)) == 1


def test_who_accepted_before_stays_a_fact_and_no_list_is_made_impossible_by_it(city: City, run_jobs: Jobs) -> None:
    first = city.person()
    spring = city.class_run(seats_max=5)
    run = city.published([spring], run_jobs)
    actions.accept_callup(run.callups.get(), by=city.trainee(first))
    city.person()
    busy(city, spring)
    again = city.solved([spring, city.class_run(weeks=4)], run_jobs)
    assert again.state == CallupRun.State.PROPOSED
    assert not again.callups.filter(class_run=spring).exists()
    assert again.callups.count() == 2


def test_a_proposal_made_before_is_not_published(city: City, run_jobs: Jobs) -> None:
    city.person()
    class_run = city.class_run()
    run = city.solved([class_run], run_jobs)
    busy(city, class_run)
    with pytest.raises(Conflict, match="该单位不抽调人员"):
        actions.publish_run(run, reply_by=REPLY_BY, by=city.department)
    run.refresh_from_db()
    page = signed_in(city.department).get(reverse("callups:repair", args=[run.pk])).content.decode()
    assert "涉及已列入名单的 1 人" in page
    assert changes(found(run, city, run_jobs)) == {city.people[0].pk: "left"}


def three_called(city: City, run_jobs: Jobs) -> tuple[CallupRun, ClassRun]:
    """Three of the organ called, one of whom has accepted; two of the township wait."""
    for _ in range(3):
        city.person()
    class_run = city.class_run(seats_max=3)
    run = city.published([class_run], run_jobs)
    for _ in range(2):
        city.person(city.township)
    actions.accept_callup(run.callups.order_by("pk")[0], by=city.trainee(run.callups.order_by("pk")[0].person))
    run_jobs()
    Notice.objects.all().delete()
    return run, class_run


@pytest.mark.parametrize(("most", "displaced", "left"), [(0, 0, 2), (1, 0, 2), (2, 1, 1), (3, 0, 0)])
def test_the_repair_takes_off_only_as_many_as_must_go_and_honours_who_answered(
    city: City, run_jobs: Jobs, most: int, displaced: int, left: int
) -> None:
    run, class_run = three_called(city, run_jobs)
    accepted = run.callups.get(state=Callup.State.ACCEPTED)
    busy(city, class_run, most=most, by=city.liaison)
    job = found(run, city, run_jobs)
    gone = {person for person, change in changes(job).items() if change == "left"}
    came = {person for person, change in changes(job).items() if change == "came"}
    assert (len(gone), len(came)) == (left, left if left < 3 else 0)
    assert accepted.person_id not in gone
    assert job.result["displaced"] == displaced
    page = signed_in(city.department).get(reverse("callups:repair", args=[run.pk])).content.decode()
    assert ("涉及已列入名单的 3 人" in page) is (most < 3)
    if left:
        assert "其中 1 人已回执" in page
        assert ("该单位不抽调人员" in page) is (most == 0)
        assert actions.make_changes(run, job, reason="该单位防汛", by=city.department) == (left, left)
        assert gone.isdisjoint(called(run))
        assert {accepted.person_id, *came} <= called(run)


def test_a_free_seat_passes_over_who_waits_in_a_busy_unit(city: City, run_jobs: Jobs) -> None:
    for _ in range(2):
        city.person()
    other = city.person(city.township)
    class_run = city.class_run(seats_max=1)
    run = city.published([class_run], run_jobs)
    callup = run.callups.get()
    units = {city.organ, city.township} - {callup.unit}
    for unit in units:
        busy(city, class_run, unit)
    called_next = actions.withdraw_callup(callup, "另有任务", by=city.department)
    assert all(one.unit_id == callup.unit_id for one in called_next)
    assert other.pk not in {one.person_id for one in called_next} or callup.unit == city.township


def test_the_department_hears_of_a_unit_whose_people_are_called_and_the_liaison_of_what_the_department_enters(
    city: City, run_jobs: Jobs
) -> None:
    _run, class_run = three_called(city, run_jobs)
    busy(city, class_run, most=3, by=city.liaison)
    assert not Notice.objects.exists()
    one = busy(city, class_run, most=1, by=city.liaison, to_on=class_run.ends_on + Day)
    notice = Notice.objects.get()
    assert (notice.recipient_id, notice.kind) == (city.department.pk, "callups.busy")
    assert "其中已通知 3 人参训" in notice.title
    page = signed_in(city.department).get(notice.link).content.decode()
    assert "这些周次已有 3 人次列入名单" in page
    assert reverse("callups:repair", args=[_run.pk]) in page
    ours = signed_in(city.liaison).get(reverse("callups:busy_time", args=[one.pk])).content.decode()
    assert city.people[0].name in ours
    assert reverse("callups:repair", args=[_run.pk]) not in ours
    busy(city, class_run, to_on=class_run.ends_on + 2 * Day)
    assert Notice.objects.filter(recipient_id=city.liaison.pk, kind="callups.busy").count() == 1
    for below in (False, True):
        busy(city, class_run, city.root, below=below, to_on=class_run.ends_on + 3 * Day)
    assert Notice.objects.filter(recipient_id=city.liaison.pk, kind="callups.busy").count() == 2


def test_a_withdrawn_one_holds_no_more_and_is_kept_with_who_when_and_why(city: City) -> None:
    person, class_run = city.person(), city.class_run()
    one = busy(city, class_run, by=city.liaison)
    with pytest.raises(Invalid, match="请说明"):
        actions.withdraw_busy_time(one, " ", by=city.liaison)
    actions.withdraw_busy_time(one, "防汛应急响应解除", by=city.liaison)
    assert room(class_run, person).obstacle(person.pk, class_run.pk) is None
    assert away_of(city, class_run) == {}
    kept = BusyTime.objects.get()
    assert (kept.state, kept.withdrawn_by_id, kept.note) == ("withdrawn", city.liaison.pk, "防汛应急响应解除")
    assert kept.withdrawn_at is not None
    assert kept.reason == "防汛"
    with pytest.raises(Refused, match="已经撤销"):
        actions.withdraw_busy_time(one, "再来一次", by=city.liaison)
    verbs = AuditEntry.objects.filter(action__startswith="callups.busy").order_by("pk")
    assert list(verbs.values_list("action", "actor_id")) == [
        ("callups.busy_entered", city.liaison.pk), ("callups.busy_withdrawn", city.liaison.pk),
    ]  # fmt: skip
    busy(city, class_run, by=city.liaison)  # may be entered anew


def test_two_who_withdraw_at_once_withdraw_it_once(city: City) -> None:
    one = busy(city, city.class_run())
    stale = BusyTime.objects.select_related("unit").get(pk=one.pk)
    actions.withdraw_busy_time(one, "解除", by=city.department)
    with pytest.raises(Conflict, match="刚刚"):
        actions.withdraw_busy_time(stale, "解除", by=city.department)


def test_the_database_keeps_no_withdrawal_without_who_and_why_and_no_second_one_of_the_same(city: City) -> None:
    one = busy(city, city.class_run())
    with pytest.raises(IntegrityError), transaction.atomic():
        BusyTime.objects.filter(pk=one.pk).update(state="withdrawn")
    with pytest.raises(Conflict, match="已经登记过"):
        busy(city, city.class_run())


def test_a_liaison_enters_for_own_units_only_and_nobody_else_may(city: City) -> None:
    class_run = city.class_run()
    with pytest.raises(Refused):
        busy(city, class_run, city.county, by=city.liaison)
    section = factories.make_unit("水务局河道站", city.organ)
    busy(city, class_run, section, by=city.liaison)
    county = factories.make_account(Role.DEPARTMENT, city.county, email="county@city.example")
    busy(city, class_run, city.township, by=county)
    with pytest.raises(Refused):
        busy(city, class_run, city.organ, by=county)
    for account in (
        city.trainee(city.person()),
        factories.make_account(Role.SCHOOL, city.organ, email="school@city.example"),
        factories.make_account(Role.TEACHER, email="teacher@city.example"),
        factories.make_account(Role.AUDITOR, city.root, email="auditor@city.example"),
    ):
        with pytest.raises(Refused):
            busy(city, class_run, city.organ, by=account)
    city.organ.closed_on = TODAY
    city.organ.save(update_fields=["closed_on"])
    with pytest.raises(Refused, match="该单位已撤销"):
        busy(city, class_run, by=city.department)


def test_a_liaison_withdraws_own_entries_and_not_those_of_the_department(city: City) -> None:
    class_run = city.class_run()
    theirs, above = busy(city, class_run), busy(city, class_run, city.root, below=True)
    with pytest.raises(Refused, match="由组织部门登记"):
        actions.withdraw_busy_time(theirs, "不需要", by=city.liaison)
    with pytest.raises(Refused, match="由上级单位"):
        actions.withdraw_busy_time(above, "不需要", by=city.liaison)
    own = busy(city, class_run, by=city.liaison, to_on=class_run.ends_on + Day)
    actions.withdraw_busy_time(own, "可以抽调", by=city.department)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"to_on": -1}, "早于"),
        ({"from_on": -900, "to_on": -880}, "已经过去"),
        ({"to_on": 7 * WEEKS_MOST}, "一次最多登记"),
        ({"from_on": 365 * 9, "to_on": 365 * 9}, "最多可提前登记"),
        ({"most": -1}, "应在 0 到"),
        ({"reason": "  "}, "请写明原因"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(city: City, given: dict[str, Any], said: str) -> None:
    class_run = city.class_run()
    days = {key: class_run.starts_on + value * Day for key, value in given.items() if key.endswith("_on")}
    with pytest.raises(Invalid, match=said):
        busy(city, class_run, **{**given, **days})
    assert not BusyTime.objects.exists()


def test_a_liaison_names_so_many_weeks_of_a_year_and_the_department_more(city: City) -> None:
    first, last = city.class_run(), city.class_run(weeks=WEEKS_MOST)
    end = first.starts_on + dt.timedelta(weeks=WEEKS_MOST, days=-1)
    whole = busy(city, first, by=city.liaison, to_on=end)
    with pytest.raises(Invalid, match="一个单位一年最多"):
        busy(city, last, by=city.liaison)
    busy(city, last)
    actions.withdraw_busy_time(whole, "改期", by=city.liaison)
    busy(city, last, by=city.liaison, to_on=last.ends_on + Day)


def test_the_last_day_of_the_calendar_is_refused_in_words(city: City) -> None:
    class_run = city.class_run()
    with pytest.raises(Invalid, match="最多可提前登记"):
        busy(city, class_run, from_on=dt.date.max, to_on=dt.date.max)


def test_the_weeks_that_a_unit_names_and_those_named_above_for_it_are_counted_together(city: City) -> None:
    section = factories.make_unit("水务局河道站", city.organ)
    first, last = city.class_run(), city.class_run(weeks=WEEKS_MOST)
    end = first.starts_on + dt.timedelta(weeks=WEEKS_MOST, days=-1)
    busy(city, first, by=city.liaison, to_on=end, below=True)
    with pytest.raises(Invalid, match="一个单位一年最多"):
        busy(city, last, section, by=city.liaison)
    actions.withdraw_busy_time(BusyTime.objects.get(), "改期", by=city.liaison)
    busy(city, first, section, by=city.liaison, to_on=end)
    with pytest.raises(Invalid, match="一个单位一年最多"):
        busy(city, last, by=city.liaison, below=True)
    busy(city, last, by=city.liaison)
    busy(city, first, section, by=city.liaison, to_on=first.ends_on, most=1)  # weeks that hold already are none more


def names_seen(account: Account) -> set[str]:
    return set(BusyTime.objects.visible_to(account).values_list("unit__name", flat=True))


def test_each_sees_the_own_subtree_and_what_was_entered_above_for_it(city: City) -> None:
    class_run = city.class_run()
    for unit, below in ((city.organ, False), (city.county, True), (city.township, False), (city.root, False)):
        busy(city, class_run, unit, below=below)
    town = factories.make_account(Role.LIAISON, city.township, email="town@city.example")
    assert names_seen(city.liaison) == {city.organ.name}
    assert names_seen(town) == {city.township.name, city.county.name}
    assert len(names_seen(city.department)) == 4
    assert names_seen(city.trainee(city.person())) == set()
    hidden = BusyTime.objects.get(unit=city.county)
    client = signed_in(city.liaison)
    for name in ("callups:busy_time", "callups:withdraw_busy"):
        response = client.post if name.endswith("withdraw_busy") else client.get
        assert response(reverse(name, args=[hidden.pk])).status_code == 404
    assert signed_in(town).get(reverse("callups:busy_time", args=[hidden.pk])).status_code == 200


def test_the_pages_enter_list_search_export_and_withdraw(city: City) -> None:
    client = signed_in(city.liaison)
    page = client.get(reverse("callups:busy")).content.decode()
    assert "还没有单位登记不宜抽调时段" in page
    form = client.get(reverse("callups:enter_busy")).content.decode()
    assert f'<option value="{city.organ.pk}" selected>' in form
    assert f'<option value="{city.county.pk}"' not in form
    class_run = city.class_run()
    days = {"from_on": class_run.starts_on.isoformat(), "to_on": class_run.ends_on.isoformat()}
    given = {"unit": city.organ.pk, "below": "no", "most": 0, "reason": "防汛值守", **days}
    for wrong, said in ({"reason": ""}, "必填"), ({"unit": city.county.pk}, "选择"), ({"to_on": "2020-01-01"}, "早于"):
        refused = client.post(reverse("callups:enter_busy"), {**given, **wrong})
        assert refused.status_code == 422
        assert said in refused.content.decode()
    entered = client.post(reverse("callups:enter_busy"), given, follow=True).content.decode()
    one = BusyTime.objects.get()
    assert (one.unit, one.below, one.most, one.by_id) == (city.organ, False, 0, city.liaison.pk)
    assert "不抽调人员" in entered
    assert city.liaison.name in entered
    listed = client.get(reverse("callups:busy"), {"q": "值守", "when": "coming"}).content.decode()
    assert reverse("callups:busy_time", args=[one.pk]) in listed
    assert "防汛值守" not in client.get(reverse("callups:busy"), {"when": "past"}).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(reverse("callups:busy"), {"export": "busy"}))))
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    assert {"防汛值守", "本单位"} <= set(cells)
    client.post(reverse("callups:withdraw_busy", args=[one.pk]), {"note": "汛期结束"})
    gone = client.get(reverse("callups:busy_time", args=[one.pk])).content.decode()
    assert "汛期结束" in gone
    assert "撤销人" in gone


def test_it_is_running_until_the_sunday_of_its_last_week(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    class_run = city.class_run()
    one = busy(city, class_run, to_on=class_run.starts_on)
    client = signed_in(city.liaison)
    for days, coming in ((6, True), (7, False)):
        today = class_run.starts_on + days * Day
        monkeypatch.setattr(timezone, "localdate", lambda day=today: day)
        assert one.is_over is not coming
        for when, listed in (("coming", coming), ("past", not coming)):
            page = client.get(reverse("callups:busy"), {"when": when}).content.decode()
            assert (reverse("callups:busy_time", args=[one.pk]) in page) is listed
            assert ("<strong>1</strong>" in page) is coming


def test_others_are_refused_the_pages(city: City) -> None:
    for account in (
        city.trainee(city.person()),
        factories.make_account(Role.SCHOOL, city.organ, email="s@city.example"),
    ):
        client: Client = signed_in(account)
        assert client.get(reverse("callups:busy")).status_code == 403
        assert client.get(reverse("callups:enter_busy")).status_code == 403
    auditor = signed_in(factories.make_account(Role.AUDITOR, city.root, email="auditor@city.example"))
    page = auditor.get(reverse("callups:busy"))
    assert page.status_code == 200
    assert reverse("callups:enter_busy") not in page.content.decode()
    assert auditor.get(reverse("callups:enter_busy")).status_code == 403


def test_two_runs_do_not_rest_on_the_same_facts_when_a_unit_named_weeks_in_between(city: City, run_jobs: Jobs) -> None:
    for _ in range(2):
        city.person()
    class_run = city.class_run()
    first, second = city.solved([class_run], run_jobs), city.solved([class_run], run_jobs)
    assert same_facts(first, second) is True
    busy(city, class_run, most=1)
    assert same_facts(first, city.solved([class_run], run_jobs)) is False
