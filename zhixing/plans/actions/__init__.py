"""Every write about annual plans, class runs and quotas."""

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

__all__ = [
    "PLANNED_FIELDS",
    "PRACTICAL_FIELDS",
    "Seats",
    "cancel_class_run",
    "copy_class_run",
    "create_class_run",
    "edit_class_run",
    "mark_class_run",
    "next_code",
    "open_class_run",
    "reopen_as_draft",
    "set_quotas",
]
