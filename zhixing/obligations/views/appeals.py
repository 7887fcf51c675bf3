"""Appeals about the ledger: made from a line of it, listed, decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.asked import either
from zhixing.base.columns import hours_column, state_column
from zhixing.base.files import hand_out_stored
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import EntryAppealForm, ReversalForm
from zhixing.obligations.models import Entry, EntryAppeal
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest

State = EntryAppeal.State


@require_http_methods(["GET", "POST"])
def make(request: SignedInRequest, pk: int) -> HttpResponse:
    """The person says what the entry should hold, and why."""
    entry = Entry.objects.visible_to(request.user).select_related("person__unit").filter(pk=pk).first()
    if entry is None:
        raise NotFound
    permissions.may_appeal_entry(request.user, entry).require()
    form = EntryAppealForm(request.POST or None, request.FILES or None, initial={"hours": entry.tenths / 10})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        tenths = int(data["hours"] * 10)
        made = actions.appeal_entry(entry, tenths, text=data["text"], evidence=data["evidence"], by=request.user)
        messages.success(request, _("Your appeal is made. You will be told how it is decided."))
        return redirect("obligations:entry_appeal", made.pk)
    context = {"entry": entry, "form": form}
    return render(request, "obligations/appeal_entry.html", context, status=422 if form.errors else 200)


@require_GET
def appeals(request: SignedInRequest) -> HttpResponse:
    """Those of the scope; for a person the own ones."""
    permissions.may_see_entry_appeals(request.user).require()
    rows = EntryAppeal.objects.visible_to(request.user)
    listing = Listing(
        request,
        rows.select_related("person__unit", "entry"),
        (
            Column(
                "entry__title",
                _("training"),
                sort="entry__title",
                link=lambda one: page_about("obligations:entry_appeal", one.pk),
            ),
            Column("person__name", _("full name"), sort="person__name"),
            Column("person__unit__name", _("unit"), sort="person__unit__path"),
            Column("entry__earned_on", _("earned on"), sort="entry__earned_on"),
            hours_column("booked", _("booked"), lambda one: one.entry.tenths),
            hours_column("claims_tenths", _("should be")),
            Column("at", _("made at"), sort="at"),
            state_column(_("state")),
        ),
        name="entry-appeals",
        label=_("Appeals about hours"),
        search=("entry__title", "person__name", "person__number"),
        search_label=_("Name, staff number or training"),
        filters=(Filter("state", _("state"), State.choices),),
        empty=Empty(
            _("No appeals about hours"),
            _("Everyone can appeal against a line of the own hours ledger, with evidence."),
            icon="scale",
        ),
    )
    return listing.response("obligations/entry_appeals.html", {"open": rows.filter(state=State.OPEN).count()})


@require_http_methods(["GET", "POST"])
def appeal(request: SignedInRequest, pk: int) -> HttpResponse:
    """One appeal: what is booked, what the person says, the evidence, the decision and both versions."""
    found = _found(request, pk)
    form = ReversalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        uphold = either(request.POST.get("decision", ""), "uphold", "dismiss")
        actions.decide_entry_appeal(found, uphold=uphold, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("Decided: %(state)s.") % {"state": found.get_state_display()})
        return redirect("obligations:entry_appeal", pk)
    context = {
        "appeal": found,
        "entry": found.entry,
        "decider": Account.objects.filter(pk=found.decided_by_id).first(),
        "reversal": Entry.objects.filter(reverses=found.entry_id).first(),
        "may_decide": permissions.may_decide_entry_appeal(request.user, found),
        "form": form,
    }
    return render(request, "obligations/entry_appeal.html", context, status=422 if form.errors else 200)


@require_GET
def evidence(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if found.evidence is None:
        raise NotFound
    return hand_out_stored(found.evidence)


def _found(request: SignedInRequest, pk: int) -> EntryAppeal:
    permissions.may_see_entry_appeals(request.user).require()
    rows = EntryAppeal.objects.visible_to(request.user).select_related(
        "person__unit", "entry", "evidence", "correction"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
