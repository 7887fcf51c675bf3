"""HiGHS behind two doors: a program solved once, and a linear program solved again and again between other bounds."""

from __future__ import annotations

from typing import NamedTuple

import highspy
import numpy as np
from highspy._core import _Highs

from zhixing.engine.plan.model import Floats, Model


class Solved(NamedTuple):
    """``x`` is None when nothing was found; ``infeasible``: proven that there is nothing."""

    x: Floats | None
    bound: float
    reduced: Floats
    infeasible: bool


class Relaxed:
    """The linear program of a model, which remembers its last basis."""

    def __init__(self, model: Model, seed: int) -> None:
        self.solver = _Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("parallel", "off")
        self.solver.setOptionValue("random_seed", seed % 2**31)
        self.solver.passModel(_program(model, whole=False))
        self.places = np.arange(model.runs, dtype=np.int32)

    def between(self, least: Floats, most: Floats) -> Floats | None:
        """The best columns with runs between these; None when there are none."""
        self.solver.changeColsBounds(len(self.places), self.places, least, most)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self.solver.getSolution().col_value)


def solve(
    model: Model,
    seconds: float,
    seed: int,
    *,
    whole: bool = True,
    gap: float = 0.0,
    nodes: int | None = None,
    start: Floats | None = None,
) -> Solved:
    solver = _Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("random_seed", seed % 2**31)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_abs_gap", 1e-6 if gap == 0.0 else 0.0)
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    solver.passModel(_program(model, whole=whole))
    if start is not None and whole:
        solver.setSolution(_part(start))
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    solution = solver.getSolution()
    bound = -(float(info.mip_dual_bound) if whole else float(info.objective_function_value))
    if not whole and status != highspy.HighsModelStatus.kOptimal:
        found = False
    return Solved(
        np.array(solution.col_value) if found else None,
        bound,
        -np.array(solution.col_dual) if found and not whole else np.zeros(0),
        infeasible,
    )


def _part(start: Floats) -> highspy.HighsSolution:
    solution = highspy.HighsSolution()
    solution.col_value = start.tolist()
    return solution


def _program(model: Model, *, whole: bool) -> highspy.HighsLp:
    """HiGHS minimises."""
    matrix = model.matrix.tocsc()
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = matrix.shape[1], matrix.shape[0]
    program.col_cost_, program.col_lower_, program.col_upper_ = -model.cost, model.lower, model.upper
    program.row_lower_ = np.where(np.isinf(model.low), -highspy.kHighsInf, model.low)
    program.row_upper_ = np.where(np.isinf(model.high), highspy.kHighsInf, model.high)
    if whole:
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        program.integrality_ = [kinds[flag] for flag in model.whole.astype(int).tolist()]
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
    program.a_matrix_.value_ = matrix.data
    return program
