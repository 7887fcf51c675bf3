"""Charts as inline SVG. Colours are classes of the style sheet, so a chart follows the light, the dark and the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 100.0
"""A bar is as wide as its cell; its own units are percents of that."""
AREA_WIDTH, AREA_HEIGHT, FOOT, HEAD, SIDE = 720, 190, 24, 14, 44


@dataclass(frozen=True)
class Part:
    """One piece of a bar; ``tone`` is a class of the style sheet."""

    name: str
    value: float
    tone: str


def bar(parts: Sequence[Part], most: float) -> SafeString:
    """Pieces side by side; ``most`` is the value that fills the whole width."""
    pieces, left = [], 0.0
    for part in parts:
        width = WIDTH * part.value / most if most else 0.0
        if width:
            pieces.append((part.tone, _number(left), _number(width), part.name, f"{part.value:,.4g}"))
        left += width
    rectangles = format_html_join(
        "", '<rect class="{}" x="{}" y="0" width="{}" height="10"><title>{} {}</title></rect>', pieces
    )
    said = "，".join(f"{name} {value}" for _tone, _left, _width, name, value in pieces)
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        said or "0",
        rectangles,
    )


def area(title: str, points: Sequence[tuple[str, float]], marks: Sequence[tuple[int, str]]) -> SafeString:
    """A filled line over ``points`` (name, value) in order; ``marks`` name some of them below the axis."""
    if not points:
        return SafeString("")
    top = nice_top(max(value for _name, value in points))
    step = (AREA_WIDTH - SIDE) / len(points)
    places = [(SIDE + step * (n + 0.5), _height(value, top)) for n, (_name, value) in enumerate(points)]
    line = " ".join(f"{_number(x)},{_number(y)}" for x, y in places)
    foot = AREA_HEIGHT - FOOT
    columns = format_html_join(
        "",
        '<rect class="touch" x="{}" y="0" width="{}" height="{}"><title>{} {}</title></rect>',
        (
            (_number(x - step / 2), _number(step), foot, name, f"{value:,.0f}")
            for (x, _y), (name, value) in zip(places, points, strict=True)
        ),
    )
    return format_html(
        '<svg class="area" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}<polygon class="fill" points="{},{} {} {},{}"/>'
        '<polyline class="line" points="{}"/>{}</svg>',
        *(AREA_WIDTH, AREA_HEIGHT, title, _rulers(top), _marks(marks, step)),
        *(_number(places[0][0]), foot, line, _number(places[-1][0]), foot, line, columns),
    )


def _rulers(top: float) -> SafeString:
    """Three lines across with their values at the side."""
    rows = [(_number(_height(value, top)), f"{value:,.0f}") for value in (0.0, top / 2, top)]
    return format_html_join(
        "",
        '<line class="ruler" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end" dy="4">{}</text>',
        ((SIDE, AREA_WIDTH, y, y, SIDE - 8, y, said) for y, said in rows),
    )


def _marks(marks: Sequence[tuple[int, str]], step: float) -> SafeString:
    places = ((_number(SIDE + step * (place + 0.5)), AREA_HEIGHT - 6, name) for place, name in marks)
    return format_html_join("", '<text x="{}" y="{}" text-anchor="middle">{}</text>', places)


def _height(value: float, top: float) -> float:
    return AREA_HEIGHT - FOOT - (AREA_HEIGHT - FOOT - HEAD) * value / top


def nice_top(value: float) -> float:
    """The next of 10, 20, 40, 60, 80, 100, 200 … that is not below ``value``."""
    size = 10.0
    while size * 10 < value:
        size *= 10
    return next(size * step for step in (1, 2, 4, 6, 8, 10) if size * step >= value)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
