"""Policies (学时要求): who owes how many hours in which window, as data read from a TOML document.

The document is the one of formats.md §2: one ``[policy]`` table and one ``[[rule]]`` table per rule. Hours become whole tenths.
"""

from zhixing.engine.policies.channels import Channel, Content
from zhixing.engine.policies.faults import Fault, PolicyError, PolicyProblem
from zhixing.engine.policies.reading import YEARS, parse
from zhixing.engine.policies.recognition import Measure, Recognised, Recognition, Training, measured, recognise
from zhixing.engine.policies.rules import (
    FROM_A_DAY,
    Carry,
    Exempt,
    Minimum,
    Policy,
    Quantity,
    Rule,
    Unit,
    WindowKind,
)
from zhixing.engine.policies.unstated import Found, found_by_days, shares_of_stated, value_of_day, working_days
from zhixing.engine.policies.versions import Span, Version, compare_versions, gaps_around, line_of_time

__all__ = [
    "FROM_A_DAY",
    "YEARS",
    "Carry",
    "Channel",
    "Content",
    "Exempt",
    "Fault",
    "Found",
    "Measure",
    "Minimum",
    "Policy",
    "PolicyError",
    "PolicyProblem",
    "Quantity",
    "Recognised",
    "Recognition",
    "Rule",
    "Span",
    "Training",
    "Unit",
    "Version",
    "WindowKind",
    "compare_versions",
    "found_by_days",
    "gaps_around",
    "line_of_time",
    "measured",
    "parse",
    "recognise",
    "shares_of_stated",
    "value_of_day",
    "working_days",
]
