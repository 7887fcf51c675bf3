"""An invented city's planning problem: as many people, competencies, programmes and institutions as the issue asks for, drawn from a seed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

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
)
from zhixing.engine.plan.rules import Method, Rules
from zhixing.engine.plan.rules_reading import parse_rules
from zhixing.engine.policies.channels import Content

PEOPLE = 30_000
GROUPS = (
    ("县处级正职", 0.02, 0.9),
    ("县处级副职", 0.06, 0.7),
    ("乡科级正职", 0.175, 0.3),
    ("乡科级副职", 0.245, 0.1),
    ("科级以下公务员", 0.43, 0.0),
    ("事业单位管理人员", 0.07, 0.0),
)
"""Name, share of all people, share of leading-group members."""
TOPICS = ("理论", "党性", "政治", "法治", "经济", "财税", "基层治理", "应急", "数字化", "乡村振兴", "生态", "群众工作")
SOURCES = ("上级重点", "问卷调查", "岗位能力差距", "学时欠账", "测验薄弱点", "单位申报")
LECTURED, LED = (0.48, 0.7), (0.12, 0.3)
KINDS = (Kind.MAIN,) * 30 + (Kind.BUSINESS,) * 40 + (Kind.SPECIAL,) * 35 + (Kind.ONLINE,) * 15
WORDS = {Kind.MAIN: "主体班", Kind.BUSINESS: "业务班", Kind.SPECIAL: "专题班", Kind.ONLINE: "网络班"}
DAYS = {Kind.MAIN: (8, 26), Kind.BUSINESS: (2, 6), Kind.SPECIAL: (3, 8), Kind.ONLINE: (3, 6)}
SIZES = {Kind.MAIN: (30, 50), Kind.BUSINESS: (30, 60), Kind.SPECIAL: (30, 50), Kind.ONLINE: (60, 200)}


def city(seed: int = 1, people: int = PEOPLE, programmes: int = 120, competencies: int = 60) -> PlanProblem:
    """The same for the same numbers."""
    rng = np.random.default_rng(seed)
    groups = tuple(
        Group(f"g{number}", round(people * share), round(people * share * leading), "county", name)
        for number, (name, share, leading) in enumerate(GROUPS, start=1)
    )
    quarters = [
        Term(f"2027-{quarter}", dt.date(2027, 3 * quarter - 2, 1), dt.date(2027, 3 * quarter, 28), f"第{word}季度")
        for quarter, word in enumerate("一二三四", start=1)
    ]
    return PlanProblem(
        year=2027,
        decided_on=dt.date(2026, 12, 25),
        money=people * 170_000,
        groups=groups,
        needs=tuple(_needs(rng, groups, competencies)),
        programmes=tuple(
            _programme(rng, number, KINDS[number * len(KINDS) // programmes], competencies)
            for number in range(programmes)
        ),
        institutions=tuple(_institution(rng, number, quarters) for number in range(12)),
        terms=tuple(quarters),
        holidays=frozenset(
            dt.date(2027, month, day)
            for month, first, last in ((1, 1, 3), (2, 5, 12), (5, 1, 5), (10, 1, 7))
            for day in range(first, last + 1)
        ),
        rules=rules(),
    )


def rules() -> Rules:
    for parent in Path(__file__).resolve().parents:
        if (path := parent / "policies" / "plan.toml").exists():
            return parse_rules(path.read_text(encoding="utf-8"))
    raise FileNotFoundError("policies/plan.toml")


def small_city(seed: int = 1) -> PlanProblem:
    """A tenth of it, for tests and for looking around."""
    return city(seed, people=3_000, programmes=30, competencies=20)


def _needs(rng: np.random.Generator, groups: tuple[Group, ...], competencies: int) -> list[Need]:
    needs = []
    for competency in range(competencies):
        for group in groups:
            if rng.random() < 0.1:
                continue
            key = f"n{competency + 1:02}-{group.key}"
            chosen = rng.choice(len(SOURCES), int(rng.integers(1, 4)), replace=False)
            evidence = tuple(
                Evidence(f"{key}-e{number}", SOURCES[source], int(rng.integers(3, 25)))
                for number, source in enumerate(chosen.tolist(), start=1)
            )
            people = max(1, int(group.people * rng.uniform(0.05, 0.45)))
            title = f"{TOPICS[competency % len(TOPICS)]}能力{competency // len(TOPICS) + 1}"
            needs.append(Need(key, f"c{competency + 1:02}", group.key, people, evidence, title))
    return needs


def _programme(rng: np.random.Generator, number: int, kind: Kind, competencies: int) -> Programme:
    days = int(rng.integers(*DAYS[kind]))
    tenths = days * 60
    theory = rng.uniform(0.4, 0.56) if kind == Kind.MAIN else rng.uniform(0.05, 0.25)
    spirit = rng.uniform(0.18, 0.3) if kind == Kind.MAIN else rng.uniform(0.0, 0.1)
    hours = {Content.THEORY: round(tenths * theory), Content.PARTY_SPIRIT: round(tenths * spirit)}
    hours[Content.POLITICAL] = round((tenths - sum(hours.values())) * 0.3)
    hours[Content.ABILITY] = tenths - sum(hours.values())
    topic = int(rng.integers(len(TOPICS)))
    own = [one for one in range(competencies) if one % len(TOPICS) == topic]
    others = [one for one in range(competencies) if one not in own]
    covered = [
        *rng.choice(own, min(3, len(own)), replace=False),
        *rng.choice(others, int(rng.integers(1, 4)), replace=False),
    ]
    size_min, size_max = SIZES[kind]
    chosen = sorted(rng.choice(len(GROUPS), int(rng.integers(1, 4)), replace=False).tolist())
    taught = [TOPICS[topic], *rng.choice([one for one in TOPICS if one != TOPICS[topic]], 2, replace=False)]
    return Programme(
        key=f"p{number + 1:03}",
        kind=kind,
        days=days,
        hours=hours,
        methods=_methods(rng, kind, tenths),
        leader_tenths=round(tenths * rng.uniform(*LED)) if kind == Kind.MAIN else 0,
        groups=tuple(f"g{one + 1}" for one in chosen),
        covers={f"c{one + 1:02}": int(rng.integers(6, 19)) * 5 for one in covered},
        size_min=size_min,
        size_max=size_max,
        person_day_cents=int(rng.integers(4, 12)) * 1_000,
        run_cents=days * int(rng.integers(8, 20)) * 10_000,
        teacher_days={str(name): max(1, days // (2 + 2 * place)) for place, name in enumerate(taught)}
        if kind != Kind.ONLINE
        else {},
        runs_min=int(kind == Kind.MAIN and rng.random() < 0.6),
        runs_max=int(rng.integers(4, 9)),
        leading=max(chosen) <= 3 and kind != Kind.ONLINE,
        title=f"{TOPICS[topic]}{WORDS[kind]}{number + 1}",
    )


def _methods(rng: np.random.Generator, kind: Kind, tenths: int) -> dict[Method, int]:
    if kind == Kind.ONLINE:
        return {Method.ONLINE: tenths}
    methods = {Method.LECTURE: round(tenths * rng.uniform(*LECTURED))}
    methods[Method.SITE] = round(tenths * rng.uniform(0.05, 0.12))
    methods[Method.CASE] = round((tenths - sum(methods.values())) * rng.uniform(0.2, 0.6))
    methods[Method.SEMINAR] = tenths - sum(methods.values())
    return methods


def _institution(rng: np.random.Generator, number: int, quarters: list[Term]) -> Institution:
    large = number == 0
    classes = 8 if large else int(rng.integers(1, 4))
    capacities = tuple(
        Capacity(
            term.key,
            classes,
            classes * 50,
            {
                topic: int(rng.integers(10, 24) if large else rng.integers(2, 9))
                for topic in TOPICS
                if large or rng.random() < 0.8
            },
        )
        for term in quarters
    )
    name = "市委党校" if large else f"县区党校{number}" if number < 9 else f"干部学院{number - 8}"
    return Institution(f"i{number + 1:02}", int(rng.integers(30, 44)) * 1_000, capacities, name)
