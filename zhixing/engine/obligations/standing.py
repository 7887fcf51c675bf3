"""Where one person stands (完成情况), in plain Python: the reference that the bulk computation must equal.

``explain`` gives the numbers that a person can check by hand; ``standings`` is its short form.
Clause numbers are those of formats.md §2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from zhixing.engine.obligations.windows import ONE_DAY, Window, window
from zhixing.engine.policies import Channel, Policy, Rule, WindowKind


@dataclass(frozen=True, slots=True)
class Posting:
    """A post held from ``from_on`` to ``to_on`` (included; None: still). ``promoted``: it began with a promotion."""

    unit_id: int
    rank: str
    from_on: dt.date
    to_on: dt.date | None = None
    is_principal: bool = True
    promoted: bool = False


@dataclass(frozen=True, slots=True)
class Credit:
    """An entry of the hours ledger; ``reverses`` names the entry that it cancels; ``recorded_at`` is local time."""

    entry_id: int
    earned_on: dt.date
    tenths: int
    channel: str
    recorded_at: dt.datetime
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """Days (both ends included) on which the rules of code ``rule`` ask nothing of the person."""

    rule: str
    from_on: dt.date
    to_on: dt.date
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All that is known of one person; ``left_on`` is the last day of service.

    ``credits`` must also hold the entries that cancel this person's, even one booked under somebody else
    (it counts for nothing itself).
    """

    person_id: int
    joined_on: dt.date
    left_on: dt.date | None
    postings: tuple[Posting, ...] = ()
    credits: tuple[Credit, ...] = ()
    exemptions: tuple[Exemption, ...] = ()


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
class Explanation:
    """A standing with the numbers behind it.

    ``required = ⌈rule.tenths × owed_days ÷ window_days⌉``; ``elapsed_days`` include the asked day.
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


def standings(facts: PersonFacts, policy: Policy, on: dt.date, known_on: dt.datetime | None = None) -> list[Standing]:
    """One standing per code that asks something of the person on ``on``, in policy order.

    Only facts recorded by ``known_on`` (local time without zone; None: all) are seen.
    """
    return [explanation.standing for explanation in explain(facts, policy, on, known_on)]


def explain(facts: PersonFacts, policy: Policy, on: dt.date, known_on: dt.datetime | None = None) -> list[Explanation]:
    """The same standings, each with its numbers."""
    rank = rank_on(facts, on)
    if rank is None:
        return []
    promoted_on = max((p.from_on for p in facts.postings if p.promoted and p.from_on <= on), default=None)
    rules = [(rule, window(rule, on, promoted_on)) for rule in policy.rules_for(rank)]
    found = [_explanation(facts, rule, held, on, known_on) for rule, held in rules if held]
    return [one for one in found if not _is_past(one, on)]


def rank_on(facts: PersonFacts, on: dt.date) -> str | None:
    """Clause 2: the rank of the principal posting in force; of several, the last begun, then the smaller unit."""
    if facts.joined_on > on or (facts.left_on is not None and facts.left_on < on):
        return None
    held = [p for p in facts.postings if p.is_principal and p.from_on <= on and (p.to_on is None or on <= p.to_on)]
    return min(held, key=lambda p: (-p.from_on.toordinal(), p.unit_id, p.rank)).rank if held else None


def _is_past(explanation: Explanation, on: dt.date) -> bool:
    """Clause 3: a duty after a promotion that is met or exempt when its window has closed has no row."""
    standing = explanation.standing
    is_done = standing.missing_tenths == 0 and on > standing.window_closes
    return is_done and explanation.rule.window == WindowKind.AFTER_PROMOTION


def _explanation(
    facts: PersonFacts, rule: Rule, held: Window, on: dt.date, known_on: dt.datetime | None
) -> Explanation:
    not_owed = tuple(_not_owed(facts, rule, held, known_on))
    owed_days = held.days - sum(run.days for run in not_owed)
    counted, not_counted = _sorted_out(facts.credits, rule, held, on, known_on)
    channels = tuple(
        ChannelSum(channel, sum(c.tenths for c in counted if c.channel == channel), rule.caps.get(channel))
        for channel in rule.channels
    )
    elapsed_days = (min(on, held.closes) - held.opens).days + 1
    required = -(-rule.tenths * owed_days // held.days)  # rounded up, once (clause 5)
    total = sum(channel.counted for channel in channels)
    return Explanation(
        standing=Standing(
            rule=rule.code,
            window_opens=held.opens,
            window_closes=held.closes,
            required_tenths=required,
            counted_tenths=total,
            missing_tenths=max(0, required - total),
            capped_tenths=sum(channel.capped for channel in channels),
            state=_state(required, total, held, on),
        ),
        rule=rule,
        window_days=held.days,
        elapsed_days=elapsed_days,
        owed_days=owed_days,
        not_owed=not_owed,
        channels=channels,
        counted_entries=tuple(credit.entry_id for credit in counted),
        not_counted=tuple(not_counted),
    )


def _state(required: int, counted: int, held: Window, on: dt.date) -> State:
    """Clause 6. Whole numbers only: counted ÷ required is held against elapsed ÷ window without dividing."""
    if required == 0:
        return State.EXEMPT
    if counted >= required:
        return State.MET
    if held.closes <= on:
        return State.OVERDUE
    elapsed_days = (on - held.opens).days + 1
    return State.ON_TRACK if counted * held.days >= required * elapsed_days else State.SHORT


def _not_owed(facts: PersonFacts, rule: Rule, held: Window, known_on: dt.datetime | None) -> Iterator[NotOwed]:
    """Clause 5: the days before joining, then the exempt days that are left, runs that overlap joined into one."""
    first_owed = held.opens
    if rule.prorate_join and facts.joined_on > held.opens:
        first_owed = min(facts.joined_on, held.closes + ONE_DAY)
        yield NotOwed(WhyNotOwed.BEFORE_JOINING, held.opens, first_owed - ONE_DAY)
    exempt = [
        (max(e.from_on, first_owed), min(e.to_on, held.closes))
        for e in facts.exemptions
        if e.rule == rule.code and _is_known(e, known_on)
    ]
    for from_on, to_on in _joined(exempt):
        yield NotOwed(WhyNotOwed.EXEMPT, from_on, to_on)


def _joined(runs: Iterable[tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    """Runs of days (both ends included), empty ones left out, sorted, joined where they overlap or touch."""
    joined: list[tuple[dt.date, dt.date]] = []
    for from_on, to_on in sorted(run for run in runs if run[0] <= run[1]):
        if joined and from_on <= joined[-1][1] + ONE_DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], to_on))
        else:
            joined.append((from_on, to_on))
    return joined


def _sorted_out(
    credits: Iterable[Credit], rule: Rule, held: Window, on: dt.date, known_on: dt.datetime | None
) -> tuple[list[Credit], list[NotCounted]]:
    """Clauses 1 and 4: the entries that count, and the others each with the first reason why not, by entry id."""
    entries = sorted(credits, key=lambda credit: credit.entry_id)
    reversed_ids = {c.reverses for c in entries if c.reverses is not None and _is_known(c, known_on)}
    counted: list[Credit] = []
    not_counted: list[NotCounted] = []
    for credit in entries:
        why = _why_not_counted(credit, rule, held, on, known_on, credit.entry_id in reversed_ids)
        if why is None:
            counted.append(credit)
        else:
            not_counted.append(NotCounted(credit.entry_id, why))
    return counted, not_counted


def _why_not_counted(
    credit: Credit, rule: Rule, held: Window, on: dt.date, known_on: dt.datetime | None, is_reversed: bool
) -> WhyNotCounted | None:
    reasons = (
        (not _is_known(credit, known_on), WhyNotCounted.NOT_YET_KNOWN),
        (credit.reverses is not None, WhyNotCounted.REVERSAL),
        (is_reversed, WhyNotCounted.REVERSED),
        (credit.earned_on > on, WhyNotCounted.AFTER_ON),
        (not held.opens <= credit.earned_on <= held.closes, WhyNotCounted.OUTSIDE_WINDOW),
        (credit.channel not in rule.channels, WhyNotCounted.CHANNEL_NOT_COUNTED),
    )
    return next((why for holds, why in reasons if holds), None)


def _is_known(fact: Credit | Exemption, known_on: dt.datetime | None) -> bool:
    return known_on is None or fact.recorded_at <= known_on
