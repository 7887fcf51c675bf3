"""One day as it was known then beside the same day as it is known now: was the person compliant, and did anybody know?

A promotion is asked about on the day before it (提任前): on the day itself the new rank's rules hold, and their duties stand at nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.engine import policies as engine
from zhixing.engine.obligations.standing import closed_by
from zhixing.engine.obligations.windows import ONE_DAY
from zhixing.obligations.models import Entry, EntryAppeal
from zhixing.obligations.problem import end_of, facts_for, local
from zhixing.obligations.queries.explaining import Duty, Explained, by_rule, explain_person
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.people.models import Account, Person


@dataclass(frozen=True)
class EntryThenAndNow:
    """One entry that counts in at least one of the two; ``why`` says what made the difference (empty: none)."""

    entry: Entry
    then: bool
    now: bool
    why: str
    contested: bool

    @property
    def differs(self) -> bool:
        return self.then != self.now


@dataclass(frozen=True)
class DutyThenAndNow:
    """One rule in both; None where it asked nothing."""

    then: Duty | None
    now: Duty | None
    entries: list[EntryThenAndNow]

    @property
    def title(self) -> str:
        return self.shown.title

    @property
    def shown(self) -> Duty:
        """The one that says which rule and which window."""
        found = self.now or self.then
        if found is None:
            raise ValueError("a rule that asks nothing in both")
        return found

    @property
    def code(self) -> str:
        return self.shown.explanation.standing.rule

    @property
    def closes(self) -> dt.date:
        return self.shown.explanation.standing.window_closes

    @property
    def pairs(self) -> list[tuple[str, int | None, int | None]]:
        """(label, tenths then, tenths now)."""
        names = (("required_tenths", _("required")), ("counted_tenths", _("counted")), ("missing_tenths", _("missing")))
        return [(label, _number(self.then, name), _number(self.now, name)) for name, label in names]

    @property
    def differs(self) -> bool:
        return _figures(self.then) != _figures(self.now)


@dataclass(frozen=True)
class Hindsight:
    """``then`` is ``on`` as known at the end of ``known_on``; ``now`` is ``on`` with all that is known today."""

    then: Explained
    now: Explained
    duties: list[DutyThenAndNow]

    @property
    def differs(self) -> bool:
        return any(duty.differs for duty in self.duties)


def hindsight(person: Person, on: dt.date, known_on: dt.date) -> Hindsight:
    then, now = explain_person(person, on, known_on), explain_person(person, on)
    moves = _later_moves(person, known_on)
    contested = set(person.entry_appeals.filter(state=EntryAppeal.State.OPEN).values_list("entry", flat=True))
    duties = [_duty(old, new, moves, contested) for _rule, old, new in by_rule(then.duties, now.duties)]
    return Hindsight(then, now, duties)


@dataclass(frozen=True)
class BeforePromotion:
    """The day before a promotion, under the old rank: how each rule's last window had ended, and the windows that still ran."""

    day: Hindsight
    closed: list[DutyThenAndNow]
    running: list[DutyThenAndNow]
    rules_are_younger: bool

    @property
    def unmet_then(self) -> list[str]:
        """The titles of the rules whose last window had ended unmet, by what was known then."""
        return [duty.title for duty in self.closed if _is_unmet(duty.then)]

    @property
    def unmet_now(self) -> list[str]:
        return [duty.title for duty in self.closed if _is_unmet(duty.now)]


def before_promotion(person: Person, promoted_on: dt.date, known_on: dt.date) -> BeforePromotion:
    """Each window is asked about on the day on which it closed, by the policy and rank of that day.

    Where that policy's window of the same code runs on, none had closed by it and nothing is said.
    """
    day = promoted_on - ONE_DAY
    seen = {day: hindsight(person, day, known_on)}
    policy = policy_in_force(day)
    closed = []
    for code, closes in _closed_by(person, rules_of(policy), day, known_on) if policy else ():
        if closes not in seen:
            seen[closes] = hindsight(person, closes, known_on)
        closed += [duty for duty in seen[closes].duties if duty.code == code and duty.closes <= closes]
    running = [duty for duty in seen[day].duties if duty.closes > day]
    rules_are_younger = any(one.then.policy_is_younger for one in seen.values())
    return BeforePromotion(seen[day], closed, running, rules_are_younger)


def _closed_by(
    person: Person, rules: engine.Policy, day: dt.date, known_on: dt.date
) -> dict[tuple[str, dt.date], None]:
    """(rule, last day) of the last windows that had closed by ``day``, as known then or as known now, in order."""
    known = [*facts_for([person.pk]), *facts_for([person.pk], local(end_of(known_on)))]
    return dict.fromkeys(window for facts in known for window in closed_by(facts, rules, day).items())


def _is_unmet(duty: Duty | None) -> bool:
    return duty is not None and duty.explanation.standing.missing_tenths > 0


def _duty(then: Duty | None, now: Duty | None, moves: dict[int, str], contested: set[int]) -> DutyThenAndNow:
    known = {entry.pk: entry for duty in (then, now) if duty for entry in duty.counted}
    before, after = ({entry.pk for entry in duty.counted} if duty else set() for duty in (then, now))
    entries = [
        EntryThenAndNow(
            entry=entry,
            then=key in before,
            now=key in after,
            why=moves.get(key, "") if (key in before) != (key in after) else "",
            contested=key in contested,
        )
        for key, entry in sorted(known.items(), key=lambda pair: (pair[1].earned_on, pair[0]))
    ]
    return DutyThenAndNow(then, now, entries)


def _later_moves(person: Person, known_on: dt.date) -> dict[int, str]:
    """Entry → what was done to it after ``known_on``: recorded, or cancelled by whom and why."""
    entries = list(person.entries.all())
    names = dict(Account.objects.filter(pk__in={one.recorded_by_id for one in entries}).values_list("pk", "name"))
    return dict(_moves(entries, names, known_on))


def _moves(entries: list[Entry], names: dict[int, str], known_on: dt.date) -> Iterator[tuple[int, str]]:
    for one in sorted(entries, key=lambda entry: entry.recorded_at):
        day = timezone.localdate(one.recorded_at)
        if day <= known_on:
            continue
        words = {"day": day, "who": names.get(one.recorded_by_id or 0, _("the system")), "why": one.reason}
        if one.reverses_id:
            yield one.reverses_id, _("cancelled on %(day)s by %(who)s: %(why)s") % words
        else:
            yield one.pk, _("recorded only on %(day)s by %(who)s") % words


def _number(duty: Duty | None, name: str) -> int | None:
    return getattr(duty.explanation.standing, name) if duty else None


def _figures(duty: Duty | None) -> tuple[int, int, str] | None:
    if duty is None:
        return None
    standing = duty.explanation.standing
    return standing.required_tenths, standing.counted_tenths, str(standing.state)
