"""Every write about attendance."""

from zhixing.attendance.actions.approvers import name_approvers
from zhixing.attendance.actions.completion import Completion, complete_class_run
from zhixing.attendance.actions.corrections import appeal, correct_mark, decide_appeal
from zhixing.attendance.actions.leave import ask_leave, cancel_leave, decide_leave, report_back
from zhixing.attendance.actions.registers import Closing, close_register, mark_person, mark_rest, open_registers
from zhixing.attendance.actions.sheets import BroughtBack, import_sheet
from zhixing.attendance.actions.signing_in import SignedIn, must_be_open, on_list, sign_in
from zhixing.attendance.actions.withdrawals import decide_withdrawal

__all__ = [
    "BroughtBack",
    "Closing",
    "Completion",
    "SignedIn",
    "appeal",
    "ask_leave",
    "cancel_leave",
    "close_register",
    "complete_class_run",
    "correct_mark",
    "decide_appeal",
    "decide_leave",
    "decide_withdrawal",
    "import_sheet",
    "mark_person",
    "mark_rest",
    "must_be_open",
    "name_approvers",
    "on_list",
    "open_registers",
    "report_back",
    "sign_in",
]
