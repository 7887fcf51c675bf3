"""One person's hours ledger, and cancelling a line of it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import MergeForm, ReversalForm
from zhixing.obligations.models import Channel, Entry, EntryAppeal
from zhixing.people.actions import record_reading
from zhixing.people.queries import person_for
from zhixing.people.views.request import SignedInRequest


@require_GET
def ledger(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every line of a person's ledger, cancelled ones and what cancels them too."""
    person = person_for(request.user, pk)
    record_reading(person, request.user, "ledger")
    listing = Listing(
        request,
        person.entries.select_related("reversed_by", "reverses", "person__unit").annotate(
            appeal=Subquery(EntryAppeal.objects.filter(entry=OuterRef("pk")).order_by("-pk").values("pk")[:1]),
            contested=Exists(EntryAppeal.objects.filter(entry=OuterRef("pk"), state=EntryAppeal.State.OPEN)),
        ),
        (
            Column("earned_on", _("earned on"), sort="earned_on"),
            Column("title", _("training"), sort="title"),
            Column("channel", _("form"), sort="channel", value=lambda entry: entry.get_channel_display()),
            Column("tenths", _("hours"), sort="tenths", numeric=True, value=lambda entry: entry.signed_tenths / 10),
            Column("result", _("result"), value=lambda entry: entry.get_result_display()),
            Column("source_label", _("source")),
            Column("recorded_at", _("recorded at"), sort="recorded_at"),
            Column("reason", _("reason")),
        ),
        name="ledger",
        label=_("Hours ledger"),
        search=("title", "organiser", "institution", "certificate"),
        search_label=_("Training, organiser or certificate"),
        filters=(Filter("channel", _("form"), Channel.choices),),
        rows_template="obligations/ledger_rows.html",
        empty=Empty(
            _("Nothing is booked yet"),
            _("Hours come from registers, from imported history and from approved outside training."),
            icon="book",
        ),
    )
    context = {
        "person": person,
        "own": person.pk == request.user.person_id,
        "may_record_external": permissions.may_record_external(request.user, person),
        "may_reverse": permissions.may_exempt(request.user, person),
        "may_merge": permissions.may_merge_ledgers(request.user, person),
    }
    return listing.response("obligations/ledger.html", context)


@require_http_methods(["GET", "POST"])
def reverse_entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel one line, with the reason."""
    entry = Entry.objects.visible_to(request.user).select_related("person__unit").filter(pk=pk).first()
    if entry is None:
        raise NotFound
    permissions.may_reverse(request.user, entry).require()
    form = ReversalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.reverse_entry(entry, form.cleaned_data["reason"], request.user)
        messages.success(request, _("The entry is cancelled by a second one; both stay on record."))
        return redirect(reverse("obligations:ledger", args=(entry.person_id,)))
    return render(
        request, "obligations/reverse.html", {"entry": entry, "form": form}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the hours of a person on record twice to the one who stays."""
    person = person_for(request.user, pk)
    permissions.may_merge_ledgers(request.user, person).require()
    form = MergeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.merge_ledgers(person, form.person, form.cleaned_data["reason"], request.user)
        messages.success(
            request, _("The hours are booked for the other person; the old lines are cancelled and stay on record.")
        )
        return redirect(reverse("obligations:ledger", args=(form.person.pk,)))
    context = {"person": person, "form": form}
    return render(request, "obligations/merge.html", context, status=422 if form.errors else 200)
