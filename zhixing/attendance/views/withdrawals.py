"""Withdrawals that the software proposes and a person of the department decides."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.attendance import actions, permissions, queries
from zhixing.attendance.forms import ReasonForm
from zhixing.attendance.models import Withdrawal
from zhixing.base.asked import either
from zhixing.base.columns import hours_column, state_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.people.views.request import SignedInRequest

COLUMNS = (
    Column(
        "callup__person__name",
        pgettext_lazy("person", "name"),
        sort="callup__person__name",
        link=lambda one: reverse("attendance:withdrawal", args=[one.pk]),
    ),
    Column("callup__unit__name", gettext_lazy("unit"), sort="callup__unit__path"),
    Column("callup__class_run__name", gettext_lazy("class run"), sort="callup__class_run__name"),
    Column("cause", gettext_lazy("cause"), sort="cause", value=lambda one: one.get_cause_display()),
    hours_column("leave_tenths", gettext_lazy("hours missed"), sort="leave_tenths"),
    hours_column("cap_tenths", gettext_lazy("cap")),
    Column("proposed_at", gettext_lazy("proposed at"), sort="proposed_at"),
    state_column(gettext_lazy("state")),
)


@require_GET
def withdrawals(request: SignedInRequest) -> HttpResponse:
    rows = queries.withdrawals_seen_by(request.user)
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="withdrawals",
        label=_("Withdrawals"),
        search=("callup__person__name", "callup__person__number", "callup__class_run__name"),
        search_label=_("Name, staff number or class run"),
        filters=(
            Filter("state", _("state"), Withdrawal.State.choices),
            Filter("cause", _("cause"), Withdrawal.Cause.choices),
        ),
        export=excel,
        empty=Empty(
            _("No withdrawal has been proposed"),
            _("One is proposed by itself when leave and absences pass the cap."),
            icon="user-check",
        ),
    )
    proposed = rows.filter(state=Withdrawal.State.PROPOSED).count()
    return listing.response("attendance/withdrawals.html", {"proposed": proposed})


@require_http_methods(["GET", "POST"])
def withdrawal(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was missed, half day by half day, and the decision."""
    found = queries.withdrawal_for(request.user, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirm = either(request.POST.get("decision", ""), "confirm", "dismiss")
        done = actions.decide_withdrawal(found, confirm=confirm, note=form.cleaned_data["note"], by=request.user)
        messages.success(request, _("Decided: %(state)s.") % {"state": done.get_state_display()})
        return redirect("attendance:withdrawal", pk)
    context = {
        "withdrawal": found,
        "callup": found.callup,
        "class_run": found.callup.class_run,
        "budget": queries.budget_of(found.callup),
        "missed": queries.missed_by(found.callup),
        "may_decide": permissions.may_decide_withdrawal(request.user, found),
        "form": form,
    }
    return render(request, "attendance/withdrawal.html", context, status=422 if form.errors else 200)
