"""Opening, marking and closing registers."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from tests import factories
from tests.attendance.school import MONDAY, School, add_trainee, at, make_school, make_session
from zhixing.attendance import actions
from zhixing.attendance.models import Evidence, Mark, Register, Status
from zhixing.attendance.queries import Tally, lines_of
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.callups.models import Callup, MakeUp
from zhixing.obligations.models import Entry
from zhixing.people.models import Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    made = make_school()
    made.open()
    return made


def test_one_register_is_opened_for_each_session_and_a_second_time_for_none() -> None:
    school = make_school()
    assert actions.open_registers(school.class_run, by=school.head) == 10
    school.class_run.refresh_from_db()
    assert school.class_run.state == ClassRun.State.RUNNING
    assert actions.open_registers(school.class_run, by=school.head) == 0
    assert Register.objects.count() == 10


def test_registers_are_not_opened_without_a_timetable_or_before_the_call_up() -> None:
    school = make_school(days=1)
    school.class_run.sessions.all().delete()
    with pytest.raises(Invalid):
        actions.open_registers(school.class_run, by=school.head)
    ClassRun.objects.update(state=ClassRun.State.OPEN)
    school.class_run.refresh_from_db()
    with pytest.raises(Refused):
        actions.open_registers(school.class_run, by=school.head)


def test_the_list_holds_who_is_called_and_seated_and_nobody_else(school: School) -> None:
    sent = add_trainee(school, Callup.State.SENT)
    for state in (Callup.State.ASKED, Callup.State.PROPOSED, Callup.State.EXCUSED):
        add_trainee(school, state)
    listed = [line.callup for line in lines_of(school.register())]
    assert listed == [*school.callups[:4], sent]


def test_roll_call_marks_a_person_and_says_how_it_was_seen(school: School) -> None:
    line = actions.mark_person(
        school.register(), school.callups[0].pk, Status.LATE, version=0, by=school.head, now=school.during()
    )
    assert (line.status, line.version) == (Status.LATE, 1)
    (seen,) = Evidence.objects.all()
    assert (seen.source, seen.status, seen.by_id) == ("roll_call", "late", school.head.pk)


def test_the_second_of_two_tabs_is_told_of_a_conflict_and_changes_nothing(school: School) -> None:
    callup = school.callups[0].pk
    actions.mark_person(school.register(), callup, Status.LATE, version=0, by=school.staff[1], now=school.during())
    with pytest.raises(Conflict):
        actions.mark_person(school.register(), callup, Status.PRESENT, version=0, by=school.head, now=school.during())
    assert Mark.objects.get().status == Status.LATE


def test_a_person_of_another_class_run_cannot_be_marked(school: School) -> None:
    other = make_school(people=1)
    with pytest.raises(NotFound):
        actions.mark_person(
            school.register(), other.callups[0].pk, Status.PRESENT, version=0, by=school.head, now=school.during()
        )


def test_leave_cannot_be_marked_without_an_approved_leave(school: School) -> None:
    with pytest.raises(Invalid):
        school.mark(0, 0, Status.LEAVE)
    assert not Evidence.objects.exists()


def test_nobody_is_marked_before_the_register_opens(school: School) -> None:
    early = at(MONDAY, 8, 29)
    with pytest.raises(Refused):
        actions.mark_person(school.register(), school.callups[0].pk, "present", version=0, by=school.head, now=early)
    with pytest.raises(Refused):
        actions.mark_rest(school.register(), by=school.head, now=early)
    assert actions.mark_rest(school.register(), by=school.head, now=at(MONDAY, 8, 30)) == 4


def test_everybody_else_is_there_and_the_exceptions_stay(school: School) -> None:
    school.mark(0, 0, Status.ABSENT)
    school.mark(0, 1, Status.LATE)
    assert actions.mark_rest(school.register(), by=school.head, now=school.during()) == 2
    tally = Tally(lines_of(school.register()))
    assert (tally.present, tally.absent, tally.unmarked) == (3, 1, 0)


def test_closing_posts_hours_for_who_was_there_and_opens_a_make_up_for_who_was_not(school: School) -> None:
    school.mark(0, 0, Status.PRESENT)
    school.mark(0, 1, Status.LATE)
    school.mark(0, 2, Status.LEFT_EARLY)
    closing = school.close(0, everybody=False)
    assert closing == actions.Closing(present=3, on_leave=0, absent=1, tenths=75)
    hours = {entry.person_id: entry.tenths for entry in Entry.objects.all()}
    assert hours == {
        school.callups[0].person_id: 30,
        school.callups[1].person_id: 30,
        school.callups[2].person_id: 15,
    }
    owed = {one.missed_id: one.tenths for one in MakeUp.objects.filter(state=MakeUp.State.OPEN)}
    assert owed == {school.callups[2].pk: 15, school.callups[3].pk: 30}


def test_the_posted_hours_say_what_the_class_run_was(school: School) -> None:
    school.close(0)
    entry = Entry.objects.get(person=school.callups[0].person_id)
    assert entry.earned_on == MONDAY
    assert entry.source_key == f"register:{school.register().pk}:{school.callups[0].pk}"
    assert (entry.channel, entry.content, entry.theme) == ("offjob", "party_spirit", "党性教育")
    assert (entry.title, entry.institution) == ("乡科级干部进修班", "市委党校")


def test_whoever_nobody_saw_is_absent_at_closing_and_is_told_with_the_days_for_an_appeal(school: School) -> None:
    school.close(0, everybody=False)
    assert {row.source for row in Evidence.objects.all()} == {"closing"}
    notice = Notice.objects.get(recipient_id=school.trainees[0].pk, kind="attendance.absent")
    assert "15" in notice.text


def test_a_register_is_closed_once(school: School) -> None:
    school.close(0)
    with pytest.raises(Conflict):
        actions.close_register(school.register(), by=school.head, now=school.after())
    assert Entry.objects.count() == 4
    assert AuditEntry.objects.filter(action="attendance.register_closed").count() == 1


def test_a_register_is_not_closed_before_the_session_is_over(school: School) -> None:
    with pytest.raises(Refused):
        actions.close_register(school.register(), by=school.head, now=school.during())
    assert school.register().state == Register.State.OPEN


def test_a_closed_register_takes_no_more_roll_call(school: School) -> None:
    school.close(0)
    with pytest.raises(Refused):
        actions.mark_person(
            school.register(), school.callups[0].pk, "absent", version=1, by=school.head, now=school.after()
        )


def test_when_closing_fails_nothing_of_it_stays(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the notices are down")

    monkeypatch.setattr("zhixing.attendance.telling.tell_absent", fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        school.close(0, everybody=False)
    assert school.register().state == Register.State.OPEN
    assert not Entry.objects.exists()
    assert not MakeUp.objects.exists()


def test_a_person_withdrawn_meanwhile_is_not_on_the_closed_register(school: School) -> None:
    school.mark(0, 0, Status.PRESENT)
    Callup.objects.filter(pk=school.callups[0].pk).update(state=Callup.State.WITHDRAWN, seat=None)
    closing = school.close(0)
    assert closing.present == 3
    assert not Mark.objects.filter(callup=school.callups[0]).exists()
    assert Evidence.objects.filter(callup=school.callups[0]).exists()


def test_evidence_cannot_be_changed_or_deleted(school: School) -> None:
    school.mark(0, 0, Status.PRESENT)
    for deed in (lambda: Evidence.objects.update(status="absent"), lambda: Evidence.objects.all().delete()):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            deed()


class TestScope:
    def test_a_teacher_takes_the_register_of_the_own_session_only(self, school: School) -> None:
        teacher = factories.make_account(Role.TEACHER)
        own = make_session(
            school.class_run,
            MONDAY,
            "ev",
            teacher=Teacher.objects.create(name="李老师", group="school", account=teacher),
        )
        school.open()
        register = Register.objects.get(session=own)
        line = actions.mark_person(
            register, school.callups[0].pk, "present", version=0, by=teacher, now=at(MONDAY, 19, 5)
        )
        assert line.status == "present"
        with pytest.raises(Refused):
            actions.mark_person(
                school.register(0), school.callups[0].pk, "present", version=0, by=teacher, now=school.during()
            )
        with pytest.raises(Refused):
            actions.close_register(register, by=teacher, now=at(MONDAY, 22))
        assert list(Register.objects.visible_to(teacher)) == [register]

    def test_staff_of_another_school_see_and_do_nothing(self, school: School) -> None:
        other = factories.make_unit("市农业学校", school.city, kind=Unit.Kind.SCHOOL)
        stranger = factories.make_account(Role.SCHOOL, other)
        assert not Register.objects.visible_to(stranger).exists()
        for deed in (
            lambda: actions.open_registers(school.class_run, by=stranger),
            lambda: actions.mark_rest(school.register(), by=stranger, now=school.during()),
            lambda: actions.close_register(school.register(), by=stranger, now=school.after()),
            lambda: actions.complete_class_run(school.class_run, by=stranger),
        ):
            with pytest.raises(Refused):
                deed()

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.TRAINEE])
    def test_liaison_auditor_and_trainee_take_no_register(self, school: School, role: str) -> None:
        person = factories.make_person(school.organ) if role == Role.TRAINEE else None
        user = factories.make_account(role, school.city, person)
        with pytest.raises(Refused):
            actions.mark_rest(school.register(), by=user, now=school.during())
        with pytest.raises(Refused):
            actions.close_register(school.register(), by=user, now=school.after())

    def test_marks_are_seen_by_staff_and_by_the_person_concerned(self, school: School) -> None:
        school.close(0)
        assert Mark.objects.visible_to(school.head).count() == 4
        assert Mark.objects.visible_to(school.trainees[0]).get().callup == school.callups[0]
        assert not Mark.objects.visible_to(factories.make_account(Role.TEACHER)).exists()


def test_a_class_run_that_lasts_an_evening_uses_the_local_day() -> None:
    """Half past eight in the evening in the city is the same day, whatever the server's clock calls it."""
    school = make_school(days=1)
    make_session(school.class_run, MONDAY, "ev")
    school.open()
    evening = Register.objects.get(session__half="ev")
    actions.mark_rest(evening, by=school.head, now=dt.datetime(2026, 9, 7, 12, 30, tzinfo=dt.UTC))
    assert evening.marks.count() == 4
