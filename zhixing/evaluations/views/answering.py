"""The page behind a personal link, for phones first: no sign-in, one scroll, and what was filled in stays when something is missing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.link_codes import with_links
from zhixing.base.middleware import open_to_all
from zhixing.engine.questionnaires import check
from zhixing.evaluations import actions, asking, queries, tokens
from zhixing.people.views.request import SignedInRequest


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    """What waits for the own answer, each with its link and a code to go on with on the phone."""
    rows = with_links(request, "evaluations:answer", queries.asked_of(request.user, timezone.now()))
    return render(request, "evaluations/mine.html", {"rows": rows})


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the link may answer once; nobody is asked who they are."""
    now = timezone.now()
    survey = actions.survey_behind(token, now)
    fields = survey.fields
    given = {field.name: request.POST.getlist(field.name) for field in fields}
    sent = request.method == "POST"
    checked = check(fields, given)
    note = request.POST.get("opened", "")
    if sent and checked.answers and not checked.faults:
        actions.hand_in(token, given, note=note, now=now)
        return redirect("evaluations:thanks")
    faults = checked.faults if sent else ()
    form = survey.version.questionnaire
    parts = asking.parts_of(form, fields, survey.labels, given, faults)
    context = {
        "survey": survey,
        "form": form,
        "parts": parts,
        "wrong": [line for part in parts for question in part.questions for line in question.lines if line.wrong],
        "nothing": _("Nothing is filled in yet.") if sent and not checked.answers else "",
        "questions": asking.questions_in_words(parts),
        "minutes": asking.minutes_of(fields),
        "opened": note or tokens.opened(survey.pk, now),
    }
    return render(request, "evaluations/answer.html", context, status=422 if sent else 200)


@open_to_all
@require_GET
def thanks(request: HttpRequest) -> HttpResponse:
    """The sheet is in. Names no survey: reloading it does nothing."""
    return render(request, "evaluations/thanks.html")
