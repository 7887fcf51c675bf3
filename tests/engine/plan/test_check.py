"""The checker finds every rule that a plan breaks and every figure that is not so; filling and reasons never break one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.plan.problems import RULES, need, plans, problem, programme, tiny, with_rules
from zhixing.engine.plan.check import check
from zhixing.engine.plan.document import plan_document
from zhixing.engine.plan.filling import fill
from zhixing.engine.plan.options import options_of
from zhixing.engine.plan.problem import Capacity, Group, Institution, Kind, PlanProblem, Term, as_document
from zhixing.engine.plan.reading import read
from zhixing.engine.plan.reasons import uncovered, usage_of
from zhixing.engine.plan.result import Line
from zhixing.engine.plan.search import propose
from zhixing.engine.plan.usage import Usage
from zhixing.engine.policies.channels import Content

LINE = {"programme": "p", "group": "g", "institution": "i", "term": "2027-1", "runs": 1, "seats": 4}
MAIN = programme(kind=Kind.MAIN)


def codes(one: PlanProblem, **changes: Any) -> set[str]:
    """What the line of four seats, changed, breaks."""
    return {found.code for found in check(as_document(one), {"lines": [{**LINE, **changes}]}).violations}


def house(**changes: Any) -> tuple[Institution, ...]:
    capacity = Capacity("2027-1", 2, 50, {"法治": 40})
    return (Institution("i", 30_000, (replace(capacity, **changes),)),)


def test_a_plan_in_plenty_breaks_nothing() -> None:
    assert codes(problem()) == set()


@pytest.mark.parametrize(
    ("code", "one", "changes"),
    [
        ("unknown_line", problem(), {"programme": "q"}),
        ("unknown_line", problem(), {"seats": 0}),
        ("unknown_line", problem(), {"runs": True}),
        ("unknown_line", problem(), {"group": "h"}),
        ("money", problem(money=579_999), {}),
        ("rooms", problem(institutions=house(classes=0)), {}),
        ("beds", problem(institutions=house(beds=3), rules=replace(RULES, rooms_used=4)), {}),
        ("teachers", problem(institutions=house(teachers={"法治": 1})), {}),
        ("teachers", problem(institutions=house(teachers={})), {}),
        ("callups_max", problem(groups=(Group("g", 1, 0, "county"),), needs=(need(people=1),)), {}),
        ("leading_callups_max", problem(programmes=(programme(leading=True),)), {}),
        ("leading_share", problem(groups=(Group("g", 10, 10, "county"),)), {}),
        (
            "theory_share",
            problem(programmes=(replace(MAIN, hours={Content.PARTY_SPIRIT: 125, Content.ABILITY: 55}),)),
            {},
        ),
        ("party_spirit_share", problem(programmes=(replace(MAIN, hours={Content.THEORY: 180}),)), {}),
        ("interactive_share", problem(programmes=(MAIN,), rules=replace(RULES, interactive=frozenset())), {}),
        ("leaders_share", problem(programmes=(replace(MAIN, leader_tenths=0),)), {}),
        ("business_days", problem(programmes=(programme(kind=Kind.BUSINESS, days=6),)), {}),
        ("fee_ceiling", problem(programmes=(programme(person_day_cents=26_000),)), {}),
        ("notice", problem(decided_on=dt.date(2027, 6, 9)), {}),
        ("term_days", problem(terms=(Term("2027-1", dt.date(2027, 3, 1), dt.date(2027, 3, 2)),)), {}),
        ("runs_min", problem(programmes=(programme(runs_min=2),)), {}),
        ("runs_max", problem(programmes=(programme(runs_max=1),)), {"runs": 2}),
        ("size_min", problem(), {"seats": 1}),
        ("size_max", problem(), {"seats": 5}),
    ],
)
def test_each_rule_is_found_broken(code: str, one: PlanProblem, changes: dict[str, Any]) -> None:
    assert code in codes(one, **changes)


def test_a_line_that_stands_twice_is_found() -> None:
    report = check(as_document(problem()), {"lines": [LINE, LINE]})
    assert ("line_twice", 1) in {(found.code, found.over) for found in report.violations}


def test_days_beyond_thirty_count_seventy_percent() -> None:
    long = programme(days=40, person_day_cents=20_876)
    assert codes(problem(programmes=(long,))) == {"fee_ceiling"}
    assert codes(problem(programmes=(replace(long, person_day_cents=20_875),))) == set()


def test_online_programmes_take_no_rooms_no_beds_and_no_callups() -> None:
    one = problem(
        programmes=(programme(kind=Kind.ONLINE, teacher_days={}),),
        institutions=house(classes=0, beds=0),
        groups=(Group("g", 1, 0, "county"),),
        needs=(need(people=1),),
    )
    assert codes(one) == set()


def test_every_figure_of_a_document_is_counted_anew() -> None:
    one = problem()
    document = plan_document(one, propose(one))
    assert all(check(document["problem"], document).claims.values())
    line = document["lines"][0]
    changed: list[tuple[str, dict[str, Any]]] = [
        ("objective", {"objective": document["objective"] + 1}),
        ("bound", {"bound": document["objective"] - 1}),
        ("bound", {"bound": float(document["bound"])}),
        ("gap", {"gap": 0.5}),
        ("budget", {"lines": [{**line, "budget_cents": 1}]}),
        ("gap", {"gap": 1e999}),
        ("gap", {"gap": 10**400}),
        ("year", {"year": 2031}),
        ("status", {"status": "best"}),
        ("status", {"bound": 2 * document["bound"]}),
        ("totals", {"totals": {**document["totals"], "seats": 1}}),
        ("coverage", {"coverage": []}),
        ("uncovered", {"uncovered": [{"need": "n", "amount": 1}]}),
        ("violations", {"violations": [{"code": "money", "about": "", "over": 1}]}),
        ("hours", {"lines": [{**line, "days": 9}]}),
        ("hours", {"lines": [{**line, "leader_tenths": 1}]}),
        ("hours", {"lines": [{**line, "hours": {}}]}),
        ("covers", {"lines": [{**line, "covers": []}]}),
        ("evidence", {"lines": [{**line, "evidence": line["evidence"][1:]}]}),
    ]
    for name, change in changed:
        assert not check(document["problem"], {**document, **change}).claims[name], name


ODD = (None, -1, True, 1.5, float("nan"), 10**400, "x", [], [[]], [{}], [None], {}, {"need": 1}, [{"need": 1}])


def test_whatever_stands_in_a_plan_is_told_and_never_breaks_the_checker() -> None:
    """Titles, seconds and seed are nobody's claim."""
    document = plan_document(problem(), propose(problem()))
    counted, line = document["problem"], document["lines"][0]
    for odd in ODD:
        for key in set(document) - {"seconds", "seed", "digest", "problem", "lines"}:
            assert not check(counted, {**document, key: odd}).ok or odd == document[key], (key, odd)
        for key in set(line) - {"title"}:
            assert not check(counted, {**document, "lines": [{**line, key: odd}]}).ok, (key, odd)


@settings(max_examples=40, deadline=None)
@given(tiny())
def test_proposer_and_checker_count_alike_on_every_plan(one: PlanProblem) -> None:
    document = as_document(one)
    for rows in list(plans(one))[::7]:
        usage, report = usage_of(one, [Line(**row) for row in rows]), check(document, {"lines": rows})
        assert usage.objective() == report.objective
        assert {str(rule) for rule, _about in usage.broken()} == {found.code for found in report.violations}


@settings(max_examples=40, deadline=None)
@given(tiny())
def test_filling_breaks_no_rule_and_leaves_a_reason_for_every_need(one: PlanProblem) -> None:
    options = options_of(one)
    usage = Usage(one, options)
    fill(usage, options)
    rows = [
        dict(zip(Line.__slots__, (*options[at].key, runs, usage.seats[at]), strict=True))
        for at, runs in usage.runs.items()
    ]
    report = check(as_document(one), {"lines": rows})
    assert {found.code for found in report.violations} <= {"leading_share", "runs_min"}
    lacking = {part.key for place, part in enumerate(one.needs) if usage.covered(place) < part.amount}
    assert {found.need for found in uncovered(usage)} == lacking
    assert "search_ended" not in {found.code for found in uncovered(usage)}


@settings(max_examples=60, deadline=None)
@given(tiny(), st.data())
def test_without_a_piece_of_evidence_the_weight_falls_by_its_share(one: PlanProblem, data: st.DataObject) -> None:
    evidence = data.draw(st.sampled_from([part for row in one.needs for part in row.evidence]))
    less = one.without_evidence(frozenset({evidence.key}))
    for before, after in zip(one.needs, less.needs, strict=True):
        has_it = evidence in before.evidence
        assert before.weight - after.weight == (evidence.share if has_it else 0)
        assert before.people == after.people
    first, second = propose(one, seconds=20), propose(less, seconds=20)
    if first.objective is not None and second.objective is not None:
        lost = evidence.share * 1_000_000 * max(row.people for row in one.needs)
        assert first.objective - lost <= second.objective <= first.objective


def test_reasons_name_the_rule_in_the_way() -> None:
    def why(one: PlanProblem) -> list[str]:
        return [found.code for found in uncovered(usage_of(one, propose(one).lines))]

    assert why(problem(programmes=(programme(covers={"other": 100}),))) == ["no_programme"]
    assert why(problem(money=1_000_000)) == ["money"]
    assert why(problem(programmes=(programme(kind=Kind.BUSINESS, days=6),))) == ["business_days"]
    assert why(problem(institutions=house(teachers={"法治": 2}))) == ["teachers"]
    assert why(with_rules(problem(), run_cost=10_000)) == ["not_worth"]
    assert why(problem()) == []


def test_holidays_and_exchanged_weekends_are_counted_alike_by_proposer_and_checker() -> None:
    """Of the ten days of March one Monday is off and one Saturday is worked: a class of eight days fits, one of nine does not."""
    short = Term("2027-1", dt.date(2027, 3, 1), dt.date(2027, 3, 10))
    one = problem(terms=(short,), holidays=frozenset({dt.date(2027, 3, 8)}), workdays=frozenset({dt.date(2027, 3, 6)}))
    assert one.term_days == {"2027-1": (8, 8)}
    again = read(as_document(one))
    assert again.workdays == one.workdays
    assert again.digest() == one.digest()
    row = {"programme": "p", "group": "g", "institution": "i", "term": "2027-1", "runs": 1, "seats": 2}
    for days, code in ((8, None), (9, "term_days")):
        long = replace(one, programmes=(programme(days=days),))
        found = {violation.code for violation in check(as_document(long), {"lines": [row]}).violations}
        assert ("term_days" in found) == (code is not None)


def test_a_problem_without_exchanged_weekends_is_written_as_before() -> None:
    assert "workdays" not in as_document(problem())
