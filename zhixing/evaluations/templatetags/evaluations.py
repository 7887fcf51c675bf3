"""Bars and whiskers of results, drawn as small SVG without inline style; the figures stand beside them in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from django import template
from django.utils.safestring import SafeString

from zhixing.base.markup import escaped
from zhixing.base.problems import Text
from zhixing.engine.questionnaires import Mean

register = template.Library()
SHADES = 5


@register.simple_tag
def stacked(counts: Sequence[tuple[Text, int]]) -> SafeString:
    """How the answers are shared out, the first at the left; the words are in its title for screen readers."""
    total = sum(count for _label, count in counts) or 1
    words = "，".join(f"{label} {count}" for label, count in counts)
    at, pieces = 0.0, []
    for place, (_label, count) in enumerate(counts):
        width = 100 * count / total
        shade = place * (SHADES - 1) // max(1, len(counts) - 1)
        pieces.append(f'<rect class="ev-shade-{shade}" x="{at:.2f}" y="0" width="{width:.2f}" height="10"></rect>')
        at += width
    return SafeString(
        f'<svg class="ev-stack" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{escaped(words)}">{"".join(pieces)}</svg>'
    )


@register.simple_tag
def whisker(mean: Mean | Literal[""] | None) -> SafeString:
    """The mean as a dot with its interval as a line, from 0 to 100."""
    if not mean:
        return SafeString("")
    low, high = (mean.mean if mean.low is None else mean.low), (mean.mean if mean.high is None else mean.high)
    return SafeString(
        '<svg class="ev-whisker" viewBox="0 0 104 12" aria-hidden="true"><line class="ev-axis" x1="2" y1="6" x2="102" y2="6"></line>'
        f'<line class="ev-span" x1="{low + 2:.1f}" y1="6" x2="{high + 2:.1f}" y2="6"></line>'
        f'<circle class="ev-dot" cx="{mean.mean + 2:.1f}" cy="6" r="3"></circle></svg>'
    )


@register.filter
def points(value: float | Literal[""] | None) -> str:
    """Points of 100 with one decimal; a dash where there is no mean (a template reads nothing of None as an empty text)."""
    return "—" if value is None or value == "" else f"{value:.1f}"


@register.filter
def percent(share: float) -> str:
    """A share of 1 in whole percent; what is not quite none or all is not told as such."""
    whole = round(100 * share)
    if share > 0 and whole == 0:
        return "<1%"
    return ">99%" if share < 1 and whole == 100 else f"{whole}%"


@register.filter
def signed(value: float | Literal[""] | None) -> str:
    """A difference in points with its sign; a dash where there is none."""
    return "—" if value is None or value == "" else f"{value:+.1f}".replace("-", "−")


@register.filter
def coefficient(value: float | Literal[""] | None) -> str:
    """A coefficient with two decimals; a dash where there is none."""
    return "—" if value is None or value == "" else f"{value:.2f}"
