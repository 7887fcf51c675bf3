"""Lines proposed from the needs: into an empty draft only, within its money, each with the needs it rests on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.plans.test_problem import Rows
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.needs.models import Need
from zhixing.people.models import Role
from zhixing.plans import actions
from zhixing.plans.actions.proposals import propose_lines
from zhixing.plans.models import AnnualPlan, Capacity, Programme

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
MONEY = 100_000_000


@pytest.fixture
def rows() -> Rows:
    made = Rows()
    Programme.objects.update(leading=True)
    return made


def draft(rows: Rows, **fields: object) -> AnnualPlan:
    return factories.make_annual_plan(rows.city, rows.by, **{"year": 2027, "money": MONEY, **fields})


def refused(plan: AnnualPlan, rows: Rows) -> str:
    with pytest.raises(Invalid) as error:
        actions.ask_for_lines(plan, by=rows.by)
    return str(error.value.message)


def test_the_draft_gets_lines_that_say_what_they_rest_on(rows: Rows, run_jobs: Jobs, client: Client) -> None:
    plan = draft(rows)
    client.force_login(rows.by)
    page = client.get(reverse("plans:plan", args=[plan.pk])).content.decode()
    assert reverse("plans:propose_lines", args=[plan.pk]) in page
    answer = client.post(reverse("plans:propose_lines", args=[plan.pk]))
    job = Job.objects.get(kind="plans.propose")
    assert answer.headers["Location"] == reverse("base:job", args=[job.pk])
    assert run_jobs() == 1
    job.refresh_from_db()
    assert (job.state, job.result["lines"]) == (Job.State.DONE, plan.lines.count())
    plan.refresh_from_db()
    assert (plan.origin, plan.reckoning) == (AnnualPlan.Origin.PROPOSED, rows.reckoning)
    assert 0 < sum(line.budget for line in plan.lines.all()) <= MONEY
    needs = {str(pk) for pk in Need.objects.filter(reckoning=rows.reckoning, unit=None).values_list("pk", flat=True)}
    for line in plan.lines.all():
        assert {one["need"] for one in line.evidence} <= needs
        assert sum(one["share"] for one in line.evidence) == 10_000
    page = client.get(reverse("plans:plan", args=[plan.pk])).content.decode()
    resting_on = plan.lines.all()[0].evidence[0]["need"]
    assert reverse("needs:need", args=[resting_on]) in page
    assert client.get(reverse("needs:need", args=[resting_on])).status_code == 200
    assert "条目是怎样提出的" in page
    assert "已证明：符合各项规则的计划" in page
    assert reverse("plans:propose_lines", args=[plan.pk]) not in page


def test_nothing_that_somebody_entered_is_overwritten(rows: Rows) -> None:
    plan = draft(rows)
    line = factories.make_plan_line(plan, institution=rows.school)
    with pytest.raises(Refused, match="草案已有条目"):
        actions.ask_for_lines(plan, by=rows.by)
    line.delete()
    actions.ask_for_lines(plan, by=rows.by)
    with pytest.raises(Conflict):
        actions.ask_for_lines(plan, by=rows.by)

    def enter(_share: float) -> None:
        if not plan.lines.exists():
            factories.make_plan_line(plan, institution=rows.school)

    with pytest.raises(Conflict, match="没有覆盖"):
        propose_lines(plan.pk, rows.by.pk, enter)
    assert plan.lines.count() == 1


def test_without_money_needs_or_institutions_it_says_what_is_missing(rows: Rows, run_jobs: Jobs) -> None:
    assert "经费" in refused(draft(rows, money=0), rows)
    plan = draft(rows)
    Capacity.objects.all().delete()
    actions.ask_for_lines(plan, by=rows.by)
    run_jobs()
    job = Job.objects.get(kind="plans.propose")
    assert job.state == Job.State.FAILED
    assert "没有任何培训机构" in job.error
    assert "2030 年的培训需求尚未测算" in refused(draft(rows, year=2030), rows)


def test_a_rate_in_another_unit_is_told_by_the_name_of_the_institution(rows: Rows, run_jobs: Jobs) -> None:
    plan = draft(rows)
    Capacity.objects.update(rate_cents=320)
    Programme.objects.update(person_day_cents=2_000_000)
    actions.ask_for_lines(plan, by=rows.by)
    run_jobs()
    said = Job.objects.get(kind="plans.propose").error
    assert f"承训机构“{rows.school.name}”的每人每天收费标准（元）：每人每天 ¥3.20 过低" in said
    assert f"培训项目“{rows.programme.name}”的每人每天经费（元）：¥20,000 过高" in said
    assert "请在“承训能力”中修改" in said
    assert not any(technical in said for technical in ("rate_cents", "institutions", "programmes", "money_"))


def test_rules_that_cannot_hold_together_are_told_on_the_plan(rows: Rows, run_jobs: Jobs, client: Client) -> None:
    plan = draft(rows, money=1)
    actions.ask_for_lines(plan, by=rows.by)
    run_jobs()
    plan.refresh_from_db()
    assert (plan.result["status"], plan.lines.count()) == ("infeasible", 0)
    client.force_login(rows.by)
    assert "没有可行的计划" in client.get(reverse("plans:plan", args=[plan.pk])).content.decode()


def test_only_the_department_that_makes_the_plan_asks(rows: Rows) -> None:
    plan = draft(rows)
    county = factories.make_department(factories.make_unit("乙县", rows.city))
    for account in (
        county,
        factories.make_account(Role.AUDITOR, rows.city),
        factories.make_account(Role.SCHOOL, rows.school),
    ):
        with pytest.raises(Refused):
            actions.ask_for_lines(plan, by=account)
    assert not Job.objects.filter(kind="plans.propose").exists()
