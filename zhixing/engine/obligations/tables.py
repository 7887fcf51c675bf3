"""The question and the policy as small tables for the SQL; everything that hangs on the policy alone is worked out here.

A rule that carries something over has a second row in ``rules``, the same rule in the window before: its duties, exempt days and hours
are found by the same SQL. A minimum, and what may be carried, is a part (``parts``): hours of some channels and contents of one rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from zhixing.engine.obligations.windows import OF_THE_DAY, Window, window_before
from zhixing.engine.policies import Carry, Channel, Minimum, Policy, Rule, WindowKind

COLUMNS_OF: Final[Mapping[str, str]] = {
    "asked": "on_date DATE, known_on TIMESTAMP",
    "rules": (
        "rule_no INTEGER, code VARCHAR, is_before BOOLEAN, tenths BIGINT, prorate_join BOOLEAN, opens_day INTEGER, "
        "closes_day INTEGER, runs_from VARCHAR, window_days INTEGER, before_days INTEGER, since_day INTEGER, "
        "exempt_joined_days INTEGER, exempt_leaving BOOLEAN"
    ),
    "rule_ranks": "rank VARCHAR, rule_no INTEGER, is_exempt BOOLEAN",
    "rule_channels": "rule_no INTEGER, channel VARCHAR, cap_tenths BIGINT",
    "parts": "part_no INTEGER, rule_no INTEGER",
    "part_sources": "part_no INTEGER, channel VARCHAR, content VARCHAR, cap_tenths BIGINT",
    "minimums": (
        "part_no INTEGER, rule_no INTEGER, tenths BIGINT, share INTEGER, of_counted BOOLEAN, takes_carried BOOLEAN"
    ),
    "carries": "part_no INTEGER, rule_no INTEGER, before_no INTEGER, most_tenths BIGINT",
    "part_hours": "person_id BIGINT, part_no INTEGER, tenths BIGINT",
}
"""Table → its columns, as plain SQL. ``part_hours`` is a step: it is laid out, empty, when the policy has no parts."""
EPOCH: Final = dt.date(1970, 1, 1)
END_OF_TIME: Final = dt.datetime.fromisoformat("9999-12-31T23:59:59")
RUNS_FROM: Final[Mapping[WindowKind, str]] = {
    WindowKind.AFTER_PROMOTION: "promotion",
    WindowKind.FIRST_YEAR: "joining",
    WindowKind.AFTER_APPOINTMENT: "appointment",
}
Rows: TypeAlias = dict[str, list[tuple[Any, ...]]]


def rows_of(policy: Policy, on: dt.date, known_on: dt.datetime | None) -> Rows:
    """Table → rows, for those of ``COLUMNS_OF`` that are there; a step among them is not to be computed.

    Ranks are resolved to the first rule of each code that holds them.
    """
    rows: Rows = {name: [] for name in COLUMNS_OF}
    rows["asked"].append((on, known_on or END_OF_TIME))
    numbers = {id(rule): number for number, rule in enumerate(policy.rules)}
    for number, rule in enumerate(policy.rules):
        ranks = [rank for rank in rule.ranks if any(held is rule for held in policy.rules_for(rank))]
        of_the_day = OF_THE_DAY.get(rule.window)
        held = of_the_day(rule, on) if of_the_day else None
        _add_rule(rows, number, rule, held, ranks)
        for minimum in rule.minimums:
            part_no = _add_part(rows, number, rule, minimum)
            takes_carried = rule.carry is not None and rule.carry.serves(minimum)
            rows["minimums"].append((part_no, number, minimum.tenths, minimum.share, minimum.of_counted, takes_carried))
        if rule.carry and held:
            before_no = len(numbers) + number
            _add_rule(rows, before_no, rule, window_before(rule, held), ranks, is_before=True)
            part_no = _add_part(rows, before_no, rule, rule.carry)
            rows["carries"].append((part_no, number, before_no, rule.carry.tenths))
    if rows["parts"]:
        del rows["part_hours"]
    return rows


def _add_rule(
    rows: Rows, number: int, rule: Rule, held: Window | None, ranks: list[str], *, is_before: bool = False
) -> None:
    """A rule whose window is everyone's brings its first and last day as day numbers; the others are found in SQL."""
    rows["rules"].append(
        (
            number,
            rule.code,
            is_before,
            rule.tenths,
            rule.prorate_join,
            held and day_number(held.opens),
            held and day_number(held.closes),
            RUNS_FROM.get(rule.window),
            rule.window_days,
            rule.before_days,
            rule.since and day_number(rule.since),
            max((one.joined_last_days for one in rule.exempt if one.joined_last_days is not None), default=None),
            any(one.leaving for one in rule.exempt),
        )
    )
    exempt = {rank for one in rule.exempt for rank in one.ranks}
    rows["rule_ranks"] += [(rank, number, rank in exempt) for rank in ranks]
    rows["rule_channels"] += [(number, channel, rule.caps.get(channel)) for channel in rule.channels]


def _add_part(rows: Rows, rule_no: int, rule: Rule, part: Minimum | Carry) -> int:
    part_no = len(rows["parts"])
    rows["parts"].append((part_no, rule_no))
    rows["part_sources"] += [(part_no, channel, content, rule.caps.get(channel)) for channel, content in _sources(part)]
    return part_no


def _sources(part: Minimum | Carry) -> Iterator[tuple[Channel, str | None]]:
    """(channel, content) of what belongs to the part; content None: whatever it was about."""
    for channel in part.channels:
        for content in part.contents or (None,):
            yield channel, content


def day_number(day: dt.date) -> int:
    return (day - EPOCH).days
