"""Registers (考勤) with their evidence, leave in class (请假), withdrawal (退学) and appeals (申诉)."""

from zhixing.attendance.models.leave import Leave, LeaveStep, Withdrawal
from zhixing.attendance.models.registers import Appeal, Evidence, Mark, Register

__all__ = ["Appeal", "Evidence", "Leave", "LeaveStep", "Mark", "Register", "Withdrawal"]
