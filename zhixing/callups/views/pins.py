"""The planner's own decisions about single people: made, taken back, listed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import Invalid, NotFound
from zhixing.callups import actions, queries, sentences
from zhixing.callups.forms import PinForm, UnpinForm
from zhixing.callups.models import CallupRun
from zhixing.callups.views.runs import run_context, run_tabs
from zhixing.people.queries import person_for
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun


@require_POST
def pin(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    """Take a person out, or put one in; each with its reason."""
    found = queries.run_for(request.user, pk)
    class_run = queries.class_run_of(found, class_run_pk)
    form = PinForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose a person and give the reason."))
    person = person_for(request.user, form.cleaned_data["person"])
    chosen = form.cleaned_data["chosen"]
    obstacle = actions.pin_pair(
        found, person, class_run, chosen=chosen, reason=form.cleaned_data["reason"], by=request.user
    )
    if obstacle is not None:
        text = _("%(name)s is noted, but not on the list yet: %(reason)s Solve again to build the list around it.")
        messages.warning(request, text % {"name": person.name, "reason": sentences.obstacle_sentence(obstacle)})
    else:
        text = _("%(name)s is on the list.") if chosen else _("%(name)s is off the list.")
        messages.success(request, text % {"name": person.name})
    return _back(request, found, class_run)


@require_POST
def unpin(request: SignedInRequest, pk: int, class_run_pk: int) -> HttpResponse:
    """Take a decision back; once more changes nothing."""
    found = queries.run_for(request.user, pk)
    class_run = queries.class_run_of(found, class_run_pk)
    form = UnpinForm(request.POST)
    if not form.is_valid():
        raise NotFound
    person = person_for(request.user, form.cleaned_data["person"])
    obstacle = actions.unpin_pair(found, person, class_run, by=request.user)
    restored = found.pins.filter(person=person, class_run=class_run).exists()
    if obstacle is None:
        text = _("The decision about %(name)s is taken back: the search decides.")
        if restored:
            text = _("The decision about %(name)s is taken back: the earlier one stands again.")
        messages.success(request, text % {"name": person.name})
    else:
        text = _("The decision about %(name)s is taken back, but the seat is given: %(reason)s Solve again.")
        messages.warning(request, text % {"name": person.name, "reason": sentences.obstacle_sentence(obstacle)})
    return _back(request, found, class_run)


def _back(request: SignedInRequest, found: CallupRun, class_run: ClassRun) -> HttpResponse:
    """To the page of ours on which the decision was made; else to the list of the class run."""
    asked = request.POST.get("back", "")
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return redirect(asked)
    return redirect("callups:class_list", found.pk, class_run.pk)


@require_GET
def pins(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    listing = Listing(
        request,
        found.pins.select_related("person", "person__unit", "class_run"),
        (
            Column("person__name", _("full name"), sort="person__name"),
            Column("person__unit__name", _("unit"), sort="person__unit__path"),
            Column("class_run__name", _("class run"), sort="class_run__name"),
            Column("chosen", _("decision"), value=lambda p: _("on the list") if p.chosen else _("not on the list")),
            Column("reason", _("reason")),
            Column("at", _("decided at"), sort="at"),
        ),
        name="pins",
        label=_("Decided by hand"),
        search=("person__name", "class_run__name", "reason"),
        filters=(Filter("chosen", _("decision"), (("1", _("on the list")), ("0", _("not on the list")))),),
        rows_template="callups/parts/pin_rows.html",
        empty=Empty(
            _("Nothing is decided by hand"),
            _("Take people out or put them in on the list of a class run; such decisions hold when you solve again."),
            reverse("callups:board", args=[found.pk]),
            _("Open the board"),
            icon="pin",
        ),
    )
    context = run_context(request.user, found) | {"tabs": run_tabs(found, "pins")}
    return listing.response("callups/pins.html", context)
