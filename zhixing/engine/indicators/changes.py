"""What one version of a system changed in another: which weight was moved, what came and what went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from zhixing.engine.indicators.definition import Group, Indicator, System


class What(StrEnum):
    """What happened to a part."""

    ADDED = "added"
    REMOVED = "removed"
    POINTS = "points"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Change:
    """``before`` and ``after``: points of the part; None where it is not. ``OTHERWISE``: same points, other words, scale or place."""

    code: str
    title: str
    what: What
    before: int | None
    after: int | None


def changes_between(before: System, after: System) -> tuple[Change, ...]:
    """In the order of the tree, what went last."""
    return tuple(_changes(before, after))


def _changes(before: System, after: System) -> Iterator[Change]:
    old, new = (
        {part.code: (group.code, part) for _depth, group, part in system.root.below()} for system in (before, after)
    )
    for code, (above, part) in new.items():
        if code not in old:
            yield Change(code, part.title, What.ADDED, None, part.points)
        elif old[code][1].points != part.points:
            yield Change(code, part.title, What.POINTS, old[code][1].points, part.points)
        elif old[code][0] != above or _own(old[code][1]) != _own(part):
            yield Change(code, part.title, What.OTHERWISE, part.points, part.points)
    for code, (_above, part) in old.items():
        if code not in new:
            yield Change(code, part.title, What.REMOVED, part.points, None)


def _own(part: Group | Indicator) -> object:
    """Of a group its title only: what is inside speaks for itself."""
    return part.title if isinstance(part, Group) else part
