"""The page behind a personal link, for phones first: no sign-in, one scroll, only the competencies of that post."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.link_codes import with_links
from zhixing.base.middleware import open_to_all
from zhixing.base.problems import Invalid
from zhixing.needs import queries
from zhixing.needs.actions import answering
from zhixing.needs.models import CompetencyLevel, NeedsText, NeedsTicket
from zhixing.needs.wants import TOPICS_MOST
from zhixing.people.views.request import SignedInRequest
from zhixing.resources.models import Method

SECONDS_A_MARK = 5
SECONDS_WANTED = 30
"""For topics, methods and a line of text."""


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    """What waits for the own answer, each with its link and a code to go on with on the phone."""
    rows = with_links(request, "needs:answer", queries.asked_of(request.user, timezone.now()))
    return render(request, "needs/mine.html", {"rows": rows})


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the link may answer once; nobody is asked who they are. What the own marks say is shown once, and kept nowhere."""
    now = timezone.now()
    ticket = answering.ticket_behind(token, now)
    wrong = ""
    if request.method == "POST":
        given = {name: request.POST.getlist(name) for name in request.POST}
        try:
            gaps = answering.hand_in(token, given, now=now)
        except Invalid as problem:
            wrong = str(problem.message)
        else:
            speaks_of_self = ticket.survey.who == ticket.survey.Who.SELF
            left_open = len(ticket.levels) - answering.read_sheet(ticket, given).items
            return render(
                request, "needs/thanks.html", {"gaps": gaps if speaks_of_self else [], "left_open": left_open}
            )
    context = sheet_context(ticket, request.POST)
    return render(request, "needs/answer.html", {**context, "wrong": wrong}, status=422 if wrong else 200)


def sheet_context(ticket: NeedsTicket, given: Any) -> dict[str, Any]:
    """Questions with what was ticked already."""
    asked = answering.asked_of(ticket)
    described: dict[int, list[Any]] = {one.pk: [] for one in asked}
    for level in CompetencyLevel.objects.filter(competency__in=asked).order_by("level"):
        described[level.competency_id].append(level)
    questions = [
        {
            "competency": one,
            "levels": described[one.pk],
            "importance": given.get(f"i-{one.pk}", ""),
            "present": given.get(f"p-{one.pk}", ""),
        }
        for one in asked
    ]
    marks = [str(mark) for mark in answering.MARKS]
    return {
        "survey": ticket.survey,
        "about": ticket.survey.get_who_display(),
        "unit": ticket.stratum.unit,
        "of_unit": ticket.survey.who == ticket.survey.Who.UNIT,
        "of_self": ticket.survey.who == ticket.survey.Who.SELF,
        "questions": questions,
        "marks": marks,
        "minutes": math.ceil((len(asked) * 2 * SECONDS_A_MARK + SECONDS_WANTED) / 60),
        "methods": Method.choices,
        "ticked": {
            "methods": given.getlist("method") if given else [],
            "topics": given.getlist("topic") if given else [],
        },
        "topics_most": TOPICS_MOST,
        "text": given.get("text", ""),
        "text_most": NeedsText._meta.get_field("text").max_length,
    }
