"""Words of annual plans in templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from zhixing.base.templatetags.pages import badge
from zhixing.engine.annual.execution import Execution
from zhixing.plans import sentences
from zhixing.plans.models import PlanLine
from zhixing.plans.money import money
from zhixing.plans.queries.annual_plans import EvidenceRow
from zhixing.plans.queries.duplicates import Alike

register = template.Library()


register.filter(money)


@register.filter
def wan(cents: int) -> str:
    """Money in 10,000 yuan, to the hundredth."""
    return f"{cents / 1_000_000:,.2f}"


@register.filter
def whom(line: PlanLine) -> str:
    return sentences.whom(line)


@register.filter
def held_at(line: PlanLine) -> str:
    return sentences.held_at(line)


@register.filter
def share(ten_thousandths: int) -> str:
    """1250 -> 12.5%."""
    return f"{ten_thousandths / 100:g}%"


@register.filter
def person_levels(weight: int) -> int:
    """The weight of a need as the needs board tells it: it is kept in hundredths."""
    return weight // 100


@register.filter
def of_line(found: Mapping[int | str, Sequence[Any]], key: int | str) -> Sequence[Any]:
    """What is kept for the number of a line, or for its rank group."""
    return found.get(key, ())


@register.simple_tag
def execution_badge(execution: Execution) -> SafeString:
    return badge(sentences.TONES[execution], sentences.EXECUTION[execution])


@register.filter
def left_of_weight(rows: Sequence[EvidenceRow]) -> int:
    """Ten-thousandths of the weight of a line that stand."""
    return sum(row.left for row in rows)


@register.filter
def both(alike: Alike) -> tuple[PlanLine, PlanLine]:
    return alike.first, alike.second


@register.filter
def why_alike(alike: Alike) -> list[str]:
    return sentences.why_alike(alike.pair, (alike.first.days, alike.second.days))


@register.filter
def percent_of(gap: float) -> str:
    """0.0042 -> 0.42 %; never less than is shown."""
    return f"{max(0.01, 100 * gap):.2f} %"
