"""Assessing: begun by the department, reported on by the school, judged by reviewers, told, appealed against, filed."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, proofs
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.indicators import Indicator, Kind, Object, score
from zhixing.evaluations import permissions, telling_assessed
from zhixing.evaluations.models import (
    Assessment,
    AssessmentAppeal,
    AssessmentResult,
    Judgement,
    Proof,
    SystemVersion,
)
from zhixing.evaluations.queries.facts import figures_of
from zhixing.evaluations.queries.standing import findings_of, given_under
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun

State = Assessment.State
APPEAL_DAYS: Final = 15


@transaction.atomic
def begin_assessment(
    version: SystemVersion, thing: Unit | ClassRun, year: int, *, title: str = "", report_due_on: dt.date, by: Account
) -> Assessment:
    """Ask an institution, or whoever held a class run, for its self-assessment. ``title``: of the course, the theme of the programme, or of the textbook
    of the institution that is assessed. Raises ``Invalid`` and ``Conflict``."""
    permissions.may_assess(by, thing).require()
    if version.state != SystemVersion.State.PUBLISHED:
        raise Invalid(_("Only a published system can be used: its weights must not move while it is used."))
    of, title = version.tree.of, written(title, Assessment.title.field)
    named = of in (Object.COURSE, Object.PROGRAMME, Object.TEXTBOOK)
    if (of is Object.CLASS_RUN) != isinstance(thing, ClassRun) or named != bool(title):
        raise Invalid(_("This system is not made for that."))
    if report_due_on < timezone.localdate():
        raise Invalid(_("The day for the self-assessment is past."))
    about = {"class_run": thing} if isinstance(thing, ClassRun) else {"institution": thing, "title": title}
    try:
        with transaction.atomic():
            made = Assessment.objects.create(
                version=version, year=year, report_due_on=report_due_on, by_id=by.pk, **about
            )
    except IntegrityError:
        raise Conflict(_("This was begun already.")) from None
    audit.record("evaluations.assessment_begun", made, by=by, year=year)
    telling_assessed.tell_begun(made)
    return made


@transaction.atomic
def judge(
    assessment: Assessment, code: str, percent: int, *, note: str = "", on_site: bool = False, by: Account
) -> Judgement:
    """Give an indicator so many percent of its points, or change what one gave. The school judges itself, reviewers judge the school."""
    assessment = _locked(assessment)
    by_school = permissions.reports_on(by, assessment)
    (permissions.may_report if by_school else permissions.may_review)(by, assessment).require()
    indicator = _judged(assessment, code)
    if not 0 <= percent <= 100:
        raise Invalid(_("A judgement is a percent from 0 to 100."))
    note = written(note, Judgement.note.field)
    if not by_school and percent < 60 and not note:
        raise Invalid(_("Less than 60 needs a word of why: the school will read it."))
    fields = {"percent": percent, "note": note, "on_site": on_site and indicator.on_site, "by_school": by_school}
    made, _new = Judgement.objects.update_or_create(assessment=assessment, code=code, account=by, defaults=fields)
    audit.record("evaluations.judged", assessment, by=by, indicator=code, percent=percent, by_school=by_school)
    return made


@transaction.atomic
def hand_in_proof(assessment: Assessment, code: str, title: str, upload: UploadedFile[Any], *, by: Account) -> Proof:
    """A paper for an indicator, while the school reports or the review goes on. Raises ``Invalid`` for what is no paper."""
    assessment = _locked(assessment)
    permissions.may_hand_in(by, assessment).require()
    _judged(assessment, code)
    title = written(title, Proof.title.field, missing=_("Say what this paper is."))
    made = Proof.objects.create(
        assessment=assessment, code=code, title=title, file=proofs.keep(upload, by=by), by_id=by.pk
    )
    audit.record("evaluations.proof_handed_in", assessment, by=by, indicator=code)
    return made


@transaction.atomic
def hand_in_report(assessment: Assessment, *, by: Account) -> None:
    """The school is done; what it lacks of proof is said by name. Raises ``Invalid``."""
    assessment = _locked(assessment)
    permissions.may_report(by, assessment).require()
    judged = set(assessment.judgements.filter(by_school=True).values_list("code", flat=True))
    proven = set(assessment.proofs.values_list("code", flat=True))
    for one in assessment.version.tree.indicators:
        if one.kind is Kind.JUDGED and one.code not in judged:
            raise Invalid(_("Still without a self-assessment: %(title)s") % {"title": one.title})
        if one.evidence and one.code not in proven:
            raise Invalid(_("Still without a paper that backs it: %(title)s") % {"title": one.title})
    _move(assessment, State.REVIEW)
    audit.record("evaluations.report_handed_in", assessment, by=by)
    telling_assessed.tell_reported(assessment)


@transaction.atomic
def go_on_without_report(assessment: Assessment, *, by: Account) -> None:
    """The department goes on once the day for the self-assessment is past."""
    assessment = _locked(assessment)
    permissions.may_go_on(by, assessment).require()
    _move(assessment, State.REVIEW)
    audit.record("evaluations.report_missed", assessment, by=by)


@transaction.atomic
def tell_result(assessment: Assessment, *, by: Account) -> AssessmentResult:
    """Reckon, keep and tell the result: from here on it never changes, a later one stands beside it."""
    assessment = _locked(assessment)
    permissions.may_tell(by, assessment).require()
    findings = findings_of(assessment, figures_of(assessment), given_under(assessment.version_id))
    found = score(assessment.version.tree, findings)
    _move(assessment, State.FEEDBACK, appeal_until=timezone.localdate() + dt.timedelta(days=APPEAL_DAYS))
    result = AssessmentResult.objects.create(
        assessment=assessment,
        number=assessment.results.count() + 1,
        findings={code: [str(one.share), one.half] for code, one in findings.items()},
        hundredths=round(100 * found.earned),
        low=round(100 * found.low),
        high=round(100 * found.high),
        level=found.level,
        by_id=by.pk,
    )
    audit.record("evaluations.result_told", assessment, by=by, number=result.number, hundredths=result.hundredths)
    telling_assessed.tell_result(assessment)
    return result


@transaction.atomic
def appeal_result(result: AssessmentResult, code: str, text: str, *, by: Account) -> AssessmentAppeal:
    """The school contests one indicator of the latest result. Raises ``Invalid`` and ``Conflict``."""
    assessment = _locked(result.assessment)
    permissions.may_appeal(by, assessment, timezone.localdate()).require()
    latest = assessment.latest
    if latest is None or latest.pk != result.pk:
        raise Conflict(_("A newer result was told a moment ago: look at that one."))
    if code not in {one.code for one in assessment.version.tree.indicators}:
        raise Invalid(_("This system has no such indicator."))
    text = written(text, AssessmentAppeal.text.field, missing=_("Say what is wrong, and by what it can be seen."))
    try:
        with transaction.atomic():
            made = AssessmentAppeal.objects.create(result=result, code=code, text=text, by_id=by.pk)
    except IntegrityError:
        raise Conflict(_("This indicator was appealed against already.")) from None
    audit.record("evaluations.result_appealed", assessment, by=by, indicator=code)
    telling_assessed.tell_appeal(made)
    return made


@transaction.atomic
def decide_appeal(appeal: AssessmentAppeal, *, uphold: bool, note: str, by: Account) -> None:
    """Upheld: the review is open again, for a new result beside the old one. Nobody decides about the own judgement; the reason is kept."""
    assessment = _locked(appeal.result.assessment)
    permissions.may_decide_appeal(by, appeal).require()
    note = written(note, AssessmentAppeal.note.field, missing=_("A decision needs its reason."))
    state = AssessmentAppeal.State.UPHELD if uphold else AssessmentAppeal.State.REFUSED
    still = AssessmentAppeal.objects.filter(pk=appeal.pk, state=AssessmentAppeal.State.OPEN)
    if not still.update(state=state, note=note, decided_by_id=by.pk, decided_at=timezone.now()):
        raise Conflict(_("Someone else decided this a moment ago."))
    if uphold and assessment.state == State.FEEDBACK:
        _move(assessment, State.REVIEW, appeal_until=None)
    audit.record("evaluations.result_appeal_decided", assessment, by=by, indicator=appeal.code, state=state)
    telling_assessed.tell_decided(assessment)


@transaction.atomic
def file_assessment(assessment: Assessment, *, by: Account) -> None:
    """Into the quality file: no appeal is open, and the days for one are past."""
    assessment = _locked(assessment)
    permissions.may_file(by, assessment, timezone.localdate()).require()
    _move(assessment, State.FINAL)
    audit.record("evaluations.assessment_filed", assessment, by=by)


def _locked(assessment: Assessment) -> Assessment:
    return Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)


def _move(assessment: Assessment, to: str, **fields: Any) -> None:
    """The row is locked: what was allowed a moment ago still is."""
    assessment.state = to
    for name, value in fields.items():
        setattr(assessment, name, value)
    assessment.save(update_fields=["state", *fields])


def _judged(assessment: Assessment, code: str) -> Indicator:
    for one in assessment.version.tree.indicators:
        if one.code == code and one.kind is Kind.JUDGED:
            return one
    raise Invalid(_("This indicator is not judged: its figure comes from the system."))
