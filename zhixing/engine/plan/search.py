"""A plan proposed: a bound from the linear program over all options, and the best plan of those options that matter, made better piece by piece.

1. The linear program over every option proves a bound; its prices tell which options a plan near it could hold.
2. Its whole runs, filled up with what fits and gains, are a first plan.
3. Among the options that matter: what must be held in whole runs, then a dive for all others (``diving``), then the last parts and the seats.
4. Rounds: some programmes are free, all others stay, and the program is solved again, until the bound is near or the rounds are used up.
5. What still fits and gains is added in whole numbers, and everything counted anew.
A small problem is one program in whole numbers over all options, a tiny one to the optimum; unless there is an earlier plan to stay near.

Only when ``seconds`` run out is the result no longer the same for the same input and seed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from zhixing.engine.plan.conflicts import conflict_of, told
from zhixing.engine.plan.diving import WHOLE, dive
from zhixing.engine.plan.filling import fill, trim
from zhixing.engine.plan.model import Floats, Model, model_of
from zhixing.engine.plan.options import Limit, Option, most_of, options_of, room_of
from zhixing.engine.plan.problem import POINT, PlanProblem
from zhixing.engine.plan.result import Line, PlanResult, Status
from zhixing.engine.plan.solver import Relaxed, Solved, solve
from zhixing.engine.plan.usage import Usage

Progress = Callable[[float], None]
SMALL = 400
"""So many options are solved whole."""
TINY = 60
"""So many to the optimum; of more ``WHOLE_GAP`` is near enough: the last hundredth of a percent takes longer than all the rest."""
WHOLE_GAP = 5e-4
CORE = 2
"""Options kept of each programme and group beside those that the relaxed plan holds: those that the prices like best."""
GAP = 0.005
"""Unless told otherwise the search ends this near the bound; the goal is one percent."""
NEAR = 0.01
"""An earlier plan that keeps the rules, trimmed and filled up, is bettered only when it lies farther from the bound: nobody wants another plan for less."""
NEAR_ENOUGH = 0.02
"""Bettered in rounds it is taken this near; farther away the search begins anew."""
ASKED_GAP = 2e-3
DIVE_SHARE = 0.3
"""The programs before and after the dive may each take this share of the seconds; they end by their nodes, after one or two."""
CORE_SHARE = 0.4
"""So much may a program over the core take, where the dive came to nothing."""
ROUNDS = 160
PATIENCE = 30
"""So many rounds one after another that better nothing are the last."""
ROUND_SECONDS = 10.0
ROUND_GAP = 5e-4
FREE = 0.3
"""The share of programmes that are free in the first round; after one that betters nothing it is made wider or narrower."""
WIDER = 1.1
NODES = 20_000
ROUND_NODES = 400
ROUNDING = 1e-7
"""What the tolerance of the solver may hide in a bound, relative."""
CONFLICT_SECONDS = 5.0


def propose(
    problem: PlanProblem,
    *,
    seconds: float = 45.0,
    seed: int = 1,
    gap: float = GAP,
    start: Sequence[Line] = (),
    progress: Progress | None = None,
) -> PlanResult:
    """The best plan found. ``gap``: so near the bound the search ends. ``start``: lines of an earlier plan, from which it may begin.

    ``progress`` hears the share done."""
    return _Search(problem, seconds, seed, gap, start, progress or (lambda share: None)).run()


class _Search:
    def __init__(
        self, problem: PlanProblem, seconds: float, seed: int, gap: float, start: Sequence[Line], progress: Progress
    ) -> None:
        self.problem, self.seconds, self.seed, self.gap, self.progress = problem, seconds, seed, gap, progress
        self.began = time.perf_counter()
        self.options = options_of(problem)
        most = most_of(problem)
        self.possible = [option for option in self.options if room_of(option, most)[0] > 0]
        by_key = {option.key: option for option in self.possible}
        self.start = self._trimmed([(by_key[line.key], line.runs, line.seats) for line in start if line.key in by_key])
        self.bound = math.inf

    def _trimmed(self, lines: Sequence[tuple[Option, int, int]]) -> list[tuple[Option, int, int]]:
        """The lines of an earlier plan without what goes beyond the limits of now; none when other rules stay broken."""
        usage = self._usage(lines)
        trim(usage)
        if any(usage.broken()):
            return []
        return [(self.options[number], runs, usage.seats[number]) for number, runs in usage.runs.items()]

    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def left(self) -> float:
        return max(0.5, self.seconds - self.elapsed())

    def run(self) -> PlanResult:
        model = model_of(self.problem, self.possible)
        if model.runs <= SMALL and not self.start:
            return self._whole(model)
        relaxed = solve(model, self.left(), self.seed, whole=False)
        if relaxed.infeasible:
            return self._infeasible()
        if relaxed.x is None:
            return self._result(Status.UNKNOWN, None)
        self.bound = relaxed.bound
        self.progress(0.1)
        first = self._earlier() if self.start else self._first(relaxed.x[: model.runs])
        core = model_of(self.problem, self._core(relaxed, first))
        if self.start:
            first = self._rounds(core, first, max(NEAR, self.gap))
            if self._is_near(first, max(NEAR_ENOUGH, self.gap)):
                return self._result(Status.FEASIBLE, first)
        best = self._search_core(core, first)
        if best is None:  # nothing that keeps every rule was found among the options that matter
            return self._whole(model)
        return self._result(Status.FEASIBLE, self._rounds(core, best, self.gap))

    def _whole(self, model: Model) -> PlanResult:
        """The program over all options, near the optimum if time allows."""
        x = _columns(model, self._usage(self.start)) if self.start else None
        gap = 0.0 if model.runs <= TINY else WHOLE_GAP
        solved = solve(model, self.left(), self.seed, gap=gap, start=x)
        if solved.infeasible:
            return self._infeasible()
        self.bound = min(self.bound, solved.bound)
        best = self._taken(model, solved.x) if solved.x is not None else None
        return self._result(Status.UNKNOWN if best is None else Status.FEASIBLE, best)

    def _first(self, runs: Floats) -> Usage:
        """The whole runs of the relaxed plan filled up."""
        usage = Usage(self.problem, self.options)
        for at in np.flatnonzero(runs >= 1 - WHOLE).tolist():
            option, count = self.possible[at], int(runs[at] + WHOLE)
            seats = min(count * option.programme.size_max, usage.seats_left(option, count))
            if seats >= count * option.programme.size_min and not usage.blocked(option, count, seats):
                usage.put(option, count, seats)
        fill(usage, self.possible)
        return usage

    def _earlier(self) -> Usage:
        """The earlier plan filled up."""
        usage = self._usage(self.start)
        fill(usage, self.possible)
        return usage

    def _is_near(self, usage: Usage, gap: float) -> bool:
        return usage.objective() >= self.bound * (1 - gap) * POINT

    def _usage(self, lines: Sequence[tuple[Option, int, int]]) -> Usage:
        usage = Usage(self.problem, self.options)
        for line in lines:
            usage.put(*line)
        return usage

    def _core(self, relaxed: Solved, first: Usage) -> list[Option]:
        """Options of the relaxed plan, of the first and the earlier one, and of each programme and group the best of the others."""
        assert relaxed.x is not None
        count = len(self.possible)
        sizes = np.array([option.programme.size_max for option in self.possible])
        margin = relaxed.reduced[:count] + relaxed.reduced[count : 2 * count] * sizes
        kept = {option.number for option, _runs, _seats in self.start} | set(first.runs)
        kept |= {self.possible[at].number for at in np.flatnonzero(relaxed.x[:count] > WHOLE).tolist()}
        best: dict[tuple[str, str], int] = {}
        for at in np.argsort(-margin, kind="stable").tolist():
            option = self.possible[at]
            pair = option.programme.key, option.group.key
            best[pair] = best.get(pair, 0) + 1
            if best[pair] <= CORE:
                kept.add(option.number)
        return [option for option in self.possible if option.number in kept]

    def _search_core(self, core: Model, first: Usage) -> Usage | None:
        """The better of the first plan and of a dive; where neither keeps every rule, what a program over the core finds; None when nothing."""
        found = [] if any(first.broken()) else [first]
        dived = self._dived(core)
        self.progress(0.5)
        found += [dived] if dived is not None else []
        if found:
            return max(found, key=Usage.objective)
        runs = core.upper[: core.runs]
        return self._rounded(core, 0 * runs, runs, CORE_SHARE * self.left())

    def _dived(self, core: Model) -> Usage | None:
        """What must be held, and what draws on shares, in whole runs; then a dive; then the last parts, and the seats."""
        asked = np.array(
            [option.programme.runs_min > 0 or bool(option.share_parts) for option in core.options], np.bool_
        )
        whole = core.whole.copy()
        whole[: core.runs], whole[core.runs : 2 * core.runs] = asked, False
        solved = solve(
            core._replace(whole=whole), DIVE_SHARE * self.left(), self.seed, gap=ASKED_GAP, nodes=ROUND_NODES
        )
        if solved.x is None:
            return None
        runs, most = np.round(solved.x[: core.runs]), core.upper[: core.runs]
        held = np.where(asked, runs, 0), np.where(asked, runs, most)
        least = dive(Relaxed(core, self.seed).between, *held)
        return None if least is None else self._rounded(core, least, most, DIVE_SHARE * self.left())

    def _rounded(self, core: Model, least: Floats, most: Floats, seconds: float) -> Usage | None:
        """Whole runs between these, then seats."""
        held = _held(core, least, most)
        whole = core.whole.copy()
        whole[core.runs : 2 * core.runs] = False
        solved = solve(held._replace(whole=whole), seconds, self.seed, gap=ROUND_GAP, nodes=ROUND_NODES)
        if solved.x is None:
            return None
        runs = np.round(solved.x[: core.runs])
        exact = solve(_held(core, runs, runs), self.left(), self.seed, nodes=NODES, gap=ROUND_GAP)
        return self._taken(core, exact.x) if exact.x is not None else None

    def _rounds(self, core: Model, best: Usage, gap: float) -> Usage:
        rng = np.random.default_rng(self.seed)
        keys = sorted({option.programme.key for option in core.options})
        bettered, free_share = 0, FREE
        for number in range(ROUNDS):
            if self._is_near(best, gap) or number - bettered > PATIENCE or self.elapsed() >= 0.93 * self.seconds:
                break
            free = set(rng.choice(keys, max(1, round(free_share * len(keys))), replace=False).tolist())
            x = _columns(core, best)
            runs = x[: core.runs]
            may_change = np.array([option.programme.key in free for option in core.options])
            held = _held(core, np.where(may_change, 0, runs), np.where(may_change, core.upper[: core.runs], runs))
            seconds = min(ROUND_SECONDS, self.left())
            solved = solve(held, seconds, self.seed, gap=ROUND_GAP, nodes=ROUND_NODES, start=x)
            better = self._taken(core, solved.x) if solved.x is not None else None
            if better is not None and better.objective() > best.objective():
                best, bettered = better, number
            elif solved.x is not None:  # a search that was through may be wider, one that its nodes ended was too wide
                through = solved.bound <= float(held.cost @ solved.x) * (1 + 2 * ROUND_GAP)
                free_share = min(1.0, free_share * WIDER) if through else max(FREE / 2, free_share / WIDER)
            self.progress(0.5 + 0.45 * (number + 1) / ROUNDS)
        return best

    def _taken(self, model: Model, x: Floats) -> Usage | None:
        """The plan of a solution, filled up; None when it breaks a rule after all, as the tolerance of the solver may let it."""
        runs, seats = np.round(x[: model.runs]), np.round(x[model.runs : 2 * model.runs])
        usage = self._usage(
            [(model.options[at], int(runs[at]), int(seats[at])) for at in np.flatnonzero(runs > 0).tolist()]
        )
        if any(usage.broken()):
            return None
        fill(usage, self.possible)
        return None if any(usage.broken()) else usage

    def _result(self, status: Status, usage: Usage | None) -> PlanResult:
        bound = self.bound
        proven = None if math.isinf(bound) else math.ceil(POINT * (bound + ROUNDING * max(1.0, abs(bound))))
        if usage is None:
            return PlanResult(status, None, proven, self.elapsed(), self.seed)
        objective = usage.objective()
        if proven is not None:
            proven = max(proven, objective)
            if proven - objective <= 2 * ROUNDING * max(abs(objective), POINT) + 2:
                status = Status.OPTIMAL
        lines = tuple(
            Line(*self.options[number].key, runs, usage.seats[number]) for number, runs in sorted(usage.runs.items())
        )
        return PlanResult(status, objective, proven, self.elapsed(), self.seed, lines)

    def _infeasible(self) -> PlanResult:
        conflict = conflict_of(self.problem, self.options, _may_hold)
        return PlanResult(Status.INFEASIBLE, None, None, self.elapsed(), self.seed, conflict=conflict)


def _columns(model: Model, usage: Usage) -> Floats:
    """The runs and seats of a plan; the solver completes what belongs to steps and leading members."""
    x = np.zeros(len(model.cost))
    for at, option in enumerate(model.options):
        x[at], x[model.runs + at] = usage.runs.get(option.number, 0), usage.seats.get(option.number, 0)
    return x


def _held(model: Model, least: Floats, most: Floats) -> Model:
    """The model with runs between these."""
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[: model.runs], upper[: model.runs] = least, most
    return model._replace(lower=lower, upper=upper)


def _may_hold(model: Model, kept: frozenset[Limit], *, whole: bool) -> bool:
    """Could a plan keep these rules, in parts of runs or in ``whole`` ones? When it is not known in time: yes, so that no rule is blamed without proof."""
    rows = np.array([rule is None or told(rule) in kept for rule in model.rules])
    less = model.without(rows)._replace(cost=np.zeros(len(model.cost)))
    return not solve(less, CONFLICT_SECONDS, 1, whole=whole).infeasible
