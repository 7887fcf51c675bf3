"""What the lines of a plan add up to, and which rules that keeps. Hours are tenths, money cents, percents exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from zhixing.engine.plan.rules import SHARES, Rule
from zhixing.engine.plan.rules import Rules as PlanRules

MAIN, BUSINESS = "main", "business"
THEORY, PARTY_SPIRIT = "theory", "party_spirit"


@dataclass(frozen=True, slots=True)
class Rules:
    """Least shares in percent of the hours of all main classes; ``fees``: most cents per person-day by rank group, "" for all others."""

    shares: Mapping[Rule, int]
    interactive: frozenset[str]
    business_days: int
    notice_days: int
    fees: Mapping[str, int]


def rules_from(document: Mapping[str, Any], known: PlanRules) -> Rules:
    """The rules that a plan was made with; what its document is silent about stands as ``known``, those in force, have it."""
    shares = {Rule(key): int(value) for key, value in document.get("shares", {}).items() if key in known.shares}
    fees = {str(key): int(value) for key, value in document.get("fees", {}).items()}
    return Rules(
        shares={**known.shares, **shares},
        interactive=frozenset(map(str, known.interactive)),
        business_days=int(document.get("business_days", known.business_days)),
        notice_days=int(document.get("notice_days", known.notice_days)),
        fees={**known.fees, "": min(known.fees.values()), **fees},
    )


@dataclass(frozen=True, slots=True)
class Line:
    """``tenths`` and ``days`` of one run, ``people`` and ``budget`` of all runs together."""

    number: int
    kind: str
    rank_group: str
    runs: int
    people: int
    days: int
    tenths: int
    budget: int
    content: Mapping[str, int]
    methods: Mapping[str, int]
    leaders: int


@dataclass(frozen=True, slots=True)
class Check:
    """``value`` against ``limit``: percent, days or cents; ``keeps`` is None where there is nothing to judge.

    ``lines``: the numbers of the lines that break the rule, or, of a share, of the main classes that do not say how their hours are made up.
    """

    rule: Rule
    value: Fraction | None
    limit: int
    keeps: bool | None
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sums:
    lines: int
    runs: int
    people: int
    person_days: int
    budget: int
    checks: tuple[Check, ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.keeps is False)


def sums_of(lines: Sequence[Line], money: int, rules: Rules) -> Sums:
    """``money``: what there is, in cents; 0 where nobody has said."""
    budget = sum(line.budget for line in lines)
    return Sums(
        lines=len(lines),
        runs=sum(line.runs for line in lines),
        people=sum(line.people for line in lines),
        person_days=sum(line.people * line.days for line in lines),
        budget=budget,
        checks=(
            Check(Rule.MONEY, Fraction(budget), money, budget <= money if money else None),
            *(_share(rule, rules, lines) for rule in SHARES),
            _business(lines, rules),
            _fees(lines, rules),
        ),
    )


def _share(rule: Rule, rules: Rules, lines: Iterable[Line]) -> Check:
    least = rules.shares[rule]
    mains = [line for line in lines if line.kind == MAIN]
    told = [line for line in mains if _parts_known(rule, line)]
    silent = tuple(line.number for line in mains if not _parts_known(rule, line))
    whole = sum(line.tenths * line.runs for line in told)
    if not whole:
        return Check(rule, None, least, None, silent)
    share = Fraction(100 * sum(_part(rule, line, rules) * line.runs for line in told), whole)
    return Check(rule, share, least, share >= least, silent)


def _parts_known(rule: Rule, line: Line) -> bool:
    if rule in (Rule.THEORY_SHARE, Rule.PARTY_SPIRIT_SHARE):
        return bool(line.content)
    return bool(line.methods)


def _part(rule: Rule, line: Line, rules: Rules) -> int:
    if rule == Rule.THEORY_SHARE:
        return line.content.get(THEORY, 0) + line.content.get(PARTY_SPIRIT, 0)
    if rule == Rule.PARTY_SPIRIT_SHARE:
        return line.content.get(PARTY_SPIRIT, 0)
    if rule == Rule.INTERACTIVE_SHARE:
        return sum(tenths for method, tenths in line.methods.items() if method in rules.interactive)
    return line.leaders


def _business(lines: Iterable[Line], rules: Rules) -> Check:
    business = [line for line in lines if line.kind == BUSINESS]
    long = tuple(line.number for line in business if line.days > rules.business_days)
    most = max((line.days for line in business), default=None)
    value = None if most is None else Fraction(most)
    return Check(Rule.BUSINESS_DAYS, value, rules.business_days, None if most is None else not long, long)


def _fees(lines: Iterable[Line], rules: Rules) -> Check:
    """The line whose money per person-day lies highest against its own ceiling."""
    told = [line for line in lines if line.budget]
    ceilings = {line.number: rules.fees.get(line.rank_group, rules.fees[""]) for line in told}
    dear = tuple(line.number for line in told if line.budget > ceilings[line.number] * line.people * line.days)
    if not told:
        return Check(Rule.FEE_CEILING, None, rules.fees[""], None)
    worst = max(told, key=lambda line: Fraction(line.budget, line.people * line.days * (ceilings[line.number] or 1)))
    value = Fraction(worst.budget, worst.people * worst.days)
    return Check(Rule.FEE_CEILING, value, ceilings[worst.number], not dear, dear)
