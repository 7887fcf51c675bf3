"""The rules of a plan by their codes, and the numbers that they hold, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What a plan may break. Stable codes: documents and pages name them."""

    MONEY = "money"
    ROOMS = "rooms"
    BEDS = "beds"
    TEACHERS = "teachers"
    CALLUPS_MAX = "callups_max"
    LEADING_CALLUPS_MAX = "leading_callups_max"
    LEADING_SHARE = "leading_share"
    THEORY_SHARE = "theory_share"
    PARTY_SPIRIT_SHARE = "party_spirit_share"
    INTERACTIVE_SHARE = "interactive_share"
    LEADERS_SHARE = "leaders_share"
    BUSINESS_DAYS = "business_days"
    NOTICE = "notice"
    TERM_DAYS = "term_days"
    FEE_CEILING = "fee_ceiling"
    RUNS_MIN = "runs_min"
    RUNS_MAX = "runs_max"
    SIZE_MIN = "size_min"
    SIZE_MAX = "size_max"


SHARES = (Rule.THEORY_SHARE, Rule.PARTY_SPIRIT_SHARE, Rule.INTERACTIVE_SHARE, Rule.LEADERS_SHARE)
"""Shares of the hours of all main classes (主体班) together."""


class Method(StrEnum):
    """How hours are taught: the words that half days and programmes have, and two that only sources name."""

    LECTURE = "lecture"  # 讲授
    CASE = "case"  # 案例
    SIMULATION = "simulation"  # 模拟
    SITE = "site"  # 现场教学
    INTERVIEW = "interview"  # 访谈互动
    SEMINAR = "seminar"  # 研讨
    RESEARCH = "research"  # 一线调研
    ONLINE = "online"  # 网络
    EXPERIENCE = "experience"  # 体验
    DEBATE = "debate"  # 辩论


@dataclass(frozen=True, slots=True)
class Step:
    """Up to ``until`` percent of the people of a need, one of them covered is worth ``value`` percent of its weight."""

    until: int
    value: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Percents are whole numbers, money is in cents. ``sources`` tells where each number comes from, by the code of its rule.

    ``fees``: the most per person-day by class of training, of which each day beyond ``fee_long_days`` counts ``fee_long_percent``.
    ``rooms_used``: percent of class-days and bed-days that a plan may fill, for dates never fit without a gap.
    ``run_cost``: points that a run must earn; ``money_cost``: points that each 10,000 yuan must earn."""

    code: str
    shares: Mapping[Rule, int]
    interactive: frozenset[Method]
    callups_max: int
    leading_share: int
    business_days: int
    notice_days: int
    rooms_used: int
    fees: Mapping[str, int]
    fee_long_days: int
    fee_long_percent: int
    steps: tuple[Step, ...]
    run_cost: int
    money_cost: int
    sources: Mapping[str, str]

    def fee_most(self, fee_class: str, days: int) -> int:
        """The most that one person's training of so many days may cost, in cents."""
        long = max(0, days - self.fee_long_days)
        return self.fees[fee_class] * (100 * (days - long) + self.fee_long_percent * long) // 100
