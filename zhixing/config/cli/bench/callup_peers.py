"""How others would choose the list: a plain mixed-integer program (HiGHS), a constraint solver (CP-SAT), and an officer who calls by priority.

``main`` runs in a process of its own, so that its memory can be measured."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.sparse

from zhixing.config.cli.callup_folder import read_problem
from zhixing.engine.callup.model import Model, model_of
from zhixing.engine.callup.selection import empty_selection, fill

HUNDREDTHS: Final = 100
"""CP-SAT reckons with whole numbers; values have two decimals."""


@dataclass(frozen=True)
class Answer:
    objective: float | None
    bound: float | None
    seconds: float


class Program:
    """The plain program over Model ``m``: pairs x, then persons' second call-ups, repeated themes, close call-ups, shared away weeks, and seats
    short; rows are ``low ≤ A·v ≤ high``."""

    def __init__(self, m: Model) -> None:
        self.costs, self.upper, self.whole = list(m.value), list(np.where(m.open, 1.0, 0.0)), len(m.value)
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.factors: list[float] = []
        self.lower = np.zeros(len(m.value))
        self.lower[m.pinned] = 1.0
        draws = self._draws(m)
        for person in range(len(m.unit)):
            self._person(m, range(int(m.first_pair[person]), int(m.first_pair[person + 1])), draws)
        for limit, columns in draws.items():
            if len(columns) > m.most[limit]:
                self.row(-np.inf, float(m.most[limit]), [(column, 1.0) for column in columns])
            if m.least[limit]:
                short = self.column(-m.short_cost, float(m.least[limit]))
                self.row(float(m.least[limit]), np.inf, [*((column, 1.0) for column in columns), (short, 1.0)])

    def column(self, cost: float, upper: float) -> int:
        self.costs.append(cost)
        self.upper.append(upper)
        return len(self.costs) - 1

    def row(self, low: float, high: float, entries: list[tuple[int, float]]) -> None:
        self.rows += [len(self.low)] * len(entries)
        self.columns += [column for column, _ in entries]
        self.factors += [factor for _, factor in entries]
        self.low.append(low)
        self.high.append(high)

    def _draws(self, m: Model) -> dict[int, list[int]]:
        """[R] the columns that draw on each limit. Pairs of one person that meet in an away week draw on it through one common column."""
        draws: dict[int, list[int]] = {}
        for person in range(len(m.unit)):
            weeks: dict[int, list[int]] = {}
            for pair in range(int(m.first_pair[person]), int(m.first_pair[person + 1])):
                cell = m.cell[pair]
                for limit in m.drawn[m.seats_from[cell] : m.away_from[cell]].tolist():
                    draws.setdefault(limit, []).append(pair)
                for limit in m.drawn[m.away_from[cell] : m.away_to[cell]].tolist():
                    weeks.setdefault(limit, []).append(pair)
            for limit, pairs in weeks.items():
                away = pairs[0]
                if len(pairs) > 1:
                    away = self.column(0.0, 1.0)
                    for pair in pairs:
                        self.row(0.0, np.inf, [(away, 1.0), (pair, -1.0)])
                draws.setdefault(limit, []).append(away)
        return draws

    def _person(self, m: Model, pairs: range, draws: dict[int, list[int]]) -> None:
        if len(pairs) < 2:
            return
        if len(pairs) > m.callups_max:
            self.row(-np.inf, float(m.callups_max), [(pair, 1.0) for pair in pairs])
        second = self.column(-m.second_cost, float(m.callups_max - 1))
        self.row(-np.inf, 1.0, [*((pair, 1.0) for pair in pairs), (second, -1.0)])
        for pair in pairs:
            day = m.first_day[m.class_[pair]]
            there = [p for p in pairs if m.first_day[m.class_[p]] <= day <= m.last_day[m.class_[p]]]
            if len(there) > 1:
                self.row(-np.inf, 1.0, [(p, 1.0) for p in there])
        self._spread(m, pairs)

    def _spread(self, m: Model, pairs: range) -> None:
        """A theme costs for each call-up beyond its first; a call-up costs when any of the person's ended within the close days before it."""
        themes: dict[int, list[int]] = {}
        for pair in pairs:
            themes.setdefault(int(m.theme[m.class_[pair]]), []).append(pair)
        for theme, same in themes.items():
            if m.theme_cost and theme >= 0 and len(same) > 1:
                again = self.column(-m.theme_cost, float(m.callups_max - 1))
                self.row(-np.inf, 1.0, [*((pair, 1.0) for pair in same), (again, -1.0)])
        for pair in pairs if m.close_cost else ():
            gaps = [(other, m.first_day[m.class_[pair]] - m.last_day[m.class_[other]]) for other in pairs]
            before = [other for other, gap in gaps if 0 < gap <= m.close_days]
            close = self.column(-m.close_cost, 1.0) if before else 0
            for other in before:
                self.row(-np.inf, 1.0, [(pair, 1.0), (other, 1.0), (close, -1.0)])

    def matrix(self) -> scipy.sparse.csr_matrix:
        shape = (len(self.low), len(self.costs))
        return scipy.sparse.coo_matrix((self.factors, (self.rows, self.columns)), shape=shape).tocsr()


def highs(folder: Path, seconds: float) -> Answer:
    import highspy
    from highspy._core import _Highs

    model, limits = model_of(read_problem(folder))
    program = Program(model)
    matrix, columns = program.matrix(), len(program.costs)
    lower = np.zeros(columns)
    lower[: len(program.lower)] = program.lower
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, len(program.low)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.array(program.costs), lower, np.array(program.upper)
    lp.row_lower_, lp.row_upper_ = np.array(program.low), np.array(program.high)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    lp.integrality_ = [highspy.HighsVarType.kInteger] * program.whole + [highspy.HighsVarType.kContinuous] * (
        columns - program.whole
    )
    lp.offset_ = -model.short_cost * limits.hopeless
    solver = _Highs()
    for name, setting in (("output_flag", False), ("time_limit", seconds), ("threads", 2), ("mip_rel_gap", 0.0)):
        solver.setOptionValue(name, setting)
    solver.passModel(lp)
    began = time.perf_counter()
    solver.run()
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    bound = float(info.mip_dual_bound)
    return Answer(
        float(info.objective_function_value) if found else None,
        bound if np.isfinite(bound) else None,
        time.perf_counter() - began,
    )


def cpsat(folder: Path, seconds: float) -> Answer:
    from ortools.sat.python import cp_model

    model, limits = model_of(read_problem(folder))
    program = Program(model)
    matrix = program.matrix()
    cp = cp_model.CpModel()
    lower = np.zeros(len(program.costs))
    lower[: len(program.lower)] = program.lower
    variables = [
        cp.new_int_var(int(low), int(high), "") for low, high in zip(lower.tolist(), program.upper, strict=True)
    ]
    for row, (low, high) in enumerate(zip(program.low, program.high, strict=True)):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        terms = [variables[column] for column in matrix.indices[inside]]
        total = cp_model.LinearExpr.weighted_sum(terms, [int(factor) for factor in matrix.data[inside]])
        if np.isfinite(high):
            cp.add(total <= int(high))
        if np.isfinite(low):
            cp.add(total >= int(low))
    cp.maximize(cp_model.LinearExpr.weighted_sum(variables, [round(cost * HUNDREDTHS) for cost in program.costs]))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, 2
    began = time.perf_counter()
    status = solver.solve(cp)
    constant = model.short_cost * limits.hopeless
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Answer(
        solver.objective_value / HUNDREDTHS - constant if found else None,
        solver.best_objective_bound / HUNDREDTHS - constant,
        time.perf_counter() - began,
    )


def greedy(folder: Path, seconds: float) -> Answer:
    """The officer's rule: down the list by priority, each into the first seat that every rule allows."""
    model, limits = model_of(read_problem(folder))
    began = time.perf_counter()
    s = empty_selection(model)
    fill(model, s, np.concatenate([np.flatnonzero(model.pinned), np.argsort(-model.value, kind="stable")]))
    return Answer(float(s.objective[0]) - model.short_cost * limits.hopeless, None, time.perf_counter() - began)


METHODS: Final[dict[str, Callable[[Path, float], Answer]]] = {"greedy": greedy, "highs": highs, "cp-sat": cpsat}


def main(arguments: list[str]) -> None:
    """Method, folder and seconds → one JSON object: objective, bound, seconds; null where there is none."""
    method, folder, seconds = arguments
    said: dict[str, Any] = vars(METHODS[method](Path(folder), float(seconds)))
    print(json.dumps(said))
