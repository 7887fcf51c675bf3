"""Rows → the frozen problem of a run."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from django.db.models import QuerySet

from zhixing.callups import elsewhere, values
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.problem import facts
from zhixing.callups.problem.away import AwayLimits, read_limits
from zhixing.callups.problem.burden import known_burden
from zhixing.callups.problem.facts import Longs, Occupied, People
from zhixing.callups.problem.frozen import BARRED, STRANDED, Frozen
from zhixing.callups.problem.outside import read_outside
from zhixing.callups.problem.pairs import BARS, Barred, Pairs, bar, eligible_pairs, facts_of
from zhixing.callups.problem.recent import read_recent
from zhixing.callups.problem.stranded import PinRow, parted
from zhixing.callups.terms import Terms
from zhixing.engine.callup.rules import Rule
from zhixing.engine.callup.weeks import monday_of, week_of
from zhixing.engine.sheets.cells import bare
from zhixing.plans.models import ClassRun

OCCUPIED_VALUE = 1.0
"""The value of a pair that stands already: it is pinned, so any value will do, and a small one leaves the gap honest."""


def load(run: CallupRun, class_runs: QuerySet[ClassRun] | None = None, loose: QuerySet[Callup] | None = None) -> Frozen:
    """Freeze what the run is about. Standing call-ups of the year, and those of others that count, enter as pinned pairs: the same rules count them.

    ``class_runs``: these instead of all that the run is about. ``loose``: sent call-ups that do not stand, but may be given up."""
    chosen = run.class_runs.all() if class_runs is None else class_runs
    return _Builder(run, chosen, Callup.objects.none() if loose is None else loose).frozen()


class _Builder:
    """Reads once, then lays out one table after the other."""

    def __init__(self, run: CallupRun, class_runs: QuerySet[ClassRun], loose: QuerySet[Callup]) -> None:
        self.run = run
        self.terms = Terms.of(run.settings)
        self.classes = facts.read_class_facts(class_runs)
        self.quotas = facts.read_quotas(self.classes)
        self.units = facts.read_units()
        self.year = facts.year_of(run)
        occupied = facts.read_occupied(self.year, loose)
        self.outside = read_outside(self.classes, self.year, counts=self.terms.count_outside)
        pins = run.pins.filter(class_run__in=class_runs).order_by("person_id", "class_run_id")
        self.pinned = list(pins.values_list("person_id", "class_run_id", "chosen"))
        self.excused = facts.read_excused(self.year)
        also = [
            *occupied.person.tolist(),
            *self.excused.person.tolist(),
            *self.outside.person.tolist(),
            *(person for person, _class, _chosen in self.pinned),
        ]
        self.people = facts.read_people(self.units, also)
        self.limits = read_limits(self.units, self.people, self.classes, self.terms)
        taking = occupied.joined(self.outside.counted)
        self.recent = read_recent(self.year, self.terms, self.people, taking)
        kept = _consistent(taking, self.people, self.limits, self.terms.callups_max)
        self.occupied = kept.joined(self.recent.binding)
        self.all_occupied = occupied

    def frozen(self) -> Frozen:
        seated: dict[int, list[int]] = {}
        for unit, class_, _least, most in self.quotas:
            if most:
                seated.setdefault(class_, []).append(unit)
        pairs = eligible_pairs(self.people, self.units, self.classes, seated)
        pairs = pairs.only(~self._held(pairs))
        known = facts_of(
            pairs, self.people, self.classes, facts.read_make_ups(), self.outside, self._carried(), self._told_apart()
        )
        tie = values.draw(self.people.pk[pairs.person], self._class_keys()[pairs.class_], self.run.seed)
        worth = values.values(values.points(known, self.terms.weights), tie)
        facts_that_bar = (self.all_occupied, self.excused, self.outside, self.limits, self.terms.callups_max)
        barred = bar(pairs, self.people, self.classes, *facts_that_bar, self.recent.used_up)
        free = self._pair_table(pairs, known, tie, worth, barred.free)
        tables = {
            "classes": self._class_table(),
            "people": self._people_table(),
            "units": self._unit_table(),
            "pairs": pa.concat_tables([free, self._occupied_table(free.schema)]),
            "quotas": self._quota_table(),
            BARRED: self._barred_table(pairs, known, tie, worth, barred),
        }
        away = self.limits.table(self.units, self.recent.gone(self.people))
        if away is not None:
            tables["away"] = away
        pinned, tables[STRANDED] = parted(self._own_pins(), free, tables[BARRED])
        tables["pins"] = self._pin_table(pinned)
        return Frozen(tables, self.terms.engine_settings())

    def _told_apart(self) -> list[int]:
        """The class runs whose themes the engine counts itself: standing call-ups to them must not count a second time in the values."""
        return [c.pk for c in self.classes] if self.terms.repeats_within else []

    def _carried(self) -> Longs:
        """[U] what each unit has carried beyond its share; nothing where the terms do not ask."""
        if not self.terms.weights.load_most:
            return np.zeros(len(self.units.pk), np.int64)
        return known_burden(facts.year_of(self.run), self.units, self.people).carried()

    def _class_keys(self) -> Longs:
        return np.array([c.pk for c in self.classes], np.int64)

    def _held(self, pairs: Pairs) -> Any:
        """[E] whether the person already holds a seat in this very class."""
        span = max([c.pk for c in self.classes] + [*self.all_occupied.class_.tolist(), 0]) + 1
        keys = self.people.pk[pairs.person] * span + self._class_keys()[pairs.class_]
        return np.isin(keys, self.all_occupied.person * span + self.all_occupied.class_)

    def _class_table(self) -> pa.Table:
        """The chosen class runs, and those of standing call-ups, whose seats are just the ones taken."""
        own = {c.pk for c in self.classes}
        taken: dict[int, list[int]] = {}
        for class_, first, last in zip(
            self.occupied.class_.tolist(), self.occupied.first.tolist(), self.occupied.last.tolist(), strict=True
        ):
            taken.setdefault(class_, [first, last, 0])[2] += 1
        rows = [(c.pk, c.first, c.last, *self._seats(c.pk, c.seats_min, c.seats_max)) for c in self.classes]
        rows += [(key, first, last, 0, count) for key, (first, last, count) in sorted(taken.items()) if key not in own]
        table = pa.table(
            {
                "class_id": pa.array([row[0] for row in rows], pa.int64()),
                "starts_on": _days([row[1] for row in rows]),
                "ends_on": _days([row[2] for row in rows]),
                "seats_min": pa.array([row[3] for row in rows], pa.int64()),
                "seats_max": pa.array([row[4] for row in rows], pa.int64()),
            }
        )
        if not self.terms.repeats_within:
            return table
        themes = [bare(c.theme) or None for c in self.classes]
        return table.append_column("theme", pa.array(themes + [None] * (len(rows) - len(themes)), pa.string()))

    def _people_table(self) -> pa.Table:
        return pa.table({"person_id": self.people.pk, "unit_id": self.units.pk[self.people.unit]})

    def _unit_table(self) -> pa.Table:
        return pa.table(
            {
                "unit_id": self.units.pk,
                "parent_id": pa.array(self.units.parents, pa.int64()),
                "away_max": self.limits.usual,
            }
        )

    def _pair_table(self, pairs: Pairs, known: values.PairFacts, tie: Longs, worth: Any, kept: Any) -> pa.Table:
        return pa.table(
            {
                "person_id": self.people.pk[pairs.person][kept],
                "class_id": self._class_keys()[pairs.class_][kept],
                "value": worth[kept],
                "owing": known.owing[kept].astype(np.int8),
                "missing": known.missing[kept].astype(np.int8),
                "make_up": known.make_up[kept].astype(np.int8),
                "months": known.months[kept].astype(np.int16),
                "this_year": known.this_year[kept],
                "same_theme": known.same_theme[kept],
                "load": known.load[kept].astype(np.int8),
                "tie": tie[kept].astype(np.int8),
                "occupied": np.zeros(int(kept.sum()), np.bool_),
            }
        )

    def _occupied_table(self, schema: pa.Schema) -> pa.Table:
        count = len(self.occupied.person)
        columns: dict[str, Any] = {
            name: np.zeros(count, schema.field(name).type.to_pandas_dtype()) for name in schema.names
        }
        columns |= {
            "person_id": self.occupied.person,
            "class_id": self.occupied.class_,
            "value": np.full(count, OCCUPIED_VALUE),
            "occupied": np.ones(count, np.bool_),
        }
        return pa.table(columns, schema=schema)

    def _quota_table(self) -> pa.Table:
        rows = [(unit, class_, *self._seats(class_, least, most, unit)) for unit, class_, least, most in self.quotas]
        names = ("unit_id", "class_id", "seats_min", "seats_max")
        return pa.table({name: pa.array([row[at] for row in rows], pa.int64()) for at, name in enumerate(names)})

    def _seats(self, class_: int, least: int, most: int, unit: int | None = None) -> tuple[int, int]:
        """(fewest, most) seats as the pins see them: what holders without a pin use is taken off, and pins always fit."""
        pinned = self._held_seats(self.occupied, class_, unit)
        unseen = self._held_seats(self.all_occupied, class_, unit) - pinned
        left = max(most - unseen, pinned)
        return min(least, left), left

    def _held_seats(self, occupied: Occupied, class_: int, unit: int | None) -> int:
        """How many hold a seat in the class: of everyone, or of ``unit`` and all below."""
        held = occupied.person[occupied.class_ == class_]
        if unit is None or not len(held):
            return len(held)
        below = self.units.below([unit])
        return int(below[self.people.unit[np.searchsorted(self.people.pk, held)]].sum())

    def _own_pins(self) -> list[PinRow]:
        """The planner's pins, but for those that a standing call-up fulfils or refutes."""
        standing = set(zip(self.all_occupied.person.tolist(), self.all_occupied.class_.tolist(), strict=True))
        return [pin for pin in self.pinned if pin[:2] not in standing]

    def _pin_table(self, pinned: list[PinRow]) -> pa.Table:
        kept = zip(self.occupied.person.tolist(), self.occupied.class_.tolist(), strict=True)
        rows = [*((person, class_, True) for person, class_ in kept), *pinned]
        return pa.table(
            {
                "person_id": pa.array([row[0] for row in rows], pa.int64()),
                "class_id": pa.array([row[1] for row in rows], pa.int64()),
                "chosen": pa.array([row[2] for row in rows], pa.bool_()),
            }
        )

    def _barred_table(self, pairs: Pairs, known: values.PairFacts, tie: Longs, worth: Any, barred: Barred) -> pa.Table:
        hit = ~barred.free
        table = self._pair_table(pairs, known, tie, worth, hit)
        units, persons = self.people.unit[pairs.person[hit]], self.people.pk[pairs.person[hit]]
        columns = (barred.why[hit].tolist(), barred.by[hit].tolist(), units.tolist(), persons.tolist())
        details = [self._detail(*row) for row in zip(*columns, strict=True)]
        codes = [str(BARS[why - 1]) for why in barred.why[hit].tolist()]
        table = table.append_column("code", pa.array(codes, pa.string()))
        return table.append_column("detail", pa.array(details, pa.string()))

    def _detail(self, why: int, by: int, unit: int, person: int) -> str:
        """What a bar is about, as the engine writes it: the class, the Monday of the week and how many of the unit may be away, or who calls."""
        match BARS[why - 1]:
            case Rule.CALLUPS_MAX:
                return json.dumps(self._often(person), ensure_ascii=False)
            case Rule.AWAY_FULL:
                return json.dumps({"week": monday_of(by).isoformat(), "most": self.limits.most(unit, by)})
            case elsewhere.ELSEWHERE:
                return json.dumps(self.outside.rows[by].detail, ensure_ascii=False)
        return json.dumps({"class": by})

    def _often(self, person: int) -> dict[str, Any]:
        """Whose call-ups are counted, and the limit of three years where that is what is reached."""
        callers = self._callers.get(person)
        said: dict[str, Any] = {"callers": callers} if callers else {}
        if self.recent.used_up[np.searchsorted(self.people.pk, person)]:
            said["three_years"] = self.terms.three_years_max
        return said

    @cached_property
    def _callers(self) -> dict[int, list[str]]:
        """Person → the other authorities whose call-ups count in the year."""
        found: dict[int, list[str]] = {}
        counted = set(self.outside.counted.person.tolist())
        for row in self.outside.rows:
            if row.person in counted and row.counts_in(self.year) and row.caller not in found.get(row.person, ()):
                found.setdefault(row.person, []).append(row.caller)
        return found


def _days(numbers: list[int]) -> pa.Array:
    return pa.array(numbers, pa.int32()).cast(pa.date32())


def _consistent(occupied: Occupied, people: People, limits: AwayLimits, callups_max: int) -> Occupied:
    """The standing call-ups that keep the rules among themselves, in order of time.

    A lowered limit or a transfer can put facts beyond a rule. They stay facts (the pairs that they rule out are barred all the same), but
    as pins they would make every list impossible.
    """
    days: dict[int, list[tuple[int, int]]] = {}
    away: dict[tuple[int, int], set[int]] = {}
    kept = np.zeros(len(occupied.person), np.bool_)
    holder = np.searchsorted(people.pk, occupied.person)
    rows = zip(
        occupied.person.tolist(),
        people.unit[holder].tolist(),
        occupied.first.tolist(),
        occupied.last.tolist(),
        strict=True,
    )
    for place, (person, unit, first, last) in enumerate(rows):
        own = days.setdefault(person, [])
        weeks = {week: away.setdefault((unit, week), set()) for week in range(week_of(first), week_of(last) + 1)}
        full = any(len(gone) >= limits.most(unit, week) and person not in gone for week, gone in weeks.items())
        if full or len(own) >= callups_max or any(first <= b and a <= last for a, b in own):
            continue
        kept[place] = True
        own.append((first, last))
        for gone in weeks.values():
            gone.add(person)
    return Occupied(occupied.person[kept], occupied.class_[kept], occupied.first[kept], occupied.last[kept])
