"""Why no list exists and what would help, one line each, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Said = Mapping[str, Any]


def deadlock_lines(result: Said) -> Iterator[str]:
    """The conflicts and the ways out that ``result.json`` tells; nothing when there is a list."""
    for number, conflict in enumerate(result.get("conflicts", ()), 1):
        yield f"conflict {number}: " + "; ".join(_item(item) for item in conflict)
    knots = result.get("relaxations", ())
    for number, knot in enumerate(knots, 1):
        knot_said = f" of conflict group {number}" if len(knots) > 1 else ""
        for place, way in enumerate(knot["ways"], 1):
            first = ", the cheapest" if place == 1 and knot["proven_cheapest"] else ""
            changes = "; ".join(_change(change) for change in way["changes"])
            yield f"way out {place}{knot_said} (cost {way['cost']:g}{first}): {changes}"


def _keys(said: Said) -> str:
    names = ("person_id", "unit_id", "class_id", "week")
    return " ".join(f"{name} {said[name]}" for name in names if name in said)


def _item(item: Said) -> str:
    numbers = "".join(f" {name} {item[name]}" for name in ("least", "most") if name in item)
    return f"{item['rule']} {_keys(item)}".rstrip() + numbers


def _change(change: Said) -> str:
    if change["change"] == "drop_pin":
        return f"drop_pin {_keys(change)} chosen {str(change['chosen']).lower()}"
    weeks = f" (weeks of {', '.join(change['weeks'])})" if "weeks" in change else ""
    return f"{change['change']} {_keys(change)}".rstrip() + f" from {change['from']} to {change['to']}{weeks}"
