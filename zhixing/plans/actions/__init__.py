"""Every write about annual plans, class runs and quotas."""

from zhixing.plans.actions.annual_plans import (
    LINE_FIELDS,
    add_line,
    create_plan,
    drop_plan,
    edit_line,
    edit_plan,
    plan_from_class_runs,
    remove_line,
)
from zhixing.plans.actions.approval import Step, approve_plan, return_plan, set_route, submit_plan
from zhixing.plans.actions.class_runs import (
    PLANNED_FIELDS,
    PRACTICAL_FIELDS,
    Seats,
    cancel_class_run,
    copy_class_run,
    create_class_run,
    edit_class_run,
    mark_class_run,
    next_code,
    open_class_run,
    reopen_as_draft,
    set_quotas,
)
from zhixing.plans.actions.comments import answer_comment, comment, open_for_comments, rework_plan
from zhixing.plans.actions.duplicates import look_again, merge_lines, propose_merge, set_apart
from zhixing.plans.actions.line_evidence import rest_on_needs, weigh_without
from zhixing.plans.actions.line_runs import RunDraft, drafts_of, make_class_runs
from zhixing.plans.actions.plan_changes import decide_change, propose_change, propose_strike
from zhixing.plans.actions.plan_edits import last_edit, move_line, undo_edit
from zhixing.plans.actions.proposals import ask_for_lines
from zhixing.plans.actions.spending import record_spending, review_plan
from zhixing.plans.actions.tries import ask_what_if, keep_answer, take_over

__all__ = [
    "LINE_FIELDS",
    "PLANNED_FIELDS",
    "PRACTICAL_FIELDS",
    "RunDraft",
    "Seats",
    "Step",
    "add_line",
    "answer_comment",
    "approve_plan",
    "ask_for_lines",
    "ask_what_if",
    "cancel_class_run",
    "comment",
    "copy_class_run",
    "create_class_run",
    "create_plan",
    "decide_change",
    "drafts_of",
    "drop_plan",
    "edit_class_run",
    "edit_line",
    "edit_plan",
    "keep_answer",
    "last_edit",
    "look_again",
    "make_class_runs",
    "mark_class_run",
    "merge_lines",
    "move_line",
    "next_code",
    "open_class_run",
    "open_for_comments",
    "plan_from_class_runs",
    "propose_change",
    "propose_merge",
    "propose_strike",
    "record_spending",
    "remove_line",
    "reopen_as_draft",
    "rest_on_needs",
    "return_plan",
    "review_plan",
    "rework_plan",
    "set_apart",
    "set_quotas",
    "set_route",
    "submit_plan",
    "take_over",
    "undo_edit",
    "weigh_without",
]
