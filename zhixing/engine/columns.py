"""Columns of text → numbers, days, groups: everything that cannot be read is noted with its row, and told at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.faults import NUMBER, told_rows

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WHOLE = r"^[+-]?\d{1,15}$"
DAY = r"^\d{4}-\d{2}-\d{2}$"
YES = ("1", "true", "yes", "是")
NO = ("0", "false", "no", "否")
FAR = 1e150
"""Numbers beyond this cannot be squared."""


class FaultCode(StrEnum):
    """What is wrong with a cell or a column; the mend of each is a sentence of whoever shows it."""

    MISSING_COLUMN = "missing_column"
    NO_ROWS = "no_rows"
    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    NOT_YES_OR_NO = "not_yes_or_no"
    NOT_A_DAY = "not_a_day"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Fault:
    """One fault. ``row`` counts from 1 (0: all); ``more`` further rows have the same fault."""

    column: str
    row: int
    value: str
    code: FaultCode
    more: int = 0


class ColumnsError(ValueError):
    """Something cannot be read; ``faults`` holds all of it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.column} row {f.row}: {f.code} {f.value}" for f in faults))


class Columns:
    """Reads columns of a table [n] of text, empty cells null. What fails is noted; ``done`` raises ``ColumnsError`` with all of it.

    A column that is missing or has a fault is read as if such cells were empty, so that one pass finds everything."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.faults: list[Fault] = [] if len(table) else [Fault("", 0, "", FaultCode.NO_ROWS)]

    def __len__(self) -> int:
        return len(self.table)

    def done(self) -> None:
        if self.faults:
            raise ColumnsError(self.faults)

    def note(self, name: str, wrong: Flags, code: FaultCode) -> None:
        """Note a fault in every row that is ``wrong`` [n]."""
        for row, more in told_rows(wrong):
            self.faults.append(Fault(name, row + 1, self._words(name)[row].as_py() or "", code, more))

    def numbers(self, name: str, may_be_empty: bool = False) -> Floats:
        """[n] NaN where a cell is empty."""
        words = self._read(name, NUMBER, FaultCode.NOT_A_NUMBER, may_be_empty)
        numbers: Floats = pc.fill_null(words.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
        self.note(name, np.abs(numbers) > FAR, FaultCode.NOT_A_NUMBER)
        return numbers

    def whole(self, name: str, least: int | None = None, most: int | None = None) -> Longs:
        """[n] whole numbers from ``least`` to ``most``; 0 where a cell is wrong."""
        words = self._read(name, WHOLE, FaultCode.NOT_WHOLE)
        numbers: Longs = pc.fill_null(words.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        read = ~pc.is_null(words).to_numpy(zero_copy_only=False)
        outside = np.zeros(len(numbers), np.bool_)
        if least is not None:
            outside |= read & (numbers < least)
        if most is not None:
            outside |= read & (numbers > most)
        self.note(name, outside, FaultCode.OUTSIDE)
        return numbers

    def flags(self, name: str) -> Flags:
        """[n] yes or no, in digits or words."""
        words = pc.utf8_lower(self._filled(name))
        yes = _among(words, YES)
        self.note(name, ~_empty(words) & ~yes & ~_among(words, NO), FaultCode.NOT_YES_OR_NO)
        return yes

    def days(self, name: str) -> Longs:
        """[n] days since 1970-01-01 of ISO dates; 0 where a cell is wrong."""
        words = self._read(name, DAY, FaultCode.NOT_A_DAY)
        days = np.zeros(len(words), np.int64)
        wrong = np.zeros(len(words), np.bool_)
        for row, word in enumerate(words.to_pylist()):
            try:
                days[row] = dt.date.fromisoformat(word).toordinal() - dt.date(1970, 1, 1).toordinal() if word else 0
            except ValueError:
                wrong[row] = True
        self.note(name, wrong, FaultCode.NOT_A_DAY)
        return days

    def texts(self, name: str) -> list[str]:
        """[n] what stands there, without blanks around it."""
        return [word or "" for word in self._filled(name).to_pylist()]

    def groups(self, names: Iterable[str]) -> Longs:
        """[n] one number for rows that agree in all of ``names``, in the order of the texts; 0 for all when none is named."""
        code = np.zeros(len(self), np.int64)
        for name in names:
            _texts, own = np.unique(np.array(self.texts(name), np.str_), return_inverse=True)
            _pairs, code = np.unique(code * (int(own.max(initial=0)) + 1) + own, return_inverse=True)
        return code.astype(np.int64)

    def _words(self, name: str) -> pa.Array:
        """A missing column is a column of empty cells."""
        if name not in self.table.column_names:
            fault = Fault(name, 0, "", FaultCode.MISSING_COLUMN)
            self.faults += [fault] if fault not in self.faults else []
            return pa.nulls(len(self), pa.string())
        words = pc.utf8_trim_whitespace(self.table[name].cast(pa.string())).combine_chunks()
        return pc.if_else(pc.equal(words, ""), None, words)

    def _filled(self, name: str) -> pa.Array:
        words = self._words(name)
        if name in self.table.column_names:
            self.note(name, _empty(words), FaultCode.EMPTY)
        return words

    def _read(self, name: str, pattern: str, code: FaultCode, may_be_empty: bool = False) -> pa.Array:
        words = self._words(name) if may_be_empty else self._filled(name)
        fits = pc.fill_null(pc.match_substring_regex(words, pattern), True)
        self.note(name, ~fits.to_numpy(zero_copy_only=False), code)
        return pc.if_else(fits, words, None)


def _empty(words: pa.Array) -> Flags:
    return np.asarray(pc.is_null(words).to_numpy(zero_copy_only=False))


def _among(words: pa.Array, values: Sequence[str]) -> Flags:
    return np.asarray(pc.is_in(words, pa.array(values)).to_numpy(zero_copy_only=False))
