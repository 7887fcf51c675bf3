"""The life of an annual plan: draft, comments, approval, changes in force, class runs, money, review."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import (
    make_account,
    make_annual_plan,
    make_class_run,
    make_person,
    make_plan_line,
    make_programme,
)
from tests.plans.planning import City
from tests.plans.test_plan_pages import get
from zhixing.base import workdays
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.engine.annual.terms import days_of, term_of
from zhixing.engine.workdays import Workdays
from zhixing.people.models import Role
from zhixing.plans import actions, permissions
from zhixing.plans.actions import Step
from zhixing.plans.actions import programmes as programme_actions
from zhixing.plans.forms.lines import filled
from zhixing.plans.models import AnnualPlan, ClassRun, PlanApproval, PlanChange, PlanComment, PlanLine, Quota
from zhixing.plans.queries import annual_plans as reads

pytestmark = pytest.mark.django_db
State = AnnualPlan.State
FAR = timezone.localdate().year + 2
"""A year of which every quarter can still be told in time."""


def facts(**changes: Any) -> dict[str, Any]:
    given = {
        "title": "科级干部进修班",
        "ranks": ["乡科级正职"],
        "people": 40,
        "runs": 2,
        "days": 5,
        "tenths": 400,
        "term": 2,
    }
    return given | changes


def fresh(plan: AnnualPlan) -> AnnualPlan:
    return AnnualPlan.objects.get(pk=plan.pk)


class TestDrafts:
    def test_versions_of_a_year_are_numbered(self, planning: City) -> None:
        made = [actions.create_plan({"year": 2027, "title": "计划"}, by=planning.maker) for _n in range(2)]
        assert [plan.number for plan in made] == [1, 2]
        assert AuditEntry.objects.filter(action="plans.plan_created").count() == 2

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.SCHOOL, Role.AUDITOR])
    def test_only_departments_make_plans(self, planning: City, role: str) -> None:
        with pytest.raises(Refused):
            actions.create_plan({"year": 2027, "title": "计划"}, by=make_account(role, planning.unit))

    def test_runs_of_one_class_in_one_quarter_become_one_line(self, planning: City) -> None:
        for n, day in enumerate((dt.date(2026, 4, 6), dt.date(2026, 5, 11), dt.date(2026, 9, 7)), 1):
            name = f"科级领导干部进修班（第{n}期）"
            make_class_run(name, starts_on=day, institution=planning.school, content="theory", seats_max=30)
        make_class_run("停办班", state="cancelled", starts_on=dt.date(2026, 4, 6))
        plan = actions.plan_from_class_runs({"year": 2027, "title": "计划"}, from_year=2026, by=planning.maker)
        said = [(line.term, line.title, line.runs, line.people, line.kind) for line in plan.lines.all()]
        assert said == [(2, "科级领导干部进修班", 2, 60, "main"), (3, "科级领导干部进修班", 1, 30, "main")]
        line = plan.lines.get(term=3)
        assert (line.content_tenths, line.rank_group) == ({"theory": 300}, "township")
        assert plan.origin == "last_year"

    def test_a_year_without_class_runs_makes_no_plan(self, planning: City) -> None:
        with pytest.raises(Invalid):
            actions.plan_from_class_runs({"year": 2027, "title": "计划"}, from_year=2020, by=planning.maker)

    def test_lines_are_added_changed_and_removed(self, planning: City) -> None:
        plan = planning.draft(lines=0)
        line = actions.add_line(plan, facts(), by=planning.maker)
        assert actions.edit_line(line, {"term": 3, "people": 40}, by=planning.maker) == ["term"]
        actions.remove_line(line, by=planning.maker)
        assert not plan.lines.exists()
        with pytest.raises(Conflict):
            actions.edit_line(line, {"term": 4}, by=planning.maker)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"people": 1},
            {"days": 0},
            {"content_tenths": {"theory": 399}},
            {"method_tenths": {"lecture": 401}},
            {"leader_tenths": 401},
            {"ranks": []},
        ],
    )
    def test_a_line_that_cannot_be_is_refused(self, planning: City, wrong: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            actions.add_line(planning.draft(0), facts(**wrong), by=planning.maker)

    def test_a_line_names_units_below_and_a_school(self, planning: City) -> None:
        plan = make_annual_plan(planning.north, planning.county)
        with pytest.raises(Invalid):
            actions.add_line(plan, facts(units=[planning.south.pk]), by=planning.county)
        with pytest.raises(Invalid):
            actions.add_line(plan, facts(institution=planning.south), by=planning.county)
        assert actions.add_line(plan, facts(units=[planning.north.pk]), by=planning.county).number == 1

    def test_another_department_does_not_work_on_the_plan(self, planning: City) -> None:
        plan = planning.draft()
        with pytest.raises(Refused):
            actions.add_line(plan, facts(), by=planning.county)
        with pytest.raises(Refused):
            actions.edit_line(planning.line(plan), {"term": 4}, by=planning.county)
        with pytest.raises(Refused):
            actions.remove_line(planning.line(plan), by=planning.county)
        with pytest.raises(Refused):
            actions.drop_plan(plan, by=planning.county)
        with pytest.raises(Refused):
            actions.edit_plan(plan, {"title": "另拟"}, by=planning.county)

    def test_a_dropped_draft_is_not_worked_on(self, planning: City) -> None:
        plan = planning.draft()
        actions.drop_plan(plan, by=planning.maker)
        with pytest.raises(Refused):
            actions.add_line(plan, facts(), by=planning.maker)


class TestComments:
    def opened(self, planning: City, **line: Any) -> AnnualPlan:
        plan = planning.draft(0)
        make_plan_line(plan, **line)
        told = actions.open_for_comments(plan, until=timezone.localdate(), by=planning.maker)
        assert told == Notice.objects.filter(kind="plans.open").count() == 2
        return fresh(plan)

    def test_a_liaison_says_something_and_hears_the_answer(self, planning: City) -> None:
        plan = self.opened(planning)
        made = actions.comment(plan, "建议提前到第一季度", line=planning.line(plan), by=planning.liaison)
        assert (made.unit, made.line_number) == (planning.north, 1)
        actions.answer_comment(made, outcome="taken", answer="采纳", by=planning.office)
        assert Notice.objects.filter(kind="plans.answered", recipient_id=planning.liaison.pk).exists()
        with pytest.raises(Conflict):
            actions.answer_comment(made, outcome="explained", answer="再想想", by=planning.office)

    def test_a_liaison_does_not_see_lines_of_other_units(self, planning: City) -> None:
        plan = self.opened(planning, units=[planning.south.pk])
        assert not PlanLine.objects.visible_to(planning.liaison).exists()
        with pytest.raises(NotFound):
            actions.comment(plan, "与我无关", line=planning.line(plan), by=planning.liaison)

    def test_comments_end_with_the_day_and_with_the_time(self, planning: City) -> None:
        plan = self.opened(planning)
        AnnualPlan.objects.filter(pk=plan.pk).update(comments_until=dt.date(2020, 1, 1))
        with pytest.raises(Refused):
            actions.comment(fresh(plan), "晚了", by=planning.liaison)
        actions.rework_plan(plan, by=planning.maker)
        with pytest.raises(Refused):
            actions.comment(fresh(plan), "晚了", by=planning.liaison)

    @pytest.mark.parametrize("who", ["maker", "staff"])
    def test_neither_the_own_department_nor_a_school_comments(self, planning: City, who: str) -> None:
        with pytest.raises(Refused):
            actions.comment(self.opened(planning), "意见", by=getattr(planning, who))

    def test_only_the_maker_opens_ends_and_answers(self, planning: City) -> None:
        plan = planning.draft()
        with pytest.raises(Refused):
            actions.open_for_comments(plan, until=timezone.localdate(), by=planning.county)
        plan = self.opened(planning)
        made = actions.comment(plan, "意见", by=planning.county)
        with pytest.raises(Refused):
            actions.answer_comment(made, outcome="taken", answer="采纳", by=planning.county)
        with pytest.raises(Refused):
            actions.rework_plan(plan, by=planning.liaison)

    def test_an_empty_plan_and_a_past_day_are_refused(self, planning: City) -> None:
        with pytest.raises(Refused):
            actions.open_for_comments(planning.draft(0), until=timezone.localdate(), by=planning.maker)
        with pytest.raises(Invalid):
            actions.open_for_comments(planning.draft(), until=dt.date(2020, 1, 1), by=planning.maker)

    def test_nothing_is_submitted_before_every_comment_is_answered(self, planning: City) -> None:
        planning.route()
        plan = self.opened(planning)
        made = actions.comment(plan, "意见", by=planning.liaison)
        actions.rework_plan(plan, by=planning.maker)
        assert not permissions.may_submit(planning.maker, fresh(plan))
        actions.answer_comment(PlanComment.objects.get(pk=made.pk), outcome="taken", answer="好", by=planning.maker)
        assert permissions.may_submit(planning.maker, fresh(plan))


class TestApproval:
    def test_step_by_step_until_the_lines_are_frozen(self, planning: City) -> None:
        planning.route(Step("处务会", office=planning.unit), Step("部长审定", planning.head))
        plan = planning.draft()
        actions.submit_plan(plan, by=planning.maker)
        assert Notice.objects.filter(kind="plans.waits", recipient_id=planning.office.pk).exists()
        assert not actions.approve_plan(fresh(plan), by=planning.office)
        assert not plan.lines.filter(frozen=True).exists()
        assert actions.approve_plan(fresh(plan), by=planning.head)
        done = fresh(plan)
        assert (done.state, done.step, len(done.digest)) == (State.APPROVED, 0, 64)
        assert planning.line(plan).frozen
        assert [one.by for one in PlanApproval.objects.all()] == [planning.office, planning.head]

    def test_nobody_approves_the_own_submission(self, planning: City) -> None:
        planning.route(Step("处务会", office=planning.unit))
        plan = planning.draft()
        actions.submit_plan(plan, by=planning.maker)
        with pytest.raises(Refused):
            actions.approve_plan(fresh(plan), by=planning.maker)
        with pytest.raises(Refused):
            actions.return_plan(fresh(plan), reason="重做", by=planning.maker)
        assert not Notice.objects.filter(kind="plans.waits", recipient_id=planning.maker.pk).exists()

    def test_only_whoever_stands_at_the_step_decides(self, planning: City) -> None:
        planning.route(Step("部长审定", planning.head, planning.office))
        plan = planning.draft()
        actions.submit_plan(plan, by=planning.maker)
        for other in (planning.county, planning.liaison, planning.staff):
            with pytest.raises(Refused):
                actions.approve_plan(fresh(plan), by=other)
        assert actions.approve_plan(fresh(plan), by=planning.office)

    def test_a_deputy_who_submitted_does_not_decide(self, planning: City) -> None:
        planning.route(Step("部长审定", planning.head, planning.maker))
        plan = planning.draft()
        actions.submit_plan(plan, by=planning.maker)
        assert not permissions.may_decide(planning.maker, fresh(plan))

    def test_a_returned_plan_is_mended_and_begins_anew(self, planning: City) -> None:
        planning.route(Step("处务会", planning.office), Step("部长审定", planning.head))
        plan = planning.draft()
        actions.submit_plan(plan, by=planning.maker)
        actions.approve_plan(fresh(plan), by=planning.office)
        with pytest.raises(Invalid):
            actions.return_plan(fresh(plan), reason=" ", by=planning.head)
        actions.return_plan(fresh(plan), reason="经费超了", by=planning.head)
        with pytest.raises(Refused):
            actions.add_line(fresh(plan), facts(), by=planning.maker)
        actions.rework_plan(fresh(plan), by=planning.maker)
        actions.edit_line(planning.line(plan), {"budget": 1}, by=planning.maker)
        actions.submit_plan(fresh(plan), by=planning.maker)
        assert (fresh(plan).round, fresh(plan).step) == (2, 1)

    def test_a_stale_page_decides_nothing(self, planning: City) -> None:
        planning.route(Step("处务会", planning.head), Step("部长审定", planning.head))
        plan = planning.draft()
        actions.submit_plan(plan, by=planning.maker)
        stale = fresh(plan)
        actions.approve_plan(stale, by=planning.head)
        with pytest.raises(Conflict):
            actions.approve_plan(stale, by=planning.head)

    def test_a_plan_under_way_keeps_its_route(self, planning: City) -> None:
        planning.route()
        plan = planning.draft()
        actions.submit_plan(plan, by=planning.maker)
        planning.route(Step("另一流程", planning.office))
        assert actions.approve_plan(fresh(plan), by=planning.head)

    def test_without_a_route_nothing_is_submitted(self, planning: City) -> None:
        with pytest.raises(Refused):
            actions.submit_plan(planning.draft(), by=planning.maker)

    def test_a_county_without_a_route_uses_the_one_above(self, planning: City) -> None:
        planning.route()
        plan = make_annual_plan(planning.north, planning.county)
        make_plan_line(plan)
        actions.submit_plan(plan, by=planning.county)
        assert actions.approve_plan(fresh(plan), by=planning.head)

    def test_one_plan_of_a_year_is_in_force(self, planning: City) -> None:
        planning.approved()
        with pytest.raises(Conflict):
            actions.submit_plan(planning.draft(), by=planning.maker)

    @pytest.mark.parametrize("steps", [0, 5])
    def test_a_route_has_one_to_four_steps(self, planning: City, steps: int) -> None:
        with pytest.raises(Invalid):
            actions.set_route(planning.unit, [Step("审定", planning.head)] * steps, by=planning.maker)

    def test_a_route_names_departments_and_liaisons_only(self, planning: City) -> None:
        for wrong in (
            Step("审定", planning.staff),
            Step("审定", deputy=planning.head, office=planning.unit),
            Step("审定", planning.head, planning.head),
            Step("审定"),
            Step(" ", planning.head),
        ):
            with pytest.raises(Invalid):
                planning.route(wrong)

    def test_a_county_does_not_set_the_route_of_the_city(self, planning: City) -> None:
        with pytest.raises(Refused):
            actions.set_route(planning.unit, [Step("审定", planning.county)], by=planning.county)


class TestChanges:
    def test_a_change_holds_when_another_one_has_agreed(self, planning: City) -> None:
        plan = planning.approved()
        old = planning.line(plan)
        change = actions.propose_change(plan, {"term": 3, "people": 40}, reason="教师冲突", line=old, by=planning.maker)
        assert (change.was, change.becomes) == ({"term": 2}, {"term": 3})
        assert planning.line(plan).term == 2
        actions.decide_change(change, approved=True, by=planning.head)
        new = planning.line(plan)
        assert (new.version, new.term, new.title, new.institution) == (2, 3, old.title, planning.school)
        assert PlanLine.objects.get(pk=old.pk).term == 2

    def test_a_refused_change_leaves_the_line(self, planning: City) -> None:
        plan = planning.approved()
        change = actions.propose_strike(planning.line(plan), reason="经费压减", by=planning.maker)
        with pytest.raises(Invalid):
            actions.decide_change(change, approved=False, by=planning.head)
        actions.decide_change(change, approved=False, reason="照办", by=planning.head)
        assert planning.line(plan).version == 1
        with pytest.raises(Refused):
            actions.decide_change(change, approved=True, by=planning.head)

    def test_a_line_is_struck_out_and_another_one_added(self, planning: City) -> None:
        plan = planning.approved()
        for change in (
            actions.propose_strike(planning.line(plan), reason="经费压减", by=planning.maker),
            actions.propose_change(plan, facts(institution=planning.school), reason="新任务", by=planning.maker),
        ):
            actions.decide_change(change, approved=True, by=planning.head)
        assert [(line.number, line.struck) for line in plan.lines.current()] == [(1, True), (2, False)]
        assert [line.number for line in plan.lines.standing()] == [2]

    def test_nobody_decides_the_own_change_nor_one_of_another_route(self, planning: City) -> None:
        plan = planning.approved()
        change = actions.propose_strike(planning.line(plan), reason="经费压减", by=planning.head)
        for other in (planning.head, planning.office, planning.county):
            with pytest.raises(Refused):
                actions.decide_change(change, approved=True, by=other)

    def test_a_line_has_one_change_at_a_time(self, planning: City) -> None:
        plan = planning.approved()
        actions.propose_strike(planning.line(plan), reason="经费压减", by=planning.maker)
        with pytest.raises(Conflict):
            actions.propose_strike(planning.line(plan), reason="再压减", by=planning.maker)

    def test_a_change_says_why_and_changes_something(self, planning: City) -> None:
        plan = planning.approved()
        with pytest.raises(Invalid):
            actions.propose_change(plan, {"term": 3}, reason=" ", line=planning.line(plan), by=planning.maker)
        with pytest.raises(Invalid):
            actions.propose_change(plan, {"term": 2}, reason="无", line=planning.line(plan), by=planning.maker)

    def test_a_frozen_plan_changes_in_no_other_way(self, planning: City) -> None:
        plan = planning.approved()
        with pytest.raises(Refused):
            actions.edit_line(planning.line(plan), {"term": 3}, by=planning.maker)
        with pytest.raises(Refused):
            actions.propose_strike(planning.line(plan), reason="经费压减", by=planning.county)

    def test_a_version_that_was_replaced_is_not_changed_again(self, planning: City) -> None:
        plan = planning.approved()
        old = planning.line(plan)
        change = actions.propose_change(plan, {"term": 3}, reason="教师冲突", line=old, by=planning.maker)
        actions.decide_change(change, approved=True, by=planning.head)
        with pytest.raises(Conflict):
            actions.propose_change(plan, {"term": 4}, reason="再调", line=old, by=planning.maker)


class TestClassRuns:
    def people(self, planning: City) -> None:
        for unit, count in ((planning.north, 3), (planning.south, 1)):
            for _n in range(count):
                make_person(unit)

    def test_class_runs_come_with_days_and_the_seats_of_the_units(self, planning: City) -> None:
        self.people(planning)
        plan = planning.approved(0 + 1, year=FAR)
        line = planning.line(plan)
        days = reads.days_proposed(line, timezone.localdate())
        (made,) = actions.make_class_runs(line, days, by=planning.maker)
        assert (made.name, made.seats_max, made.seats_min, made.tenths) == (line.title, 40, 32, 400)
        assert (made.institution, made.ranks, made.state) == (planning.school, ["乡科级正职"], ClassRun.State.DRAFT)
        first, last = days_of(FAR, 2)
        assert first <= made.starts_on <= made.ends_on <= last
        seats = {quota.unit: quota.seats_max for quota in made.quotas.select_related("unit")}
        assert (seats[planning.north], seats[planning.south], seats[planning.school]) == (30, 10, 0)
        assert reads.missing_runs(line) == 0
        with pytest.raises(Conflict):
            actions.make_class_runs(line, days, by=planning.maker)

    def test_several_runs_share_the_seats_evenly(self, planning: City) -> None:
        self.people(planning)
        plan = planning.draft(0, year=FAR)
        make_plan_line(plan, runs=2, people=41)
        planning.route()
        actions.submit_plan(plan, by=planning.maker)
        actions.approve_plan(fresh(plan), by=planning.head)
        line = planning.line(plan)
        made = actions.make_class_runs(line, reads.days_proposed(line, timezone.localdate()), by=planning.maker)
        assert [run.seats_max for run in made] == [21, 20]
        assert [run.name[-5:] for run in made] == ["（第1期）", "（第2期）"]
        for unit, most in ((planning.north, 31), (planning.south, 10)):
            of_unit = [Quota.objects.get(class_run=run, unit=unit).seats_max for run in made]
            assert sum(of_unit) == most
            assert max(of_unit) - min(of_unit) <= 1

    def test_runs_of_one_class_are_counted_through_the_year_and_never_named_twice(self, planning: City) -> None:
        plan = planning.draft(0, year=FAR)
        for term in (2, 3, 3):
            make_plan_line(plan, title="基层治理班", term=term)
        planning.route()
        actions.submit_plan(plan, by=planning.maker)
        actions.approve_plan(fresh(plan), by=planning.head)
        names = []
        for number in (2, 1, 3):
            line = planning.line(plan, number)
            (made,) = actions.make_class_runs(line, reads.days_proposed(line, timezone.localdate()), by=planning.maker)
            names.append(made.name)
            ClassRun.objects.filter(pk=made.pk, name__endswith="（第1期）").update(state=ClassRun.State.CANCELLED)
        assert names == ["基层治理班（第2期）", "基层治理班（第1期）", "基层治理班（第3期）"]
        line = planning.line(plan, 1)
        (again,) = actions.make_class_runs(line, reads.days_proposed(line, timezone.localdate()), by=planning.maker)
        assert again.name == "基层治理班（第1期）"

    def test_a_run_takes_the_lowest_number_where_its_own_is_taken(self, planning: City) -> None:
        plan = planning.draft(0, year=FAR)
        make_plan_line(plan, title="基层治理班", runs=3, people=90)
        planning.route()
        actions.submit_plan(plan, by=planning.maker)
        actions.approve_plan(fresh(plan), by=planning.head)
        line = planning.line(plan)
        days = reads.days_proposed(line, timezone.localdate())
        first, *_others = actions.make_class_runs(line, days, by=planning.maker)
        ClassRun.objects.filter(pk=first.pk).update(state=ClassRun.State.CANCELLED)
        page = get(planning.maker, "make_runs", plan.pk, 1).content.decode()
        assert "基层治理班（第1期）：开班日期" in page
        assert "第 3 期" not in page
        (again,) = actions.make_class_runs(line, days[:1], by=planning.maker)
        assert again.name == "基层治理班（第1期）"

    def test_days_lie_in_the_quarter_on_a_working_day_with_notice(self, planning: City) -> None:
        plan = planning.approved(year=FAR)
        line = planning.line(plan)
        last = days_of(FAR, 2)[1]
        sunday = last - dt.timedelta(days=(last.weekday() + 1) % 7)
        for wrong in (last + dt.timedelta(days=1), sunday):
            with pytest.raises(Invalid):
                actions.make_class_runs(line, [wrong], by=planning.maker)
        today = timezone.localdate()
        soon = planning.draft(0, year=today.year)
        make_plan_line(soon, term=term_of(today))
        actions.submit_plan(soon, by=planning.maker)
        actions.approve_plan(fresh(soon), by=planning.head)
        with pytest.raises(Invalid):
            actions.make_class_runs(planning.line(soon), [today], by=planning.maker)
        assert not ClassRun.objects.exists()

    def test_holidays_are_no_first_days_and_exchanged_weekends_are(
        self, planning: City, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = planning.approved(year=FAR)
        line = planning.line(plan)
        days = [days_of(FAR, 2)[0] + dt.timedelta(days=n) for n in range(60)]
        free = next(day for day in days if day.weekday() == 0)
        worked = next(day for day in days if day.weekday() == 5)
        known = Workdays(frozenset(), frozenset({free}), frozenset({worked}))
        monkeypatch.setattr(workdays, "in_force", lambda: known)
        assert free not in reads.days_proposed(line, timezone.localdate())
        assert FAR in reads.years_without_holidays(line, timezone.localdate())
        with pytest.raises(Invalid, match="放假"):
            actions.make_class_runs(line, [free], by=planning.maker)
        assert not ClassRun.objects.exists()
        assert actions.make_class_runs(line, [worked], by=planning.maker)

    def test_a_cancelled_class_run_is_made_again(self, planning: City) -> None:
        plan = planning.approved(year=FAR)
        line = planning.line(plan)
        days = reads.days_proposed(line, timezone.localdate())
        (made,) = actions.make_class_runs(line, days, by=planning.maker)
        actions.cancel_class_run(made, reason="师资不足", by=planning.maker)
        assert reads.missing_runs(line) == 1
        assert actions.make_class_runs(line, days, by=planning.maker)

    def test_only_for_a_plan_in_force_and_by_its_department(self, planning: City) -> None:
        day = [days_of(FAR, 2)[0] + dt.timedelta(days=14)]
        with pytest.raises(Refused):
            actions.make_class_runs(planning.line(planning.draft(year=FAR)), day, by=planning.maker)
        plan = planning.approved(year=FAR)
        for other in (planning.county, planning.staff, planning.liaison):
            with pytest.raises(Refused):
                actions.make_class_runs(planning.line(plan), day, by=other)

    def test_the_board_tells_how_far_each_line_has_come(self, planning: City) -> None:
        plan = planning.approved(2, year=FAR)
        line = planning.line(plan)
        (made,) = actions.make_class_runs(line, reads.days_proposed(line, timezone.localdate()), by=planning.maker)
        ClassRun.objects.filter(pk=made.pk).update(state=ClassRun.State.HELD)
        for kind, cents in (("committed", 5000), ("spent", 4000), ("spent", -500)):
            actions.record_spending(
                line, kind=kind, cents=cents, on=dt.date(2027, 5, 1), note="食宿", by=planning.maker
            )
        board = reads.execution_board(planning.maker, plan, timezone.localdate())
        assert [one.execution for one in board.lines] == ["held", "planned"]
        assert (board.money.committed, board.money.spent) == (5000, 3500)
        late = reads.execution_board(planning.maker, plan, dt.date(FAR + 1, 1, 1))
        assert [one.execution for one in late.lines] == ["held", "late"]


class TestMoneyAndReview:
    def spend(self, planning: City, plan: AnnualPlan, cents: int, **changes: Any) -> None:
        given = {"kind": "spent", "on": dt.date(2027, 5, 1), "note": "食宿", "by": planning.maker} | changes
        actions.record_spending(planning.line(plan), cents=cents, **given)

    def test_no_more_is_taken_back_than_was_entered(self, planning: City) -> None:
        plan = planning.approved()
        self.spend(planning, plan, 100)
        with pytest.raises(Invalid):
            self.spend(planning, plan, -101)
        with pytest.raises(Invalid):
            self.spend(planning, plan, 0)
        with pytest.raises(Refused):
            self.spend(planning, plan, 100, by=planning.county)

    def test_a_reviewed_plan_takes_nothing_more(self, planning: City) -> None:
        plan = planning.approved()
        with pytest.raises(Invalid):
            actions.review_plan(plan, " ", by=planning.maker)
        with pytest.raises(Refused):
            actions.review_plan(plan, "总结", by=planning.county)
        actions.review_plan(plan, "全年完成 1 项", by=planning.maker)
        with pytest.raises(Refused):
            self.spend(planning, fresh(plan), 100)
        with pytest.raises(Refused):
            actions.propose_strike(planning.line(plan), reason="晚了", by=planning.maker)

    def test_no_review_while_a_change_waits(self, planning: City) -> None:
        plan = planning.approved()
        actions.propose_strike(planning.line(plan), reason="经费压减", by=planning.maker)
        with pytest.raises(Invalid):
            actions.review_plan(plan, "总结", by=planning.maker)


class TestWhoSeesWhat:
    def seen(self, user: Any) -> tuple[int, int]:
        return AnnualPlan.objects.visible_to(user).count(), PlanLine.objects.visible_to(user).count()

    def test_a_draft_is_its_departments(self, planning: City) -> None:
        planning.draft()
        auditor = make_account(Role.AUDITOR, planning.unit)
        assert self.seen(planning.office) == self.seen(auditor) == (1, 1)
        assert self.seen(planning.county) == self.seen(planning.liaison) == self.seen(planning.staff) == (0, 0)

    def test_a_plan_in_force_shows_units_and_schools_their_lines(self, planning: City) -> None:
        plan = planning.draft(0)
        make_plan_line(plan, institution=planning.school, units=[planning.south.pk])
        make_plan_line(plan, units=[planning.north.pk])
        make_plan_line(plan)
        planning.route()
        actions.submit_plan(plan, by=planning.maker)
        assert self.seen(planning.liaison) == (0, 0)
        actions.approve_plan(fresh(plan), by=planning.head)
        assert self.seen(planning.staff) == (1, 1)
        assert self.seen(planning.liaison) == (1, 2)
        assert self.seen(planning.county) == (1, 3)
        assert self.seen(make_account(Role.TRAINEE, None, make_person(planning.north))) == (0, 0)

    def test_whoever_decides_sees_the_whole_plan(self, planning: City) -> None:
        finance = make_account(Role.LIAISON, planning.south)
        planning.route(Step("财政会签", finance))
        plan = planning.draft(0)
        make_plan_line(plan, units=[planning.north.pk])
        actions.submit_plan(plan, by=planning.maker)
        assert self.seen(finance) == (1, 1)
        assert actions.approve_plan(fresh(plan), by=finance)

    def test_changes_and_money_of_others_are_not_seen(self, planning: City) -> None:
        plan = planning.draft(0)
        make_plan_line(plan, units=[planning.south.pk])
        planning.route()
        actions.submit_plan(plan, by=planning.maker)
        actions.approve_plan(fresh(plan), by=planning.head)
        change = actions.propose_strike(planning.line(plan), reason="经费压减", by=planning.maker)
        assert PlanChange.objects.visible_to(planning.office).count() == 1
        actions.decide_change(change, approved=True, by=planning.head)
        for other in (planning.liaison, planning.staff):
            assert not PlanChange.objects.visible_to(other).exists()


class TestProgrammes:
    def test_what_is_left_empty_is_taken_from_the_programme(self, planning: City) -> None:
        programme = make_programme(
            planning.unit, planning.maker, person_day_cents=30_000, run_cents=100_000, rank_groups=["county"]
        )
        empty = dict.fromkeys(("title", "kind", "theme", "rank_group", "target_text", "note"), "")
        given = {**empty, "ranks": [], "people": 40, "runs": 2, "days": 0, "tenths": 0, "budget": 0, "leader_tenths": 0}
        made = filled({**given, "content_tenths": {}, "method_tenths": {}}, programme)
        assert (made["title"], made["kind"], made["days"], made["tenths"]) == (programme.name, "main", 5, 400)
        assert made["content_tenths"] == programme.content_tenths
        assert (made["rank_group"], made["budget"]) == ("county", 30_000 * 40 * 5 + 200_000)

    def test_other_hours_do_not_take_the_shares_of_the_programme(self, planning: City) -> None:
        programme = make_programme(planning.unit, planning.maker)
        given = {
            "title": "",
            "kind": "",
            "theme": "",
            "days": 3,
            "tenths": 240,
            "content_tenths": {},
            "method_tenths": {},
        }
        more = {"leader_tenths": 0, "rank_group": "county", "ranks": [], "people": 40, "runs": 1, "budget": 5}
        assert filled(given | more, programme)["content_tenths"] == {}

    def test_hours_of_a_programme_add_up(self, planning: City) -> None:
        given = {
            "code": "A1",
            "name": "进修班",
            "kind": "main",
            "days": 5,
            "tenths": 400,
            "size_min": 10,
            "size_max": 50,
        }
        programme_actions.create_programme(given, {}, by=planning.maker)
        for wrong in (
            {"content_tenths": {"theory": 399}},
            {"parts": {"theory": 200, "discussion": 100}},
            {"size_min": 60},
            {"leader_tenths": 401},
        ):
            with pytest.raises(Invalid):
                programme_actions.create_programme(given | {"code": "A2"} | wrong, {}, by=planning.maker)
        with pytest.raises(Conflict):
            programme_actions.create_programme(given, {}, by=planning.maker)
        with pytest.raises(Refused):
            programme_actions.create_programme(given | {"code": "A3"}, {}, by=planning.staff)

    def test_a_county_uses_but_does_not_change_the_citys_programme(self, planning: City) -> None:
        programme = make_programme(planning.unit, planning.maker)
        with pytest.raises(Refused):
            programme_actions.edit_programme(programme, {"days": 3}, {}, by=planning.county)
        with pytest.raises(Refused):
            programme_actions.move_programme(programme, "retired", by=planning.county)
        programme_actions.move_programme(programme, "retired", by=planning.maker)
        with pytest.raises(Conflict):
            programme_actions.move_programme(programme, "retired", by=planning.maker)

    def test_capacity_said_again_replaces_what_was_said(self, planning: City) -> None:
        given = {"institution": planning.school, "year": 2027, "term": 2, "runs_at_once": 3, "seats": 150}
        programme_actions.keep_capacity(given, by=planning.staff)
        made = programme_actions.keep_capacity(given | {"seats": 200, "closed": True}, by=planning.maker)
        assert (made.seats, planning.school.capacities.count()) == (200, 1)
        for other in (planning.county, planning.liaison):
            with pytest.raises(Refused):
                programme_actions.keep_capacity(given, by=other)
