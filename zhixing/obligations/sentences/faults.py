"""What is wrong with a policy's text, in words."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhixing.base.problems import RowProblem, Text
from zhixing.engine.policies import Fault, PolicyError, PolicyProblem, Version

POLICY_FAULTS: dict[str, tuple[Text, Text]] = {
    Fault.NOT_TOML: (gettext_lazy("The text is not TOML."), gettext_lazy("Mend the syntax at this place.")),
    Fault.UNKNOWN_KEY: (gettext_lazy("This key is unknown."), gettext_lazy("Remove it, or correct its spelling.")),
    Fault.MISSING_KEY: (gettext_lazy("This key is missing."), gettext_lazy("Add it.")),
    Fault.BAD_TYPE: (
        gettext_lazy("The value is of the wrong kind."),
        gettext_lazy('Hours are numbers, days are written 2026-01-01 without quotes, lists ["…", "…"].'),
    ),
    Fault.EMPTY: (gettext_lazy("The value is empty."), gettext_lazy("Write at least one.")),
    Fault.UNKNOWN_VALUE: (gettext_lazy("This word is unknown."), gettext_lazy("Use one of: %(words)s.")),
    Fault.DUPLICATE: (gettext_lazy("This is said twice."), gettext_lazy("Say it once.")),
    Fault.NOT_WHOLE_TENTHS: (
        gettext_lazy("Hours have one decimal at most."),
        gettext_lazy("Round to a tenth of an hour."),
    ),
    Fault.OUT_OF_RANGE: (gettext_lazy("The number is out of range."), gettext_lazy("Correct it.")),
    Fault.CAP_NOT_COUNTED: (
        gettext_lazy("A form of training is capped that does not count."),
        gettext_lazy("Add it to the channels of the rule, or remove the cap."),
    ),
    Fault.NO_BLOCK_START: (
        gettext_lazy("A block of five years needs the year it starts."),
        gettext_lazy("Add block_start with a year, such as 2023."),
    ),
    Fault.UNREACHABLE: (
        gettext_lazy("Nobody can come under this rule: earlier rules of the same code hold all its ranks."),
        gettext_lazy("Move it up, or give it a code of its own."),
    ),
    Fault.OVERLAP: (
        gettext_lazy("An earlier rule of the same code holds this rank already."),
        gettext_lazy("Name each rank in one rule of a code, or give this rule a code of its own."),
    ),
    Fault.DOES_NOTHING: (
        gettext_lazy("This has no effect here."),
        gettext_lazy("Remove it, or change what it goes with."),
    ),
    Fault.UNKNOWN_RANK: (
        gettext_lazy("No such rank or grade is known, so nobody would come under the rule by it."),
        gettext_lazy("Correct its spelling (%(words)s), or declare a rank of your own in other_ranks of [policy]."),
    ),
    Fault.UNKNOWN_CONTENT: (
        gettext_lazy("No such content is known, so no hours would ever be about it."),
        gettext_lazy(
            "Correct its spelling (%(words)s), or declare a content of your own in other_contents of [policy]."
        ),
    ),
    Fault.MORE_THAN_COUNTS: (
        gettext_lazy("Nobody can reach this: the caps let fewer hours count."),
        gettext_lazy("Ask at most %(words)s hours, or raise a cap."),
    ),
    Fault.NEVER_IN_FORCE: (
        gettext_lazy("This day or year lies far outside the time in which the policy is in force."),
        gettext_lazy("Write a day or year within that time."),
    ),
    Fault.NEVER_REACHED: (
        gettext_lazy("This is never reached: something else stands before it."),
        gettext_lazy("Let steps rise, keep within the limit and within the window, or remove it."),
    ),
    Fault.SPARES_EVERYBODY: (
        gettext_lazy("This spares everybody of whom the rule asks anything."),
        gettext_lazy("Write fewer days or ranks, or remove the rule."),
    ),
    Fault.GIVES_NOTHING: (
        gettext_lazy("Nothing is ever recognised by this."),
        gettext_lazy("Write how many hours it is worth, or remove it."),
    ),
    Fault.HALF_ABOVE_WHOLE: (
        gettext_lazy("Half a day would be worth more than a day."),
        gettext_lazy("Lower half_day, or raise value."),
    ),
    Fault.NO_SHARE: (
        gettext_lazy("This is no share."),
        gettext_lazy("Write parts and whole, such as [1, 7]: the parts above zero and no more than the whole."),
    ),
    Fault.GAP: (
        gettext_lazy("Between this version and the one beside it there are days on which no policy is in force."),
        gettext_lazy("Let one version end on the day before the next begins."),
    ),
    Fault.NO_SUCCESSOR: (
        gettext_lazy("After this day no policy is in force: nobody owes any hours."),
        gettext_lazy("Leave in_force_to out: a version ends when the next begins. Or sign the next one first."),
    ),
    Fault.VERSIONS_OVERLAP: (
        gettext_lazy("This version is still in force when the next begins."),
        gettext_lazy("Let one version end on the day before the next begins."),
    ),
}
"""What is wrong, and what to do."""


def policy_problems(error: PolicyError) -> list[RowProblem]:
    """Every fault of a policy's text with its line, as the page of faults shows them."""
    return [
        RowProblem(one.name, one.line or 0, one.key, one.value, "refused", POLICY_FAULTS[one.fault][0], _mend(one))
        for one in error.problems
    ]


def fault_lines(error: PolicyError) -> list[str]:
    """Every fault in one line with its place, value and code."""
    return [
        one.place + _(": ") + _("%(one)s %(other)s") % {"one": said.reason, "other": said.mend}
        for one, said in zip(error.problems, policy_problems(error), strict=True)
    ]


def sound(version: Version) -> str:
    """That nothing is wrong with a file."""
    policy = version.policy
    held = [ngettext("%(n)s rule", "%(n)s rules", len(policy.rules)) % {"n": len(policy.rules)}]
    if kinds := len(policy.recognitions):
        held.append(ngettext("%(n)s kind of recognition", "%(n)s kinds of recognition", kinds) % {"n": kinds})
    text = _("%(name)s: no problems: %(code)s, %(held)s, sha256 %(digest)s")
    return text % {"name": version.name, "code": policy.code, "held": _(", ").join(held), "digest": policy.digest}


def without_successor(day: dt.date) -> str:
    """That files checked together leave the days from ``day`` on without a policy."""
    text = _("note: from %(day)s on none of these files is in force: nobody owes hours without a successor")
    return text % {"day": day}


def _mend(problem: PolicyProblem) -> Text:
    mend = POLICY_FAULTS[problem.fault][1]
    return str(mend) % {"words": problem.known} if problem.known else mend
