"""What a calendar shows: dated events in a week or a month. How it looks is a matter of ``calendar.js``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

from zhixing.base.problems import Text

View = Literal["week", "month"]


@dataclass(frozen=True)
class Event:
    """One thing with a beginning and an end; aware times are shown in local time. ``key`` comes back when it is moved."""

    title: Text
    starts: dt.datetime
    ends: dt.datetime
    place: Text = ""
    url: str = ""
    tone: str = ""
    key: str = ""


@dataclass(frozen=True)
class Calendar:
    """Events around the day ``on``; ``opens`` and ``closes`` bound the hours of a day that are drawn.

    With ``whole_days`` no hours are told.
    A ``movable`` calendar fires ``calendar:move`` on its element, with ``key``, ``starts`` and ``ends`` (ISO, local) and ``undo``.
    """

    label: Text
    events: Sequence[Event]
    on: dt.date
    view: View = "week"
    opens: dt.time = dt.time(8)
    closes: dt.time = dt.time(21)
    movable: bool = False
    whole_days: bool = False

    def listed(self) -> list[Event]:
        """The events of the list, by their beginning; beside a month those of that month only."""
        shown, month = self.events, (self.on.year, self.on.month)
        if self.view == "month":
            shown = [one for one in shown if month_of(one.starts) <= month <= month_of(one.ends)]
        return sorted(shown, key=lambda event: event.starts)

    def as_json(self) -> dict[str, Any]:
        """Return what ``calendar.js`` reads."""
        return {
            "view": self.view,
            "on": self.on.isoformat(),
            "opens": f"{self.opens:%H:%M}",
            "closes": f"{self.closes:%H:%M}",
            "movable": self.movable,
            "wholeDays": self.whole_days,
            "words": {"today": _("Today"), "previous": _("Earlier"), "next": _("Later")},
            "events": [
                {
                    "id": event.key or str(place),
                    "title": str(event.title),
                    "start": local(event.starts),
                    "end": local(event.ends),
                    "classNames": [f"zx-{event.tone}"] if event.tone else [],
                    "extendedProps": {"url": event.url, "key": event.key, "place": str(event.place)},
                }
                for place, event in enumerate(self.events)
            ],
        }


def local(moment: dt.datetime) -> str:
    """Write a moment as local ISO time without a zone, to the minute."""
    return f"{localtime(moment) if is_aware(moment) else moment:%Y-%m-%dT%H:%M}"


def month_of(moment: dt.datetime) -> tuple[int, int]:
    return moment.year, moment.month
