"""The class list (班次计划表) of a plan, in the headings that ``class_lists`` reads."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence

from django.utils import translation

from zhixing.base import workdays
from zhixing.base.tables.write import Column, Content, Table, write_book
from zhixing.engine.annual.seats import sizes
from zhixing.engine.annual.terms import days_of, first_days
from zhixing.plans import sentences
from zhixing.plans.models import AnnualPlan, ClassRun, PlanLine
from zhixing.plans.queries.annual_plans import class_runs_by_line, ranks_of
from zhixing.plans.queries.run_names import names_left

COLUMNS = (
    Column("序号", Content.NUMBER),
    Column("班次名称"),
    Column("开始日期", Content.DATE),
    Column("结束日期", Content.DATE),
    Column("人数", Content.NUMBER),
    Column("培训对象"),
    Column("职务层次"),
    Column("主办单位"),
    Column("承办机构"),
    Column("学时", Content.TENTHS),
    Column("主题"),
    Column("内容类别"),
    Column("时段"),
    Column("经费（万元）", Content.NUMBER),
    Column("备注"),
)
BLOCKS = {"theory": "理论教育", "party_spirit": "党性教育", "political": "政治训练", "ability": "履职能力"}
NOT_FIXED = "日期暂定"
YUAN_10000 = 1_000_000
"""Ten thousand yuan in cents."""


def class_list_book(plan: AnnualPlan, lines: Sequence[PlanLine]) -> bytes:
    """A row for each class run: with its own days where it is made, else with days that the quarter allows, said to be not fixed."""
    content = io.BytesIO()
    with translation.override("zh-hans"):
        rows = [[number, *row] for number, row in enumerate(_rows(plan, lines), 1)]
    write_book(content, [Table("班次计划表", COLUMNS, rows)])
    return content.getvalue()


def _rows(plan: AnnualPlan, lines: Sequence[PlanLine]) -> Iterator[list[object]]:
    made = class_runs_by_line(plan) if plan.in_force else {}
    names = names_left(plan)
    for line in lines:
        runs = [run for run in made.get(line.number, ()) if run.state != ClassRun.State.CANCELLED]
        cents = sizes(line.budget, line.runs)
        for n, run in enumerate(runs):
            own = cents[n] if n < line.runs else 0
            yield _row(plan, line, run.name, run.starts_on, run.ends_on, run.seats_max, own, line.note)
        yield from _unmade(plan, line, names.get(line.number, []))


def _unmade(plan: AnnualPlan, line: PlanLine, names: Sequence[str]) -> Iterator[list[object]]:
    begin = days_of(plan.year, line.term)[0]
    days = first_days(
        plan.year, line.term, days=line.days, runs=line.runs, not_before=begin, workdays=workdays.in_force()
    )
    seats, cents = sizes(line.people, line.runs), sizes(line.budget, line.runs)
    for n, name in enumerate(names, line.runs - len(names)):
        note = f"{NOT_FIXED}；{line.note}" if line.note else NOT_FIXED
        ends = days[n] + dt.timedelta(days=line.days - 1)
        yield _row(plan, line, name, days[n], ends, seats[n], cents[n], note)


def _row(
    plan: AnnualPlan, line: PlanLine, name: str, starts: dt.date, ends: dt.date, seats: int, cents: int, note: str
) -> list[object]:
    block = max(line.content_tenths, key=lambda key: line.content_tenths[key], default="")
    return [
        name,
        starts,
        ends,
        seats,
        sentences.whom(line),
        "、".join(ranks_of(line)),
        plan.unit.name,
        sentences.held_at(line),
        line.tenths,
        line.theme,
        BLOCKS.get(block, ""),
        str(line.get_term_display()),
        cents / YUAN_10000,
        note,
    ]
