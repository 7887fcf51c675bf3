"""Inviting beyond the seats: off unless asked, proposed from the history of groups, decided by a person, and whoever comes late gets the next free seat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.callups.city import REPLY_BY, TODAY, City, make_city
from tests.callups.test_burden import called
from tests.callups.test_pages import signed_in
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups import actions, permissions, problem, queries, sentences
from zhixing.callups.actions.beyond import REMIND_DAYS
from zhixing.callups.models import Callup, CallupRun, Reply
from zhixing.callups.problem.burden import read_burden
from zhixing.callups.problem.facts import read_people, read_units
from zhixing.callups.terms import Terms
from zhixing.callups.turnout import TURNOUT, Beyond, History
from zhixing.engine.callup.turnout import Invitation, overflow
from zhixing.people.models import Role
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
State = Callup.State
RANK = ["乡科级正职"]
SEATS = 6


def past(city: City, came: int, refused: int, days_ago: int = 200) -> None:
    """Call-ups of one class that is over."""
    day = TODAY - dt.timedelta(days=days_ago)
    class_run = factories.make_class_run(starts_on=day, ends_on=day, year=day.year, ranks=["市厅级正职"])
    run = CallupRun.objects.create(name="往期", on=day)
    person = factories.make_person(city.organ, rank="市厅级正职", status="retired")
    states = [State.COMPLETED] * came + [State.EXCUSED] * refused
    for number, state in enumerate(states):
        other = person if not number else factories.make_person(city.organ, status="retired")
        Callup.objects.create(run=run, person=other, class_run=class_run, unit=city.organ, state=state)


@pytest.fixture
def city() -> City:
    made = make_city(people=SEATS + 4)
    past(made, came=36, refused=24)
    past(made, came=36, refused=24, days_ago=100)
    return made


def sent(city: City, run_jobs: Jobs, **terms: Any) -> tuple[CallupRun, ClassRun]:
    class_run = city.class_run(seats_max=SEATS, ranks=RANK)
    run = city.published([class_run], run_jobs, **{"overflow_percent": 5, **terms})
    class_run.refresh_from_db()
    return run, class_run


def test_it_is_off_unless_the_terms_ask_for_it(city: City, run_jobs: Jobs) -> None:
    assert Terms().overflow_percent == 0
    run, class_run = sent(city, run_jobs, overflow_percent=0)
    assert Beyond(run).proposals == []
    with pytest.raises(Refused):
        actions.invite_beyond(run, class_run, 1, by=city.department)
    with pytest.raises(Invalid):
        Terms.of({"overflow_percent": 50})


def test_as_many_are_proposed_as_the_risk_allows(city: City, run_jobs: Jobs) -> None:
    run, _class_run = sent(city, run_jobs)
    (found,) = Beyond(run).proposals
    assert (found.called, found.beyond, found.more) == (SEATS, 0, 1)
    assert found.invitation.risk == pytest.approx(overflow([0.4] * (SEATS + 1), SEATS), rel=0.4)
    assert found.invitation.risk <= 0.05


def test_a_short_history_proposes_nothing_and_the_page_says_so(run_jobs: Jobs) -> None:
    city = make_city(people=SEATS + 4)
    past(city, came=30, refused=20)
    run, _class_run = sent(city, run_jobs)
    assert Beyond(run).proposals == []
    assert (
        "已结束的调训太少" in signed_in(city.department).get(reverse("callups:beyond", args=[run.pk])).content.decode()
    )


def test_the_history_counts_classes_that_began_and_a_substitute_as_coming(city: City) -> None:
    before = History.learned(TODAY)
    assert (before.count, before.rates.overall) == (120, pytest.approx(0.4))
    called(city.people[0], city.class_run(), State.EXCUSED)
    cancelled = TODAY - dt.timedelta(days=9)
    off = factories.make_class_run(starts_on=cancelled, ends_on=cancelled, year=cancelled.year, state="cancelled")
    called(city.people[1], off, State.WITHDRAWN)
    assert History.learned(TODAY).count == 120
    held = factories.make_class_run(starts_on=cancelled, ends_on=cancelled, year=cancelled.year)
    replaced = called(city.people[2], held, State.SUBSTITUTED)
    called(city.people[3], held, State.COMPLETED, instead_of=replaced)
    after = History.learned(TODAY)
    assert (after.count, after.rates.overall) == (121, pytest.approx(48 / 121))


def test_no_group_is_a_person(city: City) -> None:
    history = History.learned(TODAY)
    traits = [(kind, rank, month) for kind in ("organ", "county") for rank in history.ranks for month in range(1, 13)]
    assert len(history.rates_of(traits)) == len(traits)
    assert history.rates_of([("无此类别", "没有的职务", 5)]) == history.rates.of(np.array([[-1, -1, 1]])).tolist()


def test_the_search_keeps_what_it_learned_and_the_page_learns_nothing(city: City, run_jobs: Jobs) -> None:
    run, _class_run = sent(city, run_jobs)
    now, kept = History.learned(run.on), History.of(run)
    assert kept.kept() == now.kept()
    traits = [(kind, rank, month) for kind in [*now.kinds, "?"] for rank in [*now.ranks, "?"] for month in range(1, 13)]
    assert kept.rates_of(traits) == now.rates_of(traits)
    before = Beyond(run).proposals
    past(city, came=90, refused=0, days_ago=50)
    assert Beyond(run).proposals == before, "what became known after the search is for the next one"
    run.result.pop(TURNOUT)
    assert Beyond(run).history.count == now.count + 90, "a run from before it was kept looks for itself"
    assert Beyond(run).proposals != before


def test_all_class_runs_take_as_many_questions_as_one(city: City, run_jobs: Jobs) -> None:
    rows = [city.class_run(weeks=week, seats_max=2, ranks=RANK) for week in range(3)]
    run = city.published(rows, run_jobs, overflow_percent=5)
    with CaptureQueriesContext(connection) as asked:
        found = Beyond(run).proposals
    assert [one.class_run for one in found] == rows
    assert len(asked) == 3, [one["sql"][:80] for one in asked]
    assert [Beyond(run).proposal(one) for one in rows] == found


def test_the_person_decides_and_every_hard_rule_but_the_seats_holds(city: City, run_jobs: Jobs) -> None:
    run, class_run = sent(city, run_jobs)
    with pytest.raises(Invalid):
        actions.invite_beyond(run, class_run, 2, by=city.department)
    with pytest.raises(Invalid):
        actions.invite_beyond(run, class_run, 0, by=city.department)
    (late,) = actions.invite_beyond(run, class_run, 1, by=city.department)
    assert (late.seat, late.state, late.is_beyond) == (None, State.SENT, True)
    entry = AuditEntry.objects.get(action="callups.invited_beyond")
    assert entry.actor_id == city.department.pk
    assert "超名额" in sentences.callup_sentence(late, sentences.Names())
    row = queries.board(run).get()
    assert (row.filled, row.beyond, row.free) == (SEATS + 1, 1, 0)
    assert Beyond(run).proposals[0].more == 0
    with pytest.raises(Invalid):
        actions.invite_beyond(run, class_run, 1, by=city.department)


def test_whoever_was_invited_beyond_gets_the_next_free_seat_before_the_waiting_list(city: City, run_jobs: Jobs) -> None:
    run, class_run = sent(city, run_jobs)
    (late,) = actions.invite_beyond(run, class_run, 1, by=city.department)
    first = run.callups.exclude(pk=late.pk).order_by("seat")[0]
    seat = first.seat
    assert actions.withdraw_callup(first, "出差", city.department) == []
    late.refresh_from_db()
    assert (late.seat, late.is_beyond) == (seat, False)
    second = run.callups.filter(state=State.SENT).exclude(pk=late.pk).order_by("seat")[0]
    freed = second.seat
    (after,) = actions.withdraw_callup(second, "出差", city.department)
    assert (after.code, after.seat) == ("from_waiting", freed)


def test_a_seat_can_still_pass_to_a_substitute_and_none_is_passed_on_without_one(city: City, run_jobs: Jobs) -> None:
    run, class_run = sent(city, run_jobs)
    (late,) = actions.invite_beyond(run, class_run, 1, by=city.department)
    seated = run.callups.exclude(pk=late.pk).order_by("seat")[0]
    on_list = set(run.callups.values_list("person_id", flat=True))
    free = next(person for person in city.people if person.pk not in on_list)
    with pytest.raises(Invalid):
        actions.propose_substitute(late, free, by=city.liaison)
    reply = actions.propose_substitute(seated, free, by=city.liaison)
    (made,) = actions.decide_reply(reply, approved=True, by=city.department)
    assert made.seat == seated.seat
    assert Reply.objects.get(pk=reply.pk).decision == "approved"


def test_free_seats_are_filled_first(city: City, run_jobs: Jobs) -> None:
    run, class_run = sent(city, run_jobs)
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=SEATS + 1)
    class_run.refresh_from_db()
    found = Beyond(run).proposal(class_run)
    assert (found.more, found.invitation.beyond, found.invitation.risk) == (0, 0, 0.0)
    assert found.invitation.expected < SEATS
    with pytest.raises(Conflict):
        actions.invite_beyond(run, class_run, 1, by=city.department)


def test_the_page_states_the_risk_in_words_and_shows_nobodys_rate(city: City, run_jobs: Jobs) -> None:
    run, class_run = sent(city, run_jobs)
    desk = signed_in(city.department)
    text = desk.get(reverse("callups:beyond", args=[run.pk])).content.decode()
    assert "个这样的班次中有一个到课人数超过名额" in text
    assert not any(person.name in text for person in city.people)
    assert "超名额通知" in desk.get(reverse("callups:run", args=[run.pk])).content.decode()
    answer = desk.post(reverse("callups:invite_beyond", args=[run.pk, class_run.pk]), {"count": "1"}, follow=True)
    assert "已超名额通知 1 人" in answer.content.decode()
    late = run.callups.get(code="beyond_seats")
    assert "有空余名额即补入" in desk.get(reverse("callups:callup", args=[late.pk])).content.decode()
    board = desk.get(reverse("callups:run", args=[run.pk])).content.decode()
    assert "超名额 1 人" in board


def test_only_the_planners_see_and_decide_and_only_after_the_publication(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=SEATS, ranks=RANK)
    run = city.solved([class_run], run_jobs, overflow_percent=5)
    assert not permissions.may_invite_beyond(city.department, run, class_run)
    text = signed_in(city.department).get(reverse("callups:beyond", args=[run.pk])).content.decode()
    assert "请先发布名单" in text
    actions.publish_run(run, reply_by=REPLY_BY, by=city.department)
    address = reverse("callups:invite_beyond", args=[run.pk, class_run.pk])
    auditor = factories.make_account(Role.AUDITOR, city.root)
    assert signed_in(city.liaison).post(address, {"count": "1"}).status_code == 404
    assert signed_in(city.liaison).get(reverse("callups:beyond", args=[run.pk])).status_code == 404
    assert signed_in(auditor).get(reverse("callups:beyond", args=[run.pk])).status_code == 200
    assert signed_in(auditor).post(address, {"count": "1"}).status_code == 403
    assert run.callups.filter(code="beyond_seats").count() == 0


def test_the_risk_is_never_said_to_be_rarer_than_it_is() -> None:
    assert "21 个" in sentences.risk(Invitation(1, 0.0467, 9.0))
    assert "20 个" in sentences.risk(Invitation(1, 0.05, 9.0))
    assert "几乎不会" in sentences.risk(Invitation(0, 0.0, 9.0))


def late_one(city: City, run_jobs: Jobs) -> tuple[CallupRun, ClassRun, Callup]:
    run, class_run = sent(city, run_jobs)
    (late,) = actions.invite_beyond(run, class_run, 1, by=city.department)
    Notice.objects.all().delete()
    return run, class_run, late


def test_a_named_person_releases_who_is_still_beyond_the_seats_and_everyone_is_told(city: City, run_jobs: Jobs) -> None:
    run, class_run, late = late_one(city, run_jobs)
    client = signed_in(city.department)
    page = client.get(reverse("callups:beyond", args=[run.pk])).content.decode()
    assert late.person.name in page
    for account in (city.liaison, factories.make_account(Role.AUDITOR, city.root, email="auditor@city.example")):
        with pytest.raises(Refused):
            actions.release_beyond(class_run, by=account)
    client.post(reverse("callups:release_beyond", args=[run.pk, class_run.pk]))
    late.refresh_from_db()
    assert (late.state, late.seat, late.note) == (State.RELEASED, None, "开班前没有空出名额。")
    assert run.callups.filter(state__in=Callup.TO_COME).count() == SEATS
    assert AuditEntry.objects.get(action="callups.released").actor_id == city.department.pk
    assert Notice.objects.filter(kind="callups.released", recipient_id=city.liaison.pk).count() == 1
    assert "未递补上" in client.get(reverse("callups:callup", args=[late.pk])).content.decode()
    with pytest.raises(Conflict):
        actions.release_beyond(class_run, by=city.department)


def test_a_seat_that_is_there_is_given_rather_than_anybody_released(city: City, run_jobs: Jobs) -> None:
    _run, class_run, late = late_one(city, run_jobs)
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=SEATS + 1)
    assert actions.release_beyond(class_run, by=city.department) == []
    late.refresh_from_db()
    assert (late.seat, late.state) == (SEATS + 1, State.SENT)


def test_the_department_is_reminded_once_and_when_the_class_begins_nobody_is_left_without_a_word(
    city: City, run_jobs: Jobs
) -> None:
    _run, class_run, late = late_one(city, run_jobs)
    begins = class_run.starts_on
    assert actions.settle_beyond(begins - dt.timedelta(days=REMIND_DAYS + 1)) == 0
    assert not Notice.objects.exists()
    for days in (REMIND_DAYS, 1):
        assert actions.settle_beyond(begins - dt.timedelta(days=days)) == 0
    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient_id) == ("callups.beyond_soon", city.department.pk)
    late.refresh_from_db()
    assert late.state == State.SENT
    assert actions.settle_beyond(begins) == 1
    late.refresh_from_db()
    assert late.state == State.RELEASED
    assert AuditEntry.objects.get(action="callups.released").actor_id is None
    assert actions.settle_beyond(begins) == 0


def test_who_is_released_refused_nothing_is_away_on_no_day_and_goes_where_before_in_the_next_run(
    city: City, run_jobs: Jobs
) -> None:
    run, class_run, late = late_one(city, run_jobs)
    before = read_burden([class_run.year], read_units(), read_people(read_units(), ()))
    actions.release_beyond(class_run, by=city.department)
    after = read_burden([class_run.year], read_units(), read_people(read_units(), ()))
    assert after.invited.sum() == before.invited.sum() == SEATS + 1
    assert after.refused.sum() == before.refused.sum() == 0
    days = (class_run.ends_on - class_run.starts_on).days + 1
    assert before.days.sum() - after.days.sum() == days
    history = History.learned(class_run.starts_on)
    Callup.objects.filter(run=run, state=State.SENT).update(state=State.COMPLETED)
    assert History.learned(class_run.starts_on).count == history.count + SEATS
    again = city.solved([city.class_run(weeks=2, seats_max=1, ranks=RANK)], run_jobs)
    never_called = {person.pk for person in city.people} - set(
        run.callups.exclude(pk=late.pk).values_list("person_id", flat=True)
    )
    assert again.callups.get().person_id in never_called
    frozen_pairs = problem.load(again).tables["pairs"].to_pylist()
    facts = {row["person_id"]: (row["months"], row["this_year"]) for row in frozen_pairs if not row["occupied"]}
    assert {facts[person] for person in never_called} == {facts[late.person_id]}


def test_a_seat_that_is_there_when_the_class_begins_is_given_and_nobody_released(city: City, run_jobs: Jobs) -> None:
    _run, class_run, late = late_one(city, run_jobs)
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=SEATS + 1)
    assert actions.settle_beyond(class_run.starts_on) == 0
    late.refresh_from_db()
    assert (late.seat, late.state) == (SEATS + 1, State.SENT)
    assert AuditEntry.objects.get(action="callups.seat_given").subject_id == str(late.pk)


def test_the_department_hears_nothing_of_whoever_a_seat_is_there_for(city: City, run_jobs: Jobs) -> None:
    _run, class_run, late = late_one(city, run_jobs)
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=SEATS + 1)
    actions.settle_beyond(class_run.starts_on - dt.timedelta(days=1))
    late.refresh_from_db()
    assert late.seat == SEATS + 1
    assert not Notice.objects.filter(kind="callups.beyond_soon").exists()


def test_nobody_is_told_not_to_come_to_a_class_that_is_over(city: City, run_jobs: Jobs) -> None:
    """Such as came without a seat before anybody was released, and whose registers are not settled."""
    _run, class_run, late = late_one(city, run_jobs)
    assert actions.settle_beyond(class_run.ends_on + dt.timedelta(days=1)) == 0
    late.refresh_from_db()
    assert late.state == State.SENT
    assert actions.settle_beyond(class_run.ends_on) == 1


def test_whoever_came_without_a_seat_is_not_said_to_have_one(city: City, run_jobs: Jobs) -> None:
    run, class_run, late = late_one(city, run_jobs)
    Callup.objects.filter(pk=late.pk).update(state=State.COMPLETED)
    address = reverse("callups:release_beyond", args=[run.pk, class_run.pk])
    text = signed_in(city.department).post(address, follow=True).content.decode()
    assert "已全部补上" not in text
    assert not run.callups.filter(state=State.RELEASED).exists()
