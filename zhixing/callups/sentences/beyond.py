"""Inviting beyond the seats, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhixing.engine.callup.turnout import Invitation

NEVER = 1e-4


def risk(invitation: Invitation) -> str:
    """How often more would come than there are seats; never said to be rarer than it is."""
    if invitation.risk < NEVER:
        return _("more come than there are seats hardly ever")
    return _("in one of %(times)s such class runs more come than there are seats") % {"times": int(1 / invitation.risk)}
