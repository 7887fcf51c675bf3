"""The engine's answer to a frozen problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from zhixing.callups.passed_over import mark_asked
from zhixing.callups.problem.frozen import Frozen

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
    """Solve within ``seconds``; ``progress`` hears (share done, objective or -inf, bound, pairs chosen), ``stop`` ends the search with the best so far."""
    from zhixing.engine.callup import solver  # only the worker solves: the web server loads no solver and no compiler
    from zhixing.engine.callup.reasons import reasons

    problem = frozen.problem()
    found = solver.solve(problem, seconds=seconds, seed=seed, progress=progress, stop=stop)
    told = mark_asked(frozen, problem, found, reasons(problem, found))
    return Solution(problem.digest(), found.summary(), told)
