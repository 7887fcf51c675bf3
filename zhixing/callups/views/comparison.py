"""What if: a run copied, and two runs side by side."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.callups import comparing, permissions, queries, sentences
from zhixing.callups.comparing import BOTH, ONE, OTHER, LeftOutWhys
from zhixing.callups.models import CallupRun
from zhixing.callups.sentences import Names
from zhixing.callups.sentences.comparison import SIDES, comparison_answer, worth_rows
from zhixing.callups.terms import Terms
from zhixing.callups.views.cells import name_cell
from zhixing.callups.views.runs import run_context, run_tabs
from zhixing.people.views.request import SignedInRequest

OFFERED_MOST = 30
TONES = {ONE: "info", OTHER: "warn", BOTH: "quiet"}


@require_GET
def choose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Other runs about the same class runs, to compare with."""
    found = queries.run_for(request.user, pk)
    context = {
        "others": comparing.comparable(found, request.user)[:OFFERED_MOST],
        "may_plan": permissions.may_plan(request.user),
        "tabs": run_tabs(found, "compare"),
    }
    return render(request, "callups/compare_with.html", run_context(request.user, found) | context)


@require_GET
def people(request: SignedInRequest, pk: int, other_pk: int) -> HttpResponse:
    """Who is called by one run alone, by the other, by both, and why each run did or did not."""
    one, other = _both(request, pk, other_pk)
    listing = _people(request, one, other)
    return listing.response("callups/compare.html", _context(request, one, other, "people"))


@require_GET
def class_runs(request: SignedInRequest, pk: int, other_pk: int) -> HttpResponse:
    one, other = _both(request, pk, other_pk)
    rows = comparing.by(("class_run_id", "class_run__name", "class_run__starts_on"), one, other, request.user)
    columns = (
        Column("class_run__name", _("class run"), sort="class_run__name"),
        Column("class_run__starts_on", _("starts on"), sort="class_run__starts_on"),
        *_counts(),
    )
    listing = Listing(
        request,
        rows.order_by("-differ", "class_run__starts_on"),
        columns,
        name="comparison-class-runs",
        label=_("Class runs"),
        search=("class_run__name",),
        search_label=_("class run"),
        tie="class_run_id",
    )
    return listing.response("callups/compare.html", _context(request, one, other, "class_runs"))


@require_GET
def units(request: SignedInRequest, pk: int, other_pk: int) -> HttpResponse:
    one, other = _both(request, pk, other_pk)
    rows = comparing.by(("unit_id", "unit__name", "unit__path"), one, other, request.user)
    listing = Listing(
        request,
        rows.order_by("-differ", "unit__path"),
        (Column("unit__name", _("unit"), sort="unit__path"), *_counts()),
        name="comparison-units",
        label=_("Units"),
        search=("unit__name",),
        search_label=_("Unit"),
        tie="unit_id",
    )
    return listing.response("callups/compare.html", _context(request, one, other, "units"))


def _both(request: SignedInRequest, pk: int, other_pk: int) -> tuple[CallupRun, CallupRun]:
    one, other = queries.run_for(request.user, pk), queries.run_for(request.user, other_pk)
    if one == other:
        raise NotFound
    return one, other


def _counts() -> tuple[Column, ...]:
    return (
        Column(ONE, SIDES[ONE], sort=ONE, numeric=True),
        Column(OTHER, SIDES[OTHER], sort=OTHER, numeric=True),
        Column(BOTH, SIDES[BOTH], sort=BOTH, numeric=True),
    )


def _people(request: SignedInRequest, one: CallupRun, other: CallupRun) -> Listing:
    names = Names()
    whys = {one.pk: LeftOutWhys(one), other.pk: LeftOutWhys(other)}

    def why(row: Any, run: CallupRun, side: str) -> str:
        if row.side in {side, BOTH}:
            return _("on the list") if row.run_id != run.pk else sentences.callup_sentence(row, names)
        found = whys[run.pk].of(row.person_id, row.class_run_id)
        if found is None:
            return _("Not eligible, or not asked about.")
        return sentences.sentence(found["code"], json.loads(found["detail"]), names)

    listing = Listing(
        request,
        comparing.pairs_of(one, other, request.user).order_by("twin", "class_run__starts_on", "unit__path"),
        (
            Column(
                "person__name", _("full name"), show=lambda row: name_cell(row.run_id, row.person, row.class_run_id)
            ),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("class_run__name", _("class run"), sort="class_run__name"),
            Column("side", _("list"), sort="side", value=lambda row: str(SIDES[row.side]), show=_side),
            Column("why_one", _("in A"), value=lambda row: why(row, one, ONE), long=True),
            Column("why_other", _("in B"), value=lambda row: why(row, other, OTHER), long=True),
        ),
        name="comparison",
        page_size=30,
        label=_("People of both lists"),
        search=("person__name", "person__number", "unit__name", "class_run__name"),
        search_label=_("Name, staff number, unit or class run"),
        filters=(Filter("side", _("list"), [*SIDES.items()]),),
        empty=Empty(_("Nobody is on either list"), icon="users"),
    )
    _read_whys(listing, whys, one, other)
    return listing


def _read_whys(listing: Listing, whys: dict[int, LeftOutWhys], one: CallupRun, other: CallupRun) -> None:
    """The reasons of those left out, for the rows of the page or, for a file, of all that differ."""
    if listing.request.GET.get("export") == listing.name:
        rows: QuerySet[Any] | list[Any] = listing.filtered.filter(twin=False)
    else:
        rows = [row for row in listing.shown if not row.twin]
    pairs: dict[str, list[tuple[int, int]]] = {ONE: [], OTHER: []}
    for row in rows:
        pairs[row.side].append((row.person_id, row.class_run_id))
    whys[other.pk].read(pairs[ONE])
    whys[one.pk].read(pairs[OTHER])


def _side(row: Any) -> SafeString:
    return badge(TONES[row.side], SIDES[row.side])


def _context(request: SignedInRequest, one: CallupRun, other: CallupRun, face: str) -> dict[str, Any]:
    if request.htmx.target:
        return {}
    user = request.user
    counted = comparing.shares(one, other, user)
    terms = [sentences.terms_in_words(Terms.of(run.settings), run.seed) for run in (one, other)]
    faces = (
        ("people", _("People"), "compare"),
        ("class_runs", _("Class runs"), "compare_classes"),
        ("units", _("Units"), "compare_units"),
    )
    return {
        "one": one,
        "other": other,
        "answer": comparison_answer(counted),
        "worths": worth_rows(comparing.worth_of(one, user), comparing.worth_of(other, user)),
        "gaps": [sentences.gap(run.result) for run in (one, other)],
        "terms": [(what, how, theirs) for (what, how), (_same, theirs) in zip(*terms, strict=True) if how != theirs],
        "same_facts": comparing.same_facts(one, other),
        "elsewhere": [list(_only(one, other)), list(_only(other, one))],
        "tabs": [
            {"label": label, "url": reverse(f"callups:{name}", args=[one.pk, other.pk]), "active": key == face}
            for key, label, name in faces
        ],
        "swap_url": reverse("callups:compare", args=[other.pk, one.pk]),
    }


def _only(one: CallupRun, other: CallupRun) -> QuerySet[Any]:
    """Class runs that only the first run is about."""
    return one.class_runs.exclude(pk__in=other.class_runs.values("pk")).values_list("name", flat=True)[:20]
