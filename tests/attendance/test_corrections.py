"""Corrections and appeals: the ledger reversed and posted anew, the make-up set right, both versions kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum

from tests import factories
from tests.attendance.school import MONDAY, School, at, make_school
from zhixing.attendance import actions, queries
from zhixing.attendance.models import Appeal, Evidence, Mark, Status, Withdrawal
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups.models import MakeUp
from zhixing.obligations.actions import appeal_entry, decide_entry_appeal, merge_ledgers
from zhixing.obligations.models import Entry
from zhixing.people.models import Role, Unit

pytestmark = pytest.mark.django_db
LATER = at(MONDAY, 18)


@pytest.fixture
def school() -> School:
    """The first register is closed: the first person was absent, everybody else there."""
    made = make_school()
    made.open()
    made.mark(0, 0, Status.ABSENT)
    made.close(0)
    return made


def mark_of(school: School, who: int = 0, number: int = 0) -> Mark:
    return Mark.objects.get(callup=school.callups[who], register=school.register(number))


def correct(school: School, status: str, who: int = 0, **fields: object) -> Mark:
    mark = mark_of(school, who)
    given = {"reason": "核对签到表", "version": mark.version, "by": school.head, "now": LATER, **fields}
    return actions.correct_mark(mark, status, **given)


def hours(school: School, who: int = 0) -> int:
    """What the ledger counts: entries that nobody reversed."""
    live = Entry.objects.filter(person=school.callups[who].person_id, reverses=None, reversed_by=None)
    return live.aggregate(n=Sum("tenths", default=0))["n"]


class TestCorrections:
    def test_absent_to_present_posts_the_hours_and_closes_the_make_up(self, school: School) -> None:
        assert correct(school, Status.PRESENT).tenths == 30
        assert hours(school) == 30
        assert MakeUp.objects.get(missed=school.callups[0]).state == MakeUp.State.CLOSED

    def test_present_to_absent_reverses_the_entry_and_opens_a_make_up(self, school: School) -> None:
        correct(school, Status.ABSENT, who=1)
        (entry,) = Entry.objects.filter(person=school.callups[1].person_id, reverses=None)
        assert entry.reversed_by.reason == "核对签到表"
        assert hours(school, 1) == 0
        assert MakeUp.objects.get(missed=school.callups[1]).tenths == 30

    def test_back_and_forth_leaves_exactly_one_entry_that_counts(self, school: School) -> None:
        for status in (Status.PRESENT, Status.ABSENT, Status.LEFT_EARLY, Status.ABSENT, Status.PRESENT):
            correct(school, status)
        assert hours(school) == 30
        assert Entry.objects.filter(person=school.callups[0].person_id, reverses=None).count() == 3

    def test_hours_that_went_over_to_another_person_on_record_are_corrected_there(self, school: School) -> None:
        mine = school.callups[1].person
        twin = factories.make_person(school.organ)
        merge_ledgers(mine, twin, "同一人", school.department)
        correct(school, Status.LEFT_EARLY, who=1)
        correct(school, Status.ABSENT, who=1)
        assert (hours(school, 1), twin.entries.live().count()) == (0, 0)
        correct(school, Status.PRESENT, who=1)
        assert (hours(school, 1), [entry.tenths for entry in twin.entries.live()]) == (0, [30])

    def test_hours_that_an_appeal_in_the_ledger_set_right_stand_and_are_not_posted_twice(self, school: School) -> None:
        entry = Entry.objects.get(person=school.callups[1].person)
        made = appeal_entry(entry, 60, text="少记了", by=school.trainees[1])
        decide_entry_appeal(made, uphold=True, reason="属实", by=school.department)
        for status in (Status.LATE, Status.ABSENT, Status.PRESENT):
            correct(school, status, who=1)
            assert hours(school, 1) == 60

    def test_both_versions_stay_with_their_reason(self, school: School) -> None:
        mark = correct(school, Status.LATE)
        trail = [(deed.evidence.source, deed.evidence.status, deed.evidence.reason) for deed in queries.trail_of(mark)]
        assert trail == [("correction", "late", "核对签到表"), ("roll_call", "absent", "")]

    def test_the_trainee_is_told(self, school: School) -> None:
        correct(school, Status.PRESENT)
        notice = Notice.objects.get(recipient_id=school.trainees[0].pk, kind="attendance.corrected")
        assert notice.text == "核对签到表"

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_a_correction_needs_its_reason(self, school: School, reason: str) -> None:
        with pytest.raises(Invalid):
            correct(school, Status.PRESENT, reason=reason)

    def test_a_correction_that_changes_nothing_is_refused(self, school: School) -> None:
        with pytest.raises(Invalid):
            correct(school, Status.ABSENT)

    def test_the_second_of_two_corrections_is_told_of_a_conflict(self, school: School) -> None:
        version = mark_of(school).version
        correct(school, Status.PRESENT)
        with pytest.raises(Conflict):
            correct(school, Status.LATE, version=version)

    def test_an_open_register_is_not_corrected_but_marked(self, school: School) -> None:
        school.mark(1, 0, Status.ABSENT)
        mark = mark_of(school, number=1)
        with pytest.raises(Refused):
            actions.correct_mark(mark, "present", reason="误点", version=1, by=school.head, now=LATER)

    def test_strangers_and_trainees_do_not_correct(self, school: School) -> None:
        other = factories.make_unit("别校", school.city, kind=Unit.Kind.SCHOOL)
        users = [school.trainees[0], factories.make_account(Role.SCHOOL, other)]
        users += [factories.make_account(role, school.city) for role in (Role.LIAISON, Role.AUDITOR, Role.TEACHER)]
        for user in users:
            with pytest.raises(Refused):
                correct(school, Status.PRESENT, by=user)

    def test_a_correction_back_inside_the_cap_takes_the_proposal_back(self, school: School) -> None:
        school.mark(1, 0, Status.ABSENT)
        school.close(1)
        assert Withdrawal.objects.get().state == Withdrawal.State.PROPOSED
        correct(school, Status.PRESENT)
        assert Withdrawal.objects.get().state == Withdrawal.State.DISMISSED

    def test_the_audit_names_keys_and_no_names(self, school: School) -> None:
        correct(school, Status.PRESENT)
        entry = AuditEntry.objects.get(action="attendance.mark_corrected")
        assert entry.details == {"callup": school.callups[0].pk, "before": "absent", "after": "present"}


class TestAppeals:
    def make(self, school: School, **fields: object) -> Appeal:
        given = {"text": "我在场，第三排", "by": school.trainees[0], "now": LATER, **fields}
        return actions.appeal(mark_of(school), Status.PRESENT, **given)

    def test_upheld_it_corrects_the_mark_with_all_that_follows(self, school: School) -> None:
        appeal = self.make(school, proof=SimpleUploadedFile("笔记.png", b"\x89PNG\r\n\x1a\n..."))
        done = actions.decide_appeal(appeal, uphold=True, note="同桌证明", by=school.department, now=LATER)
        assert (done.state, mark_of(school).status, hours(school)) == ("upheld", "present", 30)
        assert MakeUp.objects.get(missed=school.callups[0]).state == MakeUp.State.CLOSED
        assert Evidence.objects.filter(source="appeal", status="present").count() == 1

    def test_dismissed_it_changes_nothing_and_both_versions_stay(self, school: School) -> None:
        done = actions.decide_appeal(self.make(school), uphold=False, note="签到表无签名", by=school.department)
        assert (done.state, done.decided_by_id, mark_of(school).status) == ("dismissed", school.department.pk, "absent")
        assert Notice.objects.get(kind="attendance.appeal_decided").text == "签到表无签名"

    def test_the_decider_is_told_that_it_waits(self, school: School) -> None:
        self.make(school)
        assert Notice.objects.get(kind="attendance.appeal").recipient_id == school.department.pk

    def test_only_the_person_concerned_appeals(self, school: School) -> None:
        for user in (school.trainees[1], school.head, school.department):
            with pytest.raises(Refused):
                self.make(school, by=user)

    def test_one_appeal_waits_at_a_time_and_after_a_decision_another_may_follow(self, school: School) -> None:
        first = self.make(school)
        with pytest.raises(Refused, match="already waiting"):
            self.make(school)
        actions.decide_appeal(first, uphold=False, note="不成立", by=school.department)
        assert self.make(school).pk != first.pk

    def test_the_time_for_an_appeal_ends_after_the_days_of_the_rules(self, school: School) -> None:
        closed = school.register().closed_at
        assert closed is not None
        limit = closed + dt.timedelta(days=15)
        with pytest.raises(Refused, match="15 days"):
            self.make(school, now=limit + dt.timedelta(seconds=1))
        assert self.make(school, now=limit).pk

    def test_an_open_register_and_a_present_mark_are_not_appealed_against(self, school: School) -> None:
        school.mark(1, 0, Status.ABSENT)
        for mark, by in ((mark_of(school, number=1), school.trainees[0]), (mark_of(school, 1), school.trainees[1])):
            with pytest.raises(Refused):
                actions.appeal(mark, Status.LATE, text="说明", by=by, now=LATER)

    @pytest.mark.parametrize(("claims", "text"), [(Status.ABSENT, "说明"), (Status.PRESENT, " ")])
    def test_an_appeal_says_something_else_and_why(self, school: School, claims: str, text: str) -> None:
        with pytest.raises(Invalid):
            actions.appeal(mark_of(school), claims, text=text, by=school.trainees[0], now=LATER)

    def test_a_decision_needs_its_reason_and_is_made_once(self, school: School) -> None:
        appeal = self.make(school)
        with pytest.raises(Invalid):
            actions.decide_appeal(appeal, uphold=True, note="", by=school.department)
        stale = Appeal.objects.get(pk=appeal.pk)
        actions.decide_appeal(appeal, uphold=True, note="属实", by=school.department)
        with pytest.raises(Conflict):
            actions.decide_appeal(stale, uphold=False, note="不属实", by=school.department)

    def test_only_those_whom_the_rules_name_decide(self, school: School) -> None:
        appeal = self.make(school)
        county = factories.make_unit("别县", school.city, kind=Unit.Kind.COUNTY)
        users = [school.head, school.trainees[0], factories.make_account(Role.DEPARTMENT, county)]
        for user in users:
            with pytest.raises(Refused):
                actions.decide_appeal(appeal, uphold=True, note="属实", by=user)

    def test_an_appeal_upheld_after_staff_corrected_the_same_changes_nothing_twice(self, school: School) -> None:
        appeal = self.make(school)
        correct(school, Status.PRESENT)
        actions.decide_appeal(appeal, uphold=True, note="属实", by=school.department)
        assert hours(school) == 30
        assert not Evidence.objects.filter(source="appeal").exists()

    def test_an_appeal_is_seen_by_those_concerned_only(self, school: School) -> None:
        appeal = self.make(school)
        for user in (school.trainees[0], school.head, school.department):
            assert list(Appeal.objects.visible_to(user)) == [appeal]
        assert not Appeal.objects.visible_to(school.trainees[1]).exists()
