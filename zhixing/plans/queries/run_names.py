"""How the class runs of a plan are called: counted through all lines of one class, so that no two of a year bear one name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count

from zhixing.plans.models import AnnualPlan, ClassRun, PlanLine
from zhixing.plans.queries.annual_plans import class_runs_by_line


def names_left(plan: AnnualPlan) -> dict[int, list[str]]:
    """Number of a line → the names of its class runs that are missing. Names of those that are made stay, whatever came since."""
    made = class_runs_by_line(plan) if plan.in_force else {}
    known = {
        number: [run.name for run in runs if run.state != ClassRun.State.CANCELLED] for number, runs in made.items()
    }
    of_class: dict[str, list[PlanLine]] = defaultdict(list)
    for line in plan.lines.standing().order_by("term", "number"):
        of_class[line.title].append(line)
    taken = {name for names in known.values() for name in names}
    found: dict[int, list[str]] = {}
    for title, lines in of_class.items():
        found |= dict(
            _named(title, [(line.number, line.runs, len(known.get(line.number, []))) for line in lines], taken)
        )
    return found


def _named(title: str, lines: Sequence[tuple[int, int, int]], taken: set[str]) -> Iterator[tuple[int, list[str]]]:
    """``lines``: (number, runs, runs made). Each run has the number that it has in the year; where that is ``taken``, the lowest that is not.

    A bare title counts as number 1."""
    total = sum(runs for _number, runs, _made in lines)
    begin = 0
    free = (name for n in count(2 if title in taken else 1) if (name := f"{title}（第{n}期）") not in taken)
    for number, runs, made in lines:
        names = []
        for place in range(begin + made, begin + runs):
            name = title if total == 1 else f"{title}（第{place + 1}期）"
            if name in taken:
                name = next(free)
            taken.add(name)
            names.append(name)
        begin += runs
        yield number, names
