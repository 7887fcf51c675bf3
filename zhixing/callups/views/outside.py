"""Call-ups by other authorities: who is called, by whom, when; one entered or withdrawn by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.asked import whole_number
from zhixing.base.columns import state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Conflict, Invalid, NotFound
from zhixing.callups import actions, permissions, queries, sentences
from zhixing.callups.clashes import clashes_with
from zhixing.callups.elsewhere import seen_as
from zhixing.callups.models import OutsideCallup, OutsideList
from zhixing.callups.outside_forms import OutsideForm
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun

State = OutsideCallup.State
COLUMNS = (
    Column(
        "person__name",
        gettext_lazy("full name"),
        sort="person__name",
        link=lambda one: page_about("callups:outside_callup", one.pk),
    ),
    Column("person__number", gettext_lazy("staff number"), sort="person__number"),
    Column("person__unit__name", gettext_lazy("unit"), sort="person__unit__path"),
    Column("caller", gettext_lazy("caller"), sort="caller"),
    Column("document", gettext_lazy("document number"), sort="document"),
    Column("class_name", gettext_lazy("class"), sort="class_name"),
    Column("theme", gettext_lazy("theme"), sort="theme"),
    Column("starts_on", gettext_lazy("first day"), sort="starts_on"),
    Column("ends_on", gettext_lazy("last day"), sort="ends_on"),
    state_column(gettext_lazy("state")),
)


def _in_time(rows: QuerySet[OutsideCallup], chosen: str) -> QuerySet[OutsideCallup]:
    today = timezone.localdate()
    return rows.filter(away_to__gte=today) if chosen == "coming" else rows.filter(away_to__lt=today)


@require_GET
def outside(request: SignedInRequest) -> HttpResponse:
    """All in scope; from a class run those of its target group on its days, from a list what it brought."""
    user = request.user
    permissions.may_see_outside(user).require()
    rows = OutsideCallup.objects.visible_to(user)
    may_bring = permissions.may_bring_outside(user)
    listing = Listing(
        request,
        rows.select_related("person__unit").order_by("-starts_on", "pk"),
        COLUMNS,
        name="outside",
        label=_("Called by others"),
        search=("person__name", "person__number", "caller", "document", "class_name"),
        search_label=_("Name, staff number, caller, document or class"),
        filters=(
            Filter("when", _("when"), (("coming", _("now or to come")), ("past", _("over"))), apply=_in_time),
            Filter("state", _("state"), State.choices),
            *_narrowed(request, user),
        ),
        empty=Empty(
            _("No call-up by another authority is known"),
            _(
                "Import the lists of the province and of other departments: nobody is then called twice for the same days."
            )
            if may_bring
            else _("When other authorities call people of your unit, the department enters it here."),
            icon="building-bank",
        ),
    )
    coming = rows.standing().filter(away_to__gte=timezone.localdate())
    return listing.response("callups/outside.html", {"coming": coming.count(), "may_bring": may_bring})


def _narrowed(request: SignedInRequest, user: Account) -> list[Filter]:
    """What a link from another page asks for: one class run, one list."""
    filters = []
    class_run = ClassRun.objects.visible_to(user).filter(pk=whole_number(request.GET.get("class_run", "")) or 0).first()
    if class_run is not None:
        choices = ((str(class_run.pk), class_run.name),)
        filters.append(
            Filter(
                "class_run", _("days of"), choices, apply=lambda rows, _chosen: queries.taking_days_of(class_run, rows)
            )
        )
    brought = OutsideList.objects.visible_to(user).filter(pk=whole_number(request.GET.get("list", "")) or 0)
    if (found := brought.select_related("file").first()) is not None:
        filters.append(Filter("list", _("list"), ((str(found.pk), found.file.name),), field="brought_by"))
    return filters


@require_http_methods(["GET", "POST"])
def enter(request: SignedInRequest) -> HttpResponse:
    permissions.may_bring_outside(request.user).require()
    form = OutsideForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.enter_outside_callup(form.person, form.facts(), by=request.user)
        except (Invalid, Conflict) as problem:
            form.add_error(None, str(problem.message))
        else:
            messages.success(request, _("Entered. These days are not given again."))
            return redirect("callups:outside_callup", made.pk)
    return render(request, "callups/outside_enter.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def outside_callup(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    user = request.user
    clashing = clashes_with([seen_as(found)], timezone.localdate()) if found.state == State.STANDING else []
    context = {
        "outside": found,
        "days": sentences.span(found.starts_on, found.ends_on),
        "facts": _facts(found),
        "clashes": [
            (clash, sentences.clash_sentence(clash))
            for clash in clashing
            if permissions.is_in_scope(user, clash.callup)
        ],
        "kept": found.kept_clashes.select_related("callup__class_run"),
        "may_withdraw": permissions.may_withdraw_outside(user, found),
    }
    return render(request, "callups/outside_callup.html", context)


def _facts(found: OutsideCallup) -> list[tuple[str, Any]]:
    travels = (found.away_from, found.away_to) != (found.starts_on, found.ends_on)
    facts: list[tuple[str, Any]] = [
        (_("unit"), found.person.unit.name if found.person.unit else "—"),
        (_("caller"), found.caller),
        (_("document number"), found.document or "—"),
        (_("class"), found.class_name),
        (_("theme"), found.theme or "—"),
        (_("class days"), f"{found.starts_on} – {found.ends_on}"),
        (_("away with travel"), f"{found.away_from} – {found.away_to}" if travels else None),
        (_("place"), found.place or "—"),
        (_("entered at"), f"{timezone.localtime(found.created_at):%Y-%m-%d %H:%M}"),
        (_("from the list"), found.brought_by.file.name if found.brought_by else _("entered by hand")),
        (_("why it no longer stands"), found.note or None),
    ]
    return [(what, how) for what, how in facts if how is not None]


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    actions.withdraw_outside_callup(found, request.POST.get("note", ""), by=request.user)
    messages.success(request, _("Withdrawn. The days are free again."))
    return redirect("callups:outside_callup", pk)


def _found(request: SignedInRequest, pk: int) -> OutsideCallup:
    permissions.may_see_outside(request.user).require()
    rows = OutsideCallup.objects.visible_to(request.user).select_related("person__unit", "brought_by__file")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
