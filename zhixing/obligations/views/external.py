"""Outside training: the list of what was entered or reported, entering, deciding."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.columns import hours_column, state_column
from zhixing.base.files import hand_out_stored
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import ExternalForm, ReversalForm
from zhixing.obligations.models import ExternalTraining
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest

State = ExternalTraining.State


@require_GET
def external(request: SignedInRequest) -> HttpResponse:
    """Those of the scope; for a person the own ones."""
    permissions.may_see_external(request.user).require()
    trainings = ExternalTraining.objects.visible_to(request.user)
    may_enter = permissions.may_enter_external(request.user)
    listing = Listing(
        request,
        trainings.select_related("person__unit"),
        (
            Column(
                "title",
                _("course"),
                sort="title",
                link=lambda one: page_about("obligations:external_training", one.pk),
            ),
            Column("person__name", _("full name"), sort="person__name"),
            Column("person__unit__name", _("unit"), sort="person__unit__path"),
            Column("ended_on", _("ended"), sort="ended_on"),
            hours_column("tenths", _("hours"), sort="tenths"),
            Column("organiser", _("organiser"), sort="organiser"),
            Column("asked_at", _("entered at"), sort="asked_at"),
            state_column(_("state")),
        ),
        name="external",
        label=_("Outside training"),
        search=("title", "person__name", "person__number", "organiser"),
        filters=(Filter("state", _("state"), State.choices),),
        empty=Empty(
            _("No outside training yet"),
            _(
                "What people attend elsewhere, and what a record lacks, is entered here and counts once the department approves it."
            ),
            reverse("obligations:record_external") if may_enter else "",
            _("Enter a training"),
            "certificate",
        ),
    )
    context = {
        "waiting": trainings.filter(state=State.ASKED).count(),
        "may_enter": may_enter,
        "may_decide": request.user.is_department,
    }
    return listing.response("obligations/external.html", context)


@require_http_methods(["GET", "POST"])
def record_external(request: SignedInRequest) -> HttpResponse:
    permissions.may_enter_external(request.user).require()
    form = ExternalForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        initial={"number": request.GET.get("person", "")},
    )
    if request.method == "POST" and form.is_valid():
        made = actions.record_external(form.new_training(), request.user, form.cleaned_data["evidence"])
        messages.success(request, _("The training is entered; it counts once the department approves it."))
        return redirect("obligations:external_training", made.pk)
    context = {"form": form, "own": "number" not in form.fields}
    return render(request, "obligations/record_external.html", context, status=422 if form.is_bound else 200)


@require_GET
def external_training(request: SignedInRequest, pk: int) -> HttpResponse:
    training = _found(request, pk)
    context = {
        "training": training,
        "by": Account.objects.filter(pk=training.asked_by_id).first(),
        "decider": Account.objects.filter(pk=training.decided_by_id).first(),
        "may_decide": permissions.may_decide_external(request.user, training),
        "form": ReversalForm(),
    }
    return render(request, "obligations/external_training.html", context)


@require_GET
def evidence(request: SignedInRequest, pk: int) -> HttpResponse:
    training = _found(request, pk)
    if training.evidence is None:
        raise NotFound
    return hand_out_stored(training.evidence)


@require_POST
def decide(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Approve or refuse."""
    training = _found(request, pk)
    if deed == "approve":
        actions.approve_external(training, request.user)
        messages.success(request, _("The hours are in the ledger."))
    elif deed == "refuse":
        actions.refuse_external(training, request.POST.get("reason", ""), request.user)
        messages.success(request, _("The training is refused; whoever entered it is told."))
    else:
        raise NotFound
    return redirect("obligations:external_training", pk)


def _found(request: SignedInRequest, pk: int) -> ExternalTraining:
    permissions.may_see_external(request.user).require()
    rows = ExternalTraining.objects.visible_to(request.user)
    found = rows.select_related("person__unit", "evidence", "entry").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
