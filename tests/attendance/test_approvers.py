"""The class head and others of the ladder, named for one class run: only they, their deputy or the department decide."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.attendance.school import MONDAY, School, at, make_school
from zhixing.attendance import actions, queries
from zhixing.attendance.actions.approvers import Named
from zhixing.attendance.models import Leave, NamedApprover
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Invalid, Refused
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
BEFORE = at(MONDAY, 7)


@pytest.fixture
def school() -> School:
    """The second of the staff is class head, the third the deputy."""
    made = make_school(people=2)
    name(made, {"class_head": (made.staff[1], made.staff[2])})
    return made


def name(school: School, named: Named, by: Account | None = None) -> int:
    return actions.name_approvers(school.class_run, named, by=by or school.head)


def ask(school: School) -> Leave:
    sessions = school.sessions[:1]
    return actions.ask_leave(school.callups[0], sessions, reason="duty", by=school.trainees[0], now=BEFORE)


def agree(leave: Leave, by: Account) -> str:
    return actions.decide_leave(leave, agree=True, by=by, now=BEFORE).state


def test_other_staff_no_longer_decide_this_rung(school: School) -> None:
    leave = ask(school)
    with pytest.raises(Refused, match="班主任1"):
        agree(leave, school.head)
    assert agree(leave, school.staff[1]) == "approved"


@pytest.mark.parametrize("who", ["deputy", "department"])
def test_the_deputy_and_the_department_decide_as_well(school: School, who: str) -> None:
    by = school.staff[2] if who == "deputy" else school.department
    assert agree(ask(school), by) == "approved"


def test_where_none_is_named_any_staff_decides(school: School) -> None:
    name(school, {"class_head": (None, None)})
    assert not NamedApprover.objects.exists()
    assert agree(ask(school), school.head) == "approved"


def test_another_rung_and_another_class_run_stay_as_they_are(school: School) -> None:
    other = factories.make_class_run(institution=school.institution)
    assert queries.named_on(other) == {}
    assert queries.named_for(school.class_run.pk, "principal") is None


def test_leave_waits_for_those_named_and_they_are_told(school: School) -> None:
    leave = ask(school)
    told = Notice.objects.filter(kind="attendance.leave_asked").values_list("recipient_id", flat=True)
    assert set(told) == {school.staff[1].pk, school.staff[2].pk}
    waiting = {user.pk: queries.waiting_for(user).filter(pk=leave.pk).exists() for user in school.staff}
    assert waiting == {school.head.pk: False, school.staff[1].pk: True, school.staff[2].pk: True}
    assert queries.waiting_for(school.department).exists()


def test_when_those_named_are_gone_the_department_is_told(school: School) -> None:
    Account.objects.filter(pk__in=[school.staff[1].pk, school.staff[2].pk]).update(is_active=False)
    ask(school)
    assert Notice.objects.get(kind="attendance.leave_asked").recipient_id == school.department.pk


def test_nobody_named_decides_about_themselves_or_twice(school: School) -> None:
    name(school, {"class_head": (school.staff[1], None), "teaching_office": (school.staff[1], None)})
    sessions = school.sessions[:2]
    leave = actions.ask_leave(school.callups[0], sessions, reason="duty", by=school.trainees[0], now=BEFORE)
    agree(leave, school.staff[1])
    with pytest.raises(Refused, match="earlier step"):
        agree(leave, school.staff[1])
    assert agree(leave, school.department) == "approved"


def test_only_staff_of_the_institution_are_named(school: School) -> None:
    elsewhere = factories.make_unit("别校", school.city, kind=Unit.Kind.SCHOOL)
    asleep = factories.make_account(Role.SCHOOL, school.institution, is_active=False)
    strangers = [factories.make_account(Role.SCHOOL, elsewhere), school.trainees[0], school.department, asleep]
    for stranger in strangers:
        with pytest.raises(Invalid):
            name(school, {"class_head": (stranger, None)})
        with pytest.raises(Invalid):
            name(school, {"class_head": (school.head, stranger)})


def test_a_deputy_stands_in_for_somebody_else(school: School) -> None:
    for pair in ((None, school.head), (school.head, school.head)):
        with pytest.raises(Invalid, match="deputy"):
            name(school, {"class_head": pair})


def test_who_may_name_them(school: School) -> None:
    elsewhere = factories.make_unit("别校", school.city, kind=Unit.Kind.SCHOOL)
    strangers = [factories.make_account(Role.SCHOOL, elsewhere), school.trainees[0]]
    strangers += [factories.make_account(role, school.city) for role in (Role.LIAISON, Role.AUDITOR, Role.TEACHER)]
    for user in strangers:
        with pytest.raises(Refused):
            name(school, {}, by=user)
    assert name(school, {"class_head": (school.head, None)}, by=school.department) == 1
    ClassRun.objects.update(state=ClassRun.State.HELD)
    school.class_run.refresh_from_db()
    with pytest.raises(Refused, match="over"):
        name(school, {})


def test_the_audit_says_who_stood_there_before_and_after(school: School) -> None:
    name(school, {"class_head": (school.head, None)})
    details = AuditEntry.objects.filter(action="attendance.approvers_named").order_by("pk").last().details  # type: ignore[union-attr]
    assert details["before"] == {"class_head": school.staff[1].pk}
    assert details["after"] == {"class_head": [school.head.pk, None]}


def test_the_form_keeps_the_choice_and_offers_nobody_else(school: School, client: Client) -> None:
    stranger = factories.make_account(Role.SCHOOL, factories.make_unit("别校", school.city, kind=Unit.Kind.SCHOOL))
    client.force_login(school.head)
    page = reverse("attendance:approvers", args=[school.class_run.pk])
    assert stranger.name not in client.get(page).content.decode()
    assert client.post(page, {"class_head": stranger.pk}).status_code == 422
    assert client.post(page, {"class_head": school.head.pk, "class_head-deputy": school.staff[1].pk}).status_code == 302
    named = queries.named_on(school.class_run)["class_head"]
    assert (named.account, named.deputy) == (school.head, school.staff[1])
    shown = client.get(reverse("attendance:class_run", args=[school.class_run.pk])).content.decode()
    assert school.head.name in shown
    assert school.staff[1].name in shown
