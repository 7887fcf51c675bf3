"""The home desk (工作台) of each role: its answer, what waits for a decision, and the figures behind it."""

from __future__ import annotations

from collections.abc import Callable

from zhixing.people.models import Account, Role
from zhixing.portal.desks.desk import Desk
from zhixing.portal.desks.learning import teacher_desk, trainee_desk
from zhixing.portal.desks.offices import auditor_desk, department_desk, liaison_desk, school_desk

DESKS: dict[str, Callable[[Account], Desk]] = {
    Role.DEPARTMENT: department_desk,
    Role.SCHOOL: school_desk,
    Role.LIAISON: liaison_desk,
    Role.TRAINEE: trainee_desk,
    Role.TEACHER: teacher_desk,
    Role.AUDITOR: auditor_desk,
}


def desk_for(user: Account) -> Desk:
    return DESKS[user.role](user)


__all__ = ["Desk", "desk_for"]
