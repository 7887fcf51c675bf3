"""The report of a class run, as PDF in the browser and as Word."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from zhixing.base.files import hand_out
from zhixing.base.problems import NotFound
from zhixing.evaluations.papers.report import report_pdf, report_word
from zhixing.evaluations.queries.report import report_of
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.queries import class_run_for


@require_GET
def report(request: SignedInRequest, pk: int, form: str) -> HttpResponse:
    """``pdf``, or ``docx``."""
    if form not in ("pdf", "docx"):
        raise NotFound
    class_run = class_run_for(request.user, pk)
    found, on = report_of(request.user, class_run), timezone.localdate()
    made = report_pdf(found, on) if form == "pdf" else report_word(found, on)
    return hand_out(made, f"{class_run.code}-班次质量评估报告.{form}", inline=form == "pdf")
