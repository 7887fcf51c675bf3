"""Why a need is not covered in full: the rule that keeps out one more run or seat of whatever would cover it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from zhixing.engine.plan.options import Limit, Option, options_of
from zhixing.engine.plan.problem import HUNDREDTHS, PlanProblem
from zhixing.engine.plan.result import Line
from zhixing.engine.plan.usage import Usage


class Why(StrEnum):
    """What stands beside the codes of rules."""

    NO_PROGRAMME = "no_programme"
    NOT_WORTH = "not_worth"
    SEARCH_ENDED = "search_ended"


@dataclass(frozen=True, slots=True)
class Uncovered:
    """``code`` is a rule's or a ``Why``; ``about`` what the rule is about; ``also`` the other rules against the same option.

    The option is the one with the fewest rules against it: ``amount`` (hundredths of persons) is what the need lacks."""

    need: str
    amount: int
    code: str
    about: str = ""
    also: tuple[Limit, ...] = ()
    option: tuple[str, str, str, str] | None = None


def usage_of(problem: PlanProblem, lines: Iterable[Line]) -> Usage:
    """The lines of a plan, counted. Raises ``KeyError`` for a line that is no option of the problem."""
    options = options_of(problem)
    by_key = {option.key: option for option in options}
    usage = Usage(problem, options)
    for line in lines:
        usage.put(by_key[line.key], line.runs, line.seats)
    return usage


def uncovered(usage: Usage) -> list[Uncovered]:
    """Every need that lacks something, in the order of needs."""
    covering: list[list[Option]] = [[] for _need in usage.problem.needs]
    for option in usage.options:
        for need, _strength in option.covers:
            covering[need].append(option)
    return [
        _why(usage, place, covering[place], need.people * HUNDREDTHS - usage.amounts[place])
        for place, need in enumerate(usage.problem.needs)
        if usage.amounts[place] < need.people * HUNDREDTHS
    ]


def _why(usage: Usage, place: int, options: list[Option], amount: int) -> Uncovered:
    key = usage.problem.needs[place].key
    if not options:
        return Uncovered(key, amount, str(Why.NO_PROGRAMME))
    found, option = min(((_against(usage, option), option) for option in options), key=lambda one: len(one[0]))
    if found:
        (rule, about), *also = found
        return Uncovered(key, amount, str(rule), about, tuple(also), option.key)
    gains = any(_gain(usage, one) > 0 for one in options)
    return Uncovered(key, amount, str(Why.SEARCH_ENDED if gains else Why.NOT_WORTH), option=option.key)


def _step(usage: Usage, option: Option) -> tuple[int, int]:
    """A seat where a run has room, else the smallest run."""
    runs, seats = usage.runs.get(option.number, 0), usage.seats.get(option.number, 0)
    return (0, 1) if seats < runs * option.programme.size_max else (1, option.programme.size_min)


def _against(usage: Usage, option: Option) -> list[Limit]:
    return usage.blocked(option, *_step(usage, option))


def _gain(usage: Usage, option: Option) -> int:
    step = _step(usage, option)
    return 0 if usage.blocked(option, *step) else usage.gain(option, *step)
