"""What a comparison takes and gives: the people known, and who arrives, moves, changes and leaves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from zhixing.engine.roster.rows import RosterRow
from zhixing.engine.sheets.faults import RowFault


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person as known today. ``key`` is the caller's; ``id_index`` is a digest of the ID number, never the number itself; ``unit`` is a unit's key."""

    key: str
    name: str
    number: str = ""
    id_index: str = ""
    sex: str = ""
    born: dt.date | None = None
    unit: str = ""
    department: str = ""
    title: str = ""
    rank: str = ""
    grade: str = ""
    rank_since: dt.date | None = None
    grade_since: dt.date | None = None
    work_began: dt.date | None = None
    category: str = ""
    phone: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody new, or (``returning`` is then the key) somebody who had left."""

    row: RosterRow
    unit: str
    returning: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs; values as text, dates in ISO, a unit by its key."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What the sheet says anew of one person; a move holds from ``from_on``."""

    key: str
    row: RosterRow
    unit: str
    changes: tuple[Change, ...]
    from_on: dt.date


@dataclass(frozen=True, slots=True)
class Comparison:
    """``moves`` are new facts of the posting, ``changes`` of the person (one person may be in both); ``leavers`` and ``unchanged`` are keys."""

    arrivals: tuple[Arrival, ...]
    moves: tuple[Difference, ...]
    changes: tuple[Difference, ...]
    leavers: tuple[str, ...]
    unchanged: tuple[str, ...]
    faults: tuple[RowFault, ...]
