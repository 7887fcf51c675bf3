"""The answer of a promotion check: each person's duties as of the day, what follows from them, and what is contested.

It proposes nothing and orders nobody: the people stand as the list named them. It lives in the archive, not beside the standings,
because what is contested stands in attendance and call-ups, which lie above the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from zhixing.archive.models import PromotionCheck
from zhixing.archive.queries.contested import Contest, contested
from zhixing.engine.obligations.windows import from_beginning
from zhixing.engine.policies import Rule, WindowKind
from zhixing.obligations.queries.explaining import Duty, Explained, explain_people
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.people.models import Account, Person

BEHIND: Final = frozenset({"short", "overdue"})


class Outcome(TextChoices):
    """What the duties say together."""

    MET = "met", _("Requirement met")
    ON_PACE = "on_track", _("On pace, window still open")
    CATCH_UP = "due", _("Catch-up under way")
    NOT_MET = "short", _("Requirement not met")
    NO_RULE = "quiet", _("No rule asks hours")


@dataclass(frozen=True)
class CheckedPerson:
    """``due_on``: by when what is missing must be caught up: of a catch-up under way, or if the person is appointed on the day checked."""

    explained: Explained
    outcome: Outcome
    due_on: dt.date | None
    basis: str
    contests: list[Contest]

    @property
    def person(self) -> Person:
        return self.explained.person

    @property
    def if_appointed(self) -> bool:
        """Whether ``due_on`` hangs on an appointment that has not been made."""
        return self.outcome == Outcome.NOT_MET


@dataclass(frozen=True)
class Answer:
    """``missing``: how many of the list no longer lie in the reader's scope."""

    check: PromotionCheck
    people: list[CheckedPerson]
    missing: int

    @property
    def counts(self) -> list[tuple[Outcome, int]]:
        found = Counter(one.outcome for one in self.people)
        return [(outcome, found[outcome]) for outcome in Outcome if found[outcome]]

    @property
    def rules_are_younger(self) -> bool:
        """Whether the rules were signed only after the day whose knowledge is used."""
        return any(one.explained.policy_is_younger for one in self.people)

    @property
    def contested(self) -> int:
        return sum(bool(one.contests) for one in self.people)


def answer_for(check: PromotionCheck, user: Account) -> Answer:
    """For the people of the list whom ``user`` sees, in its order."""
    seen = Person.objects.visible_to(user).select_related("unit").in_bulk(check.people)
    people = [seen[key] for key in check.people if key in seen]
    explained = explain_people(people, check.on, check.known_on)
    open_matters = contested([person.pk for person in people], check.on, check.known_on)
    found = [_checked(one, open_matters.get(one.person.pk, [])) for one in explained]
    return Answer(check, found, len(check.people) - len(people))


def _checked(explained: Explained, contests: list[Contest]) -> CheckedPerson:
    outcome = outcome_of(explained.duties, explained.on)
    due_on, basis = None, ""
    if outcome == Outcome.CATCH_UP:
        open_duties = [duty for duty in explained.duties if _is_open_catch_up(duty, explained.on)]
        due_on = max(duty.explanation.standing.window_closes for duty in open_duties)
        basis = open_duties[0].explanation.rule.basis
    elif outcome == Outcome.NOT_MET and (rule := _catch_up_rule(explained)) is not None:
        due_on, basis = from_beginning(rule, explained.on).closes, rule.basis
    return CheckedPerson(explained, outcome, due_on, basis, contests)


def outcome_of(duties: Sequence[Duty], on: dt.date) -> Outcome:
    """Not met when one rule is behind or overdue; a catch-up whose year still runs is said as such."""
    if not duties:
        return Outcome.NO_RULE
    rest = [duty for duty in duties if not _is_open_catch_up(duty, on)]
    if any(duty.explanation.standing.state in BEHIND for duty in rest):
        return Outcome.NOT_MET
    if len(rest) < len(duties):
        return Outcome.CATCH_UP
    return Outcome.ON_PACE if any(duty.explanation.standing.missing_tenths for duty in duties) else Outcome.MET


def _is_open_catch_up(duty: Duty, on: dt.date) -> bool:
    standing = duty.explanation.standing
    return (
        duty.explanation.rule.window == WindowKind.AFTER_PROMOTION
        and standing.missing_tenths > 0
        and standing.window_closes >= on
    )


def _catch_up_rule(explained: Explained) -> Rule | None:
    """By which whoever is promoted without having met the requirement catches up; None where the policy asks none."""
    policy = policy_in_force(explained.on)
    rules = rules_of(policy).rules_for(explained.rank) if policy else []
    return next((rule for rule in rules if rule.window == WindowKind.AFTER_PROMOTION), None)
