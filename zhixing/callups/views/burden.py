"""What units carry of a year's call-ups against their share: one unit's own people and the units right below it, with all below them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhixing.base.charts import Chart
from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.problems import NotFound
from zhixing.callups import permissions, queries
from zhixing.callups.problem.burden import UnitBurden, burden_below
from zhixing.callups.sentences import share_kept
from zhixing.people.models import Unit
from zhixing.people.queries import unit_for
from zhixing.people.views.request import SignedInRequest

CHART_ROWS = 12
"""More units than this make no readable chart: those furthest from their share are shown."""
TONES = {"more": "warn", "less": "info", "kept": "quiet"}


@dataclass(frozen=True)
class Row:
    """A unit with all below it, or (``own``) only the people of the unit that the page is about."""

    burden: UnitBurden
    own: bool
    url: str

    @property
    def pk(self) -> int:
        return self.burden.unit

    @property
    def name(self) -> str:
        return _("%(unit)s itself") % {"unit": self.burden.name} if self.own else self.burden.name

    @property
    def state(self) -> str:
        return share_kept(self.burden.load)


COLUMNS = (
    Column("name", gettext_lazy("unit"), sort="path", link=lambda row: row.url),
    Column("burden__serving", gettext_lazy("serving people"), sort="serving", numeric=True),
    Column("burden__invited", gettext_lazy("invited"), sort="invited", numeric=True),
    Column("burden__accepted", gettext_lazy("accepted"), sort="accepted", numeric=True),
    Column("burden__refused", gettext_lazy("excused, replaced or withdrawn"), sort="refused", numeric=True),
    Column("burden__absent", gettext_lazy("with hours missed"), sort="absent", numeric=True),
    Column("burden__days", gettext_lazy("days away"), sort="days", numeric=True),
    Column("burden__share", gettext_lazy("share of days"), sort="share", numeric=True),
    Column("state", gettext_lazy("against the share"), sort="load"),
)


class BurdenListing(Listing):
    """Rows that no table holds; there are as many as units right below one, so all are at hand."""

    given: Sequence[Row]

    @cached_property
    def sorted_rows(self) -> list[Row]:
        words = self.words.split()
        rows = [row for row in self.given if all(word.lower() in row.name.lower() for word in words)]
        column, down = self.sorted_by
        if column is not None:
            field = column.sort_fields[0]
            rows.sort(key=lambda row: getattr(row.burden, field), reverse=down)
        return rows

    @cached_property
    def _fetched(self) -> list[Any]:
        start = (self.page - 1) * self.page_size
        return list(self.sorted_rows[start : start + self.page_size + 1])

    @cached_property
    def count(self) -> int:
        return len(self.sorted_rows)

    def _exported(self) -> Iterator[list[Any]]:
        for row in self.sorted_rows:
            yield [self._cell(column, row) for column in self.columns]


@require_GET
def burden(request: SignedInRequest, year: int | None = None, unit_pk: int | None = None) -> HttpResponse:
    """The burden ledger of one year, from the account's own unit downwards."""
    permissions.may_read_burden(request.user).require()
    if (year or 0) > dt.MAXYEAR:
        raise NotFound
    unit = unit_for(request.user, unit_pk or request.user.scope_unit_id or 0)
    years = queries.burden_years(request.user)
    if year is None:
        year = next((one for one in years if one <= timezone.localdate().year), years[-1] if years else 0)
    whole, rows = _rows(unit, year)
    listing = BurdenListing(
        request,
        Unit.objects.none(),
        COLUMNS,
        name="burden",
        label=_("What the units carry"),
        search=("name",),
        search_label=_("Unit"),
        empty=Empty(_("No unit here"), _("There is no unit below this one, and nobody serves in it.")),
    )
    listing.given = rows
    return listing.response("callups/burden.html", _context(request, unit, year, years, whole, rows))


def _rows(unit: Unit, year: int) -> tuple[UnitBurden, list[Row]]:
    whole, own, below = burden_below(unit, year)
    rows = [Row(one, own=False, url=reverse("callups:burden_of", args=[year, one.unit])) for one in below]
    if rows and (own.serving or own.invited):
        rows.insert(0, Row(own, own=True, url=""))
    return whole, rows or [Row(whole, own=False, url="")]


def _context(
    request: SignedInRequest, unit: Unit, year: int, years: list[int], whole: UnitBurden, rows: list[Row]
) -> dict[str, Any]:
    own = request.user.scope_unit
    above = Unit.objects.filter(path__in=unit.paths_up, path__startswith=own.path if own else "-").order_by("path")
    moved = sum(max(0.0, row.burden.days - row.burden.share) for row in rows)
    return {
        "unit": unit,
        "year": year,
        "whole": whole,
        "state": share_kept(whole.load),
        "of_hundred": round(100 * moved / whole.days) if whole.days and len(rows) > 1 else None,
        "crumbs": [(one.name, reverse("callups:burden_of", args=[year, one.pk])) for one in above if one != unit],
        "tabs": [
            {"label": str(one), "url": reverse("callups:burden_of", args=[one, unit.pk]), "active": one == year}
            for one in years
        ],
        "chart": _chart(rows) if whole.days and len(rows) > 1 else None,
    }


def _chart(rows: list[Row]) -> Chart:
    title = _("Days away and share of days")
    shown = rows
    if len(rows) > CHART_ROWS:
        title = _("Days away and share of days: the %(n)s units furthest from their share") % {"n": CHART_ROWS}
        furthest = sorted(rows, key=lambda row: -abs(row.burden.days - row.burden.share))[:CHART_ROWS]
        shown = [row for row in rows if row in furthest]
    return Chart(
        title,
        [row.name for row in shown],
        {_("days away"): [row.burden.days for row in shown], _("share of days"): [row.burden.share for row in shown]},
        links=[row.url for row in shown],
        horizontal=True,
    )
