"""Who appeals against a decision about a course or an invitation, and who answers: never whoever decided, nor whoever appeals."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.evaluations import permissions
from zhixing.evaluations.deciding import may_decide, who_answers
from zhixing.evaluations.models import Appeal, AssessmentAppeal, CourseDecision, Decision
from zhixing.evaluations.queries.occasions import as_asked
from zhixing.people.models import Account, Role, Unit
from zhixing.timetables.models import Session

ALREADY = _("You have appealed against this already.")


def decided_for(decision: Decision) -> Unit | None:
    """The unit whose decision it is."""
    return decision.of_unit if isinstance(decision, CourseDecision) else decision.unit


def may_see_appeals(user: Account) -> Verdict:
    """The list of them: whoever decides or checks, and teachers, who see their own."""
    sees = user.is_teacher or (user.scope_unit and (user.is_department or user.is_auditor or user.is_school))
    return YES if sees and not user.is_class_head else no(_("Appeals are for those who decide and those who appeal."))


def may_appeal_decision(user: Account, decision: Decision) -> Verdict:
    """The teacher whom it is about; of a course whoever taught it, and the institution where a unit above it decided."""
    if not (verdict := _concerns(user, decision)):
        return verdict
    if decision.appeal and _same_party(user, decision.appeal):
        return no(_("This answers an appeal already; a later decision can be appealed against again."))
    if any(_same_party(user, one) for one in decision.appeals.all()):
        return no(ALREADY)
    return YES if newest_like(decision).pk == decision.pk else no(_("A later decision stands: look at that one."))


def _concerns(user: Account, decision: Decision) -> Verdict:
    if isinstance(decision, CourseDecision):
        if user.is_teacher:
            taught = CourseDecision.objects.visible_to(user).filter(pk=decision.pk).exists()
            return YES if taught else no(_("Only those who taught this course appeal against this."))
        if not user.is_school or user.is_class_head or user.scope_unit_id != decision.institution_id:
            return no(_("The institution that teaches the course and its teachers appeal against this."))
        unit = decided_for(decision)
        if unit is None or unit.pk == decision.institution_id:
            return no(_("Your institution decided this itself: there it is decided anew."))
        return YES
    own = user.is_teacher and decision.teacher.account_id == user.pk
    return YES if own else no(_("Only the teacher appeals against this."))


def _same_party(user: Account, appeal: Appeal) -> bool:
    """An institution appeals once, whoever of it writes."""
    return appeal.by_id == user.pk or bool(
        appeal.institution_id and user.is_school and appeal.institution_id == user.scope_unit_id
    )


def newest_like(decision: Decision) -> Decision:
    """What was decided last about the same."""
    found: Decision | None
    if isinstance(decision, CourseDecision):
        found = CourseDecision.objects.filter(institution=decision.institution_id, title=decision.title).first()
    else:
        rows = type(decision)._default_manager.filter(teacher=decision.teacher_id, unit=decision.unit_id)
        found = rows.first()
    return found or decision


def appeals_waiting(decision: Decision) -> QuerySet[Appeal]:
    """Those about the same thing that nobody has answered."""
    if isinstance(decision, CourseDecision):
        about = Q(course__institution=decision.institution_id, course__title=decision.title)
    else:
        about = Q(invitation__teacher=decision.teacher_id, invitation__unit=decision.unit_id)
    found: QuerySet[Appeal] = Appeal.objects.waiting().filter(about)
    return found


def others_of(appeal: Appeal) -> QuerySet[Account]:
    """Who may answer it: neither who decided nor who appeals."""
    decision, unit = appeal.decision, decided_for(appeal.decision)
    if unit is None:
        nobody: QuerySet[Account] = Account.objects.none()
        return nobody
    teacher = None if isinstance(decision, CourseDecision) else decision.teacher.account_id
    return who_answers(unit, but=(decision.by_id, appeal.by_id, teacher))


def may_answer_appeal(user: Account, appeal: Appeal) -> Verdict:
    """Somebody else than who decided: a colleague of the unit, or a department above it."""
    decision = appeal.decision
    if not (verdict := may_decide(user, decided_for(decision))):
        return verdict
    if appeal.answer is not None:
        return no(_("This appeal was answered already."))
    teacher = None if isinstance(decision, CourseDecision) else decision.teacher.account_id
    if user.pk in (teacher, appeal.by_id):
        return no(_("Nobody decides about oneself."))
    if user.pk == decision.by_id:
        return no(_("You made the decision: somebody else must answer the appeal."))
    return YES


def teachers_of(decision: CourseDecision) -> QuerySet[Account]:
    """Whoever taught the course, and may so appeal."""
    held = as_asked(Session.objects.filter(class_run__institution=decision.institution_id))
    taught = held.filter(course=decision.title).order_by().values("taught_by")
    found: QuerySet[Account] = Account.objects.filter(role=Role.TEACHER, is_active=True, teacher__in=taught)
    return found.distinct()


def deciders_of(appeal: AssessmentAppeal) -> list[Account]:
    """Who may decide an appeal against the result of an assessment: of the departments above what was assessed."""
    assessment = appeal.result.assessment
    unit = assessment.institution or (assessment.class_run.organised_by if assessment.class_run else None)
    departments = Account.objects.filter(role=Role.DEPARTMENT, is_active=True).select_related("scope_unit")
    at = {"scope_unit__path__in": unit.paths_up} if unit else {"scope_unit__parent": None}
    return [one for one in departments.filter(**at) if permissions.may_decide_appeal(one, appeal)]
