"""The books that the officer hands in: read, judged row by row, or refused as files. Nothing here needs the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from zhixing.base.problems import Invalid, RowProblem
from zhixing.base.tables.read import read_book
from zhixing.base.tables.sentences import invalid
from zhixing.base.tables.text import decode
from zhixing.cycle.aside import HistoryReading
from zhixing.cycle.history import History
from zhixing.engine import policies
from zhixing.engine.roster.compare import compare
from zhixing.engine.roster.rows import RosterRow, parse_roster
from zhixing.engine.roster.units import KnownUnit, UnitIndex, UnitMiss
from zhixing.engine.sheets.cells import bare, largest
from zhixing.engine.sheets.classes import WITHOUT_MONEY, ClassRow, parse_classes
from zhixing.engine.sheets.faults import RowFault, Treatment
from zhixing.engine.sheets.quotas import Quota

Read = TypeVar("Read")


class Refusal(Exception):
    """The books cannot be used; ``lines`` name every problem with file, sheet, row, column, value and what to do."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True)
class Paths:
    """Where the books lie."""

    roster: Path
    classes: Path
    history: Path | None = None
    policy: Path | None = None


@dataclass(frozen=True)
class Member:
    """A person of the roster with the key under which the database knows them; ``unit`` is the bare name."""

    pk: int
    unit: str
    row: RosterRow


@dataclass(frozen=True)
class Roster:
    """``members`` in the order of their keys, whatever the order of the rows; ``units`` maps bare names to names as written."""

    members: tuple[Member, ...]
    units: Mapping[str, str]
    faults: tuple[RowFault, ...]
    unread: tuple[str, ...]

    def row(self, pk: int) -> RosterRow:
        """The row of the person with this key."""
        return self.members[pk - 1].row

    def by_number(self) -> dict[str, int]:
        """ID numbers and staff numbers → keys."""
        numbers = {member.row.number: member.pk for member in self.members if member.row.number}
        return numbers | {member.row.id_number: member.pk for member in self.members if member.row.id_number}


@dataclass(frozen=True)
class Classes:
    """``rows`` in the order of days and names; ``seats`` holds fewest and most of 分配名额 by class name and bare unit name.

    A class in ``seats`` has a column there: units without a number in it have no seat.
    """

    rows: tuple[ClassRow, ...]
    seats: Mapping[str, Mapping[str, tuple[int, int]]]
    faults: tuple[RowFault, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """A policy that was handed in, and its text."""

    policy: policies.Policy
    text: str


@dataclass(frozen=True)
class Books:
    """What was read before the history; ``rules`` None: the shipped policy holds."""

    roster: Roster
    classes: Classes
    rules: Rules | None


class Reading:
    """Reads the books, the history aside. Whatever refuses one of them is gathered, so that the officer mends all at once."""

    def __init__(self, paths: Paths, on: dt.date) -> None:
        self._paths, self._on = paths, on
        self._lines: list[str] = []
        self._history = HistoryReading(paths.history) if paths.history else None

    def books(self) -> Books:
        """Read all but the history. Raises ``Refusal``, which then also tells what is wrong with the history."""
        roster = self._attempt(self._paths.roster, _read_roster, self._on)
        classes = self._attempt(self._paths.classes, _read_classes, roster.units if roster else None)
        rules = self._attempt(self._paths.policy, _read_rules) if self._paths.policy else None
        if roster is None or classes is None or self._lines:
            self.history({})
            raise Refusal(self._lines)
        return Books(roster, classes, rules)

    def history(self, people: Mapping[str, int]) -> History:
        """What the history says of ``people`` (numbers → keys); nothing when there is none. Raises ``Refusal``."""
        reading, self._history = self._history, None
        if reading is None or self._paths.history is None:
            return History.none()
        history = self._attempt(self._paths.history, _finish, reading, people)
        if history is None:
            raise Refusal(self._lines)
        return history

    def stop(self) -> None:
        """Nothing more is wanted."""
        if self._history is not None:
            self._history.stop()

    def _attempt(self, path: Path, read: Callable[..., Read], *more: object) -> Read | None:
        try:
            return read(path, *more)
        except Invalid as refusal:
            self._lines += refusal_lines(path.name, refusal)
        except policies.PolicyError as error:
            self._lines += map(str, error.problems)
        return None


def _read_roster(path: Path, on: dt.date) -> Roster:
    parsed = parse_roster(largest(read_book(path, path.name)))
    if parsed.refused:
        raise invalid(parsed.faults, path.name)
    comparison = compare(parsed.rows, (), on)
    rows = sorted((arrival.row for arrival in comparison.arrivals), key=lambda row: row.key)
    members = tuple(Member(pk, bare(row.unit), row) for pk, row in enumerate(rows, start=1))
    units = {member.unit: member.row.unit for member in reversed(members)}
    return Roster(members, units, (*parsed.faults, *comparison.faults), parsed.unread)


def _read_classes(path: Path, units: Mapping[str, str] | None) -> Classes:
    """``units`` None: the roster could not be read, so nothing is said of units that it does not have."""
    parsed = parse_classes(read_book(path, path.name), WITHOUT_MONEY)
    if parsed.refused:
        raise invalid(parsed.faults, path.name)
    rows = tuple(sorted(parsed.rows, key=lambda row: (row.starts_on, row.ends_on, row.name)))
    seats: dict[str, dict[str, tuple[int, int]]] = {name: {} for name in parsed.quotas.closed}
    for quota in parsed.quotas.rows:
        seats.setdefault(quota.name, {})[bare(quota.unit)] = (quota.least or 0, quota.seats)
    unknown = () if units is None else _unknown_units(parsed.quotas.rows, units)
    return Classes(rows, seats, (*parsed.faults, *unknown), parsed.unread)


def _unknown_units(quotas: Iterable[Quota], units: Mapping[str, str]) -> Iterator[RowFault]:
    """Seats given to units that the roster does not have."""
    index = UnitIndex(KnownUnit(key, name) for key, name in units.items())
    for quota in quotas:
        miss = index.find(quota.unit)
        if isinstance(miss, UnitMiss):
            yield RowFault(quota.sheet, quota.row, "单位", quota.unit, Treatment.REFUSED, miss.fault, miss.near)


def _read_rules(path: Path) -> Rules:
    text = decode(path.read_bytes())
    return Rules(policies.parse(text, path.name), text)


def _finish(path: Path, reading: HistoryReading, people: Mapping[str, int]) -> History:
    history = reading.finish(people)
    if history.refused:
        raise invalid(history.faults, path.name)
    return history


def refusal_lines(name: str, refusal: Invalid) -> Iterator[str]:
    """Why a file is refused, line by line."""
    if not refusal.problems:
        yield f"{name}: {refusal.message}"
    for problem in refusal.problems:
        yield f"{name}: {_in_one_line(problem)}"


def _in_one_line(problem: RowProblem) -> str:
    value = f"“{problem.value}”：" if problem.value else ""
    return f"[{problem.sheet}] 第 {problem.row} 行，{problem.column}：{value}{problem.reason}{problem.mend}"
