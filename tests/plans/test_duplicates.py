"""Lines that look alike: merged in a draft and undone, merged in force by a change that somebody else decides, or said to be two."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests import factories
from tests.plans.planning import City
from tests.plans.test_plan_pages import client_of, get, post
from tests.plans.test_problem import Rows
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.engine.annual.duplicates import text_together
from zhixing.plans import actions
from zhixing.plans.actions.plan_edits import last_edit, written_facts
from zhixing.plans.models import AnnualPlan, NoDuplicate, PlanChange, PlanEdit, PlanLine
from zhixing.plans.queries.duplicates import alike_in

pytestmark = pytest.mark.django_db


def two_alike(planning: City, **fields: Any) -> AnnualPlan:
    """One class twice in a draft: of the same people in the same quarter at the same school."""
    plan = planning.draft(0, **fields)
    for people, need in ((40, "x"), (60, "y")):
        evidence = [{"need": need, "share": 10_000, "title": need}]
        same = {"title": "基层治理班", "institution": planning.school, "rank_group": "township", "people": people}
        factories.make_plan_line(plan, **same, budget=people * 1_000, evidence=evidence)
    return plan


def written(plan: AnnualPlan) -> dict[int, Any]:
    return {line.number: written_facts(line) for line in plan.lines.standing()}


def test_two_lines_become_one_with_people_money_and_evidence_added_up(planning: City) -> None:
    plan = two_alike(planning)
    before = written(plan)
    page = get(planning.maker, "plan", plan.pk).content.decode()
    assert "1 对条目可能重复" in page
    assert "同一季度、同一对象的同一班次" in page
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "merge").status_code == 302
    (facts,) = written(plan).values()
    assert (facts["people"], facts["budget"], facts["runs"]) == (100, 100_000, 2)
    assert {one["need"]: one["share"] for one in facts["evidence"]} == {"x": 4_000, "y": 6_000}
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "merge").status_code == 409
    edit = last_edit(plan)
    assert edit is not None
    assert "撤销" in get(planning.maker, "plan", plan.pk).content.decode()
    assert post(planning.maker, "undo_edit", plan.pk, edit.pk).status_code == 302
    assert written(plan) == before


def test_one_line_for_both_says_whom_it_is_for_and_what_becomes_of_its_days(planning: City) -> None:
    plan = planning.draft(0)
    for days, ranks in ((5, ["县处级正职"]), (26, ["县处级正职", "县处级副职"])):
        same = {"title": "进修班", "institution": planning.school, "rank_group": "county", "days": days}
        factories.make_plan_line(plan, **same, ranks=ranks, target_text="、".join(ranks))
    assert "5 天与 26 天不同：合并后按前一条" in get(planning.maker, "plan", plan.pk).content.decode()
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "merge").status_code == 302
    (facts,) = written(plan).values()
    assert (facts["days"], facts["ranks"]) == (5, ["县处级正职", "县处级副职"])
    assert facts["target_text"] == "县处级正职、县处级副职"


@pytest.mark.parametrize(
    ("kept", "dropped", "said"),
    [
        ("甲", "乙", "甲；乙"),
        ("甲、乙", "乙", "甲、乙"),
        ("甲", "", ""),
        ("", "乙", ""),
        ("科级干部", "新任科级干部", "科级干部；新任科级干部"),
        ("甲、乙", "乙、丙，丁", "甲、乙；丙、丁"),
        ("乙", "甲、乙", "甲、乙"),
    ],
)
def test_what_is_written_about_the_target_group_is_joined_and_silence_means_all(
    kept: str, dropped: str, said: str
) -> None:
    assert text_together(kept, dropped) == said


def test_a_target_group_too_long_for_one_line_is_refused_and_never_cut(planning: City) -> None:
    plan = planning.draft(0)
    for text in ("甲" * 200, "乙" * 200):
        same = {"title": "进修班", "institution": planning.school, "rank_group": "county"}
        factories.make_plan_line(plan, **same, target_text=text)
    answer = post(planning.maker, "judge_alike", plan.pk, 1, 2, "merge")
    assert answer.status_code == 422
    assert "两条的培训对象合计 401 字，最多 300 字" in answer.content.decode()
    assert plan.lines.standing().count() == 2


def test_what_was_undone_never_changes(planning: City) -> None:
    plan = two_alike(planning)
    edit = actions.merge_lines(plan, 1, 2, by=planning.maker)
    actions.undo_edit(edit, by=planning.maker)
    for change in ({"kind": "move"}, {"undone_at": None, "undone_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PlanEdit.objects.filter(pk=edit.pk).update(**change)


def test_in_force_a_merge_is_a_change_that_somebody_else_decides(planning: City) -> None:
    plan = two_alike(planning)
    planning.route()
    actions.submit_plan(plan, by=planning.maker)
    actions.approve_plan(AnnualPlan.objects.get(pk=plan.pk), by=planning.head)
    plan = AnnualPlan.objects.get(pk=plan.pk)
    before = written(plan)
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "merge", reason="").status_code == 422
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "merge", reason="内容重复").status_code == 302
    assert written(plan) == before
    change = PlanChange.objects.get()
    page = get(planning.maker, "changes", plan.pk).content.decode()
    assert "两条合并" in page
    assert "并入（并删去）的条目" in page
    with pytest.raises(Refused):
        actions.decide_change(change, approved=True, by=planning.maker)
    actions.decide_change(change, approved=True, by=planning.head)
    (facts,) = written(plan).values()
    assert (facts["people"], facts["budget"]) == (100, 100_000)
    gone = PlanLine.objects.current().get(plan=plan, number=2)
    assert (gone.struck, gone.version, gone.frozen) == (True, 2, True)


def test_a_line_that_changed_meanwhile_is_not_struck_out(planning: City) -> None:
    plan = two_alike(planning)
    planning.route()
    actions.submit_plan(plan, by=planning.maker)
    actions.approve_plan(AnnualPlan.objects.get(pk=plan.pk), by=planning.head)
    plan = AnnualPlan.objects.get(pk=plan.pk)
    merge = actions.propose_merge(plan, 1, 2, reason="内容重复", by=planning.maker)
    other = actions.propose_strike(planning.line(plan, 2), reason="不办", by=planning.office)
    with pytest.raises(Conflict, match="请先审定"):
        actions.decide_change(merge, approved=True, by=planning.head)
    actions.decide_change(other, approved=True, by=planning.head)
    with pytest.raises(Conflict):
        actions.decide_change(merge, approved=True, by=planning.head)
    assert planning.line(plan, 1).people == 40


def test_lines_are_kept_as_two_with_a_reason_until_looked_at_again(planning: City) -> None:
    plan = two_alike(planning)
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "apart", reason=" ").status_code == 422
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "apart", reason="两批学员").status_code == 302
    assert post(planning.maker, "judge_alike", plan.pk, 2, 1, "apart", reason="又一次").status_code == 302
    assert NoDuplicate.objects.get().reason == "两批学员"
    page = get(planning.maker, "plan", plan.pk).content.decode()
    assert "没有待处理的重复" in page
    assert "两批学员" in page
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "again").status_code == 302
    assert not NoDuplicate.objects.exists()
    assert post(planning.maker, "judge_alike", plan.pk, 1, 2, "perhaps").status_code == 404
    actions.set_apart(plan, 1, 2, reason="两批学员", by=planning.maker)
    actions.remove_line(planning.line(plan, 2), by=planning.maker)
    assert not NoDuplicate.objects.exists()


def test_nobody_else_merges_or_judges(planning: City) -> None:
    plan = two_alike(planning)
    for account in (planning.county, planning.liaison, planning.staff):
        for deed in ("merge", "apart", "again"):
            assert post(account, "judge_alike", plan.pk, 1, 2, deed, reason="x").status_code in {403, 404}
    with pytest.raises(Invalid):
        actions.merge_lines(plan, 1, 1, by=planning.maker)
    with pytest.raises(Conflict):
        actions.merge_lines(plan, 1, 9, by=planning.maker)
    assert len(written(plan)) == 2


def test_alike_lines_are_found_with_as_many_queries_as_ever(planning: City, django_assert_num_queries: Any) -> None:
    plan = planning.draft(0)
    programme = factories.make_programme(planning.unit, planning.maker)
    for n in range(200):
        fields = {"number": n + 1, "title": f"班{n % 50}", "term": n % 4 + 1, "programme": programme}
        factories.make_plan_line(plan, **fields, institution=planning.school)
    lines = list(plan.lines.select_related("programme"))
    with django_assert_num_queries(2):
        found = alike_in(plan, lines)
    assert found


class TestMoves:
    def test_a_move_is_undone(self, planning: City) -> None:
        plan = planning.draft()
        assert post(planning.maker, "move_line", plan.pk, 1, term="3", seen="2").status_code == 302
        edit = last_edit(plan)
        assert edit is not None
        assert post(planning.maker, "undo_edit", plan.pk, edit.pk).status_code == 302
        assert planning.line(plan).term == 2

    def test_a_line_that_somebody_moved_meanwhile_stays_there(self, planning: City) -> None:
        plan = planning.draft()
        post(planning.maker, "move_line", plan.pk, 1, term="3", seen="2")
        answer = post(planning.office, "move_line", plan.pk, 1, term="4", seen="2")
        assert answer.status_code == 409
        assert "已被他人移到第三季度" in answer.content.decode()
        assert planning.line(plan).term == 3

    def test_an_edit_of_a_line_that_changed_is_told_and_keeps_what_was_typed(self, planning: City) -> None:
        plan = planning.draft()
        client = client_of(planning.maker)
        factories.make_person(planning.north)
        url = reverse("plans:edit_line", args=[plan.pk, 1])
        seen = client.get(url).context["seen"]
        typed = {
            "title": "我的标题",
            "term": "2",
            "people": "41",
            "runs": "1",
            "days": "5",
            "hours": "40",
            "seen": seen,
        }
        typed |= {"rank_group": "township"}
        actions.edit_line(planning.line(plan), {"people": 55}, by=planning.office)
        answer = client.post(url, typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "他人修改了本条" in page
        assert "人 55" in page
        assert "我的标题" in page
        assert planning.line(plan).people == 55
        assert client.post(url, typed | {"seen": answer.context["seen"]}).status_code == 302
        assert (planning.line(plan).people, planning.line(plan).title) == (41, "我的标题")


class TestEvidence:
    def evident(self, planning: City) -> AnnualPlan:
        plan = planning.draft(0)
        parts = [{"key": f"k{n}", "source": "survey", "share": share} for n, share in enumerate((300, 100))]
        evidence = [
            {"need": "7", "share": 6_000, "evidence": parts},
            {"need": "x", "share": 4_000, "title": "依法行政"},
        ]
        factories.make_plan_line(plan, evidence=evidence)
        return plan

    def test_the_weight_falls_by_what_is_put_aside_and_rises_again(self, planning: City) -> None:
        plan = self.evident(planning)
        given = {"need": "7", "key": "k1", "deed": "aside"}
        answer = post(planning.maker, "line_evidence", plan.pk, 1, **given)
        assert answer.headers["Location"].endswith("?open=1#line-1")
        page = get(planning.maker, "plan", plan.pk, open="1").content.decode()
        assert "<strong>85%</strong>" in page
        assert post(planning.maker, "line_evidence", plan.pk, 1, **given).status_code == 302
        assert PlanEdit.objects.count() == 1
        post(planning.maker, "line_evidence", plan.pk, 1, need="7", key="k1", deed="take-up")
        assert "本条权重还剩" not in get(planning.maker, "plan", plan.pk).content.decode()

    def test_what_the_line_does_not_rest_on_is_told(self, planning: City) -> None:
        plan = self.evident(planning)
        assert post(planning.maker, "line_evidence", plan.pk, 1, need="8", key="k", deed="aside").status_code == 409
        assert post(planning.maker, "line_evidence", plan.pk, 1, need="7", key="k1", deed="").status_code == 404
        assert post(planning.liaison, "line_evidence", plan.pk, 1, need="7", key="k1", deed="aside").status_code == 404

    def test_lines_with_a_programme_rest_on_the_needs_that_it_covers(self) -> None:
        rows = Rows()
        plan = factories.make_annual_plan(rows.city, rows.by, year=2027)
        factories.make_plan_line(plan, programme=rows.programme, rank_group="township")
        factories.make_plan_line(plan)
        page = get(rows.by, "plan", plan.pk).content.decode()
        assert "为 1 条无依据的条目补充年度需求依据" in page
        assert post(rows.by, "rest_on_needs", plan.pk).status_code == 302
        line = plan.lines.get(number=1)
        assert [(one["share"], one["amount"]) for one in line.evidence] == [(9_130, 2_400), (870, 1_200)]
        assert {part["source"] for part in line.evidence[0]["evidence"]} == {"survey", "priority"}
        assert post(rows.by, "rest_on_needs", plan.pk).status_code == 422
        edit = last_edit(plan)
        assert edit is not None
        actions.undo_edit(edit, by=rows.by)
        assert plan.lines.get(number=1).evidence == []


def test_a_plan_from_class_runs_names_their_year(planning: City) -> None:
    run = factories.make_class_run()
    year = run.starts_on.year
    plan = actions.plan_from_class_runs({"year": year + 1, "title": "计划"}, from_year=year, by=planning.maker)
    assert f"由 {year} 年班次生成" in get(planning.maker, "plan", plan.pk).content.decode()
    assert f"由 {year} 年班次生成" in get(planning.maker, "plans").content.decode()
