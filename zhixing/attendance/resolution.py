"""What the evidence about one person in one session adds up to. Pure: the ranks are data, the order of observations decides among equals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zhixing.attendance.rules import PRESENCES

LEAVE_SOURCES = ("leave", "no_leave")
SETTLED_SOURCES = ("correction", "appeal")


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing seen: ``source`` and ``status`` are those of ``Evidence``."""

    source: str
    status: str


def resolve(observations: Iterable[Observation], ranks: Mapping[str, int]) -> str | None:
    """The status that holds, or None when nobody saw anything.

    The highest rank holds, among equals the latest. An approved leave that has not ended stands against "absent" and against
    silence, yet gives way to anyone who saw the person present and to a correction. ``observations`` come oldest first.
    """
    strongest: Observation | None = None
    on_leave = False
    for one in observations:
        if one.source in LEAVE_SOURCES:
            on_leave = one.source == "leave"
        elif strongest is None or ranks[one.source] >= ranks[strongest.source]:
            strongest = one
    if strongest is None:
        return "leave" if on_leave else None
    stands = strongest.source in SETTLED_SOURCES or strongest.status in PRESENCES or not on_leave
    return strongest.status if stands else "leave"
