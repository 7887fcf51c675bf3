"""A running search as its page shows it: the list so far, and when it ends the page itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.templatetags.pages import number
from zhixing.callups import permissions, queries, sentences
from zhixing.callups.models import CallupRun
from zhixing.people.views.request import SignedInRequest


@require_GET
def live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The card of the search, for htmx, which is told to load the page anew once the search has ended; opened directly, the run."""
    found = queries.run_for(request.user, pk)
    if not request.htmx:
        return redirect("callups:run", pk)
    if found.state != CallupRun.State.SOLVING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"run": found, "live": so_far(found), "may_stop": permissions.may_stop(request.user, found)}
    return render(request, "callups/parts/live.html", context)


def so_far(run: CallupRun) -> dict[str, Any]:
    """What the search has come to; dashes until there is a first list."""
    if run.state != CallupRun.State.SOLVING or run.job is None:
        return {}
    known = run.job.result
    seats = queries.count_run(run).seats
    seconds = int((timezone.now() - run.job.created_at).total_seconds())
    return {
        "has_list": bool(known),
        "seats": number(known["seats"]) if known else "—",
        "seats_of": _("of %(seats)s") % {"seats": number(seats)},
        "gap": sentences.gap(known) or "—",
        "gap_note": _("proven: no list can be better by more") if known else _("no list yet"),
        "time": _("%(seconds)s s") % {"seconds": number(seconds)},
        "time_of": _("the search may take %(seconds)s s") % {"seconds": number(run.seconds)},
    }
