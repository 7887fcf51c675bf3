"""Pages that all banks have alike: the overview, a list, one row, entering and retiring it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Empty, Listing
from zhixing.base.problems import NotFound
from zhixing.base.verdicts import Verdict
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.resources import actions, permissions
from zhixing.resources.models import Bank, Case, Kept
from zhixing.resources.queries.banks import bank_uses, may_read, row_for, rows_for
from zhixing.resources.used import with_uses
from zhixing.resources.views.deeds import deeds_of, steps_of
from zhixing.resources.views.shelves import SHELVES, Shelf, item_url

PARTS = {
    Bank.COURSES: "resources/parts/courses.html",
    Bank.TEXTBOOKS: "resources/parts/textbooks.html",
    Bank.PRACTICES: "resources/parts/practices.html",
}
"""What the page of a row shows beside its facts and texts."""
deed = require_http_methods(["GET", "POST"])


def list_url(bank: str) -> str:
    return reverse(f"resources:{bank}")


def crumbs_of(shelf: Shelf, row: Kept | None = None) -> Sequence[tuple[Any, str]]:
    """The way to a page about the bank, or about one row of it."""
    steps = [(_("Resource banks"), reverse("resources:banks")), (shelf.label, list_url(shelf.bank))]
    return [*steps, (str(row), item_url(shelf.bank, row.pk))] if row else steps


@require_GET
def banks(request: SignedInRequest) -> HttpResponse:
    """Each bank with how much of it is used."""
    if not may_read(request.user):
        raise NotFound
    year = timezone.localdate().year
    uses = bank_uses(request.user, year)
    rows = [
        {"use": one, "url": list_url(one.bank), "percent": round(100 * one.used / one.all) if one.all else None}
        for one in uses
    ]
    context = {
        "rows": rows,
        "year": year,
        "count": sum(one.all for one in uses),
        "may_map": not request.user.is_teacher,
    }
    return render(request, "resources/banks.html", context)


@require_GET
def shelf(request: SignedInRequest, bank: str) -> HttpResponse:
    user, found = request.user, SHELVES[bank]
    if not may_read(user):
        raise NotFound
    may_add = permissions.may_keep(user, user.scope_unit)
    rows = with_uses(rows_for(user, found.kind), bank, timezone.localdate().year).prefetch_related(*found.follow)
    listing = Listing(
        request,
        rows,
        found.columns,
        name=bank,
        label=found.label,
        search=found.search,
        search_label=_("Words of the row"),
        filters=found.filters,
        export=excel,
        empty=Empty(
            _("Nothing in this bank yet"),
            _("Enter the first row, or bring in a spreadsheet.") if may_add else "",
            reverse(f"resources:{bank}_add") if may_add else "",
            found.add if may_add else "",
            found.icon,
        ),
    )
    context = {
        "shelf": found,
        "may_add": may_add,
        "add_url": reverse(f"resources:{bank}_add"),
        "lists_url": reverse("resources:lists", args=[bank]),
    }
    return listing.response("resources/shelf.html", context)


@require_GET
def item(request: SignedInRequest, bank: str, pk: int) -> HttpResponse:
    user, found = request.user, SHELVES[bank]
    row: Any = row_for(user, found.kind, pk)
    uses = with_uses(found.kind._default_manager.filter(pk=pk), bank, timezone.localdate().year).get().uses
    facts = [*found.facts(row), (found.uses, uses)]
    if row.retired_on:
        facts.append((_("retired on"), row.retired_on))
    context = {
        "shelf": found,
        "row": row,
        "facts": facts,
        "texts": [(row._meta.get_field(name).verbose_name, getattr(row, name)) for name in found.texts],
        "crumbs": crumbs_of(found),
        "part": PARTS.get(Bank(bank), ""),
        "deeds": deeds_of(user, row),
        "steps": steps_of(row),
        "may_write": _may_write(request, row),
        "may_change": permissions.may_change(user, row),
        "urls": {name: reverse(f"resources:{bank}_{name}", args=[pk]) for name in ("edit", "retire", "back")},
    }
    return render(request, "resources/item.html", context)


def _may_write(request: SignedInRequest, row: Kept) -> Verdict:
    if isinstance(row, Case):
        return permissions.may_write(request.user, row)
    return permissions.may_change(request.user, row)


@deed
def edit(request: SignedInRequest, bank: str, pk: int | None = None) -> HttpResponse:
    """Enter a row, or change one."""
    user, found = request.user, SHELVES[bank]
    row = row_for(user, found.kind, pk) if pk else None
    new = {"institution": user.scope_unit_id if user.is_school else None}
    initial = found.form.initial_of(row) if row else new
    form = found.form(request.POST or None, user=user, row=row, initial=initial)

    def act() -> str:
        return found.url_of(found.save(form, user, row))

    return deed_page(
        request,
        form,
        act,
        verdict=_may_write(request, row) if row else permissions.may_keep(user, user.scope_unit),
        title=found.edit if row else found.add,
        button=_("Save"),
        back=found.url_of(row) if row else list_url(bank),
        crumbs=crumbs_of(found, row),
        done=_("The row is kept."),
    )


@require_POST
def retire(request: SignedInRequest, bank: str, pk: int) -> HttpResponse:
    row = row_for(request.user, SHELVES[bank].kind, pk)
    actions.retire_row(row, by=request.user)
    messages.success(request, _("%(name)s is retired: it can be chosen no more.") % {"name": row})
    return redirect(item_url(bank, pk))


@require_POST
def take_back(request: SignedInRequest, bank: str, pk: int) -> HttpResponse:
    row = row_for(request.user, SHELVES[bank].kind, pk)
    actions.take_row_back(row, by=request.user)
    messages.success(request, _("%(name)s can be chosen again.") % {"name": row})
    return redirect(item_url(bank, pk))
