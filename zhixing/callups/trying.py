"""What would put somebody on a list after all: the run solved again with the change, before anybody is told that it would do."""

from __future__ import annotations

from typing import Any

from zhixing.base.files import path_of
from zhixing.callups.models import CallupRun
from zhixing.callups.problem.frozen import Frozen

AUDITED = ("value", "second_cost", "spread", "net", "prices")


def try_changes(run: CallupRun, person_id: int, class_run_id: int) -> dict[str, Any]:
    """What ``Job.result`` keeps of one pair: ``chosen``, ``flip`` or ``flip_why`` (``engine.callup.flips``), and what its value pays for (``AUDITED``).

    The list is the one that the terms, the facts and the pins of the last search give; ``digest`` says which search."""
    from zhixing.engine.callup.explanation import UnknownKey, explain  # only the worker solves
    from zhixing.engine.callup.solver import solve

    if run.problem_file is None:
        return {}
    problem = Frozen.unpacked(path_of(run.problem_file).read_bytes()).problem()
    found = solve(problem, seconds=run.seconds, seed=run.seed)
    kept: dict[str, Any] = {"digest": run.digest, "eligible": False}
    if found.objective is None:
        return kept
    try:
        said = explain(problem, found, person_id, class_run_id, run.seconds)
    except UnknownKey:
        return kept
    names = ("eligible", "chosen", "flip", "flip_why", *AUDITED)
    return kept | {name: said[name] for name in names if name in said}
