"""The changes of a comparison as the rows of the preview."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zhixing.base.sealed import mask, seal
from zhixing.engine.roster.comparison import Arrival, Comparison, Difference
from zhixing.engine.roster.rows import RosterRow
from zhixing.engine.sheets.faults import RowFault, Treatment
from zhixing.people.actions.rosters import drafts
from zhixing.people.facts import Facts
from zhixing.people.models import RosterChange, RosterImport
from zhixing.people.problem import NEWER, Indexes, Known

Kinds = RosterChange.Kind


@dataclass(frozen=True)
class Changes:
    """What a comparison changes; ``mine`` are the known people by key."""

    roster_import: RosterImport
    comparison: Comparison
    mine: dict[str, Known]
    index_of: Indexes

    def all(self) -> Iterator[RosterChange]:
        """Every change, kind by kind; what the known people reveal of a row stands last."""
        yield from (self._arrival(one, n) for n, one in enumerate(self.comparison.arrivals, start=1))
        yield from self._moves()
        yield from self._corrections()
        yield from self._leavers()
        yield from (row_problem(one.row, NEWER, Treatment.DOUBTFUL) for one in self.outdated())

    def outdated(self) -> list[Difference]:
        """Moves that a newer post has overtaken."""
        return [one for one in self.comparison.moves if self._is_outdated(one.key)]

    def _is_outdated(self, key: str) -> bool:
        return drafts.is_outdated(self.mine[key], self.roster_import.on)

    def _arrival(self, arrival: Arrival, place: int) -> RosterChange:
        """``place`` among the arrivals makes the staff number of whoever comes without: forms have no rows."""
        row, known = arrival.row, self.mine.get(arrival.returning)
        number = row.number or (known.person.number if known else f"R{self.roster_import.pk}-{place:06d}")
        before, after, from_on = drafts.arrival(arrival, known, self.roster_import.on, number, self.index_of)
        return RosterChange(
            kind=Kinds.ARRIVAL,
            person_id=known.pk if known else None,
            name=row.name,
            number=number,
            row=row.row,
            from_on=from_on,
            posting_id=known.held.pk if known and known.held else None,
            before=before,
            after=_sealed(after, row),
        )

    def _moves(self) -> Iterator[RosterChange]:
        """Moves, and the new post of whoever returns to service although nothing of the post differs."""
        corrected = {one.key: one for one in self.comparison.changes}
        moved = {one.key: one for one in self.comparison.moves if not self._is_outdated(one.key)}
        back = [
            key for key, one in corrected.items() if key not in moved and drafts.returns_to_service(one, self.mine[key])
        ]
        for key in [*moved, *back]:
            known = self.mine[key]
            before, after, from_on = drafts.move(moved.get(key), corrected.get(key), known, self.roster_import.on)
            change = self._about(Kinds.MOVE, known, before, after, (moved.get(key) or corrected[key]).row)
            change.from_on = from_on
            change.posting_id = known.held.pk if known.held else None
            yield change

    def _corrections(self) -> Iterator[RosterChange]:
        for one in self.comparison.changes:
            known = self.mine[one.key]
            before, after = drafts.correction(one, known, self.roster_import.on, self.index_of)
            if after:
                yield self._about(Kinds.CHANGE, known, before, _sealed(after, one.row), one.row)

    def _leavers(self) -> Iterator[RosterChange]:
        for key in self.comparison.leavers:
            if not self._is_outdated(key):
                known = self.mine[key]
                yield self._about(Kinds.LEAVER, known, *drafts.departure(known, self.roster_import.on))

    def _about(
        self, kind: str, known: Known, before: Facts, after: Facts, row: RosterRow | None = None
    ) -> RosterChange:
        return RosterChange(
            kind=kind,
            person_id=known.pk,
            name=known.person.name,
            number=known.person.number,
            row=row.row if row else 0,
            before=before,
            after=after,
        )


def _sealed(after: Facts, row: RosterRow) -> Facts:
    """With a new ID number sealed beside its index."""
    if after.get("id_index"):
        after["id_sealed"] = base64.b64encode(seal(row.id_number)).decode()
    return after


def row_problem(row: RosterRow, code: str, treatment: Treatment) -> RosterChange:
    """A problem with a whole row that only the known people reveal."""
    after = {"sheet": row.sheet}
    return RosterChange(
        kind=Kinds.PROBLEM, name=row.name, number=row.number, row=row.row, code=code, treatment=treatment, after=after
    )


_ID_LIKE = re.compile(r"\d{13,17}[\dXx]")


def fault_problems(faults: Iterable[RowFault]) -> Iterator[RosterChange]:
    """The faults of the engine; what looks like an ID number is masked."""
    for fault in faults:
        yield RosterChange(
            kind=Kinds.PROBLEM,
            row=fault.row,
            column=fault.column[:60],
            value=_ID_LIKE.sub(lambda match: mask(match[0]), fault.value)[:200],
            code=fault.fault.value,
            treatment=fault.treatment.value,
            after={"sheet": fault.sheet, "about": list(fault.about)},
        )
