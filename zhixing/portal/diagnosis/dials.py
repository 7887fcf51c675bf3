"""A dial: a half circle from 0 to 100 with the value, its range and the value of the year before, as paths that a page draws without any script."""

from __future__ import annotations

import math
from dataclasses import dataclass

from zhixing.engine.diagnosis.index import Index

MIDDLE_X, MIDDLE_Y, RADIUS = 120.0, 116.0, 92.0


@dataclass(frozen=True)
class Dial:
    """``track`` is the whole half circle, ``span`` the range, ``filled`` the part up to the value; ``hand`` and ``before`` are the ends of a line
    at the value and at that of the year before."""

    track: str
    filled: str
    span: str
    hand: tuple[float, float, float, float] | None
    before: tuple[float, float, float, float] | None


def dial_of(index: Index, before: float | None = None) -> Dial:
    value = index.value
    return Dial(
        track=_arc(0, 1, RADIUS),
        filled=_arc(0, value, RADIUS) if value else "",
        span=_arc(index.lower, index.upper, RADIUS - 17) if index.lower is not None and index.upper is not None else "",
        hand=None if value is None else (*_point(value, RADIUS - 23), *_point(value, RADIUS + 12)),
        before=None if before is None else (*_point(before, RADIUS + 13), *_point(before, RADIUS + 21)),
    )


def _point(share: float, radius: float) -> tuple[float, float]:
    angle = math.pi * (1 - share)
    return round(MIDDLE_X + radius * math.cos(angle), 2), round(MIDDLE_Y - radius * math.sin(angle), 2)


def _arc(start: float, end: float, radius: float) -> str:
    (x1, y1), (x2, y2) = _point(start, radius), _point(end, radius)
    return f"M {x1} {y1} A {radius} {radius} 0 0 1 {x2} {y2}"
