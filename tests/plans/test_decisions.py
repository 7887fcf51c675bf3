"""What waits for somebody's decision about plans stands on that person's desk and on nobody else's."""

from __future__ import annotations

import pytest

from tests.plans.planning import City
from zhixing.people.models import Account
from zhixing.plans import actions
from zhixing.plans.actions import Step
from zhixing.plans.models import AnnualPlan, PlanChange
from zhixing.portal.desks.planned import plans_waiting

pytestmark = pytest.mark.django_db


def waits_for(user: Account) -> list[int]:
    """How many plans and changes of plans."""
    return [one.value for one in plans_waiting(user)]


def test_a_plan_waits_on_the_desk_of_whoever_decides_now(planning: City) -> None:
    plan = planning.draft()
    planning.route(Step("初审", planning.office), Step("部长审定", planning.head))
    actions.submit_plan(plan, by=planning.maker)
    everyone = (planning.maker, planning.office, planning.head, planning.county)
    assert [waits_for(one) for one in everyone] == [[0, 0], [1, 0], [0, 0], [0, 0]]
    assert plans_waiting(planning.office)[0].url.endswith(f"/annual/{plan.pk}/approval/")
    actions.approve_plan(AnnualPlan.objects.get(), by=planning.office)
    assert [waits_for(one) for one in everyone] == [[0, 0], [0, 0], [1, 0], [0, 0]]
    actions.approve_plan(AnnualPlan.objects.get(), by=planning.head)
    assert [waits_for(one) for one in everyone] == [[0, 0]] * 4


def test_a_change_waits_on_the_desk_of_whoever_approves_last(planning: City) -> None:
    plan = planning.approved()
    line = plan.lines.get()
    change = actions.propose_change(plan, {"note": "送教下乡"}, reason="就近参训", line=line, by=planning.maker)
    assert [waits_for(one) for one in (planning.maker, planning.office, planning.head)] == [[0, 0], [0, 0], [0, 1]]
    assert plans_waiting(planning.head)[1].url.endswith(f"/annual/{plan.pk}/changes/")
    assert PlanChange.objects.get() == change
