"""What if: asked of a plan, answered by a job as differences, taken over by a person, undone; nothing of the plan changes before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.plans.test_problem import Rows
from zhixing.base.models import AuditEntry, Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.people.models import Account, Role, Unit
from zhixing.plans import actions
from zhixing.plans.actions.plan_edits import last_edit, written_facts
from zhixing.plans.actions.proposals import propose_lines
from zhixing.plans.models import AnnualPlan, Capacity, PlanRun, PlanTry, Programme

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
MONEY = 2_500_000


class Planned(Rows):
    """A draft with the lines that were proposed for it, and a second school."""

    def __init__(self) -> None:
        super().__init__()
        Programme.objects.update(leading=True)
        self.college = factories.make_unit("市干部学院", self.city, kind=Unit.Kind.SCHOOL)
        Capacity.objects.create(
            institution=self.college,
            year=2027,
            term=2,
            runs_at_once=1,
            seats=50,
            teacher_days={"法治": 10},
            rate_cents=25_000,
        )
        self.plan = factories.make_annual_plan(self.city, self.by, year=2027, money=MONEY)
        propose_lines(self.plan.pk, self.by.pk, lambda _share: None)
        self.plan = AnnualPlan.objects.select_related("unit").get(pk=self.plan.pk)

    def ask(self, **asked: Any) -> PlanTry:
        return actions.ask_what_if(self.plan, asked, by=self.by)

    def written(self) -> dict[int, Any]:
        return {line.number: written_facts(line) for line in self.plan.lines.all()}


@pytest.fixture
def planned() -> Planned:
    return Planned()


def answered(one: PlanTry, run_jobs: Jobs) -> PlanTry:
    run_jobs()
    one.refresh_from_db()
    return one


def closing(school: Unit) -> dict[str, Any]:
    return {"closed": [{"key": str(school.pk), "name": school.name}]}


def page_of(user: Account, name: str, *args: Any) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(f"plans:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_less_money_is_answered_as_differences_and_changes_nothing(planned: Planned, run_jobs: Jobs) -> None:
    before = planned.written()
    one = answered(planned.ask(money=-60), run_jobs)
    answer = one.answer
    assert answer["money"] == [MONEY, MONEY * 40 // 100]
    assert answer["cents"][1] <= MONEY * 40 // 100 < answer["cents"][0]
    assert answer["lines"]
    assert answer["covered"][1] < answer["covered"][0]
    assert planned.written() == before
    page = page_of(planned.by, "try", planned.plan.pk, one.pk)
    assert "假设：经费减少 60%" in page
    assert "采用此方案" in page
    assert "经费减少 60%" in page_of(planned.by, "tries", planned.plan.pk)


def test_a_proposal_is_taken_over_once_and_undone(planned: Planned, run_jobs: Jobs) -> None:
    before = planned.written()
    one = answered(planned.ask(**closing(planned.college)), run_jobs)
    actions.take_over(one, by=planned.by)
    assert planned.college.pk not in {facts["institution"] for facts in planned.written().values()}
    assert planned.written() != before
    assert sum(facts["people"] for facts in planned.written().values()) == one.answer["people"][1]
    with pytest.raises(Conflict, match="已采用"):
        actions.take_over(one, by=planned.by)
    edit = last_edit(planned.plan)
    assert edit is not None
    actions.undo_edit(edit, by=planned.by)
    assert planned.written() == before
    with pytest.raises(Conflict):
        actions.undo_edit(edit, by=planned.by)
    one.refresh_from_db()
    assert not one.standing
    actions.take_over(PlanTry.objects.get(pk=one.pk), by=planned.by)
    verbs = ["plans.try_asked", "plans.try_taken", "plans.edit_undone"]
    assert AuditEntry.objects.filter(action__in=verbs).count() == 4


def test_a_plan_that_changed_since_is_not_overwritten(planned: Planned, run_jobs: Jobs) -> None:
    one = answered(planned.ask(money=-60), run_jobs)
    factories.make_plan_line(planned.plan, institution=planned.school)
    before = planned.written()
    with pytest.raises(Conflict, match="重新试算"):
        actions.take_over(one, by=planned.by)
    assert planned.written() == before
    page = page_of(planned.by, "try", planned.plan.pk, one.pk)
    assert "测算之后计划又有改动" in page
    assert "采用此方案" not in page


def test_what_was_changed_since_is_not_undone(planned: Planned, run_jobs: Jobs) -> None:
    actions.take_over(answered(planned.ask(**closing(planned.college)), run_jobs), by=planned.by)
    edit = last_edit(planned.plan)
    assert edit is not None
    line = planned.plan.lines.filter(number__in=edit.numbers).first()
    assert line is not None
    line.note = "改过"
    line.save()
    before = planned.written()
    with pytest.raises(Conflict, match="没有丢失"):
        actions.undo_edit(edit, by=planned.by)
    assert planned.written() == before


def test_a_priority_weighs_more_and_its_need_is_told(planned: Planned, run_jobs: Jobs) -> None:
    priority = {"code": "A2", "name": "乙", "group": "township", "weight": 10}
    one = answered(planned.ask(priority=priority, money=-60), run_jobs)
    assert [row["asked"] for row in one.answer["needs"]][:1] == [True]
    everyone = {"code": "B1", "name": "丙", "group": "", "weight": 1}
    other = answered(planned.ask(priority=everyone), run_jobs)
    (row, *_others) = [row for row in other.answer["needs"] if row["asked"]]
    assert (row["need"], row["why"]) == (None, "no_programme")
    assert "没有项目覆盖" in page_of(planned.by, "try", planned.plan.pk, other.pk) or row["why"]


def test_a_plan_that_cannot_be_met_is_told_in_words(planned: Planned, run_jobs: Jobs) -> None:
    one = answered(planned.ask(rooms=-90), run_jobs)
    if one.answer["status"] != "infeasible":
        one = answered(planned.ask(money=-90), run_jobs)
    assert one.answer["status"] == "infeasible"
    page = page_of(planned.by, "try", planned.plan.pk, one.pk)
    assert "这样无法排出计划" in page
    assert "全年至少调训领导班子成员 3 人" in page
    assert "leading_share" not in page
    with pytest.raises(Invalid):
        actions.take_over(one, by=planned.by)


def test_lines_that_the_needs_do_not_know_stay_and_their_money_is_set_aside(planned: Planned, run_jobs: Jobs) -> None:
    own = factories.make_plan_line(planned.plan, institution=planned.school, budget=700_000)
    one = answered(planned.ask(money=-20), run_jobs)
    assert one.answer["aside"] == [{"number": own.number, "why": "no_programme"}]
    assert one.answer["cents"][1] <= MONEY * 80 // 100
    assert "未选择培训项目" in page_of(planned.by, "try", planned.plan.pk, one.pk)
    if one.answer["lines"]:
        actions.take_over(one, by=planned.by)
    assert planned.plan.lines.filter(number=own.number, budget=700_000).exists()


def test_the_same_question_twice_is_one_trial(planned: Planned, run_jobs: Jobs) -> None:
    first, second = planned.ask(money=-10), planned.ask(money=-10)
    assert first.pk == second.pk
    assert Job.objects.filter(kind="plans.try").count() == 1
    assert planned.ask(money=-20).pk != first.pk
    run_jobs()
    assert planned.ask(money=-10).pk != first.pk


def test_what_is_missing_is_said(planned: Planned, run_jobs: Jobs) -> None:
    with pytest.raises(Invalid, match="要假设的变化"):
        planned.ask()
    AnnualPlan.objects.filter(pk=planned.plan.pk).update(money=0)
    with pytest.raises(Invalid, match="经费"):
        planned.ask(money=-10)
    AnnualPlan.objects.filter(pk=planned.plan.pk).update(money=MONEY)
    one = answered(
        planned.ask(closed=[{"key": str(s.pk), "name": s.name} for s in (planned.school, planned.college)]), run_jobs
    )
    job = Job.objects.get(pk=one.job)
    assert (job.state, "至少保留一家" in job.error) == (Job.State.FAILED, True)
    assert one.answered_at is None


def test_the_form_asks_for_what_it_needs(planned: Planned) -> None:
    client = Client()
    client.force_login(planned.by)
    url = reverse("plans:tries", args=[planned.plan.pk])

    def said(**given: Any) -> str:
        answer = client.post(url, given)
        assert answer.status_code == 422
        return answer.content.decode()

    assert "请填写要假设的变化" in said()
    assert "请填写该重点的权重" in said(competency="A1")
    assert "请选择该重点所要求的能力" in said(weight="3")
    assert "没有符合的人员" in said(competency="A1", weight="3", group="bureau")
    assert "至少保留一家" in said(closed=[planned.school.pk, planned.college.pk])
    said(money="-91")
    assert not PlanTry.objects.exists()
    given = {"money": "-10", "closed": [planned.college.pk], "competency": "A1", "weight": "3", "teachers": "-20"}
    assert client.post(url, given).status_code == 302
    asked = PlanTry.objects.get().asked
    assert (asked["money"], asked["teachers"], asked["closed"][0]["name"]) == (-10, -20, "市干部学院")
    assert asked["priority"]["weight"] == 3


def test_only_the_department_asks_and_takes_over(planned: Planned, run_jobs: Jobs) -> None:
    one = answered(planned.ask(**closing(planned.college)), run_jobs)
    county = factories.make_department(factories.make_unit("乙县", planned.city))
    auditor = factories.make_account(Role.AUDITOR, planned.city)
    school = factories.make_account(Role.SCHOOL, planned.school)
    for account in (county, auditor, school):
        with pytest.raises(Refused):
            actions.ask_what_if(planned.plan, {"money": -10}, by=account)
        with pytest.raises(Refused):
            actions.take_over(one, by=account)
    client = Client()
    for account, status in ((county, 404), (school, 404), (auditor, 200)):
        client.force_login(account)
        assert client.get(reverse("plans:try", args=[planned.plan.pk, one.pk])).status_code == status
        assert client.get(reverse("plans:tries", args=[planned.plan.pk])).status_code == status
    assert "开始试算" not in page_of(auditor, "tries", planned.plan.pk)


def test_evidence_put_aside_is_left_out_of_the_trial(planned: Planned, run_jobs: Jobs) -> None:
    plain = answered(planned.ask(money=-60), run_jobs)
    line = planned.plan.lines.order_by("number")[0]
    for row in line.evidence:
        for part in row["evidence"]:
            actions.weigh_without(line, row["need"], part["key"], aside=True, by=planned.by)
    less = answered(planned.ask(money=-60), run_jobs)
    assert less.answer["covered"] != plain.answer["covered"]


def test_a_plan_in_force_is_tried_but_not_overwritten(planned: Planned, run_jobs: Jobs) -> None:
    head = factories.make_department(planned.city)
    actions.set_route(planned.city, [actions.Step("部长审定", head)], by=planned.by)
    actions.submit_plan(planned.plan, by=planned.by)
    actions.approve_plan(AnnualPlan.objects.get(pk=planned.plan.pk), by=head)
    planned.plan = AnnualPlan.objects.select_related("unit").get(pk=planned.plan.pk)
    one = answered(planned.ask(**closing(planned.college)), run_jobs)
    assert one.answer["lines"]
    with pytest.raises(Refused):
        actions.take_over(one, by=planned.by)
    assert "计划已冻结" in page_of(planned.by, "try", planned.plan.pk, one.pk)
    assert "已建" not in page_of(planned.by, "try", planned.plan.pk, one.pk)
    (gone, *_others) = [row["numbers"][0] for row in one.answer["lines"] if not row["runs"][1]]
    PlanRun.objects.create(line=planned.plan.lines.get(number=gone), class_run=factories.make_class_run())
    told = page_of(planned.by, "try", planned.plan.pk, one.pk)
    for said in ("该计划已建 1 个班次", "采用前须先取消多出的班次", "已建 1 期"):
        assert said in told
