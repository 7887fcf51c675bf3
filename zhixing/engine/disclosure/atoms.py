"""The finest kinds of answers that any table tells apart, and which of them a cell holds."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from zhixing.engine.columns import Flags, Longs
from zhixing.engine.disclosure.tables import Answers, Place, Table, groups_of

LATER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Atoms:
    """``values`` [A] of the ``attributes``; ``wave`` [A]: the first of ``untils`` by which the answers had come."""

    attributes: tuple[str, ...]
    nested: frozenset[str]
    values: tuple[tuple[str, ...], ...]
    wave: Longs
    untils: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.values)

    def places(self, cut: Sequence[str]) -> dict[Place, list[int]]:
        """Every place of a cut with its atoms, of whatever wave."""
        columns = [self.attributes.index(name) for name in cut]
        found: dict[Place, list[int]] = {}
        for atom, value in enumerate(self.values):
            for place in itertools.product(*(groups_of(value[c], self.attributes[c] in self.nested) for c in columns)):
                found.setdefault(place, []).append(atom)
        return found

    def by(self, until: int | None) -> Flags:
        """[A] had come by then."""
        return self.wave <= self.untils.index(LATER if until is None else until)


@dataclass(frozen=True, eq=False)
class Counted:
    """Atoms of answers, with the number of answers of each grade of each item [A, K]."""

    atoms: Atoms
    size: Longs
    grades: dict[str, Longs]


def attributes_of(tables: Iterable[Table]) -> tuple[str, ...]:
    return tuple(sorted({name for table in tables for name in table.cut}))


def untils_of(tables: Iterable[Table]) -> tuple[int, ...]:
    return tuple(sorted({LATER if table.until is None else table.until for table in tables}))


def count(answers: Answers, tables: Sequence[Table]) -> Counted:
    """Answers that came after the last table are in no atom."""
    attributes, untils = attributes_of(tables), untils_of(tables)
    wave = np.searchsorted(np.array(untils), answers.came)
    kept = np.flatnonzero(wave < len(untils))
    columns = [answers.attributes[name] for name in attributes]
    keys = [(*(column[row] for column in columns), int(wave[row])) for row in kept.tolist()]
    names = sorted(set(keys))
    number = {key: place for place, key in enumerate(names)}
    code = np.array([number[key] for key in keys], np.int64)
    atoms = Atoms(
        attributes,
        answers.nested,
        tuple(key[:-1] for key in names),  # type: ignore[misc]
        np.array([key[-1] for key in names], np.int64),
        untils,
    )
    grades = {}
    for item, scale in answers.scales.items():
        cell = code * len(scale.grades) + answers.grades[item][kept] - scale.low
        grades[item] = np.bincount(cell, minlength=len(names) * len(scale.grades)).reshape(
            len(names), len(scale.grades)
        )
    return Counted(atoms, np.bincount(code, minlength=len(names)), grades)


def matrix_of(groups: Sequence[Sequence[int] | Longs], atoms: int) -> sparse.csr_matrix:
    """[groups, atoms] 1 where a group holds an atom."""
    sizes = [len(group) for group in groups]
    column = np.concatenate([np.zeros(0, np.int64), *(np.asarray(group, np.int64) for group in groups)])
    return sparse.csr_matrix(
        (np.ones(len(column)), (np.repeat(np.arange(len(groups)), sizes), column)), shape=(len(groups), atoms)
    )


def lattice(atoms: Atoms) -> Iterable[Longs]:
    """The atoms of every group that some attributes and one wave, or all waves up to one, tell apart; the same group may come more than once."""
    waves = [atoms.wave == one for one in range(len(atoms.untils))]
    waves += [atoms.wave <= one for one in range(1, len(atoms.untils))]
    for count_of in range(len(atoms.attributes) + 1):
        for cut in itertools.combinations(atoms.attributes, count_of):
            for group in atoms.places(cut).values():
                members = np.array(group, np.int64)
                yield from (members[wave[members]] for wave in waves)
