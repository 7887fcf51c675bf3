"""Who may plan class runs: the department, each its own. A training institution may complete the practical facts of the class runs it holds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

ONLY_DEPARTMENT = _("Only the organisation department plans class runs.")
ONLY_ORGANISER = _("Only the department that organises this class run may do this.")


def may_plan(user: Account) -> Verdict:
    return YES if user.is_department else no(ONLY_DEPARTMENT)


def organises(user: Account, class_run: ClassRun) -> bool:
    """Whether ``user`` is of the department that answers for the class run: the city's for all, a county's for what is organised below it."""
    if not user.is_department or user.scope_unit is None:
        return False
    organiser = class_run.organised_by
    return user.sees_the_city or (organiser is not None and organiser.path.startswith(user.scope_unit.path))


def may_edit(user: Account, class_run: ClassRun) -> Verdict:
    """Whom, when and how many: the department that organises it, before the list is published."""
    if not organises(user, class_run):
        return no(ONLY_ORGANISER)
    if class_run.state not in {ClassRun.State.DRAFT, ClassRun.State.OPEN}:
        return no(_("People have been called up to this class run, so its dates, seats and target group are fixed."))
    return YES


def may_complete(user: Account, class_run: ClassRun) -> Verdict:
    """Place, contact and joining instructions: the department that organises it, or the institution that holds the class run."""
    if class_run.state in {ClassRun.State.HELD, ClassRun.State.CANCELLED}:
        return no(_("This class run is over."))
    if organises(user, class_run) or holds(user, class_run):
        return YES
    return no(_("Only the department and the institution that holds the class run may change this."))


def may_cancel(user: Account, class_run: ClassRun) -> Verdict:
    if not organises(user, class_run):
        return no(ONLY_ORGANISER)
    if class_run.state in {ClassRun.State.HELD, ClassRun.State.CANCELLED}:
        return no(_("This class run is over."))
    return YES


def holds(user: Account, class_run: ClassRun) -> bool:
    """Whether ``user`` works for the institution of ``class_run``; a class head only for class runs that name the account."""
    if user.is_class_head:
        return ClassRun.objects.in_charge(user).filter(pk=class_run.pk).exists()
    institution, own = class_run.institution, user.scope_unit
    return bool(user.is_school and institution and own and institution.path.startswith(own.path))
