"""Programmes that teach the same people the same, and lines of a plan that could be one, with what that would save."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from zhixing.engine.plan.options import Option
from zhixing.engine.plan.problem import PlanProblem, Programme
from zhixing.engine.plan.reasons import usage_of
from zhixing.engine.plan.result import Line

ALIKE = 80
"""Percent from which two programmes are told as alike, in what they cover and in what they teach."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two programmes with target groups in common. ``covered`` and ``taught``: how alike, in percent."""

    first: str
    second: str
    groups: tuple[str, ...]
    covered: int
    taught: int


@dataclass(frozen=True, slots=True)
class Merge:
    """``dropped`` goes into ``kept``: one line of ``runs`` runs. What it saves may be negative where the kept programme costs more."""

    kept: Line
    dropped: Line
    runs: int
    saved_runs: int
    saved_class_days: int
    saved_cents: int
    saved_teacher_days: int


def likeness(one: Mapping[str, int], two: Mapping[str, int]) -> int:
    """What both have of all that either has, in percent; two that have nothing are not alike."""
    keys = {*one, *two}
    larger = sum(max(one.get(key, 0), two.get(key, 0)) for key in keys)
    return 100 * sum(min(one.get(key, 0), two.get(key, 0)) for key in keys) // larger if larger else 0


def _taught(programme: Programme) -> dict[str, int]:
    """Thousandths of the hours by block and by method."""
    whole = programme.tenths or 1
    return {
        str(key): 1000 * tenths // whole
        for part in (programme.hours, programme.methods)
        for key, tenths in part.items()
    }


def overlaps(problem: PlanProblem, alike: int = ALIKE) -> list[Overlap]:
    """Every two programmes alike in both, the most alike first."""
    found = [
        Overlap(one.key, two.key, groups, likeness(one.covers, two.covers), likeness(_taught(one), _taught(two)))
        for one, two in combinations(problem.programmes, 2)
        if (groups := tuple(key for key in one.groups if key in two.groups))
    ]
    kept = [pair for pair in found if pair.covered >= alike and pair.taught >= alike]
    return sorted(kept, key=lambda pair: (-pair.covered, -pair.taught, pair.first, pair.second))


def merges(problem: PlanProblem, lines: Iterable[Line], alike: int = ALIKE) -> list[Merge]:
    """Lines of one group, institution and term whose programmes are alike; the kept one is the programme that costs less for these seats.

    A merge is told only when the kept programme has runs for all, and something is saved. Whether the rules hold afterwards the checker tells."""
    usage = usage_of(problem, lines)
    pairs = {frozenset((pair.first, pair.second)) for pair in overlaps(problem, alike)}
    places: dict[tuple[str, ...], list[Option]] = {}
    for number in sorted(usage.runs):
        option = usage.options[number]
        places.setdefault(option.key[1:], []).append(option)
    found = []
    for options in places.values():
        for one, two in combinations(options, 2):
            if frozenset((one.programme.key, two.programme.key)) in pairs:
                ways = [_merge(usage.runs, usage.seats, *way) for way in ((one, two), (two, one))]
                found += [max(ways, key=lambda merge: merge.saved_cents)]
    return [merge for merge in found if merge.saved_runs > 0 or merge.saved_cents > 0]


def _merge(runs: Mapping[int, int], seats: Mapping[int, int], kept: Option, dropped: Option) -> Merge:
    all_seats = seats[kept.number] + seats[dropped.number]
    after = -(-all_seats // kept.programme.size_max)
    cents = kept.cents(runs[kept.number], seats[kept.number]) + dropped.cents(
        runs[dropped.number], seats[dropped.number]
    )
    days = runs[kept.number] * kept.programme.days + runs[dropped.number] * dropped.programme.days
    teachers = runs[kept.number] * _teacher_days(kept) + runs[dropped.number] * _teacher_days(dropped)
    return Merge(
        Line(*kept.key, runs[kept.number], seats[kept.number]),
        Line(*dropped.key, runs[dropped.number], seats[dropped.number]),
        after,
        runs[kept.number] + runs[dropped.number] - after,
        days - after * kept.programme.days,
        cents - kept.cents(after, all_seats),
        teachers - after * _teacher_days(kept),
    )


def _teacher_days(option: Option) -> int:
    return sum(option.programme.teacher_days.values())
