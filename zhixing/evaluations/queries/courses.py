"""Courses as they were taught, with what was decided about each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone

from zhixing.base.problems import NotFound
from zhixing.engine.questionnaires import Mean
from zhixing.evaluations.models import CourseDecision
from zhixing.evaluations.queries.occasions import as_asked
from zhixing.evaluations.queries.taught import (
    NOTHING,
    TOOK_PLACE,
    Course,
    Evidence,
    of_courses,
    rated_sessions,
    raw_of,
    scope_of,
)
from zhixing.people.models import Account, Unit
from zhixing.plans.models import in_charge
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session


def sessions_held(user: Account) -> QuerySet[Any]:
    """Past sessions of institutions' class runs that ``user`` answers for and that took place."""
    held = Session.objects.filter(in_charge(user, "class_run__"), on__lte=timezone.localdate())
    return as_asked(held).filter(class_run__state__in=TOOK_PLACE, class_run__institution__isnull=False)


def courses_for(user: Account) -> QuerySet[Any]:
    """One row for each institution and title. ``session``: the latest, which names the course in addresses; ``standing``: what was decided last."""
    decided = CourseDecision.objects.visible_to(user).filter(
        institution=OuterRef("class_run__institution"), title=OuterRef("course")
    )
    latest = decided.order_by("-pk")[:1]
    grouped = sessions_held(user).order_by().values("course", "class_run__institution", "class_run__institution__name")
    found: QuerySet[Any] = grouped.annotate(
        session=Max("pk"),
        times=Count("pk"),
        last=Max("on"),
        path=F("class_run__institution__path"),
        standing=Subquery(latest.values("choice")),
        due_on=Subquery(latest.values("due_on")),
    )
    return found


def course_of(row: dict[str, Any]) -> Course:
    return Course(row["class_run__institution"], row["course"])


def overdue_of(user: Account) -> int:
    """Courses that were to be mended by a day that is past, and about which nothing was decided since."""
    return courses_for(user).filter(standing=CourseDecision.Choice.FIX, due_on__lt=timezone.localdate()).count()


@dataclass(frozen=True)
class Occasion:
    """One time that a course was taught, by whom and under what title whoever was asked knew it; ``mean`` where enough sheets came."""

    session: Session
    title: str
    teacher: Teacher | None
    mean: Mean | None


@dataclass(frozen=True)
class CourseFile:
    """``session``: the one by which the course was asked for."""

    session: Session
    institution: Unit
    title: str
    evidence: Evidence
    occasions: Sequence[Occasion]
    decisions: Sequence[CourseDecision]
    tenths: int

    @property
    def standing(self) -> CourseDecision | None:
        return self.decisions[0] if self.decisions else None


def course_for(user: Account, session: int) -> CourseFile:
    """The course that a session in scope belongs to. Raises ``NotFound``."""
    rows = sessions_held(user).select_related("class_run__institution")
    found = rows.filter(pk=session).first()
    if found is None or found.class_run.institution is None:
        raise NotFound
    institution = found.class_run.institution
    of_course = rows.filter(course=found.course, class_run__institution=institution)
    rated = rated_sessions(user)
    decided = CourseDecision.objects.visible_to(user).filter(institution=institution, title=found.course)
    return CourseFile(
        session=found,
        institution=institution,
        title=found.course,
        evidence=of_courses(rated, scope_of(user)).get(Course(institution.pk, found.course), NOTHING),
        occasions=occasions_of(of_course, {one.session: raw_of([one]) for one in rated}),
        decisions=list(decided.select_related("by__scope_unit", "unit", "appeal")),
        tenths=of_course.aggregate(all=Sum("tenths"))["all"] or 0,
    )


def occasions_of(sessions: QuerySet[Any], means: Mapping[int, Mean | None]) -> list[Occasion]:
    """Of ``as_asked`` sessions, the latest first."""
    rows = list(sessions.order_by("-on", "-begins_at", "pk"))
    teachers = Teacher.objects.in_bulk({one.taught_by for one in rows if one.taught_by})
    return [Occasion(one, one.course, teachers.get(one.taught_by), means.get(one.pk)) for one in rows]


def evidence_for(user: Account) -> dict[Course, Evidence]:
    return of_courses(rated_sessions(user), scope_of(user))
