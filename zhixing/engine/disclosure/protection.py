"""Which cells of proposed tables may be shown beside everything published before, at the least loss.

Every breach names the cells it follows from; at least one of them must go. The cheapest choice that has one of every such set is left out, the attack is made
again on what is left, and so on until it finds nothing (implicit hitting sets, Moreno-Centeno and Karp 2013). A cell costs its answers and one. Since each
set is a proof, the end is the least loss there is; but for sets that hold in whole grades only, which are a guess (the cells about the group, and those
that bound it in any numbers), and for programs that ran out of time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhixing.engine.columns import Flags, Floats, Longs
from zhixing.engine.disclosure.atoms import Counted, count, lattice
from zhixing.engine.disclosure.attack import Breach, Cell, Secrets, breaches, distinct
from zhixing.engine.disclosure.solver import cheapest_cover
from zhixing.engine.disclosure.tables import Answers, Place, Published, Statistic, Table, Terms, Why

ROUNDS = 25
"""After so many rounds what is left out stays left out: safe as before, no longer the least."""


USUAL = Terms()


class ProtectionFault(ValueError):
    """What was published does not fit the answers: ``table`` and ``place`` are of a cell that no answer is in."""

    def __init__(self, table: Table, place: Place) -> None:
        self.table, self.place = table, place
        super().__init__(f"{table} {place}")


@dataclass(frozen=True, eq=False)
class Figure:
    """One cell of a proposed table: ``counts`` of each grade [K]; ``why`` it is left out, None when it is shown."""

    place: Place
    people: int
    counts: Longs
    why: Why | None


@dataclass(frozen=True, eq=False)
class Protected:
    """The proposed ``tables`` with their cells. ``before``: breaches of what was published already, which nothing can mend. ``proven``: no search ran out of
    time. ``lost``: answers in cells that are left out although they are not small."""

    tables: tuple[tuple[Table, tuple[Figure, ...]], ...]
    before: tuple[Breach, ...]
    proven: bool
    lost: int

    def published(self) -> list[Published]:
        """For the ledger."""
        return [
            Published(table, frozenset(one.place for one in figures if one.why is None))
            for table, figures in self.tables
        ]


def protect(
    answers: Answers, published: Sequence[Published], proposed: Sequence[Table], terms: Terms = USUAL
) -> Protected:
    """What may be shown of ``proposed``. Raises ``ProtectionFault`` where the ledger does not fit the answers."""
    counted = count(answers, [*(one.table for one in published), *proposed])
    tables: dict[int, tuple[Figure, ...]] = {}
    before: list[Breach] = []
    proven, lost = True, 0
    for item in dict.fromkeys(table.item for table in proposed):
        work = _Item(answers, counted, item, published, proposed, terms)
        result = work.search()
        tables |= work.figures(result)
        before += result.before
        proven &= result.proven
        lost += int(sum(work.secrets.people[cell] for cell in np.flatnonzero(result.out) if work.small[cell] is False))
    return Protected(
        tuple((table, tables[number]) for number, table in enumerate(proposed)), tuple(before), proven, lost
    )


@dataclass(frozen=True, eq=False)
class _Result:
    out: Flags  # [cells]
    alone: Flags  # [cells] left out because of itself
    before: list[Breach]
    proven: bool


class _Item:
    """The tables of one item: cells of what was published first (``fixed`` of them), then those proposed."""

    def __init__(
        self,
        answers: Answers,
        counted: Counted,
        item: str,
        published: Sequence[Published],
        proposed: Sequence[Table],
        terms: Terms,
    ) -> None:
        self.counted, self.item, self.terms = counted, item, terms
        self.grades = counted.grades[item]
        self.place: list[Place] = []
        self.number: list[int] = []
        cells: list[Cell] = []
        old = [one for one in published if one.table.item == item]
        for number, one in enumerate(old):
            for place, atoms in self._cells(one.table).items():
                if place in one.shown:
                    self._add(cells, number, one.table.statistic, place, -1, atoms)
            missing = one.shown - set(self.place)
            if missing:
                raise ProtectionFault(one.table, min(missing))
        self.fixed = len(cells)
        self.tables = [(number, table) for number, table in enumerate(proposed) if table.item == item]
        for number, table in self.tables:
            for place, atoms in self._cells(table).items():
                self._add(cells, len(old) + number, table.statistic, place, number, atoms)
        size = self.grades.sum(axis=1)
        groups = distinct([*lattice(counted.atoms), *(cell.atoms for cell in cells)], size, terms.smallest)
        self.secrets = Secrets(answers.scales[item], self.grades, cells, groups, terms)
        self.small = [bool(people < terms.smallest) for people in self.secrets.people]

    def _add(
        self, cells: list[Cell], table: int, statistic: Statistic, place: Place, number: int, atoms: Longs
    ) -> None:
        cells.append(Cell(table, statistic, atoms))
        self.place.append(place)
        self.number.append(number)

    def _cells(self, table: Table) -> dict[Place, Longs]:
        """Places with answers in them, in order."""
        came = self.counted.atoms.by(table.until)
        found = {
            place: np.array(atoms, np.int64) for place, atoms in sorted(self.counted.atoms.places(table.cut).items())
        }
        return {place: atoms[came[atoms]] for place, atoms in found.items() if came[atoms].any()}

    def search(self) -> _Result:
        secrets = self.secrets
        fixed = np.arange(len(secrets.cells)) < self.fixed
        cost = np.asarray(secrets.people + 1.0)
        sets: list[frozenset[int]] = []
        kept = np.zeros(len(fixed), np.bool_)
        alone = ~fixed & np.array(self.small, np.bool_)
        before = self._before(fixed)
        for round_number in itertools.count():
            out = alone | kept | self._cover(cost, sets, alone)
            found, ended = breaches(secrets, ~out, before)
            if not found:
                break
            fresh = [self._free(breach, fixed, out) for breach in found]
            for one in fresh:
                if len(one) == 1:
                    alone[list(one)] = True
            sets = list(dict.fromkeys([*sets, *fresh]))
            if round_number >= ROUNDS:
                kept |= out
        return _Result(out, alone, list(before.values()), ended)

    def _before(self, fixed: Flags) -> dict[tuple[int, ...], Breach]:
        """What the cells published before give away by themselves."""
        known: dict[tuple[int, ...], Breach] = {}
        while fixed.any():
            found, _ended = breaches(self.secrets, fixed, known)
            if not found:
                break
            for breach in found:
                known.setdefault(breach.atoms, breach)
        return known

    def _cover(self, cost: Floats, sets: Sequence[frozenset[int]], alone: Flags) -> Flags:
        return cheapest_cover(cost, [one for one in sets if not alone[list(one)].any()])

    def _free(self, breach: Breach, fixed: Flags, out: Flags) -> frozenset[int]:
        """Of which proposed cells one must go; of all that are shown, where the breach holds in whole grades only and names none of them."""
        free = frozenset(cell for cell in breach.cells if not fixed[cell])
        return free or frozenset(np.flatnonzero(~fixed & ~out).tolist())

    def figures(self, result: _Result) -> dict[int, tuple[Figure, ...]]:
        found: dict[int, list[Figure]] = {number: [] for number, _table in self.tables}
        for cell in range(self.fixed, len(self.secrets.cells)):
            counts = self.grades[self.secrets.cells[cell].atoms].sum(axis=0)
            found[self.number[cell]].append(
                Figure(self.place[cell], int(self.secrets.people[cell]), counts, self._why(cell, result, counts))
            )
        return {number: tuple(figures) for number, figures in found.items()}

    def _why(self, cell: int, result: _Result, counts: Longs) -> Why | None:
        if not result.out[cell]:
            return None
        if self.small[cell]:
            return Why.SMALL
        return Why.UNANIMOUS if result.alone[cell] and np.count_nonzero(counts) == 1 else Why.GIVES_AWAY
