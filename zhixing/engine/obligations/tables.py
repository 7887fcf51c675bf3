"""The question and the policy as small tables for the SQL; everything that hangs on the policy alone is worked out here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from zhixing.engine.obligations.windows import OF_THE_DAY
from zhixing.engine.policies import Policy, Rule, WindowKind

COLUMNS_OF: Final[Mapping[str, str]] = {
    "asked": "on_date DATE, known_on TIMESTAMP",
    "rules": (
        "rule_no INTEGER, code VARCHAR, tenths BIGINT, prorate_join BOOLEAN, after_promotion BOOLEAN, "
        "opens_day INTEGER, closes_day INTEGER"
    ),
    "rule_ranks": "rank VARCHAR, rule_no INTEGER",
    "rule_channels": "rule_no INTEGER, channel VARCHAR, cap_tenths BIGINT",
}
"""Table → its columns, as plain SQL."""
EPOCH: Final = dt.date(1970, 1, 1)
END_OF_TIME: Final = dt.datetime.fromisoformat("9999-12-31T23:59:59")
Rows: TypeAlias = dict[str, list[tuple[Any, ...]]]


def rows_of(policy: Policy, on: dt.date, known_on: dt.datetime | None) -> Rows:
    """Table → rows, for ``COLUMNS_OF``; ranks are resolved to the first rule of each code that holds them."""
    numbers = {id(rule): number for number, rule in enumerate(policy.rules)}
    ranks = dict.fromkeys(rank for rule in policy.rules for rank in rule.ranks)
    return {
        "asked": [(on, known_on or END_OF_TIME)],
        "rules": [_rule_row(number, rule, on) for number, rule in enumerate(policy.rules)],
        "rule_ranks": [(rank, numbers[id(rule)]) for rank in ranks for rule in policy.rules_for(rank)],
        "rule_channels": [
            (numbers[id(rule)], channel, rule.caps.get(channel)) for rule in policy.rules for channel in rule.channels
        ],
    }


def _rule_row(number: int, rule: Rule, on: dt.date) -> tuple[Any, ...]:
    """A rule whose window is everyone's brings its first and last day as day numbers; the others are found in SQL."""
    of_the_day = OF_THE_DAY.get(rule.window)
    held = of_the_day(rule, on) if of_the_day else None
    return (
        number,
        rule.code,
        rule.tenths,
        rule.prorate_join,
        rule.window == WindowKind.AFTER_PROMOTION,
        held and (held.opens - EPOCH).days,
        held and (held.closes - EPOCH).days,
    )
