"""The board tells what is due to whom: class runs not asked about, follow-ups, assessments, improvements, rates without names."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.attendance.school import make_callup
from tests.evaluations.polled import NOW, Poll, make_poll
from tests.evaluations.test_assessments import Case, make_case
from zhixing.callups.models import Callup
from zhixing.evaluations import actions
from zhixing.evaluations.models import Assessment, Improvement, LaunchRule, Survey
from zhixing.evaluations.queries import board as queries_board
from zhixing.evaluations.queries.board import Board, board_for
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
PAGE = "evaluations:board"


@pytest.fixture
def poll() -> Poll:
    return make_poll(people=8)


def make_unasked(poll: Poll) -> ClassRun:
    """A class run that is over, of one who completed it."""
    run = factories.make_class_run("没测评的班", institution=poll.school.institution, state=ClassRun.State.HELD)
    make_callup(run, factories.make_person(poll.school.organ), "completed", 1)
    return run


def board(user: Account, later: int = 0) -> Board:
    return board_for(user, NOW + dt.timedelta(days=later))


def test_a_class_run_that_nobody_asked_about_is_told_until_somebody_does(poll: Poll) -> None:
    run = make_unasked(poll)
    for user in (poll.school.department, poll.school.head):
        assert [one.name for one in board(user).unasked if one.pk == run.pk] == ["没测评的班"]
        assert poll.school.class_run not in board(user).unasked
    assert not board(poll.school.department, later=300).unasked
    ClassRun.objects.filter(pk=run.pk).update(state=ClassRun.State.CANCELLED)
    assert not board(poll.school.department).unasked


def test_where_nobody_was_called_nobody_is_missed(poll: Poll) -> None:
    run = make_unasked(poll)
    assert run in board(poll.school.department).unasked
    Callup.objects.filter(class_run=run).update(state=Callup.State.EXCUSED, seat=None)
    assert not board(poll.school.department).unasked


def test_a_follow_up_is_told_with_whether_a_rule_will_begin_it(poll: Poll) -> None:
    def months(later: int) -> list[tuple[int, bool]]:
        return [(one.months, one.by_itself) for one in board(poll.school.department, later).follow_ups]

    assert months(0) == [(1, False)]
    assert months(70) == [(3, False)]
    rule = actions.make_rule(
        poll.version.form, "trainees", months=1, open_days=7, by=poll.school.department, today=NOW.date()
    )
    assert months(0) == [(1, False)], "it came into force after the class run"
    LaunchRule.objects.filter(pk=rule.pk).update(from_on=poll.school.class_run.starts_on)
    assert months(0) == [(1, True)]
    assert months(45) == [(1, False), (3, False)], "too late for the rule"
    Survey.objects.create(
        version=poll.version, class_run=poll.school.class_run, group="trainees", months=1, opens_at=NOW, closes_at=NOW + dt.timedelta(days=1)
    )  # fmt: skip
    assert months(0) == []


def test_a_follow_up_of_the_superiors_is_missed_though_the_trainees_were_asked(poll: Poll) -> None:
    def told() -> list[tuple[str, bool]]:
        return [(one.group, one.by_itself) for one in board(poll.school.department).follow_ups]

    def survey(group: str, months: int) -> None:
        Survey.objects.create(
            version=poll.version, class_run=poll.school.class_run, group=group, months=months, opens_at=NOW, closes_at=NOW + dt.timedelta(days=1)
        )  # fmt: skip

    survey("trainees", 1)
    assert told() == [], "superiors were never asked"
    survey("superiors", 0)
    assert told() == [("superiors", False)]
    rule = actions.make_rule(
        poll.version.form, "superiors", months=1, open_days=7, by=poll.school.department, today=NOW.date()
    )
    LaunchRule.objects.filter(pk=rule.pk).update(from_on=poll.school.class_run.starts_on)
    assert told() == [("superiors", True)]
    survey("superiors", 1)
    assert told() == []


def test_rates_are_live_and_nobody_is_named(poll: Poll, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    for who in range(3):
        poll.hand_in(who)
    client.force_login(poll.school.head)
    page = client.get(reverse(PAGE)).content.decode()
    assert "3 / 7 · 42%" in page
    assert not any(one.name in page for one in poll.school.trainees)


def test_of_few_asked_there_is_no_rate(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    poll = make_poll(people=5)
    poll.hand_in(0)
    client.force_login(poll.school.department)
    page = client.get(reverse(PAGE)).content.decode()
    assert "1 / 4" not in page
    assert "不显示填写进度" in page


def turns(case: Case, user: Account) -> list[tuple[str, bool, bool]]:
    return [(one.what, one.mine, one.late) for one in board_for(user, timezone.now()).assessments]


def test_an_assessment_waits_for_whose_turn_it_is() -> None:
    case = make_case()
    assert turns(case, case.head) == [("report", True, False)]
    assert turns(case, case.department) == [("report", False, False)]
    Assessment.objects.update(report_due_on=dt.date(2026, 1, 1))
    assert turns(case, case.department) == [("report", True, True)]
    case.report()
    assert turns(case, case.head) == [("review", False, False)]
    assert turns(case, case.department) == [("review", True, False)]
    case.review(80, 90)
    told = case.tell()
    assert turns(case, case.head) == [("may_appeal", True, False)]
    actions.appeal_result(told, case.judged[0], "依据不足", by=case.head)
    assert turns(case, case.department) == [("appeal", True, True)]
    Assessment.objects.update(state=Assessment.State.FINAL)
    assert turns(case, case.department) == []


def test_late_improvements_and_those_to_be_looked_at_are_told(client: Client) -> None:
    case = make_case()
    today = timezone.localdate()
    for text, due, state in (("迟", -3, "open"), ("快", 9, "open"), ("远", 90, "open"), ("报", -9, "done")):
        Improvement.objects.create(
            institution=case.school, assessment=case.assessment, text=text, owner="教务处", due_on=today + dt.timedelta(days=due), state=state, by_id=1
        )  # fmt: skip
    found = board_for(case.department, timezone.now())
    assert [[one.text for one in rows] for rows in (found.overdue, found.soon, found.reported)] == [
        ["迟"],
        ["快"],
        ["报"],
    ]
    assert not board_for(case.head, timezone.now()).reported
    client.force_login(case.department)
    assert client.get(reverse(PAGE)).status_code == 200


def test_all_is_counted_however_much_is_drawn(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    """What is the reader's turn is drawn first, whatever day others have."""
    monkeypatch.setattr(queries_board, "SHOWN", 2)
    case = make_case()
    today = timezone.localdate()
    Improvement.objects.bulk_create(
        Improvement(
            institution=case.school, assessment=case.assessment, text=f"迟{n}", owner="教务处", due_on=today - dt.timedelta(days=3), by_id=1
        )
        for n in range(5)
    )  # fmt: skip
    for n in range(3):
        run = factories.make_class_run(
            f"班{n}", institution=case.school, state=ClassRun.State.HELD, starts_on=today - dt.timedelta(days=9)
        )
        make_callup(run, factories.make_person(case.school), "completed", 1)
    case.report()
    for place in range(1, 4):  # of other years, still with the institution, due before
        Assessment.objects.create(
            version=case.assessment.version, institution=case.school, year=2020 + place, report_due_on=today + dt.timedelta(days=place), by_id=1
        )  # fmt: skip
    Assessment.objects.filter(pk=case.assessment.pk).update(report_due_on=today + dt.timedelta(days=90))
    found = board_for(case.department, timezone.now())
    assert (found.counts.overdue, found.counts.assessments, found.counts.turns) == (5, 4, 1)
    assert (len(found.overdue), len(found.assessments)) == (2, 2)
    assert found.assessments[0].mine
    assert found.counts.unasked >= 3
    assert found.counts.due >= 9
    client.force_login(case.department)
    assert "未在此列出" in client.get(reverse(PAGE)).content.decode()


def test_nobody_sees_what_is_due_elsewhere(poll: Poll, client: Client) -> None:
    make_unasked(poll)
    county = factories.make_unit("东县", poll.school.city, kind=Unit.Kind.COUNTY)
    school = factories.make_unit("东县党校", county, kind=Unit.Kind.SCHOOL)
    head = factories.make_account(Role.SCHOOL, poll.school.institution, own_class_runs_only=True)
    for user in (factories.make_department(county), factories.make_account(Role.SCHOOL, school), head):
        found = board(user)
        assert [*found.unasked, *found.open, *found.follow_ups, *found.assessments, *found.overdue] == []
    auditor = factories.make_account(Role.AUDITOR, poll.school.city)
    assert board(auditor).unasked
    client.force_login(auditor)
    assert client.get(reverse(PAGE)).status_code == 200


@pytest.mark.parametrize("role", [Role.LIAISON, Role.TRAINEE, Role.TEACHER])
def test_others_have_no_board(poll: Poll, client: Client, role: str) -> None:
    user = poll.school.trainees[0] if role == Role.TRAINEE else factories.make_account(role, poll.school.organ)
    client.force_login(user)
    assert client.get(reverse(PAGE)).status_code == 403
