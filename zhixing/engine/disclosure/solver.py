"""The programs behind attacks and protection (HiGHS)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from highspy._core import _Highs
from scipy import sparse

from zhixing.engine.columns import Flags, Floats, Longs

NEAR = 1e-6
SECONDS = 20.0
"""Of one program in whole numbers."""
FACTOR_MOST = 1e4
INTEGER, CONTINUOUS = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous


class Contradiction(ValueError):
    """No answers have all figures."""


@dataclass(frozen=True, eq=False)
class System:
    """What is known of unknown whole numbers x [C]: ``low`` ≤ x ≤ ``high``, and ``row_low`` ≤ ``rows`` x ≤ ``row_high`` [R]. ``owner`` [R]: the cell that
    tells a row; -1: known anyway."""

    low: Floats
    high: Floats
    rows: sparse.csr_matrix
    row_low: Floats
    row_high: Floats
    owner: Longs


@dataclass(frozen=True, eq=False)
class Extreme:
    """The least or greatest value of a sum, an x that has it, and the cells it follows from."""

    value: float
    x: Floats
    cells: frozenset[int]

    @property
    def whole(self) -> bool:
        return bool(np.all(np.abs(self.x - np.round(self.x)) < NEAR))


class Attacker:
    """Finds least and greatest sums under the rows of the cells that are ``shown``; goes on from where the last search ended."""

    def __init__(self, system: System, shown: Flags) -> None:
        self.system = system
        self.told = (system.owner < 0) | shown[system.owner]
        self.cells = frozenset(np.flatnonzero(shown).tolist())
        self._program = _program(
            np.zeros(len(system.low)),
            system.low,
            system.high,
            system.rows[self.told],
            system.row_low[self.told],
            system.row_high[self.told],
        )
        self._solver = _solver()
        self._solver.passModel(self._program)
        self._columns = np.arange(len(system.low), dtype=np.int32)

    def extreme(self, weights: Floats, greatest: bool) -> Extreme:
        """In any numbers: the whole ones may reach less far, never farther."""
        sign = -1.0 if greatest else 1.0
        self._solver.changeColsCost(len(weights), self._columns, sign * weights)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Contradiction
        solution = self._solver.getSolution()
        x, dual = np.array(solution.col_value), np.array(solution.row_dual)
        owner = self.system.owner[self.told]
        cells = frozenset(owner[(np.abs(dual) > NEAR) & (owner >= 0)].tolist())
        return Extreme(float(weights @ x), x, cells)

    def whole(self, weights: Floats, greatest: bool, enough: float) -> Floats | None:
        """In whole numbers: the extreme, or the first x that reaches ``enough``, or the best found in time; None when none was found."""
        sign = -1.0 if greatest else 1.0
        self._program.col_cost_ = sign * weights
        self._program.integrality_ = [INTEGER] * len(weights)
        solver = _solver(time_limit=SECONDS, objective_target=sign * enough)
        solver.passModel(self._program)
        solver.run()
        if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return np.round(np.array(solver.getSolution().col_value))


@dataclass(frozen=True, eq=False)
class Computed:
    """A group (numbers of atoms) that is a sum and difference of ``cells``, each times its ``factor``."""

    atoms: Longs
    cells: Longs
    factors: Floats


def small_group(
    cells: sparse.csr_matrix, cell_size: Floats, most: int, atom_size: Floats, known: Sequence[tuple[int, ...]] = ()
) -> tuple[Computed | None, bool]:
    """A group of 1 to ``most`` people that is a sum and difference of cells [cells, A] of ``cell_size`` people; and whether the search came to its end.

    z = M'λ with z 0 or 1, for atoms that no cell tells apart together; atoms of more than ``most`` people (``atom_size`` [A]; 0: not known) are in none, and
    the group is none of those ``known``."""
    pattern = cells.T.tocsr()
    names, atom_class = _alike(pattern)
    class_size = np.bincount(atom_class, atom_size, len(names))
    kinds, count = len(names), cells.shape[0]
    matrix = pattern[names]
    others = np.array([_unlike(atom_class, group, kinds) for group in known]).reshape(len(known), kinds)
    rows = sparse.vstack(
        [
            sparse.hstack([-sparse.identity(kinds), matrix]),
            sparse.csr_matrix(np.concatenate([np.zeros(kinds), cell_size])[None, :]),
            sparse.csr_matrix(np.hstack([others, np.zeros((len(known), count))])),
        ]
    ).tocsr()
    solver = _solver(time_limit=SECONDS)
    upper = np.where((class_size > most) | (np.diff(matrix.indptr) == 0), 0.0, 1.0)
    program = _program(
        np.zeros(kinds + count),
        np.concatenate([np.zeros(kinds), np.full(count, -FACTOR_MOST)]),
        np.concatenate([upper, np.full(count, FACTOR_MOST)]),
        rows,
        np.concatenate([np.zeros(kinds), [1.0 - NEAR], 1.0 - (others < 0.0).sum(axis=1)]),
        np.concatenate([np.zeros(kinds), [most + NEAR], np.full(len(known), highspy.kHighsInf)]),
    )
    program.integrality_ = [INTEGER] * kinds + [CONTINUOUS] * count
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None, True
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, False
    chosen = np.array(solver.getSolution().col_value)[:kinds] > 0.5
    computed = computed_from(cells, np.flatnonzero(chosen[atom_class]))
    return computed, computed is not None


def computed_from(cells: sparse.csr_matrix, atoms: Longs) -> Computed | None:
    """The group of ``atoms`` as a sum and difference of few cells [cells, A]; None where it is none."""
    wanted = np.zeros(cells.shape[1])
    wanted[atoms] = 1.0
    factors = _fewest(cells.T.tocsr(), wanted)
    if factors is None:
        return None
    used = np.flatnonzero(np.abs(factors) > NEAR)
    return Computed(atoms, used, factors[used])


def _unlike(atom_class: Longs, group: tuple[int, ...], kinds: int) -> Floats:
    """[kinds] such that the sum over z is at least 1 less the number of −1 where z is another group."""
    found = np.ones(kinds)
    found[atom_class[list(group)]] = -1.0
    return found


def _alike(pattern: sparse.csr_matrix) -> tuple[Longs, Longs]:
    """One row of each pattern, and the pattern of each row."""
    number: dict[bytes, int] = {}
    names: list[int] = []
    kind = np.zeros(pattern.shape[0], np.int64)
    for row in range(pattern.shape[0]):
        key = np.sort(pattern.indices[pattern.indptr[row] : pattern.indptr[row + 1]]).tobytes()
        if key not in number:
            number[key] = len(names)
            names.append(row)
        kind[row] = number[key]
    return np.array(names, np.int64), kind


def _fewest(matrix: sparse.csr_matrix, wanted: Floats) -> Floats | None:
    """λ with matrix λ = wanted and the least sum of sizes, which few cells have."""
    count = matrix.shape[1]
    solver = _solver()
    program = _program(
        np.ones(2 * count),
        np.zeros(2 * count),
        np.full(2 * count, highspy.kHighsInf),
        sparse.hstack([matrix, -matrix]).tocsr(),
        wanted,
        wanted,
    )
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    both = np.array(solver.getSolution().col_value)
    return np.asarray(both[:count] - both[count:])


def cheapest_cover(cost: Floats, sets: Sequence[frozenset[int]]) -> Flags:
    """[n] the cheapest choice that has one of every set; where time runs out, the best found, or else the cheapest of each set."""
    if not sets:
        return np.zeros(len(cost), np.bool_)
    sizes = [len(one) for one in sets]
    column = np.concatenate([np.sort(np.array(list(one), np.int64)) for one in sets])
    rows = sparse.csr_matrix(
        (np.ones(len(column)), (np.repeat(np.arange(len(sets)), sizes), column)), shape=(len(sets), len(cost))
    )
    solver = _solver(time_limit=SECONDS, mip_rel_gap=0.0)
    program = _program(
        cost, np.zeros(len(cost)), np.ones(len(cost)), rows, np.ones(len(sets)), np.full(len(sets), highspy.kHighsInf)
    )
    program.integrality_ = [INTEGER] * len(cost)
    solver.passModel(program)
    solver.run()
    if solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        return np.asarray(np.array(solver.getSolution().col_value) > 0.5)
    chosen = np.zeros(len(cost), np.bool_)
    for one in sets:
        if not chosen[list(one)].any():
            chosen[min(one, key=lambda cell: (cost[cell], cell))] = True
    return chosen


def _solver(**options: float) -> _Highs:
    solver = _Highs()  # highspy.Highs prints a banner when it is made
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("parallel", "off")
    for name, setting in options.items():
        solver.setOptionValue(name, setting)
    return solver


def _program(
    cost: Floats, low: Floats, high: Floats, rows: sparse.csr_matrix, row_low: Floats, row_high: Floats
) -> highspy.HighsLp:
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = rows.shape[1], rows.shape[0]
    program.col_cost_, program.col_lower_, program.col_upper_ = cost, low, high
    program.row_lower_, program.row_upper_ = row_low, row_high
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_, program.a_matrix_.index_ = rows.indptr, rows.indices
    program.a_matrix_.value_ = rows.data
    return program
