"""A page asks the database as often for many rows as for few: no list may look up each row by itself."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    make_account,
    make_annual_plan,
    make_city,
    make_class_run,
    make_department,
    make_entry,
    make_person,
    make_plan_line,
    make_programme,
    make_quota,
    make_unit,
)
from zhixing.attendance.models import Leave, Mark, Register
from zhixing.base.models import Notice
from zhixing.callups.models import Callup, CallupRun, MakeUp, OutsideCallup, Reply
from zhixing.obligations.actions import install_shipped_policy, refresh_standings
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import AnnualPlan, ClassRun, PlanEdit, PlanRun, PlanTry
from zhixing.timetables.actions import lay_out_sessions

pytestmark = pytest.mark.django_db

FEW, MORE = 3, 9
DAY = dt.date(2026, 9, 7)
PAGES = {
    "portal:home": 19,
    "portal:trail": 8,
    "base:notices": 8,
    "base:jobs": 8,
    "people:persons": 9,
    "people:units": 9,
    "people:accounts": 7,
    "people:people_on": 11,
    "people:units_on": 7,
    "obligations:standings": 10,
    "obligations:standing_list": 11,
    "plans:class_runs": 10,
    "plans:class_run": 10,
    "plans:eligible": 8,
    "plans:plans": 9,
    "plans:plan": 20,
    "plans:tries": 16,
    "plans:execution": 16,
    "plans:plan_calendar": 16,
    "callups:runs": 8,
    "callups:run": 10,
    "callups:board": 14,
    "callups:people": 10,
    "callups:cell": 14,
    "callups:class_list": 12,
    "callups:replies": 9,
    "callups:make_ups": 9,
    "callups:outside": 9,
    "attendance:registers": 9,
    "attendance:class_run": 15,
    "attendance:leaves": 8,
    "archive:records": 8,
}


@dataclass
class City:
    """A city that grows by one unit, person, class run, call-up, register, leave … at a time."""

    root: Unit
    admin: Account
    called: ClassRun
    run: CallupRun
    draft: AnnualPlan
    plan: AnnualPlan

    def grow(self, times: int) -> None:
        for _ in range(times):
            self._grow()
        refresh_standings(on=timezone.localdate())

    def _grow(self) -> None:
        unit = make_unit(parent=self.root)
        person = make_person(unit)
        make_account(Role.TRAINEE, person=person)
        make_entry(person, DAY, 60)
        class_run = make_class_run()
        make_quota(class_run, unit, 5)
        self._plan(unit, class_run)
        callup = self._call(unit, person)
        days = dict.fromkeys(("starts_on", "ends_on", "away_from", "away_to"), DAY)
        OutsideCallup.objects.create(person=person, caller="省", class_name="班", by_id=self.admin.pk, **days)
        Notice.objects.create(recipient_id=self.admin.pk, kind="test", title=f"notice {callup.pk}")
        MakeUp.objects.create(missed=callup, person=person, tenths=60, cause="other", due_on=DAY)
        Reply.objects.create(callup=callup, kind="leave", reason="duty", by_id=self.admin.pk, decision="pending")
        Leave.objects.create(callup=callup, reason="health", half_days=1, tenths=30, by_id=self.admin.pk)
        register = Register.objects.create(session=self.called.sessions.filter(register=None)[0])
        Mark.objects.create(register=register, callup=callup, status="present")

    def _plan(self, school: Unit, class_run: ClassRun) -> None:
        """A line of the draft that looks like the others, and one in force with its class run; a trial."""
        programme = make_programme(self.root, self.admin)
        same = {"title": "同一班", "programme": programme, "institution": school, "institution_name": "校"}
        evidence = [{"need": "1", "share": 10_000, "evidence": [{"key": "k/0", "source": "survey", "share": 1}]}]
        make_plan_line(self.draft, **same, evidence=evidence)
        line = make_plan_line(self.plan, institution=school)
        PlanRun.objects.create(line=line, class_run=class_run)
        PlanTry.objects.create(plan=self.draft, asked={"money": -10}, by=self.admin, job=uuid.uuid4())
        PlanEdit.objects.create(plan=self.draft, kind="move", by=self.admin)
        make_annual_plan(self.root, self.admin, year=2000 + AnnualPlan.objects.count())

    def _call(self, unit: Unit, person: object) -> Callup:
        seat = Callup.objects.count() + 1
        return Callup.objects.create(
            run=self.run, person=person, class_run=self.called, unit=unit, state="sent", seat=seat, reply_by=DAY
        )

    def address(self, name: str) -> str:
        keys: dict[str, tuple[object, ...]] = {
            "people:people_on": (DAY,),
            "people:units_on": (DAY,),
            "plans:class_run": (self.called.pk,),
            "plans:eligible": (self.called.pk,),
            "plans:plan": (self.draft.pk,),
            "plans:tries": (self.draft.pk,),
            "plans:execution": (self.plan.pk,),
            "plans:plan_calendar": (self.plan.pk,),
            "callups:run": (self.run.pk,),
            "callups:board": (self.run.pk,),
            "callups:people": (self.run.pk,),
            "callups:cell": (self.run.pk, self.root.pk, self.called.pk),
            "callups:class_list": (self.run.pk, self.called.pk),
            "attendance:class_run": (self.called.pk,),
        }
        return reverse(name, args=keys.get(name, ()))


@pytest.fixture
def city() -> City:
    install_shipped_policy()
    root = make_city()
    admin = make_department(root)
    called = make_class_run(starts_on=DAY, ends_on=DAY + dt.timedelta(days=11), tenths=600, seats_max=50)
    lay_out_sessions(called, by=admin)
    published = {"state": CallupRun.State.PUBLISHED, "published_at": timezone.now(), "reply_by": DAY}
    run = CallupRun.objects.create(name="调训", on=DAY, by_id=admin.pk, **published)
    run.class_runs.add(called)
    draft = make_annual_plan(root, admin, year=2090)
    approved = {"state": AnnualPlan.State.APPROVED, "approved_at": timezone.now(), "digest": "0" * 64}
    return City(root, admin, called, run, draft, make_annual_plan(root, admin, year=2091, **approved))


@pytest.mark.parametrize(("name", "most"), PAGES.items())
def test_a_page_costs_no_more_queries_for_many_rows_than_for_few(name: str, most: int, city: City) -> None:
    client = Client()
    client.force_login(city.admin)
    city.grow(FEW)
    few = queries_of(client, city.address(name))
    city.grow(MORE)
    many = queries_of(client, city.address(name))
    assert len(many) <= len(few), "\n".join(many)
    assert len(few) <= most, "\n".join(few)


def queries_of(client: Client, url: str) -> list[str]:
    """The statements of a page once the session is known."""
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as caught:
        client.get(url)
    return [one["sql"] for one in caught.captured_queries]
