"""Call-up solved: prices, a rounding by their shares, exact polishing of small pieces, and a proven bound.

1. ``ascent`` finds prices of seats; they prove the bound, and the shares of their iterations tell which call-ups are settled.
2. Pairs are chosen by share, then by net value, as far as they fit.
3. Pieces of the problem whose persons the prices leave open are solved exactly (HiGHS) while all others stay; a small problem is one piece.
4. Whatever still fits and gains is chosen, so that every pair left out has a rule or a cost that keeps it out.

Work is budgeted in iterations and pieces. Only when ``seconds`` run out before is the result no longer the same for the same input and seed."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import highspy
import numpy as np
import scipy.sparse
from highspy._core import _Highs

from zhixing.engine.callup.ascent import Ascent
from zhixing.engine.callup.conflicts import pin_clashes
from zhixing.engine.callup.knots import Deadlock, minimum_deadlock, pin_deadlock
from zhixing.engine.callup.limits import Limits
from zhixing.engine.callup.lots import lots_of
from zhixing.engine.callup.model import HARD, Model, model_of, narrow
from zhixing.engine.callup.pieces import Piece, chosen_pairs, loose_persons, pieces_of, whole
from zhixing.engine.callup.problem import CallupProblem, Floats, Ints, Longs, Settings
from zhixing.engine.callup.result import AGREEMENT, CallupResult, Status
from zhixing.engine.callup.selection import Selection, add_all, drop, empty_selection, fill, fill_left
from zhixing.engine.callup.spread import count_spread
from zhixing.engine.callup.ways_out import Program

Progress = Callable[[float, float, float, int], None]

PERIODS_MOST = 64
PATIENCE = 4
"""The ascent ends when this many periods together lower the bound by less than ``STALL``, relative."""
STALL = 2e-6
SWING = 1e-3
"""… unless the prices still swing: the bound of the present ones is this far above the best one, relative."""
ASCENT_SHARE = 0.9
"""The ascent may take this share of the seconds; it is this share of the progress shown."""
POLISH_UNTIL = 0.95
"""Pieces may take the seconds up to this share; the rest is for counting anew."""
EVER = 1e-3
"""A pair chosen in less than this share of the iterations was never chosen of late."""
CORE = 3
"""Rounding and pieces see every pair that was chosen of late, and this many of the best others for each of them."""
EXACT_WAYS = 12_000
PIECE_WAYS = 5500
DEADLOCK_SECONDS = 10.0
"""Why no list exists, and what would help, may take this much longer than the search was given."""
ROUNDS = 8
ENOUGH = 5e-5
"""A round of pieces that betters the list by no more than this, relative, is the last: later ones cost as much time and find less."""
NODES = 200
PIECE_GAP = 1e-5
SURE = 1e-3
"""Seats short are whole numbers: a bound this far below none proves that one is short."""
DUAL_SLACK = 1e-7
"""What the solver's tolerance may hide in the bound, for each person."""
TIE = 5e-8
"""The lots decide between selections whose values differ by less than this, relative."""


def solve(
    problem: CallupProblem,
    *,
    seconds: float = 60.0,
    seed: int = 1,
    workers: int = 2,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> CallupResult:
    """Chooses who is called. ``progress`` hears (share done, objective so far or -inf, bound so far, pairs chosen so far); ``stop`` ends the search early.

    The number of ``workers`` changes the time, not the result."""
    watch = _Watch(seconds, progress or (lambda share, objective, bound, chosen: None), stop or (lambda: False))
    clashes = pin_clashes(problem)
    hard = problem.settings.hard_minimums
    with ThreadPoolExecutor(workers) as pool:
        tools = _Tools(pool, seed, watch)
        if clashes:
            return _infeasible(
                watch, seed, problem, (minimum_deadlock if hard else pin_deadlock)(problem, clashes, tools)
            )
        search = _Search(problem, pool, seed, watch)
        if not (hard and search.limits.hopeless):
            result = search.run()
            if result.status is not Status.UNKNOWN or not tools.must_fall_short(problem):
                return dataclasses.replace(result, interrupted=watch.stopped)
        return _infeasible(watch, seed, problem, minimum_deadlock(problem, clashes, tools))


class _Tools:
    """What the search for the ways out of a deadlock asks of the solver (``knots.Tools``)."""

    def __init__(self, pool: ThreadPoolExecutor, seed: int, watch: _Watch) -> None:
        self.pool, self.seed = pool, seed
        self.watch = watch.silent(watch.seconds + DEADLOCK_SECONDS)

    def is_over(self) -> bool:
        return self.watch.over()

    def must_fall_short(self, problem: CallupProblem) -> bool:
        return _must_fall_short(problem, self.pool, self.watch)

    def fullest(self, problem: CallupProblem) -> Longs:
        """Every pair is worth the same, and a seat short more than all that a person's call-ups are worth."""
        settings = problem.settings
        soft = Settings(settings.callups_max, 0.0, HARD * settings.callups_max)
        problem = dataclasses.replace(problem, value=np.ones(problem.pairs), settings=soft)
        return _Search(problem, self.pool, self.seed, self.watch.silent(max(1.0, self.watch.left()))).run().selected

    def minimise(self, program: Program) -> Floats | None:
        return _minimise(program, max(1.0, self.watch.left()))


def _must_fall_short(problem: CallupProblem, pool: ThreadPoolExecutor, watch: _Watch) -> bool:
    """Is it proven that no selection meets all minimums? Only pins and pairs that count for a minimum matter, and only seats short cost."""
    model, limits = model_of(problem)
    if limits.hopeless:
        return True
    counts = limits.cells_drawing(limits.least > 0)
    kept = np.flatnonzero(model.pinned | (counts[model.cell] & model.open))
    model = narrow(model, kept).without_costs()._replace(value=np.zeros(len(kept)), short_cost=1.0)
    piece = whole(model, EXACT_WAYS)
    if piece is not None:
        s = empty_selection(model)
        bound = maximise(model, s, piece, piece.value, 0.0, max(1.0, watch.left()))[1]
        return bound + float(s.objective[0]) < -0.5
    ascent = Ascent(model, 0.0, pool)
    for _ in range(PERIODS_MOST):
        ascent.period()
        if ascent.bound < -SURE or watch.over():
            break
    return ascent.bound < -SURE


def _infeasible(watch: _Watch, seed: int, problem: CallupProblem, why: Deadlock) -> CallupResult:
    nothing = np.zeros(0, np.int64)
    ways = tuple(knot.said(problem) for knot in why.knots)
    elapsed = watch.elapsed()
    return CallupResult(Status.INFEASIBLE, None, None, elapsed, seed, nothing, np.zeros(0), why.conflicts, ways)


class _Watch:
    """Time, progress and the wish to stop."""

    def __init__(self, seconds: float, progress: Progress, stop: Callable[[], bool]) -> None:
        self.start = time.perf_counter()
        self.seconds, self.progress, self.stop = seconds, progress, stop
        self.stopped = False

    def silent(self, seconds: float) -> _Watch:
        """Another watch from now on, which nobody follows."""
        return _Watch(seconds, lambda share, objective, bound, chosen: None, self.stop)

    def elapsed(self) -> float:
        return time.perf_counter() - self.start

    def left(self) -> float:
        return self.seconds - self.elapsed()

    def over(self, share: float = 1.0) -> bool:
        """Is this share of the time used up, or is no more work wanted?"""
        self.stopped |= self.stop()
        return self.stopped or self.elapsed() >= share * self.seconds


class _Search:
    """One search. ``core`` holds the pairs that matter, ``near`` is the model of these, ``s`` the selection among them."""

    def __init__(self, problem: CallupProblem, pool: ThreadPoolExecutor, seed: int, watch: _Watch) -> None:
        self.problem, self.seed, self.watch = problem, seed, watch
        self.model, self.limits = model_of(problem)
        self.constant = -self.model.short_cost * self.limits.hopeless
        self.ascent = Ascent(self.model, self.constant, pool)
        self.lots = lots_of(problem, seed)
        self.bound = math.inf

    def run(self) -> CallupResult:
        self._ascend()
        self._narrow()
        self.s = empty_selection(self.near)
        add_all(self.near, self.s, np.flatnonzero(self.near.pinned))
        fill(self.near, self.s, self.order)
        self._tell_selection(ASCENT_SHARE)
        if not self._solve_whole():
            self._polish()
        return self._finish()

    def _ascend(self) -> None:
        bounds: list[float] = []
        self.ascent.begin()
        for period in range(PERIODS_MOST):
            self.ascent.period()
            bounds.append(self.ascent.bound)
            self._tell(ASCENT_SHARE * (period + 1) / PERIODS_MOST, -math.inf, 0)
            if self._stalled(bounds) or self.watch.over(ASCENT_SHARE):
                break
        self.ascent.settle()
        self.bound = self.ascent.bound

    def _stalled(self, bounds: list[float]) -> bool:
        if len(bounds) <= PATIENCE or self.ascent.latest - bounds[-1] > SWING * abs(bounds[-1]):
            return False
        return bounds[-1 - PATIENCE] - bounds[-1] < STALL * abs(bounds[-1])

    def _tell(self, share: float, objective: float, chosen: int) -> None:
        self.watch.progress(share, objective, max(objective, min(self.bound, self.ascent.bound)), chosen)

    def _tell_selection(self, share: float) -> None:
        self._tell(share, float(self.s.objective[0]) + self.constant, int(self.s.chosen.sum()))

    def _narrow(self) -> None:
        """Leaves the core, and its pairs in the order of choice: share, then net value, then lot."""
        shares, margins = self.ascent.shares(), self.ascent.margins()
        late = self.model.pinned | (shares > EVER)
        others = self._best_of(np.flatnonzero(~late & self.model.open), margins, CORE * int(late.sum()))
        self.core = np.sort(np.concatenate([np.flatnonzero(late), others]))
        self.near = narrow(self.model, self.core)
        self.shares = shares[self.core]
        self.order = np.lexsort((self.lots[self.core], -margins[self.core], -np.round(self.shares, 3)))

    def _best_of(self, pairs: Longs, margins: Floats, count: int) -> Longs:
        """The ``count`` pairs of the best margins; lots part those at the edge."""
        if count < len(pairs):
            place = len(pairs) - count
            edge = np.partition(margins[pairs], place)[place] if count else np.inf
            sure, even = pairs[margins[pairs] > edge], pairs[margins[pairs] == edge]
            pairs = np.concatenate([sure, even[np.argsort(self.lots[even], kind="stable")][: count - len(sure)]])
        return pairs

    def _solve_whole(self) -> bool:
        """Solves a small problem as one piece over all pairs; False when it is too large."""
        piece = whole(self.model, EXACT_WAYS) if self.model.open.sum() <= EXACT_WAYS else None
        if piece is None:
            return False
        chosen = self.core[self.s.chosen]
        self.near, self.core = self.model, np.arange(self.problem.pairs)
        self.s = empty_selection(self.model)
        add_all(self.model, self.s, chosen)
        bound = self._solve_piece(piece, gap=0.0)
        self.bound = min(self.bound, bound + self.constant)
        return True

    def _polish(self) -> None:
        """Solves pieces of the persons left open, in rows cut in another place each round, until a round betters next to nothing."""
        rng = np.random.default_rng(self.seed)
        leaning = np.full(self.problem.persons, -1, np.int64)
        leaning[self.near.person[self.order[::-1]]] = self.near.class_[self.order[::-1]]
        for turn in range(ROUNDS):
            before = self.s.objective[0]
            if self.bound - before - self.constant <= AGREEMENT * abs(before):
                return
            loose = loose_persons(self.near, self.s, self.shares)
            group = (leaning if turn % 2 == 0 else self.model.unit)[loose]
            if turn >= 2:
                group = rng.permutation(int(group.max(initial=0)) + 1)[group]
            done = 0
            for piece in pieces_of(self.near, loose[np.argsort(group, kind="stable")].tolist(), PIECE_WAYS):
                if self.watch.over(POLISH_UNTIL):
                    return
                self._solve_piece(piece, PIECE_GAP)
                done += len(piece.persons)
                self._tell_selection(ASCENT_SHARE + (1 - ASCENT_SHARE) * (turn + done / len(loose)) / ROUNDS)
            if self.s.objective[0] - before <= ENOUGH * abs(before):
                return

    def _solve_piece(self, piece: Piece, gap: float) -> float:
        """Solves a piece while all other persons stay; keeps the better selection and returns the bound on the piece."""
        held = chosen_pairs(self.s, piece.persons)
        before = self.s.objective[0]
        for pair in held:
            drop(self.near, self.s, pair)
        base = float(self.s.objective[0])
        lots = self.lots[self.core]
        luck = np.array([1.0 - lots[way[0]] / 2.0**64 for way in piece.ways])
        value = piece.value * (1.0 + TIE * luck)
        taken, bound = maximise(self.near, self.s, piece, value, gap, max(0.1, self.watch.left()))
        found = [pair for way in taken for pair in piece.ways[way]]
        add_all(self.near, self.s, np.array(found, np.int64))
        holds = bool((self.s.used <= self.near.most).all())
        if not holds or self.s.objective[0] <= before:
            for pair in found:
                drop(self.near, self.s, pair)
            add_all(self.near, self.s, np.array(held, np.int64))
        return base + bound

    def _finish(self) -> CallupResult:
        """Fills what is left over all pairs, counts anew and judges the gap."""
        s = empty_selection(self.model)
        add_all(self.model, s, self.core[self.s.chosen])
        fill_left(self.model, s, self.ascent.margins(), self.lots)
        selected = np.flatnonzero(s.chosen)
        objective, short = objective_of(self.model, self.limits, s)
        bound = max(self.bound, objective)
        if self.problem.settings.hard_minimums and short:
            return CallupResult(
                Status.UNKNOWN, None, self.bound, self.watch.elapsed(), self.seed, selected[:0], self.ascent.best
            )
        status = judged(objective, bound, float(self.model.value[selected].sum()))
        self._tell(1.0, objective, len(selected))
        return CallupResult(status, objective, bound, self.watch.elapsed(), self.seed, selected, self.ascent.best)


def objective_of(model: Model, limits: Limits, s: Selection) -> tuple[float, int]:
    """The objective of a selection counted anew, and the seats short in it."""
    short = int(np.maximum(0, model.least - s.used).sum()) + limits.hopeless
    beyond = int(np.maximum(0, s.held - 1).sum())
    value = math.fsum(model.value[np.flatnonzero(s.chosen)])
    repeated, close = count_spread(model, s) if model.theme_cost + model.close_cost else (0, 0)
    spread = model.theme_cost * repeated + model.close_cost * close
    return value - model.second_cost * beyond - model.short_cost * short - spread, short


def judged(objective: float, bound: float, value: float) -> Status:
    """Optimal where the gap is closed as far as numbers agree, which is no finer than for a value of 1; ``value``: of all chosen pairs together."""
    closed = bound - objective <= AGREEMENT * max(abs(objective), value, 1.0)
    return Status.OPTIMAL if closed else Status.FEASIBLE


def maximise(
    model: Model, s: Selection, piece: Piece, value: Floats, gap: float, seconds: float, nodes: int = NODES
) -> tuple[Ints, float]:
    """The best ways of a piece in the room that a selection leaves: the ways taken, none when none was found, and a bound on their gain."""
    solver = _solved(_program(model, s, piece, value), time_limit=seconds, mip_rel_gap=gap, mip_max_nodes=nodes)
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return np.zeros(0, np.int32), math.inf
    x = np.array(solver.getSolution().col_value)[: len(piece.ways)]
    return np.flatnonzero(x > 0.5).astype(np.int32), float(info.mip_dual_bound) + DUAL_SLACK * len(piece.persons)


def _solved(program: highspy.HighsLp, **options: float) -> _Highs:
    solver = _Highs()  # highspy.Highs prints a banner when it is made
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("parallel", "off")
    for name, setting in options.items():
        solver.setOptionValue(name, setting)
    solver.passModel(program)
    solver.run()
    return solver


def _minimise(asked: Program, seconds: float) -> Floats | None:
    """The proven optimum of a program in whole numbers."""
    matrix = asked.matrix.tocsc()
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = matrix.shape[1], matrix.shape[0]
    program.col_cost_, program.col_lower_, program.col_upper_ = asked.cost, np.zeros(len(asked.cost)), asked.most
    program.row_lower_, program.row_upper_ = asked.low, asked.high
    program.integrality_ = [highspy.HighsVarType.kInteger] * len(asked.cost)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
    program.a_matrix_.value_ = matrix.data
    solver = _solved(program, time_limit=seconds, mip_rel_gap=0.0)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.round(np.array(solver.getSolution().col_value))


def _program(model: Model, s: Selection, piece: Piece, value: Floats) -> highspy.HighsLp:
    """Columns: the ways, then the seats short of each minimum in reach. Rows: one way a person, the limits in reach, the minimums in reach."""
    ways, persons = len(piece.ways), len(piece.persons)
    draws = scipy.sparse.csr_matrix(
        (np.ones(len(piece.draws)), piece.draws, piece.draw_from), shape=(ways, len(model.most))
    ).T.tocsr()
    room, short = model.most - s.used, model.least - s.used
    tight = np.flatnonzero(np.diff(draws.indptr) > room)
    open_minimums = np.flatnonzero((short > 0) & (np.diff(draws.indptr) > 0))
    one_each = scipy.sparse.csr_matrix((np.ones(ways), (piece.owner, np.arange(ways))), shape=(persons, ways))
    matrix = scipy.sparse.bmat(
        [
            [one_each, None],
            [draws[tight], None],
            [draws[open_minimums], scipy.sparse.identity(len(open_minimums))],
        ]
    ).tocsc()
    none = np.full(len(tight), -highspy.kHighsInf)
    some = np.full(len(open_minimums), highspy.kHighsInf)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = matrix.shape[1], matrix.shape[0]
    program.sense_ = highspy.ObjSense.kMaximize
    program.offset_ = model.short_cost * float(short[open_minimums].sum())
    program.col_cost_ = np.concatenate([value, np.full(len(open_minimums), -model.short_cost)])
    program.col_lower_ = np.zeros(matrix.shape[1])
    program.col_upper_ = np.concatenate([np.ones(ways), short[open_minimums].astype(np.float64)])
    program.row_lower_ = np.concatenate(
        [piece.must_go.astype(np.float64), none, short[open_minimums].astype(np.float64)]
    )
    program.row_upper_ = np.concatenate([np.ones(persons), room[tight].astype(np.float64), some])
    whole_number, any_number = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    program.integrality_ = [whole_number] * ways + [any_number] * len(open_minimums)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    return program
