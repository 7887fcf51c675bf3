"""Personal links: signed with the installation's own key, so that whoever reads the database can make none, and kept out of the log of the program.

A link names a survey and the nonce of a ticket; a line of the log with a link and a time would tell who was there when."""

from __future__ import annotations

import logging
import re
from typing import Final

from django.core import signing
from django.utils.translation import gettext_lazy as _

from zhixing.base.asked import whole_number
from zhixing.base.problems import Conflict, Refused

_LINK: Final = re.compile(r"(/(?:evaluations|needs)/answer/)[^/\s]+")


class LinkUsed(Conflict):
    """Once only: nobody else has changed anything."""

    title = _("Answered already")


class LinkDead(Refused):
    """Forged, cut off, too early or too late: no permission is missing."""

    title = _("Nothing can be handed in by this link")


class PersonalLinks:
    """The tokens of one kind of ticket; ``salt`` keeps them apart from all others."""

    def __init__(self, salt: str) -> None:
        self._signer = signing.Signer(salt=salt, sep=".")

    def make(self, survey_id: int, nonce: str) -> str:
        """Always the same for the same ticket."""
        return self._signer.sign(f"{survey_id}~{nonce}")

    def read(self, token: str) -> tuple[int, str]:
        """(survey, nonce) of ``token``. Raises ``LinkDead`` for what we did not sign."""
        try:
            survey, _tilde, nonce = self._signer.unsign(token).partition("~")
        except signing.BadSignature:
            raise LinkDead(_("This is not a link of this system. Check that it was copied whole.")) from None
        return whole_number(survey) or 0, nonce


class BlankLinks(logging.Filter):
    """Blank them in every line; nothing is held back."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if _LINK.search(said):
            record.msg, record.args = _LINK.sub(r"\1…", said), ()
        return True
