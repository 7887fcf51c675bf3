"""The question and the policy as small tables for the SQL; everything that hangs on the policy alone is worked out here.

A rule that carries something over has a second row in ``rules``, the same rule in the window before: its duties, exempt days and hours
are found by the same SQL. The hours of a rule are added up in pots (``pots``): each capped channel has one of its own. A minimum, and
what may be carried, is a part (``part_sources``): hours of some pots and contents of one rule; a rule with parts has a pot for each channel.
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
        "rule_no INTEGER, code VARCHAR, place INTEGER, is_before BOOLEAN, tenths BIGINT, prorate_join BOOLEAN, opens_day INTEGER, "
        "closes_day INTEGER, runs_from VARCHAR, window_days INTEGER, before_days INTEGER, since_day INTEGER, "
        "exempt_joined_days INTEGER, exempt_leaving BOOLEAN"
    ),
    "rule_ranks": "rank VARCHAR, rule_no INTEGER, is_exempt BOOLEAN",
    "rule_channels": "rule_no INTEGER, channel VARCHAR, pot_no INTEGER",
    "pots": "pot_no INTEGER, rule_no INTEGER, cap_tenths BIGINT",
    "part_sources": "part_no INTEGER, pot_no INTEGER, content VARCHAR",
    "minimums": (
        "part_no INTEGER, rule_no INTEGER, tenths BIGINT, share INTEGER, of_counted BOOLEAN, takes_carried BOOLEAN"
    ),
    "carries": "part_no INTEGER, rule_no INTEGER, before_no INTEGER, most_tenths BIGINT",
    "part_hours": "person_id BIGINT, part_no INTEGER, tenths BIGINT",
    "carried": "person_id BIGINT, rule_no INTEGER, tenths BIGINT",
    "held_against": "person_id BIGINT, rule_no INTEGER, part_no INTEGER, divisor BIGINT, above BIGINT",
    "lacking": "person_id BIGINT, rule_no INTEGER, tenths BIGINT",
}
"""Table → its columns, as plain SQL; ``place`` is that of the code in the order of codes.

The last four are steps: laid out, empty, when nothing in the policy asks for them.
"""
ASKED_BY: Final[Mapping[str, str]] = {
    "part_hours": "part_sources",
    "carried": "carries",
    "held_against": "minimums",
    "lacking": "minimums",
}
"""Step → the table whose rows ask for it."""
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
    places = places_of(policy)
    for number, rule in enumerate(policy.rules):
        ranks = [rank for rank in rule.ranks if any(held is rule for held in policy.rules_for(rank))]
        of_the_day = OF_THE_DAY.get(rule.window)
        held = of_the_day(rule, on) if of_the_day else None
        pots = _add_rule(rows, number, rule, places[rule.code], held, ranks)
        for minimum in rule.minimums:
            part_no = _add_part(rows, pots, minimum)
            takes_carried = rule.carry is not None and rule.carry.serves(minimum)
            rows["minimums"].append((part_no, number, minimum.tenths, minimum.share, minimum.of_counted, takes_carried))
        if rule.carry and held:
            before_no = len(policy.rules) + number
            before = window_before(rule, held)
            pots = _add_rule(rows, before_no, rule, places[rule.code], before, ranks, is_before=True)
            rows["carries"].append((_add_part(rows, pots, rule.carry), number, before_no, rule.carry.tenths))
    for step, asking in ASKED_BY.items():
        if rows[asking]:
            del rows[step]
    return rows


def places_of(policy: Policy) -> dict[str, int]:
    """Code → its place, in the order of codes."""
    return {code: place for place, code in enumerate(sorted({rule.code for rule in policy.rules}))}


def _add_rule(
    rows: Rows, number: int, rule: Rule, place: int, held: Window | None, ranks: list[str], *, is_before: bool = False
) -> dict[Channel, int]:
    """A rule whose window is everyone's brings its first and last day as day numbers; the others are found in SQL.

    Returns the pot of each channel.
    """
    rows["rules"].append(
        (
            number,
            rule.code,
            place,
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
    pots = _add_pots(rows, number, rule)
    rows["rule_channels"] += [(number, channel, pot_no) for channel, pot_no in pots.items()]
    return pots


def _add_pots(rows: Rows, rule_no: int, rule: Rule) -> dict[Channel, int]:
    """Where nothing tells channels apart, neither a cap nor a part of the rule, they share a pot."""
    pots: dict[Channel, int] = {}
    told_apart: set[Channel] = set(rule.channels if rule.minimums or rule.carry else rule.caps)
    shared: int | None = None
    for channel in rule.channels:
        if channel in told_apart or shared is None:
            pots[channel] = len(rows["pots"])
            rows["pots"].append((pots[channel], rule_no, rule.caps.get(channel)))
        else:
            pots[channel] = shared
        if channel not in told_apart:
            shared = pots[channel]
    return pots


def _add_part(rows: Rows, pots: Mapping[Channel, int], part: Minimum | Carry) -> int:
    part_no = len(rows["minimums"]) + len(rows["carries"])
    rows["part_sources"] += [
        (part_no, pots[channel], content) for channel, content in _sources(part) if channel in pots
    ]
    return part_no


def _sources(part: Minimum | Carry) -> Iterator[tuple[Channel, str | None]]:
    """(channel, content) of what belongs to the part; content None: whatever it was about."""
    for channel in part.channels:
        for content in part.contents or (None,):
            yield channel, content


def day_number(day: dt.date) -> int:
    return (day - EPOCH).days
