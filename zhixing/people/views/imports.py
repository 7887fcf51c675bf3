"""Pages of roster imports: upload, preview, apply, roll back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.files import hand_out
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import Invalid, NotFound
from zhixing.base.tables.sentences import TREATMENT_WORDS
from zhixing.base.templatetags.pages import badge
from zhixing.engine.sheets.faults import Treatment
from zhixing.people import actions, papers, permissions, queries
from zhixing.people.forms import RosterForm
from zhixing.people.models import Account, RosterChange, RosterImport
from zhixing.people.sentences import problem_in_words
from zhixing.people.views.request import SignedInRequest

PAGE = 50
CONFLICTS = "conflicts"
TONE_OF_STATE = {"received": "info", "read": "warn", "applied": "good", "refused": "bad"}
Kinds = RosterChange.Kind


def import_url(roster_import: RosterImport, tab: str = "") -> str:
    url = reverse("people:import", args=(roster_import.pk,))
    return f"{url}?tab={tab}" if tab else url


@require_GET
def imports(request: SignedInRequest) -> HttpResponse:
    """All imports of the subtree, the latest first."""
    user = request.user
    may_import = permissions.may_import(user, user.scope_unit)
    listing = Listing(
        request,
        queries.imports_for(user),
        (
            Column("created_at", _("Uploaded"), sort="created_at", link=import_url),
            Column("file__name", _("File")),
            Column("scope_unit__name", _("Roster of")),
            Column("on", _("As of"), sort="on"),
            Column("arrivals", _("Arrivals"), numeric=True, value=lambda one: one.counts.get("arrival")),
            Column("moves", _("Moves"), numeric=True, value=lambda one: one.counts.get("move")),
            Column("leavers", _("Leavers"), numeric=True, value=lambda one: one.counts.get("leaver")),
            Column("problems", _("Problems"), numeric=True, value=lambda one: one.counts.get("problem")),
            Column("get_state_display", _("State"), sort="state", show=_state),
        ),
        name="imports",
        label=_("Roster imports"),
        filters=(Filter("state", _("State"), RosterImport.State.choices),),
        empty=Empty(
            _("No roster was imported yet"),
            _(
                "Upload the spreadsheet that you have: the preview shows what it would change, and nothing is written before you say so."
            ),
            reverse("people:new_import") if may_import else "",
            _("Import a roster"),
            "file-import",
        ),
    )
    return listing.response("people/imports.html", {"may_import": may_import})


def _state(roster_import: RosterImport) -> str:
    return badge(TONE_OF_STATE.get(roster_import.state, "quiet"), roster_import.get_state_display())


@require_http_methods(["GET", "POST"])
def new_import(request: SignedInRequest) -> HttpResponse:
    """Upload a roster."""
    user = request.user
    permissions.may_import(user, user.scope_unit).require()
    initial = {"scope_unit": request.GET.get("unit") or user.scope_unit_id, "opens_units": _has_no_tree(user)}
    form = RosterForm(request.POST or None, request.FILES or None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        file = data.pop("file")
        try:
            received = actions.receive_roster(file.read(), file.name, by=user, **data)
        except Invalid as problem:
            form.add_error("file", str(problem.message))
        else:
            return redirect(import_url(received))
    return render(request, "people/new_import.html", {"form": form}, status=422 if form.is_bound else 200)


def _has_no_tree(user: Account) -> bool:
    """Whether nothing lies below the user's unit yet: then the first roster had better open the units it names."""
    return user.scope_unit is not None and not queries.children(user.scope_unit).exists()


@require_GET
def roster_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """One import: what it would change or did change, tab by tab."""
    found = queries.import_for(request.user, pk)
    tab = _tab(request, found)
    words = request.GET.get("q", "").strip()[:60]
    page = _page(found, tab, words).get_page(request.GET.get("page"))
    context = {
        "import": found,
        "tabs": _tabs(found, tab),
        "tab": tab,
        "words": words,
        "tab_query": f"{urlencode({'tab': tab, 'q': words})}&",
        "page": page,
        "rows": _rows(list(page), tab),
        "steps": [_("Upload"), _("Preview"), _("Apply")],
        "step": {"received": 2, "read": 3, "applied": 4, "rolled_back": 4}.get(found.state, 2),
        "state_badge": _state(found),
        "answer": _answer(found),
        "by": Account.objects.filter(pk=found.by_id).first(),
        "weighed": "undone" in found.counts and found.state == RosterImport.State.APPLIED,
        "may_apply": permissions.may_apply(request.user, found),
        "may_drop": permissions.may_drop(request.user, found),
        "may_roll_back": permissions.may_roll_back(request.user, found),
        "may_import": permissions.may_import(request.user, found.scope_unit),
        "kept_units": found.counts.get("kept_units"),
    }
    return render(request, "people/import.html", context)


def _tab(request: SignedInRequest, found: RosterImport) -> str:
    """The tab asked for, else the first that holds anything."""
    asked = request.GET.get("tab", "")
    if asked in {*Kinds.values, CONFLICTS}:
        return asked
    kinds = [kind for kind in Kinds.values if found.counts.get(kind)]
    return kinds[0] if kinds else Kinds.ARRIVAL.value


class _Counted(Paginator[RosterChange]):
    """Pages of changes whose number the import knows: 100,000 rows need not be counted for each page."""

    def __init__(self, changes: QuerySet[RosterChange], count: int) -> None:
        super().__init__(changes, PAGE)
        self._count = count

    @property
    def count(self) -> int:
        return self._count


def _page(found: RosterImport, tab: str, words: str) -> Paginator[RosterChange]:
    changes = found.changes.exclude(conflicts=[]) if tab == CONFLICTS else found.changes.filter(kind=tab)
    changes = changes.order_by("id")
    if words:
        return Paginator(changes.filter(Q(name__icontains=words) | Q(number__iexact=words)), PAGE)
    return _Counted(changes, found.counts.get(tab, 0))


def _tabs(found: RosterImport, tab: str) -> list[dict[str, Any]]:
    labels = {
        Kinds.ARRIVAL: _("Arrivals"),
        Kinds.MOVE: _("Moves"),
        Kinds.CHANGE: _("Corrections"),
        Kinds.LEAVER: _("Leavers"),
        Kinds.PROBLEM: _("Problems"),
    }
    items = [
        {
            "label": label,
            "url": import_url(found, kind.value),
            "active": kind.value == tab,
            "count": found.counts.get(kind, 0),
        }
        for kind, label in labels.items()
    ]
    if "conflicts" in found.counts:
        url = import_url(found, CONFLICTS)
        items.append(
            {"label": _("Conflicts"), "url": url, "active": tab == CONFLICTS, "count": found.counts["conflicts"]}
        )
    return items


def _rows(changes: list[RosterChange], tab: str) -> list[Any]:
    if tab == Kinds.PROBLEM:
        return [_problem(change) for change in changes]
    showing = queries.Showing(changes)
    if tab == Kinds.ARRIVAL:
        return showing.arrivals()
    return showing.conflicts() if tab == CONFLICTS else showing.rows()


def _problem(change: RosterChange) -> dict[str, Any]:
    reason, mend = problem_in_words(change)
    treatment = Treatment(change.treatment)
    tone = "bad" if treatment is Treatment.REFUSED else "warn"
    return {"change": change, "reason": reason, "mend": mend, "treatment": TREATMENT_WORDS[treatment], "tone": tone}


def _answer(found: RosterImport) -> str:
    """The first line of the page."""
    changed = sum(found.counts.get(kind, 0) for kind in Kinds.values if kind != Kinds.PROBLEM)
    match found.state:
        case RosterImport.State.RECEIVED:
            return _("The roster is being read")
        case RosterImport.State.REFUSED:
            return _("This file cannot be read as a roster")
        case RosterImport.State.READ if not changed:
            return _("This file changes nothing: all of it is known already")
        case RosterImport.State.READ:
            return _("This roster would change %(n)s things") % {"n": f"{changed:,}"}
        case RosterImport.State.APPLIED:
            return _("This roster changed %(n)s things") % {"n": f"{changed:,}"}
        case RosterImport.State.ROLLED_BACK:
            return _("This import was rolled back")
    return _("This import was dropped")


@require_GET
def problems(request: SignedInRequest, pk: int) -> HttpResponse:
    """The problem sheet, to be mended and uploaded again."""
    found = queries.import_for(request.user, pk)
    return hand_out(papers.problem_book(found), "problems.xlsx")


DEEDS: dict[str, Callable[..., Any]] = {
    "read": actions.read_again,
    "apply": actions.start_applying,
    "drop": actions.drop_import,
    "weigh": actions.start_weighing,
    "roll-back": actions.start_rolling_back,
}
"""Name in the address → action on an import."""


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Do one deed on an import: read again, apply, drop, look for later edits, roll back."""
    if deed not in DEEDS:
        raise NotFound
    found = queries.import_for(request.user, pk)
    DEEDS[deed](found, by=request.user)
    return redirect(import_url(found))
