"""A plan as a document: every line with what it costs, teaches and covers, and the evidence behind it. The problem goes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zhixing.engine.plan.faults import PlanError
from zhixing.engine.plan.options import Limit, Option
from zhixing.engine.plan.problem import HUNDREDTHS, PlanProblem, as_document
from zhixing.engine.plan.reasons import uncovered, usage_of
from zhixing.engine.plan.result import Line, PlanResult
from zhixing.engine.plan.rules import SHARES
from zhixing.engine.plan.usage import Usage
from zhixing.engine.plan.values import Values


def plan_document(problem: PlanProblem, result: PlanResult) -> dict[str, Any]:
    """What ``plan.json`` says, without ``violations``, which only the checker tells."""
    said: dict[str, Any] = {
        "year": problem.year,
        "status": str(result.status),
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "seconds": round(result.seconds, 3),
        "seed": result.seed,
        "digest": problem.digest(),
    }
    if result.conflict:
        said["conflict"] = [limit_said(limit) for limit in result.conflict]
    if result.objective is not None:
        usage = usage_of(problem, result.lines)
        by_key = {option.key: option for option in usage.options}
        said |= {
            "totals": _totals(usage),
            "lines": [_line(problem, by_key[line.key], line) for line in result.lines],
            "coverage": _coverage(usage),
            "uncovered": [
                {
                    "need": one.need,
                    "amount": one.amount,
                    "code": one.code,
                    "about": one.about,
                    "also": [limit_said(limit) for limit in one.also],
                    "option": list(one.option) if one.option else None,
                }
                for one in uncovered(usage)
            ],
        }
    return {**said, "problem": as_document(problem)}


def limit_said(limit: Limit) -> dict[str, str]:
    return {"rule": str(limit[0]), "about": limit[1]}


def lines_of(document: Mapping[str, Any]) -> list[Line]:
    """The lines of a plan's document. Raises ``PlanError`` with every key that a line lacks or holds wrongly."""
    values, rows = Values(), document.get("lines", [])
    known = [_known(row) for row in rows] if isinstance(rows, list) else rows
    found = [
        Line(
            values.text(row, place, "programme"),
            values.text(row, place, "group"),
            values.text(row, place, "institution"),
            values.text(row, place, "term"),
            values.whole(row, place, "runs"),
            values.whole(row, place, "seats"),
        )
        for place, row in values.rows({"lines": known}, "lines", dict.fromkeys(Line.__slots__, True))
    ]
    if values.faults:
        raise PlanError(values.faults)
    return found


def _known(row: object) -> object:
    """What a line is; the rest only tells of it."""
    return {name: row[name] for name in Line.__slots__ if name in row} if isinstance(row, dict) else row


def _totals(usage: Usage) -> dict[str, Any]:
    """Shares in hundredths of a percent, of the hours of main classes; None without any."""
    problem = usage.problem
    runs = [(usage.options[number], count) for number, count in usage.runs.items()]
    main = [(option.programme, count) for option, count in runs if option.share_parts]
    hours = sum(programme.tenths * count for programme, count in main)
    return {
        "lines": len(usage.runs),
        "runs": sum(usage.runs.values()),
        "seats": sum(usage.seats.values()),
        "budget_cents": usage.cents,
        "money_cents": problem.money,
        "leading_called": usage.leading_called(),
        "leading_least": problem.leading_least,
        "main_tenths": hours,
        "shares": {
            str(rule): sum(programme.part(rule, problem.rules) * count for programme, count in main) * 10_000 // hours
            if hours
            else None
            for rule in SHARES
        },
    }


def _line(problem: PlanProblem, option: Option, line: Line) -> dict[str, Any]:
    programme = option.programme
    needs = [(problem.needs[place], strength) for place, strength in option.covers]
    return {
        "programme": line.programme,
        "group": line.group,
        "institution": line.institution,
        "term": line.term,
        "runs": line.runs,
        "seats": line.seats,
        "title": programme.title or programme.key,
        "days": programme.days,
        "budget_cents": option.cents(line.runs, line.seats),
        "hours": {str(block): tenths * line.runs for block, tenths in programme.hours.items()},
        "methods": {str(method): tenths * line.runs for method, tenths in programme.methods.items()},
        "leader_tenths": programme.leader_tenths * line.runs,
        "covers": [
            {"need": need.key, "competency": need.competency, "weight": need.weight, "amount": strength * line.seats}
            for need, strength in needs
        ],
        "evidence": [
            {"need": need.key, "key": one.key, "source": one.source, "share": one.share, "title": one.title}
            for need, _strength in needs
            for one in need.evidence
        ],
    }


def _coverage(usage: Usage) -> Sequence[dict[str, Any]]:
    return [
        {
            "need": need.key,
            "weight": need.weight,
            "people": need.people,
            "amount": usage.covered(place),
            "of": need.people * HUNDREDTHS,
        }
        for place, need in enumerate(usage.problem.needs)
    ]
