"""What solving a call-up problem comes to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zhixing.engine.callup.problem import Floats, Longs

AGREEMENT = 1e-6
"""Objectives and bounds agree when they differ by no more than this, relative to the larger."""

COLUMN_OF = {"person": "person_id", "class": "class_id", "unit": "unit_id"}


class Status(StrEnum):
    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class CallupResult:
    """``selected`` holds places among the problem's pairs, ascending; ``bound`` is proven: no selection that keeps the rules passes it.

    ``prices`` belong to the limits of ``model.model_of(problem)``. An infeasible problem has neither objective nor bound but
    ``conflicts``: rules and pins that cannot hold together, while without any one of them the others can; the first is the smallest.
    ``relaxations`` are the ways out: one of each makes a list possible (``relaxations.Knot``). ``interrupted``: somebody stopped the search."""

    status: Status
    objective: float | None
    bound: float | None
    seconds: float
    seed: int
    selected: Longs  # [S]
    prices: Floats  # [R]
    conflicts: tuple[tuple[dict[str, Any], ...], ...] = ()
    relaxations: tuple[dict[str, Any], ...] = ()
    interrupted: bool = False

    @property
    def gap(self) -> float | None:
        """(bound − objective) / |bound|; None when either is missing."""
        if self.objective is None or self.bound is None:
            return None
        return gap_of(self.objective, self.bound)

    def summary(self) -> dict[str, Any]:
        """What ``result.json`` says (formats.md §3); its conflict names keys as the tables do."""
        said: dict[str, Any] = {
            "status": str(self.status),
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
        }
        if self.status is Status.INFEASIBLE:
            conflicts = _by_columns(self.conflicts)
            said |= {"conflict": conflicts[0], "conflicts": conflicts, "relaxations": _by_columns(self.relaxations)}
        if self.interrupted:
            said["interrupted"] = True
        return said


def _by_columns(said: Any) -> Any:
    """Keys of items as the tables name them, at every depth."""
    if isinstance(said, dict):
        return {COLUMN_OF.get(name, name): _by_columns(value) for name, value in said.items()}
    return [_by_columns(item) for item in said] if isinstance(said, list | tuple) else said


def gap_of(objective: float, bound: float) -> float:
    """The gap relative to the bound; relative to 1 for a bound of 0."""
    return (bound - objective) / (abs(bound) or 1.0)
