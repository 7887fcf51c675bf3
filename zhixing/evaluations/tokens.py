"""The personal link of a ticket (``base/personal_links.py``), and the note that tells how long its page has been open. No clock in here."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.core import signing

from zhixing.base.personal_links import PersonalLinks
from zhixing.evaluations.models import Ticket

LONGEST: Final = 24 * 3600
"""Seconds after which an open page tells no answer time any more."""
_tickets: Final = PersonalLinks("evaluations.ticket")
read = _tickets.read
_openings = signing.Signer(salt="evaluations.opened", sep=".")


def make(ticket: Ticket) -> str:
    """The token of ``ticket``; always the same."""
    return _tickets.make(ticket.survey_id, ticket.nonce)


def opened(survey_id: int, at: dt.datetime) -> str:
    """A note for the page itself: when the form of a survey was opened."""
    return _openings.sign(f"{survey_id}~{int(at.timestamp())}")


def seconds_since(note: str, survey_id: int, now: dt.datetime) -> int | None:
    """How long the form has been open; None for a note that is not ours, of another survey, or a day old."""
    try:
        survey, _tilde, stamp = _openings.unsign(note).partition("~")
    except signing.BadSignature:
        return None
    age = int(now.timestamp()) - int(stamp)
    return age if survey == str(survey_id) and 0 <= age <= LONGEST else None
