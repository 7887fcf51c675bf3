"""What a chart shows, apart from how it looks: labels, series, unit, goal, and the page behind each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from zhixing.base.problems import Text

Kind = Literal["bar", "line", "stacked", "interval", "scatter"]
Number = int | float | None


@dataclass(frozen=True)
class Chart:
    """One chart. ``series`` maps a name to one number per label (``None`` is a gap).

    ``links`` holds one URL per label: bars and the rows of the data table open it. ``goal`` draws a dashed line.
    ``horizontal`` suits long labels. ``intervals`` (of kind ``interval``, which lies down and grows with its labels) holds one range per label, drawn under
    the points of the series. Of kind ``scatter`` each label is a point, across by the first series and up by the second.
    Raises ``ValueError`` when the lengths differ.
    """

    title: Text
    labels: Sequence[Text]
    series: Mapping[str, Sequence[Number]]
    kind: Kind = "bar"
    unit: Text = ""
    links: Sequence[str] = ()
    goal: float | None = None
    goal_label: Text = ""
    horizontal: bool = False
    tones: Mapping[str, str] = field(default_factory=dict)
    intervals: Sequence[tuple[float, float]] = ()
    interval_label: Text = ""

    def __post_init__(self) -> None:
        for name, values in self.series.items():
            if len(values) != len(self.labels):
                raise ValueError(f"series {name!r} has {len(values)} values for {len(self.labels)} labels")
        if self.links and len(self.links) != len(self.labels):
            raise ValueError(f"{len(self.links)} links for {len(self.labels)} labels")
        if self.kind == "scatter" and len(self.series) != 2:
            raise ValueError(f"{len(self.series)} series for a point, which has two")
        if len(self.intervals) != (len(self.labels) if self.kind == "interval" else 0):
            raise ValueError(f"{len(self.intervals)} intervals for {len(self.labels)} labels of kind {self.kind}")

    def as_json(self) -> dict[str, Any]:
        """Return what ``charts.js`` reads."""
        return {
            "title": str(self.title),
            "kind": self.kind,
            "labels": [str(label) for label in self.labels],
            "series": [
                {"name": str(name), "values": list(values), "tone": self.tones.get(name, "")}
                for name, values in self.series.items()
            ],
            "unit": str(self.unit),
            "links": list(self.links),
            "goal": self.goal,
            "goalLabel": str(self.goal_label),
            "horizontal": self.horizontal or self.kind == "interval",
            "intervals": [list(one) for one in self.intervals],
            "intervalLabel": str(self.interval_label),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return the data table: for each label its values in series order, its interval and its link."""
        links = self.links or [""] * len(self.labels)
        columns = list(self.series.values())
        return [
            {
                "label": label,
                "link": link,
                "values": [column[place] for column in columns],
                "interval": self.intervals[place] if self.intervals else None,
            }
            for place, (label, link) in enumerate(zip(self.labels, links, strict=True))
        ]
