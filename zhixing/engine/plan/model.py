"""The plan as a program in whole numbers, apart from what solves it.

Columns: runs and seats of each option, then what each step of each need takes, then the leading members called of each group. Maximise
cost · x with low ≤ matrix · x ≤ high and lower ≤ x ≤ upper. Amounts are persons, money hundreds of yuan, the objective points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse

from zhixing.engine.plan.options import Limit, Option, most_of, room_of
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.rules import SHARES, Rule

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
MONEY_UNIT = 10_000
SHARE_UNIT = 10_000
ENDLESS = np.inf


class Model(NamedTuple):
    """``rules``: the rule behind each row, None where the row only defines something. ``columns``: of runs, seats, steps, leading members."""

    options: list[Option]
    cost: Floats  # [N]
    lower: Floats  # [N]
    upper: Floats  # [N]
    whole: Flags  # [N]
    matrix: scipy.sparse.csr_matrix  # [M, N]
    low: Floats  # [M]
    high: Floats  # [M]
    rules: list[Limit | None]  # [M]

    @property
    def runs(self) -> int:
        """Options: columns ``[:runs]`` are runs, ``[runs:2 * runs]`` seats."""
        return len(self.options)

    def without(self, kept: Flags) -> Model:
        """Only some of the rows."""
        rules = [rule for rule, keep in zip(self.rules, kept.tolist(), strict=True) if keep]
        return self._replace(matrix=self.matrix[kept], low=self.low[kept], high=self.high[kept], rules=rules)


def model_of(problem: PlanProblem, options: Sequence[Option], *, with_never: bool = False) -> Model:
    """``with_never``: options that a rule keeps out stand in it, with a row for each such rule; else the caller leaves them out."""
    return _Maker(problem, list(options), with_never).model()


class _Maker:
    def __init__(self, problem: PlanProblem, options: list[Option], with_never: bool) -> None:
        self.problem, self.options, self.with_never = problem, options, with_never
        self.most = most_of(problem)
        count, steps = len(options), len(problem.rules.steps)
        self.first_step = 2 * count
        self.first_leading = self.first_step + len(problem.needs) * steps
        self.columns = self.first_leading + len(problem.groups)
        self.rows: list[int] = []
        self.places: list[int] = []
        self.values: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.rules: list[Limit | None] = []

    def model(self) -> Model:
        self._sizes()
        self._limits()
        self._shares()
        self._covers()
        self._leading()
        self._runs_min()
        if self.with_never:
            self._never()
        shape = len(self.rules), self.columns
        matrix = scipy.sparse.csr_matrix((self.values, (self.rows, self.places)), shape=shape)
        whole = np.zeros(self.columns, np.bool_)
        whole[: self.first_step] = True
        return Model(
            self.options,
            self._cost(),
            np.zeros(self.columns),
            self._upper(),
            whole,
            matrix,
            np.array(self.low),
            np.array(self.high),
            self.rules,
        )

    def _row(self, parts: Iterator[tuple[int, float]], low: float, high: float, rule: Limit | None = None) -> None:
        number = len(self.rules)
        for column, value in parts:
            self.rows.append(number)
            self.places.append(column)
            self.values.append(value)
        self.low.append(low)
        self.high.append(high)
        self.rules.append(rule)

    def _seats(self, at: int) -> int:
        return len(self.options) + at

    def _sizes(self) -> None:
        for at, option in enumerate(self.options):
            key = option.programme.key
            parts = ((at, float(option.programme.size_max)), (self._seats(at), -1.0))
            self._row(iter(parts), 0.0, ENDLESS, (Rule.SIZE_MAX, key))
            parts = ((self._seats(at), 1.0), (at, -float(option.programme.size_min)))
            self._row(iter(parts), 0.0, ENDLESS, (Rule.SIZE_MIN, key))

    def _limits(self) -> None:
        drawn: dict[Limit, list[tuple[int, int]]] = {}
        for at, option in enumerate(self.options):
            for limit, draw in option.run_draws:
                drawn.setdefault(limit, []).append((at, draw))
            for limit, draw in option.seat_draws:
                drawn.setdefault(limit, []).append((self._seats(at), draw))
        for limit, parts in drawn.items():
            unit = MONEY_UNIT if limit[0] == Rule.MONEY else 1
            self._row(((column, draw / unit) for column, draw in parts), -ENDLESS, self.most[limit] / unit, limit)

    def _shares(self) -> None:
        parts: dict[Rule, list[tuple[int, float]]] = {rule: [] for rule in SHARES}
        for at, option in enumerate(self.options):
            for rule, part in option.share_parts:
                parts[rule].append((at, part / SHARE_UNIT))
        for rule, of_rule in parts.items():
            if of_rule and self.problem.rules.shares[rule]:
                self._row(iter(of_rule), 0.0, ENDLESS, (rule, ""))

    def _covers(self) -> None:
        covering: list[list[tuple[int, float]]] = [[] for _need in self.problem.needs]
        for at, option in enumerate(self.options):
            for need, strength in option.covers:
                covering[need].append((self._seats(at), strength / 100))
        steps = len(self.problem.rules.steps)
        for need, parts in enumerate(covering):
            first = self.first_step + need * steps
            taken = [(first + step, -1.0) for step in range(steps)]
            self._row(iter([*parts, *taken]), 0.0, ENDLESS)

    def _leading(self) -> None:
        if not self.problem.leading_least:
            return
        called: dict[str, list[tuple[int, float]]] = {group.key: [] for group in self.problem.groups}
        for at, option in enumerate(self.options):
            if option.programme.calls_leading:
                called[option.group.key].append((self._seats(at), 1.0))
        own = {group.key: self.first_leading + place for place, group in enumerate(self.problem.groups)}
        for key, parts in called.items():
            self._row(iter([*parts, (own[key], -1.0)]), 0.0, ENDLESS)
        everybody = ((column, 1.0) for column in own.values())
        self._row(everybody, float(self.problem.leading_least), ENDLESS, (Rule.LEADING_SHARE, ""))

    def _runs_min(self) -> None:
        for programme in self.problem.programmes:
            if programme.runs_min:
                runs = ((at, 1.0) for at, option in enumerate(self.options) if option.programme.key == programme.key)
                self._row(runs, float(programme.runs_min), ENDLESS, (Rule.RUNS_MIN, programme.key))

    def _never(self) -> None:
        kept_out: dict[Limit, list[int]] = {}
        for at, option in enumerate(self.options):
            for limit in option.never:
                kept_out.setdefault(limit, []).append(at)
        for limit, places in kept_out.items():
            self._row(((at, 1.0) for at in places), -ENDLESS, 0.0, limit)

    def _cost(self) -> Floats:
        rules = self.problem.rules
        cost = np.zeros(self.columns)
        for at, option in enumerate(self.options):
            cost[at] = -rules.run_cost - rules.money_cost * option.programme.run_cents / 1_000_000
            cost[self._seats(at)] = -rules.money_cost * option.seat_cents / 1_000_000
        steps = [step.value / 100 for step in rules.steps]
        for need, one in enumerate(self.problem.needs):
            first = self.first_step + need * len(steps)
            cost[first : first + len(steps)] = np.array(steps) * one.weight
        return cost

    def _upper(self) -> Floats:
        upper = np.zeros(self.columns)
        for at, option in enumerate(self.options):
            runs, seats = room_of(option, self.most) if not self.with_never else (10**6, 10**8)
            upper[at], upper[self._seats(at)] = runs, seats
        begin = 0
        for number, step in enumerate(self.problem.rules.steps):
            places = slice(self.first_step + number, self.first_leading, len(self.problem.rules.steps))
            upper[places] = [need.people * (step.until - begin) / 100 for need in self.problem.needs]
            begin = step.until
        upper[self.first_leading :] = [group.leading for group in self.problem.groups]
        return upper
