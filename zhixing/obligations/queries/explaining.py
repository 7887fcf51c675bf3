"""One person's standings with everything needed to check them by hand, for any day and as known at the end of any day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.utils import timezone

from zhixing.base.problems import Text
from zhixing.engine import policies as engine
from zhixing.engine.obligations.answers import Explanation
from zhixing.engine.obligations.facts import PersonFacts
from zhixing.engine.obligations.standing import explain, rank_on
from zhixing.obligations.models import Entry, Policy, Standing
from zhixing.obligations.problem import end_of, facts_for, local, standing_exemptions
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.obligations.sentences import NOT_COUNTED, Excused, Line, arithmetic
from zhixing.people.models import Person
from zhixing.people.queries import Correction, corrections_of


@dataclass(frozen=True)
class Duty:
    """One rule: the engine's numbers, the same in sentences, and the entries behind them."""

    explanation: Explanation
    state_label: Text
    lines: list[Line]
    counted: list[Entry]
    not_counted: list[tuple[Entry, Text]]

    @property
    def title(self) -> str:
        return self.explanation.rule.title or self.explanation.rule.code


@dataclass(frozen=True)
class Explained:
    """``rank`` is the one that decides which rules hold; ``known_on`` None: with all that is known now."""

    person: Person
    on: dt.date
    known_on: dt.date | None
    policy: Policy | None
    rank: str
    duties: list[Duty]

    @property
    def missing(self) -> int:
        """The largest number of hours (tenths) that one rule still misses."""
        return max((duty.explanation.standing.missing_tenths for duty in self.duties), default=0)

    @property
    def policy_is_younger(self) -> bool:
        """Whether the rules were signed only after the day whose knowledge is asked for."""
        if self.policy is None or self.known_on is None:
            return False
        return timezone.localdate(self.policy.signed_at) > self.known_on


def corrections_since(explained: Explained) -> list[Correction]:
    """What became known of the person's posts and dates of service after the moment whose knowledge is used; nothing without one."""
    if explained.known_on is None:
        return []
    until = max((duty.explanation.standing.window_closes for duty in explained.duties), default=explained.on)
    key = explained.person.pk
    return corrections_of([key], end_of(explained.known_on), explained.on, max(until, explained.on)).get(key, [])


def explain_person(person: Person, on: dt.date, known_on: dt.date | None = None) -> Explained:
    """Computed now by the one-person reference, from the facts recorded by the end of ``known_on`` (None: all)."""
    return explain_people([person], on, known_on)[0]


def explain_people(people: Sequence[Person], on: dt.date, known_on: dt.date | None = None) -> list[Explained]:
    """The same for several, in their order and in as many queries as for one."""
    policy = policy_in_force(on)
    if policy is None:
        return [Explained(person, on, known_on, None, "", []) for person in people]
    moment = local(end_of(known_on)) if known_on else None
    keys = [person.pk for person in people]
    facts = {found.person_id: found for found in facts_for(keys, moment)}
    entries = {entry.pk: entry for entry in Entry.objects.filter(person__in=keys)}
    rules, excused = rules_of(policy), _excused(facts.values(), moment)
    return [
        Explained(
            person,
            on,
            known_on,
            policy,
            rank_on(facts[person.pk], on) or "",
            [_duty(found, entries, on, excused[person.pk]) for found in explain(facts[person.pk], rules, on, moment)],
        )
        for person in people
    ]


def explain_under(
    keys: Collection[int], policies: Sequence[engine.Policy | None], on: dt.date, known_at: dt.datetime
) -> dict[int, list[list[Duty]]]:
    """Person → what each of ``policies`` says (None: nothing), which need not be signed, by what was recorded until ``known_at``."""
    moment = local(known_at)
    entries = {entry.pk: entry for entry in Entry.objects.filter(person__in=keys)}
    people = facts_for(keys, moment)
    excused = _excused(people, moment)
    return {
        facts.person_id: [
            [_duty(found, entries, on, excused[facts.person_id]) for found in explain(facts, rules, on, moment)]
            if rules
            else []
            for rules in policies
        ]
        for facts in people
    }


Reasons: TypeAlias = Mapping[str, Sequence[Excused]]
"""Code of a rule → the exemptions from it."""


def _excused(people: Collection[PersonFacts], moment: dt.datetime | None) -> Mapping[int, Reasons]:
    """Person → the exemptions that stood and were known at ``moment`` (local; None: now), with their reasons.

    Most people have none: only who has some costs a query.
    """
    excused: dict[int, dict[str, list[Excused]]] = {facts.person_id: {} for facts in people}
    rows = standing_exemptions(moment).filter(person__in=[facts.person_id for facts in people if facts.exemptions])
    for person, rule, recorded_at, first, last, reason in rows.values_list(
        "person_id", "rule", "recorded_at", "from_on", "to_on", "reason"
    ):
        if moment is None or local(recorded_at) <= moment:
            excused[person].setdefault(rule, []).append(Excused(first, last, reason))
    return excused


def by_rule(before: Iterable[Duty], after: Iterable[Duty]) -> list[tuple[str, Duty | None, Duty | None]]:
    """(rule, before, after) of two answers side by side; None where one asks nothing. In the order of ``after``."""
    was, will = ({duty.explanation.standing.rule: duty for duty in duties} for duties in (before, after))
    return [(code, was.get(code), will.get(code)) for code in (*will, *(code for code in was if code not in will))]


def _duty(found: Explanation, entries: dict[int, Entry], on: dt.date, excused: Reasons) -> Duty:
    return Duty(
        explanation=found,
        state_label=Standing.State(found.standing.state).label,
        lines=arithmetic(found, on, excused.get(found.rule.code, ())),
        counted=_by_day(entries[key] for key in found.counted_entries),
        not_counted=[(entries[one.entry_id], NOT_COUNTED[one.why]) for one in reversed(found.not_counted)],
    )


def _by_day(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.earned_on, entry.pk))
