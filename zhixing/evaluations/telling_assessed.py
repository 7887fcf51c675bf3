"""Notices of assessments: to the accounts of the institution, and to the department that began it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhixing.base import notices
from zhixing.base.markup import page_about
from zhixing.evaluations import appealing
from zhixing.evaluations.models import Assessment, AssessmentAppeal, Improvement
from zhixing.people.models import Account, Role

KIND = "evaluations.assessed"


def tell_begun(assessment: Assessment) -> None:
    until = {"about": assessment.object, "until": assessment.report_due_on}
    _tell(_school(assessment), assessment, _("Self-assessment asked for until %(until)s: %(about)s") % until)


def tell_reported(assessment: Assessment) -> None:
    _tell(_beginner(assessment), assessment, _("The self-assessment was handed in: %(about)s") % _about(assessment))


def tell_result(assessment: Assessment) -> None:
    until = {**_about(assessment), "until": assessment.appeal_until}
    title = _("The result of the assessment is there, appeals are possible until %(until)s: %(about)s") % until
    _tell(_school(assessment), assessment, title)


def tell_appeal(appeal: AssessmentAppeal) -> None:
    """To everybody who may decide it, for whoever told the result may not."""
    assessment = appeal.result.assessment
    _tell(
        appealing.deciders_of(appeal), assessment, _("An appeal against an assessment: %(about)s") % _about(assessment)
    )


def tell_decided(assessment: Assessment) -> None:
    _tell(_school(assessment), assessment, _("An appeal was decided: %(about)s") % _about(assessment))


def tell_improvement(improvement: Improvement) -> None:
    until = {"until": improvement.due_on, "text": improvement.text}
    _tell(_school(improvement.assessment), improvement.assessment, _("To be mended until %(until)s: %(text)s") % until)


def tell_improved(improvement: Improvement) -> None:
    title = _("Reported as mended: %(text)s") % {"text": improvement.text}
    _tell(_beginner(improvement.assessment), improvement.assessment, title)


def tell_looked_at(improvement: Improvement, *, good: bool) -> None:
    said = _("Mended: %(text)s") if good else _("Not mended yet, open again: %(text)s")
    _tell(_school(improvement.assessment), improvement.assessment, said % {"text": improvement.text})


def _about(assessment: Assessment) -> dict[str, str]:
    return {"about": assessment.object}


def _school(assessment: Assessment) -> list[Account]:
    return list(Account.objects.filter(role=Role.SCHOOL, is_active=True, scope_unit=assessment.school))


def _beginner(assessment: Assessment) -> list[Account]:
    return list(Account.objects.filter(pk=assessment.by_id, is_active=True))


def _tell(accounts: list[Account], assessment: Assessment, title: str) -> None:
    notices.tell(accounts, KIND, title, link=page_about("evaluations:assessment", assessment.pk))
