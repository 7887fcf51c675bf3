"""What must be made up, and what was let go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.columns import hours_column, state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import Refused
from zhixing.callups import actions, permissions, queries
from zhixing.callups.forms import NoteForm
from zhixing.callups.models import MakeUp
from zhixing.people.views.request import SignedInRequest

COLUMNS = (
    Column("person__name", gettext_lazy("full name"), sort="person__name"),
    Column("person__number", gettext_lazy("staff number"), sort="person__number"),
    Column("person__unit__name", gettext_lazy("unit"), sort="person__unit__path"),
    Column("missed__class_run__name", gettext_lazy("missed class run"), sort="missed__class_run__name"),
    hours_column("tenths", gettext_lazy("hours"), sort="tenths"),
    Column("cause", gettext_lazy("cause"), sort="cause", value=lambda m: m.get_cause_display()),
    Column("due_on", gettext_lazy("due on"), sort="due_on"),
    state_column(gettext_lazy("state")),
    Column("note", gettext_lazy("note")),
)


@require_GET
def make_ups(request: SignedInRequest) -> HttpResponse:
    user = request.user
    if not (user.is_department or user.is_auditor or user.is_liaison):
        raise Refused(_("This list is for the department and for liaisons. Your own duties are on your own page."))
    rows = queries.make_ups_of(user)
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="make-ups",
        label=_("Make-ups"),
        search=("person__name", "person__number", "missed__class_run__name"),
        search_label=_("Name, staff number or class run"),
        filters=(
            Filter("state", _("state"), MakeUp.State.choices),
            Filter("cause", _("cause"), MakeUp.Cause.choices),
        ),
        rows_template="callups/parts/make_up_rows.html",
        empty=Empty(
            _("Nothing is to be made up"),
            _("Approved leave and hours missed in class appear here, and the next run calls these people first."),
            icon="circle-check",
        ),
    )
    still = rows.filter(state=MakeUp.State.OPEN)
    context = {
        "open": still.count(),
        "late": still.filter(due_on__lt=timezone.localdate()).count(),
        "may_plan": permissions.may_plan(user),
        "create_url": reverse("callups:create"),
    }
    return listing.response("callups/make_ups.html", context)


@require_http_methods(["GET", "POST"])
def waive(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.make_up_for(request.user, pk)
    permissions.may_waive(request.user, found).require()
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.waive_make_up(found, form.cleaned_data["note"], request.user)
        messages.success(request, _("This need not be made up any more; the reason is kept."))
        return redirect("callups:make_ups")
    return render(request, "callups/waive.html", {"make_up": found, "form": form})
