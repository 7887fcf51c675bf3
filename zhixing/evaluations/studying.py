"""Who plans studies of effects and reads them: the department and the auditor; others would read from a group's figures whom it is made of."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.models import Job
from zhixing.base.verdicts import YES, Verdict, no
from zhixing.evaluations.models import Study, StudyResult
from zhixing.people.models import Account

WORK = "evaluations.study"
ACTIVE = (Job.State.QUEUED, Job.State.RUNNING)


def may_see_studies(user: Account) -> Verdict:
    if user.scope_unit and (user.is_department or user.is_auditor):
        return YES
    return no(_("Studies of effects are for the department and the auditor."))


def may_begin_study(user: Account) -> Verdict:
    if user.scope_unit and user.is_department:
        return YES
    return no(_("Studies are planned by the organisation department."))


def may_bring_outcomes(user: Account, study: Study) -> Verdict:
    """The department that planned it, once: a second result of nearly the same people would tell of those by whom they differ."""
    if not (verdict := may_begin_study(user)):
        return verdict
    if study.unit_id != user.scope_unit_id:
        return no(_("Outcomes are brought by the department that planned the study."))
    if StudyResult.objects.filter(study=study).exists():
        return no(_("The study has its result."))
    if job_of(study, ACTIVE):
        return no(_("The outcomes are being reckoned with."))
    return YES


def job_of(study: Study, states: tuple[str, ...] = ()) -> Job | None:
    """The latest work on it."""
    found = Job.objects.filter(kind=WORK, arguments__study_id=study.pk).order_by("-created_at")
    return (found.filter(state__in=states) if states else found).first()
