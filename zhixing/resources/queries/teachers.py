"""Reads about teachers."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from zhixing.base.problems import NotFound
from zhixing.people.models import Account, Role
from zhixing.resources.models import Teacher


def teachers_for(user: Account) -> QuerySet[Teacher]:
    return Teacher.objects.visible_to(user).select_related("institution", "account")


def teacher_for(user: Account, pk: int) -> Teacher:
    """One teacher in scope; raises ``NotFound``."""
    found = teachers_for(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def teacher_of(user: Account) -> Teacher | None:
    """The row of a teacher's own account, once it is linked."""
    return teachers_for(user).first() if user.is_teacher else None


def accounts_to_link(user: Account, teacher: Teacher | None = None) -> QuerySet[Account]:
    """Accounts that may be named as a teacher's: live ones with that role, nobody's yet, which ``user`` looks after; and the present one."""
    # an institution sees no account as such, but may name those that were made for its teachers
    own = Q(scope_unit__path__startswith=user.scope_unit.path) if user.scope_unit else Q(pk__in=())
    known = Q(pk__in=Account.objects.visible_to(user).order_by().values("pk")) | own
    free = Q(role=Role.TEACHER, is_active=True, teacher=None) & known
    present = Q(pk=teacher.account_id) if teacher and teacher.account_id else Q(pk__in=())
    found: QuerySet[Account] = Account.objects.filter(free | present)
    return found.order_by("name", "username")
