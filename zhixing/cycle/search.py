"""Who is called to which class: the problem of all class runs, its best list, and the independent judgement of it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zhixing.callups import problem
from zhixing.callups.actions.proposals import save_proposal
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.problem.frozen import Frozen
from zhixing.callups.solution import Solution, solve
from zhixing.callups.terms import Terms
from zhixing.engine.callup.check import check
from zhixing.plans.models import ClassRun

Hear = Callable[[float], None]


@dataclass(frozen=True)
class Calling:
    """The run that holds the list; None when there is no class to call anybody to. ``result`` is what formats.md §3 says of it."""

    run: CallupRun | None
    callups: tuple[Callup, ...]
    result: dict[str, Any]
    violations: dict[str, int]


def call_up(on: dt.date, *, seconds: float, seed: int, hear: Hear) -> Calling:
    """Propose people for every open class run. ``hear`` is told the share done."""
    class_runs = list(ClassRun.objects.filter(state=ClassRun.State.OPEN))
    if not class_runs:
        return Calling(None, (), {"objective": 0.0, "bound": 0.0, "gap": 0.0, "seconds": 0.0}, {})
    run = CallupRun.objects.create(
        name=f"{on:%Y-%m-%d} 调训（全流程）",
        state=CallupRun.State.SOLVING,
        settings=Terms().kept(),
        seed=seed,
        seconds=max(1, math.ceil(seconds)),
        on=on,
    )
    run.class_runs.set(class_runs)
    frozen = problem.load(run)
    solution = solve(frozen, seconds=seconds, seed=seed, progress=lambda share, *_so_far: hear(share))
    save_proposal(run, frozen, solution)
    calling = Calling(run, _callups(run), solution.result, _violations(frozen, solution))
    del frozen, solution
    pa.default_memory_pool().release_unused()  # else a gigabyte of the search stays with the process while papers are written
    return calling


def _callups(run: CallupRun) -> tuple[Callup, ...]:
    """The proposals with everything that papers and reasons say, class by class, unit by unit."""
    rows = run.callups.select_related("person").prefetch_related("unit", "class_run__institution")
    return tuple(rows.order_by("class_run_id", "unit__path", "person_id"))


def _violations(frozen: Frozen, solution: Solution) -> dict[str, int]:
    """What the list breaks, by the checker that shares no code with the solver."""
    selected = solution.reasons.filter(pc.field("chosen")).select(["person_id", "class_id"])
    return check(frozen.tables, frozen.settings, selected, solution.result).violations
