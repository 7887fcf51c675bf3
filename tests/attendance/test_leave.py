"""Leave: asked for, up the ladder, entered in the registers, ended; the cap counted live."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import factories
from tests.attendance.school import MONDAY, School, at, make_school, make_session
from zhixing.attendance import actions, queries
from zhixing.attendance.models import Evidence, Leave, LeaveSession, Mark, Status, Withdrawal
from zhixing.base.models import Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups.models import Callup, MakeUp
from zhixing.obligations.models import Entry
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
BEFORE = at(MONDAY, 7)


@pytest.fixture
def school() -> School:
    made = make_school()
    made.open()
    return made


def ask(school: School, numbers: list[int], who: int = 0, **fields: object) -> Leave:
    sessions = [school.sessions[n] for n in numbers]
    given = {"reason": Leave.Reason.DUTY, "by": school.trainees[who], "now": BEFORE, **fields}
    return actions.ask_leave(school.callups[who], sessions, **given)


def approve(school: School, leave: Leave, now: dt.datetime = BEFORE) -> Leave:
    """Up the whole ladder, a different person on each rung."""
    deciders = iter([*school.staff, school.department])
    while leave.state == Leave.State.ASKED:
        leave = actions.decide_leave(leave, agree=True, by=next(deciders), now=now)
    return leave


def marks(school: School, who: int = 0) -> dict[int, str]:
    """Number of the session → status."""
    places = {session.pk: n for n, session in enumerate(school.sessions)}
    rows = Mark.objects.filter(callup=school.callups[who]).select_related("register")
    return {places[mark.register.session_id]: mark.status for mark in rows}


class TestAsking:
    @pytest.mark.parametrize(
        ("half_days", "rungs"),
        [
            (1, ["class_head"]),
            (2, ["class_head", "teaching_office"]),
            (3, ["class_head", "teaching_office", "principal"]),
            (7, ["class_head", "teaching_office", "principal", "department"]),
        ],
    )
    def test_the_ladder_follows_from_the_half_days(self, school: School, half_days: int, rungs: list[str]) -> None:
        leave = ask(school, list(range(half_days)))
        assert (leave.half_days, leave.tenths) == (half_days, half_days * 30)
        assert [step.approver for step in leave.steps.all()] == rungs

    def test_the_first_rung_is_told(self, school: School) -> None:
        leave = ask(school, [0])
        told = Notice.objects.filter(kind="attendance.leave_asked")
        assert {notice.recipient_id for notice in told} == {staff.pk for staff in school.staff}
        assert str(leave.pk) in told[0].link

    def test_a_class_head_asks_on_behalf_of_a_trainee(self, school: School) -> None:
        assert ask(school, [0], by=school.head).by_id == school.head.pk

    def test_a_fellow_trainee_a_liaison_and_a_teacher_do_not(self, school: School) -> None:
        strangers = [
            school.trainees[1],
            factories.make_account(Role.LIAISON, school.organ),
            factories.make_account(Role.TEACHER),
            factories.make_account(Role.SCHOOL, factories.make_unit("别校", school.city, kind=Unit.Kind.SCHOOL)),
        ]
        for stranger in strangers:
            with pytest.raises(Refused):
                ask(school, [0], by=stranger)

    def test_leave_needs_a_half_day_of_this_class_run_that_is_in_no_other_leave(self, school: School) -> None:
        with pytest.raises(Invalid):
            ask(school, [])
        other = make_school(people=0)
        with pytest.raises(Invalid):
            actions.ask_leave(school.callups[0], other.sessions[:1], reason="duty", by=school.trainees[0], now=BEFORE)
        ask(school, [0, 1])
        with pytest.raises(Invalid, match="another leave"):
            ask(school, [1, 2])

    def test_a_refused_or_cancelled_leave_frees_its_half_days(self, school: School) -> None:
        actions.cancel_leave(ask(school, [0]), by=school.trainees[0], now=BEFORE)
        leave = ask(school, [0])
        actions.decide_leave(leave, agree=False, by=school.head, note="课程重要", now=BEFORE)
        assert ask(school, [0]).pk

    def test_leave_is_recorded_until_three_days_later(self, school: School) -> None:
        noon = at(MONDAY, 12)
        assert ask(school, [0], now=noon + dt.timedelta(days=3)).pk
        with pytest.raises(Invalid, match="3 days"):
            ask(school, [0], who=1, now=noon + dt.timedelta(days=3, seconds=1))

    def test_a_medical_paper_is_not_kept(self, school: School) -> None:
        paper = SimpleUploadedFile("诊断.pdf", b"%PDF-1.7 ...")
        with pytest.raises(Invalid, match="medical"):
            ask(school, [0], reason=Leave.Reason.HEALTH, proof=paper)
        assert not Leave.objects.exists()

    def test_another_proof_is_kept_when_it_is_what_it_says(self, school: School) -> None:
        leave = ask(school, [0], proof=SimpleUploadedFile("通知.pdf", b"%PDF-1.7 ..."))
        assert leave.proof is not None
        with pytest.raises(Invalid):
            ask(school, [1], proof=SimpleUploadedFile("通知.pdf", b"MZ program"))

    @pytest.mark.parametrize("state", [Callup.State.ASKED, Callup.State.COMPLETED, Callup.State.WITHDRAWN])
    def test_only_people_on_the_list_ask(self, school: School, state: str) -> None:
        seat = None if state == Callup.State.WITHDRAWN else 1
        Callup.objects.filter(pk=school.callups[0].pk).update(state=state, seat=seat)
        school.callups[0].refresh_from_db()
        with pytest.raises(Refused):
            ask(school, [0])


class TestDeciding:
    def test_the_last_agreement_approves_and_enters_the_registers(self, school: School) -> None:
        leave = ask(school, [0, 1])
        leave = actions.decide_leave(leave, agree=True, by=school.staff[0], now=BEFORE)
        assert (leave.state, marks(school)) == (Leave.State.ASKED, {})
        leave = actions.decide_leave(leave, agree=True, by=school.staff[1], now=BEFORE)
        assert (leave.state, marks(school)) == (Leave.State.APPROVED, {0: "leave", 1: "leave"})

    def test_the_next_rung_is_told_without_who_agreed_before(self, school: School) -> None:
        actions.decide_leave(ask(school, [0, 1]), agree=True, by=school.staff[0], now=BEFORE)
        told = Notice.objects.filter(kind="attendance.leave_asked").order_by("-pk")[:2]
        assert {notice.recipient_id for notice in told} == {school.staff[1].pk, school.staff[2].pk}

    def test_the_steps_go_in_order(self, school: School) -> None:
        leave = ask(school, list(range(7)))
        for number, decider in enumerate([*school.staff, school.department], start=1):
            step = queries.current_step(leave)
            assert step is not None
            assert step.order == number
            actions.decide_leave(leave, agree=True, by=decider, now=BEFORE)
        leave.refresh_from_db()
        assert leave.state == Leave.State.APPROVED

    def test_the_school_does_not_stand_on_the_rung_of_the_department(self, school: School) -> None:
        leave = ask(school, list(range(7)))
        for decider in school.staff:
            actions.decide_leave(leave, agree=True, by=decider, now=BEFORE)
        fourth = factories.make_account(Role.SCHOOL, school.institution)
        with pytest.raises(Refused, match="Someone else"):
            actions.decide_leave(leave, agree=True, by=fourth, now=BEFORE)

    def test_nobody_agrees_twice(self, school: School) -> None:
        leave = actions.decide_leave(ask(school, [0, 1]), agree=True, by=school.head, now=BEFORE)
        with pytest.raises(Refused, match="another person"):
            actions.decide_leave(leave, agree=True, by=school.head, now=BEFORE)

    def test_nobody_decides_about_themselves(self, school: School) -> None:
        person = school.callups[0].person
        Account.objects.filter(person=person).delete()
        own = factories.make_account(Role.SCHOOL, school.institution, person)
        leave = ask(school, [0], by=own)
        with pytest.raises(Refused, match="themselves"):
            actions.decide_leave(leave, agree=True, by=own, now=BEFORE)

    def test_whoever_is_outside_the_scope_does_not_decide(self, school: School) -> None:
        leave = ask(school, [0])
        county = factories.make_unit("别县", school.city, kind=Unit.Kind.COUNTY)
        strangers = [
            factories.make_account(Role.SCHOOL, factories.make_unit("别校", school.city, kind=Unit.Kind.SCHOOL)),
            factories.make_account(Role.DEPARTMENT, county),
            factories.make_account(Role.LIAISON, school.organ),
            factories.make_account(Role.AUDITOR, school.city),
            school.trainees[0],
        ]
        for stranger in strangers:
            with pytest.raises(Refused):
                actions.decide_leave(leave, agree=True, by=stranger, now=BEFORE)

    def test_a_refusal_says_why_and_ends_it(self, school: School) -> None:
        leave = ask(school, [0, 1])
        with pytest.raises(Invalid):
            actions.decide_leave(leave, agree=False, by=school.head, note="  ", now=BEFORE)
        leave = actions.decide_leave(leave, agree=False, by=school.head, note="课程重要", now=BEFORE)
        assert leave.state == Leave.State.REFUSED
        assert Notice.objects.get(recipient_id=school.trainees[0].pk).text == "课程重要"
        with pytest.raises(Refused, match="already decided"):
            actions.decide_leave(leave, agree=True, by=school.staff[1], now=BEFORE)

    def test_two_people_on_one_rung_decide_once(self, school: School) -> None:
        leave = ask(school, [0])
        stale = Leave.objects.get(pk=leave.pk)
        actions.decide_leave(leave, agree=True, by=school.staff[0], now=BEFORE)
        with pytest.raises((Conflict, Refused)):
            actions.decide_leave(stale, agree=False, by=school.staff[1], note="不同意", now=BEFORE)
        assert Leave.objects.get(pk=leave.pk).state == Leave.State.APPROVED


class TestInTheRegister:
    def test_leave_approved_before_the_register_opens_is_entered_when_it_opens(self) -> None:
        school = make_school()
        approve(school, ask(school, [0]))
        school.open()
        assert marks(school) == {0: "leave"}

    def test_whoever_is_seen_in_spite_of_leave_is_there(self, school: School) -> None:
        approve(school, ask(school, [0]))
        school.mark(0, 0, Status.PRESENT)
        assert marks(school) == {0: "present"}
        school.close(0)
        assert queries.budget_of(school.callups[0]).used == 0

    def test_roll_call_that_says_absent_leaves_the_leave_standing(self, school: School) -> None:
        approve(school, ask(school, [0]))
        school.mark(0, 0, Status.ABSENT)
        assert marks(school) == {0: "leave"}

    def test_leave_earns_nothing_and_is_to_be_made_up(self, school: School) -> None:
        approve(school, ask(school, [0]))
        closing = school.close(0)
        assert (closing.present, closing.on_leave, closing.absent) == (3, 1, 0)
        assert not Entry.objects.filter(person=school.callups[0].person_id).exists()
        assert MakeUp.objects.get(missed=school.callups[0]).tenths == 30

    def test_leave_recorded_afterwards_turns_absent_into_leave(self, school: School) -> None:
        school.mark(0, 0, Status.ABSENT)
        school.close(0)
        next_day = at(MONDAY, 8) + dt.timedelta(days=1)
        approve(school, ask(school, [0], now=next_day), now=next_day)
        assert marks(school) == {0: "leave"}
        assert MakeUp.objects.get(missed=school.callups[0]).tenths == 30
        budget = queries.budget_of(school.callups[0])
        assert (budget.leave, budget.absent, budget.used) == (30, 0, 30)


class TestEnding:
    def test_reporting_back_releases_what_has_not_begun(self, school: School) -> None:
        leave = approve(school, ask(school, [0, 1, 2]))
        noon = at(MONDAY, 13)
        leave = actions.report_back(leave, by=school.trainees[0], now=noon)
        assert (leave.state, leave.back_at) == (Leave.State.ENDED, noon)
        assert marks(school) == {0: "leave"}
        assert queries.budget_of(school.callups[0]).used == 30
        assert LeaveSession.objects.filter(released_at=noon).count() == 2

    def test_after_reporting_back_an_unseen_person_is_absent(self, school: School) -> None:
        leave = approve(school, ask(school, [0, 1]))
        school.close(0)
        actions.report_back(leave, by=school.head, now=at(MONDAY, 13))
        school.close(1, everybody=False)
        assert marks(school) == {0: "leave", 1: "absent"}

    def test_a_leave_that_has_not_begun_is_cancelled_and_no_longer_counts(self, school: School) -> None:
        leave = approve(school, ask(school, [0]))
        actions.cancel_leave(leave, by=school.trainees[0], now=BEFORE)
        assert (marks(school), queries.budget_of(school.callups[0]).used) == ({}, 0)
        assert [row.source for row in Evidence.objects.order_by("pk")] == ["leave", "no_leave"]

    def test_a_leave_that_has_begun_is_not_cancelled(self, school: School) -> None:
        leave = approve(school, ask(school, [0, 1]))
        with pytest.raises(Conflict):
            actions.cancel_leave(leave, by=school.trainees[0], now=at(MONDAY, 9))

    def test_only_an_approved_leave_is_reported_back_from_and_once(self, school: School) -> None:
        leave = ask(school, [0])
        with pytest.raises(Conflict):
            actions.report_back(leave, by=school.trainees[0], now=BEFORE)
        approve(school, leave)
        leave.refresh_from_db()
        actions.report_back(leave, by=school.trainees[0], now=at(MONDAY, 10))
        with pytest.raises(Refused):
            actions.report_back(leave, by=school.trainees[0], now=at(MONDAY, 11))

    def test_others_neither_cancel_nor_report_back(self, school: School) -> None:
        leave = approve(school, ask(school, [0]))
        for deed in (actions.cancel_leave, actions.report_back):
            with pytest.raises(Refused):
                deed(leave, by=school.trainees[1], now=BEFORE)

    def test_a_person_on_leave_again_after_ending_one_is_on_leave(self, school: School) -> None:
        actions.cancel_leave(approve(school, ask(school, [0])), by=school.trainees[0], now=BEFORE)
        approve(school, ask(school, [0]))
        assert marks(school) == {0: "leave"}


class TestCap:
    """The class run has 30.0 hours; a seventh is 4.28, so one half day (3.0) is inside and two (6.0) are over."""

    def test_the_budget_shows_used_asked_and_left(self, school: School) -> None:
        approve(school, ask(school, [0]))
        ask(school, [1])
        budget = queries.budget_of(school.callups[0])
        assert (budget.total, budget.cap, budget.used, budget.asked, budget.left) == (300, 42, 30, 30, 12)
        assert (budget.passed, budget.would_pass) == (False, True)

    @pytest.mark.parametrize(("total", "passed"), [(210, False), (209, True)])
    def test_exactly_a_seventh_is_still_inside(self, total: int, passed: bool) -> None:
        school = make_school()
        school.class_run.tenths = total
        school.class_run.save()
        school.open()
        approve(school, ask(school, [0]))
        callup = Callup.objects.get(pk=school.callups[0].pk)
        assert queries.budget_of(callup).passed is passed
        assert Withdrawal.objects.exists() is passed

    def test_leave_over_the_cap_proposes_a_withdrawal_and_tells_both_sides(self, school: School) -> None:
        approve(school, ask(school, [0, 1]))
        proposed = Withdrawal.objects.get()
        assert (proposed.cause, proposed.leave_tenths, proposed.cap_tenths) == ("leave_cap", 60, 42)
        told = Notice.objects.filter(kind="attendance.withdrawal_proposed").values_list("recipient_id", flat=True)
        assert set(told) == {school.department.pk, school.trainees[0].pk}
        school.callups[0].refresh_from_db()
        assert school.callups[0].state == Callup.State.ACCEPTED

    def test_leave_and_absence_together_pass_the_cap(self, school: School) -> None:
        approve(school, ask(school, [0]))
        assert not Withdrawal.objects.exists()
        school.mark(1, 0, Status.ABSENT)
        assert not Withdrawal.objects.exists()
        school.close(1)
        assert Withdrawal.objects.get().leave_tenths == 60

    def test_reporting_back_in_time_takes_the_proposal_back(self, school: School) -> None:
        leave = approve(school, ask(school, [0, 1]))
        actions.report_back(leave, by=school.trainees[0], now=at(MONDAY, 13))
        taken_back = Withdrawal.objects.get()
        assert (taken_back.state, taken_back.decided_by_id) == (Withdrawal.State.DISMISSED, None)

    def test_coming_in_spite_of_leave_takes_the_proposal_back(self, school: School) -> None:
        """Leave counts against the cap until a register says otherwise: then the person is inside the cap without missing anything."""
        approve(school, ask(school, [0, 1]))
        assert Withdrawal.objects.get().state == Withdrawal.State.PROPOSED
        school.mark(0, 0, Status.PRESENT)
        school.close(0)
        assert Withdrawal.objects.get().state == Withdrawal.State.DISMISSED
        assert not MakeUp.objects.filter(missed=school.callups[0]).exists()

    def test_coming_in_spite_of_leave_sets_the_figures_of_a_standing_proposal_right(self, school: School) -> None:
        approve(school, ask(school, [0, 1, 2]))
        school.mark(0, 0, Status.LATE)
        school.close(0)
        standing = Withdrawal.objects.get()
        assert (standing.state, standing.leave_tenths) == (Withdrawal.State.PROPOSED, 60)

    def test_a_proposal_taken_back_is_made_again_when_the_cap_is_passed_again(self, school: School) -> None:
        leave = approve(school, ask(school, [0, 1]))
        actions.report_back(leave, by=school.trainees[0], now=at(MONDAY, 13))
        approve(school, ask(school, [2]))
        assert Withdrawal.objects.filter(state=Withdrawal.State.PROPOSED).count() == 1

    def test_many_days_without_leave_propose_a_withdrawal_even_inside_the_cap(self) -> None:
        school = make_school(days=5, tenths=2)
        school.class_run.tenths = 10_000
        school.class_run.save()
        school.open()
        for number in (0, 2, 4, 6):
            assert not Withdrawal.objects.exists()
            school.mark(number, 0, Status.ABSENT)
            school.close(number)
        assert Withdrawal.objects.get().cause == "absence"

    def test_a_class_run_without_planned_hours_counts_its_sessions(self) -> None:
        school = make_school()
        make_session(school.class_run, MONDAY, "ev", 20)
        school.class_run.tenths = 0
        assert queries.class_tenths(school.class_run) == 320

    def test_budgets_of_a_whole_class_cost_a_handful_of_queries(
        self, school: School, django_assert_max_num_queries: object
    ) -> None:
        callups = list(school.class_run.callups.select_related("class_run"))
        with django_assert_max_num_queries(3):  # type: ignore[operator]
            queries.budgets(callups)


class TestScope:
    def test_a_leave_with_its_reason_is_seen_by_those_concerned(self, school: School) -> None:
        leave = ask(school, [0])
        liaison = factories.make_account(Role.LIAISON, school.organ)
        seen_by = [school.trainees[0], school.head, school.department, liaison]
        for user in seen_by:
            assert list(Leave.objects.visible_to(user)) == [leave]

    def test_and_by_nobody_else(self, school: School) -> None:
        ask(school, [0])
        others = [
            school.trainees[1],
            factories.make_account(Role.TEACHER),
            factories.make_account(Role.LIAISON, factories.make_unit("别单位", school.city)),
            factories.make_account(Role.SCHOOL, factories.make_unit("别校", school.city, kind=Unit.Kind.SCHOOL)),
        ]
        for user in others:
            assert not Leave.objects.visible_to(user).exists()

    def test_the_inbox_holds_what_waits_for_the_user(self, school: School) -> None:
        short, long = ask(school, [0]), ask(school, [0, 1], who=1)
        assert set(queries.waiting_for(school.head)) == {short, long}
        actions.decide_leave(long, agree=True, by=school.head, now=BEFORE)
        assert set(queries.waiting_for(school.head)) == {short}
        assert set(queries.waiting_for(school.staff[1])) == {short, long}
        assert not queries.waiting_for(school.trainees[0]).exists()
