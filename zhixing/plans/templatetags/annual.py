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

register = template.Library()


@register.filter
def money(cents: int | None) -> str:
    """Money without the decimals of whole yuan: 16000000 -> ¥160,000."""
    return sentences.money(cents)


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
