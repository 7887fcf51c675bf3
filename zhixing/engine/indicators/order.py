"""Which places hang on a weight: by how much it would have to change for the order to change.

The points of a part are moved against those of its neighbours, which keep their proportions; the score of every object is then a straight line
in that weight, and two lines cross at most once. All is exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Final

from zhixing.engine.indicators.definition import Group, Indicator, System
from zhixing.engine.indicators.scoring import Score, State

REACH: Final = Fraction(1, 10)
"""How far a weight is moved, as a share of its group: nobody can say to ten percent why it is not a little more or less."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """The order of the places ``first`` to ``last`` (from 1) changes when the part ``code`` weighs ``at`` of its group instead of ``now``; ``at`` is the
    nearest such weight. ``objects`` are those that change places, the better first."""

    code: str
    now: Fraction
    at: Fraction
    first: int
    last: int
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """``score`` now, and how much it changes for the whole weight."""

    score: Fraction
    slope: Fraction


def dependences(system: System, scores: Mapping[str, Score], reach: Fraction = REACH) -> tuple[Dependence, ...]:
    """``scores`` by object. Parts whose weight may move by ``reach`` without any change of order are not told.

    Objects with equal points share a place. Where a part or one of its neighbours is left out of an object's score, the weight of the part is
    another there, and the object is not compared by it."""
    with_neighbours = ((group, part) for _depth, group, part in system.root.below() if len(group.parts) > 1)
    found = (_of_part(group, part, scores, reach) for group, part in with_neighbours)
    return tuple(one for one in found if one)


def _of_part(group: Group, part: Group | Indicator, scores: Mapping[str, Score], reach: Fraction) -> Dependence | None:
    now = Fraction(part.points, group.points)
    lines = {key: line for key, score in scores.items() if (line := _line(group, part, score))}
    order = sorted(lines, key=lambda key: (-lines[key].score, key))
    pairs = [(_turn(lines[upper], lines[lower], now, reach), upper, lower) for upper, lower in combinations(order, 2)]
    turns = [at for at, _upper, _lower in pairs if at is not None]
    if not turns:
        return None
    objects = {key for at, *both in pairs if at is not None for key in both}
    places = [1 + sum(line.score > lines[key].score for line in lines.values()) for key in objects]
    nearest = min(turns, key=lambda at: (abs(at - now), at))
    moved = tuple(key for key in order if key in objects)
    return Dependence(part.code, now, nearest, min(places), max(places), moved)


def _line(group: Group, part: Group | Indicator, score: Score) -> _Line | None:
    """With weight x the group is worth x · (the part) + (1 − x) · (its neighbours)."""
    inside = [score.parts[one.code] for one in group.parts]
    if any(one.state is State.LEFT_OUT for one in inside):
        return None
    own = score.parts[part.code]
    points, earned = sum(one.points for one in inside), sum((one.earned for one in inside), Fraction())
    others = (earned - own.earned) / (points - own.points)
    return _Line(score.earned, (own.earned / own.points - others) * points)


def _turn(upper: _Line, lower: _Line, now: Fraction, reach: Fraction) -> Fraction | None:
    """The weight at which the lower of two passes the upper, where it is within reach."""
    apart, closing = upper.score - lower.score, lower.slope - upper.slope
    if not apart or not closing:
        return None
    at = now + apart / closing
    return at if max(Fraction(), now - reach) <= at <= min(Fraction(1), now + reach) else None
