"""A button pressed twice: what somebody has just entered is not entered again."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base.problems import Conflict
from zhixing.people.models import Account

SOON: Final = dt.timedelta(minutes=1)


def refuse_twice(latest: Any, by: Account, **facts: Any) -> None:
    """``latest``: the last row of its kind, with ``by`` and ``at``, or None; the caller holds a lock, so that of two at once the second sees the first.

    Raises ``Conflict`` where it holds the same ``facts``, entered by the same person within the last minute."""
    if latest is None or latest.by_id != by.pk or timezone.now() - latest.at > SOON:
        return
    if all(getattr(latest, name) == value for name, value in facts.items()):
        raise Conflict(_("You entered the same a moment ago: it is kept once."))
