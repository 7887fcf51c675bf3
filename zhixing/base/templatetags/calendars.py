"""``{% calendar "week" calendar %}``: a calendar with its events as a list; its script is loaded only by pages that show one."""

from __future__ import annotations

from typing import Any

from django import template

from zhixing.base.calendars import Calendar

register = template.Library()


@register.inclusion_tag("base/parts/calendar.html")
def calendar(key: str, calendar: Calendar) -> dict[str, Any]:
    """Render ``calendar`` under the element id ``calendar-<key>``; ``key`` is unique on the page."""
    element = f"calendar-{key}"
    return {"key": element, "data_id": f"{element}-data", "calendar": calendar, "data": calendar.as_json()}
