"""``{% chart "overdue" chart %}``: a chart with its data table; ECharts is loaded only by pages that show one."""

from __future__ import annotations

from typing import Any

from django import template

from zhixing.base.charts import Chart

register = template.Library()


@register.inclusion_tag("base/parts/chart.html")
def chart(key: str, chart: Chart) -> dict[str, Any]:
    """Render ``chart`` under the element id ``chart-<key>``; ``key`` is unique on the page."""
    element = f"chart-{key}"
    return {"key": element, "data_id": f"{element}-data", "chart": chart, "data": chart.as_json(), "rows": chart.rows()}
