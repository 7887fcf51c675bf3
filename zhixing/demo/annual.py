"""The annual plan of the year, in force and leading to the class runs of the demonstration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from zhixing.demo.accounts import DECIDERS
from zhixing.demo.courses import COURSES, Course
from zhixing.demo.needs_words import PRIORITIES
from zhixing.demo.programmes import Offer, offers
from zhixing.needs.actions.priorities import enter_priority
from zhixing.needs.actions.reckonings import complete_reckoning
from zhixing.needs.models import Competency, Framework, NeedsReckoning
from zhixing.people.models import Account, Unit
from zhixing.plans import actions
from zhixing.plans.actions import Step
from zhixing.plans.actions.annual_plans import highest_group, kind_of, lines_with_runs
from zhixing.plans.models import (
    AnnualPlan,
    Capacity,
    ClassRun,
    PlanLine,
    PlanRun,
    PlanSpending,
    Programme,
    ProgrammeCompetency,
    Term,
)

AIMS = (
    "坚持以党的创新理论武装为首要任务，主体班理论教育和党性教育学时不低于总学时的百分之七十。\n"
    "坚持按需施教、精准滴灌，围绕高质量发展、基层治理和数字政府建设补短板、强弱项。\n"
    "坚持勤俭办学、从严管理，同一干部全年点名调训不超过两次。"
)
CONTENT: Final[Mapping[str, Mapping[str, int]]] = {
    "main": {"theory": 52, "party_spirit": 23, "political": 10, "ability": 15},
    "special": {"theory": 20, "party_spirit": 10, "ability": 70},
}
METHODS: Final[Mapping[str, Mapping[str, int]]] = {
    "main": {"lecture": 64, "seminar": 14, "case": 12, "site": 10},
    "special": {"lecture": 50, "case": 20, "simulation": 10, "site": 20},
}
"""Percent of the hours."""
LEADERS, PERSON_DAY, HOUSE_DAY, TEACHING = 22, 38_000, 32_000, 600_000
"""Percent of the hours by leading cadres; cents per person-day, and what the institution takes of them; cents per run."""
COVERS: Final[Mapping[str, str]] = {
    "党的创新理论": "A1 A2 A3 B1 B2 B4 B5 B6 C1",
    "党性修养": "A1 A5 B1 B3 C1 C2 C3 C4 C5 C7",
    "履职能力": "B1 D1 D2 D5 D6 D7 D9 D11 E3 E12",
    "乡村振兴": "B8 D3 E5 F1 F3",
    "基层治理": "F1 F2 F3 F8",
    "数字化能力": "D8 E11 E14",
    "依法行政": "E1 E2 E4 E13",
    "防范风险": "A8 D4 E10 F5",
    "高质量发展": "B6 B7 E6 E7 E8",
    "党的建设": "A4 A6 A7 B4 C5 C7",
    "初任培训": "A5 B1 C2 D5 D10 D12 E12",
    "国企改革": "D3 E5 E15",
    "公共服务": "D8 E9 E16 F7",
}
"""The competencies that a class of the theme covers."""
STRENGTHS: Final = (90, 80, 70, 60, 50)
"""In percent; what is named first is covered best, the last number is that of all others."""


def make_annual_plans(on: dt.date) -> int:
    """Returns the money of the year, in cents."""
    admin = Account.objects.get(username="zuzhibu")
    assert admin.scope_unit is not None
    deciders = [Account.objects.get(username=username) for username, _name in DECIDERS]
    steps = [Step("干部教育科审核", deciders[0]), Step("部领导审定", deciders[1])]
    actions.set_route(admin.scope_unit, steps, by=admin)
    programmes = _programmes(admin)
    _capacities(on.year)
    _reckoned(admin, on.year)
    plan = _in_force(admin, on.year, programmes)
    for decider in deciders:
        actions.approve_plan(AnnualPlan.objects.get(pk=plan.pk), by=decider)
    _carried_out(plan, admin, on)
    return plan.money


def _reckoned(admin: Account, year: int) -> None:
    """The needs that the plan of the year was made for: those that the authority asked for."""
    framework = Framework.objects.get(state=Framework.State.PUBLISHED)
    by_code = {one.code: one for one in framework.competencies.all()}
    for title, source, weight, codes, groups in PRIORITIES:
        competencies = [by_code[code] for code in codes]
        enter_priority(title, source, weight, competencies, year=year, rank_groups=groups, by=admin)
    assert admin.scope_unit is not None
    made = NeedsReckoning.objects.create(year=year, framework=framework, unit=admin.scope_unit, by=admin)
    complete_reckoning(made.pk)


def _split(tenths: int, percents: Mapping[str, int]) -> dict[str, int]:
    """The hours by percent; what does not come out even goes to the first."""
    parts = {key: tenths * percent // 100 for key, percent in percents.items()}
    first = next(iter(parts))
    return parts | {first: parts[first] + tenths - sum(parts.values())}


def _hours(kind: str, tenths: int) -> dict[str, Any]:
    key = "main" if kind == Programme.Kind.MAIN else "special"
    return {
        "content_tenths": _split(tenths, CONTENT[key]),
        "method_tenths": _split(tenths, METHODS[key]),
        "leader_tenths": -(-tenths * LEADERS // 100),
    }


def _programmes(admin: Account) -> dict[str, Programme]:
    """Name of the class → its programme; beside this year's classes the register has what the city could hold."""
    known = [_programme(number, course, admin) for number, course in enumerate(COURSES, 1)]
    offered = list(offers())
    more = [_offered(number, offer, admin) for number, offer in enumerate(offered, len(known) + 1)]
    made = Programme.objects.bulk_create([*known, *more])
    published = Competency.objects.filter(framework__state=Framework.State.PUBLISHED)
    by_code = {one.code: one for one in published}
    covers = [*(COVERS[course.theme].split() for course in COURSES), *(offer.codes for offer in offered)]
    ProgrammeCompetency.objects.bulk_create(
        ProgrammeCompetency(programme=one, competency=by_code[code], strength=STRENGTHS[min(place, len(STRENGTHS) - 1)])
        for one, codes in zip(made, covers, strict=True)
        for place, code in enumerate(codes)
    )
    return {one.name: one for one in known}


def _programme(number: int, course: Course, admin: Account) -> Programme:
    return Programme(
        name=course.name.replace("（第{n}期）", ""),
        rank_groups=[highest_group(course.ranks)],
        leading=any(rank.endswith(("正职", "副职")) for rank in course.ranks),
        runs_max=2 * course.runs,
        **_facts(number, kind_of(course.name), course.theme, course.days, course.seats, admin),
    )


def _offered(number: int, offer: Offer, admin: Account) -> Programme:
    return Programme(
        name=offer.name,
        rank_groups=list(offer.groups),
        leading="county" in offer.groups,
        runs_max=offer.most,
        **_facts(number, offer.kind, offer.theme, offer.days, offer.seats, admin),
    )


def _facts(number: int, kind: str, theme: str, days: int, seats: int, admin: Account) -> dict[str, Any]:
    weeks = -(-days // 7)
    tenths = 75 * max(1, days - 2 * (weeks - 1))
    half = tenths // 2
    return {
        "unit": admin.scope_unit,
        "by": admin,
        "code": f"P{number:02d}",
        "kind": kind,
        "theme": theme,
        "days": days,
        "tenths": tenths,
        **_hours(kind, tenths),
        "parts": {"theory": half, "discussion": tenths // 5, "practice": tenths - half - tenths // 5},
        "size_min": seats * 3 // 5,
        "size_max": seats,
        "person_day_cents": PERSON_DAY - HOUSE_DAY,
        "run_cents": TEACHING,
        "teacher_days": {theme: max(1, days // 2)},
    }


def _capacities(year: int) -> None:
    schools = Unit.objects.filter(kind=Unit.Kind.SCHOOL).order_by("pk")
    themes = dict.fromkeys([*(course.theme for course in COURSES), *(offer.theme for offer in offers())], 90)
    Capacity.objects.bulk_create(
        Capacity(
            institution=school,
            year=one,
            term=term,
            runs_at_once=8 if place == 0 else 4,
            seats=480 if place == 0 else 240,
            teacher_days=themes,
            rate_cents=HOUSE_DAY,
        )
        for one in (year, year + 1)
        for place, school in enumerate(schools)
        for term in Term.values
    )


def _in_force(admin: Account, year: int, programmes: Mapping[str, Programme]) -> AnnualPlan:
    """Submitted, with a line for every class of the year and its class runs."""
    runs = ClassRun.objects.filter(year=year).select_related("institution").order_by("pk")
    found = lines_with_runs(list(runs))
    lines = [line | _planned(line, programmes) for line, _runs in found]
    money = fitting(sum(line["budget"] for line in lines))
    facts = {"year": year, "title": f"云岚市{year}年度干部教育培训计划", "aims": AIMS, "money": money}
    plan = actions.create_plan(facts, by=admin, lines=lines)
    by_number = {line.number: line for line in plan.lines.all()}
    PlanRun.objects.bulk_create(
        PlanRun(line=by_number[number], class_run=run) for number, (_line, of) in enumerate(found, 1) for run in of
    )
    actions.rest_on_needs(plan, by=admin)
    actions.submit_plan(AnnualPlan.objects.get(pk=plan.pk), by=admin)
    return plan


def priced(people: int, days: int, runs: int) -> int:
    return PERSON_DAY * people * days + TEACHING * runs


def fitting(cents: int) -> int:
    """The money of a year whose lines cost so much: a little more, in whole ten thousands of yuan."""
    return cents * 105 // 100 // 1_000_000 * 1_000_000


def _planned(line: Mapping[str, Any], programmes: Mapping[str, Programme]) -> dict[str, Any]:
    return {
        **_hours(line["kind"], line["tenths"]),
        "programme": programmes.get(line["title"]),
        "budget": priced(line["people"], line["days"], line["runs"]),
        "evidence": [],
    }


def _carried_out(plan: AnnualPlan, admin: Account, on: dt.date) -> None:
    """Approved in January; money is committed for what was called up and spent for what was held; one change waits."""
    approved = timezone.make_aware(dt.datetime.combine(dt.date(on.year, 1, 20), dt.time(15)))
    AnnualPlan.objects.filter(pk=plan.pk).update(approved_at=approved, submitted_at=approved)
    made = PlanRun.objects.filter(line__plan=plan).select_related("line", "class_run").order_by("pk")
    PlanSpending.objects.bulk_create(row for one in made for row in _money(one, admin, on))
    coming = [one.line for one in made if one.class_run.state == ClassRun.State.OPEN and one.line.runs > 1]
    if coming:
        line = PlanLine.objects.select_related("plan").get(pk=coming[-1].pk)
        becomes = {"note": "其中一期改为送教下乡，在县区办班"}
        actions.propose_change(line.plan, becomes, reason="基层工学矛盾突出，方便学员就近参训", line=line, by=admin)


def _money(one: PlanRun, admin: Account, on: dt.date) -> list[PlanSpending]:
    share = one.line.budget // one.line.runs
    run = one.class_run
    if run.state not in (ClassRun.State.HELD, ClassRun.State.CALLED, ClassRun.State.RUNNING):
        return []
    told = max(dt.date(on.year, 1, 21), run.starts_on - dt.timedelta(days=30))
    rows = [PlanSpending(line=one.line, kind="committed", cents=share, on=told, note="培训合同", by=admin)]
    if run.state == ClassRun.State.HELD:
        spent = share * (88 + one.pk % 13) // 100
        rows.append(PlanSpending(line=one.line, kind="spent", cents=spent, on=run.ends_on, note="培训费结算", by=admin))
    return rows
