"""Exceptions and the price of sharing the load, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.base.templatetags.pages import number
from zhixing.callups.sentences.reasons import Names, code_label, sentence
from zhixing.engine.callup.codes import Cause

_LABELS: Mapping[str, Text] = {
    Cause.HOLDER_PINNED: gettext_lazy("colleague put on the list by hand"),
    Cause.AWAY_FULL: gettext_lazy("colleague away in that week anyhow"),
    Cause.SECOND_CALLUP: gettext_lazy("a first call-up before a second one"),
    Cause.REPEATED_THEME: gettext_lazy("a theme goes to whoever has not had it"),
    Cause.CLOSE_CALLUP: gettext_lazy("another call-up shortly before or after"),
    Cause.EXCHANGE: gettext_lazy("the search ended before"),
}
_SENTENCES: Mapping[str, Text] = {
    Cause.HOLDER_PINNED: gettext_lazy("The colleague was put on the list by the planner."),
    Cause.AWAY_FULL: gettext_lazy(
        "The colleague is away for another class in that week anyhow; in the place of the colleague, one more of the unit would be away than may be."
    ),
    Cause.SECOND_CALLUP: gettext_lazy(
        "Is called to another class, while the colleague has no other: a first call-up goes before a second one."
    ),
    Cause.REPEATED_THEME: gettext_lazy(
        "Is called to another class of the same theme: a colleague goes before a second call-up to one theme."
    ),
    Cause.CLOSE_CALLUP: gettext_lazy(
        "Is called to another class shortly before or after: call-ups of one person are spread over the year."
    ),
    Cause.EXCHANGE: gettext_lazy("The search ended before the two were exchanged: solve again with more time."),
}


def cause_label(cause: str) -> Text:
    """A few words, for filters and counts."""
    return _LABELS.get(cause) or code_label(cause)


def cause_sentence(row: Mapping[str, Any], names: Names) -> str:
    """Why somebody is passed over; a cause of the person's own is the reason that the person is left out."""
    own = _SENTENCES.get(row["cause"])
    return str(own) if own else sentence(row["code"], json.loads(row["detail"]), names)


def price(sharing: Mapping[str, Any]) -> list[str]:
    """What sharing the load does to the list, and what it costs, in sentences."""
    of_hundred = {name: round(100 * sharing[name]) for name in ("before", "without", "with")}
    return [
        _("%(elsewhere)s of %(seats)s seats go to other people than in the list that leaves the load of units aside.")
        % {"elsewhere": number(sharing["elsewhere"]), "seats": number(sharing["seats"])},
        _(
            "Of every hundred days away, %(before)s lay elsewhere than the shares of the units say; %(without)s with the other list, %(with)s with this one."
        )
        % of_hundred,
        _("By what people owe alone, no list is better than this one by more than %(worse)s.")
        % {"worse": _percent(sharing["worse"])},
    ]


def _percent(share: float) -> str:
    return "0.01%" if share < 1e-4 else f"{100 * share:.2g}%"
