"""The words of the reasons, apart from what computes them: pages speak them without loading a compiler."""

from __future__ import annotations

from enum import IntFlag, StrEnum


class Code(StrEnum):
    """Stable. A pair left out has the first code, in this order from ``PINNED_OUT`` on, that applies against the final selection.

    From ``NOT_WORTH_SECOND_CALLUP`` to ``CLOSE_CALLUP`` the pair would fit, and costs add up until nothing is left of its gain: the code is that of
    the last one.
    ``OUTPRICED`` and ``PRICED_OUT`` stand only in a selection that someone left unfinished: the pair would fit and gain. Outpriced: its value
    is below the prices of the seats it needs; priced out: the rest."""

    CHOSEN_PINNED = "chosen_pinned"
    CHOSEN_BEST = "chosen_best"
    PINNED_OUT = "pinned_out"
    CALLUPS_MAX = "callups_max"
    SHARED_DAY = "shared_day"
    CLASS_FULL = "class_full"
    QUOTA_FULL = "quota_full"
    AWAY_FULL = "away_full"
    NOT_WORTH_SECOND_CALLUP = "not_worth_second_callup"
    REPEATED_THEME = "repeated_theme"
    CLOSE_CALLUP = "close_callup"
    OUTPRICED = "outpriced"
    PRICED_OUT = "priced_out"


class Holders(IntFlag):
    """How those who hold the seats that a pair would need, and no pin holds there, stand to it.

    ``STRONGER``: the value of none is lower. The others are about those whose value is: a second call-up of the person, its theme or its closeness
    to another, or a minimum that a holder fills, makes the exchange of the two no gain; ``EXCHANGE``: it would be one, the search ended before."""

    FIXED = 1
    STRONGER = 2
    SECOND_CALLUP = 4
    MINIMUM = 8
    EXCHANGE = 16
    REPEATED_THEME = 32
    CLOSE_CALLUP = 64


class Cause(StrEnum):
    """Why somebody is left out of a class while a colleague of the same unit with a lower value is called to it (``exceptions``).

    The first four are about the one left out or the planner, the others about the exchange of the two: the colleague is away in a full week
    anyhow, for another class; or a second call-up, of the same theme or close to the other, makes the exchange no gain. ``EXCHANGE``: it would be
    one, the search ended before."""

    PINNED_OUT = "pinned_out"
    CALLUPS_MAX = "callups_max"
    SHARED_DAY = "shared_day"
    HOLDER_PINNED = "holder_pinned"
    AWAY_FULL = "away_full"
    SECOND_CALLUP = "second_callup"
    REPEATED_THEME = "repeated_theme"
    CLOSE_CALLUP = "close_callup"
    EXCHANGE = "exchange"
