"""How much each matter counts in a run, in five words: they scale the points of the chosen priority (``values.PRESETS``) and the costs of the list.

| word | factor |
|---|---|
| ``none`` · ``less`` · ``usual`` · ``more`` · ``most`` | 0 · ½ · 1 · 2 · 4 |

Whole points stay whole: a half is rounded up. Long waits that count less are counted for half as many months instead, since one point for
each month cannot be halved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from zhixing.callups.values import Weights

USUAL = "usual"
FACTORS: Mapping[str, Fraction] = {
    "none": Fraction(0),
    "less": Fraction(1, 2),
    USUAL: Fraction(1),
    "more": Fraction(2),
    "most": Fraction(4),
}
POINTS: Mapping[str, tuple[str, ...]] = {
    "debts": ("overdue", "short", "on_track", "met", "missing_tenth"),
    "make_ups": ("make_up", "make_up_theme", "make_up_channel", "make_up_content"),
    "waits": ("month_waited",),
    "this_year": ("this_year",),
    "themes": ("same_theme",),
    "loads": ("load_most",),
}
"""The weights that each matter is made of."""
COSTS: Mapping[str, tuple[str, int]] = {
    "second_callups": ("second_callup_cost", 60),
    "spread": ("close_callup_cost", 30),
    "fewest_seats": ("short_seat_cost", 300),
}
"""The term of the run that each matter of the whole list is, and its usual cost."""
MATTERS = (*POINTS, *COSTS)


def weights_of(preset: Weights, words: Mapping[str, str]) -> Weights:
    """The points of a priority under ``words`` {matter: word}; a matter without a word counts as usual."""
    scaled = {
        name: _scaled(getattr(preset, name), words.get(matter, USUAL))
        for matter, names in POINTS.items()
        for name in names
    }
    if words.get("waits") == "less":
        scaled |= {"month_waited": preset.month_waited, "months_most": _scaled(preset.months_most, "less")}
    return replace(preset, **scaled)


def costs_of(words: Mapping[str, str]) -> dict[str, float]:
    """The costs of the list under ``words``."""
    return {term: float(_scaled(usual, words.get(matter, USUAL))) for matter, (term, usual) in COSTS.items()}


def _scaled(points: int, word: str) -> int:
    return -(-points * FACTORS[word].numerator // FACTORS[word].denominator)
