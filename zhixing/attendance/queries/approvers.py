"""The ladder of one class run: who is named on each rung, and who may be."""

from __future__ import annotations

from django.db.models import QuerySet

from zhixing.attendance import rules
from zhixing.attendance.models import NamedApprover
from zhixing.attendance.rules import Approver
from zhixing.people.models import Account, Role
from zhixing.plans.models import ClassRun


def named_for(class_run_id: int, approver: str) -> NamedApprover | None:
    """The person named on one rung, with the deputy."""
    named = NamedApprover.objects.filter(class_run=class_run_id, approver=approver)
    return named.select_related("account", "deputy").first()


def named_on(class_run: ClassRun) -> dict[str, NamedApprover]:
    """By the code of the approver, in the order of the rules."""
    rows = {
        one.approver: one
        for one in NamedApprover.objects.filter(class_run=class_run).select_related("account", "deputy")
    }
    return {one.code: rows[one.code] for one in nameable() if one.code in rows}


def nameable() -> list[Approver]:
    """Rungs on which the institution's staff stand."""
    return [one for one in rules.in_force().approvers.values() if Role.SCHOOL in one.roles]


def staff_of(class_run: ClassRun) -> QuerySet[Account]:
    """The accounts that work for the institution of ``class_run``, and for nobody when it has none."""
    above = class_run.institution.paths_up if class_run.institution else ()
    found: QuerySet[Account] = Account.objects.filter(is_active=True, role=Role.SCHOOL, scope_unit__path__in=above)
    return found
