"""Where a person stands, and the numbers behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from zhixing.engine.obligations.windows import Window
from zhixing.engine.policies import Channel, Minimum, Rule


class State(StrEnum):
    MET = "met"
    ON_TRACK = "on_track"
    SHORT = "short"
    OVERDUE = "overdue"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the result: where a person stands under the rule of code ``rule``. Hours in tenths."""

    rule: str
    window_opens: dt.date
    window_closes: dt.date
    required_tenths: int
    counted_tenths: int
    missing_tenths: int
    capped_tenths: int
    state: State


class WhyNotOwed(StrEnum):
    BEFORE_JOINING = "before_joining"
    EXEMPT = "exempt"
    EXEMPT_BY_RULE = "exempt_by_rule"


class WhyNotCounted(StrEnum):
    NOT_YET_KNOWN = "not_yet_known"
    REVERSAL = "reversal"  # the entry cancels another
    REVERSED = "reversed"  # the entry is cancelled by another
    AFTER_ON = "after_on"
    OUTSIDE_WINDOW = "outside_window"
    CHANNEL_NOT_COUNTED = "channel_not_counted"


@dataclass(frozen=True, slots=True)
class NotOwed:
    """Days of the window that are not owed, both ends included; no two of one explanation share a day."""

    why: WhyNotOwed
    from_on: dt.date
    to_on: dt.date
    clause: str = ""  # why, in the words of a policy that exempts by rule

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days + 1


@dataclass(frozen=True, slots=True)
class ChannelSum:
    """What one channel brought, in tenths: of the ``total``, what is over ``cap`` (None: no cap) does not count."""

    channel: Channel
    total: int
    cap: int | None

    @property
    def counted(self) -> int:
        return self.total if self.cap is None else min(self.total, self.cap)

    @property
    def capped(self) -> int:
        return self.total - self.counted


@dataclass(frozen=True, slots=True)
class NotCounted:
    entry_id: int
    why: WhyNotCounted


@dataclass(frozen=True, slots=True)
class MinimumSum:
    """How far a minimum inside the requirement is reached, in tenths; ``held`` includes what was carried for it."""

    minimum: Minimum
    held: int
    missing: int


@dataclass(frozen=True, slots=True)
class Carried:
    """What comes from the window before: of its ``surplus`` (counted − required) and of the ``eligible`` hours, up to the limit."""

    window: Window
    required: int
    counted: int
    eligible: int
    tenths: int

    @property
    def surplus(self) -> int:
        return max(0, self.counted - self.required)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A standing with the numbers behind it.

    ``required = ⌈rule.tenths × owed_days ÷ window_days⌉``; ``elapsed_days`` include the asked day. What is missing is the most
    that the sum or one minimum lacks: one more hour may serve several of them.
    """

    standing: Standing
    rule: Rule
    window_days: int
    elapsed_days: int
    owed_days: int
    not_owed: tuple[NotOwed, ...]
    channels: tuple[ChannelSum, ...]
    counted_entries: tuple[int, ...]
    not_counted: tuple[NotCounted, ...]
    minimums: tuple[MinimumSum, ...] = ()
    carried: Carried | None = None
