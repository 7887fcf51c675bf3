"""What sharing the load among units costs (公平的代价): the list of a run beside the one that would be proposed without it.

Both are searched for, with the same seed and time, so the figures are those of two real lists; that the price is no higher than said is proven by
the bound of the list without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.callups import values
from zhixing.callups.models import CallupRun
from zhixing.callups.problem import Frozen, facts
from zhixing.callups.problem.burden import Burden, known_burden, shares
from zhixing.callups.problem.facts import Longs
from zhixing.callups.solution import Solution
from zhixing.callups.terms import Terms

Floats = npt.NDArray[np.float64]
KEYS = ["person_id", "class_id"]
PLACES = 4


def price_of_sharing(
    run: CallupRun, frozen: Frozen, solution: Solution, stop: Callable[[], bool] | None = None
) -> dict[str, Any] | None:
    """None when no unit's load counted, when there is no list, or when ``stop`` ended the search for the other one; else:

    ``seats`` of this list; ``elsewhere``: how many of them go to people whom the other list does not call to that class; ``worse``: by what people
    owe alone, the best list is better than this one by no more than this part (proven); ``before``, ``without``, ``with``: the part of all days
    away that would have to move for every unit to carry its share, before the run, with the other list, and with this one."""
    from zhixing.engine.callup import solver  # compiled: for the worker alone

    pairs = frozen.tables["pairs"]
    if not np.any(pairs["load"].to_numpy()) or solution.result["objective"] is None or (stop and stop()):
        return None
    alone = values_alone(pairs, Terms.of(run.settings).weights)
    plain = frozen.tables | {"pairs": pairs.set_column(pairs.column_names.index("value"), "value", pa.array(alone))}
    problem = Frozen(plain, frozen.settings).problem()
    other = solver.solve(problem, seconds=run.seconds, seed=run.seed, stop=stop)
    if other.bound is None or other.objective is None or (stop and stop()):
        return None
    theirs = pa.table(
        {
            "person_id": problem.person_keys.take(pa.array(problem.pair_person[other.selected])),
            "class_id": problem.class_keys.take(pa.array(problem.pair_class[other.selected])),
        }
    )
    ours = solution.reasons.filter(solution.reasons["chosen"]).select(KEYS)
    worth = solution.result["objective"] - _gained(ours, pairs, alone)
    standing = pairs.filter(pairs["occupied"]).select(KEYS)
    new, others_new = (one.join(standing, KEYS, join_type="left anti") for one in (ours, theirs))
    before, placed = known_burden(facts.year_of(run)), _Placing(frozen)
    return {
        "seats": len(new),
        "elsewhere": len(new.join(theirs, KEYS, join_type="left anti")),
        "worse": round(max(0.0, other.bound - worth) / (abs(other.bound) or 1.0), 6),
        "before": round(before.misplaced(), PLACES),
        "without": round(placed.onto(before, others_new).misplaced(), PLACES),
        "with": round(placed.onto(before, new).misplaced(), PLACES),
    }


def values_alone(pairs: pa.Table, weights: values.Weights) -> Floats:
    """[E] the values of the pairs had no unit carried more or less than its share; standing call-ups keep theirs."""
    columns = {name: pairs[name].to_numpy() for name in ("owing", "missing", "make_up", "months")}
    whole = {name: column.astype(np.int64) for name, column in columns.items()}
    flags = {name: pairs[name].to_numpy() for name in ("this_year", "same_theme")}
    known = values.PairFacts(**whole, **flags, load=np.zeros(len(pairs), np.int64))
    alone = values.values(values.points(known, weights), pairs["tie"].to_numpy().astype(np.int64))
    return np.where(pairs["occupied"].to_numpy(), pairs["value"].to_numpy(), alone)


def _gained(chosen: pa.Table, pairs: pa.Table, alone: Floats) -> float:
    """By how much the load of units raised the values of the chosen pairs."""
    raised = pairs.select(KEYS).append_column("raised", pa.array(pairs["value"].to_numpy() - alone))
    return float(pc.sum(chosen.join(raised, KEYS, join_type="inner")["raised"]).as_py() or 0.0)


class _Placing:
    """Adds the days of a list to the burden of the units."""

    def __init__(self, frozen: Frozen) -> None:
        self.units = facts.read_units()
        self.people = facts.read_people(self.units, ())
        tables = frozen.tables
        first, last = (tables["classes"][name].cast(pa.int32()).to_numpy() for name in ("starts_on", "ends_on"))
        self.days = dict(zip(tables["classes"]["class_id"].to_pylist(), (last - first + 1).tolist(), strict=True))
        people = tables["people"]
        self.unit_of = dict(zip(people["person_id"].to_pylist(), people["unit_id"].to_pylist(), strict=True))

    def onto(self, burden: Burden, chosen: pa.Table) -> Burden:
        place = {key: at for at, key in enumerate(self.units.pk.tolist())}
        away: Longs = np.zeros(len(place), np.int64)
        of_class: dict[int, int] = {}
        for person, class_ in zip(*(chosen[name].to_pylist() for name in KEYS), strict=True):
            away[place[self.unit_of[person]]] += self.days[class_]
            of_class[class_] = of_class.get(class_, 0) + self.days[class_]
        return burden.and_days(away, shares(of_class, self.units, self.people))
