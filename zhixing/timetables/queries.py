"""Reads about sessions and who teaches them."""

from __future__ import annotations

from django.db.models import QuerySet

from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Course, Teacher
from zhixing.timetables.models import Session


def teachers_to_name(user: Account, present: int | None = None) -> QuerySet[Teacher]:
    """Whom ``user`` may name in a session: the active teachers in scope; the one named at present (a key) may stay."""
    return Teacher.objects.visible_to(user).active() | Teacher.objects.filter(pk=present or 0)


def courses_to_name(user: Account, present: int | None = None) -> QuerySet[Course]:
    """Which courses of the bank ``user`` may name in a session: those in scope and in use; the one named at present (a key) may stay."""
    return Course.objects.visible_to(user).active() | Course.objects.filter(pk=present or 0)


def sessions_taught(user: Account, teacher: Teacher) -> QuerySet[Session]:
    """The sessions that name ``teacher``, of class runs that ``user`` sees and that take place; oldest first."""
    runs = ClassRun.objects.visible_to(user).exclude(state=ClassRun.State.CANCELLED).order_by()
    return Session.objects.filter(teacher=teacher, class_run__in=runs.values("pk")).select_related("class_run")
