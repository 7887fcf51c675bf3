"""The rules of a call-up by their codes, apart from what counts them: pages name them without loading a compiler."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """A rule that a selection or a set of pins may break."""

    NOT_ELIGIBLE = "not_eligible"
    CALLUPS_MAX = "callups_max"
    SHARED_DAY = "shared_day"
    CLASS_FULL = "class_full"
    QUOTA_FULL = "quota_full"
    AWAY_FULL = "away_full"
    CLASS_SHORT = "class_short"
    QUOTA_SHORT = "quota_short"


LIMIT_RULES = (Rule.CLASS_FULL, Rule.QUOTA_FULL, Rule.AWAY_FULL)
"""The rule behind each number in ``Limits.kind``."""
CLASS, QUOTA, AWAY = range(3)
