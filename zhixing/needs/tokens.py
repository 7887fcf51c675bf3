"""The personal link of a ticket of a needs survey (``base/personal_links.py``)."""

from __future__ import annotations

from typing import Final

from zhixing.base.personal_links import PersonalLinks
from zhixing.needs.models import NeedsTicket

_tickets: Final = PersonalLinks("needs.ticket")
read = _tickets.read


def make(ticket: NeedsTicket) -> str:
    """The token of ``ticket``; always the same."""
    return _tickets.make(ticket.survey_id, ticket.nonce)
