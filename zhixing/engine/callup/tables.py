"""Arrow tables → checked columns: the shape and the plain values of a call-up problem (formats.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.faults import told_rows

Flags = npt.NDArray[np.bool_]


class FaultCode(StrEnum):
    """What is wrong with an input; the mend of each is a sentence of whoever shows it."""

    MISSING_TABLE = "missing_table"
    MISSING_COLUMN = "missing_column"
    WRONG_TYPE = "wrong_type"
    EMPTY = "empty"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    NOT_FINITE = "not_finite"
    DOUBLED = "doubled"
    UNKNOWN_KEY = "unknown_key"
    KEY_KINDS_DIFFER = "key_kinds_differ"
    ENDS_BEFORE_START = "ends_before_start"
    FEWEST_ABOVE_MOST = "fewest_above_most"
    PIN_NOT_ELIGIBLE = "pin_not_eligible"
    CIRCLE = "circle"
    BAD_SETTING = "bad_setting"


@dataclass(frozen=True)
class Fault:
    """One fault. ``row`` counts from 1 as the table came in (0: the whole table); ``more`` further rows have the same fault."""

    table: str
    column: str
    row: int
    value: str
    code: FaultCode
    more: int = 0


class ProblemError(ValueError):
    """The tables are no call-up problem; ``faults`` holds everything that is wrong, in the order of the tables."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.table}.{f.column} row {f.row}: {f.code} {f.value}" for f in faults))


class Kind(StrEnum):
    """What a column holds. ``MAYBE_`` kinds may be empty: a key or a text stays null, a whole number becomes 0."""

    KEY = "int64 or string"
    MAYBE_KEY = "int64 or string, or empty"
    DAY = "date"
    WHOLE = "int"
    MAYBE_WHOLE = "int or empty"
    MAYBE_TEXT = "string, or empty"
    VALUE = "float64"
    FLAG = "bool"


COLUMNS: Mapping[str, Mapping[str, Kind]] = {
    "classes": {
        "class_id": Kind.KEY,
        "starts_on": Kind.DAY,
        "ends_on": Kind.DAY,
        "seats_min": Kind.MAYBE_WHOLE,
        "seats_max": Kind.WHOLE,
        "theme": Kind.MAYBE_TEXT,
    },
    "people": {"person_id": Kind.KEY, "unit_id": Kind.KEY},
    "units": {"unit_id": Kind.KEY, "parent_id": Kind.MAYBE_KEY, "away_max": Kind.WHOLE},
    "pairs": {"person_id": Kind.KEY, "class_id": Kind.KEY, "value": Kind.VALUE},
    "quotas": {
        "unit_id": Kind.KEY,
        "class_id": Kind.KEY,
        "seats_min": Kind.MAYBE_WHOLE,
        "seats_max": Kind.WHOLE,
    },
    "pins": {"person_id": Kind.KEY, "class_id": Kind.KEY, "chosen": Kind.FLAG},
    "away": {"unit_id": Kind.KEY, "week": Kind.DAY, "away_max": Kind.WHOLE},
}
"""The tables of a problem; other columns are passed over."""
OPTIONAL = frozenset({"away"})
"""Tables that may be absent, and count as empty then. ``away``: in the ISO week that holds the day ``week``, a unit lets ``away_max`` people go
instead of the number that ``units`` tells (a blocked week: 0)."""
OPTIONAL_COLUMNS = frozenset({("classes", "theme")})
"""Columns that may be absent, and count as empty then. ``theme``: what a class is about; an empty text says as little as none."""
MAYBE_EMPTY = (Kind.MAYBE_KEY, Kind.MAYBE_WHOLE, Kind.MAYBE_TEXT)


class Faults(list[Fault]):
    """Collects faults row by row, so that one reading tells them all."""

    def note(self, place: tuple[str, str], code: FaultCode, wrong: Flags, values: pa.Array) -> None:
        """One fault for each row where ``wrong``, as far as they are told; ``values`` is the column as read."""
        for row, more in told_rows(wrong):
            self.append(Fault(*place, row + 1, str(values[row].as_py()), code, more))

    def raise_any(self) -> None:
        """Raises ``ProblemError`` when anything was noted."""
        if self:
            raise ProblemError(self)


def read_columns(tables: Mapping[str, pa.Table | None]) -> dict[str, dict[str, pa.Array]]:
    """The columns of ``COLUMNS`` cast to int64, string, date32, float64 and bool.

    Raises ``ProblemError`` for a missing table or column and for a wrong type."""
    faults = Faults()
    columns: dict[str, dict[str, pa.Array]] = {}
    for name, kinds in COLUMNS.items():
        table = tables.get(name)
        if table is None and name in OPTIONAL:
            columns[name] = {column: pa.array([], _target(pa.null(), kind)) for column, kind in kinds.items()}
            continue
        if table is None:
            faults.append(Fault(name, "", 0, "", FaultCode.MISSING_TABLE))
            continue
        columns[name] = {}
        for column, kind in kinds.items():
            if column not in table.column_names and (name, column) in OPTIONAL_COLUMNS:
                columns[name][column] = pa.nulls(len(table), _target(pa.null(), kind))
                continue
            if column not in table.column_names:
                faults.append(Fault(name, column, 0, "", FaultCode.MISSING_COLUMN))
                continue
            found = table.column(column)
            cast = _cast(found, kind)
            if cast is None:
                faults.append(Fault(name, column, 0, f"{found.type} ≠ {kind}", FaultCode.WRONG_TYPE))
            else:
                columns[name][column] = cast
    faults.raise_any()
    return columns


def _cast(column: pa.ChunkedArray, kind: Kind) -> pa.Array | None:
    """One contiguous array of the kind's type; None when the column's type does not fit."""
    target = _target(column.type, kind)
    if target is None:
        return None
    try:
        return column.cast(target).combine_chunks()
    except pa.ArrowInvalid:
        return None


def _target(found: pa.DataType, kind: Kind) -> pa.DataType | None:
    """The type to cast to, or None when ``found`` may not stand for ``kind``. A column of nulls may stand for any."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    null = pa.types.is_null(found)
    whole = pa.types.is_integer(found)
    text = pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found)
    if kind in (Kind.KEY, Kind.MAYBE_KEY):
        return pa.int64() if whole or null else pa.string() if text else None
    fits, target = {
        Kind.MAYBE_TEXT: (text, pa.string()),
        Kind.DAY: (pa.types.is_date(found), pa.date32()),
        Kind.WHOLE: (whole, pa.int64()),
        Kind.MAYBE_WHOLE: (whole, pa.int64()),
        Kind.VALUE: (whole or pa.types.is_floating(found), pa.float64()),
        Kind.FLAG: (pa.types.is_boolean(found), pa.bool_()),
    }[kind]
    return target if fits or null else None


def check_values(columns: dict[str, dict[str, pa.Array]], faults: Faults) -> None:
    """Notes empty cells, negative counts and values that are not finite and above zero; then fills the empty cells."""
    for name, kinds in COLUMNS.items():
        for column, kind in kinds.items():
            cells = columns[name][column]
            if kind not in MAYBE_EMPTY:
                faults.note((name, column), FaultCode.EMPTY, _flags(pc.is_null(cells)), cells)
            if kind in (Kind.WHOLE, Kind.MAYBE_WHOLE):
                columns[name][column] = filled = pc.fill_null(cells, 0)
                faults.note((name, column), FaultCode.NEGATIVE, filled.to_numpy() < 0, cells)
            if kind is Kind.VALUE:
                _check_worth((name, column), cells, faults)
        if "seats_min" in kinds:
            fewest, most = columns[name]["seats_min"], columns[name]["seats_max"]
            faults.note((name, "seats_min"), FaultCode.FEWEST_ABOVE_MOST, _flags(pc.greater(fewest, most)), fewest)


def _check_worth(place: tuple[str, str], cells: pa.Array, faults: Faults) -> None:
    worth = pc.fill_null(cells, 1.0).to_numpy()
    finite = np.isfinite(worth)
    faults.note(place, FaultCode.NOT_FINITE, ~finite, cells)
    faults.note(place, FaultCode.NOT_POSITIVE, finite & (worth <= 0), cells)


def _flags(cells: pa.Array) -> Flags:
    flags: Flags = cells.to_numpy(zero_copy_only=False)
    return flags


@dataclass(frozen=True)
class Settings:
    """``settings.json`` of a problem. Costs are in the unit of the pairs' values.

    ``repeated_theme_cost``: of each call-up of a person beyond the first of one theme; ``close_callup_cost``: of each that begins within
    ``close_days`` days after the end of the person's call-up before it. They are no part of the ``repr``, from which older digests come."""

    callups_max: int
    second_callup_cost: float
    short_seat_cost: float
    hard_minimums: bool = False
    repeated_theme_cost: float = field(default=0.0, repr=False)
    close_callup_cost: float = field(default=0.0, repr=False)
    close_days: int = field(default=0, repr=False)

    @property
    def spread(self) -> tuple[float, float, int]:
        """What the call-ups of one person cost beside each other: a theme repeated, a call-up close after another, and what close is."""
        return self.repeated_theme_cost, self.close_callup_cost, self.close_days


COSTS = ("second_callup_cost", "short_seat_cost")
OPTIONAL_COSTS = ("repeated_theme_cost", "close_callup_cost")
CLOSE_DAYS_MOST = 2**20
"""More days than lie between two dates of one life."""


def read_settings(settings: Mapping[str, Any]) -> Settings:
    """Raises ``ProblemError`` naming each setting that is absent, of the wrong type or out of range."""
    faults = Faults()

    def note(name: str) -> None:
        faults.append(Fault("settings", name, 0, repr(settings.get(name)), FaultCode.BAD_SETTING))

    callups_max = settings.get("callups_max")
    if type(callups_max) is not int or callups_max < 1:
        note("callups_max")
    costs = {name: settings.get(name) for name in COSTS} | {name: settings.get(name, 0) for name in OPTIONAL_COSTS}
    for name, cost in costs.items():
        if type(cost) not in (int, float) or not 0 <= cost < float("inf"):  # type: ignore[operator]
            note(name)
    close_days = settings.get("close_days", 0)
    if type(close_days) is not int or not 0 <= close_days <= CLOSE_DAYS_MOST:
        note("close_days")
    hard = settings.get("hard_minimums", False)
    if type(hard) is not bool:
        note("hard_minimums")
    faults.raise_any()
    known = {name: float(cost) for name, cost in costs.items()}  # type: ignore[arg-type]
    return Settings(callups_max=callups_max, hard_minimums=hard, close_days=close_days, **known)  # type: ignore[arg-type]
