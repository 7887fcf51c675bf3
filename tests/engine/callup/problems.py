"""Invented call-up problems in a few lines, and a judge of selections that knows the rules by heart and tries every selection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

import pyarrow as pa

from zhixing.engine.callup.problem import CallupProblem
from zhixing.engine.callup.result import CallupResult

Pair = tuple[str, str]
Seats = tuple[int, int]

MONDAY = dt.date(2026, 3, 2)


def days(first: int, last: int) -> tuple[dt.date, dt.date]:
    """Day 0 is a Monday."""
    return MONDAY + dt.timedelta(days=first), MONDAY + dt.timedelta(days=last)


@dataclass(frozen=True)
class Case:
    """A problem as dictionaries: ``classes`` name → (first day, last day, seats_min, seats_max), ``units`` name → (parent, away_max)."""

    classes: Mapping[str, tuple[int, int, int, int]]
    people: Mapping[str, str]
    pairs: Mapping[Pair, float]
    units: Mapping[str, tuple[str | None, int]] = field(default_factory=lambda: {"office": (None, 99)})
    quotas: Mapping[Pair, Seats] = field(default_factory=dict)
    pins: Mapping[Pair, bool] = field(default_factory=dict)
    callups_max: int = 2
    second_callup_cost: float = 0.0
    short_seat_cost: float = 100.0
    hard_minimums: bool = False
    away: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """(unit, week from 0) → the away_max of that week alone."""
    themes: Mapping[str, str] = field(default_factory=dict)
    repeated_theme_cost: float = 0.0
    close_callup_cost: float = 0.0
    close_days: int = 0

    def settings(self) -> dict[str, Any]:
        """What a case leaves at 0 of the optional ones is not written at all."""
        names = ("callups_max", "second_callup_cost", "short_seat_cost", "hard_minimums")
        optional = ("repeated_theme_cost", "close_callup_cost", "close_days")
        kept = [*names, *(name for name in optional if getattr(self, name))]
        return {name: getattr(self, name) for name in kept}

    def tables(self) -> dict[str, pa.Table]:
        text, date, whole = pa.string(), pa.date32(), pa.int32()
        classes = _table(
            ((key, *days(first, last), low, high) for key, (first, last, low, high) in self.classes.items()),
            class_id=text,
            starts_on=date,
            ends_on=date,
            seats_min=whole,
            seats_max=whole,
        )
        if self.themes:
            classes = classes.append_column("theme", pa.array([self.themes.get(key) for key in self.classes], text))
        return {
            "classes": classes,
            "people": _table(self.people.items(), person_id=text, unit_id=text),
            "units": _table(
                ((key, *rest) for key, rest in self.units.items()), unit_id=text, parent_id=text, away_max=whole
            ),
            "pairs": _table(
                ((*key, value) for key, value in self.pairs.items()), person_id=text, class_id=text, value=pa.float64()
            ),
            "quotas": _table(
                ((*key, *seats) for key, seats in self.quotas.items()),
                unit_id=text,
                class_id=text,
                seats_min=whole,
                seats_max=whole,
            ),
            "pins": _table(
                ((*key, chosen) for key, chosen in self.pins.items()), person_id=text, class_id=text, chosen=pa.bool_()
            ),
            "away": _table(
                ((unit, days(7 * week + 2, 0)[0], most) for (unit, week), most in self.away.items()),
                unit_id=text,
                week=date,
                away_max=whole,
            ),
        }

    def problem(self) -> CallupProblem:
        return CallupProblem.from_tables(**self.tables(), settings=self.settings())

    def line(self, person: str) -> list[str]:
        """The person's unit and all above it."""
        unit: str | None = self.people[person]
        found = []
        while unit is not None:
            found.append(unit)
            unit = self.units[unit][0]
        return found

    def weeks(self, class_: str) -> set[int]:
        first, last, _, _ = self.classes[class_]
        return {day // 7 for day in range(first, last + 1)}

    def clash(self, one: str, other: str) -> bool:
        a, b = self.classes[one], self.classes[other]
        return a[0] <= b[1] and b[0] <= a[1]

    def broken(self, chosen: Iterable[Pair]) -> Iterator[tuple[str, ...]]:
        """Every limit that a selection breaks, as (rule, keys…)."""
        held = sorted(chosen)
        for person in {person for person, _ in held}:
            classes = [class_ for who, class_ in held if who == person]
            if len(classes) > self.callups_max:
                yield "callups_max", person
            if any(self.clash(*two) for two in combinations(classes, 2)):
                yield "shared_day", person
        for class_, (_, _, _, most) in self.classes.items():
            if len([1 for _, other in held if other == class_]) > most:
                yield "class_full", class_
        for (unit, class_), (_, most) in self.quotas.items():
            if self.used(unit, class_, held) > most:
                yield "quota_full", unit, class_
        for unit, (_, most) in self.units.items():
            for week in {week for class_ in self.classes for week in self.weeks(class_)}:
                away = {who for who, class_ in held if self.people[who] == unit and week in self.weeks(class_)}
                if len(away) > self.away.get((unit, week), most):
                    yield "away_full", unit, (MONDAY + dt.timedelta(days=7 * week)).isoformat()

    def used(self, unit: str, class_: str, chosen: Iterable[Pair]) -> int:
        return len([1 for who, other in chosen if other == class_ and unit in self.line(who)])

    def short(self, chosen: Iterable[Pair]) -> int:
        held = list(chosen)
        of_classes = (low - len([1 for _, o in held if o == c]) for c, (_, _, low, _) in self.classes.items())
        of_quotas = (low - self.used(*key, held) for key, (low, _) in self.quotas.items())
        return sum(max(0, missing) for missing in (*of_classes, *of_quotas))

    def objective(self, chosen: Iterable[Pair]) -> float:
        held = list(chosen)
        beyond = len(held) - len({person for person, _ in held})
        value = sum(self.pairs[pair] for pair in held)
        return value - self.second_callup_cost * beyond - self.short_seat_cost * self.short(held) - self.spread(held)

    def spread(self, chosen: Iterable[Pair]) -> float:
        """What call-ups of one person cost beside each other."""
        held = list(chosen)
        themed = [(who, self.themes[class_]) for who, class_ in held if self.themes.get(class_)]
        close = [pair for pair in held if any(self.close(pair, other) for other in held)]
        return self.repeated_theme_cost * (len(themed) - len(set(themed))) + self.close_callup_cost * len(close)

    def close(self, pair: Pair, other: Pair) -> bool:
        """Did the other call-up of the same person end within the close days before this one begins?"""
        gap = self.classes[pair[1]][0] - self.classes[other[1]][1]
        return pair[0] == other[0] and 0 < gap <= self.close_days

    def selections(self) -> Iterator[tuple[Pair, ...]]:
        """Every selection that keeps the hard rules, pins and hard minimums among them."""
        choices = [(False, True) if pair not in self.pins else (self.pins[pair],) for pair in self.pairs]
        for taken in product(*choices):
            chosen = tuple(pair for pair, one in zip(self.pairs, taken, strict=True) if one)
            if next(self.broken(chosen), None) is None and not (self.hard_minimums and self.short(chosen)):
                yield chosen

    def optimum(self) -> float | None:
        """None when no selection keeps the rules."""
        if any(chosen and pair not in self.pairs for pair, chosen in self.pins.items()):
            return None
        return max((self.objective(chosen) for chosen in self.selections()), default=None)


def _table(rows: Iterable[tuple[Any, ...]], **columns: pa.DataType) -> pa.Table:
    listed = list(rows)
    arrays = [pa.array([row[place] for row in listed], kind) for place, kind in enumerate(columns.values())]
    return pa.table(dict(zip(columns, arrays, strict=True)))


def selected_pairs(problem: CallupProblem, result: CallupResult) -> set[Pair]:
    """The keys of the chosen pairs."""
    persons = problem.person_keys.take(problem.pair_person[result.selected]).to_pylist()
    classes = problem.class_keys.take(problem.pair_class[result.selected]).to_pylist()
    return set(zip(persons, classes, strict=True))


def selected_table(problem: CallupProblem, result: CallupResult) -> pa.Table:
    """``selected.parquet``."""
    return _table(sorted(selected_pairs(problem, result)), person_id=pa.string(), class_id=pa.string())
