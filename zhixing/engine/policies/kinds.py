"""Which kind of rule file a TOML text is, told by its tables, so that each is read by its own strict parser."""

from __future__ import annotations

import tomllib
from enum import StrEnum

from zhixing.engine.policies.document import line_numbers


class Kind(StrEnum):
    """The kinds of rule files. ``HOURS`` is a policy: what hours are owed."""

    HOURS = "hours"
    LEAVE = "leave"
    EVALUATION = "evaluation"
    NEEDS = "needs"
    HOLIDAYS = "holidays"
    PLAN = "plan"


_TABLES = {
    Kind.HOURS: "policy rule recognition",
    Kind.LEAVE: "sign_in hours evidence cap ask approver ladder make_up completion correction appeal",
    Kind.EVALUATION: "results grades asking courses scheme",
    Kind.NEEDS: "sources scale",
    Kind.PLAN: "rules",  # last: the head of others has this name too
}
"""Tables by which a kind is known; holidays are known by years."""


def kind_of(text: str) -> Kind:
    """The kind of a text, sound or not; one without any known table is taken for a policy of hours."""
    names = _top_tables(text)
    if any(name.isdigit() for name in names):
        return Kind.HOLIDAYS
    return next((kind for kind, tables in _TABLES.items() if names & set(tables.split())), Kind.HOURS)


def _top_tables(text: str) -> set[str]:
    text = text.removeprefix("\ufeff")
    try:
        return set(tomllib.loads(text))
    except (ValueError, RecursionError):
        return {place.partition(".")[0].partition("[")[0] for place in line_numbers(text)}
