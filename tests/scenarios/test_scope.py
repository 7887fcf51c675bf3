"""Outside the scope a row does not exist: every address that names one is tried by every role of another county, read and written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from tests import factories
from tests.scenarios.elsewhere import MONDAY, Elsewhere
from zhixing.attendance.actions import decide_withdrawal, open_registers
from zhixing.attendance.models import Mark, Register, Withdrawal
from zhixing.base import audit
from zhixing.base.jobs import all_seen_by
from zhixing.base.models import Job, Notice
from zhixing.base.problems import Invalid, NotFound, Refused
from zhixing.callups.actions import drop_run, restore_template
from zhixing.callups.models import Callup, CallupRun, Paper
from zhixing.callups.papers import Kind
from zhixing.people.actions.tokens import create_token
from zhixing.people.models import Account, Role
from zhixing.people.permissions import may_hold_token
from zhixing.plans.actions import cancel_class_run, create_class_run
from zhixing.plans.models import ClassRun
from zhixing.portal import deeds
from zhixing.portal.actions import answer_suggestion, write_suggestion
from zhixing.portal.models import Suggestion

pytestmark = pytest.mark.django_db
OPEN_BY_DESIGN = {
    "people:people_on": "a day, no row: lists what is in scope",
    "people:units_on": "a day, no row: lists what is in scope",
    "portal:diagnosis_rows": "a year and the code of an index, no row: lists what is in scope",
    "resources:lists": "a bank, no row: lists what the own accounts brought in",
    "resources:blank_list": "a bank, no row: its headings",
    "obligations:policy": "the rules that everyone is held to",
    "callups:ours": "a published run: lists the reasons of people in scope",
    "attendance:sign_in": "the token names the register; only who is on the list gets in",
    "evaluations:take_system": "the name of a system that comes with the product",
    "evaluations:begin_assessment": "the kind of object; the form offers those in scope",
    "needs:answer": "the signed link of one ticket is the permission, whoever holds it",
    "evaluations:answer": "the signed link of one ticket is the permission, whoever holds it",
}
KEPT_OUT = {401, 403, 404, 405}


def named_addresses(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """The names of all addresses of ours that carry a parameter."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from named_addresses(one, f"{space}{one.namespace}:" if one.namespace else space)
        elif isinstance(one, URLPattern) and one.pattern.converters:
            yield f"{space}{one.name}"


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


def test_every_address_that_names_a_row_is_tried_here(elsewhere: Elsewhere) -> None:
    """A new address fails here until a row for it stands in ``elsewhere.py``, or the reason why it is open stands above."""
    known = elsewhere.addresses().keys() | OPEN_BY_DESIGN.keys()
    assert set(named_addresses(get_resolver())) == known


@pytest.mark.parametrize("role", list(Role))
def test_nothing_of_another_county_is_reached(elsewhere: Elsewhere, role: Role) -> None:
    account = next(one for one in elsewhere.accounts if one.role == role)
    assert reached(elsewhere, account) == []


def test_a_class_head_reaches_nothing_of_the_own_institutions_other_class_runs(elsewhere: Elsewhere) -> None:
    """Only the institution itself stays in sight: its teachers and its stock, which they may look up, not change."""
    head = factories.make_account(Role.SCHOOL, elsewhere.school, own_class_runs_only=True)
    looked_up = ("GET resources:", "GET timetables:teacher", "GET classwork:material ")
    assert [one for one in reached(elsewhere, head) if not one.startswith(looked_up)] == []
    staff = factories.make_account(Role.SCHOOL, elsewhere.school)
    assert ask(staff, "GET", "attendance:register", {"pk": elsewhere.register.pk}) == 200


def test_the_same_rows_are_there_for_those_whose_they_are(elsewhere: Elsewhere) -> None:
    """So that a wrong row or address cannot make the test above pass: each is there for somebody."""
    rows = elsewhere.addresses()
    pages = [(name, kwargs) for name in rows for kwargs in rows[name]]
    for account in (elsewhere.owner, elsewhere.trainee, factories.make_department(elsewhere.city)):
        pages = [(name, kwargs) for name, kwargs in pages if ask(account, "GET", name, kwargs) == 404]
    assert pages == []


def reached(elsewhere: Elsewhere, account: Account) -> list[str]:
    """What answered other than "there is no such thing", "not yours" or "not this way"."""
    found = []
    for name, rows in elsewhere.addresses().items():
        for kwargs in rows:
            for method in ("GET", "POST"):
                if (status := ask(account, method, name, kwargs)) not in KEPT_OUT:
                    found.append(f"{method} {name} {kwargs} {status}")
    return found


def ask(account: Account, method: str, name: str, kwargs: dict[str, Any]) -> int:
    client, headers = Client(), {}
    if name.startswith("api:") and may_hold_token(account):
        headers["Authorization"] = f"Bearer {token_of(account)}"
    client.force_login(account)
    status: int = client.generic(method, reverse(name, kwargs=kwargs), headers=headers).status_code
    return status


def token_of(account: Account) -> str:
    return create_token("x", expires_on=timezone.localdate() + dt.timedelta(days=1), by=account)[1]


class TestACountyAndItsCity:
    """What belongs to the whole city is the city's department's, and a county plans for its own people."""

    def test_a_countys_department_sees_the_citys_registers_and_runs_no_more(self, elsewhere: Elsewhere) -> None:
        ClassRun.objects.update(organised_by=None)
        county, city = elsewhere.owner, factories.make_department(elsewhere.city)
        for model in (Register, CallupRun):
            assert not model.objects.visible_to(county).exists()
            assert model.objects.visible_to(city).exists()
        assert list(ClassRun.objects.visible_to(county)) == [elsewhere.class_run]  # no longer the draft
        assert Mark.objects.visible_to(county).exists()  # its own people's marks stay in sight

    def test_papers_about_own_units_stay_in_sight(self, elsewhere: Elsewhere) -> None:
        ClassRun.objects.update(organised_by=None)
        assert list(Paper.objects.visible_to(elsewhere.owner)) == [elsewhere.papers[1]]

    def test_a_county_calls_its_own_people_only(self, elsewhere: Elsewhere) -> None:
        facts = {
            "name": "县班",
            "starts_on": MONDAY,
            "ends_on": MONDAY,
            "tenths": 60,
            "seats_max": 9,
            "ranks": ["乡科级正职"],
        }
        for units in ([], [elsewhere.here.pk], [elsewhere.city.pk, elsewhere.organ.pk]):
            with pytest.raises(Invalid, match="东县"):
                create_class_run({**facts, "units": units}, by=elsewhere.owner)
        made = create_class_run({**facts, "units": [elsewhere.organ.pk]}, by=elsewhere.owner)
        assert made.organised_by == elsewhere.there

    def test_a_county_does_not_touch_what_the_city_plans(self, elsewhere: Elsewhere) -> None:
        ClassRun.objects.update(organised_by=None)
        elsewhere.class_run.refresh_from_db()
        with pytest.raises(Refused):
            cancel_class_run(elsewhere.class_run, reason="冲突", by=elsewhere.owner)
        with pytest.raises(Refused):
            open_registers(elsewhere.class_run, by=elsewhere.owner)
        with pytest.raises(Refused):
            drop_run(elsewhere.run, by=elsewhere.owner)

    def test_the_templates_of_notices_are_the_citys(self, elsewhere: Elsewhere) -> None:
        with pytest.raises(Refused):
            restore_template(Kind.UNIT, by=elsewhere.owner)
        assert restore_template(Kind.UNIT, by=factories.make_department(elsewhere.city)) == 0

    def test_the_audit_trail_and_long_work_of_others_are_not_shown(self, elsewhere: Elsewhere) -> None:
        there, here = elsewhere.owner, next(one for one in elsewhere.accounts if one.is_department)
        audit.record("test.deed", elsewhere.class_run, by=there)
        Job.objects.create(kind="x", label="x", owner_id=there.pk)
        for account, seen in ((there, True), (here, False), (factories.make_department(elsewhere.city), True)):
            assert deeds.visible_to(account).filter(action="test.deed").exists() is seen
            assert all_seen_by(account).exists() is seen

    def test_a_complaint_reaches_the_departments_above_its_writer(self, elsewhere: Elsewhere) -> None:
        city = factories.make_department(elsewhere.city)
        write_suggestion("complaint", "食堂太远", by=elsewhere.trainee)
        told = Notice.objects.filter(kind="suggestion").values_list("recipient_id", flat=True)
        assert set(told) == {elsewhere.owner.pk, city.pk}
        written = Suggestion.objects.get()
        with pytest.raises(NotFound):
            answer_suggestion(written, "已转告", by=next(one for one in elsewhere.accounts if one.is_department))

    def test_the_department_of_the_person_decides_a_withdrawal_from_the_citys_class_run(
        self, elsewhere: Elsewhere
    ) -> None:
        ClassRun.objects.update(organised_by=None, state=ClassRun.State.RUNNING)
        Register.objects.update(state="closed", closed_at=timezone.now())
        decide_withdrawal(Withdrawal.objects.get(), confirm=True, note="经研究", by=elsewhere.owner)
        assert Callup.objects.get().state == Callup.State.NOT_COMPLETED
