"""The terms of a run: its limits, costs and weights, read strictly from what the run keeps as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid
from zhixing.callups.emphasis import FACTORS, MATTERS, USUAL, costs_of, weights_of
from zhixing.callups.values import PRESETS, Weights

WEIGHT_MOST = 10_000
THREE_YEARS_MOST = 36
LESS_THAN_A_YEAR = _("In three years a person may be called at least as often as in one.")
OVERFLOW_PERCENTS = (0, 1, 5, 10)


@dataclass(frozen=True)
class Terms:
    """``away_percent`` of a unit's serving people (at least one) may be away in one week where the unit names no number of its own.

    ``emphasis`` says in words what counts more or less than usual (``emphasis.py``). ``waiting`` is how many are kept for a class run.
    ``overflow_percent`` is the chance, at most, that more come than there are seats when people are invited beyond them; at 0 nobody is.
    ``count_outside``: call-ups by other authorities count in ``callups_max`` and in who is away; their days are taken either way.
    ``three_years_max`` is the most call-ups of one person in the year and the two before it; None sets no limit.
    ``repeats_within``: a theme counts as repeated also between class runs of this run, by the weight ``same_theme``; ``close_days``: a call-up
    that begins within so many days after the person's last one costs ``close_callup_cost``, 0 lets none. Runs kept before there were these
    terms (``BEFORE``) stay what they were.
    """

    callups_max: int = 2
    three_years_max: int | None = None
    second_callup_cost: float = 60.0
    short_seat_cost: float = 300.0
    close_callup_cost: float = 30.0
    close_days: int = 60
    repeats_within: bool = True
    hard_minimums: bool = False
    count_outside: bool = True
    away_percent: int = 10
    waiting: int = 30
    overflow_percent: int = 0
    preset: str = "owing"
    emphasis: Mapping[str, str] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Terms:
        """Read what a run keeps; absent terms have their defaults, or ``BEFORE``. Raises ``Invalid`` for anything unknown or out of range."""
        given = {**BEFORE, **kept}
        if given.get("three_years_max", 0) is None:
            del given["three_years_max"]
        preset = given.pop("preset", cls.preset)
        if preset not in PRESETS:
            raise Invalid(_("There is no such priority."))
        emphasis = _emphasis(given.pop("emphasis", {}))
        weights = {**asdict(weights_of(PRESETS[preset], emphasis)), **given.pop("weights", {})}
        if set(weights) - set(Weights.names()) or set(given) - set(RANGES) - FLAGS - {"overflow_percent"}:
            raise Invalid(_("The terms of the run name something that does not exist."))
        if given.get("overflow_percent", 0) not in OVERFLOW_PERCENTS:
            raise Invalid(_("There is no such risk to choose."))
        _check(weights, dict.fromkeys(weights, (0, WEIGHT_MOST)))
        _check(given, RANGES)
        if given.get("three_years_max", THREE_YEARS_MOST) < given.get("callups_max", cls.callups_max):
            raise Invalid(LESS_THAN_A_YEAR)
        return cls(preset=preset, emphasis=emphasis, weights=Weights(**weights), **{**costs_of(emphasis), **given})

    def kept(self) -> dict[str, Any]:
        """As JSON; weights and costs only where they differ from what the words say."""
        plain = asdict(self)
        usual = asdict(weights_of(PRESETS[self.preset], self.emphasis))
        plain["weights"] = {name: value for name, value in plain["weights"].items() if value != usual[name]}
        said = costs_of(self.emphasis)
        return {name: value for name, value in plain.items() if value != said.get(name)}

    def engine_settings(self) -> dict[str, Any]:
        """``settings.json`` of formats.md §3; what spreads the call-ups of one person only where it costs anything."""
        settings: dict[str, Any] = {
            "callups_max": self.callups_max,
            "second_callup_cost": float(self.second_callup_cost),
            "short_seat_cost": float(self.short_seat_cost),
            "hard_minimums": self.hard_minimums,
        }
        if self.repeats_within and self.weights.same_theme:
            settings["repeated_theme_cost"] = float(self.weights.same_theme)
        if self.close_days and self.close_callup_cost:
            settings |= {"close_callup_cost": float(self.close_callup_cost), "close_days": self.close_days}
        return settings

    def away_limit(self, own: int | None, serving: int) -> int:
        """How many of a unit with ``serving`` people may be away in one week."""
        return own if own is not None else max(1, -(-serving * self.away_percent // 100))


FLAGS = {"hard_minimums", "count_outside", "repeats_within"}
BEFORE: Mapping[str, Any] = {"repeats_within": False, "close_days": 0}
"""What runs meant that were kept when one list knew nothing of themes and days between call-ups."""
CLOSE_DAYS_MOST = 366
RANGES: Mapping[str, tuple[float, float]] = {
    "callups_max": (1, 12),
    "three_years_max": (1, THREE_YEARS_MOST),
    "second_callup_cost": (0, WEIGHT_MOST),
    "short_seat_cost": (0, WEIGHT_MOST),
    "close_callup_cost": (0, WEIGHT_MOST),
    "close_days": (0, CLOSE_DAYS_MOST),
    "away_percent": (1, 100),
    "waiting": (0, 500),
}


def _emphasis(given: Any) -> dict[str, str]:
    """What is said of each matter, the usual left out."""
    if (
        not isinstance(given, Mapping)
        or set(given) - set(MATTERS)
        or not all(isinstance(word, str) and word in FACTORS for word in given.values())
    ):
        raise Invalid(_("The terms of the run name something that does not exist."))
    return {matter: given[matter] for matter in MATTERS if given.get(matter, USUAL) != USUAL}


def _check(given: Mapping[str, Any], ranges: Mapping[str, tuple[float, float]]) -> None:
    for name, value in given.items():
        if name not in ranges:
            continue
        least, most = ranges[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise Invalid(
                _("%(name)s must lie between %(least)s and %(most)s.") % {"name": name, "least": least, "most": most}
            )
