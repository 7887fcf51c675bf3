"""Leave: the inbox, one leave with its ladder, asking."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.attendance import actions, permissions, queries, rules
from zhixing.attendance.forms import LeaveForm, NoteForm
from zhixing.attendance.models import Leave
from zhixing.base.columns import hours_column, state_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest

DECIDED = {"agree": True, "refuse": False}


def _waits_at(leave: Leave) -> str:
    approver = rules.in_force().approvers.get(getattr(leave, "waits_at", None) or "")
    return approver.title if approver and leave.state == Leave.State.ASKED else ""


COLUMNS = (
    Column(
        "callup__person__name",
        pgettext_lazy("person", "name"),
        sort="callup__person__name",
        link=lambda leave: reverse("attendance:leave", args=[leave.pk]),
    ),
    Column("callup__unit__name", gettext_lazy("unit"), sort="callup__unit__path"),
    Column("callup__class_run__name", gettext_lazy("class run"), sort="callup__class_run__name"),
    Column("reason", gettext_lazy("reason"), value=lambda leave: leave.get_reason_display()),
    Column("half_days", gettext_lazy("half days"), sort="half_days", numeric=True),
    hours_column("tenths", gettext_lazy("hours"), sort="tenths"),
    Column("at", gettext_lazy("asked at"), sort="at"),
    Column("waits_at", gettext_lazy("waits at"), value=_waits_at),
    state_column(gettext_lazy("state")),
)


@require_GET
def leaves(request: SignedInRequest) -> HttpResponse:
    """What waits for the user, else everything in scope."""
    waiting = queries.waiting_for(request.user)
    listing = Listing(
        request,
        queries.leaves_seen_by(request.user),
        COLUMNS,
        name="leaves",
        label=_("Leave"),
        search=("callup__person__name", "callup__person__number", "callup__class_run__name"),
        search_label=_("Name, staff number or class run"),
        filters=(
            Filter(
                "show",
                _("whose turn"),
                [("waiting", _("waiting for me"))],
                apply=lambda _all, _chosen: waiting,
            ),
            Filter("state", _("state"), Leave.State.choices),
        ),
        export=excel,
        empty=Empty(
            _("No leave has been asked for"),
            _("A trainee asks on the own attendance page; a class head asks on a trainee's behalf from the class run."),
            icon="calendar-time",
        ),
    )
    return listing.response("attendance/leaves.html", {"waiting": waiting.count()})


@require_GET
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.leave_for(request.user, pk)
    step = queries.current_step(found)
    context = {
        "leave": found,
        "callup": found.callup,
        "class_run": found.callup.class_run,
        "rows": found.half_day_rows.select_related("session"),
        "ladder": queries.ladder_of(found),
        "budget": queries.budget_of(found.callup),
        "may_decide": permissions.may_decide_leave(request.user, found, step),
        "may_end": permissions.may_end_leave(request.user, found),
        "form": NoteForm(),
    }
    return render(request, "attendance/leave.html", context)


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Decide the current step, cancel, or report back."""
    found = queries.leave_for(request.user, pk)
    if deed in DECIDED:
        note = request.POST.get("note", "")
        done = actions.decide_leave(found, agree=DECIDED[deed], note=note, by=request.user)
    elif deed == "cancel":
        done = actions.cancel_leave(found, by=request.user)
    elif deed == "back":
        done = actions.report_back(found, by=request.user)
    else:
        raise NotFound
    messages.success(request, _("This leave is now: %(state)s.") % {"state": done.get_state_display()})
    return redirect("attendance:leave", pk)


@require_http_methods(["GET", "POST"])
def ask(request: SignedInRequest, callup: int) -> HttpResponse:
    """Choose half days; the ladder and the budget are shown before anything is sent."""
    found = queries.callup_for(request.user, callup)
    permissions.may_ask_leave(request.user, found).require()
    sessions = queries.sessions_for_leave(found, timezone.now())
    form = LeaveForm(sessions, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = actions.ask_leave(
            found, form.chosen(), reason=data["reason"], text=data["text"], proof=data["proof"], by=request.user
        )
        messages.success(request, _("Asked. The first approver has been told."))
        return redirect("attendance:leave", made.pk)
    context = {
        "form": form,
        "callup": found,
        "class_run": found.class_run,
        "budget": queries.budget_of(found),
        "sessions": sessions,
        "rungs": queries.rungs(),
    }
    return render(request, "attendance/ask_leave.html", context, status=422 if form.errors else 200)
