"""What if: the same problem with less money, without an institution, with one priority more; and what that changes in a plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from zhixing.engine.plan.problem import Capacity, Evidence, Need, PlanProblem
from zhixing.engine.plan.reasons import usage_of
from zhixing.engine.plan.result import Line


class UnknownPart(Exception):
    """A key that the problem does not know, with what kind of thing it should have been."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind, self.key = kind, key
        super().__init__(f"{kind} {key}")


@dataclass(frozen=True, slots=True)
class Priority:
    """A new piece of evidence for one competency of one target group; ``people`` counts only where there was no such need."""

    key: str
    source: str
    competency: str
    group: str
    share: int
    people: int


def with_money(problem: PlanProblem, percent: int) -> PlanProblem:
    """``percent`` of the money, rounded down."""
    return replace(problem, money=problem.money * percent // 100)


def with_capacities(problem: PlanProblem, *, teachers: int = 100, rooms: int = 100) -> PlanProblem:
    """So many percent of the teacher days, and of the classes and beds at once, of every institution in every term, rounded down."""
    institutions = tuple(
        replace(one, capacities=tuple(_with_percent(capacity, teachers, rooms) for capacity in one.capacities))
        for one in problem.institutions
    )
    return replace(problem, institutions=institutions)


def _with_percent(capacity: Capacity, teachers: int, rooms: int) -> Capacity:
    return replace(
        capacity,
        classes=capacity.classes * rooms // 100,
        beds=capacity.beds * rooms // 100,
        teachers={topic: days * teachers // 100 for topic, days in capacity.teachers.items()},
    )


def without_institution(problem: PlanProblem, key: str) -> PlanProblem:
    kept = tuple(one for one in problem.institutions if one.key != key)
    if len(kept) == len(problem.institutions):
        raise UnknownPart("institution", key)
    return replace(problem, institutions=kept)


def with_priority(problem: PlanProblem, priority: Priority) -> PlanProblem:
    """The need weighs more by the share, or begins with it."""
    groups = {group.key: group for group in problem.groups}
    if priority.group not in groups:
        raise UnknownPart("group", priority.group)
    evidence = Evidence(priority.key, priority.source, priority.share)
    known = [
        place
        for place, need in enumerate(problem.needs)
        if (need.competency, need.group) == (priority.competency, priority.group)
    ]
    needs = list(problem.needs)
    if known:
        needs[known[0]] = replace(needs[known[0]], evidence=(*needs[known[0]].evidence, evidence))
    else:
        people = min(priority.people, groups[priority.group].people)
        needs.append(Need(priority.key, priority.competency, priority.group, people, (evidence,)))
    return replace(problem, needs=tuple(needs))


@dataclass(frozen=True, slots=True)
class Moved:
    """A line that is not what it was: (runs, seats) before and after, zeros where it did not stand."""

    key: tuple[str, str, str, str]
    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """``covered``: need → hundredths of persons more (or fewer), those alike left out. Money in cents, objective in millionths of a point."""

    lines: tuple[Moved, ...]
    covered: dict[str, int]
    cents: int
    objective: int


def difference(
    problem: PlanProblem, lines: Iterable[Line], changed: PlanProblem, changed_lines: Iterable[Line]
) -> Difference:
    """From a plan of one problem to a plan of a changed one."""
    lines, changed_lines = list(lines), list(changed_lines)
    before, after = usage_of(problem, lines), usage_of(changed, changed_lines)
    old = {line.key: (line.runs, line.seats) for line in lines}
    new = {line.key: (line.runs, line.seats) for line in changed_lines}
    moved = tuple(
        Moved(key, old.get(key, (0, 0)), new.get(key, (0, 0)))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    )
    was = {need.key: before.covered(place) for place, need in enumerate(problem.needs)}
    covered = {need.key: after.covered(place) - was.get(need.key, 0) for place, need in enumerate(changed.needs)}
    return Difference(
        moved,
        {key: more for key, more in covered.items() if more},
        after.cents - before.cents,
        after.objective() - before.objective(),
    )
