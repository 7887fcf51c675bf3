"""Appeals against decisions about courses and invitations, with the figures by which they are answered."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from zhixing.base.problems import NotFound
from zhixing.evaluations.appealing import decided_for
from zhixing.evaluations.models import Appeal, Assessment, AssessmentAppeal, CourseDecision, Decision
from zhixing.evaluations.queries.taught import NOTHING, Course, Evidence, of_courses, of_teachers, rated_where
from zhixing.people.models import Account, Unit


def appeals_for(user: Account) -> Any:
    """With what a list shows: ``kind``, ``thing`` (course or teacher), ``against`` and ``then`` (what was decided before and after)."""
    rows = Appeal.objects.visible_to(user).select_related(
        "by",
        "institution",
        "course__institution",
        "course__unit",
        "course__by__scope_unit",
        "invitation__teacher",
        "invitation__unit",
        "invitation__by",
        "about_course__by",
        "about_invitation__by",
    )
    text = CharField()
    return rows.annotate(
        kind=Case(When(course=None, then=Value("invitation")), default=Value("course"), output_field=text),
        thing=Coalesce("course__title", "invitation__teacher__name", output_field=text),
        then=Coalesce("about_course__choice", "about_invitation__choice", output_field=text),
        answered_at=Coalesce(F("about_course__at"), F("about_invitation__at")),
    )


def appeal_for(user: Account, pk: int) -> Appeal:
    """Raises ``NotFound``."""
    found: Appeal | None = appeals_for(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def open_result_appeals(user: Account) -> QuerySet[AssessmentAppeal]:
    """Those against results of assessments that nobody has decided; their pages are those of the assessments."""
    seen = Assessment.objects.visible_to(user).order_by().values("pk")
    rows = AssessmentAppeal.objects.filter(state=AssessmentAppeal.State.OPEN, result__assessment__in=seen)
    about = ("institution", "class_run", "version__system")
    return rows.select_related(*(f"result__assessment__{name}" for name in about)).order_by("at", "pk")


def evidence_on_appeal(appeal: Appeal) -> Evidence:
    """The figures in the scope of the unit that decided, whoever of those above answers for it."""
    decision = appeal.decision
    unit = decided_for(decision)
    if unit is None:
        return NOTHING
    rated, scope = rated_where(_within(unit)), f"unit {unit.pk}"
    if isinstance(decision, CourseDecision):
        return of_courses(rated, scope).get(Course(decision.institution_id, decision.title), NOTHING)
    return of_teachers(rated, scope).get(decision.teacher_id, NOTHING)


def _within(unit: Unit) -> Q:
    """Class runs that the unit answers for, as ``plans.in_charge``: the city for those that no unit organises, too."""
    if unit.kind == Unit.Kind.SCHOOL:
        return Q(class_run__institution__path__startswith=unit.path)
    return Q(class_run__organised_by__path__startswith=unit.path) if unit.parent_id else Q()


def decisions_about_own_courses(user: Account) -> QuerySet[CourseDecision]:
    """A teacher's: what was decided about courses that the teacher taught, the newest first."""
    if not user.is_teacher:
        return CourseDecision.objects.none()
    return CourseDecision.objects.visible_to(user).select_related("institution", "unit", "by__scope_unit", "appeal")


def standing_before(appeal: Appeal) -> tuple[Decision, Evidence]:
    """What is appealed against, and the figures that were known then."""
    return appeal.decision, Evidence.of_kept(appeal.decision.evidence)
