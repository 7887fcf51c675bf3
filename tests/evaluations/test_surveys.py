"""Launching by hand and by rule, prolonging, reminding, closing; and who may."""

from __future__ import annotations

import datetime as dt

import pytest

from tests import factories
from tests.attendance.school import MONDAY, at
from tests.evaluations.polled import CLOSES, LATER, NOW, Poll, make_held_school, make_poll, make_teacher, make_version
from zhixing.attendance.models import NamedApprover
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.evaluations import actions, rules
from zhixing.evaluations.actions.launching import months_after
from zhixing.evaluations.models import FormVersion, Group, Sheet, Survey, Ticket
from zhixing.people.models import Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll() -> Poll:
    return make_poll()


def test_each_rater_group_is_who_it_says(poll: Poll) -> None:
    school = poll.school
    teacher = make_teacher(school)
    NamedApprover.objects.create(
        class_run=school.class_run, approver="class_head", account=school.staff[0], deputy=school.staff[1]
    )
    liaison = factories.make_account(Role.LIAISON, school.organ)
    expected = {
        Group.TEACHERS: {teacher.pk},
        Group.STAFF: {school.staff[0].pk, school.staff[1].pk},
        Group.OFFICE: {school.staff[2].pk},
    }
    for group, accounts in expected.items():
        survey = poll.launch(group)
        assert set(Ticket.objects.filter(survey=survey).values_list("account", flat=True)) == accounts
    survey = poll.launch(Group.SUPERIORS)
    assert list(Ticket.objects.filter(survey=survey).values_list("unit", flat=True)) == [school.organ.pk]
    assert Notice.objects.filter(recipient_id=liaison.pk).exists()
    assert Ticket.objects.visible_to(liaison).count() == 1


def test_a_units_link_goes_to_the_nearest_liaison_and_only_there(poll: Poll) -> None:
    below = factories.make_unit("水政科", poll.school.organ)
    poll.school.callups[0].unit = below
    poll.school.callups[0].save()
    upper = factories.make_account(Role.LIAISON, poll.school.organ)
    other = factories.make_account(Role.LIAISON, factories.make_unit("市审计局", poll.school.city))
    survey = poll.launch(Group.SUPERIORS)
    assert survey.invited == 1
    assert Ticket.objects.visible_to(upper).count() == 1
    assert not Ticket.objects.visible_to(other).exists()


def test_the_same_survey_is_launched_once(poll: Poll) -> None:
    with pytest.raises(Conflict):
        poll.launch()
    assert Survey.objects.count() == 1


def test_nobody_to_ask_is_said_and_nothing_is_launched(poll: Poll) -> None:
    with pytest.raises(Invalid):
        poll.launch(Group.TEACHERS)
    assert Survey.objects.count() == 1


def test_a_form_about_sessions_needs_one_of_this_class_run(poll: Poll) -> None:
    poll.version = make_version(poll.school.department, "course")
    other = make_held_school()
    for session in (None, other.sessions[0]):
        with pytest.raises(Invalid):
            poll.launch(session=session)
    survey = poll.launch(session=poll.school.sessions[0])
    assert survey.invited == 5


def test_a_draft_is_put_to_nobody(poll: Poll) -> None:
    poll.version = actions.begin_draft(poll.version, by=poll.school.department)
    with pytest.raises(Invalid):
        poll.launch()


def test_only_the_organising_department_launches(poll: Poll) -> None:
    county = factories.make_unit("东县", poll.school.city, kind=Unit.Kind.COUNTY)
    version = make_version(poll.school.department, "behaviour-own")
    for who in (*poll.school.staff[:1], factories.make_department(county), poll.school.trainees[0]):
        with pytest.raises(Refused):
            actions.launch_survey(version, poll.school.class_run, "trainees", by=who, closes_at=CLOSES, now=NOW)


def test_repeats_are_frozen_at_the_launch() -> None:
    document = {
        "form": {"title": "逐课", "subject": "class_run"},
        "block": [{"title": "课", "weight": 100, "item": [
            {"code": "s", "text": "本课", "kind": "grades", "per": "session"},
            {"code": "t", "text": "教师", "kind": "scale", "top": 10, "per": "teacher"},
        ]}],
    }  # fmt: skip
    school = make_held_school()
    make_teacher(school)
    poll = Poll(school, make_version(school.department, document=document))
    poll.survey = poll.launch()
    first, second = school.sessions
    names = [f"s@{first.pk}", f"s@{second.pk}", f"t@{first.teacher_id}"]
    assert [field.name for field in poll.survey.fields] == names
    poll.hand_in(0, mark=2)
    assert Sheet.objects.get().answers == dict.fromkeys(names, 2)


# Prolonging, reminding, closing


def test_a_survey_is_prolonged_not_shortened(poll: Poll) -> None:
    later = CLOSES + dt.timedelta(days=3)
    actions.prolong_survey(poll.survey, later, by=poll.school.department, now=NOW)
    poll.survey.refresh_from_db()
    assert poll.survey.closes_at == later
    for wrong in (CLOSES, NOW + dt.timedelta(days=91)):
        with pytest.raises(Invalid):
            actions.prolong_survey(poll.survey, wrong, by=poll.school.department, now=NOW)


def test_a_reminder_reaches_those_who_have_not_answered_and_tells_nobody_who(poll: Poll) -> None:
    poll.hand_in(0)
    Notice.objects.all().delete()
    actions.remind(poll.survey, by=poll.school.head, now=NOW)
    reached = set(Notice.objects.values_list("recipient_id", flat=True))
    assert reached == {one.pk for one in poll.school.trainees[1:5]}
    entry = AuditEntry.objects.get(action="evaluations.reminded")
    assert entry.details == {}
    poll.survey.refresh_from_db()
    for by in (poll.school.head, poll.school.department):
        with pytest.raises(Refused):
            actions.remind(poll.survey, by=by, now=NOW + dt.timedelta(days=1))
    actions.remind(poll.survey, by=poll.school.head, now=NOW + dt.timedelta(days=2))


def test_closing_is_for_good_and_for_the_department(poll: Poll) -> None:
    poll.hand_in(0)
    with pytest.raises(Refused):
        actions.close_survey(poll.survey, by=poll.school.head)
    actions.close_survey(poll.survey, by=poll.school.department)
    with pytest.raises(Conflict):
        actions.close_survey(poll.survey, by=None)
    assert not Ticket.objects.exists()


# By rule


def rule_for(poll: Poll, version: FormVersion | None = None, group: str = Group.TRAINEES, months: int = 0) -> None:
    version = version or poll.version
    actions.make_rule(version.form, group, months=months, open_days=5, by=poll.school.department, today=MONDAY)


@pytest.fixture
def held() -> Poll:
    """A class run that is over and about which nothing was launched yet."""
    school = make_held_school()
    return Poll(school, make_version(school.department))


def launched(now: dt.datetime) -> int:
    return actions.settle_surveys(now)[1]


def test_a_rule_launches_when_the_last_session_is_over_and_once(held: Poll) -> None:
    rule_for(held)
    assert launched(at(MONDAY, 17)) == 0
    assert launched(at(MONDAY, 17, 30)) == 1
    assert launched(at(MONDAY, 18)) == 0
    survey = Survey.objects.get()
    assert (survey.invited, survey.by_id, survey.months) == (5, None, 0)
    assert survey.closes_at == at(MONDAY + dt.timedelta(days=5), 23, 59)


@pytest.mark.parametrize(
    ("months", "on"), [(1, dt.date(2026, 10, 7)), (3, dt.date(2026, 12, 7)), (6, dt.date(2027, 3, 7))]
)
def test_a_rule_launches_months_later(held: Poll, months: int, on: dt.date) -> None:
    rule_for(held, months=months)
    assert launched(at(on - dt.timedelta(days=1), 23)) == 0
    assert launched(at(on, 0, 1)) == 1
    assert Survey.objects.get().months == months


def test_a_rule_does_not_wake_up_for_what_is_long_over(held: Poll) -> None:
    rule_for(held)
    assert launched(at(MONDAY + dt.timedelta(days=5), 9)) == 0


def test_a_rule_counts_from_its_own_day(held: Poll) -> None:
    actions.make_rule(
        held.version.form,
        "trainees",
        months=0,
        open_days=5,
        by=held.school.department,
        today=MONDAY + dt.timedelta(days=1),
    )
    assert launched(at(MONDAY, 18)) == 0


def test_a_rule_for_sessions_asks_whom_the_register_saw(held: Poll) -> None:
    rule_for(held, make_version(held.school.department, "course"), months=3)
    assert launched(at(MONDAY, 12)) == 1
    assert launched(at(MONDAY, 17, 30)) == 1
    assert set(Survey.objects.values_list("session", "months")) == {(one.pk, 0) for one in held.school.sessions}


def test_what_was_launched_by_hand_is_not_launched_again(held: Poll) -> None:
    rule_for(held)
    held.launch(now=at(MONDAY, 16))
    assert launched(at(MONDAY, 18)) == 0


def test_a_rule_takes_the_version_in_force(held: Poll) -> None:
    rule_for(held)
    draft = actions.begin_draft(held.version, by=held.school.department)
    actions.publish_version(draft, edition=1, by=held.school.department)
    launched(at(MONDAY, 18))
    assert Survey.objects.get().version_id == draft.pk


def test_a_stopped_rule_launches_nothing(held: Poll) -> None:
    rule_for(held)
    rule = held.version.form.launch_rules.get()
    with pytest.raises(Refused):
        actions.stop_rule(rule, by=held.school.head)
    actions.stop_rule(rule, by=held.school.department)
    with pytest.raises(Refused):
        actions.stop_rule(held.version.form.launch_rules.get(), by=held.school.department)
    assert launched(at(MONDAY, 18)) == 0


def test_the_same_rule_is_in_force_once(held: Poll) -> None:
    rule_for(held)
    with pytest.raises(Conflict):
        rule_for(held)


def test_a_countys_rule_leaves_the_citys_class_runs_alone(held: Poll) -> None:
    county = factories.make_department(factories.make_unit("东县", held.school.city, kind=Unit.Kind.COUNTY))
    actions.make_rule(held.version.form, "trainees", months=0, open_days=5, by=county, today=MONDAY)
    assert launched(at(MONDAY, 18)) == 0
    ClassRun.objects.update(organised_by=county.scope_unit)
    assert launched(at(MONDAY, 18)) == 1


def test_the_clock_closes_what_is_over(poll: Poll) -> None:
    assert actions.settle_surveys(CLOSES - dt.timedelta(minutes=1)) == (0, 0)
    assert actions.settle_surveys(LATER) == (1, 0)
    assert Survey.objects.get().state == Survey.State.CLOSED


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2023, 11, 30), 3, dt.date(2024, 2, 29)),
        (dt.date(2026, 9, 15), 6, dt.date(2027, 3, 15)),
    ],
)
def test_months_end_on_the_last_day_there_is(day: dt.date, months: int, expected: dt.date) -> None:
    assert months_after(day, months) == expected


# The rules file


def test_the_shipped_rules_are_sound() -> None:
    found = rules.in_force()
    assert found.least >= 3
    assert all(sum(scheme.weights.values()) == 100 for scheme in found.schemes.values())


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("least = 5", "least = 2", "results.least"),
        ("least = 5", "", "results.least"),
        ("fair = 60", "fair = 90", "grades"),
        ("trainees = 60", "trainees = 50", "scheme[1].weights"),
        ("trainees = 60", "neighbours = 60", "scheme[1].weights.neighbours"),
        ('subject = "session"', 'subject = "class_run"', "scheme[2].subject"),
        ("[asking]", "[asking]\nhurry = true", "asking.hurry"),
    ],
)
def test_each_fault_of_the_rules_is_told_with_its_place(old: str, new: str, place: str) -> None:
    text = rules.rules_file().read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(rules.PolicyError) as caught:
        rules.parse(text.replace(old, new, 1))
    assert place in {one.key for one in caught.value.problems}
