"""Today's unit, rank, grade, title and department of a person, drawn from the postings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TypeVar

from zhixing.people import bulk
from zhixing.people.models import PastPosting, Person, Posting

P = TypeVar("P", bound=Posting | PastPosting)
REPEATED = ("unit_id", "department", "title", "rank", "grade")
"""What ``Person`` repeats of the principal posting."""


def principal_on(postings: Iterable[P], on: dt.date) -> P | None:
    """The principal posting in force on ``on``: the one that began last, then the one in the smaller unit."""
    held = [p for p in postings if p.is_principal and p.from_on <= on and (p.to_on is None or p.to_on >= on)]
    return max(held, key=lambda posting: (posting.from_on, -(posting.unit_id or 0)), default=None)


def repeat(person: Person, posting: Posting) -> None:
    for name in REPEATED:
        setattr(person, name, getattr(posting, name))


def refresh(people: Sequence[Person], today: dt.date) -> None:
    """Bring what ``people`` repeat up to date; somebody without a posting today keeps the last one. One query to read, one to write."""
    held: dict[int, list[Posting]] = {person.pk: [] for person in people}
    for posting in Posting.objects.filter(person_id__in=held, is_principal=True).order_by("from_on", "id"):
        held[posting.person_id].append(posting)
    for person in people:
        postings = held[person.pk]
        chosen = principal_on(postings, today) or (postings[-1] if postings else None)
        if chosen is not None:
            repeat(person, chosen)
    bulk.update(people, REPEATED)
