"""Who may keep the register of teachers: the department and the training institutions, each its own; the city's rows only the city's department."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people import permissions as people
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Teacher


def may_keep(user: Account, institution: Unit | None) -> Verdict:
    """Write teachers whom ``institution`` keeps (none: the city)."""
    if not (user.is_department or user.is_school):
        return no(_("Only the department and training institutions keep the register of teachers."))
    if user.is_class_head:
        return no(_("A class head keeps no register of teachers."))
    if people.is_within(user, institution) or (institution is None and user.is_department and user.sees_the_city):
        return YES
    return no(_("This teacher is kept by somebody else: by the city's department or another institution."))


def may_change(user: Account, teacher: Teacher) -> Verdict:
    return may_keep(user, teacher.institution)


def may_retire(user: Account, teacher: Teacher) -> Verdict:
    if teacher.retired_on is not None:
        return no(_("This teacher is retired already."))
    return may_change(user, teacher)


def may_take_back(user: Account, teacher: Teacher) -> Verdict:
    if teacher.retired_on is None:
        return no(_("This teacher is not retired."))
    return may_change(user, teacher)


def may_open_account(user: Account, teacher: Teacher) -> Verdict:
    """Make the account with which the teacher signs in: as for every account, the department's."""
    if teacher.account_id is not None:
        return no(_("This teacher has an account already."))
    if teacher.retired_on is not None:
        return no(_("This teacher is retired."))
    return people.may_open_account(user, teacher.institution)
