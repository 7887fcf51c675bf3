"""A class head (班主任) whose account is bound to the own class runs: sees and runs those that name it, and no other of the institution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.attendance.school import MONDAY, School, at, make_callup, make_school, make_session
from tests.factories import make_account, make_class_run, make_person
from zhixing.attendance import actions
from zhixing.attendance.models import Leave, Register
from zhixing.base.models import Notice
from zhixing.base.problems import Problem, Refused
from zhixing.callups.actions import finish_callup
from zhixing.callups.models import Callup
from zhixing.people.actions import edit_account
from zhixing.people.models import Account, Role
from zhixing.plans.actions import edit_class_run
from zhixing.plans.models import ClassRun
from zhixing.portal.desks import desk_for
from zhixing.timetables.actions import lay_out_sessions

pytestmark = pytest.mark.django_db
BEFORE = at(MONDAY, 7)


class Scene:
    """``own`` names the head as class head, ``other`` of the same institution names nobody; both are called up."""

    def __init__(self) -> None:
        self.school: School = make_school(people=2)
        self.own = self.school.class_run
        self.head = make_account(Role.SCHOOL, self.school.institution, own_class_runs_only=True)
        self.name(self.own, (self.head, None))
        self.other = make_class_run(
            "他人的班", starts_on=MONDAY, institution=self.school.institution, state=ClassRun.State.RUNNING
        )
        self.session = make_session(self.other, MONDAY, "pm")
        self.callup = make_callup(self.other, make_person(self.school.organ), Callup.State.ACCEPTED, 1)
        self.register = Register.objects.create(session=self.session)

    def name(self, class_run: ClassRun, pair: tuple[Account | None, Account | None]) -> None:
        actions.name_approvers(class_run, {"class_head": pair}, by=self.school.department)

    def leave(self) -> Leave:
        return actions.ask_leave(self.callup, [self.session], reason="duty", by=self.school.department, now=BEFORE)

    def sees(self, account: Account) -> set[ClassRun]:
        return set(ClassRun.objects.visible_to(account))


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_only_class_runs_that_name_the_account_are_in_sight(scene: Scene) -> None:
    assert scene.sees(scene.head) == {scene.own}
    assert scene.sees(scene.school.staff[0]) == {scene.own, scene.other}
    assert set(Callup.objects.visible_to(scene.head)) == set(scene.school.callups)
    scene.name(scene.other, (scene.school.staff[0], scene.head))
    assert scene.sees(scene.head) == {scene.own, scene.other}


def test_the_desk_and_the_lists_show_the_own_class_runs_only(scene: Scene) -> None:
    shown = [line.title for group in desk_for(scene.head).groups for line in group.lines]
    assert scene.other.name not in shown
    client = Client()
    client.force_login(scene.head)
    for name in ("plans:class_runs", "attendance:registers", "attendance:leaves", "attendance:report"):
        assert scene.other.name not in client.get(reverse(name)).content.decode()
    assert client.get(reverse("plans:class_run", args=[scene.own.pk])).status_code == 200
    assert client.get(reverse("plans:class_run", args=[scene.other.pk])).status_code == 404


REFUSED: dict[str, Callable[[Scene], Any]] = {
    "open the registers": lambda s: actions.open_registers(s.other, by=s.head, now=BEFORE),
    "mark": lambda s: actions.mark_person(s.register, s.callup.pk, "present", version=0, by=s.head, now=at(MONDAY, 15)),
    "mark the rest": lambda s: actions.mark_rest(s.register, by=s.head, now=at(MONDAY, 15)),
    "close a register": lambda s: actions.close_register(s.register, by=s.head, now=at(MONDAY, 20)),
    "ask leave for a trainee": lambda s: actions.ask_leave(s.callup, [s.session], reason="duty", by=s.head, now=BEFORE),
    "decide a leave": lambda s: actions.decide_leave(s.leave(), agree=True, by=s.head, now=BEFORE),
    "cancel a leave": lambda s: actions.cancel_leave(s.leave(), by=s.head, now=BEFORE),
    "name approvers": lambda s: actions.name_approvers(s.other, {"class_head": (s.head, None)}, by=s.head),
    "end the class run": lambda s: actions.complete_class_run(s.other, by=s.head),
    "say how a call-up ended": lambda s: finish_callup(s.callup, True, s.head),
    "write the practical facts": lambda s: edit_class_run(s.other, {"contact": "秦"}, by=s.head),
    "lay out sessions": lambda s: lay_out_sessions(s.other, by=s.head),
}


@pytest.mark.parametrize("deed", REFUSED)
def test_a_deed_in_a_class_run_of_others_is_refused(scene: Scene, deed: str) -> None:
    with pytest.raises(Refused):
        REFUSED[deed](scene)


ALLOWED = {
    "write the practical facts": lambda s: edit_class_run(s.own, {"contact": "秦"}, by=s.head),
    "open the registers": lambda s: actions.open_registers(s.own, by=s.head, now=BEFORE),
    "decide a leave": lambda s: actions.decide_leave(
        actions.ask_leave(
            s.school.callups[0], s.school.sessions[:1], reason="duty", by=s.school.trainees[0], now=BEFORE
        ),
        agree=True,
        by=s.head,
        now=BEFORE,
    ),
}


@pytest.mark.parametrize("deed", ALLOWED)
def test_the_same_deed_in_the_own_class_run_is_done(scene: Scene, deed: str) -> None:
    ALLOWED[deed](scene)  # type: ignore[no-untyped-call]


def test_a_class_head_does_not_hand_on_the_own_class_run(scene: Scene) -> None:
    with pytest.raises(Problem):
        actions.name_approvers(scene.own, {"class_head": (scene.school.staff[0], None)}, by=scene.head)


def test_a_class_head_hears_of_leave_in_the_own_class_runs_only(scene: Scene) -> None:
    scene.leave()
    assert not Notice.objects.filter(recipient_id=scene.head.pk).exists()
    assert Notice.objects.filter(recipient_id=scene.school.staff[0].pk).exists()


def test_the_administrator_binds_an_account_of_an_institution_and_of_no_other_role(scene: Scene) -> None:
    staff, department = scene.school.staff[0], scene.school.department
    facts = {"by": department, "name": staff.name, "email": "", "one_session": False, "own_class_runs_only": True}
    edit_account(staff, role=Role.SCHOOL, scope_unit=staff.scope_unit, **facts)
    staff.refresh_from_db()
    assert staff.is_class_head
    edit_account(staff, role=Role.LIAISON, scope_unit=staff.scope_unit, **facts)
    staff.refresh_from_db()
    assert not staff.own_class_runs_only
