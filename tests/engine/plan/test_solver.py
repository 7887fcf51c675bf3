"""Proposals: the optimum of small problems, no rule ever broken, a bound that holds, and why there is no plan."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from tests.engine.plan.problems import RULES, best_by_enumeration, need, plans, problem, programme, tiny
from zhixing.config.cli.bench.plan import by_priority
from zhixing.config.cli.bench.plan_city import city
from zhixing.engine.plan import diving, search
from zhixing.engine.plan.check import check
from zhixing.engine.plan.conflicts import DEMANDS, conflict_of
from zhixing.engine.plan.document import plan_document
from zhixing.engine.plan.model import Model
from zhixing.engine.plan.options import Limit, options_of
from zhixing.engine.plan.problem import Group, Kind, PlanProblem, as_document
from zhixing.engine.plan.result import PlanResult, Status
from zhixing.engine.plan.rules import Rule
from zhixing.engine.plan.search import propose
from zhixing.engine.policies.channels import Content

SEARCH = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def judged(one: PlanProblem, result: PlanResult) -> None:
    """What a proposal says of itself is so, and no rule is broken."""
    document = json.loads(json.dumps(plan_document(one, result)))
    report = check(document["problem"], document)
    assert report.violations == ()
    assert all(report.claims.values()), report.claims


@SEARCH
@given(tiny())
def test_a_small_plan_is_the_best_of_all_plans(one: PlanProblem) -> None:
    best, result = best_by_enumeration(one), propose(one, seconds=20)
    assert result.objective == best
    assert result.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
    if best is not None:
        judged(one, result)


@SEARCH
@given(tiny())
def test_the_way_of_large_problems_breaks_no_rule_and_its_bound_holds_for_the_best_of_all_plans(
    one: PlanProblem,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SMALL", -1)
        patch.setattr(diving, "LEFT", 0)
        best, result = best_by_enumeration(one), propose(one, seconds=20)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert result.objective is not None
        assert result.bound is not None
        assert result.objective <= best <= result.bound
        judged(one, result)


@SEARCH
@given(tiny())
def test_no_plan_keeps_all_rules_of_a_conflict(one: PlanProblem) -> None:
    result = propose(one, seconds=20)
    if result.status is Status.INFEASIBLE:
        assert result.conflict[0][0] in DEMANDS
        rules, document = {str(rule) for rule, _about in result.conflict}, as_document(one)
        for rows in plans(one):
            assert rules & {one.code for one in check(document, {"lines": rows}).violations}


def test_a_conflict_is_minimal() -> None:
    """Every rule of ten, of which three stand against each other."""
    needed = frozenset({(Rule.RUNS_MIN, "p"), (Rule.MONEY, ""), (Rule.SIZE_MIN, "p")})
    one = problem(money=1, programmes=(programme(runs_min=1),))

    def may_hold(model: Model, kept: frozenset[Limit], *, whole: bool) -> bool:
        return not (needed <= kept and whole)

    assert set(conflict_of(one, options_of(one), may_hold)) == needed


def test_money_that_does_not_reach_for_what_must_be_held_is_named_with_it() -> None:
    result = propose(problem(money=100_000, programmes=(programme(runs_min=1),)))
    assert result.status is Status.INFEASIBLE
    assert set(result.conflict) == {(Rule.RUNS_MIN, "p"), (Rule.MONEY, ""), (Rule.SIZE_MIN, "p")}


def test_leading_members_that_no_class_may_call_are_named_with_the_fee_that_forbids_it() -> None:
    groups = (Group("g", 10, 10, "county"),)
    result = propose(problem(groups=groups, programmes=(programme(leading=True, person_day_cents=60_000),)))
    assert set(result.conflict) == {(Rule.LEADING_SHARE, ""), (Rule.FEE_CEILING, "p"), (Rule.SIZE_MAX, "p")}


def test_what_is_covered_first_is_worth_more() -> None:
    """Two needs, room for one run: four people of each at full worth beat eight of one."""
    needs = (need("n1", "c1", people=8, share=40), need("n2", "c2", people=8, share=39))
    programmes = tuple(programme(f"p{c}", covers={f"c{c}": 100}, runs_max=2) for c in (1, 2))
    one = problem(groups=(Group("g", 10, 0, "county"),), needs=needs, programmes=programmes, money=1_200_000)
    lines = propose(one).lines
    assert {line.programme for line in lines} == {"p1", "p2"}


def test_a_main_class_of_too_little_theory_is_held_with_one_of_more() -> None:
    weak = programme("weak", Kind.MAIN, hours={Content.THEORY: 90, Content.PARTY_SPIRIT: 27, Content.ABILITY: 63})
    strong = programme("strong", Kind.MAIN, covers={"other": 100}, run_cents=5_000_000)
    alone = problem(programmes=(weak,))
    assert propose(alone).lines == ()
    both = problem(programmes=(weak, replace(strong, covers={"c": 5}, runs_max=3)), rules=replace(RULES, money_cost=0))
    judged(both, propose(both))
    assert {line.programme for line in propose(both).lines} == {"weak", "strong"}


def test_no_needs_in_reach_make_an_empty_plan() -> None:
    one = problem(programmes=(programme(covers={"other": 100}),))
    result = propose(one)
    assert (result.status, result.objective, result.lines) == (Status.OPTIMAL, 0, ())
    judged(one, result)


@pytest.fixture
def short_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few nodes and rounds, so that no clock ends the search."""
    for name, count in (("NODES", 20), ("ROUNDS", 3), ("ROUND_NODES", 20)):
        monkeypatch.setattr(search, name, count)


@pytest.mark.usefixtures("short_search")
def test_a_larger_plan_keeps_every_rule_is_the_same_again_and_begins_where_an_earlier_one_ended() -> None:
    one = city(seed=3, people=1_000, programmes=16, competencies=9)
    assert len(options_of(one)) > search.SMALL
    first, again = propose(one), propose(one)
    judged(one, first)
    assert first.gap is not None
    assert first.gap <= 0.15
    assert (first.objective, first.lines) == (again.objective, again.lines)
    further = propose(one, start=first.lines, seed=2)
    assert further.objective is not None
    assert first.objective is not None
    assert further.objective >= first.objective


@pytest.mark.usefixtures("short_search")
def test_no_plan_of_another_search_or_of_an_officer_passes_a_proven_bound() -> None:
    one = city(seed=4, people=1_000, programmes=16, competencies=9)
    assert len(options_of(one)) > search.SMALL
    found = [propose(one, seed=seed) for seed in (1, 2, 3)]
    best = max(by_priority(one).objective(), *(result.objective or 0 for result in found))
    assert all(result.bound is not None and result.bound >= best for result in found)


@pytest.mark.usefixtures("short_search")
def test_a_search_that_may_end_far_from_the_bound_does_no_rounds() -> None:
    one = city(seed=3, people=1_000, programmes=16, competencies=9)
    heard: list[float] = []
    result = propose(one, gap=0.5, progress=heard.append)
    judged(one, result)
    assert max(heard) <= 0.5
