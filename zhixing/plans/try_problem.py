"""What if (试算): the lines of a plan as the engine knows them, the problem that is asked about, and the answer as it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.utils import timezone

from zhixing.engine.plan.changes import (
    Priority,
    difference,
    with_capacities,
    with_money,
    with_priority,
    without_institution,
)
from zhixing.engine.plan.document import plan_document
from zhixing.engine.plan.options import Limit, Option, options_of
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.reasons import usage_of
from zhixing.engine.plan.result import Line, PlanResult, Status
from zhixing.needs.models import NeedsReckoning
from zhixing.plans.models import AnnualPlan, PlanLine
from zhixing.plans.problem import keys_of_needs, latest_reckoning, line_facts, named_limit, problem_of, rules_in_force

Key = tuple[str, str, str, str]
PRIORITY: Final = "try/priority"
LEVEL: Final = 10
"""Hundredths of a level that a point of a priority's weight gives to a person, as in the reckoning of needs."""


@dataclass
class Known:
    """``lines``: what the engine knows, lines of one option together, with their ``numbers``. ``aside``: (number, why, cents) of the others."""

    lines: list[Line] = field(default_factory=list)
    numbers: dict[Key, list[int]] = field(default_factory=dict)
    cents: dict[Key, int] = field(default_factory=dict)
    aside: list[tuple[int, str, int]] = field(default_factory=list)

    @property
    def aside_cents(self) -> int:
        return sum(cents for _number, _why, cents in self.aside)


def reckoning_of(plan: AnnualPlan) -> NeedsReckoning | None:
    """The needs that the plan was proposed from, else the latest of its year."""
    return plan.reckoning or latest_reckoning(plan.year, plan.unit)


def base_problem(plan: AnnualPlan, reckoning: NeedsReckoning) -> PlanProblem:
    """Judged from the day of approval where there is one. Raises ``PlanError``."""
    decided: dt.date = timezone.localdate(plan.approved_at) if plan.approved_at else timezone.localdate()
    return problem_of(reckoning, money=plan.money, decided_on=decided, rules=rules_in_force())


def known_lines(problem: PlanProblem, lines: Iterable[PlanLine]) -> Known:
    """Lines that are options of the problem, and those that are none with why."""
    options = {option.key: option for option in options_of(problem)}
    known, sums = Known(), dict[Key, tuple[int, int]]()
    for line in lines:
        key = str(line.programme_id), line.rank_group, str(line.institution_id), str(line.term)
        if why := _stands_aside(line, options.get(key)):
            known.aside.append((line.number, why, line.budget))
            continue
        runs, seats = sums.get(key, (0, 0))
        sums[key] = runs + line.runs, seats + line.people
        known.numbers.setdefault(key, []).append(line.number)
        known.cents[key] = known.cents.get(key, 0) + line.budget
    known.lines = [Line(*key, runs, seats) for key, (runs, seats) in sums.items()]
    return known


def _stands_aside(line: PlanLine, option: Option | None) -> str:
    """Why the engine leaves a line as it is; nothing where it may change it."""
    if line.programme_id is None:
        return "no_programme"
    if line.institution_id is None:
        return "no_institution"
    if line.units:
        return "own_units"
    if option is None:
        return "not_offered"
    return "" if line.days == option.programme.days else "own_days"


def changed_problem(
    problem: PlanProblem, asked: Mapping[str, Any], without: frozenset[str] = frozenset()
) -> PlanProblem:
    """``asked`` as ``PlanTry.asked`` has it; ``without``: keys of evidence put aside. Raises ``UnknownPart``."""
    for one in asked.get("closed", ()):
        problem = without_institution(problem, one["key"])
    problem = with_capacities(problem, teachers=100 + asked.get("teachers", 0), rooms=100 + asked.get("rooms", 0))
    if priority := asked.get("priority"):
        for group in [priority["group"]] if priority["group"] else [one.key for one in problem.groups]:
            share = LEVEL * priority["weight"]
            problem = with_priority(
                problem, Priority(f"{PRIORITY}/{group}", "priority", priority["code"], group, share, 10**9)
            )
    return with_money(problem.without_evidence(without), 100 + asked.get("money", 0))


def less_money(problem: PlanProblem, cents: int) -> PlanProblem:
    """Without the money of lines that stay as they are."""
    return replace(problem, money=problem.money - cents)


def answer_of(
    problem: PlanProblem,
    changed: PlanProblem,
    known: Known,
    result: PlanResult,
    after: Mapping[str, Any],
    reckoning: NeedsReckoning,
) -> dict[str, Any]:
    """What is kept of a trial; ``after``: its result as a document; ``facts`` of a line are what it gets when the proposal is taken over, rows by key."""
    answer: dict[str, Any] = {
        "status": str(result.status),
        "gap": result.gap,
        "seconds": round(result.seconds, 1),
        "conflict": [named_limit(changed, limit) for limit in result.conflict],
        "broken": [named_limit(problem, limit) for limit in broken_now(problem, known)],
        "aside": [{"number": number, "why": why} for number, why, _cents in known.aside],
        "aside_cents": known.aside_cents,
        "money": [problem.money + known.aside_cents, changed.money + known.aside_cents],
    }
    if result.objective is None:
        return answer
    before = plan_document(changed_but_lines(changed, problem), _as_result(known.lines))
    facts = {_key_of(row): one for row, one in zip(after["lines"], line_facts(after, reckoning), strict=True)}
    told = difference(problem, known.lines, changed, result.lines)
    names = _Names(problem)
    return answer | {
        "cents": [sum(known.cents.values()) + known.aside_cents, after["totals"]["budget_cents"] + known.aside_cents],
        "runs": [sum(line.runs for line in known.lines), after["totals"]["runs"]],
        "people": [sum(line.seats for line in known.lines), after["totals"]["seats"]],
        "lines": [
            names.line(moved.key)
            | {
                "numbers": known.numbers.get(moved.key, []),
                "runs": [moved.before[0], moved.after[0]],
                "people": [moved.before[1], moved.after[1]],
                "cents": [known.cents.get(moved.key, 0), facts[moved.key]["budget"] if moved.key in facts else 0],
                "facts": _plain(facts[moved.key]) if moved.key in facts else None,
            }
            for moved in told.lines
        ],
        "needs": _needs(changed, before, after, reckoning),
        "covered": [_covered(before), _covered(after)],
    }


def broken_now(problem: PlanProblem, known: Known) -> list[Limit]:
    """Rules that the plan breaks as it is; rooms, beds and teachers once for all places."""
    from zhixing.engine.plan.conflicts import told

    return list(dict.fromkeys(told(limit) for limit in usage_of(problem, known.lines).broken()))


def changed_but_lines(changed: PlanProblem, problem: PlanProblem) -> PlanProblem:
    """The needs of the changed problem with the institutions of the first, in which the lines of before can still be counted."""
    return replace(changed, institutions=problem.institutions)


def _as_result(lines: Sequence[Line]) -> PlanResult:
    return PlanResult(Status.FEASIBLE, 0, None, 0.0, 0, tuple(lines))


def _key_of(row: Mapping[str, Any]) -> Key:
    return row["programme"], row["group"], row["institution"], row["term"]


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Rows by key."""
    return {name: value.pk if name in ("programme", "institution") else value for name, value in facts.items()}


class _Names:
    """What the parts of a problem are called."""

    def __init__(self, problem: PlanProblem) -> None:
        self.programmes = {one.key: one.title for one in problem.programmes}
        self.institutions = {one.key: one.title for one in problem.institutions}

    def line(self, key: Key) -> dict[str, Any]:
        return {
            "title": self.programmes[key[0]],
            "group": key[1],
            "institution": self.institutions[key[2]],
            "term": int(key[3]),
        }


def _covered(document: Mapping[str, Any]) -> int:
    """Ten-thousandths of the weight of all needs that are covered."""
    whole = sum(int(row["weight"]) * int(row["of"]) for row in document["coverage"])
    return 10_000 * sum(int(row["weight"]) * int(row["amount"]) for row in document["coverage"]) // (whole or 1)


def _needs(
    changed: PlanProblem, before: Mapping[str, Any], after: Mapping[str, Any], reckoning: NeedsReckoning
) -> list[dict[str, Any]]:
    """Needs of which more or fewer people are covered, and those that the question itself is about; hundredths of people."""
    titles = {need.key: need for need in changed.needs}
    keys = keys_of_needs(reckoning)
    codes = dict(reckoning.framework.competencies.values_list("code", "name"))
    why = {row["need"]: row["code"] for row in after["uncovered"]}
    rows = []
    for old, new in zip(before["coverage"], after["coverage"], strict=True):
        need = titles[new["need"]]
        asked = any(one.key.startswith(PRIORITY) for one in need.evidence)
        if old["amount"] != new["amount"] or asked:
            rows.append(
                {
                    "need": keys.get(need.key),
                    "title": codes.get(need.competency, need.competency),
                    "group": need.group,
                    "people": need.people,
                    "amount": [old["amount"], new["amount"]],
                    "asked": asked,
                    "why": why.get(need.key, ""),
                }
            )
    return sorted(rows, key=lambda row: (not row["asked"], row["amount"][1] - row["amount"][0]))
