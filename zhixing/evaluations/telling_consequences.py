"""Notices of what was decided about courses and invitations, and of appeals."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base import notices
from zhixing.base.markup import page_about
from zhixing.evaluations import appealing
from zhixing.evaluations.models import Appeal, CourseDecision, Decision, InvitationDecision
from zhixing.people.models import Account, Role

KIND = "evaluations.decided"


def tell_course(decision: CourseDecision) -> None:
    """To the institution and the departments above, but for whoever decided; and to the teachers of the course, who may appeal."""
    schools = Q(role=Role.SCHOOL, own_class_runs_only=False, scope_unit=decision.institution)
    above = Q(role=Role.DEPARTMENT, scope_unit__path__in=decision.institution.paths_up)
    told = Account.objects.filter(schools | above, is_active=True).exclude(pk=decision.by_id)
    names = {
        "institution": decision.institution,
        "course": decision.title,
        "decision": decision.get_choice_display(),
    }
    notices.tell(
        list(told),
        KIND,
        _("Decided about the course “%(course)s” of %(institution)s: %(decision)s") % names,
        text=decision.reason,
        link=reverse("evaluations:course_decisions"),
    )
    answered = [decision.appeal.by_id] if decision.appeal else []  # is told so
    notices.tell(
        list(appealing.teachers_of(decision).exclude(pk__in=answered)),
        KIND,
        _("%(institution)s: decided about your course “%(course)s”: %(decision)s") % names,
        text=decision.reason,
        link=reverse("evaluations:my_invitations"),
    )


def tell_invitation(decision: InvitationDecision) -> None:
    """To the teacher, who reads decision and reason on the own page: they are in no e-mail."""
    account = decision.teacher.account
    if account is None or not account.is_active:
        return
    title = _("%(unit)s decided about inviting you again: read what and why") % {"unit": decision.unit}
    notices.tell([account], KIND, title, link=reverse("evaluations:my_invitations"))


def tell_appeal(appeal: Appeal) -> None:
    """To everybody who may answer in the unit that decided, and in the departments above."""
    names = {"who": appeal.institution or appeal.by.name, "about": appeal.about}
    title = (
        _("%(who)s appeals against what was decided about the course “%(about)s”")
        if appeal.course_id
        else _("%(who)s appeals against a decision about an invitation")
    )
    link = page_about("evaluations:appeal", appeal.pk)
    notices.tell(list(appealing.others_of(appeal)), KIND, title % names, link=link)


def tell_answer(appeal: Appeal, decision: Decision) -> None:
    """To whoever appealed; an institution has the notice of the decision itself."""
    if not appeal.course_id or not appeal.by.is_teacher or not appeal.by.is_active:
        return
    names = {"course": appeal.about, "decision": decision.get_choice_display()}
    title = _("Your appeal about the course “%(course)s” was answered: %(decision)s") % names
    notices.tell([appeal.by], KIND, title, text=decision.reason, link=page_about("evaluations:appeal", appeal.pk))
