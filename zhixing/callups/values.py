"""What one seat is worth for one person: whole points that anyone can add up by hand.

| part | points (default) | when |
|---|---|---|
| ``owing`` | 120 / 80 / 40 / 10 | the worst standing: overdue / short / on track / met or exempt; nothing known counts as on track |
| ``missing`` | 0 … 10 | one for each started tenth of the required hours that is missing under that standing |
| ``make_up`` | 200, +60, +40, +30 | an open make-up; more when theme, channel and content block of the class fit what was missed |
| ``waited`` | 0 … 60 | one for each whole month since the last training ended; 60 when there never was one |
| ``this_year`` | −40 | already trained or called in the calendar year of the class |
| ``same_theme`` | −80 | trained in the same theme within a year before the class starts (within one run the list costs as much: ``Terms.repeats_within``) |
| ``load`` | −15 … 15 | the unit has carried more (taken off) or less (added) than its share of the days away; all of it at twice the share or none |
| ``tie`` | 0.00 … 0.99 | drawn from the published seed: equals are told apart without favour |

The sum never falls below one point, so that a free seat is better filled than left empty. The unit is the unit of the costs in formats.md §3.
``load`` is at most half of the smallest step between two standings, so that it decides between units only where people owe alike.
Nothing here looks at a person's name, sex, age or rank.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

OWING = ("met", "on_track", "short", "overdue")
"""Standings from the lightest to the heaviest; the place of a name is its code in ``PairFacts.owing``."""
UNKNOWN = OWING.index("on_track")
NEVER = -1
"""In ``PairFacts.months``: no training is known."""
OPEN, THEME, CHANNEL, CONTENT = 1, 2, 4, 8
"""Flags of ``PairFacts.make_up``; zero says that nothing is to be made up."""
PARTS = ("owing", "missing", "make_up", "waited", "this_year", "same_theme", "load")


@dataclass(frozen=True)
class Weights:
    """The points of the table above, which a run may change; ``this_year`` and ``same_theme`` are taken off."""

    overdue: int = 120
    short: int = 80
    on_track: int = 40
    met: int = 10
    missing_tenth: int = 1
    make_up: int = 200
    make_up_theme: int = 60
    make_up_channel: int = 40
    make_up_content: int = 30
    month_waited: int = 1
    months_most: int = 60
    this_year: int = 40
    same_theme: int = 80
    load_most: int = 15

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in fields(cls))


PRESETS = {
    "owing": Weights(),
    "rotation": Weights(overdue=90, short=70, on_track=50, met=40, month_waited=3, this_year=90, load_most=5),
    "make_up": Weights(make_up=400, make_up_theme=120, make_up_channel=80, make_up_content=60),
}
"""What the planner may choose in plain words: debts first, long waits first, make-ups before all."""


@dataclass(frozen=True, eq=False)
class PairFacts:
    """One row for each of E pairs of a person and a class."""

    owing: Ints  # [E] place in ``OWING``
    missing: Ints  # [E] tenths of the required hours that are missing, 0 to 10
    make_up: Ints  # [E] flags
    months: Ints  # [E] whole months since the last training ended, or ``NEVER``
    this_year: Flags  # [E]
    same_theme: Flags  # [E]
    load: Ints  # [E] how much the unit has carried beyond its share, in hundredths of it, -100 to 100; 0 where it does not count


def points(facts: PairFacts, weights: Weights) -> dict[str, Ints]:
    """The points of each pair, part by part (keys: ``PARTS``)."""
    owed = np.array([weights.met, weights.on_track, weights.short, weights.overdue], np.int64)
    waited = np.where(facts.months == NEVER, weights.months_most, np.minimum(facts.months, weights.months_most))
    return {
        "owing": owed[facts.owing],
        "missing": facts.missing * weights.missing_tenth,
        "make_up": _make_up_points(facts.make_up, weights),
        "waited": waited * weights.month_waited,
        "this_year": np.where(facts.this_year, -weights.this_year, 0),
        "same_theme": np.where(facts.same_theme, -weights.same_theme, 0),
        "load": -np.rint(facts.load * weights.load_most / 100).astype(np.int64),
    }


def _make_up_points(flags: Ints, weights: Weights) -> Ints:
    extra = (
        ((flags & THEME) > 0) * weights.make_up_theme
        + ((flags & CHANNEL) > 0) * weights.make_up_channel
        + ((flags & CONTENT) > 0) * weights.make_up_content
    )
    return np.where(flags & OPEN, weights.make_up + extra, 0)


def values(parts: dict[str, Ints], tie: Ints) -> Floats:
    """The value of each pair: its points, at least one, and its hundredths from the draw."""
    total = np.maximum(1, sum(parts.values()))
    return total + tie / 100.0


def draw(persons: Ints, classes: Ints, seed: int) -> Ints:
    """0 to 99 for each pair of keys, the same for the same seed on every machine (SplitMix64 over seed, class and person)."""
    with np.errstate(over="ignore"):
        mixed = _mix(persons.astype(np.uint64) ^ _mix(classes.astype(np.uint64) ^ _mix(np.uint64(seed))))
        return (mixed % np.uint64(100)).astype(np.int64)


def _mix(number: npt.NDArray[np.uint64] | np.uint64) -> npt.NDArray[np.uint64]:
    mixed = number + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)
