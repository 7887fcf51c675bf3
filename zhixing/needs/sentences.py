"""Codes of the engine as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import RowProblem
from zhixing.engine.needs.frameworks import FaultCode, LineFault

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

FAULTS: dict[FaultCode, tuple[_StrPromise, _StrPromise]] = {
    FaultCode.HEADING_MISSING: (
        _("No sheet has the headings {column}."),
        _("Take the template: it has them."),
    ),
    FaultCode.NOTHING: (_("The sheet holds no competency."), _("Fill in at least one line.")),
    FaultCode.MISSING: (_("“{column}” is blank."), _("Fill in “{column}”.")),
    FaultCode.TOO_LONG: (_("“{column}” holds more than {other} characters."), _("Shorten it.")),
    FaultCode.KIND_UNKNOWN: (_("This gap type is not known."), _("Write 知识, 素质 or 能力.")),
    FaultCode.CONTENT_UNKNOWN: (
        _("This content block is not known."),
        _("Write 理论教育, 党性教育, 政治训练 or 能力培训."),
    ),
    FaultCode.CODE_TWICE: (_("This code stands in row {other} already."), _("Give each competency a code of its own.")),
    FaultCode.CODE_UNKNOWN: (_("No competency has this code."), _("Compare it with the sheet of competencies.")),
    FaultCode.PARENT_UNKNOWN: (
        _("The competency above has a code that does not exist."),
        _("Write the code of a competency of this sheet, or leave it blank."),
    ),
    FaultCode.CYCLE: (
        _("The competencies stand above each other in a circle: {value}."),
        _("Leave the code above blank for the uppermost one."),
    ),
    FaultCode.NO_LEVEL: (_("This is no level."), _("Write a number from 1 to 5.")),
    FaultCode.LEVEL_HIGH: (_("There is no level above {other}."), _("Write a number from 1 to 5.")),
    FaultCode.LEVEL_TWICE: (_("This level is described in row {other} already."), _("Keep one of them.")),
    FaultCode.LEVEL_ORDER: (
        _("The levels are out of order: level {other} comes next."),
        _("Describe the levels of a competency one after another, from 1 on."),
    ),
    FaultCode.RANK_UNKNOWN: (
        _("Not understood as ranks: {value}."),
        _("List ranks, such as 县处级正职、县处级副职 or 乡科级及以下."),
    ),
    FaultCode.UNDESCRIBED: (
        _("A level is required that is not described: the descriptions end at level {other}."),
        _("Describe what one sees of somebody who has reached it."),
    ),
    FaultCode.GROUP_REQUIRED: (
        _("This is a group: it has competencies below it."),
        _("Require the competencies of the group, each at its level."),
    ),
}


def row_problem(fault: LineFault) -> RowProblem:
    reason, mend = (
        format_lazy(text, column=fault.column, value=fault.value, other=fault.other) for text in FAULTS[fault.code]
    )
    return RowProblem(fault.sheet, fault.row, fault.column, fault.value, "refused", reason, mend)
