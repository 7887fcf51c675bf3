"""Paper sheets: the rest of a survey goes on paper, is printed, typed in and imported."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.files import hand_out
from zhixing.evaluations import actions, papers, permissions, queries
from zhixing.evaluations.models import Survey
from zhixing.evaluations.survey_forms import PaperForm
from zhixing.people.views.request import SignedInRequest


def _on_paper(request: SignedInRequest, pk: int) -> tuple[Survey, list[str]]:
    """The survey, with the numbers that have not come back. Only for those who handle its paper."""
    survey = queries.survey_for(request.user, pk)
    permissions.may_import_paper(request.user, survey).require()
    return survey, list(survey.paper_numbers.filter(used=False).values_list("number", flat=True))


@require_POST
def go(request: SignedInRequest, pk: int) -> HttpResponse:
    made = actions.go_to_paper(queries.survey_for(request.user, pk), by=request.user)
    text = ngettext(
        "%(n)s numbered sheet is ready to be printed.", "%(n)s numbered sheets are ready to be printed.", made
    )
    messages.success(request, text % {"n": made})
    return redirect("evaluations:survey", pk)


@require_GET
def sheets(request: SignedInRequest, pk: int) -> HttpResponse:
    survey, numbers = _on_paper(request, pk)
    return hand_out(papers.sheets_pdf(survey, numbers), f"{survey.class_run.code}-纸质问卷.pdf", inline=True)


@require_GET
def workbook(request: SignedInRequest, pk: int) -> HttpResponse:
    survey, numbers = _on_paper(request, pk)
    return hand_out(papers.workbook(survey, numbers), f"{survey.class_run.code}-答卷录入.xlsx")


@require_http_methods(["GET", "POST"])
def bring_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Upload the workbook as it was typed; rows to mend are listed and nothing is taken until they are."""
    survey, numbers = _on_paper(request, pk)
    form = PaperForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        taken = actions.import_paper(survey, form.cleaned_data["sheet"], by=request.user)
        messages.success(request, ngettext("%(n)s sheet was taken.", "%(n)s sheets were taken.", taken) % {"n": taken})
        return redirect("evaluations:survey", pk)
    context = {"survey": survey, "form": form, "missing": len(numbers)}
    return render(request, "evaluations/bring_back.html", context, status=422 if form.errors else 200)
