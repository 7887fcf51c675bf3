"""What is known of one person: postings, credits, exemptions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posting:
    """A post held from ``from_on`` to ``to_on`` (included; None: still). ``promoted``: it began with a promotion."""

    unit_id: int
    rank: str
    from_on: dt.date
    to_on: dt.date | None = None
    is_principal: bool = True
    promoted: bool = False


@dataclass(frozen=True, slots=True)
class Credit:
    """An entry of the hours ledger; ``reverses`` names the entry that it cancels, ``content`` what it was about; ``recorded_at`` is local time."""

    entry_id: int
    earned_on: dt.date
    tenths: int
    channel: str
    recorded_at: dt.datetime
    reverses: int | None = None
    content: str = ""


@dataclass(frozen=True, slots=True)
class Exemption:
    """Days (both ends included) on which the rules of code ``rule`` ask nothing of the person."""

    rule: str
    from_on: dt.date
    to_on: dt.date
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All that is known of one person; ``left_on`` is the last day of service.

    ``credits`` must also hold the entries that cancel this person's, even one booked under somebody else
    (it counts for nothing itself).
    """

    person_id: int
    joined_on: dt.date
    left_on: dt.date | None
    postings: tuple[Posting, ...] = ()
    credits: tuple[Credit, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
