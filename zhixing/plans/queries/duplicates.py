"""Which lines of a plan look like duplicates, why, and which of them somebody has said are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhixing.engine.annual.duplicates import Pair, Taught, pairs_of
from zhixing.plans.models import AnnualPlan, NoDuplicate, PlanLine
from zhixing.plans.problem import strengths_of


@dataclass(frozen=True)
class Alike:
    """Two lines that look alike; ``apart`` where somebody said that they are no duplicates."""

    pair: Pair
    first: PlanLine
    second: PlanLine
    apart: NoDuplicate | None


def alike_in(plan: AnnualPlan, lines: Sequence[PlanLine]) -> list[Alike]:
    """Pairs of the lines as they stand; those set apart last. Two queries, however many lines."""
    by_number = {line.number: line for line in lines}
    apart = {(one.first, one.second): one for one in NoDuplicate.objects.filter(plan=plan).select_related("by")}
    found = [
        Alike(pair, by_number[pair.first], by_number[pair.second], apart.get((pair.first, pair.second)))
        for pair in pairs_of(taught_of(lines))
    ]
    return sorted(found, key=lambda one: one.apart is not None)


def taught_of(lines: Sequence[PlanLine]) -> list[Taught]:
    """The lines as they are compared; they have their programmes with them."""
    covers = strengths_of(lines)
    return [_taught(line, covers.get(line.programme_id, {})) for line in lines]


def _taught(line: PlanLine, covers: dict[str, int]) -> Taught:
    """Hours in thousandths of all of a run, by block and by method."""
    hours = {
        f"{part}/{key}": 1000 * tenths // line.tenths
        for part, hours in (("content", line.content_tenths), ("method", line.method_tenths))
        for key, tenths in hours.items()
    }
    return Taught(
        number=line.number,
        programme=str(line.programme_id or ""),
        title=line.title,
        group=line.rank_group,
        ranks=frozenset(line.ranks),
        units=frozenset(map(str, line.units)),
        place=str(line.institution_id or line.institution_name),
        term=line.term,
        runs=line.runs,
        people=line.people,
        budget=line.budget,
        covers=covers,
        hours=hours,
        size_max=line.programme.size_max if line.programme else None,
    )
