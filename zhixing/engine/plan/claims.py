"""What a plan says of itself, beside what was counted. Whatever may stand in the document, it is compared, never reckoned with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from zhixing.engine.plan.check import Judge, Violation

Row = Mapping[str, Any]
AGREEMENT: Final = Fraction(1, 10**9)
POINT: Final = 1_000_000
OPTIMAL: Final = 10_000
"""A plan that lacks more than this part of its bound, and than a point, is not proven to be the best."""


def claims_of(judge: Judge, plan: Row, objective: int, violations: Iterable[Violation]) -> dict[str, bool]:
    """Claim → does it agree? A plan that was not judged yet says no violations."""
    broken = [{"code": one.code, "about": one.about, "over": one.over} for one in violations]
    amounts = judge.amounts()
    return {
        "year": plan.get("year") == judge.problem["year"],
        "status": _status_holds(plan),
        "objective": plan.get("objective") == objective,
        "bound": _bound_holds(plan.get("bound"), objective),
        "gap": _gap_agrees(plan, objective),
        "budget": all(row.get("budget_cents") == judge.cents(row) for row in judge.known),
        "hours": all(_hours_agree(judge.programme(row), row) for row in judge.known),
        "covers": all(_alike(row.get("covers"), _covers(judge, row)) for row in judge.known),
        "evidence": all(_alike(row.get("evidence"), _evidence(judge, row)) for row in judge.known),
        "totals": plan.get("totals") == _totals(judge),
        "coverage": _alike(plan.get("coverage"), [_covered(need, amounts) for need in judge.problem["needs"]]),
        "uncovered": _alike(_lacks(plan.get("uncovered")), list(_lacking(judge, amounts))),
        "violations": plan.get("violations", broken) == broken,
    }


def _alike(said: object, counted: list[Any]) -> bool:
    """The same rows in whatever order."""
    return isinstance(said, list) and len(said) == len(counted) and all(row in said for row in counted)


def _status_holds(plan: Row) -> bool:
    bound, objective, status = plan.get("bound"), plan.get("objective"), plan.get("status")
    if status == "optimal" and type(bound) is int and type(objective) is int:
        return bound - objective <= max(POINT, abs(bound) // OPTIMAL)
    return status in ("optimal", "feasible")


def _bound_holds(bound: object, objective: int) -> bool:
    return type(bound) is int and bound >= objective


def _gap_agrees(plan: Row, objective: int) -> bool:
    bound, gap = plan.get("bound"), plan.get("gap")
    if type(bound) is not int or not (type(gap) is int or (type(gap) is float and math.isfinite(gap))):
        return False
    wanted = Fraction(bound - objective, abs(bound) or 1)
    return abs(Fraction(gap) - wanted) <= AGREEMENT


def _hours_agree(programme: Row, row: Row) -> bool:
    by_name = ({key: row["runs"] * tenths for key, tenths in programme[name].items()} for name in ("hours", "methods"))
    wanted = (programme["days"], row["runs"] * programme["leader_tenths"], *by_name)
    return tuple(row.get(name) for name in ("days", "leader_tenths", "hours", "methods")) == wanted


def weight_of(need: Row) -> int:
    return sum(one["share"] for one in need["evidence"])


def _covers(judge: Judge, row: Row) -> list[Row]:
    strengths = judge.programme(row)["covers"]
    return [
        {
            "need": need["key"],
            "competency": need["competency"],
            "weight": weight_of(need),
            "amount": strengths[need["competency"]] * row["seats"],
        }
        for need in judge.needs(row)
    ]


def _evidence(judge: Judge, row: Row) -> list[Row]:
    """Piece by piece that of the problem, so that its shares add up to the weights."""
    return [
        {
            "need": need["key"],
            "title": "",
            **{name: one[name] for name in ("key", "source", "share", "title") if name in one},
        }
        for need in judge.needs(row)
        for one in need["evidence"]
    ]


def _totals(judge: Judge) -> Row:
    (reached, least), hours = judge.leading(), judge.main_hours()
    return {
        "lines": len(judge.known),
        "runs": sum(row["runs"] for row in judge.known),
        "seats": sum(row["seats"] for row in judge.known),
        "budget_cents": sum(map(judge.cents, judge.known)),
        "money_cents": judge.problem["money"],
        "leading_called": reached,
        "leading_least": least,
        "main_tenths": hours["all"],
        "shares": {
            name: 10_000 * hours[name] // hours["all"] if hours["all"] else None for name in judge.rules["shares"]
        },
    }


def _covered(need: Row, amounts: Mapping[str, int]) -> Row:
    whole = 100 * need["people"]
    return {
        "need": need["key"],
        "weight": weight_of(need),
        "people": need["people"],
        "amount": min(amounts[need["key"]], whole),
        "of": whole,
    }


def _lacking(judge: Judge, amounts: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    for need in judge.problem["needs"]:
        if (amount := 100 * need["people"] - amounts[need["key"]]) > 0:
            yield need["key"], amount


def _lacks(said: object) -> list[Any] | None:
    """(need, amount) of what is said to be open; why it is so only the search knows."""
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        return None
    return [(one.get("need"), one.get("amount")) for one in said]
