"""Studies: planned with what they could see, and given their outcomes once."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, files, jobs
from zhixing.base.asked import written
from zhixing.base.models import Job, StoredFile
from zhixing.base.problems import Conflict, Invalid
from zhixing.base.sealed import seal_bytes, unseal_bytes
from zhixing.evaluations import rules, studying
from zhixing.evaluations.models import Study, StudyResult
from zhixing.evaluations.queries import studies as queries
from zhixing.people.models import Account

PURPOSE = b"study"


def smallest_of(study: Study) -> float:
    """The effect that would be seen in four of five cases, in standard deviations; infinite where nothing would."""
    from zhixing.engine.effects.detectable import Study as Plan
    from zhixing.engine.effects.detectable import smallest_effect

    return smallest_effect(Plan(study.called, study.compared, study.correlation, study.per_cluster, study.icc))


@transaction.atomic
def begin_study(study: Study, *, by: Account) -> Study:
    """Keep the plan (an unsaved ``Study``) with the smallest effect that it would see; nothing of it can be changed later. Raises ``Invalid``."""
    studying.may_begin_study(by).require()
    assert by.scope_unit is not None  # who may begin has a scope
    smallest = smallest_of(study)
    if not math.isfinite(smallest):
        raise Invalid(_("So few people would see no effect of any size: take more."))
    if study.design == Study.Design.COHORTS and study.source == Study.Source.HOURS:
        raise Invalid(_("Hours of the year after are compared by matching."))
    study.title = written(study.title, Study.title.field, missing=_("Say what is asked."))
    study.outcome = written(study.outcome, Study.outcome.field, missing=_("Say what the outcome is."))
    study.unit, study.by, study.smallest = by.scope_unit, by, smallest
    study.save(force_insert=True)
    audit.record("evaluations.study_begun", study, by=by)
    return study


@transaction.atomic
def bring_outcomes(study: Study, upload: UploadedFile[Any], *, by: Account) -> Job:
    """Read the sheet, so that everything wrong with it is told at once, and queue the work. The sheet lies sealed until then and goes afterwards.

    Raises ``Invalid``."""
    _hold(study, by)
    content, name = upload.read(), upload.name or "outcomes.xlsx"
    _read(study, content, name)
    stored = files.store(seal_bytes(content, PURPOSE), name, "outcomes", by=by)
    return _start(study, by, stored.pk)


@transaction.atomic
def read_outcomes(study: Study, *, by: Account) -> Job:
    """Queue the comparison of hours, once the year after the call is over. Raises ``Invalid``."""
    _hold(study, by)
    if study.source != Study.Source.HOURS or study.year is None:
        raise Invalid(_("The outcomes of this study come from a sheet."))
    if timezone.localdate().year <= study.year + 1:
        raise Invalid(_("The year after the call is not over yet: its hours are not known."))
    return _start(study, by, None)


def _hold(study: Study, by: Account) -> None:
    """Of two at once the second sees what the first did."""
    Study.objects.select_for_update(of=("self",), no_key=True).get(pk=study.pk)
    studying.may_bring_outcomes(by, study).require()


def _start(study: Study, by: Account, file_id: int | None) -> Job:
    job = jobs.start(
        studying.WORK,
        label=_("Study: %(title)s") % {"title": study.title},
        by=by,
        link=reverse("evaluations:study", args=[study.pk]),
        study_id=study.pk,
        file_id=file_id,
        by_id=by.pk,
    )
    audit.record("evaluations.study_outcomes_brought", study, by=by)
    return job


def _read(study: Study, content: bytes, name: str) -> Any:
    if study.design == Study.Design.COHORTS:
        return queries.panel_in(study, content, name)
    return queries.people_in(study, content, name)


def reckon_study(study_id: int, file_id: int | None, by_id: int) -> dict[str, Any]:
    """The work of the job: reckon, keep the result, and take the sheet away whatever comes of it."""
    study = Study.objects.select_related("unit").get(pk=study_id)
    stored = StoredFile.objects.get(pk=file_id) if file_id else None
    try:
        content = None
        if stored:
            with stored.content.open("rb") as sealed:
                content = unseal_bytes(sealed.read(), PURPOSE)
        digest = keep_result(study, content, stored.name if stored else "", by=Account.objects.get(pk=by_id))
    finally:
        if stored:
            files.destroy(stored)
    return {"digest": digest}


@transaction.atomic
def keep_result(study: Study, content: bytes | None, name: str, *, by: Account) -> str:
    """Reckon with a sheet of outcomes, or with the hours of the system where there is none. Returns the digest of the sheet, of which nothing else is kept.

    Raises ``Conflict`` where the study has its result, and ``Invalid``."""
    Study.objects.select_for_update(of=("self",), no_key=True).get(pk=study.pk)
    if StudyResult.objects.filter(study=study).exists():
        raise Conflict(_("The study has its result."))
    digest = hashlib.sha256(content).hexdigest() if content is not None else ""
    given = queries.people_by_hours(study) if content is None else _read(study, content, name)
    found = _cohorts(study, given) if study.design == Study.Design.COHORTS else _matched(study, given)
    StudyResult.objects.create(study=study, found=queries.plain(found), digest=digest, by=by)
    audit.record("evaluations.study_told", study, by=by)
    return digest


def _matched(study: Study, people: Any) -> dict[str, Any]:
    from zhixing.engine.effects.estimate import Verdict
    from zhixing.engine.effects.matching import match

    found = match(people, less_is_better=study.less_is_better)
    is_enough = min(found.matched, found.used) >= rules.in_force().least
    return {
        "verdict": str(found.verdict if is_enough else Verdict.TOO_FEW),
        "effect": _told(found.effect) if is_enough else None,
        "raw": found.raw,
        "called": found.called,
        "matched": found.matched,
        "used": found.used,
        "balance": [{"name": one.name, "before": one.before, "after": one.after} for one in found.balance],
    }


def _cohorts(study: Study, panel: Any) -> dict[str, Any]:
    from zhixing.engine.effects.cohorts import compare_cohorts

    found = compare_cohorts(panel, less_is_better=study.less_is_better)
    small = _small_times(panel, found)
    return {
        "verdict": str(found.verdict),
        "effect": _told(found.overall),
        "trend_p": found.trend_p,
        "dropped": list(found.dropped),
        "units": len(panel.first),
        "since": [
            {"after": one.after, "called": one.called, **(_told(one.estimate) or {}), "band": list(one.band)}
            for one in found.since
            if one.after not in small
        ],
    }


def _small_times(panel: Any, found: Any) -> set[int]:
    """Periods since the call in which so few had an outcome that no figure of them is kept."""
    place = {int(period): number for number, period in enumerate(panel.periods)}
    least = rules.in_force().least
    return {
        place[one.period] - int(panel.periods.searchsorted(one.cohort))
        for one in found.group_times
        if min(one.called, one.compared) < least
    }


def _told(estimate: Any) -> dict[str, float] | None:
    if estimate is None:
        return None
    return {
        "value": estimate.value,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "unseen": estimate.unseen,
        "freedom": estimate.freedom,
    }
