"""Why no plan exists: rules that cannot hold together, while without any one of them the others can (deletion filter, halving first)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from zhixing.engine.plan.model import Model, model_of
from zhixing.engine.plan.options import Limit, Option
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.rules import Rule


class MayHold(Protocol):
    """Could a plan keep these rules of a model, and no others, in parts of runs or in whole ones?"""

    def __call__(self, model: Model, kept: frozenset[Limit], *, whole: bool) -> bool: ...


DEMANDS = (Rule.LEADING_SHARE, Rule.RUNS_MIN)
"""What an empty plan does not keep."""
EVERYWHERE = {Rule.ROOMS, Rule.BEDS, Rule.TEACHERS}
"""Told for all places together: which of forty-eight is at fault nobody can say. Of teachers the topic is told."""


def told(rule: Limit) -> Limit:
    """The rule as a conflict tells it."""
    code, about = rule
    return (code, "".join(about.split("/")[2:])) if code in EVERYWHERE else rule


def conflict_of(problem: PlanProblem, options: Sequence[Option], may_hold: MayHold) -> tuple[Limit, ...]:
    """A minimal set, demands first; empty when the rules are found to hold together after all.

    Parts of runs are tried first, which is quick; what cannot even be met by these is then made smaller in whole runs."""
    model = model_of(problem, options, with_never=True)
    every = list(dict.fromkeys(told(rule) for rule in model.rules if rule is not None))

    def holds_in_parts(kept: Sequence[Limit]) -> bool:
        return may_hold(model, frozenset(kept), whole=False)

    def holds(kept: Sequence[Limit]) -> bool:
        return may_hold(model, frozenset(kept), whole=True)

    found = _narrowed(every, holds_in_parts) or _narrowed(every, holds)
    for rule in list(found):
        fewer = [one for one in found if one != rule]
        if not holds(fewer):
            found = fewer
    return tuple(sorted(found, key=lambda rule: rule[0] not in DEMANDS))


def _narrowed(every: list[Limit], holds: Callable[[Sequence[Limit]], bool]) -> list[Limit]:
    """A minimal part of the rules that cannot hold; empty when they can."""
    demands = [rule for rule in every if rule[0] in DEMANDS]
    others = [rule for rule in every if rule[0] not in DEMANDS]
    if holds([*demands, *others]):
        return []
    alone = next((demand for demand in demands if not holds([demand, *others])), None)
    demands = demands if alone is None else [alone]
    for family in dict.fromkeys(
        rule for rule, _about in others
    ):  # whole kinds of rules that have nothing to do with it
        fewer = [rule for rule in others if rule[0] != family]
        if not holds([*demands, *fewer]):
            others = fewer
    return _least([], [*demands, *others], holds)


def _least(fixed: list[Limit], rules: list[Limit], holds: Callable[[Sequence[Limit]], bool]) -> list[Limit]:
    """Of ``rules`` a minimal part that cannot hold with ``fixed``, knowing that all of them cannot (QuickXplain)."""
    if len(rules) == 1:
        return rules
    half = len(rules) // 2
    first, second = rules[:half], rules[half:]
    of_second = [] if not holds([*fixed, *first]) else _least([*fixed, *first], second, holds)
    of_first = [] if not holds([*fixed, *of_second]) else _least([*fixed, *of_second], first, holds)
    return [*of_first, *of_second]
