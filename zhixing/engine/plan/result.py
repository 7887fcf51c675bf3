"""What proposing a plan comes to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zhixing.engine.plan.options import Limit


class Status(StrEnum):
    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the plan: an option by its keys, with runs and the seats of all of them together."""

    programme: str
    group: str
    institution: str
    term: str
    runs: int
    seats: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.programme, self.group, self.institution, self.term


@dataclass(frozen=True, slots=True)
class PlanResult:
    """``objective`` and ``bound`` in millionths of a point; the bound is proven: no plan that keeps the rules passes it.

    An infeasible problem has neither, but ``conflict``: rules that cannot hold together, while without any one of them the others can."""

    status: Status
    objective: int | None
    bound: int | None
    seconds: float
    seed: int
    lines: tuple[Line, ...] = ()
    conflict: tuple[Limit, ...] = ()

    @property
    def gap(self) -> float | None:
        """(bound − objective) / |bound|; None when either is missing."""
        if self.objective is None or self.bound is None:
            return None
        return (self.bound - self.objective) / (abs(self.bound) or 1)
