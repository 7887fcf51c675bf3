"""A line whose target group matches nobody: told where it is typed and on the board, kept only when somebody says so."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tests.factories import make_annual_plan, make_department, make_person, make_plan_line
from tests.plans.planning import City
from tests.plans.test_plan_pages import get, post
from zhixing.people.models import Person
from zhixing.plans.queries.annual_plans import lines_for_nobody, people_of

pytestmark = pytest.mark.django_db
TOLD, TICK, CHIP = "培训对象没有匹配到任何人", "仍保留本条", "对象无人符合"


class TestTheForm:
    TYPED: ClassVar[dict[str, str]] = {
        "title": "专题班",
        "term": "2",
        "people": "40",
        "runs": "1",
        "days": "5",
        "hours": "40",
        "rank_group": "township",
        "note": "空缺岗位年内补齐",
    }

    def test_it_is_refused_loses_nothing_and_is_kept_when_somebody_is_sure(self, planning: City) -> None:
        plan = planning.draft(0)
        make_person(planning.north, rank="县处级正职")
        answer = post(planning.maker, "add_line", plan.pk, **self.TYPED)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert all(said in page for said in (TOLD, TICK, "空缺岗位年内补齐", "<strong>0</strong> 人符合"))
        assert not plan.lines.exists()
        assert post(planning.maker, "add_line", plan.pk, **self.TYPED, nobody="on").status_code == 302
        assert planning.line(plan).rank_group == "township"

    def test_who_matches_is_counted_while_it_is_typed(self, planning: City) -> None:
        plan = planning.draft(0)
        for _n in range(3):
            make_person(planning.north, rank="", grade="一级主任科员")
        make_person(planning.south)
        assert TICK not in get(planning.maker, "add_line", plan.pk).content.decode()
        shown = post(planning.maker, "line_sums", plan.pk, **self.TYPED).content.decode()
        assert "<strong>4</strong> 人符合" in shown
        assert 'hx-swap-oob="true"' in shown
        north = post(planning.maker, "line_sums", plan.pk, **self.TYPED, units=[planning.north.pk]).content.decode()
        assert "<strong>3</strong> 人符合" in north
        assert post(planning.maker, "add_line", plan.pk, **self.TYPED).status_code == 302

    def test_only_people_below_the_unit_of_the_plan_count(self, planning: City) -> None:
        """A county's line for a group that only the city has matches nobody, and units of others cannot be named."""
        plan = make_annual_plan(planning.north, planning.county)
        make_person(planning.south)
        assert TOLD in post(planning.county, "add_line", plan.pk, **self.TYPED).content.decode()
        foreign = post(planning.county, "line_sums", plan.pk, **self.TYPED, units=[planning.south.pk])
        assert "人符合" not in foreign.content.decode()
        assert post(make_department(planning.south), "line_sums", plan.pk, **self.TYPED).status_code == 404

    def test_a_line_for_no_ranks_is_told_in_its_field(self, planning: City) -> None:
        plan = planning.draft(0)
        answer = post(planning.maker, "add_line", plan.pk, **(self.TYPED | {"rank_group": ""}))
        assert answer.status_code == 422
        assert "空缺岗位年内补齐" in answer.content.decode()

    def test_a_change_in_force_is_asked_about_too(self, planning: City) -> None:
        plan = planning.approved()
        typed = self.TYPED | {"reason": "补训"}
        assert TOLD in post(planning.maker, "change_line", plan.pk, 1, **typed).content.decode()
        assert not plan.changes.exists()
        assert post(planning.maker, "change_line", plan.pk, 1, **typed, nobody="on").status_code == 302
        assert plan.changes.exists()


def test_the_board_tells_the_lines_for_nobody_to_those_who_see_all(planning: City) -> None:
    plan = planning.approved(2)
    assert CHIP in get(planning.maker, "plan", plan.pk).content.decode()
    assert CHIP not in get(planning.staff, "plan", plan.pk).content.decode()
    make_person(planning.north)
    assert CHIP not in get(planning.maker, "plan", plan.pk).content.decode()


def test_the_board_finds_the_same_lines_as_the_count_of_each(planning: City) -> None:
    plan = planning.draft(0)
    make_person(planning.north, rank="", grade="一级主任科员", category="公务员")
    make_person(planning.south, rank="县处级正职", grade="一级主任科员")
    make_person(planning.south, rank="乡科级正职", status=Person.Status.LEFT)
    for ranks in (["一级主任科员"], ["县处级正职"], ["乡科级正职"]):
        for units in ([], [planning.north.pk], [planning.south.pk], [planning.south.pk, planning.north.pk]):
            for categories in ([], ["公务员"], ["无"]):
                make_plan_line(plan, ranks=ranks, units=units, categories=categories)
    make_plan_line(plan, ranks=[], rank_group="township")
    lines = list(plan.lines.all())
    empty = {line.number for line in lines if not people_of(line).exists()}
    assert 0 < len(empty) < len(lines)
    assert lines_for_nobody(plan, lines) == empty
