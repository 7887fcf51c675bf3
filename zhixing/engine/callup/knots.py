"""Why no list exists: all conflicts, and the cheapest ways out of each knot of them.

Pins that break rules are taken apart into knots that have nothing to do with each other. Hard minimums make one knot. They come in lazily:
only minimums that were found to conflict are in the program, which makes its optimum a lower bound; a way counts once a list that keeps *all*
minimums was found under it."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from zhixing.engine.callup.conflicts import Clash, Conflict
from zhixing.engine.callup.minimums import shortage_of
from zhixing.engine.callup.model import model_of
from zhixing.engine.callup.problem import CallupProblem, Floats, Longs, find
from zhixing.engine.callup.relaxations import COST, Knot, Relaxation, Step, Way, relaxed
from zhixing.engine.callup.ways_out import Minimums, Program, Ways

CONFLICTS_MOST = 8
"""Conflicts of hard minimums told; each is found by many proofs."""


class Tools(Protocol):
    """What a solver can do."""

    def minimise(self, program: Program) -> Floats | None:
        """The optimum; None when it was not found in time."""

    def must_fall_short(self, problem: CallupProblem) -> bool:
        """Is it proven that no selection meets all minimums? False when it could not be."""

    def fullest(self, problem: CallupProblem) -> Longs:
        """The pairs of a selection that keeps the limits and the pins and misses few seats under the minimums."""

    def is_over(self) -> bool:
        """Is no more work wanted?"""


class Deadlock(NamedTuple):
    """Why no list exists, the shortest conflict first, and what would help."""

    conflicts: tuple[Conflict, ...]
    knots: tuple[Knot, ...]


def pin_deadlock(problem: CallupProblem, clashes: list[Clash], tools: Tools) -> Deadlock:
    """The clashes of pins."""
    return Deadlock(tuple(clash.said(problem) for clash in clashes), tuple(_pin_knots(problem, clashes, tools)))


def _pin_knots(problem: CallupProblem, clashes: list[Clash], tools: Tools) -> list[Knot]:
    """The ways out of pins that break rules, apart for those that have nothing to do with each other.

    Only rules that are broken need a change: to drop a pin or to raise a limit breaks no other."""
    knots = []
    for pins in _apart(problem, clashes):
        ways = Ways(problem.with_pins(pins), Minimums.none(problem))
        found = [_with_own_pins(way, pins) for way in ways.cheapest(tools.minimise)]
        knots.append(Knot.of(found, proven=bool(found)))
    return knots


def _with_own_pins(way: Way, pins: Longs) -> Way:
    """A way of a problem with only some pins, told of the whole one."""
    steps = (step._replace(at=int(pins[step.at])) if step.change is Relaxation.DROP_PIN else step for step in way.steps)
    return Way(way.cost, tuple(steps))


def _apart(problem: CallupProblem, clashes: list[Clash]) -> list[Longs]:
    """The pins of clashes joined wherever these share a pin or a change."""
    groups: list[tuple[set[Any], set[int]]] = []
    for clash in clashes:
        pins = set(clash.pins.tolist())
        signs: set[Any] = {("pin", pin) for pin in pins}
        if "week" in clash.rule:
            signs.add(("unit", clash.rule["unit"]))
        if clash.rule["rule"] == "callups_max":
            signs.add("callups_max")
        joined = [group for group in groups if group[0] & signs]
        for group in joined:
            groups.remove(group)
            signs |= group[0]
            pins |= group[1]
        groups.append((signs, pins))
    return [np.array(sorted(pins), np.int64) for _, pins in groups]


def minimum_deadlock(problem: CallupProblem, clashes: list[Clash], tools: Tools) -> Deadlock:
    """Hard minimums that cannot be met, and pins that clash beside them."""
    search = _MinimumSearch(problem, clashes, tools)
    if not clashes:
        search.find_conflicts()
    return Deadlock(tuple(search.conflicts), (search.knot(),))


class _MinimumSearch:
    """``minimums`` are those known to conflict; the program looks at no others. ``best`` is its last optimum."""

    def __init__(self, problem: CallupProblem, clashes: list[Clash], tools: Tools) -> None:
        self.problem, self.tools = problem, tools
        self.conflicts = [clash.said(problem) for clash in clashes]
        self.minimums = Minimums.none(problem)
        self.kept: set[tuple[Step, ...]] = set()
        self.best = Way(0.0, ())

    def find_conflicts(self) -> None:
        """Conflicts that share no minimum: those of the one before are let go for the next."""
        rest = self.problem
        while len(self.conflicts) < CONFLICTS_MOST:
            self._take(rest)
            rest = self.minimums.others().within(self.problem)
            if self.tools.is_over() or not self.tools.must_fall_short(rest):
                return

    def _take(self, problem: CallupProblem) -> None:
        """Looks from now on at the minimums of a conflict of ``problem``, and tells it when it shares none with the others."""
        limits = model_of(problem)[1]
        found = shortage_of(problem, limits, self.tools.must_fall_short)
        own = Minimums.of(problem, limits, found.minimums)
        if not self.minimums.share(own):
            self.conflicts.append(found.said(problem, limits))
        self.minimums = self.minimums.joined(own)

    def knot(self) -> Knot:
        while True:
            ways, whole = self._ways()
            if whole is not None:
                return Knot.of(ways, proven=whole) if ways else Knot.of([self._lowered()], proven=False)

    def _ways(self) -> tuple[list[Way], bool | None]:
        """The ways under which a list was found, and whether the first is proven the cheapest; None when another minimum came in."""
        found: list[Way] = []
        for way in Ways(self.problem, self.minimums).cheapest(self.tools.minimise):
            if not found:
                self.best = way
            after = relaxed(self.problem, way.steps)
            if way.steps not in self.kept:
                if _missed(after, self.tools.fullest(after)):
                    if self.tools.is_over() or not self.tools.must_fall_short(after):
                        return found, bool(found)
                    self._take(after)
                    return found, None
                self.kept.add(way.steps)
            found.append(way)
            if self.tools.is_over():
                break
        return found, bool(found)

    def _lowered(self) -> Way:
        """The best way so far, with every minimum lowered to what some selection fills under it: a way, if not the cheapest."""
        after = relaxed(self.problem, self.best.steps)
        steps = {(step.change, step.at): step for step in self.best.steps}
        for step in _missed(after, self.tools.fullest(after)):
            first = steps.get((step.change, step.at), step)
            steps[step.change, step.at] = first._replace(after=step.after)
        cost = sum(COST[step.change] * abs(step.after - step.before) for step in steps.values())
        return Way(cost, tuple(steps.values()))


def _missed(problem: CallupProblem, chosen: Longs) -> list[Step]:
    """The minimums that a selection misses, each lowered to what it fills."""
    class_ = problem.pair_class[chosen].astype(np.int64)
    in_class = np.bincount(class_, minlength=problem.classes)
    in_quota = _used_of_quotas(problem, problem.unit_of_person[problem.pair_person[chosen]].astype(np.int64), class_)
    short_classes = np.flatnonzero(in_class < problem.seats_min).tolist()
    short_quotas = np.flatnonzero(in_quota < problem.quota_min).tolist()
    return [
        *(Step(Relaxation.CLASS_MINIMUM, at, int(problem.seats_min[at]), int(in_class[at])) for at in short_classes),
        *(Step(Relaxation.QUOTA_MINIMUM, at, int(problem.quota_min[at]), int(in_quota[at])) for at in short_quotas),
    ]


def _used_of_quotas(problem: CallupProblem, unit: Longs, class_: Longs) -> Longs:
    """[Q] how many of the pairs (unit, class) count for each quota: those of its unit and of all below."""
    quotas = problem.quota_unit.astype(np.int64) * problem.classes + problem.quota_class
    used = np.zeros(len(quotas), np.int64)
    while len(unit):
        place = find(quotas, unit * problem.classes + class_)
        np.add.at(used, place[place >= 0], 1)
        unit = problem.parent[unit].astype(np.int64)
        unit, class_ = unit[unit >= 0], class_[unit >= 0]
    return used
