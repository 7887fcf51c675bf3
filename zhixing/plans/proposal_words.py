"""What is said of plans: faults of a problem, rules broken, why needs stay open. Import it only while ``speaking``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.engine.plan.check import Violation
from zhixing.engine.plan.faults import Fault, PlanFault
from zhixing.engine.plan.reasons import Why
from zhixing.engine.plan.rules import SHARES, Rule
from zhixing.plans.money import money

FAULTS: Final = {
    Fault.NOT_JSON: gettext_lazy("this is no JSON ({value}): mend the syntax"),
    Fault.NOT_TOML: gettext_lazy("this is no TOML ({value}): mend the syntax"),
    Fault.BAD_TYPE: gettext_lazy("“{value}” is of the wrong kind: write a whole number, a text or a list, as asked"),
    Fault.MISSING_KEY: gettext_lazy("the key is missing: add it"),
    Fault.UNKNOWN_KEY: gettext_lazy("the key is unknown: remove it or correct its spelling"),
    Fault.EMPTY: gettext_lazy("nothing stands here: fill it in"),
    Fault.UNKNOWN_VALUE: gettext_lazy("“{value}” is unknown: use one of {known}"),
    Fault.UNKNOWN_REFERENCE: gettext_lazy("“{value}” is not in the problem; there are {known}"),
    Fault.DUPLICATE: gettext_lazy("“{value}” stands twice: leave it once"),
    Fault.OUT_OF_RANGE: gettext_lazy("“{value}” lies outside of {known}: mend it"),
    Fault.BAD_DATE: gettext_lazy("“{value}” is no date: write one such as 2027-03-15"),
    Fault.NOT_IN_ORDER: gettext_lazy(
        "“{value}” does not stand in order: the end after the beginning, most not below least"
    ),
    Fault.MONEY_DECIMAL: gettext_lazy("“{value}” has decimals: money is in whole cents, 12.50 yuan is 1250"),
    Fault.MONEY_NEGATIVE: gettext_lazy("“{value}” is below zero: money is 0 or more, in cents"),
    Fault.MONEY_ABSURD: gettext_lazy("“{value}” cents is more than any plan has: is the unit right?"),
    Fault.MONEY_IN_YUAN: gettext_lazy("“{value}” cents for a person-day looks like yuan: 550 yuan is 55000"),
    Fault.NOBODY: gettext_lazy("the target group of “{value}” matches nobody: widen it or leave it out"),
    Fault.MORE_THAN_GROUP: gettext_lazy("“{value}” people are more than the target group has ({known})"),
    Fault.NO_NEEDS: gettext_lazy("there are no needs, so there is nothing to plan for: bring at least one"),
    Fault.NO_INSTITUTIONS: gettext_lazy("there are no institutions, so nothing can be held: bring at least one"),
    Fault.NO_PROGRAMMES: gettext_lazy("there are no programmes to choose from: bring at least one"),
    Fault.NO_TERMS: gettext_lazy("there are no terms: bring at least one"),
    Fault.NO_EVIDENCE: gettext_lazy("the need has no evidence: say at least where it comes from"),
    Fault.WEIGHT_DIFFERS: gettext_lazy("the weight “{value}” is not the sum of its evidence ({known})"),
    Fault.HOURS_DIFFER: gettext_lazy(
        "hours by method come to “{value}”, by content to {known}: both are the same hours"
    ),
    Fault.NO_SOURCE: gettext_lazy("the number has no source: say where it comes from"),
}
RULES: Final = {
    Rule.MONEY: gettext_lazy("the money of the year"),
    Rule.ROOMS: gettext_lazy("class rooms"),
    Rule.BEDS: gettext_lazy("beds"),
    Rule.TEACHERS: gettext_lazy("teacher days"),
    Rule.CALLUPS_MAX: gettext_lazy("the most call-ups of a person in a year"),
    Rule.LEADING_CALLUPS_MAX: gettext_lazy("the most call-ups of a leading-group member in a year"),
    Rule.LEADING_SHARE: gettext_lazy("the share of leading-group members to be called"),
    Rule.THEORY_SHARE: gettext_lazy("the share of theory and party-spirit hours"),
    Rule.PARTY_SPIRIT_SHARE: gettext_lazy("the share of party-spirit hours"),
    Rule.INTERACTIVE_SHARE: gettext_lazy("the share of interactive hours"),
    Rule.LEADERS_SHARE: gettext_lazy("the share of lectures by leaders"),
    Rule.BUSINESS_DAYS: gettext_lazy("the most days of a business class"),
    Rule.NOTICE: gettext_lazy("the working days between approval and the first day"),
    Rule.TERM_DAYS: gettext_lazy("the days of the term"),
    Rule.FEE_CEILING: gettext_lazy("the fee ceiling"),
    Rule.RUNS_MIN: gettext_lazy("the runs that must be held"),
    Rule.RUNS_MAX: gettext_lazy("the most runs of a programme"),
    Rule.SIZE_MIN: gettext_lazy("the fewest seats of a run"),
    Rule.SIZE_MAX: gettext_lazy("the most seats of a run"),
}
HOW_FAR: Final = {
    Rule.MONEY: gettext_lazy("{money} too much"),
    Rule.ROOMS: gettext_lazy("{over} class-days too many"),
    Rule.BEDS: gettext_lazy("{over} bed-days too many"),
    Rule.TEACHERS: gettext_lazy("{over} teacher days too many"),
    Rule.CALLUPS_MAX: gettext_lazy("{over} call-ups too many"),
    Rule.LEADING_CALLUPS_MAX: gettext_lazy("{over} call-ups too many"),
    Rule.LEADING_SHARE: gettext_lazy("{over} members too few"),
    **dict.fromkeys(SHARES, gettext_lazy("{points} percentage points too few")),
    Rule.BUSINESS_DAYS: gettext_lazy("{over} days too many"),
    Rule.NOTICE: gettext_lazy("{over} working days too few"),
    Rule.TERM_DAYS: gettext_lazy("{over} working days too few"),
    Rule.FEE_CEILING: gettext_lazy("{money} too much for each person"),
    Rule.RUNS_MIN: gettext_lazy("{over} runs too few"),
    Rule.RUNS_MAX: gettext_lazy("{over} runs too many"),
    Rule.SIZE_MIN: gettext_lazy("{over} seats too few"),
    Rule.SIZE_MAX: gettext_lazy("{over} seats too many"),
}
FURTHER: Final = {
    "unknown_line": gettext_lazy("a line that the problem does not allow"),
    "line_twice": gettext_lazy("a line that stands twice"),
    str(Why.NO_PROGRAMME): gettext_lazy("no programme covers it"),
    str(Why.NOT_WORTH): gettext_lazy("a further run costs more than it adds"),
    str(Why.SEARCH_ENDED): gettext_lazy("the search ended before"),
}
CLAIMS: Final = {
    "year": gettext_lazy("the year is not that of the problem"),
    "status": gettext_lazy("the status is not what objective and bound say"),
    "objective": gettext_lazy("the objective is not what the lines come to"),
    "bound": gettext_lazy("the bound lies below the objective"),
    "gap": gettext_lazy("the gap does not follow from objective and bound"),
    "budget": gettext_lazy("the budget of a line is not what its runs and seats cost"),
    "hours": gettext_lazy("the days or hours of a line are not those of its programme"),
    "covers": gettext_lazy("what a line covers does not follow from its seats"),
    "evidence": gettext_lazy("the evidence under a line is not that of the needs it covers"),
    "totals": gettext_lazy("the totals are not what the lines come to"),
    "coverage": gettext_lazy("the coverage is not what the lines come to"),
    "uncovered": gettext_lazy("what is said to be left open does not follow from the lines"),
    "violations": gettext_lazy("the violations said are not those that were found"),
    "digest": gettext_lazy("the problem is not the one that the plan was made for"),
}


def name_of(code: str) -> str:
    """A rule or reason in words."""
    return str(RULES[Rule(code)] if code in RULES else FURTHER[code])


def fault_lines(file: str, faults: Iterable[PlanFault]) -> list[str]:
    return [
        f"{file}: {one.place}: " + str(FAULTS[one.fault]).format(value=one.value, known=one.known) + f" ({one.fault})"
        for one in faults
    ]


def violation_lines(violations: Iterable[Violation]) -> Iterator[str]:
    for one in violations:
        about = f" {one.about}" if one.about else ""
        far = str(HOW_FAR[Rule(one.code)]) if one.code in HOW_FAR else _("{over} lines too many")
        yield _("broken: {rule}{about}, {far} ({code})").format(
            rule=name_of(one.code),
            about=about,
            far=far.format(over=one.over, money=money(one.over), points=f"{one.over / 100:g}"),
            code=one.code,
        )


def proposal_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """What the plan keeps of the search for its lines, in sentences; none where nothing was searched."""
    if told.get("conflict"):
        yield str(NO_PLAN)
        yield from limit_sentences(told["conflict"])
    elif told.get("gap") is not None:
        yield _("No plan that keeps the rules is worth more than this one by over {gap:.2f} %.").format(
            gap=max(0.01, 100 * told["gap"])
        )
    elif told:
        yield _("The search found no plan in the time that it had.")
    for code, count in told.get("uncovered", {}).items():
        yield _("{count} needs are not covered in full; in the way: {rule}").format(count=count, rule=name_of(code))


NO_PLAN: Final = gettext_lazy(
    "No plan exists. These rules cannot hold together; without any one of them the others could:"
)
LIMITS: Final = {
    Rule.MONEY: gettext_lazy("the money of the year is {money}"),
    Rule.LEADING_SHARE: gettext_lazy("at least {number} members of leading groups are called in the year"),
    Rule.CALLUPS_MAX: gettext_lazy("{title}: nobody is called more than {number} times a year"),
    Rule.LEADING_CALLUPS_MAX: gettext_lazy(
        "{title}: no member of a leading group is called more than {number} times a year"
    ),
    Rule.THEORY_SHARE: gettext_lazy("theory and party spirit are at least {number} % of the hours of main classes"),
    Rule.PARTY_SPIRIT_SHARE: gettext_lazy("party spirit is at least {number} % of the hours of main classes"),
    Rule.INTERACTIVE_SHARE: gettext_lazy("interactive methods are at least {number} % of the hours of main classes"),
    Rule.LEADERS_SHARE: gettext_lazy("lectures by leaders are at least {number} % of the hours of main classes"),
    Rule.BUSINESS_DAYS: gettext_lazy("{title}: a business class lasts at most {number} days"),
    Rule.NOTICE: gettext_lazy("{title}: {number} working days lie between approval and the first day"),
    Rule.RUNS_MIN: gettext_lazy("{title}: at least {number} runs are held"),
    Rule.RUNS_MAX: gettext_lazy("{title}: at most {number} runs are held"),
    Rule.SIZE_MIN: gettext_lazy("{title}: a run has at least {number} seats"),
    Rule.SIZE_MAX: gettext_lazy("{title}: a run has at most {number} seats"),
}
"""With their numbers, in the singular of one plan; the others have only a name."""


def limit_sentences(conflict: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Rules as ``problem.named_limit`` keeps them."""
    for one in conflict:
        words = LIMITS.get(Rule(one["rule"]))
        if words is None or one.get("number") is None:
            title = one.get("title", one["about"])
            yield f"{name_of(one['rule'])}{_(': ') if title else ''}{title}"
        else:
            yield str(words).format(title=one["title"], number=one["number"], money=money(one["number"]))


def conflict_lines(conflict: Iterable[Mapping[str, str]]) -> Iterator[str]:
    yield str(NO_PLAN)
    for one in conflict:
        yield f"  {name_of(one['rule'])} {one['about']}".rstrip() + f" ({one['rule']})"


def uncovered_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for code, count in Counter(row["code"] for row in rows).most_common():
        yield _("{count} needs are not covered in full; in the way: {rule} ({code})").format(
            count=count, rule=name_of(code), code=code
        )
