"""How many of each unit may be away in a week: usually, and in the weeks of busy times."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from zhixing.callups import busy
from zhixing.callups.problem.facts import EPOCH, ClassFacts, Longs, People, Units, day_number
from zhixing.callups.terms import Terms
from zhixing.engine.callup.weeks import monday_of, week_of

Place = tuple[int, int]
"""(place of a unit, ISO week)"""


@dataclass(frozen=True, eq=False)
class AwayLimits:
    """``usual`` [U] in any week; ``fewer`` in some weeks of some units."""

    usual: Longs
    fewer: dict[Place, int] = field(default_factory=dict)

    def most(self, unit: int, week: int) -> int:
        return self.fewer.get((unit, week), int(self.usual[unit]))

    def table(self, units: Units, gone: Counter[Place]) -> pa.Table | None:
        """The weeks whose limit is not the usual one, for the engine; None when there is none. ``gone``: how many were away in a week
        and bind nobody else, so that so many more may go."""
        rows = sorted((*place, self.most(*place) + gone[place]) for place in {*self.fewer, *gone})
        if not rows:
            return None
        return pa.table(
            {
                "unit_id": pa.array([int(units.pk[unit]) for unit, _week, _most in rows], pa.int64()),
                "week": pa.array([monday_of(week) for _unit, week, _most in rows], pa.date32()),
                "away_max": pa.array([most for _unit, _week, most in rows], pa.int64()),
            }
        )


def read_limits(units: Units, people: People, classes: Sequence[ClassFacts], terms: Terms) -> AwayLimits:
    """The limits in the weeks of the classes."""
    serving = np.bincount(people.unit[people.serving], minlength=len(units.pk)).tolist()
    usual = [terms.away_limit(own, count) for own, count in zip(units.away_max, serving, strict=True)]
    days = (dt.date.fromordinal(EPOCH + day) for day in (min(c.first for c in classes), max(c.last for c in classes)))
    place = {key: at for at, key in enumerate(units.pk.tolist())}
    found = busy.most_by_week(dict(zip(place, units.paths, strict=True)), *days)
    held = {(place[unit], week_of(day_number(week))): most for (unit, week), most in found.items()}
    fewer = {(unit, week): most for (unit, week), most in held.items() if most < usual[unit]}
    return AwayLimits(np.array(usual, np.int64), fewer)
