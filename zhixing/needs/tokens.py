"""The personal link of a ticket: the survey and the ticket's nonce, signed with the installation's own key and a salt of its own.

The database holds the nonce only, so whoever reads the database, or a backup of it, can make no link.
"""

from __future__ import annotations

from django.core import signing
from django.utils.translation import gettext_lazy as _

from zhixing.base.asked import whole_number
from zhixing.base.problems import Refused
from zhixing.needs.models import NeedsTicket

_tickets = signing.Signer(salt="needs.ticket", sep=".")


def make(ticket: NeedsTicket) -> str:
    """The token of ``ticket``; always the same."""
    return _tickets.sign(f"{ticket.survey_id}~{ticket.nonce}")


def read(token: str) -> tuple[int, str]:
    """(survey, nonce) of ``token``. Raises ``Refused`` for what we did not sign."""
    try:
        survey, _tilde, nonce = _tickets.unsign(token).partition("~")
    except signing.BadSignature:
        raise Refused(_("This is not a link of this system. Check that it was copied whole.")) from None
    return whole_number(survey) or 0, nonce
