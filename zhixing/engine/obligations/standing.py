"""Where one person stands (完成情况), in plain Python: the reference that the bulk computation must equal.

``explain`` gives the numbers that a person can check by hand; ``standings`` is its short form.
Clause numbers are those of formats.md §2.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from zhixing.engine.obligations.answers import (
    Carried,
    ChannelSum,
    Explanation,
    MinimumSum,
    NotCounted,
    NotOwed,
    Standing,
    State,
    WhyNotCounted,
    WhyNotOwed,
)
from zhixing.engine.obligations.facts import Credit, Exemption, PersonFacts
from zhixing.engine.obligations.windows import ONE_DAY, Window, window, window_before
from zhixing.engine.policies import FROM_A_DAY, Carry, Exempt, Minimum, Policy, Rule, WindowKind


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
    asked = _Asked(facts, rank, on, known_on)
    rules = [(rule, window(rule, on, _began_on(asked, rule))) for rule in policy.rules_for(rank)]
    found = [_explanation(asked, rule, held) for rule, held in rules if held]
    return [one for one in found if not _is_past(one, on)]


def closed_by(facts: PersonFacts, policy: Policy, on: dt.date) -> dict[str, dt.date]:
    """Code → the day on which the last window of each rule closed that had closed by ``on``, of the rank held on ``on``.

    A duty that runs once and still runs has none. Asked on its closing day, ``explain`` says how a window ended.
    """
    rank = rank_on(facts, on)
    if rank is None:
        return {}
    asked = _Asked(facts, rank, on, None)
    found: dict[str, dt.date] = {}
    for rule in policy.rules_for(rank):
        held = window(rule, on, _began_on(asked, rule))
        if held and held.closes > on:
            held = None if rule.window in FROM_A_DAY else window_before(rule, held)
        if held:
            found[rule.code] = held.closes
    return found


def rank_on(facts: PersonFacts, on: dt.date) -> str | None:
    """Clause 2: the rank of the principal posting in force; of several, the last begun, then the smaller unit."""
    if facts.joined_on > on or (facts.left_on is not None and facts.left_on < on):
        return None
    held = [p for p in facts.postings if p.is_principal and p.from_on <= on and (p.to_on is None or on <= p.to_on)]
    return min(held, key=lambda p: (-p.from_on.toordinal(), p.unit_id, p.rank)).rank if held else None


def _began_on(asked: _Asked, rule: Rule) -> dt.date | None:
    """The day from which a rule runs that runs once: the latest promotion, joining, or the first day in the rank that is held."""
    if rule.window == WindowKind.FIRST_YEAR:
        return asked.facts.joined_on
    begun = [p for p in asked.facts.postings if p.from_on <= asked.on]
    if rule.window == WindowKind.AFTER_PROMOTION:
        return max((p.from_on for p in begun if p.promoted), default=None)
    return min((p.from_on for p in begun if p.is_principal and p.rank == asked.rank), default=None)


def _is_past(explanation: Explanation, on: dt.date) -> bool:
    """Clause 3: a duty that runs once, met or exempt when its window has closed, has no row."""
    standing = explanation.standing
    is_done = standing.missing_tenths == 0 and on > standing.window_closes
    return is_done and explanation.rule.window in FROM_A_DAY


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of whom, for which day, with which knowledge; ``rank`` is the one held on the day."""

    facts: PersonFacts
    rank: str
    on: dt.date
    known_on: dt.datetime | None


@dataclass(frozen=True, slots=True)
class _Tally:
    """What one window asks of a person, and what was earned in it."""

    not_owed: tuple[NotOwed, ...]
    owed_days: int
    required: int
    credits: list[Credit]
    not_counted: list[NotCounted]
    channels: tuple[ChannelSum, ...]

    @property
    def earned(self) -> int:
        return sum(channel.counted for channel in self.channels)

    def of(self, part: Minimum | Carry) -> int:
        """Tenths in the part's channels and contents; what a cap takes away is taken from other contents first."""
        return sum(
            _under(channel.cap, (c.tenths for c in self.credits if c.channel == channel.channel and _is_about(c, part)))
            for channel in self.channels
            if channel.channel in part.channels
        )


def _under(cap: int | None, tenths: Iterable[int]) -> int:
    total = sum(tenths)
    return total if cap is None else min(total, cap)


def _is_about(credit: Credit, part: Minimum | Carry) -> bool:
    return not part.contents or credit.content in part.contents


def _tally(asked: _Asked, rule: Rule, held: Window) -> _Tally:
    not_owed = tuple(_not_owed(asked, rule, held))
    owed_days = held.days - sum(run.days for run in not_owed)
    counted, not_counted = _sorted_out(asked, rule, held)
    return _Tally(
        not_owed=not_owed,
        owed_days=owed_days,
        required=-(-rule.tenths * owed_days // held.days),  # rounded up, once (clause 5)
        credits=counted,
        not_counted=not_counted,
        channels=tuple(
            ChannelSum(channel, sum(c.tenths for c in counted if c.channel == channel), rule.caps.get(channel))
            for channel in rule.channels
        ),
    )


def _explanation(asked: _Asked, rule: Rule, held: Window) -> Explanation:
    tally = _tally(asked, rule, held)
    carried = _carried(asked, rule, held)
    counted = tally.earned + (carried.tenths if carried else 0)
    minimums = tuple(_minimum(one, tally, rule.carry, carried, counted, held) for one in rule.minimums)
    missing = max(0, tally.required - counted, *(one.missing for one in minimums))
    return Explanation(
        standing=Standing(
            rule=rule.code,
            window_opens=held.opens,
            window_closes=held.closes,
            required_tenths=tally.required,
            counted_tenths=counted,
            missing_tenths=missing,
            capped_tenths=sum(channel.capped for channel in tally.channels),
            state=_state(tally.required, missing, held, asked.on),
        ),
        rule=rule,
        window_days=held.days,
        elapsed_days=(min(asked.on, held.closes) - held.opens).days + 1,
        owed_days=tally.owed_days,
        not_owed=tally.not_owed,
        channels=tally.channels,
        counted_entries=tuple(credit.entry_id for credit in tally.credits),
        not_counted=tuple(tally.not_counted),
        minimums=minimums,
        carried=carried,
    )


def _carried(asked: _Asked, rule: Rule, held: Window) -> Carried | None:
    """The surplus of the window before, by the same rule; what had been carried into that one is not carried again."""
    if rule.carry is None:
        return None
    before = window_before(rule, held)
    tally = _tally(asked, rule, before)
    eligible = tally.of(rule.carry)
    surplus = max(0, tally.earned - tally.required)
    return Carried(before, tally.required, tally.earned, eligible, max(0, min(surplus, eligible, rule.carry.tenths)))


def _minimum(
    minimum: Minimum, tally: _Tally, carry: Carry | None, carried: Carried | None, counted: int, held: Window
) -> MinimumSum:
    got = tally.of(minimum) + (carried.tenths if carry and carried and carry.serves(minimum) else 0)
    missing = minimum.missing(got, tally.required, counted, tally.owed_days, held.days)
    return MinimumSum(minimum, got, missing)


def _state(required: int, missing: int, held: Window, on: dt.date) -> State:
    """Clause 6. Whole numbers only: reached ÷ required is held against elapsed ÷ window without dividing."""
    if required == 0:
        return State.EXEMPT
    if missing == 0:
        return State.MET
    if held.closes <= on:
        return State.OVERDUE
    elapsed_days = (on - held.opens).days + 1
    return State.ON_TRACK if (required - missing) * held.days >= required * elapsed_days else State.SHORT


def _not_owed(asked: _Asked, rule: Rule, held: Window) -> Iterator[NotOwed]:
    """Clause 5: the days before joining, then the exempt days that are left, runs that overlap joined into one.

    Whom the rule itself exempts owes no day.
    """
    if clause := next((one for one in rule.exempt if _exempts(one, asked, held)), None):
        yield NotOwed(WhyNotOwed.EXEMPT_BY_RULE, held.opens, held.closes, clause.why)
        return
    first_owed, joined_on = held.opens, asked.facts.joined_on
    if rule.prorate_join and joined_on > held.opens:
        first_owed = min(joined_on, held.closes + ONE_DAY)
        yield NotOwed(WhyNotOwed.BEFORE_JOINING, held.opens, first_owed - ONE_DAY)
    exempt = [
        (max(e.from_on, first_owed), min(e.to_on, held.closes))
        for e in asked.facts.exemptions
        if e.rule == rule.code and _is_known(e, asked.known_on)
    ]
    for from_on, to_on in _joined(exempt):
        yield NotOwed(WhyNotOwed.EXEMPT, from_on, to_on)


def _exempts(clause: Exempt, asked: _Asked, held: Window) -> bool:
    facts = asked.facts
    if clause.joined_last_days is not None:
        return (held.closes - facts.joined_on).days + 1 < clause.joined_last_days
    if clause.leaving:
        return facts.left_on is not None and held.opens <= facts.left_on <= held.closes
    return asked.rank in clause.ranks


def _joined(runs: Iterable[tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    """Runs of days (both ends included), empty ones left out, sorted, joined where they overlap or touch."""
    joined: list[tuple[dt.date, dt.date]] = []
    for from_on, to_on in sorted(run for run in runs if run[0] <= run[1]):
        if joined and from_on <= joined[-1][1] + ONE_DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], to_on))
        else:
            joined.append((from_on, to_on))
    return joined


def _sorted_out(asked: _Asked, rule: Rule, held: Window) -> tuple[list[Credit], list[NotCounted]]:
    """Clauses 1 and 4: the entries that count, and the others each with the first reason why not, by entry id."""
    entries = sorted(asked.facts.credits, key=lambda credit: credit.entry_id)
    reversed_ids = {c.reverses for c in entries if c.reverses is not None and _is_known(c, asked.known_on)}
    counted: list[Credit] = []
    not_counted: list[NotCounted] = []
    for credit in entries:
        why = _why_not_counted(credit, asked, rule, held, reversed_ids)
        if why is None:
            counted.append(credit)
        else:
            not_counted.append(NotCounted(credit.entry_id, why))
    return counted, not_counted


def _why_not_counted(
    credit: Credit, asked: _Asked, rule: Rule, held: Window, reversed_ids: Collection[int]
) -> WhyNotCounted | None:
    reasons = (
        (not _is_known(credit, asked.known_on), WhyNotCounted.NOT_YET_KNOWN),
        (credit.reverses is not None, WhyNotCounted.REVERSAL),
        (credit.entry_id in reversed_ids, WhyNotCounted.REVERSED),
        (credit.earned_on > asked.on, WhyNotCounted.AFTER_ON),
        (not held.opens <= credit.earned_on <= held.closes, WhyNotCounted.OUTSIDE_WINDOW),
        (credit.channel not in rule.channels, WhyNotCounted.CHANNEL_NOT_COUNTED),
    )
    return next((why for holds, why in reasons if holds), None)


def _is_known(fact: Credit | Exemption, known_on: dt.datetime | None) -> bool:
    return known_on is None or fact.recorded_at <= known_on
