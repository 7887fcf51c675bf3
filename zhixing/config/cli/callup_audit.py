"""What a pair is worth against what its seats and weeks cost, as one sentence for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhixing.engine.callup.reasons import PLACES

Said = Mapping[str, Any]


_SPREAD = {
    "repeated_theme": "the theme of the person's class {class}, again,",
    "close_callup": "being close to the person's class {class}",
}


def price_audit(said: Said) -> str:
    """``engine.callup.explanation.explain`` of an eligible pair in words: its value, each price, and what is missing or left."""
    paid = [_paid(item) for item in said["prices"] if item["price"]]
    if said["second_cost"]:
        paid.append(f"a further call-up of the person costs {_number(said['second_cost'])}")
    paid += [f"{_SPREAD[item['rule']].format(**item)} costs {_number(item['cost'])}" for item in said["spread"]]
    # Of the prices as they are shown, so that the sum comes out to the last digit.
    costs = [
        said["second_cost"],
        *(item["cost"] for item in said["spread"]),
        *(item["price"] for item in said["prices"]),
    ]
    left = said["value"] - sum(costs)
    rest = f"short by {_number(-left)}" if left < 0 else f"{_number(left)} left"
    return "; ".join([f"value {_number(said['value'])}", *(paid or ["no seat or week has a price"]), rest])


def _paid(item: Said) -> str:
    """A seat below the fewest has a price below 0: who takes it brings that much."""
    if item["price"] < 0:
        return f"{_place(item)} is below the fewest and brings {_number(-item['price'])}"
    return f"{_place(item)} costs {_number(item['price'])}"


def _number(points: float) -> str:
    return f"{round(points, PLACES):.12g}"


def _place(item: Said) -> str:
    match item["rule"]:
        case "away_full":
            return f"unit {item['unit']} away in the week of {item['week']}"
        case "quota_full":
            return f"seat of unit {item['unit']} in class {item['class']}"
    return f"seat of class {item['class']}"
