"""What if, and what could be one: less money, a house closed, a priority more; programmes alike and lines that merge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.engine.plan.problems import need, problem, programme, tiny
from zhixing.config.cli.bench.plan_city import city
from zhixing.engine.plan.changes import (
    Moved,
    Priority,
    UnknownPart,
    difference,
    with_capacities,
    with_money,
    with_priority,
    without_institution,
)
from zhixing.engine.plan.check import check
from zhixing.engine.plan.document import plan_document
from zhixing.engine.plan.filling import trim
from zhixing.engine.plan.overlaps import Overlap, likeness, merges, overlaps
from zhixing.engine.plan.problem import Capacity, Group, Institution, PlanProblem, as_document
from zhixing.engine.plan.reasons import usage_of
from zhixing.engine.plan.result import Line, Status
from zhixing.engine.plan.rules import Method
from zhixing.engine.plan.search import propose
from zhixing.engine.policies.channels import Content

HOUSES = tuple(Institution(key, 30_000, (Capacity("2027-1", 2, 50, {"法治": 4}),)) for key in ("i", "j"))


@settings(max_examples=40, deadline=None)
@given(tiny())
def test_less_money_never_helps(one: PlanProblem) -> None:
    before, after = propose(one, seconds=20), propose(with_money(one, 90), seconds=20)
    if after.objective is not None:
        assert before.objective is not None
        assert after.objective <= before.objective
    if before.status is Status.INFEASIBLE:
        assert after.status is Status.INFEASIBLE


def test_a_closed_institution_loses_its_lines_and_only_these_are_told() -> None:
    one = problem(institutions=HOUSES, groups=(Group("g", 20, 0, "county"),), needs=(need(people=20),))
    first = propose(one)
    assert {line.institution for line in first.lines} == {"i", "j"}
    less = without_institution(one, "j")
    told = difference(one, first.lines, less, propose(less).lines)
    assert told.lines == (Moved(("p", "g", "j", "2027-1"), (2, 8), (0, 0)),)
    assert told.covered == {"n": -800}
    assert told.cents < 0
    assert told.objective < 0
    with pytest.raises(UnknownPart):
        without_institution(one, "k")


def test_a_priority_adds_its_share_or_a_need_of_its_own() -> None:
    one = problem()
    more = with_priority(one, Priority("e", "市委", "c", "g", 30, 99))
    assert more.needs[0].weight == one.needs[0].weight + 30
    assert more.needs[0].people == one.needs[0].people
    new = with_priority(one, Priority("e", "市委", "d", "g", 30, 99))
    assert (new.needs[1].weight, new.needs[1].people) == (30, 10)
    with pytest.raises(UnknownPart):
        with_priority(one, Priority("e", "市委", "c", "h", 1, 1))


def test_nothing_changed_is_no_difference() -> None:
    one = problem()
    lines = propose(one).lines
    told = difference(one, lines, one, lines)
    assert (told.lines, told.covered, told.cents, told.objective) == ((), {}, 0, 0)


def test_programmes_are_alike_only_in_what_they_cover_and_teach_for_the_same_people() -> None:
    same = programme("q", covers={"c": 90})
    taught_otherwise = programme("r", methods={Method.LECTURE: 180})
    other_people = programme("s", groups=())
    one = problem(programmes=(programme(), same, taught_otherwise, other_people))
    assert overlaps(one) == [Overlap("p", "q", ("g",), 90, 100)]
    assert likeness({}, {}) == 0
    assert likeness({"a": 50}, {"a": 50, "b": 50}) == 50


def test_two_half_empty_runs_of_programmes_alike_become_one() -> None:
    one = problem(programmes=(programme(), programme("q", covers={"c": 90}, run_cents=200_000)))
    lines = [Line("p", "g", "i", "2027-1", 1, 2), Line("q", "g", "i", "2027-1", 1, 2)]
    (found,) = merges(one, lines)
    assert (found.kept.programme, found.dropped.programme, found.runs) == ("p", "q", 1)
    assert (found.saved_runs, found.saved_class_days, found.saved_cents, found.saved_teacher_days) == (1, 3, 200_000, 2)
    full = [replace(line, seats=4) for line in lines]
    assert [merge.saved_runs for merge in merges(one, full)] == [0]
    assert (
        merges(
            replace(one, programmes=(one.programmes[0], replace(one.programmes[1], hours={Content.ABILITY: 180}))),
            lines,
        )
        == []
    )


def test_fewer_rooms_and_teachers_are_rounded_down() -> None:
    less = with_capacities(problem(institutions=HOUSES), teachers=80, rooms=50)
    assert {(c.classes, c.beds, c.teachers["法治"]) for one in less.institutions for c in one.capacities} == {
        (1, 25, 3)
    }


@pytest.mark.slow
def test_an_earlier_plan_is_trimmed_and_stays_what_it_was_elsewhere() -> None:
    """Without it a tenth less money gives another plan altogether, worth as much."""
    one = city(1, 4_000, 20, 12)
    lines = propose(one, seconds=20).lines
    less = with_money(one, 90)
    near = propose(less, seconds=20, start=lines)
    assert not check(as_document(less), plan_document(less, near)).violations
    assert near.gap is not None
    assert near.gap <= 0.02
    changed = difference(one, lines, less, near.lines).lines
    anew = difference(one, lines, less, propose(less, seconds=20).lines).lines
    assert 0 < len(changed) < len(anew)


def test_what_a_rule_asks_for_is_not_trimmed() -> None:
    must = programme(runs_min=2)
    one = problem(
        programmes=(must,), institutions=HOUSES, groups=(Group("g", 20, 0, "county"),), needs=(need(people=20),)
    )
    usage = usage_of(with_money(one, 1), propose(one).lines)
    trim(usage)
    assert sum(usage.runs.values()) == 2


@settings(max_examples=40, deadline=None)
@given(tiny())
def test_from_an_earlier_plan_every_rule_is_kept_too(one: PlanProblem) -> None:
    lines = propose(one, seconds=20).lines
    less = with_money(one, 80)
    after = propose(less, seconds=20, start=lines)
    if after.objective is None:
        assert propose(less, seconds=20).objective is None
    else:
        assert not check(as_document(less), plan_document(less, after)).violations
