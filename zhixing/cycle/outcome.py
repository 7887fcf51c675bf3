"""Everything that came of a run: what the summary and the report tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhixing.cycle.books import Books, Paths
from zhixing.cycle.clock import Clock
from zhixing.cycle.doubts import Doubt
from zhixing.cycle.history import History
from zhixing.cycle.make_ups import Missed
from zhixing.cycle.search import Calling
from zhixing.cycle.standings import STATES, Standings


@dataclass(frozen=True)
class Outcome:
    """``planned`` names the class by which something missed is made up; ``left_out`` counts pairs without a seat by code."""

    paths: Paths
    on: dt.date
    seed: int
    books: Books
    history: History
    standings: Standings
    missed: Sequence[Missed]
    planned: Mapping[Missed, str]
    calling: Calling
    doubts: Sequence[Doubt]
    left_out: Mapping[str, int]

    @property
    def seats(self) -> int:
        return sum(row.seats for row in self.books.classes.rows)

    def summary(self, clock: Clock) -> dict[str, Any]:
        """``summary.json`` of formats.md §1."""
        states = self.standings.states()
        refused = sum(doubt.refused for doubt in self.doubts)
        return {
            "people": len(self.books.roster.members),
            "units": len(self.books.roster.units),
            "classes": len(self.books.classes.rows),
            "history_rows": self.history.records.num_rows,
            "refused_rows": refused,
            "doubtful_rows": len(self.doubts) - refused,
            "standings": {state: states[state] for state in STATES},
            "called": len(self.calling.callups),
            "seats": self.seats,
            **{name: self.calling.result[name] for name in ("objective", "bound", "gap")},
            "violations": sum(self.calling.violations.values()),
            "seconds": {**clock.seconds, "total": clock.total()},
        }
