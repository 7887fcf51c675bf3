"""What was decided about a plan never changes: the database itself refuses, whoever asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, IntegrityError, models, transaction
from django.utils import timezone

from tests.factories import make_annual_plan, make_city, make_class_run, make_department, make_plan_line
from zhixing.people.models import Account
from zhixing.plans.models import (
    AnnualPlan,
    ApprovalRoute,
    ApprovalStep,
    PlanApproval,
    PlanChange,
    PlanComment,
    PlanRun,
    PlanSpending,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2027, 3, 1)


@pytest.fixture
def admin() -> Account:
    return make_department(make_city())


def refuses(deed: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            deed()
    except Error:
        return True
    return False


def never_changes(row: models.Model, **change: Any) -> bool:
    rows = type(row)._base_manager.filter(pk=row.pk)
    return refuses(lambda: rows.update(**change)) and refuses(lambda: rows._raw_delete("default"))


def route_of(plan: AnnualPlan, admin: Account) -> ApprovalStep:
    route = ApprovalRoute.objects.create(unit=plan.unit, number=1, by=admin)
    return ApprovalStep.objects.create(route=route, position=1, title="部长审定", account=admin)


class TestLines:
    def test_a_line_changes_until_it_is_frozen(self, admin: Account) -> None:
        line = make_plan_line(make_annual_plan(admin.scope_unit, admin))
        assert not refuses(lambda: type(line).objects.filter(pk=line.pk).update(term=3, frozen=True))
        assert never_changes(line, term=4)

    def test_a_later_version_is_born_frozen(self, admin: Account) -> None:
        line = make_plan_line(make_annual_plan(admin.scope_unit, admin), frozen=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_plan_line(line.plan, number=line.number, version=2)

    def test_the_newest_version_is_current_and_a_struck_one_does_not_stand(self, admin: Account) -> None:
        plan = make_annual_plan(admin.scope_unit, admin)
        kept, old = make_plan_line(plan, frozen=True), make_plan_line(plan, frozen=True)
        struck = make_plan_line(plan, number=old.number, version=2, frozen=True, struck=True)
        assert set(plan.lines.current()) == {kept, struck}
        assert set(plan.lines.standing()) == {kept}


class TestWhatWasSaid:
    def test_routes_and_what_was_decided_on_them(self, admin: Account) -> None:
        plan = make_annual_plan(admin.scope_unit, admin)
        step = route_of(plan, admin)
        said = PlanApproval.objects.create(plan=plan, round=1, step=step, verdict="approved", by=admin)
        assert never_changes(step.route, number=2)
        assert never_changes(step, title="不审")
        assert never_changes(said, verdict="returned", reason="改口")

    def test_a_change_once_decided(self, admin: Account) -> None:
        other = make_department(admin.scope_unit)
        line = make_plan_line(make_annual_plan(admin.scope_unit, admin), frozen=True)
        change = PlanChange.objects.create(plan=line.plan, kind="strike", line=line, reason="经费压减", by=admin)
        decided = {"state": "refused", "decided_by": other, "decided_at": timezone.now()}
        assert not refuses(lambda: PlanChange.objects.filter(pk=change.pk).update(**decided))
        assert never_changes(change, reason="另有原因")

    def test_nobody_decides_the_own_change(self, admin: Account) -> None:
        line = make_plan_line(make_annual_plan(admin.scope_unit, admin), frozen=True)
        change = PlanChange.objects.create(plan=line.plan, kind="strike", line=line, reason="经费压减", by=admin)
        own = {"state": "refused", "decided_by": admin, "decided_at": timezone.now()}
        assert refuses(lambda: PlanChange.objects.filter(pk=change.pk).update(**own))

    def test_money_class_runs_and_answers(self, admin: Account) -> None:
        line = make_plan_line(make_annual_plan(admin.scope_unit, admin), frozen=True)
        money = PlanSpending.objects.create(line=line, kind="spent", cents=100, on=DAY, note="餐费", by=admin)
        made = PlanRun.objects.create(line=line, class_run=make_class_run())
        comment = PlanComment.objects.create(
            plan=line.plan, unit=admin.scope_unit, text="建议提前", by=admin, outcome="taken", answer="采纳",
            answered_by=admin, answered_at=timezone.now(),
        )  # fmt: skip
        assert never_changes(money, cents=200)
        assert never_changes(made, line=line)
        assert never_changes(comment, answer="不采纳")


class TestPlans:
    def test_a_reviewed_plan_is_closed(self, admin: Account) -> None:
        now = timezone.now()
        plan = make_annual_plan(
            admin.scope_unit, admin, state="reviewed", approved_at=now, digest="0" * 64, reviewed_at=now, review="总结"
        )
        assert never_changes(plan, review="改写")

    def test_one_plan_a_year_is_in_force(self, admin: Account) -> None:
        force = {"state": "approved", "approved_at": timezone.now(), "digest": "0" * 64}
        make_annual_plan(admin.scope_unit, admin, **force)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_annual_plan(admin.scope_unit, admin, **force)
