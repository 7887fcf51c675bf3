"""Who makes forms, launches surveys, handles paper and reads results. Answering asks for no account at all: the ticket is the permission."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.evaluations import rules
from zhixing.evaluations.models import (
    Assessment,
    AssessmentAppeal,
    Form,
    Improvement,
    IndicatorSystem,
    LaunchRule,
    Survey,
    Version,
)
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import holds, organises

ONLY_DEPARTMENT = _("Forms and surveys are made by the organisation department.")
SAME_RULE = _("The same rule is in force already.")
RULE_STOPPED = _("This rule was stopped already.")
NOT_YOURS = _("This belongs to another department.")


def may_make_forms(user: Account) -> Verdict:
    return YES if user.is_department and user.scope_unit else no(ONLY_DEPARTMENT)


def _owns(user: Account, thing: Form | LaunchRule | IndicatorSystem) -> Verdict:
    if not user.is_department or user.scope_unit is None:
        return no(ONLY_DEPARTMENT)
    return YES if thing.unit.path.startswith(user.scope_unit.path) else no(NOT_YOURS)


def may_edit_whole(user: Account, whole: Form | IndicatorSystem) -> Verdict:
    """Begin a new draft, change it, publish it: the department that made the form or system, or one above it."""
    return _owns(user, whole)


def may_edit_draft(user: Account, version: Version) -> Verdict:
    if not (verdict := _owns(user, version.whole)):
        return verdict
    if version.state != Version.State.DRAFT:
        return no(_("A published version never changes. Begin a new one."))
    return YES


def may_make_rules(user: Account) -> Verdict:
    return may_make_forms(user)


def may_stop_rule(user: Account, rule: LaunchRule) -> Verdict:
    if not (verdict := _owns(user, rule)):
        return verdict
    return YES if rule.stopped_on is None else no(RULE_STOPPED)


def may_launch(user: Account, class_run: ClassRun) -> Verdict:
    """By hand: the department that organises the class run, once people have sat in it."""
    if not organises(user, class_run):
        return no(_("Only the department that organises this class run may do this."))
    if class_run.state not in {ClassRun.State.RUNNING, ClassRun.State.HELD}:
        return no(_("A survey asks those who were there: the class run has not begun."))
    return YES


def may_close(user: Account, survey: Survey) -> Verdict:
    """Before its time, or longer than planned: the department that organises the class run."""
    if not organises(user, survey.class_run):
        return no(_("Only the department that organises this class run may do this."))
    if survey.state != Survey.State.OPEN:
        return no(_("This survey is closed."))
    return YES


def may_run_survey(user: Account, survey: Survey) -> Verdict:
    """Handle paper: the department and the institution that holds the class run, while the survey is open."""
    if not (organises(user, survey.class_run) or holds(user, survey.class_run)):
        return no(_("Only the department and the institution that holds the class run may do this."))
    if survey.state != Survey.State.OPEN:
        return no(_("This survey is closed."))
    return YES


def may_go_to_paper(user: Account, survey: Survey) -> Verdict:
    if not (verdict := may_run_survey(user, survey)):
        return verdict
    if survey.on_paper:
        return no(_("The rest of this survey is on paper already."))
    if survey.answered >= survey.invited:
        return no(_("Everybody has answered."))
    return YES


def may_import_paper(user: Account, survey: Survey) -> Verdict:
    if not (verdict := may_run_survey(user, survey)):
        return verdict
    return YES if survey.on_paper else no(_("Print the paper sheets first: each bears a number of its own."))


def may_remind(user: Account, survey: Survey, now: dt.datetime) -> Verdict:
    """Remind whoever has not answered, without seeing who; not every day."""
    if not (verdict := may_run_survey(user, survey)):
        return verdict
    if survey.on_paper or not survey.takes_answers(now):
        return no(_("Nobody can answer online now."))
    if survey.answered >= survey.invited:
        return no(_("Everybody has answered."))
    every = rules.in_force().remind_every
    if survey.reminded_on and timezone.localdate(now) < survey.reminded_on + every:
        return no(_("A reminder was sent on %(day)s already.") % {"day": survey.reminded_on})
    return YES


def may_read_results(user: Account, survey: Survey) -> Verdict:
    """Whoever sees the survey, once it is closed: while it is open, each new sheet would show in the figures of the moment before."""
    if survey.state != Survey.State.CLOSED:
        return no(_("Results are shown once the survey is closed."))
    if not Survey.objects.visible_to(user).filter(pk=survey.pk).exists():
        return no(NOT_YOURS)
    return YES


# Indicator systems and assessments: nobody reviews the own institution


def may_read_class_run(user: Account, class_run: ClassRun) -> Verdict:
    """What all who rated say of it together: whoever answers for the class run."""
    return YES if ClassRun.objects.in_charge(user).filter(pk=class_run.pk).exists() else no(NOT_YOURS)


NO_REPORT = _("No survey of its trainees is closed with enough sheets: there is nothing to report.")


def may_report_class_run(survey: Survey | None) -> Verdict:
    """A report is written of a closed survey of trainees with enough sheets, for whoever may read the class run."""
    return YES if survey is not None else no(NO_REPORT)


def may_see_board(user: Account) -> Verdict:
    """What is due: whoever answers for class runs, and sees there those only."""
    if user.scope_unit and (user.is_department or user.is_auditor or user.is_school):
        return YES
    return no(_("The board is for those who answer for class runs."))


def may_see_severity(user: Account) -> Verdict:
    """How mild or strict named reviewers are: the department alone, which appoints them; not even the auditor, and never whom they rate."""
    return YES if user.is_department and user.scope_unit else no(_("How strict raters are is for the department only."))


def may_compare(user: Account) -> Verdict:
    """Class runs beside each other: whoever answers for class runs, and sees there those only."""
    if user.scope_unit and (user.is_department or user.is_auditor or user.is_school):
        return YES
    return no(_("Class runs are compared by those who answer for them."))


def may_make_systems(user: Account) -> Verdict:
    return may_make_forms(user)


def may_assess(user: Account, thing: Unit | ClassRun) -> Verdict:
    """The department above an institution, or that organises a class run which is over."""
    if not user.is_department or user.scope_unit is None:
        return no(_("Assessments are made by the organisation department."))
    if isinstance(thing, ClassRun):
        if not organises(user, thing):
            return no(NOT_YOURS)
        return YES if thing.state == ClassRun.State.HELD else no(_("The class run is not over yet."))
    if thing.kind != Unit.Kind.SCHOOL:
        return no(_("Only training institutions are assessed."))
    return YES if thing.path.startswith(user.scope_unit.path) else no(NOT_YOURS)


def _speaks_for(user: Account, school: Unit | None) -> bool:
    own = user.scope_unit
    is_head = user.is_class_head
    return bool(user.is_school and not is_head and school and own and school.path.startswith(own.path))


def reports_on(user: Account, assessment: Assessment) -> bool:
    """Whether ``user`` speaks for the institution that is assessed, or held the class run."""
    return _speaks_for(user, assessment.school)


def _reviews(user: Account, assessment: Assessment) -> Verdict:
    return may_assess(user, assessment.institution or assessment.class_run)  # type: ignore[arg-type]


def _in(assessment: Assessment, *states: str) -> Verdict:
    return YES if assessment.state in states else no(_("The assessment is past that step."))


def may_report(user: Account, assessment: Assessment) -> Verdict:
    if not reports_on(user, assessment):
        return no(_("Only the institution itself hands in its self-assessment."))
    return _in(assessment, Assessment.State.REPORTING)


def may_review(user: Account, assessment: Assessment) -> Verdict:
    if not (verdict := _reviews(user, assessment)):
        return verdict
    if assessment.state == Assessment.State.REPORTING:
        return no(_("The self-assessment comes first."))
    return _in(assessment, Assessment.State.REVIEW)


def may_hand_in(user: Account, assessment: Assessment) -> Verdict:
    """Papers: the school while it reports, reviewers what they bring from a visit."""
    return may_report(user, assessment) if reports_on(user, assessment) else may_review(user, assessment)


def may_go_on(user: Account, assessment: Assessment) -> Verdict:
    if not (verdict := _reviews(user, assessment)):
        return verdict
    if not (verdict := _in(assessment, Assessment.State.REPORTING)):
        return verdict
    if timezone.localdate() <= assessment.report_due_on:
        return no(_("The school has time until %(day)s.") % {"day": assessment.report_due_on})
    return YES


def may_tell(user: Account, assessment: Assessment) -> Verdict:
    return may_review(user, assessment)


def may_appeal(user: Account, assessment: Assessment, today: dt.date) -> Verdict:
    if not reports_on(user, assessment):
        return no(_("Only the institution itself appeals against its result."))
    if not (verdict := _in(assessment, Assessment.State.FEEDBACK)):
        return verdict
    if assessment.appeal_until is None or today > assessment.appeal_until:
        return no(_("The days for an appeal are past."))
    return YES


def may_decide_appeal(user: Account, appeal: AssessmentAppeal) -> Verdict:
    """Somebody of the department who neither told the result nor judged what it is about."""
    assessment = appeal.result.assessment
    if not (verdict := _reviews(user, assessment)):
        return verdict
    if user.pk == appeal.result.by_id:
        return no(_("You told the result: somebody else must decide the appeal."))
    if assessment.judgements.filter(code=appeal.code, account=user).exists():
        return no(_("You judged this indicator: somebody else must decide the appeal."))
    return YES


def may_file(user: Account, assessment: Assessment, today: dt.date) -> Verdict:
    if not (verdict := _reviews(user, assessment)):
        return verdict
    if not (verdict := _in(assessment, Assessment.State.FEEDBACK)):
        return verdict
    if AssessmentAppeal.objects.filter(result__assessment=assessment, state=AssessmentAppeal.State.OPEN).exists():
        return no(_("An appeal waits for its decision."))
    if assessment.appeal_until and today <= assessment.appeal_until:
        return no(_("The school may appeal until %(day)s.") % {"day": assessment.appeal_until})
    return YES


def may_ask_improvement(user: Account, assessment: Assessment) -> Verdict:
    """Once a result was told: what is to be mended follows from it."""
    if not (verdict := _reviews(user, assessment)):
        return verdict
    return _in(assessment, Assessment.State.FEEDBACK, Assessment.State.FINAL)


def may_report_improvement(user: Account, improvement: Improvement) -> Verdict:
    if not _speaks_for(user, improvement.institution):
        return no(_("Only the institution itself says what it has mended."))
    return YES if improvement.state == Improvement.State.OPEN else no(_("This was reported already."))


def may_close_improvement(user: Account, improvement: Improvement) -> Verdict:
    if not (verdict := _reviews(user, improvement.assessment)):
        return verdict
    return YES if improvement.state == Improvement.State.DONE else no(_("The institution has not reported yet."))
