"""What other authorities take: who calls, by which document, on which days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhixing.callups.clashes import Clash


def elsewhere_sentence(detail: Mapping[str, Any]) -> str:
    """``Elsewhere.detail`` in words."""
    facts = {"caller": detail["caller"], "document": detail["document"], "days": _days(detail)}
    if facts["document"]:
        return _("%(caller)s (%(document)s) calls the person on %(days)s.") % facts
    return _("%(caller)s calls the person on %(days)s.") % facts


def _days(detail: Mapping[str, Any]) -> str:
    days = span(dt.date.fromisoformat(detail["first"]), dt.date.fromisoformat(detail["last"]))
    if "away_from" not in detail:
        return days
    travel = span(dt.date.fromisoformat(detail["away_from"]), dt.date.fromisoformat(detail["away_to"]))
    return _("%(days)s (with travel %(travel)s)") % {"days": days, "travel": travel}


def span(first: dt.date, last: dt.date) -> str:
    """Days from one to the other as one says them: 2026年3月4日–8日."""
    if first == last:
        return date_format(first, pgettext("date format", "j F Y"))
    one, other = pgettext("first of two days", "j F Y"), pgettext("last of two days", "j F Y")
    if (first.year, first.month) == (last.year, last.month):
        one, other = pgettext("first of two days of a month", "j"), pgettext("last of two days of a month", "j F Y")
    elif first.year == last.year:
        one, other = pgettext("first of two days of a year", "j F"), pgettext("last of two days of a year", "j F Y")
    return f"{date_format(first, one)}–{date_format(last, other)}"


def clash_sentence(clash: Clash) -> str:
    """What stands beside a call-up of ours: the same days, or the same theme again."""
    said = elsewhere_sentence(clash.elsewhere.detail)
    if clash.is_days:
        return said
    return _("%(said)s The theme is the same: %(theme)s.") % {"said": said, "theme": clash.elsewhere.theme}


def called_often(detail: Mapping[str, Any]) -> str:
    """A person was called as often as may be; ``callers`` are the others whose call-ups were counted, ``three_years`` that limit."""
    if most := detail.get("three_years"):
        text = _(
            "With the call-ups of the two years before, is already called as often as one person may be in three years (%(most)s)."
        )
        return text % {"most": most}
    if callers := detail.get("callers"):
        text = _("With the call-ups by %(callers)s, is already called as often as one person may be in this year.")
        return text % {"callers": _(", ").join(callers)}
    return _("Is already called as often as one person may be in this year.")
