"""The engine's answer to a frozen problem."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from zhixing.callups.passed_over import mark_asked
from zhixing.callups.problem.frozen import STRANDED, Frozen
from zhixing.engine.callup.relaxations import COST, Relaxation
from zhixing.engine.callup.result import CallupResult, Status

Progress = Callable[[float, float, float, int], None]


@dataclass(frozen=True, eq=False)
class Solution:
    """``result`` is what ``result.json`` says; ``reasons`` has one row for each pair of the problem (formats.md §3), with
    the columns of ``passed_over.MARKS``."""

    digest: str
    result: dict[str, Any]
    reasons: pa.Table


def solve(
    frozen: Frozen,
    *,
    seconds: float,
    seed: int,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Solution:
    """Solve within ``seconds``; ``progress`` hears (share done, objective or -inf, bound, pairs chosen), ``stop`` ends the search with the best so far.

    With a stranded pin there is no list to look for, only what else is in the way of one."""
    from zhixing.engine.callup import solver  # only the worker solves: the web server loads no solver and no compiler
    from zhixing.engine.callup.reasons import reasons

    problem = frozen.problem()
    stranded = frozen.tables[STRANDED]
    given = 0.0 if stranded.num_rows else seconds
    found = solver.solve(problem, seconds=given, seed=seed, progress=progress, stop=stop)
    if stranded.num_rows:
        found = _without_list(found, stranded)
    told = mark_asked(frozen, problem, found, reasons(problem, found))
    return Solution(problem.digest(), found.summary(), told)


def _without_list(found: CallupResult, stranded: pa.Table) -> CallupResult:
    """No list, because of the stranded pins and of what the search found in the way besides."""
    conflicts, ways = [], []
    for row in stranded.to_pylist():
        pair = {"person": row["person_id"], "class": row["class_id"]}
        rule = {"rule": row["code"], "standing": True} | json.loads(row["detail"])
        conflicts.append((rule, {"rule": "pinned_in"} | pair))
        drop = {"change": str(Relaxation.DROP_PIN), "chosen": True} | pair
        ways.append({"proven_cheapest": True, "ways": [{"cost": COST[Relaxation.DROP_PIN], "changes": [drop]}]})
    return replace(
        found,
        status=Status.INFEASIBLE,
        objective=None,
        bound=None,
        selected=np.zeros(0, np.int64),
        conflicts=(*conflicts, *found.conflicts),
        relaxations=(*ways, *found.relaxations),
    )
