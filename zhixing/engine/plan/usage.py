"""A plan under construction: what its lines take of every limit, what they cover, and what one more run or seat would change."""

from __future__ import annotations

from collections.abc import Iterator

from zhixing.engine.plan.options import Limit, Option, most_of
from zhixing.engine.plan.problem import HUNDREDTHS, POINT, PlanProblem
from zhixing.engine.plan.rules import SHARES, Rule

YUAN_10000 = 1_000_000
"""Ten thousand yuan in cents."""


class Worth:
    """What covered amounts of needs are worth, in millionths of a point."""

    def __init__(self, problem: PlanProblem) -> None:
        self.steps: list[list[tuple[int, int]]] = []
        for need in problem.needs:
            begin, steps = 0, []
            for step in problem.rules.steps:
                steps.append((need.people * step.until - begin, need.weight * step.value * (POINT // 10_000)))
                begin = need.people * step.until
            self.steps.append(steps)

    def of(self, need: int, amount: int) -> int:
        """``amount`` in hundredths of persons; beyond all people it is worth nothing more."""
        worth = 0
        for width, value in self.steps[need]:
            part = min(width, amount)
            worth += part * value
            amount -= part
            if amount <= 0:
                break
        return worth


class Usage:
    """Runs and seats by option, and what they add up to. All whole numbers."""

    def __init__(self, problem: PlanProblem, options: list[Option]) -> None:
        self.problem, self.options = problem, options
        self.most = most_of(problem)
        self.used = dict.fromkeys(self.most, 0)
        self.share = dict.fromkeys(SHARES, 0)
        self.worth = Worth(problem)
        self.amounts = [0] * len(problem.needs)
        self.runs: dict[int, int] = {}
        self.seats: dict[int, int] = {}
        self.leading: dict[str, int] = {group.key: 0 for group in problem.groups}
        self.runs_of: dict[str, int] = {programme.key: 0 for programme in problem.programmes}
        self.cents = 0

    def put(self, option: Option, runs: int, seats: int) -> None:
        """Adds runs and seats to an option; negative numbers take them back."""
        for limit, draw in option.run_draws:
            self.used[limit] += draw * runs
        for limit, draw in option.seat_draws:
            self.used[limit] += draw * seats
        for rule, part in option.share_parts:
            self.share[rule] += part * runs
        for need, strength in option.covers:
            self.amounts[need] += strength * seats
        if option.programme.calls_leading:
            self.leading[option.group.key] += seats
        self.runs_of[option.programme.key] += runs
        self.cents += option.cents(runs, seats)
        self._add(self.runs, option.number, runs)
        self._add(self.seats, option.number, seats)

    @staticmethod
    def _add(to: dict[int, int], number: int, count: int) -> None:
        to[number] = to.get(number, 0) + count
        if not to[number]:
            del to[number]

    def blocked(self, option: Option, runs: int, seats: int) -> list[Limit]:
        """The rules that more runs and seats of an option would break, those that keep it out anyhow first."""
        found = list(option.never)
        taken: dict[Limit, int] = {}
        for limit, draw in option.run_draws:
            taken[limit] = taken.get(limit, 0) + draw * runs
        for limit, draw in option.seat_draws:
            taken[limit] = taken.get(limit, 0) + draw * seats
        found += [limit for limit, draw in taken.items() if draw > 0 and self.used[limit] + draw > self.most[limit]]
        for rule, part in option.share_parts:
            after = self.share[rule] + part * runs
            if after < 0 and part * runs < 0:
                found.append((rule, ""))
        return found

    def seats_left(self, option: Option, runs: int) -> int:
        """How many seats the limits leave beside so many more runs."""
        taken = {limit: draw * runs for limit, draw in option.run_draws}
        return min(
            ((self.most[limit] - self.used[limit] - taken.get(limit, 0)) // draw for limit, draw in option.seat_draws),
            default=10**9,
        )

    def gain(self, option: Option, runs: int, seats: int) -> int:
        """What the objective gains."""
        rules = self.problem.rules
        worth = sum(
            self.worth.of(need, self.amounts[need] + strength * seats) - self.worth.of(need, self.amounts[need])
            for need, strength in option.covers
        )
        return worth - POINT * rules.run_cost * runs - rules.money_cost * option.cents(runs, seats)

    def objective(self) -> int:
        rules = self.problem.rules
        worth = sum(self.worth.of(need, amount) for need, amount in enumerate(self.amounts))
        return worth - POINT * rules.run_cost * sum(self.runs.values()) - rules.money_cost * self.cents

    def covered(self, need: int) -> int:
        """Hundredths of persons, no more than there are."""
        return min(self.amounts[need], self.problem.needs[need].people * HUNDREDTHS)

    def leading_called(self) -> int:
        return sum(min(self.leading[group.key], group.leading) for group in self.problem.groups)

    def broken(self) -> Iterator[Limit]:
        """Every rule that the plan breaks."""
        yield from (limit for limit, most in self.most.items() if self.used[limit] > most)
        yield from ((rule, "") for rule, over in self.share.items() if over < 0)
        if self.leading_called() < self.problem.leading_least:
            yield Rule.LEADING_SHARE, ""
        for programme in self.problem.programmes:
            if self.runs_of[programme.key] < programme.runs_min:
                yield Rule.RUNS_MIN, programme.key
        for number, runs in self.runs.items():
            option = self.options[number]
            yield from option.never
            if self.seats.get(number, 0) < runs * option.programme.size_min:
                yield Rule.SIZE_MIN, option.programme.key
            if self.seats.get(number, 0) > runs * option.programme.size_max:
                yield Rule.SIZE_MAX, option.programme.key
