"""Who may plan class runs: the department. A training institution may complete the practical facts of the class runs it holds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

ONLY_DEPARTMENT = _("Only the organisation department plans class runs.")


def may_plan(user: Account) -> Verdict:
    return YES if user.is_department else no(ONLY_DEPARTMENT)


def may_edit(user: Account, class_run: ClassRun) -> Verdict:
    """Whom, when and how many: the department, before the list is published."""
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    if class_run.state not in {ClassRun.State.DRAFT, ClassRun.State.OPEN}:
        return no(_("People have been called up to this class run, so its dates, seats and target group are fixed."))
    return YES


def may_complete(user: Account, class_run: ClassRun) -> Verdict:
    """Place, contact and joining instructions: the department, or the institution that holds the class run."""
    if class_run.state in {ClassRun.State.HELD, ClassRun.State.CANCELLED}:
        return no(_("This class run is over."))
    if user.is_department or holds(user, class_run):
        return YES
    return no(_("Only the department and the institution that holds the class run may change this."))


def may_cancel(user: Account, class_run: ClassRun) -> Verdict:
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    if class_run.state in {ClassRun.State.HELD, ClassRun.State.CANCELLED}:
        return no(_("This class run is over."))
    return YES


def holds(user: Account, class_run: ClassRun) -> bool:
    """Whether ``user`` works for the institution of ``class_run``."""
    institution, own = class_run.institution, user.scope_unit
    return bool(user.is_school and institution and own and institution.path.startswith(own.path))
