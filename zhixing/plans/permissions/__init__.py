"""Who may do what about annual plans and class runs."""

from zhixing.plans.permissions.class_runs import (
    ONLY_DEPARTMENT,
    ONLY_ORGANISER,
    holds,
    may_cancel,
    may_complete,
    may_edit,
    may_plan,
    organises,
)

__all__ = [
    "ONLY_DEPARTMENT",
    "ONLY_ORGANISER",
    "holds",
    "may_cancel",
    "may_complete",
    "may_edit",
    "may_plan",
    "organises",
]
