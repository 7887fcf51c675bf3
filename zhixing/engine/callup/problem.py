"""The call-up problem as dense arrays: whatever the order of the input rows, the same problem has the same arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.callup.tables import (
    Fault,
    FaultCode,
    Faults,
    ProblemError,
    Settings,
    check_values,
    read_columns,
    read_settings,
)
from zhixing.engine.callup.weeks import week_of

__all__ = ["CallupProblem", "Fault", "FaultCode", "ProblemError", "Settings"]

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

Columns = dict[str, pa.Array]


@dataclass(frozen=True, eq=False)
class CallupProblem:
    """P persons, J classes, U units, E pairs, Q quotas, N pins, A weeks of their own; keys are int64 or string arrays.

    Units are numbered in the order of their keys, persons by unit and key, classes in the order (first day, last day, key), so that the pairs of
    one person, sorted, stand in time. Days count from 1970-01-01."""

    person_keys: pa.Array
    class_keys: pa.Array
    unit_keys: pa.Array
    unit_of_person: Ints  # [P]
    parent: Ints  # [U], -1 at the top
    away_max: Longs  # [U]
    first_day: Ints  # [J]
    last_day: Ints  # [J]
    seats_min: Longs  # [J]
    seats_max: Longs  # [J]
    pair_person: Ints  # [E], sorted by (person, class)
    pair_class: Ints  # [E]
    value: Floats  # [E], > 0
    quota_unit: Ints  # [Q], sorted by (unit, class)
    quota_class: Ints  # [Q]
    quota_min: Longs  # [Q]
    quota_max: Longs  # [Q]
    pin_person: Ints  # [N], sorted by (person, class)
    pin_class: Ints  # [N]
    pin_chosen: Flags  # [N]
    settings: Settings
    away_unit: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # [A], sorted by (unit, week)
    away_week: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # [A] ISO weeks since 1969-12-29
    away_most: Longs = field(default_factory=lambda: np.zeros(0, np.int64))  # [A] instead of ``away_max``
    theme: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # [J] -1 for none; [0] when no class has one

    @classmethod
    def from_tables(
        cls,
        classes: pa.Table,
        people: pa.Table,
        units: pa.Table,
        pairs: pa.Table,
        quotas: pa.Table,
        pins: pa.Table,
        settings: Mapping[str, Any],
        away: pa.Table | None = None,
    ) -> CallupProblem:
        """The tables and the settings of formats.md §3. Raises ``ProblemError`` naming everything that is wrong with them."""
        tables = {
            "classes": classes,
            "people": people,
            "units": units,
            "pairs": pairs,
            "quotas": quotas,
            "pins": pins,
            "away": away,
        }
        try:
            known_settings = read_settings(settings)
        except ProblemError as wrong:
            try:  # so that whoever mends the settings learns of the tables at the same time
                _Builder(read_columns(tables)).build(Settings(1, 0.0, 0.0))
            except ProblemError as further:
                raise ProblemError([*wrong.faults, *further.faults]) from None
            raise
        return _Builder(read_columns(tables)).build(known_settings)

    @property
    def persons(self) -> int:
        return len(self.person_keys)

    @property
    def classes(self) -> int:
        return len(self.class_keys)

    @property
    def units(self) -> int:
        return len(self.unit_keys)

    @property
    def pairs(self) -> int:
        return len(self.value)

    def first_pair(self) -> Longs:
        """[P + 1] where each person's pairs begin."""
        return np.searchsorted(self.pair_person, np.arange(self.persons + 1, dtype=np.int32)).astype(np.int64)

    def find_pairs(self, person: npt.NDArray[Any], class_: npt.NDArray[Any]) -> Longs:
        """The place of each (person, class) among the pairs, -1 where it is not eligible."""
        own = self.first_pair()
        place, end = own[person], own[person + 1]
        last = end.copy()
        while (open_ := place < end).any():
            middle = (place + end) // 2
            before = open_ & (self.pair_class[np.where(open_, middle, 0)] < class_)
            place, end = np.where(before, middle + 1, place), np.where(before, end, middle)
        found = place < last
        found[found] = self.pair_class[place[found]] == class_[found]
        return np.where(found, place, -1)

    def with_pins(self, kept: Longs | Flags) -> CallupProblem:
        """The problem with only some of its pins."""
        return replace(
            self,
            pin_person=self.pin_person[kept],
            pin_class=self.pin_class[kept],
            pin_chosen=self.pin_chosen[kept],
        )

    def digest(self) -> str:
        """SHA-256 (hex) of everything that makes up the problem; equal for every order of the input rows.

        Weeks of their own, themes and what spreads call-ups count only where there are any, so that older digests stay true."""
        ordered = self._by_keys()
        total = hashlib.sha256(b"callup 1\n")
        for each in fields(self):
            part = getattr(ordered, each.name)
            if each.name in NEWER and not len(part):
                continue
            total.update(each.name.encode() + b"\n")
            if isinstance(part, np.ndarray):
                total.update(part.tobytes())
            else:
                total.update(repr(part.to_pylist() if isinstance(part, pa.Array) else part).encode())
        if any(self.settings.spread):
            total.update(repr(self.settings.spread).encode())
        return total.hexdigest()

    def _by_keys(self) -> CallupProblem:
        """The same problem with the persons in the order of their keys alone, as the digest has always read it."""
        persons = pc.sort_indices(self.person_keys).to_numpy().astype(np.int64)
        number = np.zeros(self.persons, np.int32)
        number[persons] = np.arange(self.persons, dtype=np.int32)
        own = self.first_pair()
        count = np.diff(own)[persons]
        pairs = np.repeat(own[persons] - (np.cumsum(count) - count), count) + np.arange(self.pairs)
        pins = np.lexsort((self.pin_class, number[self.pin_person]))
        return replace(
            self,
            person_keys=self.person_keys.take(pa.array(persons)),
            unit_of_person=self.unit_of_person[persons],
            pair_person=number[self.pair_person[pairs]],
            pair_class=self.pair_class[pairs],
            value=self.value[pairs],
            pin_person=number[self.pin_person[pins]],
            pin_class=self.pin_class[pins],
            pin_chosen=self.pin_chosen[pins],
        )


NEWER = ("away_unit", "away_week", "away_most", "theme")


def find(ordered: Longs, wanted: Longs) -> Longs:
    """Where each wanted number stands in an ascending array without repeats; -1 where it does not."""
    if not len(ordered):
        return np.full(len(wanted), -1, np.int64)
    place = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return np.where(ordered[place] == wanted, place, -1)


REFERENCES = (
    ("units", "parent_id", "units"),
    ("pairs", "person_id", "people"),
    ("pairs", "class_id", "classes"),
    ("quotas", "unit_id", "units"),
    ("quotas", "class_id", "classes"),
    ("pins", "person_id", "people"),
    ("pins", "class_id", "classes"),
    ("away", "unit_id", "units"),
)
OWN_KEYS = {"classes": "class_id", "people": "person_id", "units": "unit_id"}


class _Builder:
    """Numbers the keys and sorts the rows of checked columns."""

    def __init__(self, columns: dict[str, Columns]) -> None:
        self.columns = columns
        self.faults = Faults()
        self.order: dict[str, Longs] = {}
        self.keys: dict[str, pa.Array] = {}

    def build(self, settings: Settings) -> CallupProblem:
        check_values(self.columns, self.faults)
        self._check_days()
        for name in OWN_KEYS:
            self._number_own(name)
        of_people = self._look_up("people", "unit_id", "units")
        self._put_units_together(of_people)
        places = {("people", "unit_id"): of_people}
        places |= {(name, column): self._look_up(name, column, target) for name, column, target in REFERENCES}
        for name, first, second in (
            ("pairs", "person_id", "class_id"),
            ("quotas", "unit_id", "class_id"),
            ("pins", "person_id", "class_id"),
        ):
            self._order_doubles(name, places[name, first], places[name, second])
        weeks = week_of(self._numbers("away", "week").astype(np.int64))
        self._order_doubles("away", places["away", "unit_id"], weeks - int(weeks.min(initial=0)))
        self._check_pins(places)
        parent = places["units", "parent_id"][self.order["units"]]
        self._check_circles(parent)
        self.faults.raise_any()
        return CallupProblem(
            person_keys=self.keys["people"],
            class_keys=self.keys["classes"],
            unit_keys=self.keys["units"],
            unit_of_person=places["people", "unit_id"][self.order["people"]],
            parent=parent,
            away_max=self._sorted("units", "away_max"),
            first_day=self._sorted("classes", "starts_on").astype(np.int32),
            last_day=self._sorted("classes", "ends_on").astype(np.int32),
            seats_min=self._sorted("classes", "seats_min"),
            seats_max=self._sorted("classes", "seats_max"),
            pair_person=places["pairs", "person_id"][self.order["pairs"]],
            pair_class=places["pairs", "class_id"][self.order["pairs"]],
            value=self._sorted("pairs", "value"),
            quota_unit=places["quotas", "unit_id"][self.order["quotas"]],
            quota_class=places["quotas", "class_id"][self.order["quotas"]],
            quota_min=self._sorted("quotas", "seats_min"),
            quota_max=self._sorted("quotas", "seats_max"),
            pin_person=places["pins", "person_id"][self.order["pins"]],
            pin_class=places["pins", "class_id"][self.order["pins"]],
            pin_chosen=self._sorted("pins", "chosen"),
            settings=settings,
            away_unit=places["away", "unit_id"][self.order["away"]].astype(np.int32),
            away_week=weeks[self.order["away"]].astype(np.int32),
            away_most=self._sorted("away", "away_max"),
            theme=self._themes(),
        )

    def _themes(self) -> Ints:
        """The number of each class's theme among the themes in their order."""
        themes = self.columns["classes"]["theme"].take(self.order["classes"])
        known = pc.unique(themes.filter(pc.greater(pc.binary_length(themes), 0))).sort()
        if not len(known):
            return np.zeros(0, np.int32)
        numbers: Ints = pc.fill_null(pc.index_in(themes, value_set=known), -1).to_numpy()
        return numbers

    def _numbers(self, name: str, column: str) -> npt.NDArray[Any]:
        cells = self.columns[name][column]
        if pa.types.is_date32(cells.type):
            cells = pc.fill_null(cells.cast(pa.int32()), 0)
        if pa.types.is_boolean(cells.type):
            cells = pc.fill_null(cells, False)
        numbers: npt.NDArray[Any] = cells.to_numpy(zero_copy_only=False)
        return numbers

    def _sorted(self, name: str, column: str) -> npt.NDArray[Any]:
        return self._numbers(name, column)[self.order[name]]

    def _check_days(self) -> None:
        first, last = self._numbers("classes", "starts_on"), self._numbers("classes", "ends_on")
        known = self.columns["classes"]["starts_on"].is_valid().to_numpy(zero_copy_only=False)
        known &= self.columns["classes"]["ends_on"].is_valid().to_numpy(zero_copy_only=False)
        self.faults.note(
            ("classes", "ends_on"),
            FaultCode.ENDS_BEFORE_START,
            known & (last < first),
            self.columns["classes"]["ends_on"],
        )

    def _number_own(self, name: str) -> None:
        """Sorts a table by its own key (classes by their days first) and notes keys said twice."""
        column = OWN_KEYS[name]
        cells = self.columns[name][column]
        order = pc.sort_indices(cells).to_numpy().astype(np.int64)
        ordered = cells.take(order)
        if len(cells) > 1:
            doubled = np.zeros(len(cells), np.bool_)
            same = pc.fill_null(pc.equal(ordered[1:], ordered[:-1]), False).to_numpy(zero_copy_only=False)
            doubled[order[1:][same]] = True
            self.faults.note((name, column), FaultCode.DOUBLED, doubled, cells)
        if name == "classes":
            first, last = self._numbers(name, "starts_on"), self._numbers(name, "ends_on")
            order = order[np.lexsort((last[order], first[order]))]
        self.order[name] = order
        self.keys[name] = cells.take(order)

    def _put_units_together(self, of_people: Ints) -> None:
        """People stand unit by unit: they draw on the same limits, which are then found in the processor's cache, again and again."""
        together = np.argsort(of_people[self.order["people"]], kind="stable")
        self.order["people"] = self.order["people"][together]
        self.keys["people"] = self.keys["people"].take(pa.array(together))

    def _look_up(self, name: str, column: str, target: str) -> Ints:
        """The number of each key of ``column`` among the rows of ``target``; -1 where it is empty or unknown."""
        cells, known = self.columns[name][column], self.keys[target]
        if cells.type != known.type:
            if cells.null_count == len(cells):
                return np.full(len(cells), -1, np.int32)
            if len(known):
                found = f"{cells.type} ≠ {known.type}"
                self.faults.append(Fault(name, column, 0, found, FaultCode.KEY_KINDS_DIFFER))
                return np.full(len(cells), -1, np.int32)
            known = known.cast(cells.type)
        place: Ints = pc.fill_null(pc.index_in(cells, value_set=known), -1).to_numpy()
        if cells.null_count:
            place = np.where(_null(cells), np.int32(-1), place)
        if (place < 0).any():
            self.faults.note((name, column), FaultCode.UNKNOWN_KEY, (place < 0) & ~_null(cells), cells)
        return place

    def _order_doubles(self, name: str, first: Ints, second: Ints | Longs) -> None:
        """Sorts a table by its two numbered keys and notes rows said twice."""
        joint = first.astype(np.int64) * (int(second.max(initial=0)) + 1) + second
        self.order[name] = order = np.argsort(joint, kind="stable")
        joint = joint[order]
        same = order[np.flatnonzero(joint[1:] == joint[:-1]) + 1]
        same = same[(first[same] >= 0) & (second[same] >= 0)]
        if len(same):  # millions of pairs are made into words only when there is something to say
            doubled = np.zeros(len(joint), np.bool_)
            doubled[same] = True
            self._note_rows(name, FaultCode.DOUBLED, doubled)

    def _note_rows(self, name: str, code: FaultCode, wrong: Flags) -> None:
        """Notes rows by their two keys."""
        columns = list(self.columns[name].values())[:2]
        shown = pc.binary_join_element_wise(columns[0].cast(pa.string()), columns[1].cast(pa.string()), " / ")
        self.faults.note((name, " + ".join(list(self.columns[name])[:2])), code, wrong, shown)

    def _check_pins(self, places: dict[tuple[str, str], Ints]) -> None:
        """Notes the pins of pairs that are not eligible; a key that is unknown was noted before."""
        person, class_ = places["pins", "person_id"].astype(np.int64), places["pins", "class_id"]
        pinned = np.zeros(len(self.keys["people"]) + 1, np.bool_)
        pinned[person] = True
        of_pinned = np.flatnonzero(pinned[places["pairs", "person_id"]])  # few of millions
        span = len(self.keys["classes"]) + 1
        pairs = places["pairs", "person_id"][of_pinned].astype(np.int64) * span + places["pairs", "class_id"][of_pinned]
        eligible = np.isin(person * span + class_, pairs)
        self._note_rows("pins", FaultCode.PIN_NOT_ELIGIBLE, (person >= 0) & (class_ >= 0) & ~eligible)

    def _check_circles(self, parent: Ints) -> None:
        """Notes the units that never come to a top: climbing doubles its stride, so the depth costs only its logarithm."""
        above = parent.copy()
        for _ in range(len(parent).bit_length()):
            inside = above >= 0
            above[inside] = above[above[inside]]
        order = self.order["units"]
        circling = np.zeros(len(parent), np.bool_)
        circling[order[above >= 0]] = True
        self.faults.note(("units", "parent_id"), FaultCode.CIRCLE, circling, self.columns["units"]["parent_id"])


def _null(cells: pa.Array) -> Flags:
    flags: Flags = pc.is_null(cells).to_numpy(zero_copy_only=False)
    return flags
