"""The annual plan as an official letter: aims, what it adds up to, the lines by quarter. The same sentences as PDF and as Word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone, translation

from zhixing.base.documents import render_pdf, render_word
from zhixing.engine.annual.sums import Check
from zhixing.engine.plan.rules import Rule
from zhixing.plans import sentences
from zhixing.plans.models import AnnualPlan, PlanApproval, PlanLine, Programme
from zhixing.plans.queries.annual_plans import board_of, sums_for

FOLDER = Path(__file__).parent
YUAN_10000 = 1_000_000
SHARES = {
    Rule.THEORY_SHARE: "理论教育和党性教育学时占主体班总学时",
    Rule.PARTY_SPIRIT_SHARE: "党性教育学时占主体班总学时",
    Rule.INTERACTIVE_SHARE: "互动式教学学时占主体班总学时",
    Rule.LEADERS_SHARE: "领导干部授课学时占主体班总学时",
}
KINDS = {
    Programme.Kind.MAIN: "主体班",
    Programme.Kind.BUSINESS: "业务培训班",
    Programme.Kind.SPECIAL: "专题班",
    Programme.Kind.ONLINE: "网络班",
}
QUARTERS = ("第一季度", "第二季度", "第三季度", "第四季度")


def plan_pdf(plan: AnnualPlan, lines: Sequence[PlanLine], on: dt.date) -> bytes:
    return render_pdf(FOLDER / "plan.typ", facts_of(plan, lines, on))


def plan_word(plan: AnnualPlan, lines: Sequence[PlanLine], on: dt.date) -> bytes:
    return render_word((FOLDER / "plan.docx").read_bytes(), facts_of(plan, lines, on))


def facts_of(plan: AnnualPlan, lines: Sequence[PlanLine], on: dt.date) -> dict[str, Any]:
    """Everything that both papers say, as plain values."""
    with translation.override("zh-hans"):
        return {
            "title": plan.title,
            "state": _state(plan),
            "aims": [text.strip() for text in plan.aims.splitlines() if text.strip()],
            "sums": _sums(plan, lines),
            "shares": _shares(plan, lines),
            "quarters": [
                {
                    "title": QUARTERS[quarter.term - 1],
                    "said": f"{len(quarter.lines)} 项 {quarter.runs} 期 {quarter.people} 人，经费 {_wan(quarter.budget)} 万元",
                    "rows": [_row(line) for line in quarter.lines],
                }
                for quarter in board_of(lines)
                if quarter.lines
            ],
            "signed": [
                {"step": one.step.title, "who": one.by.name, "day": long_day(timezone.localdate(one.at))}
                for one in PlanApproval.objects.of_round(plan).filter(verdict="approved").select_related("step", "by")
            ],
            "issuer": plan.unit.name,
            "day": long_day(timezone.localdate(plan.approved_at) if plan.approved_at else on),
        }


def long_day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _state(plan: AnnualPlan) -> str:
    if plan.in_force:
        return f"（第 {plan.number} 稿，已批准，校验码 {plan.digest[:12]}）"
    return f"（第 {plan.number} 稿，{plan.get_state_display()}，未经批准）"


def _wan(cents: int) -> str:
    return f"{cents / YUAN_10000:,.2f}".rstrip("0").rstrip(".")


def _sums(plan: AnnualPlan, lines: Sequence[PlanLine]) -> str:
    sums = sums_for(plan, lines)
    kinds = [(name, [line for line in lines if line.kind == kind]) for kind, name in KINDS.items()]
    parts = "、".join(f"{name} {sum(line.runs for line in of)} 期" for name, of in kinds if of)
    money = f"，全年经费 {_wan(plan.money)} 万元" if plan.money else ""
    return (
        f"全年计划举办培训班 {sums.lines} 项 {sums.runs} 期，培训 {sums.people:,} 人、{sums.person_days:,} 人天"
        f"{'，其中' + parts if parts else ''}；计划安排 {_wan(sums.budget)} 万元{money}。"
    )


def _shares(plan: AnnualPlan, lines: Sequence[PlanLine]) -> list[str]:
    checks = sums_for(plan, lines).checks
    return [_share(check) for check in checks if check.rule in SHARES and check.value is not None]


def _share(check: Check) -> str:
    assert check.value is not None
    return f"{SHARES[check.rule]}的 {int(check.value * 10) / 10:g}%（规定不低于 {check.limit}%）"


def _row(line: PlanLine) -> dict[str, str]:
    return {
        "number": str(line.number),
        "title": line.title,
        "whom": sentences.whom(line),
        "runs": str(line.runs),
        "people": str(line.people),
        "days": str(line.days),
        "hours": f"{line.tenths / 10:g}",
        "place": sentences.held_at(line) or "待定",
        "money": _wan(line.budget) if line.budget else "—",
        "note": line.note,
    }
