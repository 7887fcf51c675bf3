"""Study groups (学习小组): a class shared out into groups of one size, with units, sexes and ranks spread as evenly as can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Learner:
    """One person of a class; ``sex`` and ``rank`` may be empty where they are not known."""

    key: int
    unit: int
    sex: str = ""
    rank: str = ""


def share_out(learners: Sequence[Learner], groups: int) -> dict[int, int]:
    """Key → number of the group, from 1. The order of ``learners`` does not matter, and the same people give the same groups.

    Sizes differ by at most one, and so does the number of a unit's people between groups: no unit is crowded into a group where that
    can be avoided. Under these two, sexes and ranks are evened out by exchanging pairs until no exchange helps.
    Raises ``ValueError`` for fewer than one group.
    """
    if groups < 1:
        raise ValueError("at least one group")
    dealt = _dealt(learners, groups)
    counts = _counts(dealt)
    while _exchange(dealt, counts):
        pass
    return {learner.key: group + 1 for learner, group in dealt}


Dealt = list[tuple[Learner, int]]
Counts = Counter[tuple[str, str, int]]


def _dealt(learners: Sequence[Learner], groups: int) -> Dealt:
    """Like cards: a unit's people stand together, so that they go to groups in turn."""
    size = Counter(learner.unit for learner in learners)
    ordered = sorted(learners, key=lambda one: (-size[one.unit], one.unit, one.sex, one.rank, one.key))
    return [(learner, place % groups) for place, learner in enumerate(ordered)]


def _traits(learner: Learner) -> list[tuple[str, str]]:
    return [(name, value) for name, value in (("sex", learner.sex), ("rank", learner.rank)) if value]


def _counts(dealt: Dealt) -> Counts:
    found: Counts = Counter()
    for learner, group in dealt:
        found["unit", str(learner.unit), group] += 1
        for name, value in _traits(learner):
            found[name, value, group] += 1
    return found


def _exchange(dealt: Dealt, counts: Counts) -> bool:
    """Exchange the first pair that helps. The squares of the counts fall with each exchange, so this comes to an end."""
    for first in range(len(dealt)):
        for second in range(first + 1, len(dealt)):
            (one, here), (other, there) = dealt[first], dealt[second]
            if here != there and _helps(one, here, other, there, counts):
                dealt[first], dealt[second] = (one, there), (other, here)
                for learner, old, new in ((one, here, there), (other, there, here)):
                    for name, value in (("unit", str(learner.unit)), *_traits(learner)):
                        counts[name, value, old] -= 1
                        counts[name, value, new] += 1
                return True
    return False


def _helps(one: Learner, here: int, other: Learner, there: int, counts: Counts) -> bool:
    """Whether the exchange evens out sexes and ranks without crowding a unit."""
    if one.unit != other.unit:
        for learner, old, new in ((one, here, there), (other, there, here)):
            unit = str(learner.unit)
            if counts["unit", unit, new] + 1 > counts["unit", unit, old]:
                return False
    change = 0
    leaving, coming = _traits(one), _traits(other)
    for trait in {*leaving, *coming}:
        moved = (trait in leaving) - (trait in coming)
        now_here, now_there = counts[*trait, here], counts[*trait, there]
        change += (now_here - moved) ** 2 + (now_there + moved) ** 2 - now_here**2 - now_there**2
    return change < 0
