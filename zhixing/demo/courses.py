"""The year's class runs with target groups, seats and quotas."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhixing.base.load import load
from zhixing.demo.units import Body
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun, Quota

COUNTY_LEVEL = ["县处级正职", "县处级副职"]
COUNTY_GRADES = ["一级调研员", "二级调研员", "三级调研员", "四级调研员"]
SECTION_LEVEL = ["乡科级正职", "乡科级副职"]
OFFICERS = ["一级主任科员", "二级主任科员", "三级主任科员", "四级主任科员"]
CLERKS = ["一级科员", "二级科员"]


@dataclass(frozen=True)
class Course:
    """A kind of class: ``name`` may hold ``{n}`` for the number of the run; ``kinds`` limits it to such units."""

    name: str
    theme: str
    content: str
    ranks: tuple[str, ...]
    days: int
    seats: int
    runs: int
    kinds: tuple[str, ...] = ()


def _course(
    name: str, theme: str, content: str, ranks: list[str], days: int, seats: int, runs: int, *kinds: str
) -> Course:
    return Course(name, theme, content, tuple(ranks), days, seats, runs, kinds)


COURSES = (
    _course("县处级主要领导干部专题研讨班（第{n}期）", "党的创新理论", "theory", COUNTY_LEVEL[:1], 5, 40, 4),
    _course("县处级领导干部进修班（第{n}期）", "党的创新理论", "theory", COUNTY_LEVEL, 26, 45, 6),
    _course("职级公务员任职培训班（第{n}期）", "履职能力", "political", COUNTY_GRADES, 12, 50, 6),
    _course("中青年干部培训班（第{n}期）", "党性修养", "party_spirit", ["乡科级正职", "县处级副职"], 54, 45, 4),
    _course("科级领导干部进修班（第{n}期）", "党的创新理论", "theory", SECTION_LEVEL, 12, 60, 22),
    _course("科级干部任职培训班（第{n}期）", "履职能力", "political", SECTION_LEVEL, 12, 60, 14),
    _course(
        "乡镇党政正职乡村振兴专题班（第{n}期）", "乡村振兴", "ability", ["乡科级正职"], 5, 50, 8, Unit.Kind.TOWNSHIP
    ),
    _course(
        "基层治理能力提升班（第{n}期）",
        "基层治理",
        "ability",
        [*SECTION_LEVEL, *OFFICERS],
        5,
        60,
        18,
        Unit.Kind.TOWNSHIP,
        Unit.Kind.COUNTY,
    ),
    _course("数字政府建设专题班（第{n}期）", "数字化能力", "ability", [*SECTION_LEVEL, *OFFICERS], 5, 60, 16),
    _course("法治政府建设专题班（第{n}期）", "依法行政", "ability", [*SECTION_LEVEL, *OFFICERS], 3, 80, 14),
    _course("应急管理能力专题班（第{n}期）", "防范风险", "ability", [*SECTION_LEVEL, *OFFICERS], 3, 60, 12),
    _course("优化营商环境专题班（第{n}期）", "高质量发展", "ability", [*SECTION_LEVEL, *OFFICERS], 3, 60, 10),
    _course("机关党务干部培训班（第{n}期）", "党的建设", "party_spirit", [*SECTION_LEVEL, *OFFICERS], 4, 70, 12),
    _course("年轻干部履职能力提升班（第{n}期）", "履职能力", "ability", [*OFFICERS[2:], *CLERKS], 10, 60, 14),
    _course("新录用公务员初任培训班（第{n}期）", "初任培训", "political", CLERKS, 12, 100, 12),
    _course(
        "国有企业管理人员培训班（第{n}期）",
        "国企改革",
        "ability",
        [*SECTION_LEVEL, *OFFICERS],
        5,
        50,
        4,
        Unit.Kind.ENTERPRISE,
    ),
    _course(
        "事业单位管理人员培训班（第{n}期）",
        "公共服务",
        "ability",
        [*SECTION_LEVEL, *OFFICERS],
        5,
        60,
        4,
        Unit.Kind.INSTITUTION,
    ),
)
UNDER_WAY, COMING = "科级干部任职培训班（第{n}期）", "数字政府建设专题班（第{n}期）"
HOURS_A_DAY = 75  # tenths: 90 hours are 12 days


@dataclass
class Runs:
    """The class runs as columns; ``key`` is the primary key. ``under_way`` and ``coming`` are the keys of the two that always lie about the day."""

    courses: list[Course]
    keys: list[int]
    names: list[str]
    starts: list[dt.date]
    ends: list[dt.date]
    tenths: list[int]
    under_way: int
    coming: int


RUN_FIELDS = (
    "id code year name theme content channel organiser institution institution_name starts_on ends_on tenths seats_min seats_max ranks "
    "categories units target_text place contact contact_phone joining_instructions class_rules quotas_close state brought_by"
).split()
INSTRUCTIONS = "报到时请携带本通知和工作证。培训期间在校食宿，不带车辆，不饮酒，严格遵守学员管理规定。"


RULES = (
    "一、按时报到，全程参加学习，不迟到、不早退，有事按程序请假。\n"
    "二、在校食宿，不外出就餐饮酒，不搞小圈子，不接受宴请和礼品。\n"
    "三、不带车辆、不带秘书，自觉遵守学员管理规定。"
)
LONG = 5
"""Days from which a class run has rules to acknowledge."""


def make_class_runs(rng: np.random.Generator, bodies: Sequence[Body], on: dt.date, wanted: int = 180) -> Runs:
    """``wanted`` class runs from March to mid-December of the year of ``on``; past ones are held, coming ones open for call-up.

    Whatever the day, one of two weeks begins in the week of ``on``, and another of five days three weeks later.
    """
    schools = [b for b in bodies if b.kind == Unit.Kind.SCHOOL]
    drawn = [(course, n + 1) for course in COURSES for n in range(course.runs)][:wanted]
    starts = _mondays(rng, on.year, len(drawn))
    under_way, coming = _of_school(drawn, UNDER_WAY), _of_school(drawn, COMING)
    monday = on - dt.timedelta(days=on.weekday())
    starts[under_way], starts[coming] = monday, monday + dt.timedelta(weeks=3)
    runs = Runs([], [], [], [], [], [], under_way + 1, coming + 1)
    rows, quotas = [], []
    for key, ((course, n), monday) in enumerate(zip(drawn, starts, strict=True), 1):
        start = monday + dt.timedelta(days=int(rng.integers(0, 3)) if course.days < 4 else 0)
        end = start + dt.timedelta(days=course.days - 1)
        tenths = HOURS_A_DAY * _working_days(start, end)
        kinds = [b.unit.pk for b in bodies if b.kind in course.kinds]
        school = schools[_second_school(key)]
        state = ClassRun.State.OPEN if start > on else ClassRun.State.RUNNING if end >= on else ClassRun.State.HELD
        name = course.name.format(n=n)
        runs.courses.append(course)
        for column, value in zip(
            (runs.keys, runs.names, runs.starts, runs.ends, runs.tenths), (key, name, start, end, tenths), strict=True
        ):
            column.append(value)  # type: ignore[attr-defined]
        rows.append(
            (
                key, f"{start.year}-{key:03d}", start.year, name, course.theme, course.content, "offjob", "市委组织部", school.unit.pk, "",
                start.isoformat(), end.isoformat(), tenths, course.seats * 3 // 5, course.seats, json.dumps(course.ranks, ensure_ascii=False),
                "[]", json.dumps(kinds), "、".join(course.ranks), school.name, "教务处", "0990-6600110", INSTRUCTIONS,
                RULES if course.days >= LONG else "", False, str(state), None,
            )
        )  # fmt: skip
        if not course.kinds:
            quotas += _quotas(rng, key, course, bodies)
    load(ClassRun, RUN_FIELDS, rows)
    load(Quota, ("class_run", "unit", "seats_min", "seats_max"), quotas)
    return runs


def days_of(runs: Runs, key: int) -> tuple[dt.date, dt.date]:
    """First and last day of the class run ``key``."""
    return runs.starts[key - 1], runs.ends[key - 1]


def _of_school(drawn: Sequence[tuple[Course, int]], name: str) -> int:
    """The place of a run of this course that the first school holds: the demonstration's institution and teacher are of it."""
    return next(n for n, (course, _run) in enumerate(drawn) if course.name == name and not _second_school(n + 1))


def _second_school(key: int) -> bool:
    return key % 4 == 1


def _mondays(rng: np.random.Generator, year: int, count: int) -> list[dt.date]:
    first = dt.date(year, 3, 1)
    first += dt.timedelta(days=-first.weekday() % 7)
    return [first + dt.timedelta(weeks=int(week)) for week in rng.integers(0, 41, count)]


def _working_days(start: dt.date, end: dt.date) -> int:
    days = [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]
    return max(1, sum(day.weekday() < 5 for day in days))


def _quotas(
    rng: np.random.Generator, key: int, course: Course, bodies: Sequence[Body]
) -> list[tuple[int, int, int, int]]:
    """A few seats for each unit directly below the city, in proportion to its people and a little generous."""
    top = [b for b in bodies if b.parent is not None and b.parent.parent is None]
    weights = np.array([sum(child.weight for child in b.walk()) for b in top])
    seats = np.ceil(course.seats * 1.3 * weights / weights.sum() + rng.random(len(top)) * 0.7).astype(int)
    return [(key, b.unit.pk, 0, int(n)) for b, n in zip(top, seats, strict=True) if n]
