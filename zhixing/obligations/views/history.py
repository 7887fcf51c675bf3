"""Pages of history imports: upload, look, book or drop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Invalid, NotFound
from zhixing.base.tables.problems import PROBLEM_TITLES, problem_cells
from zhixing.base.templatetags.pages import badge
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import HistoryForm
from zhixing.obligations.models import HistoryImport
from zhixing.people.views.request import SignedInRequest

PROBLEMS_SHOWN = 200
State = HistoryImport.State
TONES = {State.RECEIVED: "info", State.READ: "warn", State.APPLIED: "good", State.REFUSED: "bad"}


@require_http_methods(["GET", "POST"])
def history(request: SignedInRequest) -> HttpResponse:
    """All imports, and a place to drop the next sheet."""
    permissions.may_import_history(request.user).require()
    form = HistoryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect(
                "obligations:history_import", actions.import_history(file.read(), file.name, request.user).pk
            )
        except Invalid as problem:
            form.add_error("file", str(problem.message))
    listing = Listing(
        request,
        HistoryImport.objects.visible_to(request.user).select_related("file"),
        (
            Column(
                "created_at",
                _("Uploaded"),
                sort="created_at",
                link=lambda one: page_about("obligations:history_import", one.pk),
            ),
            Column("file__name", _("File"), sort="file__name"),
            Column("new", _("New"), numeric=True, value=lambda one: one.counts.get("new")),
            Column("known", _("Known already"), numeric=True, value=lambda one: one.counts.get("known")),
            Column("refused", _("Refused rows"), numeric=True, value=lambda one: one.counts.get("refused")),
            Column(
                "state",
                _("state"),
                sort="state",
                value=lambda one: one.get_state_display(),
                show=lambda one: badge(TONES.get(one.state, "quiet"), one.get_state_display()),
            ),
        ),
        name="history",
        label=_("History imports"),
        search=("file__name",),
        filters=(Filter("state", _("state"), State.choices),),
        empty=Empty(
            _("No history was imported yet"),
            _(
                "Upload the sheet that you have: the preview shows what it would book, and nothing is booked before you say so."
            ),
            icon="file-import",
        ),
    )
    response = listing.response("obligations/history.html", {"form": form})
    response.status_code = 422 if form.errors else response.status_code
    return response


@require_GET
def history_import(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    context = {
        "history": found,
        "answer": _answer(found),
        "badge": badge(TONES.get(State(found.state), "quiet"), found.get_state_display()),
        "problems": found.problems[:PROBLEMS_SHOWN],
        "may_book": permissions.may_book_history(request.user, found),
        "may_drop": permissions.may_drop_history(request.user, found),
        "steps": [_("Upload"), _("Preview"), _("Book")],
        "step": {State.RECEIVED: 2, State.READ: 3, State.APPLIED: 4}.get(State(found.state), 2),
    }
    return render(request, "obligations/history_import.html", context)


def _answer(found: HistoryImport) -> str:
    """The first line of the page."""
    new = found.counts.get("new", 0)
    match found.state:
        case State.RECEIVED:
            return _("The history is being read")
        case State.REFUSED:
            return _("This file cannot be read as training history")
        case State.READ if not new:
            return _("This sheet holds nothing new")
        case State.READ:
            return _("This sheet would book %(n)s trainings") % {"n": f"{new:,}"}
        case State.APPLIED:
            return _("This sheet booked %(n)s trainings") % {"n": f"{found.counts.get('booked', 0):,}"}
    return _("This import was dropped")


@require_GET
def problems(request: SignedInRequest, pk: int) -> HttpResponse:
    """The problem sheet, to be mended and uploaded again."""
    found = _found(request, pk)
    rows = ([found.file.name, *problem_cells(one)] for one in found.problems)
    return excel("problems", PROBLEM_TITLES, rows)


DEEDS: dict[str, Callable[..., Any]] = {"book": actions.book_history, "drop": actions.drop_history}
"""Name in the address → action on an import."""


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    if deed not in DEEDS:
        raise NotFound
    DEEDS[deed](_found(request, pk), request.user)
    return redirect("obligations:history_import", pk)


def _found(request: SignedInRequest, pk: int) -> HistoryImport:
    permissions.may_import_history(request.user).require()
    found = HistoryImport.objects.visible_to(request.user).select_related("file", "job").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
