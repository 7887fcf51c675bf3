"""Lists of other authorities: upload, look at the difference and at what clashes, apply, undo."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.columns import state_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Invalid, NotFound
from zhixing.base.tables.problems import PROBLEM_TITLES, problem_cells
from zhixing.callups import actions, permissions, sentences
from zhixing.callups.models import OutsideList
from zhixing.callups.outside_forms import OutsideListForm
from zhixing.callups.outside_lists import Difference, difference
from zhixing.people.views.request import SignedInRequest

SHOWN = 200
State = OutsideList.State


@require_http_methods(["GET", "POST"])
def lists(request: SignedInRequest) -> HttpResponse:
    """All lists that were taken in, and a place to drop the next."""
    permissions.may_bring_outside(request.user).require()
    form = OutsideListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = actions.receive_outside_list(file.read(), file.name, form.stated(), request.user)
            return redirect("callups:outside_list", found.pk)
        except Invalid as problem:
            form.add_error("file", str(problem.message))
    listing = Listing(
        request,
        OutsideList.objects.visible_to(request.user).select_related("file"),
        (
            Column("created_at", _("received"), sort="id", link=lambda one: page_about("callups:outside_list", one.pk)),
            Column("file__name", _("File"), sort="file__name"),
            Column("new", _("new"), numeric=True, value=lambda one: one.counts.get("new")),
            Column("changed", _("put right"), numeric=True, value=lambda one: one.counts.get("changed")),
            Column("problems", _("rows with a problem"), numeric=True, value=lambda one: len(one.problems)),
            state_column(_("state")),
        ),
        name="outside-lists",
        label=_("Lists of other authorities"),
        search=("file__name",),
        filters=(Filter("state", _("state"), State.choices),),
        empty=Empty(
            _("No list was imported yet"),
            _(
                "Upload the list as it came: the preview shows what is new and what clashes, and nothing is kept before."
            ),
            icon="file-import",
        ),
    )
    response = listing.response("callups/outside_lists.html", {"form": form})
    response.status_code = 422 if form.errors else response.status_code
    return response


@require_GET
def outside_list(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    shown = difference(found, request.user) if found.state == State.READ else None
    clashes = shown.clashes() if shown else []
    context = {
        "list": found,
        "answer": _answer(found, shown, len(clashes)),
        "difference": shown,
        "clashes": [(clash, sentences.clash_sentence(clash)) for clash in clashes[:SHOWN]],
        "more_clashes": max(0, len(clashes) - SHOWN),
        "new": shown.new[:SHOWN] if shown else (),
        "changed": shown.changed[:SHOWN] if shown else (),
        "missing": shown.missing if shown else (),
        "problems": found.problems[:SHOWN],
        "may_apply": permissions.may_apply_outside(request.user, found),
        "may_undo": permissions.may_undo_outside(request.user, found),
        "steps": [_("Upload"), _("Preview"), _("Apply")],
    }
    return render(request, "callups/outside_list.html", context)


def _answer(found: OutsideList, shown: Difference | None, clashes: int) -> str:
    """The first line of the page."""
    if shown is not None:
        if clashes:
            text = ngettext(
                "%(n)s call-up of ours clashes with this list", "%(n)s call-ups of ours clash with this list", clashes
            )
            return text % {"n": clashes}
        if not shown.lines:
            return _("This list holds nothing new")
        return _("This list holds %(n)s call-ups that are new or put right; none clashes with ours") % {
            "n": len(shown.lines)
        }
    match found.state:
        case State.APPLIED:
            figures = {"n": found.counts.get("new", 0), "changed": found.counts.get("changed", 0)}
            return _("This list brought %(n)s call-ups and put %(changed)s right") % figures
        case State.UNDONE:
            return _("This list was undone: %(n)s call-ups were withdrawn") % {"n": found.counts.get("undone", 0)}
        case State.REFUSED:
            return _("This file cannot be read as a list of call-ups")
    return _("This list was dropped")


@require_GET
def problems(request: SignedInRequest, pk: int) -> HttpResponse:
    """The problem sheet, to be mended and uploaded again."""
    found = _found(request, pk)
    rows = ([found.file.name, *problem_cells(one)] for one in found.problems)
    return excel("problems", PROBLEM_TITLES, rows)


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    found, by = _found(request, pk), request.user
    match deed:
        case "apply":
            actions.apply_outside_list(found, by=by)
            messages.success(request, _("Applied. Call-ups of ours that clash are in question until you decide."))
        case "drop":
            actions.drop_outside_list(found, by=by)
        case "undo":
            counts = actions.undo_outside_list(found, by=by)
            text = _("Undone: %(undone)s withdrawn, %(left)s left alone because they changed since.")
            messages.success(request, text % counts)
        case _:
            raise NotFound
    return redirect("callups:outside_list", pk)


def _found(request: SignedInRequest, pk: int) -> OutsideList:
    permissions.may_bring_outside(request.user).require()
    found = OutsideList.objects.visible_to(request.user).select_related("file").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
