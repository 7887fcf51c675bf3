"""Teachers for those who decide about invitations, and for the teacher alone: sessions taught, what was said of them, what was decided and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from zhixing.base.problems import NotFound
from zhixing.evaluations.models import Appeal, InvitationDecision
from zhixing.evaluations.queries.courses import Occasion, occasions_of
from zhixing.evaluations.queries.occasions import as_asked
from zhixing.evaluations.queries.taught import (
    ALL,
    NOTHING,
    TOOK_PLACE,
    Evidence,
    of_teachers,
    rated_where,
    raw_of,
    scope_of,
)
from zhixing.people.models import Account
from zhixing.plans.models import in_charge
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session


def taught_where(condition: Q) -> QuerySet[Any]:
    """Past sessions that took place, ``taught_by`` somebody who is in the register of teachers."""
    held = as_asked(Session.objects.filter(condition, on__lte=timezone.localdate()))
    return held.filter(class_run__state__in=TOOK_PLACE, taught_by__isnull=False)


def teachers_to_decide(user: Account) -> QuerySet[Teacher]:
    """Whoever taught in class runs that ``user`` answers for, or about whom a unit decided for which ``user`` answers appeals; by name: there is no order
    by figures, and none stand in the list."""
    decided = InvitationDecision.objects.visible_to(user).filter(teacher=OuterRef("pk"))
    own = decided.filter(unit=user.scope_unit).order_by("-pk")[:1]
    waits = Appeal.objects.visible_to(user).waiting().filter(invitation__teacher=OuterRef("pk"))
    taught = taught_where(in_charge(user, "class_run__"))
    counted = taught.filter(taught_by=OuterRef("pk")).order_by().values("taught_by")
    return (
        Teacher.objects.filter(
            Q(pk__in=taught.order_by().values("taught_by"))
            | Q(pk__in=InvitationDecision.objects.visible_to(user).order_by().values("teacher"))
        )
        .select_related("institution")
        .annotate(
            times=Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0),
            last=Subquery(counted.annotate(day=Max("on")).values("day")),
            standing=Subquery(own.values("choice")),
            appealed=Exists(waits),
        )
        .order_by("name", "pk")
    )


@dataclass(frozen=True)
class TeacherFile:
    teacher: Teacher
    evidence: Evidence
    occasions: Sequence[Occasion]
    decisions: Sequence[InvitationDecision]


def teacher_file(user: Account, pk: int) -> TeacherFile:
    """Raises ``NotFound`` for whoever is not among ``teachers_to_decide``."""
    teacher = teachers_to_decide(user).filter(pk=pk).first()
    if teacher is None:
        raise NotFound
    return _file(teacher, user, in_charge(user, "class_run__"), scope_of(user))


def own_file(user: Account) -> TeacherFile | None:
    """The teacher's own; None while the account is nobody's. The corrected mean is that of all class runs together: those who decide see their own only."""
    teacher = Teacher.objects.visible_to(user).first() if user.is_teacher else None
    return _file(teacher, user, Q(), ALL) if teacher else None


def _file(teacher: Teacher, user: Account, condition: Q, scope: str) -> TeacherFile:
    rated = rated_where(condition)
    sessions = taught_where(condition).filter(taught_by=teacher.pk).select_related("class_run")
    decisions = InvitationDecision.objects.visible_to(user).filter(teacher=teacher)
    return TeacherFile(
        teacher,
        of_teachers(rated, scope).get(teacher.pk, NOTHING),
        occasions_of(sessions, {one.session: raw_of([one]) for one in rated}),
        list(decisions.select_related("by", "unit", "appeal__by")),
    )
