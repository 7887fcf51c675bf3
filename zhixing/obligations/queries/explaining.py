"""One person's standings with everything needed to check them by hand, for any day and as known at any moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from zhixing.base.problems import NotFound, Text
from zhixing.engine.obligations import standing as engine
from zhixing.obligations.models import Channel, Entry, Policy, Standing
from zhixing.obligations.problem import facts_for
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.obligations.sentences import NOT_COUNTED, NOT_OWED
from zhixing.people.models import Account, Person


@dataclass(frozen=True)
class NotOwedLine:
    why: Text
    from_on: dt.date
    to_on: dt.date
    days: int


@dataclass(frozen=True)
class ChannelLine:
    label: Text
    total: int
    cap: int | None
    counted: int
    capped: int


@dataclass(frozen=True)
class Duty:
    """One rule's arithmetic: ``required = ceil(asked × owed days ÷ window days)``; the entries that count add up to ``counted`` before caps."""

    title: str
    basis: str
    asked: int
    standing: engine.Standing
    state_label: Text
    window_days: int
    elapsed_days: int
    owed_days: int
    not_owed: list[NotOwedLine]
    channels: list[ChannelLine]
    counted: list[Entry]
    not_counted: list[tuple[Entry, Text]]


@dataclass(frozen=True)
class Explained:
    person: Person
    on: dt.date
    known_on: dt.datetime | None
    policy: Policy | None
    duties: list[Duty]

    @property
    def missing(self) -> int:
        """The largest number of hours (tenths) that one rule still misses."""
        return max((duty.standing.missing_tenths for duty in self.duties), default=0)


def person_for(user: Account, pk: int) -> Person:
    found = Person.objects.visible_to(user).select_related("unit").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def explain_person(person: Person, on: dt.date, known_on: dt.datetime | None = None) -> Explained:
    """Computed now by the one-person reference, from the facts recorded by ``known_on`` (local time; None: all)."""
    policy = policy_in_force(on)
    if policy is None:
        return Explained(person, on, known_on, None, [])
    (facts,) = facts_for([person.pk], known_on)
    entries = {entry.pk: entry for entry in person.entries.all()}
    found = engine.explain(facts, rules_of(policy), on, known_on)
    return Explained(person, on, known_on, policy, [_duty(one, entries) for one in found])


def _duty(one: engine.Explanation, entries: dict[int, Entry]) -> Duty:
    return Duty(
        title=one.rule.title or one.rule.code,
        basis=one.rule.basis or "",
        asked=one.rule.tenths,
        standing=one.standing,
        state_label=Standing.State(one.standing.state).label,
        window_days=one.window_days,
        elapsed_days=one.elapsed_days,
        owed_days=one.owed_days,
        not_owed=[NotOwedLine(NOT_OWED[run.why], run.from_on, run.to_on, run.days) for run in one.not_owed],
        channels=[
            ChannelLine(Channel(c.channel).label, c.total, c.cap, c.counted, c.capped) for c in one.channels if c.total
        ],
        counted=[entries[pk] for pk in one.counted_entries],
        not_counted=[(entries[n.entry_id], NOT_COUNTED[n.why]) for n in one.not_counted if n.entry_id in entries],
    )
