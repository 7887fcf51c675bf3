"""What any reader of tables can compute, who knows nothing else: not who answered, nor how many there are of any kind but as told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from scipy import sparse

from zhixing.engine.columns import Floats, Longs
from zhixing.engine.disclosure.atoms import Atoms, attributes_of, matrix_of, untils_of
from zhixing.engine.disclosure.solver import NEAR, Attacker, System, small_group
from zhixing.engine.disclosure.tables import Place, Scale, Table, Terms

ATOMS_MOST = 20_000
TOLD_MOST = 50
"""Combinations told one by one."""


class Leak(StrEnum):
    SMALL = "small"
    UNANIMOUS = "unanimous"
    DIFFERENCE = "difference"
    NARROW = "narrow"


@dataclass(frozen=True)
class Seen:
    """One cell as printed: ``people`` (None: not told), and the ``least`` and ``greatest`` sum of grades that its figure allows (None: no figure), or
    ``counts``."""

    place: Place
    people: int | None = None
    least: int | None = None
    greatest: int | None = None
    counts: tuple[int, ...] | None = None

    @property
    def told(self) -> bool:
        return self.people is not None and (self.least is not None or self.counts is not None)


@dataclass(frozen=True)
class SeenTable:
    """With every cell, also those whose figure is left out."""

    table: Table
    cells: tuple[Seen, ...]


@dataclass(frozen=True)
class Found:
    """A group of ``people`` (at most) whose grades add up to between ``least`` and ``greatest``. ``cells``: (table, cell, factor), which added up are the
    group; for ``NARROW`` the one cell that was left out."""

    leak: Leak
    item: str
    cells: tuple[tuple[int, int, int], ...]
    people: int
    least: int
    greatest: int


class TooManyKinds(ValueError):
    """The tables tell too many kinds of answers apart to be checked."""


def check(tables: Sequence[SeenTable], scales: dict[str, Scale], nested: frozenset[str], terms: Terms) -> list[Found]:
    """Everything found; none: no attack known to this house works. Raises ``Contradiction`` where no answers have all figures."""
    found: list[Found] = []
    for item in dict.fromkeys(one.table.item for one in tables):
        reader = _Reader(
            [(number, one) for number, one in enumerate(tables) if one.table.item == item], scales[item], nested, terms
        )
        found += reader.plain()
        found += reader.combined()
        found += reader.narrow()
    return found


@dataclass(frozen=True, eq=False)
class _Reader:
    tables: Sequence[tuple[int, SeenTable]]
    scale: Scale
    nested: frozenset[str]
    terms: Terms

    @cached_property
    def cells(self) -> list[tuple[int, int, Seen]]:
        return [(number, place, cell) for number, one in self.tables for place, cell in enumerate(one.cells)]

    @cached_property
    def atoms(self) -> Atoms:
        """Every combination of values that no table excludes: one that prints all its cells leaves nobody outside of them."""
        whole = [one.table for _number, one in self.tables]
        attributes, untils = attributes_of(whole), untils_of(whole)
        seen: list[set[str]] = [set() for _name in attributes]
        for _number, one in self.tables:
            for cell in one.cells:
                for name, value in zip(one.table.cut, cell.place, strict=True):
                    seen[attributes.index(name)].add(value)
        kinds = len(untils) * int(np.prod([float(len(values)) for values in seen]))
        if kinds > ATOMS_MOST:
            raise TooManyKinds(kinds)
        every = [
            (value, wave)
            for wave in range(len(untils))
            for value in itertools.product(*(sorted(values) for values in seen))
        ]
        atoms = Atoms(
            attributes,
            self.nested,
            tuple(value for value, _wave in every),
            np.array([wave for _value, wave in every], np.int64),
            untils,
        )
        possible = np.ones(len(atoms), np.bool_)
        for _number, one in self.tables:
            places = atoms.places(one.table.cut)
            inside = np.zeros(len(atoms), np.bool_)
            for cell in one.cells:
                inside[places.get(cell.place, [])] = True
            possible &= inside | ~atoms.by(one.table.until)
        kept = np.flatnonzero(possible).tolist()
        return Atoms(attributes, self.nested, tuple(atoms.values[atom] for atom in kept), atoms.wave[kept], untils)

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        groups: list[Longs] = []
        for _number, one in self.tables:
            places, came = self.atoms.places(one.table.cut), self.atoms.by(one.table.until)
            for cell in one.cells:
                members = np.array(places.get(cell.place, []), np.int64)
                groups.append(members[came[members]])
        return matrix_of(groups, len(self.atoms))

    def _sums(self, cell: Seen) -> tuple[int, int]:
        if cell.counts is not None:
            total = sum(grade * n for grade, n in zip(self.scale.grades, cell.counts, strict=True))
            return total, total
        assert cell.least is not None
        assert cell.greatest is not None
        return cell.least, cell.greatest

    def plain(self) -> Iterator[Found]:
        """Cells that should not be shown as they stand."""
        for table, place, cell in self.cells:
            if not cell.told or not cell.people:
                continue
            least, greatest = self._sums(cell)
            ends = {cell.people * self.scale.low, cell.people * self.scale.high}
            alike = (
                np.count_nonzero(cell.counts) == 1 if cell.counts is not None else least == greatest and least in ends
            )
            for leak, so in ((Leak.SMALL, cell.people < self.terms.smallest), (Leak.UNANIMOUS, alike)):
                if so:
                    yield Found(leak, self.item, ((table, place, 1),), cell.people, least, greatest)

    @property
    def item(self) -> str:
        return self.tables[0][1].table.item

    def combined(self) -> Iterator[Found]:
        """Sums and differences of several cells that are a small group."""
        rows = [
            row
            for row, (_table, _place, cell) in enumerate(self.cells)
            if cell.told and (cell.people or 0) >= self.terms.smallest
        ]
        people = np.array([self.cells[row][2].people for row in rows], np.float64)
        known: list[tuple[int, ...]] = []
        while rows and len(known) < TOLD_MOST:
            computed, _ended = small_group(
                self.matrix[rows], people, self.terms.smallest - 1, np.zeros(len(self.atoms)), known
            )
            if computed is None:
                return
            known.append(tuple(computed.atoms.tolist()))
            parts = [
                (rows[cell], round(factor))
                for cell, factor in zip(computed.cells.tolist(), computed.factors.tolist(), strict=True)
            ]
            ends = [
                sorted((factor * self._sums(self.cells[row][2])[0], factor * self._sums(self.cells[row][2])[1]))
                for row, factor in parts
            ]
            n = round(sum(factor * (self.cells[row][2].people or 0) for row, factor in parts))
            least = max(sum(low for low, _high in ends), n * self.scale.low)
            greatest = min(sum(high for _low, high in ends), n * self.scale.high)
            if greatest - least < self.terms.needed(n, self.scale):
                cells = tuple(
                    (*self.cells[row][:2], factor) for row, factor in sorted(parts, key=lambda one: (-one[1], one[0]))
                )
                yield Found(Leak.DIFFERENCE, self.item, cells, n, least, greatest)

    @cached_property
    def system(self) -> System:
        """Unknown: how many of each atom gave each grade."""
        kinds = len(self.scale.grades)
        rows: list[sparse.csr_matrix] = []
        low: list[float] = []
        high: list[float] = []
        most = float(sum(cell.people or sum(cell.counts or ()) for _table, _place, cell in self.cells))
        for row, (_table, _place, cell) in enumerate(self.cells):
            own = self.matrix[row]
            told: list[tuple[sparse.csr_matrix, Sequence[float], Sequence[float]]] = []
            if cell.people is not None:
                told.append((sparse.kron(own, np.ones((1, kinds))), [cell.people], [cell.people]))
            if cell.counts is not None:
                told.append((sparse.kron(own, sparse.identity(kinds)), cell.counts, cell.counts))
            elif cell.told:
                told.append((sparse.kron(own, np.array([self.scale.grades])), *([end] for end in self._sums(cell))))
            for matrix, least, greatest in told:
                rows.append(matrix)
                low.extend(least)
                high.extend(greatest)
        columns = len(self.atoms) * kinds
        stacked = sparse.vstack([sparse.csr_matrix((0, columns)), *rows], format="csr")
        return System(
            np.zeros(columns),
            np.full(columns, most),
            stacked,
            np.array(low, np.float64),
            np.array(high, np.float64),
            np.full(len(low), -1),
        )

    def narrow(self) -> Iterator[Found]:
        """Cells that were left out, and whose sum lies too close between a least and a greatest."""
        hidden = [
            row for row, (_table, _place, cell) in enumerate(self.cells) if not cell.told and self.matrix[row].nnz
        ]
        attacker = Attacker(self.system, np.zeros(1, np.bool_))
        if not hidden:
            attacker.extreme(np.zeros(len(self.system.low)), False)
        for row in hidden:
            n = self._between(attacker, row, np.ones(len(self.scale.grades)))
            if not 1 <= n[1] < self.terms.smallest:
                continue
            least, greatest = self._between(attacker, row, np.array(self.scale.grades, np.float64))
            if greatest - least < self.terms.needed(max(1, n[0]), self.scale):
                yield Found(Leak.NARROW, self.item, ((*self.cells[row][:2], 1),), n[1], least, greatest)

    def _between(self, attacker: Attacker, row: int, worth: Floats) -> tuple[int, int]:
        weights = np.asarray(sparse.kron(self.matrix[row], worth[None, :]).toarray()).ravel()
        ends = [attacker.extreme(weights, greatest).value for greatest in (False, True)]
        return int(np.ceil(ends[0] - NEAR)), int(np.floor(ends[1] + NEAR))
