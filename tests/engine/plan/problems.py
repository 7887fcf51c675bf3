"""Small planning problems: one by hand, drawn ones, and every plan of a tiny one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import strategies as st

from zhixing.engine.plan.check import check
from zhixing.engine.plan.options import options_of
from zhixing.engine.plan.problem import (
    Capacity,
    Evidence,
    Group,
    Institution,
    Kind,
    Need,
    PlanProblem,
    Programme,
    Term,
    as_document,
)
from zhixing.engine.plan.rules import Method, Rule, Rules, Step
from zhixing.engine.plan.rules_reading import SOURCED, SOURCED_TOO
from zhixing.engine.policies.channels import Content

RULES = Rules(
    code="test",
    shares={
        Rule.THEORY_SHARE: 70,
        Rule.PARTY_SPIRIT_SHARE: 20,
        Rule.INTERACTIVE_SHARE: 30,
        Rule.LEADERS_SHARE: 20,
    },
    interactive=frozenset({Method.CASE, Method.SEMINAR}),
    callups_max=2,
    leading_share=20,
    business_days=5,
    notice_days=15,
    rooms_used=100,
    fees={"county": 55_000},
    fee_long_days=30,
    fee_long_percent=70,
    steps=(Step(50, 100), Step(100, 50)),
    run_cost=1,
    money_cost=1,
    sources=dict.fromkeys((*SOURCED, *SOURCED_TOO), "a test"),
)
SPRING = Term("2027-1", dt.date(2027, 3, 1), dt.date(2027, 6, 30))


def programme(key: str = "p", kind: Kind = Kind.SPECIAL, days: int = 3, **changes: Any) -> Programme:
    """Of 180 tenths a day keeps every share; ``changes`` are fields."""
    tenths = 60 * days
    own: dict[str, Any] = {
        "key": key,
        "kind": kind,
        "days": days,
        "hours": {Content.THEORY: tenths // 2, Content.PARTY_SPIRIT: tenths // 4, Content.ABILITY: tenths // 4},
        "methods": {Method.LECTURE: tenths // 2, Method.CASE: tenths // 2},
        "leader_tenths": tenths // 4,
        "groups": ("g",),
        "covers": {"c": 100},
        "size_min": 2,
        "size_max": 4,
        "person_day_cents": 10_000,
        "run_cents": 100_000,
        "teacher_days": {"法治": 2},
    }
    return Programme(**{**own, **changes})


def need(key: str = "n", competency: str = "c", group: str = "g", people: int = 10, share: int = 40) -> Need:
    return Need(
        key, competency, group, people, (Evidence(f"{key}-1", "survey", share), Evidence(f"{key}-2", "test", 5))
    )


def problem(**changes: Any) -> PlanProblem:
    """One programme for ten people, of whom five lead; everything is there in plenty."""
    own: dict[str, Any] = {
        "year": 2027,
        "decided_on": dt.date(2026, 12, 1),
        "money": 100_000_000,
        "groups": (Group("g", 10, 0, "county"),),
        "needs": (need(),),
        "programmes": (programme(),),
        "institutions": (Institution("i", 30_000, (Capacity("2027-1", 2, 50, {"法治": 40}),)),),
        "terms": (SPRING,),
        "holidays": frozenset(),
        "rules": RULES,
    }
    return PlanProblem(**{**own, **changes})


def with_rules(one: PlanProblem, **changes: Any) -> PlanProblem:
    return replace(one, rules=replace(one.rules, **changes))


@st.composite
def tiny(draw: st.DrawFn) -> PlanProblem:
    """At most three options of at most two runs, so that every plan can be looked at; rules bind now and then."""
    people = draw(st.integers(2, 6))
    leading = draw(st.integers(0, people))
    groups = (Group("g", people, leading, "county"),)
    needs = tuple(
        need(f"n{c}", f"c{c}", people=draw(st.integers(1, people)), share=draw(st.integers(0, 60)))
        for c in range(draw(st.integers(1, 2)))
    )
    kinds = st.sampled_from([Kind.MAIN, Kind.MAIN, Kind.BUSINESS, Kind.SPECIAL, Kind.ONLINE])
    programmes = tuple(
        _programme(draw, f"p{number}", draw(kinds), leading) for number in range(draw(st.integers(1, 2)))
    )
    capacity = Capacity("2027-1", draw(st.integers(0, 1)), draw(st.integers(2, 9)), {"法治": draw(st.integers(0, 8))})
    houses = [Institution("i0", draw(st.sampled_from([30_000, 47_000])), (capacity,))]
    if len(programmes) == 1 and draw(st.booleans()):
        houses.append(Institution("i1", 20_000, (Capacity("2027-1", 1, 3, {"法治": 4}),)))
    return with_rules(
        problem(
            money=draw(st.sampled_from([0, 500_000, 1_500_000, 3_000_000, 100_000_000])),
            groups=groups,
            needs=needs,
            programmes=programmes,
            institutions=tuple(houses),
            terms=(Term("2027-1", dt.date(2027, 3, 1), dt.date(2027, 3, 10)),),
        ),
        leading_share=draw(st.sampled_from([0, 20, 50])),
        callups_max=draw(st.integers(1, 2)),
        run_cost=draw(st.sampled_from([0, 1, 30])),
        money_cost=draw(st.sampled_from([0, 1, 200])),
    )


def _programme(draw: st.DrawFn, key: str, kind: Kind, leading: int) -> Programme:
    days = draw(st.integers(1, 7))
    tenths = 60 * days
    theory, spirit, case = (draw(st.integers(0, 6)) * 10 * days for _part in range(3))
    theory, spirit = min(theory, tenths), min(spirit, tenths - min(theory, tenths))
    least = draw(st.integers(1, 3))
    return programme(
        key,
        kind,
        days,
        hours={Content.THEORY: theory, Content.PARTY_SPIRIT: spirit, Content.ABILITY: tenths - theory - spirit},
        methods={Method.CASE: min(case, tenths), Method.LECTURE: tenths - min(case, tenths)},
        leader_tenths=draw(st.sampled_from([0, tenths // 4, tenths // 2])),
        covers={f"c{c}": draw(st.integers(20, 100)) for c in range(2)},
        size_min=least,
        size_max=least + draw(st.integers(0, 2)),
        run_cents=draw(st.sampled_from([0, 200_000])),
        teacher_days={"法治": draw(st.integers(0, 4))},
        leading=bool(leading) and draw(st.booleans()),
        runs_min=draw(st.sampled_from([0, 0, 0, 1])),
        runs_max=2,
    )


def plans(one: PlanProblem) -> Iterator[list[dict[str, Any]]]:
    """Every plan of a tiny problem that keeps sizes, as rows of a document."""
    options = options_of(one)
    ways = [
        [(0, 0)]
        + [
            (runs, seats)
            for runs in (1, 2)
            for seats in range(runs * option.programme.size_min, runs * option.programme.size_max + 1)
        ]
        for option in options
    ]
    for chosen in product(*ways):
        yield [
            dict(zip(("programme", "group", "institution", "term", "runs", "seats"), (*option.key, *way), strict=True))
            for option, way in zip(options, chosen, strict=True)
            if way[0]
        ]


def best_by_enumeration(one: PlanProblem) -> int | None:
    """The best objective of all plans that keep every rule; None when none does."""
    document = as_document(one)
    reports = (check(document, {"lines": rows}) for rows in plans(one))
    return max((report.objective for report in reports if not report.violations), default=None)
