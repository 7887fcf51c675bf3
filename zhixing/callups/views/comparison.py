"""What if: a run copied, and two runs side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from functools import cached_property, partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.listing import COUNT_CAP, EXPORT_CHUNK, Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.callups import comparing, permissions, queries, sentences
from zhixing.callups.comparing import BOTH, ONE, OTHER, LeftOutWhys, Shares
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
    counted = comparing.shares(one, other, request.user)
    listing = _people(request, one, other, counted)
    return listing.response("callups/compare.html", _context(request, one, other, "people", counted))


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


class _People(Listing):
    """The call-ups of both lists. ``counted`` of each side: no second query counts them."""

    whys: dict[int, LeftOutWhys]
    counted: Shares

    @cached_property
    def count(self) -> int:
        if self.words:
            return super().count
        side = self._chosen.get("side")
        found = getattr(self.counted, side) if side else sum(astuple(self.counted))
        return int(min(COUNT_CAP, found))

    @cached_property
    def _fetched(self) -> list[Any]:
        """The page is found by keys alone: only its rows are read in full."""
        start = (self.page - 1) * self.page_size
        keys = list(self.filtered.values_list("pk", flat=True)[start : start + self.page_size + 1])
        by_key = _in_full(self.rows.all().filter(pk__in=keys).order_by()).in_bulk()
        rows = [by_key[key] for key in keys]
        self._read_whys((row.person_id, row.class_run_id, row.run_id) for row in rows if not row.twin)
        return rows

    def _exported(self) -> Iterator[list[Any]]:
        differing = self.filtered.filter(twin=False).order_by()
        self._read_whys(differing.values_list("person_id", "class_run_id", "run_id"))
        for row in _in_full(self.filtered).iterator(chunk_size=EXPORT_CHUNK):
            yield [column.plain(row) for column in self.columns]

    def _read_whys(self, rows: Iterable[tuple[int, int, int]]) -> None:
        """(person, class run, run) of call-ups that one list alone has: the other one left the pair out."""
        pairs: dict[int, list[tuple[int, int]]] = {run: [] for run in self.whys}
        for person, class_run, run in rows:
            pairs[run].append((person, class_run))
        first, second = self.whys
        self.whys[second].read(pairs[first])
        self.whys[first].read(pairs[second])

    def why(self, row: Any, run: CallupRun, names: Names) -> str:
        """Why a run has the pair of a row, or has not."""
        if row.run_id == run.pk:
            return sentences.callup_sentence(row, names)
        if row.twin:
            return _("on the list")
        if run.is_put_away:
            return _("The list of this run was put away.")
        found = self.whys[run.pk].of(row.person_id, row.class_run_id)
        if found is None:
            return _("Not eligible, or not asked about.")
        return sentences.sentence(found["code"], json.loads(found["detail"]), names)


def _in_full(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what the columns show, and no more of the wide rows."""
    own = ("run_id", "class_run_id", "person_id", "unit_id", "state", "code", "detail")
    related = ("person__name", "unit__name", "class_run__name")
    return rows.select_related("person", "unit", "class_run").only(*own, *related)


def _people(request: SignedInRequest, one: CallupRun, other: CallupRun, counted: Shares) -> Listing:
    names = Names()
    side = partial(comparing.side_of, one=one)
    listing = _People(
        request,
        comparing.pairs_of(one, other, request.user).order_by("twin", "class_run__starts_on", "unit__path"),
        (
            Column(
                "person__name", _("full name"), show=lambda row: name_cell(row.run_id, row.person, row.class_run_id)
            ),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("class_run__name", _("class run"), sort="class_run__name"),
            Column(
                "side",
                _("list"),
                sort=("twin", "run_id"),
                value=lambda row: str(SIDES[side(row)]),
                show=lambda row: badge(TONES[side(row)], SIDES[side(row)]),
            ),
            Column("why_one", _("in A"), value=lambda row: listing.why(row, one, names), long=True),
            Column("why_other", _("in B"), value=lambda row: listing.why(row, other, names), long=True),
        ),
        name="comparison",
        page_size=30,
        label=_("People of both lists"),
        search=("person__name", "person__number", "unit__name", "class_run__name"),
        search_label=_("Name, staff number, unit or class run"),
        filters=(
            Filter("side", _("list"), [*SIDES.items()], apply=lambda rows, key: comparing.on_side(rows, key, one)),
        ),
        empty=Empty(_("Nobody is on either list"), icon="users"),
    )
    listing.counted = counted
    listing.whys = {one.pk: LeftOutWhys(one), other.pk: LeftOutWhys(other)}
    return listing


def _context(
    request: SignedInRequest, one: CallupRun, other: CallupRun, face: str, counted: Shares | None = None
) -> dict[str, Any]:
    if request.htmx.target:
        return {}
    user = request.user
    terms = [sentences.terms_in_words(Terms.of(run.settings), run.seed) for run in (one, other)]
    faces = (
        ("people", _("People"), "compare"),
        ("class_runs", _("Class runs"), "compare_classes"),
        ("units", _("Units"), "compare_units"),
    )
    return {
        "one": one,
        "other": other,
        "answer": comparison_answer(counted or comparing.shares(one, other, user)),
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
