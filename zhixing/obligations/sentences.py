"""The engine's codes in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import RowProblem, Text
from zhixing.engine.obligations.standing import WhyNotCounted, WhyNotOwed
from zhixing.engine.policies import PolicyError, WindowKind
from zhixing.engine.policy_faults import Fault

NOT_COUNTED: dict[str, Text] = {
    WhyNotCounted.NOT_YET_KNOWN: _("not recorded yet at that moment"),
    WhyNotCounted.REVERSAL: _("cancels another entry"),
    WhyNotCounted.REVERSED: _("cancelled by another entry"),
    WhyNotCounted.AFTER_ON: _("earned after that day"),
    WhyNotCounted.OUTSIDE_WINDOW: _("earned outside the window"),
    WhyNotCounted.CHANNEL_NOT_COUNTED: _("this form of training does not count for this rule"),
}
NOT_OWED: dict[str, Text] = {
    WhyNotOwed.BEFORE_JOINING: _("before joining"),
    WhyNotOwed.EXEMPT: _("exempt"),
}
WINDOWS: dict[str, Text] = {
    WindowKind.YEAR: _("within the calendar year"),
    WindowKind.FIVE_YEARS: _("within a fixed block of five years"),
    WindowKind.ROLLING_FIVE_YEARS: _("within the last five years"),
    WindowKind.AFTER_PROMOTION: _("within a year of promotion"),
}

POLICY_FAULTS: dict[str, Text] = {
    Fault.NOT_TOML: _("The text is not TOML."),
    Fault.UNKNOWN_KEY: _("This key is unknown."),
    Fault.MISSING_KEY: _("This key is missing."),
    Fault.BAD_TYPE: _("The value is of the wrong kind."),
    Fault.EMPTY: _("The value is empty."),
    Fault.UNKNOWN_VALUE: _("This word is unknown."),
    Fault.DUPLICATE: _("This is said twice."),
    Fault.NOT_WHOLE_TENTHS: _("Hours have one decimal at most."),
    Fault.OUT_OF_RANGE: _("The number is out of range."),
    Fault.CAP_NOT_COUNTED: _("A form of training is capped that does not count."),
    Fault.NO_BLOCK_START: _("A block of five years needs the year it starts."),
    Fault.UNREACHABLE: _("Nobody can come under this rule: earlier rules of the same code hold all its ranks."),
}


def policy_problems(error: PolicyError) -> list[RowProblem]:
    """Every fault of a policy's text with its line, as the page of faults shows them."""
    return [
        RowProblem(p.name, p.line or 0, p.key, p.value, "refused", POLICY_FAULTS[p.fault], p.mend)
        for p in error.problems
    ]
