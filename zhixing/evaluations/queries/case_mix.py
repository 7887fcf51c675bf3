"""What class runs differ in whom they hold (对象构成), as the class run itself says: facts that are no work of the institution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from zhixing.plans.models import ClassRun


class Fact(StrEnum):
    """In the order in which they are taken into account, as far as class runs are enough."""

    LEVEL = "level"
    CHANNEL = "channel"
    DAYS = "days"
    CONTENT = "content"


COUNTY, SECTION, OTHER = "county", "section", "other"
LEVELS: Final = {"县处级": COUNTY, "乡科级": SECTION}


def level_of(ranks: Sequence[str]) -> str:
    """Of the target group: all of county level, all of section level, or anything else, such as both, grades, or no limit."""
    found = {next((level for word, level in LEVELS.items() if one.startswith(word)), OTHER) for one in ranks}
    return found.pop() if len(found) == 1 else OTHER


def facts_of(class_runs: Iterable[int]) -> dict[int, Mapping[Fact, str | float]]:
    """Key of a class run → its facts; days of the calendar."""
    rows = ClassRun.objects.filter(pk__in=class_runs).only("ranks", "channel", "starts_on", "ends_on", "content")
    return {
        one.pk: {
            Fact.LEVEL: level_of(one.ranks),
            Fact.CHANNEL: one.channel,
            Fact.DAYS: float((one.ends_on - one.starts_on).days + 1),
            Fact.CONTENT: one.content,
        }
        for one in rows
    }
