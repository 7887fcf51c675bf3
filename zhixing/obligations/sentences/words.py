"""The engine's codes in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy, pgettext

from zhixing.base.problems import Text
from zhixing.engine.obligations.answers import WhyNotCounted, WhyNotOwed
from zhixing.engine.policies import Content, Measure, Rule, Unit, WindowKind
from zhixing.obligations.models import Channel

NOT_COUNTED: dict[str, Text] = {
    WhyNotCounted.NOT_YET_KNOWN: gettext_lazy("not recorded yet at that moment"),
    WhyNotCounted.REVERSAL: gettext_lazy("cancels another entry"),
    WhyNotCounted.REVERSED: gettext_lazy("cancelled by another entry"),
    WhyNotCounted.AFTER_ON: gettext_lazy("earned after that day"),
    WhyNotCounted.OUTSIDE_WINDOW: gettext_lazy("earned outside the window"),
    WhyNotCounted.CHANNEL_NOT_COUNTED: gettext_lazy("this form of training does not count for this rule"),
}
NOT_OWED: dict[str, Text] = {
    WhyNotOwed.BEFORE_JOINING: gettext_lazy("before joining"),
    WhyNotOwed.EXEMPT: gettext_lazy("exempt"),
    WhyNotOwed.EXEMPT_BY_RULE: gettext_lazy("exempt by the rule itself"),
}
WINDOWS: dict[str, Text] = {
    WindowKind.YEAR: gettext_lazy("within the calendar year"),
    WindowKind.FIVE_YEARS: gettext_lazy("within a fixed block of five years"),
    WindowKind.ROLLING_FIVE_YEARS: gettext_lazy("within the last five years"),
    WindowKind.AFTER_PROMOTION: gettext_lazy("within a year of promotion"),
    WindowKind.FIRST_YEAR: gettext_lazy("after joining (initial training)"),
    WindowKind.AFTER_APPOINTMENT: gettext_lazy("after first holding the rank (training for the post)"),
}
AFTER_PROMOTION_DAYS: Final = gettext_lazy("after promotion")
"""Where the rule says in how many days."""
UNITS: dict[str, Text] = {
    Unit.DAYS: gettext_lazy("%(count)s days of training"),
    Unit.MONTHS: gettext_lazy("%(count)s months of training"),
}
"""A requirement that is not said in hours."""
MEASURES: dict[str, Text] = {
    Measure.DAYS: gettext_lazy("a day"),
    Measure.MINUTES: gettext_lazy("minutes"),
    Measure.HOURS: gettext_lazy("an hour"),
    Measure.SESSIONS: gettext_lazy("a session"),
    Measure.PIECES: gettext_lazy("a piece"),
}
CONTENTS: dict[str, Text] = {
    Content.THEORY: gettext_lazy("theory education"),
    Content.PARTY_SPIRIT: gettext_lazy("party-spirit education"),
    Content.POLITICAL: gettext_lazy("political training"),
    Content.ABILITY: gettext_lazy("ability training"),
}
"""What hours may be about; a place's own word stands for itself."""


class Line(NamedTuple):
    """One line of an explanation; ``detail`` is the sum written out."""

    label: str
    value: str
    detail: str = ""


def window_words(rule: Rule) -> Text:
    """Within what the hours are owed."""
    own_days = rule.window == WindowKind.AFTER_PROMOTION and rule.window_days
    return AFTER_PROMOTION_DAYS if own_days else WINDOWS[rule.window]


def channel_words(channel: str) -> str:
    return str(Channel(channel).label)


def content_words(content: str) -> str:
    return str(CONTENTS.get(content, content))


def listed(words: Iterable[str]) -> str:
    """Names in a row."""
    return pgettext("between names", ", ").join(words)
