"""Stock of an institution, what a class run hands out, and the tick list of one title."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhixing.base.asked import whole_numbers
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.callups.models import Callup
from zhixing.classwork import actions, permissions, queries
from zhixing.classwork.forms import HandoutForm, MaterialForm, StockForm
from zhixing.classwork.models import Handout, Issue, Material
from zhixing.people.models import Unit
from zhixing.people.views.request import SignedInRequest


@require_http_methods(["GET", "POST"])
def materials(request: SignedInRequest) -> HttpResponse:
    """The stock in scope; posting enters a title."""
    user = request.user
    if not (user.is_department or user.is_auditor or user.is_school):
        raise NotFound
    schools = Unit.objects.visible_to(user).filter(kind=Unit.Kind.SCHOOL, closed_on=None)
    may_keep = permissions.may_keep_stock(user, user.scope_unit)
    form = MaterialForm(request.POST or None, schools=schools)
    if request.method == "POST" and form.is_valid():
        kept = actions.keep_material(by=user, **form.cleaned_data)
        messages.success(request, _("“%(name)s” is kept.") % {"name": kept})
        return redirect("classwork:materials")
    listing = Listing(
        request,
        queries.materials_of(user),
        (
            Column("name", _("title"), sort="name", link=lambda m: page_about("classwork:material", m.pk)),
            Column("edition", _("edition"), sort="edition"),
            Column("institution__name", _("training institution"), sort="institution__path"),
            Column("stock", _("in stock"), sort="stock", numeric=True),
            Column("out", _("handed out"), sort="out", numeric=True),
        ),
        name="materials",
        label=_("Materials"),
        search=("name", "edition", "institution__name"),
        search_label=_("Title or institution"),
        export=excel,
        empty=Empty(
            _("No materials yet"), _("Enter the titles that classes hand out, with their copies."), icon="book"
        ),
    )
    context = {"form": form if may_keep else None}
    return listing.response("classwork/materials.html", context)


@require_http_methods(["GET", "POST"])
def material(request: SignedInRequest, pk: int) -> HttpResponse:
    """One title: its stock, and which class runs hand it out; posting moves copies."""
    found = queries.material_for(request.user, pk)
    may_keep = permissions.may_keep_stock(request.user, found.institution)
    form = StockForm(request.POST or None)
    if request.method == "POST":
        may_keep.require()
        if form.is_valid():
            stock = actions.move_stock(found, form.cleaned_data["copies"], form.cleaned_data["reason"], by=request.user)
            messages.success(request, _("%(stock)d copies are in stock now.") % {"stock": stock})
            return redirect("classwork:material", pk)
    used = Handout.objects.visible_to(request.user).filter(material=found).select_related("class_run")
    context = {
        "material": found,
        "form": form if may_keep else None,
        "used": used.order_by("-class_run__starts_on")[:30],
    }
    return render(request, "classwork/material.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def handouts(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a class run hands out; posting adds a title."""
    class_run = queries.class_run_of(request.user, pk)
    may_organise = permissions.may_organise(request.user, class_run)
    stock = Material.objects.filter(institution=class_run.institution_id or 0).exclude(handouts__class_run=class_run)
    form = HandoutForm(request.POST or None, materials=stock)
    if request.method == "POST":
        may_organise.require()
        if form.is_valid():
            made = actions.plan_handout(class_run, by=request.user, **form.cleaned_data)
            return redirect("classwork:handout", made.pk)
    context = {
        "class_run": class_run,
        "handouts": queries.handouts_of(class_run),
        "people": queries.people_of(class_run).count(),
        "form": form if may_organise and stock.exists() else None,
        "has_stock": stock.exists(),
    }
    return render(request, "classwork/handouts.html", context, status=422 if form.errors else 200)


def handout(request: SignedInRequest, pk: int) -> HttpResponse:
    """The tick list of one title."""
    found = queries.handout_for(request.user, pk)
    issues = queries.latest_issues(found)
    holding = [key for key, issue in issues.items() if issue.returned_at is None]

    def narrowed(rows: QuerySet[Callup], chosen: str) -> QuerySet[Callup]:
        return rows.filter(pk__in=holding) if chosen == "out" else rows.exclude(pk__in=holding)

    may_hand_out = permissions.may_hand_out(request.user, found.class_run)
    may_take_back = permissions.may_take_back(request.user, found.class_run)
    listing = Listing(
        request,
        queries.receivers_of(found),
        (
            Column("person__name", _("full name"), sort="person__name"),
            Column("person__number", _("staff number"), sort="person__number"),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("issued", _("handed out"), value=lambda c: _day(issues.get(c.pk), "issued_at")),
            Column("returned", _("returned"), value=lambda c: _day(issues.get(c.pk), "returned_at")),
        ),
        name="tick-list",
        label=_("Who has a copy"),
        search=("person__name", "person__number", "unit__name"),
        search_label=_("Name, staff number or unit"),
        filters=(Filter("copy", _("copy"), (("out", _("has one")), ("none", _("has none"))), apply=narrowed),),
        page_size=200,
        selectable=bool(may_hand_out or may_take_back),
        bulk_template="classwork/parts/handout_bulk.html",
        bulk_url=reverse("classwork:move_copies", args=[pk]),
        export=excel,
        empty=Empty(_("Nobody is on the list"), icon="users"),
    )
    context = {
        "handout": found,
        "out": len(holding),
        "people": queries.people_of(found.class_run).count(),
        "may_hand_out": may_hand_out,
        "may_take_back": may_take_back,
        "untouched": not issues,
    }
    return listing.response("classwork/handout.html", context)


def _day(issue: Issue | None, field: str) -> str:
    at: Any = getattr(issue, field, None)
    return f"{timezone.localtime(at):%Y-%m-%d}" if at else ""


@require_POST
def move_copies(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hand out to the ticked people, take back from them, or take the title off the list."""
    found = queries.handout_for(request.user, pk)
    keys = whole_numbers(request.POST.getlist("selected"))
    match request.POST.get("deed", ""):
        case "out":
            moved = actions.hand_out(found, keys, by=request.user)
            messages.success(request, _("Handed out: %(n)d copies.") % {"n": moved})
        case "back":
            moved = actions.take_back(found, keys, by=request.user)
            messages.success(request, _("Taken back: %(n)d copies.") % {"n": moved})
        case "drop":
            actions.drop_handout(found, by=request.user)
            return redirect("classwork:handouts", found.class_run_id)
        case _:
            raise NotFound
    return redirect("classwork:handout", pk)
