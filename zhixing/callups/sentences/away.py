"""Weeks in which no more of a unit may be away: in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

Detail = Mapping[str, Any]


def spans(mondays: list[str]) -> str:
    """Weeks as spans of days; those that follow one another make one."""
    found: list[tuple[dt.date, dt.date]] = []
    for monday in map(dt.date.fromisoformat, mondays):
        first = found.pop()[0] if found and found[-1][1] + dt.timedelta(days=1) == monday else monday
        found.append((first, monday + dt.timedelta(days=6)))
    return _(", ").join(f"{first} – {last}" for first, last in found)


def away_full(detail: Detail) -> str:
    """``weeks``: the Mondays; ``most``: how many may be away in each."""
    facts = {"days": spans(detail["weeks"]), "most": detail.get("most", "—")}
    if facts["most"] == 0:
        return _("On %(days)s the unit lets nobody go.") % facts
    return _("On %(days)s as many of the unit are away as may be (%(most)s).") % facts


def away_change(detail: Detail) -> str:
    """What would have to change."""
    if detail.get("most") == 0:
        return _("That the unit lets somebody go in that week.")
    return _("A higher limit for the unit in that week, or one colleague fewer away.")
