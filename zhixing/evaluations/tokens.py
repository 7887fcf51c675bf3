"""The personal link of a ticket: the survey and the ticket's nonce, signed with the installation's own key and a salt of its own.

The database holds the nonce only, so whoever reads the database, or a backup of it, can make no link. No clock in here.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.core import signing
from django.utils.translation import gettext_lazy as _

from zhixing.base.asked import whole_number
from zhixing.base.problems import Refused
from zhixing.evaluations.models import Ticket

LONGEST: Final = 24 * 3600
"""Seconds after which an open page tells no answer time any more."""
_tickets = signing.Signer(salt="evaluations.ticket", sep=".")
_openings = signing.Signer(salt="evaluations.opened", sep=".")


def make(ticket: Ticket) -> str:
    """The token of ``ticket``; always the same."""
    return _tickets.sign(f"{ticket.survey_id}~{ticket.nonce}")


def read(token: str) -> tuple[int, str]:
    """(survey, nonce) of ``token``. Raises ``Refused`` for what we did not sign."""
    try:
        survey, _tilde, nonce = _tickets.unsign(token).partition("~")
    except signing.BadSignature:
        raise Refused(_("This is not a link of this system. Check that it was copied whole.")) from None
    return whole_number(survey) or 0, nonce


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
