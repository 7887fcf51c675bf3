"""Columns → answer sheets: a row for each sheet, a column for each item (or for each rater of a unit), not a number where nothing was answered.

Nothing here knows whose a sheet is: a sheet is a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.faults import NUMBER, told_rows
from zhixing.engine.ratings.design import Flags, Floats

Codes = npt.NDArray[np.int64]
COLUMNS_LEAST: Final = 2


class FaultCode(StrEnum):
    """What is wrong with answers; the mend of each is a sentence of whoever shows it."""

    MISSING_COLUMN = "missing_column"
    TWICE = "twice"
    NOT_A_NUMBER = "not_a_number"
    OFF_SCALE = "off_scale"
    NO_ANSWERS = "no_answers"
    FEW_COLUMNS = "few_columns"
    FEW_SHEETS = "few_sheets"
    ALL_EQUAL = "all_equal"
    NOT_POSITIVE = "not_positive"
    EMPTY_GROUP = "empty_group"
    ONE_GROUP = "one_group"
    MANY_VALUES = "many_values"
    NEVER_TOGETHER = "never_together"


@dataclass(frozen=True)
class Fault:
    """One fault. ``row`` counts the sheets from 1 (0: all); ``more`` further rows have the same fault."""

    code: FaultCode
    column: str = ""
    row: int = 0
    value: str = ""
    more: int = 0


class SheetsError(ValueError):
    """The columns are no answers, or the answers tell nothing; ``faults`` holds everything that is wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.column} row {f.row}: {f.code} {f.value}" for f in faults))


@dataclass(frozen=True, eq=False)
class Groups:
    """To which of the named groups each sheet belongs."""

    names: tuple[str, ...]
    code: Codes  # [n]


@dataclass(frozen=True, eq=False)
class Sheets:
    """n sheets of k items."""

    items: tuple[str, ...]
    values: Floats  # [n, k]
    groups: Groups | None = None
    seconds: Floats | None = None  # [n]

    @property
    def answered(self) -> Flags:
        """[n, k]"""
        return ~np.isnan(self.values)

    def turned(self, names: Sequence[str], low: float, high: float) -> Sheets:
        """The sheets with the items of these names read the other way round, low for high."""
        turned = np.isin(self.items, list(names))
        values = np.where(turned, low + high - self.values, self.values)
        return Sheets(self.items, values, self.groups, self.seconds)


def sheets_of(
    table: pa.Table,
    items: Sequence[str],
    group: str | None = None,
    seconds: str | None = None,
    scale: tuple[float, float] | None = None,
) -> Sheets:
    """The sheets of a table. Raises ``SheetsError`` naming everything that is wrong: of every column, whatever is no number or lies off the ``scale``."""
    further = [name for name in (group, seconds) if name is not None]
    named = [*items, *further]
    faults = [Fault(FaultCode.MISSING_COLUMN, name) for name in named if name not in table.column_names]
    faults += [
        Fault(FaultCode.TWICE, name)
        for name in dict.fromkeys(named)
        if max(named.count(name), table.column_names.count(name)) > 1
    ]
    if len(items) < COLUMNS_LEAST:
        faults.append(Fault(FaultCode.FEW_COLUMNS, value=str(len(items))))
    if faults:
        raise SheetsError(faults)
    columns = [_numbers(table[name], name, scale, faults) for name in items]
    took = _numbers(table[seconds], seconds, None, faults) if seconds is not None else None
    groups = _groups(table[group], group, faults) if group is not None else None
    if faults:
        raise SheetsError(faults)
    return Sheets(tuple(items), np.column_stack(columns), groups, took)


def _numbers(column: pa.ChunkedArray, name: str, scale: tuple[float, float] | None, faults: list[Fault]) -> Floats:
    """[n] the numbers of a column, NaN where it is empty."""
    words = pc.utf8_trim_whitespace(column.cast(pa.string()))
    words = pc.if_else(pc.equal(words, ""), None, words)
    number = pc.fill_null(pc.match_substring_regex(words, NUMBER), True)
    values: Floats = pc.fill_null(pc.if_else(number, words, None).cast(pa.float64()), np.nan).to_numpy()
    _note(~number.to_numpy() | np.isinf(values), column, name, FaultCode.NOT_A_NUMBER, faults)
    if scale is not None:
        _note((values < scale[0]) | (values > scale[1]), column, name, FaultCode.OFF_SCALE, faults)
    if np.isnan(values).all() and not any(fault.column == name for fault in faults):
        faults.append(Fault(FaultCode.NO_ANSWERS, name))
    return values


def _groups(column: pa.ChunkedArray, name: str, faults: list[Fault]) -> Groups:
    words = column.cast(pa.string())
    _note(pc.is_null(words).to_numpy(), column, name, FaultCode.EMPTY_GROUP, faults)
    names, code = np.unique(pc.fill_null(words, "").to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    return Groups(tuple(names.tolist()), code.astype(np.int64))


def _note(wrong: Flags, column: pa.ChunkedArray, name: str, code: FaultCode, faults: list[Fault]) -> None:
    for row, more in told_rows(wrong):
        faults.append(Fault(code, name, row + 1, str(column[row].as_py() or ""), more))
