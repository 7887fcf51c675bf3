"""Facts of persons and postings by the names of their fields, as the preview of a roster keeps them: JSON, dates in ISO."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from zhixing.people.models import Person, Posting

Facts = dict[str, Any]
PERSON_FACTS = (
    "name",
    "number",
    "id_index",
    "sex",
    "born_on",
    "work_began_on",
    "category",
    "phone",
    "status",
    "left_on",
)
POSTING_FACTS = ("unit_id", "department", "title", "rank", "grade", "rank_since", "grade_since")
DATES = frozenset({"born_on", "work_began_on", "joined_on", "left_on", "rank_since", "grade_since"})
FIELD_OF = {"born": "born_on", "work_began": "work_began_on", "unit": "unit_id"}
"""Name in the engine → field; the other names are the same."""


def to_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def from_json(name: str, value: Any) -> Any:
    return dt.date.fromisoformat(value) if name in DATES and value else value


def facts_of(thing: Person | Posting, names: Mapping[str, Any] | tuple[str, ...]) -> Facts:
    """The facts of ``thing`` among ``names``, as JSON."""
    return {name: to_json(getattr(thing, name)) for name in names}


def put(thing: Person | Posting, facts: Facts, names: tuple[str, ...]) -> list[str]:
    """Write the facts among ``names`` onto ``thing``; returns which they were."""
    written = [name for name in names if name in facts]
    for name in written:
        setattr(thing, name, from_json(name, facts[name]))
    return written


def differing(thing: Person | Posting, expected: Facts, names: tuple[str, ...]) -> list[str]:
    """The names whose fact on ``thing`` is not the expected one."""
    return [name for name in names if name in expected and to_json(getattr(thing, name)) != expected[name]]
