"""Who brings evidence before needs are reckoned.

What is known of courses and make-ups lies in apps above, so those say at their start how it is brought; without them nobody brings anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Bring = Callable[[int, dt.date], int]
_bringers: dict[str, Bring] = {}


def bring_by(name: str, bring: Bring) -> None:
    """``bring`` puts what it knows for a year, as of a day, and says how many rows it keeps; a second one of the same name replaces the first."""
    _bringers[name] = bring


def bring_all(year: int, today: dt.date) -> dict[str, int]:
    """Name → rows kept."""
    return {name: bring(year, today) for name, bring in sorted(_bringers.items())}
