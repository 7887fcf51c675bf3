"""The engine's codes and numbers in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import RowProblem, Text
from zhixing.base.templatetags.pages import hours, number
from zhixing.engine.obligations.standing import Explanation, State, WhyNotCounted, WhyNotOwed
from zhixing.engine.policies import Channel as EngineChannel
from zhixing.engine.policies import PolicyError, PolicyProblem, Rule, WindowKind
from zhixing.engine.policy_faults import Fault
from zhixing.obligations.models import Channel

NOT_COUNTED: dict[str, Text] = {
    WhyNotCounted.NOT_YET_KNOWN: gettext_lazy("not recorded yet at that moment"),
    WhyNotCounted.REVERSAL: gettext_lazy("cancels another entry"),
    WhyNotCounted.REVERSED: gettext_lazy("cancelled by another entry"),
    WhyNotCounted.AFTER_ON: gettext_lazy("earned after that day"),
    WhyNotCounted.OUTSIDE_WINDOW: gettext_lazy("earned outside the window"),
    WhyNotCounted.CHANNEL_NOT_COUNTED: gettext_lazy("this form of training does not count for this rule"),
}
NOT_OWED: dict[str, Text] = {
    WhyNotOwed.BEFORE_JOINING: gettext_lazy("before joining"),
    WhyNotOwed.EXEMPT: gettext_lazy("exempt"),
}
WINDOWS: dict[str, Text] = {
    WindowKind.YEAR: gettext_lazy("within the calendar year"),
    WindowKind.FIVE_YEARS: gettext_lazy("within a fixed block of five years"),
    WindowKind.ROLLING_FIVE_YEARS: gettext_lazy("within the last five years"),
    WindowKind.AFTER_PROMOTION: gettext_lazy("within a year of promotion"),
}

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
}
"""What is wrong, and what to do."""
KNOWN_WORDS = {"window": ", ".join(WindowKind), "channels": ", ".join(EngineChannel), "prorate": "join"}


def policy_problems(error: PolicyError) -> list[RowProblem]:
    """Every fault of a policy's text with its line, as the page of faults shows them."""
    return [
        RowProblem(one.name, one.line or 0, one.key, one.value, "refused", POLICY_FAULTS[one.fault][0], _mend(one))
        for one in error.problems
    ]


def _mend(problem: PolicyProblem) -> Text:
    mend = POLICY_FAULTS[problem.fault][1]
    if problem.fault != Fault.UNKNOWN_VALUE:
        return mend
    return str(mend) % {"words": KNOWN_WORDS[problem.key.rpartition(".")[2]]}


class Line(NamedTuple):
    """One step of the arithmetic; ``detail`` is the sum written out."""

    label: str
    value: str
    detail: str = ""


def rule_sentences(rule: Rule) -> list[Line]:
    """What a rule asks of whom."""
    counted = [f"{_channel(channel)}{_cap(rule.caps.get(channel))}" for channel in rule.channels]
    lines = [
        Line(_("who"), "、".join(rule.ranks)),
        Line(
            _("how much"),
            _("%(hours)s hours %(window)s") % {"hours": hours(rule.tenths), "window": WINDOWS[rule.window]},
        ),
        Line(_("what counts"), "、".join(counted)),
    ]
    if rule.block_start is not None:
        lines.append(Line(_("blocks"), _("counted from %(year)d") % {"year": rule.block_start}))
    if rule.prorate_join:
        lines.append(Line(_("who joins inside the window"), _("owes the share of its days that is left")))
    if rule.basis:
        lines.append(Line(_("basis"), rule.basis))
    return lines


def _cap(cap: int | None) -> str:
    return "" if cap is None else _(" (at most %(hours)s)") % {"hours": hours(cap)}


def _channel(channel: str) -> str:
    return str(Channel(channel).label)


def arithmetic(found: Explanation, on: dt.date) -> list[Line]:
    """Every step from the window to the state, so that a person can follow it with a pencil."""
    standing = found.standing
    lines = [
        Line(
            _("window"),
            _("%(opens)s to %(closes)s") % {"opens": standing.window_opens, "closes": standing.window_closes},
            _("%(window)s; %(days)s days, of which %(elapsed)s are gone on %(on)s")
            % {
                "window": WINDOWS[found.rule.window],
                "days": number(found.window_days),
                "elapsed": number(found.elapsed_days),
                "on": on,
            },
        ),
        Line(_("required"), hours(standing.required_tenths), _required(found)),
        *_not_owed(found),
        Line(_("counted"), hours(standing.counted_tenths), _counted(found)),
        Line(_("missing"), hours(standing.missing_tenths), _missing(found)),
    ]
    if standing.state in {State.ON_TRACK, State.SHORT}:
        lines.append(Line(_("pace"), _pace(found), _pace_sum(found)))
    if found.rule.basis:
        lines.append(Line(_("basis"), found.rule.basis))
    return lines


def _required(found: Explanation) -> str:
    if found.owed_days == found.window_days:
        return _("the whole of the rule's %(hours)s") % {"hours": hours(found.rule.tenths)}
    return _("%(hours)s × %(owed)s days owed ÷ %(days)s days of the window, rounded up to a tenth") % {
        "hours": hours(found.rule.tenths),
        "owed": number(found.owed_days),
        "days": number(found.window_days),
    }


def _not_owed(found: Explanation) -> Iterator[Line]:
    for run in found.not_owed:
        yield Line(
            _("days not owed"),
            _("%(days)s days") % {"days": number(run.days)},
            _("%(why)s, %(first)s to %(last)s") % {"why": NOT_OWED[run.why], "first": run.from_on, "last": run.to_on},
        )


def _counted(found: Explanation) -> str:
    """The channels that brought anything; what is over a cap is said."""
    parts = []
    for one in found.channels:
        if not one.total:
            continue
        words = {"channel": _channel(one.channel), "counted": hours(one.counted)}
        if one.capped:
            words |= {"total": hours(one.total), "capped": hours(one.capped)}
            parts.append(_("%(channel)s %(counted)s (of %(total)s, %(capped)s are over the cap)") % words)
        else:
            parts.append(_("%(channel)s %(counted)s") % words)
    return " + ".join(parts) or _("nothing yet")


def _missing(found: Explanation) -> str:
    standing = found.standing
    if not standing.missing_tenths:
        return ""
    return f"{hours(standing.required_tenths)} − {hours(standing.counted_tenths)}"


def _pace(found: Explanation) -> str:
    return _("on track") if found.standing.state == State.ON_TRACK else _("behind")


def _pace_sum(found: Explanation) -> str:
    """The share of the requirement that the elapsed days ask for, in tenths rounded up: at least so much keeps the pace."""
    standing = found.standing
    asked = -(-standing.required_tenths * found.elapsed_days // found.window_days)
    return _("by now %(required)s × %(elapsed)s ÷ %(days)s = %(asked)s are asked, %(counted)s are counted") % {
        "required": hours(standing.required_tenths),
        "elapsed": number(found.elapsed_days),
        "days": number(found.window_days),
        "asked": hours(asked),
        "counted": hours(standing.counted_tenths),
    }
