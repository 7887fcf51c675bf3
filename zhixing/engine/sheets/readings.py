"""Reading one row after another: cells become values, faults are kept, and rows said twice are settled."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

from zhixing.engine.sheets.cells import Number, bare, said
from zhixing.engine.sheets.dates import PartialDate, read_date
from zhixing.engine.sheets.faults import VALUE_LIMIT, Fault, RowFault, Treatment, gravest
from zhixing.engine.sheets.headings import Header, cell_at

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Made = TypeVar("Made", bound="DataclassInstance")


class RowReader:
    """One row on its way to becoming data; a cell that cannot be right leaves a fault."""

    __slots__ = ("_cells", "_columns", "faults", "header", "number", "unreadable")

    def __init__(self, header: Header, number: int, cells: Sequence[str]) -> None:
        self.header, self.number = header, number
        self._cells, self._columns = cells, header.columns
        self.faults: list[RowFault] = []
        self.unreadable: dict[str, str] = {}  # field → text of the cells that could not be read

    def raw(self, name: str) -> str:
        column = self._columns.get(name)
        return "" if column is None else cell_at(self._cells, column)

    def text(self, name: str, *, needed: bool = False) -> str:
        """The cleaned text; a needed one that is blank or too long refuses the row."""
        text = said(self.raw(name))
        if not text:
            if needed:
                self.refuse(name, Fault.MISSING)
            return ""
        limit = self.header.table.by_field[name].limit
        if len(text) <= limit:
            return text
        self._fault(name, Fault.TOO_LONG, needed, (str(limit),))
        return text[:limit].rstrip()

    def date(self, name: str, *, needed: bool = False) -> PartialDate | None:
        """A date as precise as it is written; one that cannot be read refuses the row if needed, else makes it doubtful."""
        text = said(self.raw(name))
        if not text:
            if needed:
                self.refuse(name, Fault.MISSING)
            return None
        read = read_date(text)
        if isinstance(read, PartialDate):
            return read
        self._fault(name, read, needed)
        return None

    def hours(self, name: str, *, needed: bool = False) -> int | None:
        """Hours as integer tenths."""
        text = said(self.raw(name))
        if not text:
            if needed:
                self.refuse(name, Fault.MISSING)
            return None
        read = read_hours(text)
        if isinstance(read, Fault):
            self._fault(name, read, needed)
            return None
        tenths, exact = read
        if not exact:
            self.doubt(name, Fault.HOURS_TOO_FINE)
        return tenths

    def refuse(self, name: str, fault: Fault, about: tuple[str, ...] = ()) -> None:
        self._fault(name, fault, True, about)

    def doubt(self, name: str, fault: Fault, about: tuple[str, ...] = ()) -> None:
        self._fault(name, fault, False, about)

    def _fault(self, name: str, fault: Fault, refused: bool, about: tuple[str, ...] = ()) -> None:
        treatment = Treatment.REFUSED if refused else Treatment.DOUBTFUL
        value = said(self.raw(name))
        self.unreadable[name] = value
        place = (self.header.sheet.name, self.number, self.header.label(name), value[:VALUE_LIMIT])
        self.faults.append(RowFault(*place, treatment, fault, about))

    @property
    def refused(self) -> bool:
        return any(fault.treatment is Treatment.REFUSED for fault in self.faults)

    def reading(self, key: Hashable, made: Made) -> Reading[Made]:
        """Close the row. One without a key can only be equal to another, not contradict it."""
        reading = Reading(
            self.number, self._cells, key, made, tuple(self.faults), self.unreadable or None, self.refused
        )
        if not key:
            reading.key = reading.says_all()
        return reading


@dataclass(slots=True)
class Reading(Generic[Made]):
    """A row that was read and what was ``made`` of it, to be used unless ``refused``."""

    number: int
    cells: Sequence[str]
    key: Hashable
    made: Made
    faults: tuple[RowFault, ...]
    unreadable: dict[str, str] | None
    refused: bool

    def says(self, name: str) -> object:
        """The value of a field; the bare text where it could not be read, so that it can contradict another row."""
        return (self.unreadable or {}).get(name) or getattr(self.made, name)

    def says_all(self) -> tuple[object, ...]:
        """Everything the row says, read or unreadable; equal for equal rows."""
        read = (self.says(field.name) for field in fields(self.made) if field.name not in ASIDE)
        return (*read, *sorted((self.unreadable or {}).items()))


ASIDE = frozenset({"sheet", "row", "target"})
"""Fields that say where a row stands, or repeat in the officer's words what another field holds."""


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Made]):
    """What a sheet gave. ``refused`` says that the whole sheet was; ``unread`` are the headings of columns that were not read."""

    rows: tuple[Made, ...]
    faults: tuple[RowFault, ...]
    refused: bool = False
    unread: tuple[str, ...] = ()

    @property
    def refused_rows(self) -> int:
        return sum(fault.treatment is Treatment.REFUSED for fault in self._by_row())

    @property
    def doubtful_rows(self) -> int:
        return sum(fault.treatment is Treatment.DOUBTFUL for fault in self._by_row())

    def _by_row(self) -> list[RowFault]:
        return [] if self.refused else gravest(self.faults)


_HOURS = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:个)?(?:学时|课时|小时|h)?", re.ASCII)
HOURS_MAX = 20_000
"""Tenths that one record may hold: 2,000 学时 are more than a year of work days."""


@lru_cache(maxsize=1 << 12)
def read_hours(text: str) -> tuple[int, bool] | Fault:
    """Integer tenths, and whether they are exact: ``24``, ``24.5学时``. Halves of a tenth are rounded up."""
    shape = _HOURS.fullmatch(bare(text).replace("−", "-"))
    if not shape:
        return Fault.HOURS_UNREADABLE
    hours = Decimal(shape[1])
    if isinstance(text, Number):
        # 0.1 + 0.2 in a cell is not a finer figure than 0.3.
        hours = hours.quantize(Decimal("0.000001"))
    if hours < 0:
        return Fault.HOURS_NEGATIVE
    tenths = (hours * 10).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Fault.HOURS_TOO_MANY if tenths > HOURS_MAX else (int(tenths), tenths == hours * 10)


def settle(readings: Iterable[Reading[Made]], header: Header) -> tuple[list[Made], list[RowFault]]:
    """Rows of one key: equal ones count once, silently; ones that fill each other's blanks are joined; ones that contradict are all refused."""
    made: list[Made] = []
    faults: list[RowFault] = []
    groups: dict[Hashable, list[Reading[Made]]] = {}
    for reading in readings:
        groups.setdefault(reading.key, []).append(reading)
    for group in groups.values():
        rows = _without_echoes(group) if len(group) > 1 else group
        contradicted = _contradicted(rows)
        if contradicted:
            faults += _refusals(rows, contradicted, header)
            continue
        faults += [fault for reading in rows for fault in reading.faults]
        accepted = [reading.made for reading in rows if not reading.refused]
        if accepted:
            made.append(_joined(accepted))
    return made, sorted(faults, key=lambda fault: fault.row)


def _without_echoes(group: list[Reading[Made]]) -> list[Reading[Made]]:
    """Only the first of equal rows."""
    first: dict[tuple[object, ...], Reading[Made]] = {}
    for reading in group:
        first.setdefault(reading.says_all(), reading)
    return list(first.values())


def _contradicted(rows: list[Reading[Made]]) -> str:
    """The first field about which rows say different things, or blank."""
    for field in fields(rows[0].made) if len(rows) > 1 else ():
        values = [value for reading in rows if (value := reading.says(field.name)) not in _SILENT]
        if field.name not in ASIDE and any(not _agree(values[0], value) for value in values):
            return field.name
    return ""


_SILENT = ("", None, ())


def _agree(one: object, other: object) -> bool:
    if isinstance(one, PartialDate) and isinstance(other, PartialDate):
        return one.agrees(other)
    return one == other


def _refusals(rows: list[Reading[Made]], name: str, header: Header) -> list[RowFault]:
    numbers = [reading.number for reading in rows]
    column = header.column_of(name)
    return [
        RowFault(
            header.sheet.name,
            reading.number,
            header.label(name),
            "" if column is None else said(cell_at(reading.cells, column))[:VALUE_LIMIT],
            Treatment.REFUSED,
            Fault.ROWS_CONTRADICT,
            (", ".join(str(number) for number in numbers if number != reading.number),),
        )
        for reading in rows
    ]


def _joined(rows: list[Made]) -> Made:
    """The first row, its blanks filled from the others."""
    first = rows[0]
    for other in rows[1:]:
        blanks = {
            field.name: getattr(other, field.name) for field in fields(first) if getattr(first, field.name) in _SILENT
        }
        first = replace(first, **blanks) if blanks else first
    return first
