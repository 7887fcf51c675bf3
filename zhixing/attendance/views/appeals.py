"""Appeals: made by the trainee, decided by a named person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.attendance import actions, permissions, queries
from zhixing.attendance.forms import AppealForm, ReasonForm
from zhixing.attendance.models import Appeal
from zhixing.base.asked import either
from zhixing.base.columns import state_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.people.views.request import SignedInRequest

COLUMNS = (
    Column(
        "mark__callup__person__name",
        pgettext_lazy("person", "name"),
        sort="mark__callup__person__name",
        link=lambda one: reverse("attendance:appeal", args=[one.pk]),
    ),
    Column("mark__callup__unit__name", gettext_lazy("unit"), sort="mark__callup__unit__path"),
    Column("mark__register__session__class_run__name", gettext_lazy("class run")),
    Column("mark__register__session__on", gettext_lazy("day"), sort="mark__register__session__on"),
    Column("mark__status", gettext_lazy("marked as"), value=lambda one: one.mark.get_status_display()),
    Column("claims", gettext_lazy("should say"), value=lambda one: one.get_claims_display()),
    Column("at", gettext_lazy("made at"), sort="at"),
    state_column(gettext_lazy("state")),
)


@require_GET
def appeals(request: SignedInRequest) -> HttpResponse:
    rows = queries.appeals_seen_by(request.user)
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="appeals",
        label=_("Appeals"),
        search=("mark__callup__person__name", "mark__callup__person__number"),
        search_label=_("Name or staff number"),
        filters=(Filter("state", _("state"), Appeal.State.choices),),
        export=excel,
        empty=Empty(
            _("No appeals"), _("A trainee appeals against a mark on the own attendance page."), icon="message-report"
        ),
    )
    return listing.response("attendance/appeals.html", {"open": rows.filter(state=Appeal.State.OPEN).count()})


@require_http_methods(["GET", "POST"])
def appeal(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.appeal_for(request.user, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        uphold = either(request.POST.get("decision", ""), "uphold", "dismiss")
        done = actions.decide_appeal(found, uphold=uphold, note=form.cleaned_data["note"], by=request.user)
        messages.success(request, _("Decided: %(state)s.") % {"state": done.get_state_display()})
        return redirect("attendance:appeal", pk)
    context = {
        "appeal": found,
        "mark": found.mark,
        "session": found.mark.register.session,
        "class_run": found.mark.register.session.class_run,
        "deeds": queries.trail_of(found.mark),
        "may_decide": permissions.may_decide_appeal(request.user, found),
        "form": form,
    }
    return render(request, "attendance/appeal.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def make(request: SignedInRequest, pk: int) -> HttpResponse:
    """The trainee says what the mark should be, and why."""
    mark = queries.mark_for(request.user, pk)
    permissions.may_appeal(request.user, mark, timezone.now()).require()
    form = AppealForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.appeal(mark, data["claims"], text=data["text"], proof=data["proof"], by=request.user)
        messages.success(request, _("Your appeal is made. You will be told how it is decided."))
        return redirect("attendance:mine")
    context = {
        "mark": mark,
        "session": mark.register.session,
        "class_run": mark.register.session.class_run,
        "deeds": queries.trail_of(mark),
        "form": form,
    }
    return render(request, "attendance/make_appeal.html", context, status=422 if form.errors else 200)
