"""Notices of what was decided about courses and invitations, and of appeals."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base import notices
from zhixing.base.markup import page_about
from zhixing.evaluations import deciding
from zhixing.evaluations.models import CourseDecision, InvitationAppeal, InvitationDecision
from zhixing.people.models import Account, Role

KIND = "evaluations.decided"


def tell_course(decision: CourseDecision) -> None:
    """To the institution and the departments above, but for whoever decided."""
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


def tell_invitation(decision: InvitationDecision) -> None:
    """To the teacher, who reads decision and reason on the own page: they are in no e-mail."""
    account = decision.teacher.account
    if account is None or not account.is_active:
        return
    title = _("%(unit)s decided about inviting you again: read what and why") % {"unit": decision.unit}
    notices.tell([account], KIND, title, link=reverse("evaluations:my_invitations"))


def tell_appeal(appeal: InvitationAppeal) -> None:
    """To everybody who may answer in the unit that decided, and in the departments above."""
    link = page_about("evaluations:invitation", appeal.decision.teacher_id)
    notices.tell(
        list(deciding.others_of(appeal.decision)),
        KIND,
        _("%(teacher)s appeals against a decision") % {"teacher": appeal.decision.teacher},
        link=link,
    )
