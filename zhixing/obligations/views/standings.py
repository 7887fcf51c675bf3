"""Where people stand: the board, the lists behind it, and one person's arithmetic."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.charts import Chart
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge, hours
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import MomentForm, ReversalForm
from zhixing.obligations.models import Entry, Standing
from zhixing.obligations.queries.board import STATES, Board, board_for, standings_in_scope
from zhixing.obligations.queries.explaining import explain_person, person_for
from zhixing.obligations.queries.policies import policy_in_force, rule_titles
from zhixing.people.actions import record_reading
from zhixing.people.models import Unit
from zhixing.people.views.request import SignedInRequest

UNITS_SHOWN = 20


@require_GET
def standings(request: SignedInRequest) -> HttpResponse:
    permissions.may_see_board(request.user).require()
    titles = rule_titles(policy_in_force(timezone.localdate()))
    units = Unit.objects.visible_to(request.user)
    listing = Listing(
        request,
        standings_in_scope(request.user),
        (
            Column("person__number", _("staff number"), sort="person__number"),
            Column(
                "person__name",
                _("full name"),
                sort="person__name",
                link=lambda s: reverse("obligations:standing", args=[s.person_id]),
            ),
            Column("person__unit__name", _("unit"), sort="person__unit__path"),
            Column("person__effective_rank", _("rank"), value=lambda s: s.person.effective_rank),
            Column("rule", _("rule"), sort="rule", value=lambda s: titles.get(s.rule, s.rule)),
            Column(
                "required_tenths",
                _("required"),
                sort="required_tenths",
                numeric=True,
                value=lambda s: s.required_tenths / 10,
                show=lambda s: hours(s.required_tenths),
            ),
            Column(
                "counted_tenths",
                _("counted"),
                sort="counted_tenths",
                numeric=True,
                value=lambda s: s.counted_tenths / 10,
                show=lambda s: hours(s.counted_tenths),
            ),
            Column(
                "missing_tenths",
                _("missing"),
                sort="missing_tenths",
                numeric=True,
                value=lambda s: s.missing_tenths / 10,
                show=lambda s: hours(s.missing_tenths),
            ),
            Column("window_closes", _("until"), sort="window_closes"),
            Column(
                "state",
                _("state"),
                sort="state",
                value=lambda s: s.get_state_display(),
                show=lambda s: badge(s.state, s.get_state_display()),
            ),
        ),
        name="standings",
        label=_("Standings"),
        search=("person__name", "person__number"),
        search_label=_("Name or staff number"),
        filters=(
            Filter("state", _("state"), Standing.State.choices),
            Filter("rule", _("rule"), list(titles.items())),
            Filter(
                "unit",
                _("unit"),
                [(str(u.pk), u.name) for u in units],
                apply=lambda rows, pk: rows.filter(person__unit__path__startswith=units.get(pk=pk).path),
            ),
        ),
        export=excel,
        empty=Empty(
            _("No standings yet"),
            _("Import a roster and sign a policy; then the hours owed are computed."),
            reverse("obligations:policies"),
            _("Policies"),
        ),
    )
    if request.headers.get("HX-Target") == listing.element_id or "export" in request.GET:
        return listing.response("obligations/standings.html")
    board = board_for(request.user, titles)
    context = {
        "board": board,
        "state_labels": [Standing.State(state).label for state in STATES],
        "tiles": [
            (state, Standing.State(state).label, board.states.get(state, 0))
            for state in ("overdue", "short", "on_track", "met", "exempt")
        ],
        "year_end": dt.date(timezone.localdate().year, 12, 31),
        "chart": _chart(board),
        "may_refresh": permissions.may_refresh(request.user),
        "is_stale": board.on is not None and board.on < timezone.localdate(),
    }
    return listing.response("obligations/standings.html", context)


def _chart(board: Board) -> Chart | None:
    """People who will be overdue, by unit; the largest numbers first."""
    rows = [row for row in board.units if row[2]][:UNITS_SHOWN]
    if len(rows) < 2:
        return None
    return Chart(
        _("Overdue at the end of the year if nothing is done, by unit"),
        [unit.name for unit, _people, _due in rows],
        {_("people"): [due for _unit, _people, due in rows]},
        unit=_("people"),
        horizontal=True,
        links=[f"{reverse('obligations:standings')}?unit={unit.pk}" for unit, _people, _due in rows],
    )


@require_GET
def standing(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person on any day, as known at the end of any day."""
    person = person_for(request.user, pk)
    record_reading(person, request.user, "standing")
    form = MomentForm({"on": timezone.localdate(), **request.GET.dict()})
    on, known_on = timezone.localdate(), None
    if form.is_valid():
        on, day = form.cleaned_data["on"], form.cleaned_data["known_on"]
        known_on = dt.datetime.combine(day, dt.time.max) if day else None
    return render(
        request,
        "obligations/standing.html",
        {
            "person": person,
            "own": person.pk == request.user.person_id,
            "explained": explain_person(person, on, known_on),
            "form": form,
            "may_post": permissions.may_exempt(request.user, person),
        },
        status=200 if form.is_valid() else 422,
    )


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    if not request.user.person_id:
        raise NotFound
    return redirect("obligations:standing", request.user.person_id)


@require_GET
def ledger(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every line of a person's ledger, reversed ones and reversals too."""
    person = person_for(request.user, pk)
    record_reading(person, request.user, "ledger")
    listing = Listing(
        request,
        person.entries.select_related("reversed_by", "reverses"),
        (
            Column("earned_on", _("earned on"), sort="earned_on"),
            Column("title", _("training"), sort="title"),
            Column("channel", _("form"), sort="channel", value=lambda e: e.get_channel_display()),
            Column(
                "tenths",
                _("hours"),
                sort="tenths",
                numeric=True,
                value=lambda e: -e.tenths / 10 if e.reverses_id else e.tenths / 10,
                show=lambda e: f"−{hours(e.tenths)}" if e.reverses_id else hours(e.tenths),
            ),
            Column("source_label", _("source")),
            Column("recorded_at", _("recorded at"), sort="recorded_at"),
            Column("reason", _("reason")),
            Column(
                "correct",
                _("correction"),
                value=lambda e: "",
                show=lambda e: _("cancelled") if hasattr(e, "reversed_by") else "",
                link=lambda e: _reversal_link(request, e),
            ),
        ),
        name=f"ledger-{person.number}",
        label=_("Hours ledger"),
        search=("title", "source"),
        export=excel,
    )
    return listing.response("obligations/ledger.html", {"person": person, "own": person.pk == request.user.person_id})


def _reversal_link(request: SignedInRequest, entry: Entry) -> str:
    if hasattr(entry, "reversed_by") or not permissions.may_reverse(request.user, entry):
        return ""
    return reverse("obligations:reverse", args=[entry.pk])


def reverse_entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel one line, with the reason."""
    entry = Entry.objects.visible_to(request.user).select_related("person").filter(pk=pk).first()
    if entry is None:
        raise NotFound
    permissions.may_reverse(request.user, entry).require()
    form = ReversalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.reverse_entry(entry, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("The entry is cancelled by a second one; both stay on record."))
        return redirect("obligations:ledger", entry.person_id)
    return render(
        request, "obligations/reverse.html", {"entry": entry, "form": form}, status=422 if form.errors else 200
    )


@require_POST
def refresh(request: SignedInRequest) -> HttpResponse:
    actions.ask_refresh(request.user)
    messages.info(request, _("The standings are being computed anew; this takes some seconds."))
    return redirect("obligations:standings")
