"""What a new policy would change, person by person: computed beside the policy in force, then read by unit and by rank.

A comparison keeps which policy was in force and until when facts were known, so it says the same after the draft is signed.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from zhixing.base.models import Job
from zhixing.base.problems import Conflict
from zhixing.engine import policies
from zhixing.obligations.models import Policy, PolicyEffect
from zhixing.obligations.problem import Row, held_rank, local, stand
from zhixing.obligations.queries.policies import parsed, policy_in_force, rule_titles, rules_of, titles_of
from zhixing.people.models import Account, Unit

Direction = PolicyEffect.Direction
SEVERITY = {"overdue": 3, "short": 2, "on_track": 1}
"""Who has nothing left to do (met, exempt, no requirement) stands at 0."""


class Answer(NamedTuple):
    """One standing; nothing is asked where there is none."""

    state: str = ""
    required: int = 0
    missing: int = 0


class Effect(NamedTuple):
    """A row of ``PolicyEffect`` without its job, in the order of its columns."""

    person_id: int
    rule: str
    direction: str
    before: str
    after: str
    missing_before: int
    missing_after: int


@dataclass(frozen=True)
class Weighed:
    """``summary``: ``{"on", "changes": [{"rule", "before", "after", "people"}], "required": {"before", "after"}, "effects", "digest", "held",
    "known_at"}``, a state empty where the rule asks nothing, changes sorted by rule, then by how many people, required in tenths of
    everyone together, the number of effects, the digests of the draft and of the policy in force (empty: none), the moment in ISO with
    its zone. ``effects``: by person and rule.
    """

    summary: dict[str, Any]
    effects: list[Effect]


def weigh(
    text: str, on: dt.date, known_at: dt.datetime, progress: Callable[[int, int], None] = lambda done, total: None
) -> Weighed:
    """Everyone on ``on`` under the policy in force and under ``text``, by what was recorded until ``known_at``."""
    held, draft = policy_in_force(on), policies.parse(text)
    before = _answers(stand(None, rules_of(held), on, local(known_at))) if held else {}
    progress(1, 3)
    after = _answers(stand(None, draft, on, local(known_at)))
    progress(2, 3)
    effects = list(_effects(before, after))
    moves = Counter((one.rule, one.before, one.after) for one in effects if one.before != one.after)
    changes = [
        {"rule": rule, "before": old, "after": new, "people": people}
        for (rule, old, new), people in sorted(moves.items(), key=lambda move: (move[0][0], -move[1], move[0]))
    ]
    summary = {
        "on": on.isoformat(),
        "changes": changes,
        "required": {"before": _required(before), "after": _required(after)},
        "effects": len(effects),
        "digest": draft.digest,
        "held": held.digest if held else "",
        "known_at": known_at.isoformat(),
    }
    return Weighed(summary, effects)


Answers = Mapping[tuple[int, str], Answer]


def _answers(rows: list[Row]) -> Answers:
    """(person, rule) → what the policy says."""
    return {(row[0], row[1]): Answer(row[8], row[4], row[6]) for row in rows}


def _required(answers: Answers) -> int:
    return sum(answer.required for answer in answers.values())


def _effects(before: Answers, after: Answers) -> Iterator[Effect]:
    nothing = Answer()
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, nothing), after.get(key, nothing)
        if (old.state, old.missing) != (new.state, new.missing):
            yield Effect(*key, _direction(old, new), old.state, new.state, old.missing, new.missing)


def _direction(old: Answer, new: Answer) -> str:
    """A worse state is heavier, whatever the hours; of equal states more missing hours are."""
    was, will = ((SEVERITY.get(answer.state, 0), answer.missing) for answer in (old, new))
    if was == will:
        return Direction.OTHER
    return Direction.HEAVIER if will > was else Direction.LIGHTER


@dataclass(frozen=True)
class Compared:
    """What a comparison that has ended was made of; ``held`` is None where no policy was in force."""

    held: Policy | None
    draft: policies.Policy
    on: dt.date
    known_at: dt.datetime

    @property
    def policies(self) -> tuple[policies.Policy | None, policies.Policy]:
        """What the policy in force says, and the draft."""
        return rules_of(self.held) if self.held else None, self.draft

    @property
    def titles(self) -> dict[str, str]:
        """Code → title, of both policies; the draft's where both have it."""
        return {**rule_titles(self.held), **titles_of(self.draft)}


def compared(job: Job) -> Compared:
    """Raises ``Conflict`` for a comparison that did not yet keep what it was made of."""
    if "held" not in job.result:
        raise Conflict(_("This comparison is no longer kept. Weigh the text again to see whom it would touch now."))
    return Compared(
        Policy.objects.filter(digest=job.result["held"]).first(),
        parsed(job.arguments["text"]),
        dt.date.fromisoformat(job.result["on"]),
        dt.datetime.fromisoformat(job.result["known_at"]),
    )


def is_kept(job: Job) -> bool:
    """Whether it is still on record whom a comparison that has ended would touch."""
    return job.result.get("effects") == 0 or job.policy_effects.exists()


@dataclass(frozen=True)
class Balance:
    """How many people of a unit (with all below) or of a rank lose and gain under at least one rule; ``key`` filters the list."""

    key: str
    label: str
    heavier: int
    lighter: int


@dataclass(frozen=True)
class Impact:
    """Each person once in ``heavier`` and once in ``lighter``: who loses under one rule and gains under another is in both."""

    heavier: int
    lighter: int
    units: list[Balance]
    ranks: list[Balance]


def effects_of(job: Job, user: Account) -> QuerySet[PolicyEffect]:
    return PolicyEffect.objects.visible_to(user).filter(job=job)


def impact_of(job: Job, user: Account) -> Impact:
    rows = effects_of(job, user).exclude(direction=Direction.OTHER).order_by()
    counted = list(
        rows.annotate(held=held_rank("person__"))
        .values_list("direction", "person__unit__path", "held")
        .annotate(people=Count("person", distinct=True))
    )
    names = _units_below(user)
    totals: Counter[str] = Counter()
    units: Counter[tuple[str, str]] = Counter()
    ranks: Counter[tuple[str, str]] = Counter()
    for direction, path, rank, people in counted:
        totals[direction] += people
        ranks[rank, direction] += people
        if top := next((one for one in names if (path or "").startswith(one)), None):
            units[top, direction] += people
    return Impact(
        totals[Direction.HEAVIER],
        totals[Direction.LIGHTER],
        _balances({path: (str(pk), name) for path, (pk, name) in names.items()}, units),
        _balances({rank: (rank, rank) for rank, _direction in ranks}, ranks),
    )


def _units_below(user: Account) -> dict[str, tuple[int, str]]:
    """Path → unit, right below the user's own."""
    rows = Unit.objects.right_below(user).values_list("path", "pk", "name")
    return {path: (pk, name) for path, pk, name in rows}


def _balances(places: Mapping[str, tuple[str, str]], counts: Counter[tuple[str, str]]) -> list[Balance]:
    """In the order of ``places``: this is no ranking."""
    lines = [
        Balance(key, label, counts[place, Direction.HEAVIER], counts[place, Direction.LIGHTER])
        for place, (key, label) in places.items()
    ]
    return [line for line in lines if line.heavier or line.lighter]
