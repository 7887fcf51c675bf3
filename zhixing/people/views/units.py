"""Pages of the unit tree."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.verdicts import no
from zhixing.people import actions, permissions, queries
from zhixing.people.forms import CloseUnitForm, EditUnitForm, MoveForm, RenameForm, UnitForm, open_units
from zhixing.people.models import Account, Unit, UnitPlacement
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

SEARCH_MAX = 30
deed = require_http_methods(["GET", "POST"])


def unit_url(unit: Unit) -> str:
    return page_about("people:unit", unit.pk)


def people_url(unit: Unit) -> str:
    return f"{reverse('people:persons')}?unit={unit.pk}"


@require_GET
def units(request: SignedInRequest) -> HttpResponse:
    """The tree of today."""
    top = request.user.scope_unit
    counts = queries.Headcounts(top)
    listing = Listing(
        request,
        queries.units_for(request.user),
        _tree_columns(counts, top.level if top else 1),
        name="units",
        label=_("Units"),
        search=("name", "code"),
        search_label=_("Name or code"),
        filters=(
            Filter("kind", _("Kind"), Unit.Kind.choices),
            Filter(
                "state",
                _("State"),
                (("open", _("in use")), ("closed", _("closed"))),
                apply=lambda rows, chosen: rows.filter(closed_on__isnull=chosen == "open"),
            ),
        ),
        export=excel,
        empty=Empty(
            _("You see no units"), _("Your account has no scope. Ask a department administrator."), icon="sitemap"
        ),
    )
    context = {
        "top": top,
        "people": counts.below[top.path] if top else 0,
        "today": timezone.localdate(),
        "may_open": permissions.may_open_unit(request.user, top) if top else None,
    }
    return listing.response("people/units.html", context)


def _tree_columns(counts: queries.Headcounts, top_level: int) -> tuple[Column, ...]:
    def indented(unit: Unit) -> str:
        return "　" * (unit.level - top_level) + unit.name

    return (
        Column("name", _("Unit"), sort="name", show=indented, link=unit_url),
        Column("code", _("Code"), sort="code"),
        Column("kind", _("Kind"), sort="kind", value=lambda unit: Unit.Kind(unit.kind).label),
        Column("people", _("People here"), numeric=True, value=lambda unit: counts.own[unit.path], link=people_url),
        Column("below", _("With all below"), numeric=True, value=lambda unit: counts.below[unit.path], link=people_url),
        Column("closed_on", _("Closed on"), sort="closed_on"),
    )


@require_GET
def units_on(request: SignedInRequest, day: dt.date) -> HttpResponse:
    """What the units were called and where they hung on ``day``."""
    listing = Listing(
        request,
        queries.units_on(request.user, day),
        (
            Column("name", gettext_lazy("Name then"), sort="name"),
            Column("parent__name", gettext_lazy("Hung below (name now)"), sort="parent__name"),
            Column("unit__name", gettext_lazy("Name now"), sort="unit__name", link=lambda row: unit_url(row.unit)),
            Column("from_on", gettext_lazy("From"), sort="from_on"),
            Column("to_on", gettext_lazy("To"), sort="to_on"),
        ),
        name="units-then",
        label=_("Units"),
        search=("name", "unit__name"),
        search_label=_("Name"),
        export=excel,
    )
    return listing.response("people/units_on.html", {"day": day})


@require_GET
def unit_search(request: SignedInRequest) -> HttpResponse:
    """Choices for a unit picker: ``?q=`` part of a name or a code."""
    words = request.GET.get("q", "").strip()[:60]
    found = open_units(request.user)
    if words:
        found = found.filter(name__icontains=words) | found.filter(code__iexact=words)
    rows = [{"value": str(unit.pk), "label": unit.name} for unit in found[:SEARCH_MAX]]
    return JsonResponse(rows, safe=False)


@require_GET
def unit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One unit: who serves, what hangs below, what it was called."""
    found = queries.unit_for(request.user, pk)
    counts = queries.Headcounts(found)
    below = [(child, counts.below[child.path]) for child in queries.children(found)]
    context = {
        "unit": found,
        "chain": queries.chain(found, request.user),
        "own": counts.own[found.path],
        "total": counts.below[found.path],
        "children": below,
        "history": [_event(placement) for placement in found.placements.select_related("parent").order_by("-from_on")],
        "people_url": people_url(found),
        **_verdicts(request.user, found),
    }
    return render(request, "people/unit.html", context)


def _verdicts(user: Account, found: Unit) -> dict[str, Any]:
    return {
        "may_open": permissions.may_open_unit(user, found),
        "may_change": permissions.may_change_unit(user, found),
        "may_move": permissions.may_move_unit(user, found),
        "may_close": permissions.may_close_unit(user, found),
        "may_import": permissions.may_import(user, found),
        "may_export": permissions.may_export(user, found),
    }


def _event(placement: UnitPlacement) -> dict[str, Any]:
    until = placement.to_on.isoformat() if placement.to_on else _("until now")
    return {
        "title": placement.name,
        "at": f"{placement.from_on.isoformat()} – {until}",
        "text": _("below %(unit)s") % {"unit": placement.parent} if placement.parent else "",
        "tone": "" if placement.to_on else "good",
    }


@deed
def open_unit(request: SignedInRequest) -> HttpResponse:
    """Open a unit below another one (``?below=``)."""
    initial = {"parent": request.GET.get("below") or request.user.scope_unit_id}
    form = UnitForm(request.POST or None, user=request.user, initial=initial)

    def act() -> str:
        data = form.cleaned_data
        return unit_url(
            actions.create_unit(
                data["parent"],
                data["name"],
                data["kind"],
                code=data["code"],
                by=request.user,
                opened_on=data["opened_on"],
            )
        )

    url = reverse("people:units")
    top = request.user.scope_unit
    verdict = permissions.may_open_unit(request.user, top) if top else no(permissions.OUTSIDE)
    return deed_page(
        request,
        form,
        act,
        verdict=verdict,
        title=_("Open a unit"),
        button=_("Open the unit"),
        back=url,
        crumbs=[(_("Units"), url)],
    )


@deed
def rename_unit(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.unit_for(request.user, pk)
    form = RenameForm(request.POST or None, initial={"name": found.name})

    def act() -> str:
        actions.rename_unit(found, form.cleaned_data["name"], from_on=form.cleaned_data["from_on"], by=request.user)
        return unit_url(found)

    return _deed_on(
        request,
        found,
        form,
        act,
        verdict=permissions.may_change_unit(request.user, found),
        title=_("Rename the unit"),
        button=_("Rename the unit"),
    )


@deed
def move_unit(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.unit_for(request.user, pk)
    form = MoveForm(request.POST or None, user=request.user, initial={"parent": found.parent_id})

    def act() -> str:
        actions.move_unit(found, form.cleaned_data["parent"], from_on=form.cleaned_data["from_on"], by=request.user)
        return unit_url(found)

    lead = _("Everything below it comes along; liaisons see what lies below their own unit.")
    return _deed_on(
        request,
        found,
        form,
        act,
        verdict=permissions.may_move_unit(request.user, found),
        title=_("Move the unit"),
        button=_("Move the unit"),
        lead=lead,
    )


@deed
def close_unit(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.unit_for(request.user, pk)
    form = CloseUnitForm(request.POST or None)

    def act() -> str:
        actions.close_unit(found, on=form.cleaned_data["on"], by=request.user)
        return unit_url(found)

    return _deed_on(
        request,
        found,
        form,
        act,
        verdict=permissions.may_close_unit(request.user, found),
        title=_("Close the unit"),
        button=_("Close the unit"),
        danger=True,
    )


@deed
def edit_unit(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.unit_for(request.user, pk)
    initial = {"kind": found.kind, "position": found.position, "away_max": found.away_max}
    form = EditUnitForm(request.POST or None, initial=initial)

    def act() -> str:
        actions.edit_unit(found, by=request.user, **form.cleaned_data)
        return unit_url(found)

    return _deed_on(
        request,
        found,
        form,
        act,
        verdict=permissions.may_change_unit(request.user, found),
        title=_("Edit the unit"),
        button=_("Save"),
    )


def _deed_on(request: SignedInRequest, found: Unit, form: Any, act: Any, **words: Any) -> HttpResponse:
    crumbs = [(_("Units"), reverse("people:units")), (found.name, unit_url(found))]
    return deed_page(request, form, act, back=unit_url(found), crumbs=crumbs, **words)
