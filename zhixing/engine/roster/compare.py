"""Comparing a roster with the people known: who arrives, moves, changes, leaves. Nothing is decided here, only laid out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from zhixing.engine.roster.comparison import Arrival, Change, Comparison, Difference, KnownPerson
from zhixing.engine.roster.headings import ROSTER
from zhixing.engine.roster.rows import Mention, RosterRow
from zhixing.engine.roster.units import UnitIndex, UnitMiss
from zhixing.engine.roster.words import LEFT, RETIRED
from zhixing.engine.sheets.cells import bare
from zhixing.engine.sheets.dates import PartialDate
from zhixing.engine.sheets.faults import VALUE_LIMIT, Fault, RowFault, Treatment

POSTING_FIELDS = ("unit", "department", "title", "rank", "grade", "rank_since", "grade_since")
PERSON_FIELDS = ("name", "number", "id_index", "sex", "born", "work_began", "category", "phone", "status")
_DATE_FIELDS = ("born", "work_began", "rank_since", "grade_since")


def compare(
    rows: Sequence[RosterRow],
    known: Iterable[KnownPerson],
    on: dt.date,
    *,
    units: UnitIndex | None = None,
    index_of: Callable[[str], str] = str,
    columns: Collection[str] = (),
    complete: bool = False,
    covered: Collection[str] | None = None,
    mentions: Iterable[Mention] = (),
    asks_rank: bool = True,
) -> Comparison:
    """Lay out what ``rows`` change.

    ``units`` None takes every unit's name for its key (a first roster). ``index_of`` turns an ID number into the digest of
    ``KnownPerson.id_index``. A blank cell says nothing and changes nothing, but for one thing: where the sheet has the column
    (``columns``: fields it has), a blank 职务层次 beside a 职级 says that the leading post is over. Only a ``complete`` roster
    has leavers: people of the ``covered`` units (default: those it names) who serve, whom neither a row nor a refused row
    (``mentions``) names. A newcomer without 职务层次 and 职级 is refused, or doubtful where the file has no place to say it
    (``asks_rank`` False).
    """
    people = _People(known, index_of)
    judged = [_judge(row, people, units, on, asks_rank) for row in _claimed_once(rows, people)]
    lists = _Lists(on, "rank" in columns)
    for meant in filter(None, judged):
        lists.take(meant)
    named = {meant.unit for meant in filter(None, judged)} if covered is None else covered
    leavers = people.missing(named, mentions) if complete else ()
    return lists.closed(leavers, people.faults)


@dataclass(frozen=True, slots=True)
class _Meant:
    """A row with the person and the unit that it means; ``id_index`` is the digest of its ID number."""

    row: RosterRow
    person: KnownPerson | None
    unit: str
    id_index: str

    def says(self, name: str) -> str | PartialDate | None:
        """What the row says of a field of ``KnownPerson``."""
        if name == "unit":
            return self.unit
        value: str | PartialDate | None = self.id_index if name == "id_index" else getattr(self.row, name)
        return value


class _People:
    """The people known, found by ID number, else by staff number; keeps whom the sheet met, and the faults."""

    def __init__(self, known: Iterable[KnownPerson], index_of: Callable[[str], str]) -> None:
        self._index_of = index_of
        self._all = tuple(known)
        self._by_id = {person.id_index: person for person in self._all if person.id_index}
        self._by_number = {person.number: person for person in self._all if person.number}
        self._met: set[str] = set()
        self.faults: list[RowFault] = []

    def candidates(self, row: RosterRow) -> list[KnownPerson]:
        """Nobody, one person, or the two whom ID number and staff number name."""
        found = [self._by_id.get(self.index_of(row)), self._by_number.get(row.number)]
        people = {person.key: person for person in found if person is not None}
        self._met.update(people)
        return list(people.values())

    def index_of(self, row: RosterRow) -> str:
        return self._index_of(row.id_number) if row.id_number else ""

    def refuse(self, row: RosterRow, name: str, fault: Fault, about: tuple[str, ...] = ()) -> None:
        self._fault(row, name, Treatment.REFUSED, fault, about)

    def doubt(self, row: RosterRow, name: str, fault: Fault) -> None:
        self._fault(row, name, Treatment.DOUBTFUL, fault, ())

    def _fault(self, row: RosterRow, name: str, treatment: Treatment, fault: Fault, about: tuple[str, ...]) -> None:
        title = ROSTER.by_field[name].title
        value = str(getattr(row, name) or "")[:VALUE_LIMIT]
        self.faults.append(RowFault(row.sheet, row.row, title, value, treatment, fault, about))

    def missing(self, units: Collection[str], mentions: Iterable[Mention]) -> tuple[str, ...]:
        """Serving people of ``units`` whom nothing in the file names."""
        named = tuple(mentions)
        ids = {self._index_of(mention.id_number) for mention in named if mention.id_number}
        numbers = {mention.number for mention in named if mention.number}
        names = {mention.name for mention in named if not (mention.id_number or mention.number)}
        return tuple(
            person.key
            for person in self._all
            if person.unit in units
            and person.status not in {LEFT, RETIRED}
            and person.key not in self._met
            and not (person.id_index in ids or person.number in numbers or person.name in names)
        )


def _claimed_once(rows: Sequence[RosterRow], people: _People) -> list[tuple[RosterRow, list[KnownPerson]]]:
    """Rows with the people they may mean; rows that mean one person under two keys are all refused."""
    found = [(row, people.candidates(row)) for row in rows]
    claims = Counter(person.key for _, candidates in found for person in candidates)
    once = []
    for row, candidates in found:
        if all(claims[person.key] == 1 for person in candidates):
            once.append((row, candidates))
        else:
            others = ", ".join(str(other.row) for other, them in found if other is not row and _share(them, candidates))
            people.refuse(row, "id_number" if row.id_number else "number", Fault.ROWS_CONTRADICT, (others,))
    return once


def _share(some: list[KnownPerson], others: list[KnownPerson]) -> bool:
    return not {person.key for person in some}.isdisjoint(person.key for person in others)


def _judge(
    claim: tuple[RosterRow, list[KnownPerson]],
    people: _People,
    units: UnitIndex | None,
    on: dt.date,
    asks_rank: bool,
) -> _Meant | None:
    """What a row means, or None when it is refused."""
    row, candidates = claim
    person = candidates[0] if candidates else None
    if clash := _clash(row, candidates, people):
        people.refuse(row, "number", clash)
        return None
    unit = _unit(row, person, people, units)
    if person is None and not row.effective_rank:
        if asks_rank:
            people.refuse(row, "rank", Fault.MISSING)
            return None
        people.doubt(row, "rank", Fault.RANK_UNSAID)
    return None if unit is None else _Meant(_without_future(row, people, on), person, unit, people.index_of(row))


def _clash(row: RosterRow, candidates: list[KnownPerson], people: _People) -> Fault | None:
    """Why the staff number cannot be this person's."""
    if len(candidates) > 1:
        return Fault.KEYS_DISAGREE
    if not candidates:
        return None
    (person,) = candidates
    index = people.index_of(row)
    if index and person.id_index:
        return None if index == person.id_index else Fault.KEYS_DISAGREE
    same_birth = row.born is not None and person.born is not None and row.born.agrees(PartialDate.of(person.born))
    return None if bare(row.name) == bare(person.name) or same_birth else Fault.OTHER_PERSON


def _unit(row: RosterRow, person: KnownPerson | None, people: _People, units: UnitIndex | None) -> str | None:
    """The key of the unit; None, and the row is refused, when it is missing, unknown or ambiguous."""
    if not row.unit:
        if person is None:
            people.refuse(row, "unit", Fault.MISSING)
        return person.unit if person else None
    found = row.unit if units is None else units.find(row.unit)
    if isinstance(found, UnitMiss):
        people.refuse(row, "unit", found.fault, found.near)
        return None
    return found


def _without_future(row: RosterRow, people: _People, on: dt.date) -> RosterRow:
    """The row without dates that have not come yet."""
    late = [name for name in _DATE_FIELDS if (date := getattr(row, name)) and date.first > on]
    for name in late:
        people.doubt(row, name, Fault.DATE_IN_FUTURE)
    gone: dict[str, Any] = dict.fromkeys(late)
    return replace(row, **gone) if gone else row


@dataclass(slots=True)
class _Lists:
    """A comparison while it grows."""

    on: dt.date
    ends_post: bool
    arrivals: list[Arrival] = field(default_factory=list)
    moves: list[Difference] = field(default_factory=list)
    changes: list[Difference] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    def take(self, meant: _Meant) -> None:
        row, person, unit = meant.row, meant.person, meant.unit
        if person is None or person.status == LEFT:
            self.arrivals.append(Arrival(row, unit, person.key if person else ""))
            return
        moved = _changes(meant, person, POSTING_FIELDS)
        if self.ends_post and row.grade and person.rank and not row.rank:
            moved = (*moved, Change("rank", person.rank, ""))
        changed = _changes(meant, person, PERSON_FIELDS)
        if moved:
            self.moves.append(Difference(person.key, row, unit, moved, _begins(row, moved, self.on)))
        if changed:
            self.changes.append(Difference(person.key, row, unit, changed, self.on))
        if not (moved or changed):
            self.unchanged.append(person.key)

    def closed(self, leavers: tuple[str, ...], faults: list[RowFault]) -> Comparison:
        return Comparison(
            tuple(self.arrivals),
            tuple(self.moves),
            tuple(self.changes),
            leavers,
            tuple(self.unchanged),
            tuple(sorted(faults, key=lambda fault: fault.row)),
        )


def _changes(meant: _Meant, person: KnownPerson, names: Iterable[str]) -> tuple[Change, ...]:
    """The fields about which the row says something new."""
    return tuple(
        Change(name, str(old or ""), str(new))
        for name in names
        if (new := meant.says(name)) and _differs(old := getattr(person, name), new)
    )


def _differs(old: str | dt.date | None, new: str | PartialDate) -> bool:
    """A month, or a first day that may stand for one, does not contradict a day of that month."""
    if not isinstance(new, PartialDate):
        return old != new
    if not isinstance(old, dt.date):
        return True
    return (old.year, old.month) != (new.year, new.month) or not (new.is_month or new.day == old.day)


def _begins(row: RosterRow, moved: Iterable[Change], on: dt.date) -> dt.date:
    """The day a move holds from: the date of the new post or grade where the row gives a new one, else ``on``."""
    fields = {change.field for change in moved}
    for name in ("rank_since", "grade_since"):
        since: PartialDate | None = getattr(row, name)
        if name in fields and since is not None:
            return since.first
    return on
