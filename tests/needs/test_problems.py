"""Priorities and problems: entered with what they need, settled once, by whom it belongs to."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.needs.asked import City
from zhixing.base.models import Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.needs.actions import priorities
from zhixing.needs.actions import work_problems as actions
from zhixing.needs.models import Priority, WorkProblem
from zhixing.people.models import Account, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City(people=1, chiefs=1)


def enter(city: City, text: str = "征地难", unit: int = 0, by: Account | None = None, **more: object) -> WorkProblem:
    facts = {"year": 2027, "by": by or city.department, **more}
    return actions.enter_problem(city.units[unit], text, "blocked", "deep", **facts)  # type: ignore[arg-type]


def test_a_liaison_enters_for_the_own_unit_only(city: City) -> None:
    liaison = factories.make_account(Role.LIAISON, city.units[0])
    assert enter(city, by=liaison).by == liaison
    with pytest.raises(Refused):
        enter(city, unit=1, by=liaison)
    with pytest.raises(Conflict):
        enter(city, by=liaison)
    with pytest.raises(Invalid):
        enter(city, " ", by=liaison)
    for role in (Role.AUDITOR, Role.SCHOOL):
        with pytest.raises(Refused):
            enter(city, "别的", by=factories.make_account(role, city.root))


def test_only_the_department_settles(city: City) -> None:
    problem, other = enter(city), enter(city, unit=1)
    liaison = factories.make_account(Role.LIAISON, city.units[0])
    auditor = factories.make_account(Role.AUDITOR, city.root)
    elsewhere = factories.make_department(city.units[1])
    for by in (liaison, auditor, elsewhere):
        with pytest.raises(Refused):
            actions.answer_problem(problem, "办", by=by)
        with pytest.raises(Refused):
            actions.weigh_problem(problem, 3, "急", [city.competency()], by=by)
        with pytest.raises(Refused):
            actions.merge_problem(problem, other, by=by)


def test_merging_leaves_no_chain_and_can_be_undone(city: City) -> None:
    first, second, third = enter(city), enter(city, unit=1), enter(city, "审批慢")
    actions.merge_problem(second, first, by=city.department)
    actions.merge_problem(first, third, by=city.department)
    assert set(WorkProblem.objects.filter(merged_into=third)) == {first, second}
    with pytest.raises(Refused):
        actions.merge_problem(third, first, by=city.department)
    actions.part_problem(second, by=city.department)
    second.refresh_from_db()
    assert (second.state, second.merged_into) == ("open", None)
    with pytest.raises(Refused):
        actions.part_problem(second, by=city.department)
    with pytest.raises(Invalid, match="itself"):
        actions.merge_problem(third, third, by=city.department)
    with pytest.raises(Invalid, match="same year"):
        actions.merge_problem(third, enter(city, "旧事", year=2026), by=city.department)


def test_an_answer_is_given_once(city: City) -> None:
    problem = enter(city)
    with pytest.raises(Invalid):
        actions.answer_problem(problem, " ", by=city.department)
    actions.answer_problem(problem, "已列入计划", by=city.department)
    with pytest.raises(Refused):
        actions.answer_problem(problem, "又", by=city.department)


def test_whoever_entered_a_problem_is_told_of_the_answer_and_reads_it_where_it_was_merged(city: City) -> None:
    first, second = (factories.make_account(Role.LIAISON, unit) for unit in city.units[:2])
    kept, merged = enter(city, by=first), enter(city, "征地慢", unit=1, by=second)
    actions.merge_problem(merged, kept, by=city.department)
    actions.answer_problem(kept, "办专题班", by=city.department)
    told = Notice.objects.filter(kind="problem_answered").order_by("pk")
    pages = [reverse("needs:problem", args=[one.pk]) for one in (kept, merged)]
    assert list(told.values_list("recipient_id", "link")) == [(first.pk, pages[0]), (second.pk, pages[1])]
    client = Client()
    client.force_login(second)
    said = client.get(pages[1]).content.decode()
    assert "办专题班" in said
    assert kept.text not in said
    assert client.get(pages[0]).status_code == 404


@pytest.mark.parametrize("weight", [0, 11])
def test_weights_are_from_one_to_ten(city: City, weight: int) -> None:
    with pytest.raises(Invalid, match="1 to 10"):
        actions.weigh_problem(enter(city), weight, "急", [city.competency()], by=city.department)
    with pytest.raises(Invalid, match="1 to 10"):
        priorities.enter_priority("甲", "文", weight, [city.competency()], year=2027, by=city.department)


def test_a_priority_needs_source_and_competency_and_stands_once(city: City) -> None:
    def enter_it(title: str = "甲", source: str = "文", **more: object) -> Priority:
        facts = {"competencies": [city.competency()], "year": 2027, "by": city.department, **more}
        return priorities.enter_priority(title, source, 5, **facts)  # type: ignore[arg-type]

    for wrong in ({"title": ""}, {"source": ""}, {"competencies": []}, {"rank_groups": ["king"]}):
        with pytest.raises(Invalid):
            enter_it(**wrong)  # type: ignore[arg-type]
    made = enter_it()
    with pytest.raises(Conflict):
        enter_it()
    with pytest.raises(Refused):
        enter_it(by=factories.make_account(Role.LIAISON, city.root))
    with pytest.raises(Refused):
        priorities.withdraw_priority(made, by=factories.make_department(city.units[0]))
    priorities.withdraw_priority(made, by=city.department)
    made.refresh_from_db()
    with pytest.raises(Refused):
        priorities.withdraw_priority(made, by=city.department)
    assert enter_it().pk != made.pk
