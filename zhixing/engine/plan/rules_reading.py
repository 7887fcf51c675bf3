"""Reading the rules of a plan, from ``policies/plan.toml`` or from the problem that keeps them: no number without its source."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Any, Final

from zhixing.engine.plan.faults import Fault, PlanError, PlanFault
from zhixing.engine.plan.rules import SHARES, Method, Rule, Rules, Step
from zhixing.engine.plan.values import DAY_RATE_MAX, Table, Values

SOURCED: Final = (*map(str, SHARES), "interactive", "callups_max", "leading_share", "business_days", "notice_days")
SOURCED_TOO: Final = ("rooms_used", "fees", "fee_long", "steps", "run_cost", "money_cost")
_RULES: Final = dict.fromkeys(
    (
        "code",
        "shares",
        "interactive",
        "callups_max",
        "leading_share",
        "business_days",
        "notice_days",
        "rooms_used",
        "fees",
        "fee_long_days",
        "fee_long_percent",
        "steps",
        "run_cost",
        "money_cost",
        "sources",
    ),
    True,
)


def parse_rules(text: str) -> Rules:
    """The rules of a TOML text with one table ``[rules]``. Raises ``PlanError`` with every fault."""
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise PlanError([PlanFault("rules", Fault.NOT_TOML, str(error)[:80])]) from error
    values = Values()
    rules = read_rules(values, values.table(document, "", {"rules": True}).get("rules", {}))
    if values.faults:
        raise PlanError(values.faults)
    return rules


def read_rules(values: Values, found: Any) -> Rules:
    """Faults are left in ``values``."""
    table = values.table(found, "rules", _RULES)
    return Rules(
        code=values.text(table, "rules", "code"),
        shares=_shares(values, table),
        interactive=frozenset(
            values.word(one, "rules.interactive", Method, Method.SEMINAR)
            for one in values.words(table, "rules", "interactive")
        ),
        callups_max=values.whole(table, "rules", "callups_max", 1, 50),
        leading_share=values.whole(table, "rules", "leading_share", 0, 100),
        business_days=values.whole(table, "rules", "business_days", 1, 366),
        notice_days=values.whole(table, "rules", "notice_days", 0, 250),
        rooms_used=values.whole(table, "rules", "rooms_used", 1, 100),
        fees=_fees(values, table),
        fee_long_days=values.whole(table, "rules", "fee_long_days", 1, 366),
        fee_long_percent=values.whole(table, "rules", "fee_long_percent", 0, 100),
        steps=tuple(_steps(values, table)),
        run_cost=values.whole(table, "rules", "run_cost", 0, 1_000_000),
        money_cost=values.whole(table, "rules", "money_cost", 0, 1_000_000),
        sources=_sources(values, table),
    )


def _shares(values: Values, table: Table) -> dict[Rule, int]:
    given = values.amounts(table, "rules", "shares", 100)
    for name in given:
        if name not in SHARES:
            values.refuse(f"rules.shares.{name}", Fault.UNKNOWN_KEY, name, SHARES)
    for rule in SHARES:
        if "shares" in table and rule not in given:
            values.refuse(f"rules.shares.{rule}", Fault.MISSING_KEY, rule)
    return {rule: given.get(rule, 0) for rule in SHARES}


def _fees(values: Values, table: Table) -> dict[str, int]:
    found = table.get("fees", {})
    if not isinstance(found, dict) or not found:
        values.refuse("rules.fees", Fault.BAD_TYPE if found else Fault.EMPTY, found)
        return {}
    return {name: values.money(found, "rules.fees", name, DAY_RATE_MAX, per_day=True) for name in found}


def _steps(values: Values, table: Table) -> list[Step]:
    """[[until, value], …]: rising to 100 percent of the people, with falling value, so that the first covered are worth more."""
    rows = table.get("steps", [])
    pairs = isinstance(rows, list) and all(isinstance(row, list) and len(row) == 2 for row in rows)
    if not pairs or not rows:
        values.refuse("rules.steps", Fault.BAD_TYPE, rows, ["[[50, 100], [100, 50]]"])
        return []
    steps = [
        Step(values.number(until, "rules.steps", 1, 100), values.number(value, "rules.steps", 1, 100))
        for until, value in rows
    ]
    falls = all(one.until < two.until and one.value >= two.value for one, two in pairwise(steps))
    if not falls or steps[-1].until != 100:
        values.refuse("rules.steps", Fault.NOT_IN_ORDER, rows, ["[[50, 100], [100, 50]]"])
    return steps


def _sources(values: Values, table: Table) -> dict[str, str]:
    found = table.get("sources", {})
    if not isinstance(found, dict):
        values.refuse("rules.sources", Fault.BAD_TYPE, found)
        return {}
    for name in (*SOURCED, *SOURCED_TOO):
        if not str(found.get(name, "")).strip():
            values.refuse(f"rules.sources.{name}", Fault.NO_SOURCE, name)
    for name in found:
        if name not in SOURCED and name not in SOURCED_TOO:
            values.refuse(f"rules.sources.{name}", Fault.UNKNOWN_KEY, name)
    return {name: str(text) for name, text in found.items()}
