"""The words for what a repair changed and why, apart from what computes them."""

from __future__ import annotations

from enum import StrEnum


class Change(StrEnum):
    """What became of one person's call-ups: ``LEFT`` all of them, ``CAME`` from none, ``MOVED`` some lost and others new, ``FEWER``, ``MORE``."""

    LEFT = "left"
    CAME = "came"
    MOVED = "moved"
    FEWER = "fewer"
    MORE = "more"


class Cause(StrEnum):
    """Why a call-up is lost (the rules in its way are told by ``rules.Rule``) or new."""

    NOT_ELIGIBLE = "not_eligible"
    PINNED_OUT = "pinned_out"
    EXCHANGED = "exchanged"  # it would fit, another list is better
    PINNED_IN = "pinned_in"
    INSTEAD = "instead"  # of what the same person lost
    SEAT_FREED = "seat_freed"
    ROOM = "room"
