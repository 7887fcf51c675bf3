"""An earlier list of a like problem: whom it called, and the prices of its limits, both told by their keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.callup.explanation import priced_limits
from zhixing.engine.callup.limits import Limits
from zhixing.engine.callup.problem import CallupProblem, Floats, Ints, Longs, find
from zhixing.engine.callup.result import CallupResult
from zhixing.engine.callup.rules import LIMIT_RULES
from zhixing.engine.callup.weeks import DAYS_TO_MONDAY

Numbers = Ints | Longs

WEEKS = 2**20
"""More ISO weeks than a date can lie in."""


@dataclass(frozen=True, eq=False)
class Earlier:
    """S call-ups by the keys of person and class; ``prices`` is the table of ``explanation.priced_limits``; ``seed`` draws the lots again."""

    person_keys: pa.Array  # [S]
    class_keys: pa.Array  # [S]
    prices: pa.Table
    seed: int

    @classmethod
    def of(cls, problem: CallupProblem, result: CallupResult) -> Earlier:
        """The list that a problem was solved with."""
        return cls(
            person_keys=problem.person_keys.take(problem.pair_person[result.selected]),
            class_keys=problem.class_keys.take(problem.pair_class[result.selected]),
            prices=priced_limits(problem, result),
            seed=result.seed,
        )

    def places(self, problem: CallupProblem) -> Longs:
        """[S] where the call-ups stand among the pairs of a problem; -1 where it does not know them, or not as eligible."""
        person, class_ = _places(self.person_keys, problem.person_keys), _places(self.class_keys, problem.class_keys)
        found = problem.find_pairs(person, class_)
        found[(person < 0) | (class_ < 0)] = -1
        return found

    def prices_for(self, problem: CallupProblem, limits: Limits) -> Floats:
        """[R] the earlier prices of the limits of a problem; 0 where a limit is new."""
        table = self.prices
        kind = pc.index_in(table["rule"], value_set=pa.array([str(rule) for rule in LIMIT_RULES], table["rule"].type))
        days = table["week"].cast(pa.int32())
        known = _joined(
            problem,
            kind.to_numpy(),
            _places(table["unit_id"], problem.unit_keys),
            _places(table["class_id"], problem.class_keys),
            pc.fill_null(pc.divide(pc.add(days, DAYS_TO_MONDAY), 7), -1).to_numpy(),
        )
        wanted = _joined(problem, limits.kind, limits.unit, limits.class_, limits.week)
        order = np.argsort(known)
        place = find(known[order], wanted)
        prices = table["price"].to_numpy()[order]
        return np.where(place >= 0, prices[place] if len(prices) else 0.0, 0.0)


def _joined(problem: CallupProblem, kind: Numbers, unit: Numbers, class_: Numbers, week: Numbers) -> Longs:
    """One number for each limit: of its kind, unit, class and week."""
    kinds, units, classes, weeks = (np.asarray(part, np.int64) + 1 for part in (kind, unit, class_, week))
    joint: Longs = ((kinds * (problem.units + 1) + units) * (problem.classes + 1) + classes) * WEEKS + weeks
    return joint


def _places(cells: pa.ChunkedArray | pa.Array, keys: pa.Array) -> Longs:
    """The place of each key among the keys of a problem, -1 where it is empty or unknown."""
    if cells.type != keys.type:
        return np.full(len(cells), -1, np.int64)
    places = pc.if_else(pc.is_null(cells), -1, pc.fill_null(pc.index_in(cells, value_set=keys), -1))
    numbers: Longs = places.to_numpy().astype(np.int64)
    return numbers
