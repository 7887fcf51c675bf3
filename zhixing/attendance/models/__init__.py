"""Registers (考勤) with their evidence, leave in class (请假), withdrawal (退学) and appeals (申诉)."""

from zhixing.attendance.models.approvers import NamedApprover
from zhixing.attendance.models.leave import Leave, LeaveSession, LeaveStep, Withdrawal
from zhixing.attendance.models.registers import Appeal, Evidence, Mark, Register, Status

__all__ = [
    "Appeal",
    "Evidence",
    "Leave",
    "LeaveSession",
    "LeaveStep",
    "Mark",
    "NamedApprover",
    "Register",
    "Status",
    "Withdrawal",
]
