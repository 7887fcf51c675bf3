"""Withdrawal decided by a person, and the end of a class run."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from tests import factories
from tests.attendance.school import MONDAY, School, at, make_callup, make_school
from zhixing.attendance import actions, queries
from zhixing.attendance.models import Leave, Mark, Register, Status, Withdrawal
from zhixing.base.models import Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups.models import Callup, MakeUp
from zhixing.obligations.models import Entry
from zhixing.people.models import Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db


def hours(callup: Callup) -> int:
    live = Entry.objects.filter(person=callup.person_id, reverses=None, reversed_by=None)
    return live.aggregate(n=Sum("tenths", default=0))["n"]


def state_of(callup: Callup) -> str:
    return Callup.objects.get(pk=callup.pk).state


@pytest.fixture
def school() -> School:
    """The first person was there once and then missed two half days: over the cap of 4.2 of 30 hours."""
    made = make_school(people=3)
    made.open()
    made.close(0)
    for number in (1, 2):
        made.mark(number, 0, Status.ABSENT)
        made.close(number)
    return made


def decide(school: School, confirm: bool, **fields: object) -> Withdrawal:
    given = {"note": "经研究决定", "by": school.department, **fields}
    return actions.decide_withdrawal(Withdrawal.objects.get(), confirm=confirm, **given)


class TestWithdrawal:
    def test_nothing_happens_until_a_person_decides(self, school: School) -> None:
        assert Withdrawal.objects.get().state == Withdrawal.State.PROPOSED
        assert (state_of(school.callups[0]), hours(school.callups[0])) == ("accepted", 30)

    def test_confirmed_the_hours_are_reversed_and_all_of_it_is_to_be_made_up(self, school: School) -> None:
        decide(school, confirm=True)
        assert (state_of(school.callups[0]), hours(school.callups[0])) == ("not_completed", 0)
        make_up = MakeUp.objects.get(missed=school.callups[0])
        assert (make_up.tenths, make_up.state) == (300, MakeUp.State.OPEN)
        assert Entry.objects.get(result=Entry.Result.NOT_COMPLETED).tenths == 0

    def test_the_person_is_on_no_open_register_any_more(self, school: School) -> None:
        decide(school, confirm=True)
        assert school.close(3).present == 2

    def test_the_person_and_the_nearest_liaison_are_told(self, school: School) -> None:
        factories.make_account(Role.LIAISON, school.city)
        liaison = factories.make_account(Role.LIAISON, school.organ)
        decide(school, confirm=True)
        told = Notice.objects.filter(kind="attendance.withdrawal_decided").values_list("recipient_id", flat=True)
        assert set(told) == {school.trainees[0].pk, liaison.pk}

    def test_dismissed_the_person_stays_and_completes(self, school: School) -> None:
        decide(school, confirm=False)
        assert state_of(school.callups[0]) == "accepted"
        for number in range(3, 10):
            school.close(number)
        actions.complete_class_run(school.class_run, by=school.head)
        assert (state_of(school.callups[0]), hours(school.callups[0])) == ("completed", 240)
        assert MakeUp.objects.get(missed=school.callups[0]).tenths == 60

    def test_after_a_dismissal_only_further_hours_missed_are_proposed_again(self, school: School) -> None:
        decide(school, confirm=False)
        school.close(3)
        assert Withdrawal.objects.count() == 1
        school.mark(4, 0, Status.ABSENT)
        school.close(4)
        assert Withdrawal.objects.filter(state=Withdrawal.State.PROPOSED).get().leave_tenths == 90

    def test_before_the_class_run_begins_the_call_up_is_withdrawn(self) -> None:
        school = make_school(people=2)
        sessions = school.sessions[:2]
        leave = actions.ask_leave(school.callups[0], sessions, reason="duty", by=school.trainees[0], now=at(MONDAY, 7))
        for decider in school.staff[:2]:
            leave = actions.decide_leave(leave, agree=True, by=decider, now=at(MONDAY, 7))
        assert leave.state == Leave.State.APPROVED
        decide(school, confirm=True)
        assert state_of(school.callups[0]) == "withdrawn"
        assert MakeUp.objects.get(missed=school.callups[0]).tenths == 300

    def test_a_decision_needs_its_reason_and_is_made_once(self, school: School) -> None:
        with pytest.raises(Invalid):
            decide(school, confirm=True, note=" ")
        stale = Withdrawal.objects.get()
        decide(school, confirm=False)
        with pytest.raises(Conflict):
            actions.decide_withdrawal(stale, confirm=True, note="退学", by=school.department)
        assert state_of(school.callups[0]) == "accepted"

    def test_only_the_department_of_the_person_decides(self, school: School) -> None:
        county = factories.make_unit("别县", school.city, kind=Unit.Kind.COUNTY)
        strangers = [school.head, school.trainees[0], factories.make_account(Role.DEPARTMENT, county)]
        strangers += [factories.make_account(role, school.city) for role in (Role.LIAISON, Role.AUDITOR)]
        for user in strangers:
            with pytest.raises(Refused):
                decide(school, confirm=True, by=user)


class TestCompletion:
    @pytest.fixture
    def finished(self) -> School:
        """Every register is closed; the first person attended eight of ten half days, by leave nine the second."""
        school = make_school(people=3)
        school.open()
        for number in range(10):
            if number in {8, 9}:
                school.mark(number, 0, Status.ABSENT)
            if number == 9:
                school.mark(number, 1, Status.ABSENT)
            school.close(number)
        return school

    def test_results_follow_the_rules_before_anything_is_decided(self, finished: School) -> None:
        results = {result.callup: result for result in queries.results_of(finished.class_run)}
        assert [results[c].completes for c in finished.callups] == [False, True, True]
        assert [results[c].attended for c in finished.callups] == [240, 270, 300]

    def test_a_proposed_withdrawal_is_decided_first(self, finished: School) -> None:
        with pytest.raises(Conflict, match="withdrawal"):
            actions.complete_class_run(finished.class_run, by=finished.head)

    def test_the_class_run_is_held_and_everybody_has_a_result(self, finished: School) -> None:
        Withdrawal.objects.all().delete()
        done = actions.complete_class_run(finished.class_run, by=finished.head)
        assert done == actions.Completion(completed=2, not_completed=1)
        assert [state_of(c) for c in finished.callups] == ["not_completed", "completed", "completed"]
        assert ClassRun.objects.get(pk=finished.class_run.pk).state == ClassRun.State.HELD
        assert [hours(c) for c in finished.callups] == [0, 270, 300]
        owed = {one.missed_id: one.tenths for one in MakeUp.objects.filter(state="open")}
        assert owed == {finished.callups[0].pk: 300, finished.callups[1].pk: 30}

    def test_a_completed_make_up_class_closes_the_first_duty(self) -> None:
        school = make_school(people=1)
        earlier = make_callup(
            factories.make_class_run(starts_on=MONDAY.replace(month=3)), school.callups[0].person, "not_completed", 1
        )
        duty = MakeUp.objects.create(
            missed=earlier,
            person=earlier.person,
            tenths=300,
            cause="attendance",
            state="planned",
            due_on=MONDAY.replace(year=2027),
        )
        Callup.objects.filter(pk=school.callups[0].pk).update(makes_up=duty)
        school.open()
        for number in range(10):
            school.close(number)
        actions.complete_class_run(school.class_run, by=school.head)
        duty.refresh_from_db()
        assert duty.state == MakeUp.State.CLOSED

    def test_an_open_register_an_open_appeal_or_an_open_leave_holds_the_end_back(self) -> None:
        school = make_school(people=2)
        school.open()
        for number in range(9):
            if number == 0:
                school.mark(0, 0, Status.ABSENT)
            school.close(number)
        with pytest.raises(Conflict, match="register"):
            actions.complete_class_run(school.class_run, by=school.head)
        leave = actions.ask_leave(
            school.callups[1], school.sessions[9:], reason="duty", by=school.trainees[1], now=school.during(9)
        )
        school.close(9)
        mark = Mark.objects.get(callup=school.callups[0], register=school.register(0))
        appeal = actions.appeal(mark, "present", text="在场", by=school.trainees[0], now=school.after(9))
        with pytest.raises(Conflict, match="appeal"):
            actions.complete_class_run(school.class_run, by=school.head)
        actions.decide_appeal(appeal, uphold=False, note="不成立", by=school.department)
        with pytest.raises(Conflict, match="leave"):
            actions.complete_class_run(school.class_run, by=school.head)
        actions.cancel_leave(leave, by=school.trainees[1], now=school.after(9))
        assert actions.complete_class_run(school.class_run, by=school.head).completed == 2

    def test_it_ends_once(self, finished: School) -> None:
        Withdrawal.objects.all().delete()
        actions.complete_class_run(finished.class_run, by=finished.head)
        finished.class_run.refresh_from_db()
        with pytest.raises(Refused):
            actions.complete_class_run(finished.class_run, by=finished.head)

    def test_a_correction_afterwards_turns_a_failure_round(self, finished: School) -> None:
        """8 of 10 half days fail; a correction shows that it were 9."""
        Withdrawal.objects.all().delete()
        actions.complete_class_run(finished.class_run, by=finished.head)
        callup = finished.callups[0]
        mark = Mark.objects.get(callup=callup, register=finished.register(8))
        actions.correct_mark(mark, "present", reason="补交签到表", version=mark.version, by=finished.head)
        assert (state_of(callup), hours(callup)) == ("completed", 270)
        assert MakeUp.objects.get(missed=callup).tenths == 30
        assert not Entry.objects.filter(result="not_completed", reverses=None, reversed_by=None).exists()

    def test_a_correction_that_is_not_enough_leaves_the_failure(self) -> None:
        school = make_school(people=1)
        school.open()
        for number in range(10):
            if number > 4:
                school.mark(number, 0, Status.ABSENT)
            school.close(number)
        Withdrawal.objects.all().delete()
        actions.complete_class_run(school.class_run, by=school.head)
        mark = Mark.objects.get(callup=school.callups[0], register=school.register(8))
        actions.correct_mark(mark, "present", reason="补交签到表", version=mark.version, by=school.head)
        assert (state_of(school.callups[0]), hours(school.callups[0])) == ("not_completed", 0)
        assert MakeUp.objects.get(missed=school.callups[0]).tenths == 300

    def test_a_correction_does_not_undo_a_withdrawal_that_a_person_confirmed(self, school: School) -> None:
        decide(school, confirm=True)
        for number in range(3, 10):
            school.close(number)
        actions.complete_class_run(school.class_run, by=school.head)
        for number in (1, 2):
            mark = Mark.objects.get(callup=school.callups[0], register=school.register(number))
            actions.correct_mark(mark, "present", reason="补交签到表", version=mark.version, by=school.head)
        assert (state_of(school.callups[0]), hours(school.callups[0])) == ("not_completed", 0)

    def test_a_class_run_without_any_register_does_not_end(self) -> None:
        school = make_school(people=1)
        with pytest.raises(Conflict):
            actions.complete_class_run(school.class_run, by=school.head)
        assert not Register.objects.exists()


class TestAfterTheEnd:
    """A correction after the class run is over has the consequences that the closing would have had, in both directions."""

    @pytest.fixture
    def held(self) -> School:
        """Both completed the class run: the first attended nine of ten half days, the second all."""
        school = make_school(people=2)
        school.open()
        for number in range(10):
            if number == 9:
                school.mark(number, 0, Status.ABSENT)
            school.close(number)
        actions.complete_class_run(school.class_run, by=school.head)
        return school

    def correct(self, school: School, number: int, status: str, who: int = 0) -> None:
        mark = Mark.objects.get(callup=school.callups[who], register=school.register(number))
        actions.correct_mark(mark, status, reason="核对签到表", version=mark.version, by=school.head)

    def owed(self, callup: Callup) -> tuple[int, str]:
        make_up = MakeUp.objects.get(missed=callup)
        return make_up.tenths, make_up.state

    def test_over_the_cap_is_proposed_and_nobody_fails_without_a_decision(self, held: School) -> None:
        self.correct(held, 8, "absent")
        callup = held.callups[0]
        assert Withdrawal.objects.get().cause == Withdrawal.Cause.LEAVE_CAP
        assert (state_of(callup), hours(callup), self.owed(callup)) == ("completed", 240, (60, "open"))
        assert Notice.objects.filter(kind="attendance.withdrawal_proposed").count() == 2

    def test_hours_can_be_too_few_without_anything_over_the_cap(self, held: School) -> None:
        """Two half days left early leave 27 of 30 hours; three leave 25.5, fewer than six sevenths."""
        for number in (6, 7):
            self.correct(held, number, "left_early", who=1)
        assert not Withdrawal.objects.exists()
        self.correct(held, 8, "left_early", who=1)
        assert Withdrawal.objects.get().cause == Withdrawal.Cause.TOO_LITTLE

    def test_a_correction_back_takes_all_of_it_back(self, held: School) -> None:
        self.correct(held, 8, "absent")
        self.correct(held, 8, "present")
        callup = held.callups[0]
        assert Withdrawal.objects.get().state == Withdrawal.State.DISMISSED
        assert (state_of(callup), hours(callup), self.owed(callup)) == ("completed", 270, (30, "open"))

    def test_confirmed_it_ends_as_a_failure_at_the_end_would(self, held: School) -> None:
        self.correct(held, 8, "absent")
        decide(held, confirm=True)
        callup = held.callups[0]
        assert (state_of(callup), hours(callup), self.owed(callup)) == ("not_completed", 0, (300, "open"))
        assert Entry.objects.get(result="not_completed", reversed_by=None).person_id == callup.person_id

    def test_dismissed_the_person_keeps_the_completion(self, held: School) -> None:
        self.correct(held, 8, "absent")
        decide(held, confirm=False)
        callup = held.callups[0]
        assert (state_of(callup), hours(callup), self.owed(callup)) == ("completed", 240, (60, "open"))

    def test_a_second_failure_is_said_in_the_record_again(self) -> None:
        """Failed by the rules at the end, turned round by corrections, corrected down again, and withdrawn."""
        school = make_school(people=1)
        school.open()
        for number in range(10):
            if number > 6:
                school.mark(number, 0, Status.LEFT_EARLY)
            school.close(number)
        actions.complete_class_run(school.class_run, by=school.head)
        callup = school.callups[0]
        assert state_of(callup) == "not_completed"
        self.correct(school, 7, "present")
        assert state_of(callup) == "completed"
        self.correct(school, 7, "left_early")
        decide(school, confirm=True)
        said = Entry.objects.filter(result="not_completed", reverses=None).order_by("pk")
        assert [hasattr(one, "reversed_by") for one in said] == [True, False]
        assert (state_of(callup), hours(callup), self.owed(callup)) == ("not_completed", 0, (300, "open"))
