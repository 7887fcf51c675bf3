"""What somebody can learn who has all tables of one item and knows how many answers of every kind there are.

Three ways, each a proof. *Residual*: a shown cell less the shown cells of a table within it leaves a small group. *Range*: the least and greatest sum of
grades that a small group can have under all shown figures lie too close together, or nobody of a kind can have answered otherwise; the cells it follows
from are those with a price in the linear program, and with these alone it would follow as well. *Combination*: any sum and difference of cells at all that
is a small group; when there is none, none can be computed exactly (a group that is forced by bounds rather than by
sums has an atom that is, and those are looked at one by one). That a range is wide enough is not believed from the linear program, which knows no whole
numbers, but from two sets of answers in whole grades that have all shown figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from zhixing.engine.columns import Flags, Floats, Longs
from zhixing.engine.disclosure.atoms import matrix_of
from zhixing.engine.disclosure.combinations import ATOMS_MOST, open_directions, small_sums
from zhixing.engine.disclosure.solver import NEAR, Attacker, Extreme, System, computed_from, small_group
from zhixing.engine.disclosure.tables import Scale, Statistic, Terms

AT_ONCE = 200
COMBINED_AT_ONCE = 20
"""Breaches after which the search goes back to leave cells out."""


@dataclass(frozen=True, eq=False)
class Cell:
    """The ``atoms`` whose answers a table adds up; ``table`` and number in it belong to whoever asks."""

    table: int
    statistic: Statistic
    atoms: Longs


@dataclass(frozen=True)
class Breach:
    """A group of ``people`` (its atoms) learned of from ``cells``: its sum lies between ``least`` and ``greatest``. ``person``: it is single people, who all
    answered alike."""

    atoms: tuple[int, ...]
    people: int
    cells: frozenset[int]
    least: float
    greatest: float
    person: bool = False


@dataclass(frozen=True, eq=False)
class Asked:
    """``weights`` [C] of a sum over the group's ``atoms`` whose least and greatest value must lie ``needed`` apart; ``person``: it is about single people."""

    atoms: tuple[int, ...]
    weights: Floats
    needed: int
    person: bool


@dataclass(frozen=True, eq=False)
class Secrets:
    """One item: the ``scale``, how many answers of each grade each atom has (``grades`` [A, K]), the ``cells`` that are or may be shown, and the small
    ``groups`` (each a row of atoms) to be kept beside all those that can be computed."""

    scale: Scale
    grades: Longs
    cells: Sequence[Cell]
    groups: Sequence[Longs]
    terms: Terms
    seen: list[Floats] = field(default_factory=list)
    """Answers in whole numbers that may be true; only those that fit what is shown at the moment are of use."""

    @cached_property
    def size(self) -> Longs:
        return np.asarray(self.grades.sum(axis=1), np.int64)

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        return matrix_of([cell.atoms for cell in self.cells], len(self.grades))

    @cached_property
    def people(self) -> Longs:
        """[cells] answers in each."""
        return np.asarray(self.matrix @ self.size).round().astype(np.int64)

    @cached_property
    def by_grade(self) -> bool:
        """Whether counts of grades are told, so that they and not only their sums are the unknowns."""
        return any(cell.statistic is Statistic.COUNTS for cell in self.cells)

    @cached_property
    def truth(self) -> Floats:
        """[C] the unknowns as they are."""
        worth = np.array(self.scale.grades)
        return (self.grades.ravel() if self.by_grade else self.grades @ worth).astype(np.float64)

    @cached_property
    def system(self) -> System:
        """Unknown: the sum of each atom, or with ``by_grade`` the count of each grade of each atom."""
        atoms, kinds = self.grades.shape
        if not self.by_grade:
            sums = self.matrix @ self.truth
            size = self.size.astype(np.float64)
            low, high = size * self.scale.low, size * self.scale.high
            return System(low, high, self.matrix, sums, sums, np.arange(len(self.cells)))
        each = sparse.kron(sparse.identity(atoms), np.ones((1, kinds)), format="csr")
        rows, owner = [each], [np.full(atoms, -1)]
        for number, cell in enumerate(self.cells):
            own = sparse.kron(self.matrix[number], np.array([self.scale.grades]), format="csr")
            if cell.statistic is Statistic.COUNTS:
                own = sparse.kron(self.matrix[number], sparse.identity(kinds), format="csr")
            rows.append(own)
            owner.append(np.full(own.shape[0], number))
        stacked = sparse.vstack(rows, format="csr")
        known = stacked @ self.truth
        return System(
            np.zeros(atoms * kinds),
            np.repeat(self.size.astype(np.float64), kinds),
            stacked,
            known,
            known,
            np.concatenate(owner),
        )

    def weights(self, atoms: Longs) -> Floats:
        """[C] such that weights · x is the sum of the group's grades."""
        found = np.zeros_like(self.truth)
        if not self.by_grade:
            found[atoms] = 1.0
            return found
        kinds = self.grades.shape[1]
        found.reshape(-1, kinds)[atoms] = np.array(self.scale.grades, np.float64)
        return found

    def otherwise(self, atom: int) -> Floats | None:
        """[C] such that weights · x rises with how many of an atom answered otherwise than all of them did; None where they did not all answer alike, or where
        what is told could never show it."""
        grades = np.flatnonzero(self.grades[atom])
        if len(grades) != 1:
            return None
        found = np.zeros_like(self.truth)
        if self.by_grade:
            own = found.reshape(-1, self.grades.shape[1])[atom]
            own[:] = 1.0
            own[grades[0]] = 0.0
        elif grades[0] in {0, self.grades.shape[1] - 1}:
            found[atom] = 1.0 if grades[0] == 0 else -1.0
        return found if found.any() else None

    @cached_property
    def inside(self) -> list[frozenset[int]]:
        """The atoms of each cell."""
        return [frozenset(cell.atoms.tolist()) for cell in self.cells]

    @cached_property
    def about(self) -> sparse.csr_matrix:
        """[A, cells]"""
        return self.matrix.T.tocsr()

    @cached_property
    def asked(self) -> list[Asked]:
        groups = [
            Asked(
                tuple(atoms.tolist()),
                self.weights(atoms),
                self.terms.needed(int(self.size[atoms].sum()), self.scale),
                False,
            )
            for atoms in self.groups
        ]
        others = ((atom, self.otherwise(atom)) for atom in range(len(self.grades)))
        return groups + [Asked((atom,), weights, 1, True) for atom, weights in others if weights is not None]

    @cached_property
    def questions(self) -> sparse.csr_matrix:
        """[asked, C] the weights of all that is asked."""
        return sparse.vstack(
            [sparse.csr_matrix((0, len(self.truth))), *(sparse.csr_matrix(one.weights) for one in self.asked)],
            format="csr",
        )

    def possible(self, shown: Flags) -> Floats:
        """[possible, C] the truth, and answers seen before that fit what is shown."""
        system, seen = self.system, np.array([self.truth, *self.seen])
        told = (system.owner < 0) | shown[system.owner]
        off = system.rows[told] @ seen.T - system.row_low[told][:, None]
        return np.asarray(seen[np.all(np.abs(off) < NEAR, axis=0)])


Known = Collection[tuple[int, ...]]


def breaches(secrets: Secrets, shown: Flags, known: Known = ()) -> tuple[list[Breach], bool]:
    """What ``shown`` [cells] gives away of groups that are not ``known`` anyway; none means that nothing is. And whether every search came to its end."""
    found = [one for one in _residuals(secrets, shown) if one.atoms not in known]
    if len(found) < AT_ONCE:
        found += _ranges(secrets, shown, known)
    if found:
        return found, True
    return _combinations(secrets, shown, known)


def _residuals(secrets: Secrets, shown: Flags) -> Iterator[Breach]:
    """Cells less the widest shown cells of one table within them."""
    matrix, people = secrets.matrix, secrets.people
    held = (matrix.multiply(secrets.size) @ matrix.T).tocsr()
    table = np.array([cell.table for cell in secrets.cells])
    for outer in np.flatnonzero(shown):
        near = held.indices[held.indptr[outer] : held.indptr[outer + 1]]
        common = held.data[held.indptr[outer] : held.indptr[outer + 1]]
        within = np.sort(near[(np.abs(common - people[near]) < NEAR) & shown[near] & (near != outer)])
        for one in np.unique(table[within]):
            yield from _left(secrets, int(outer), within[table[within] == one])


def _left(secrets: Secrets, outer: int, within: Longs) -> Iterator[Breach]:
    """What is left of a cell without any one of the cells within it, and without all of them."""
    ordered = sorted(within.tolist(), key=lambda cell: (-secrets.people[cell], cell))
    widest: list[int] = []
    covered: set[int] = set()
    for cell in ordered:
        if not secrets.inside[cell] & covered:
            widest.append(cell)
            covered |= secrets.inside[cell]
    for parts in (*([cell] for cell in ordered), widest):
        people = int(secrets.people[outer] - secrets.people[parts].sum())
        if 0 < people < secrets.terms.smallest:
            left = secrets.inside[outer].difference(*(secrets.inside[cell] for cell in parts))
            yield _exactly(secrets, tuple(sorted(left)), frozenset([outer, *parts]))


def _exactly(secrets: Secrets, atoms: tuple[int, ...], cells: frozenset[int]) -> Breach:
    total = float(secrets.weights(np.array(atoms, np.int64)) @ secrets.truth)
    return Breach(atoms, int(secrets.size[list(atoms)].sum()), cells, total, total)


def _ranges(secrets: Secrets, shown: Flags, known: Known) -> list[Breach]:
    attacker = Attacker(secrets.system, shown)
    values = secrets.questions @ secrets.possible(shown).T
    least, greatest = values.min(axis=1), values.max(axis=1)
    found: list[Breach] = []
    for place, one in enumerate(secrets.asked):
        cells: frozenset[int] = frozenset()
        for up in (True, False):
            if greatest[place] - least[place] < one.needed - NEAR and one.atoms not in known:
                end = _end(
                    attacker, one, up, float(least[place] + one.needed if up else greatest[place] - one.needed), secrets
                )
                cells |= end.cells
                others = secrets.questions @ end.x
                least, greatest = np.minimum(least, others), np.maximum(greatest, others)
        if greatest[place] - least[place] < one.needed - NEAR and one.atoms not in known:
            found.append(
                _exactly(secrets, one.atoms, cells)
                if one.person
                else _between(secrets, one, cells, least[place], greatest[place])
            )
            found[-1] = replace(found[-1], person=one.person)
            if len(found) >= AT_ONCE:
                break
    return found


def _between(secrets: Secrets, one: Asked, cells: frozenset[int], least: float, greatest: float) -> Breach:
    return Breach(one.atoms, int(secrets.size[list(one.atoms)].sum()), cells, float(least), float(greatest))


def _end(attacker: Attacker, one: Asked, up: bool, enough: float, secrets: Secrets) -> Extreme:
    """An extreme in whole grades, or an x that reaches ``enough``."""
    end = attacker.extreme(one.weights, up)
    if not end.whole:
        whole = attacker.whole(one.weights, up, enough)
        near = frozenset(secrets.about[list(one.atoms)].nonzero()[1].tolist()) & attacker.cells
        end = replace(end, x=whole if whole is not None else secrets.truth, cells=end.cells | near)
    end = replace(end, x=np.round(end.x))
    secrets.seen.append(end.x)
    return end


def _combinations(secrets: Secrets, shown: Flags, known: Known) -> tuple[list[Breach], bool]:
    """Without a solver as far as groups have few atoms; where they may have more, one that a solver finds."""
    cells, most = np.flatnonzero(shown), secrets.terms.smallest - 1
    if not len(cells):
        return [], True
    matrix = secrets.matrix[cells]
    found: list[Breach] = []
    for atoms in small_sums(open_directions(matrix), secrets.size, most):
        computed = computed_from(matrix, np.array(atoms, np.int64)) if atoms not in known else None
        if computed is not None:
            found.append(_exactly(secrets, atoms, frozenset(cells[computed.cells].tolist())))
        if len(found) >= COMBINED_AT_ONCE:
            break
    if found or most <= ATOMS_MOST:
        return found, True
    sizes = secrets.size.astype(np.float64)
    one, ended = small_group(matrix, secrets.people[cells].astype(np.float64), most, sizes, list(known))
    if one is None:
        return [], ended
    return [_exactly(secrets, tuple(one.atoms.tolist()), frozenset(cells[one.cells].tolist()))], True


def distinct(groups: Iterable[Longs], size: Longs, smallest: int) -> list[Longs]:
    """The groups of fewer than ``smallest`` people, each once, in a steady order."""
    found = {tuple(np.sort(group).tolist()) for group in groups if 0 < int(size[group].sum()) < smallest}
    return [np.array(group, np.int64) for group in sorted(found)]
