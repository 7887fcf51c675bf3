"""What an overdue duty lacks, and what one more training would leave of it, without reading anybody's ledger again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from zhixing.engine.obligations.answers import Explanation, State
from zhixing.engine.obligations.facts import PersonFacts
from zhixing.engine.obligations.standing import explain
from zhixing.engine.policies import Channel, Policy, Rule


@dataclass(frozen=True, slots=True)
class Lack:
    """An overdue duty; ``rule_no`` is the place of its rule in the policy, hours are in tenths.

    ``above``: how far each minimum of the rule is from being reached (``Minimum.above``); ``rooms``: how much each capped channel
    can still add, in the order of the rule's channels.
    """

    person_id: int
    rule: str
    rule_no: int
    window_opens: dt.date
    window_closes: dt.date
    required_tenths: int
    counted_tenths: int
    missing_tenths: int
    above: tuple[int, ...] = ()
    rooms: tuple[int, ...] = ()

    @property
    def window_days(self) -> int:
        return (self.window_closes - self.window_opens).days + 1


@dataclass(frozen=True, slots=True)
class Training:
    """So many tenths in one channel, about one content (empty: of none that is named), earned from the first to the last day."""

    channel: str
    content: str
    tenths: int
    from_on: dt.date
    to_on: dt.date

    def lies_in(self, opens: dt.date, closes: dt.date) -> bool:
        """Whether all of it lies in the window."""
        return opens <= self.from_on and self.to_on <= closes


def lacks(facts: PersonFacts, policy: Policy, on: dt.date) -> Iterator[Lack]:
    """One person's overdue duties on ``on``, in policy order."""
    for one in explain(facts, policy, on):
        if one.standing.state == State.OVERDUE:
            yield _lack(facts.person_id, next(no for no, rule in enumerate(policy.rules) if rule is one.rule), one)


def _lack(person_id: int, rule_no: int, one: Explanation) -> Lack:
    of = one.standing
    numbers = of.required_tenths, of.counted_tenths, one.owed_days, one.window_days
    return Lack(
        person_id,
        of.rule,
        rule_no,
        of.window_opens,
        of.window_closes,
        of.required_tenths,
        of.counted_tenths,
        of.missing_tenths,
        tuple(held.minimum.above(held.held, *numbers) for held in one.minimums),
        tuple(max(channel.cap - channel.total, 0) for channel in one.channels if channel.cap is not None),
    )


def _counts_for(lack: Lack, rule: Rule, training: Training) -> bool:
    return training.channel in rule.channels and training.lies_in(lack.window_opens, lack.window_closes)


def missing_after(lack: Lack, rule: Rule, training: Training) -> int:
    """The missing tenths that ``after`` would say, without making the rest of it: for very many."""
    if rule.caps or rule.minimums:
        return after(lack, rule, training).missing_tenths
    if not _counts_for(lack, rule, training):
        return lack.missing_tenths
    return max(0, lack.required_tenths - lack.counted_tenths - training.tenths)


def after(lack: Lack, rule: Rule, training: Training) -> Lack:
    """What is lacking when the training counts as well: as the engine would say with one more entry of the ledger.

    In one case it says less than the engine: where a channel is capped, a minimum is given no more than what the cap leaves of the
    whole channel. A training that lies only partly in the window counts for nothing.
    """
    if not _counts_for(lack, rule, training):
        return lack
    capped = [channel for channel in rule.channels if channel in rule.caps]
    channel = Channel(training.channel)
    tenths = min(training.tenths, lack.rooms[capped.index(channel)]) if channel in rule.caps else training.tenths
    counted = lack.counted_tenths + tenths
    above = tuple(
        minimum.above_after(
            was,
            tenths,
            lack.window_days,
            is_of_kind=channel in minimum.channels and (not minimum.contents or training.content in minimum.contents),
        )
        for minimum, was in zip(rule.minimums, lack.above, strict=True)
    )
    missing = (minimum.tenths_in(far, lack.window_days) for minimum, far in zip(rule.minimums, above, strict=True))
    return replace(
        lack,
        counted_tenths=counted,
        missing_tenths=max(0, lack.required_tenths - counted, *missing),
        above=above,
        rooms=tuple(room - tenths if held == channel else room for held, room in zip(capped, lack.rooms, strict=True)),
    )
