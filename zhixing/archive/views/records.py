"""Pages of the training record."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.archive import permissions
from zhixing.archive.papers import records as papers
from zhixing.archive.queries import records as queries
from zhixing.base.asked import whole_number
from zhixing.base.charts import Chart
from zhixing.base.columns import hours_column
from zhixing.base.exports import excel
from zhixing.base.files import hand_out
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.obligations.models import Channel
from zhixing.people.actions import record_reading
from zhixing.people.models import Person, Unit
from zhixing.people.queries import person_for, unit_for
from zhixing.people.views.request import SignedInRequest


def _year(request: SignedInRequest) -> int:
    asked = whole_number(request.GET.get("year", ""))
    return asked if asked and 1990 <= asked <= 2100 else timezone.localdate().year


@require_GET
def records(request: SignedInRequest) -> HttpResponse:
    permissions.may_list_records(request.user).require()
    year = _year(request)
    units = Unit.objects.visible_to(request.user)
    listing = Listing(
        request,
        queries.people_with_hours(request.user, year),
        (
            Column("number", _("staff number"), sort="number"),
            Column("name", _("full name"), sort="name", link=lambda p: page_about("archive:record", p.pk)),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("effective_rank", _("rank"), sort=("rank", "grade")),
            hours_column("offjob", _("full-time hours"), sort="offjob"),
            hours_column("online", _("online hours"), sort="online"),
            hours_column("total", _("all hours"), sort="total"),
        ),
        name=f"records-{year}",
        label=_("Training records"),
        search=("name", "number"),
        search_label=_("Name or staff number"),
        filters=(
            Filter(
                "unit",
                _("unit"),
                [(str(u.pk), u.name) for u in units],
                apply=lambda rows, pk: rows.filter(unit__path__startswith=units.get(pk=pk).path),
            ),
            Filter("status", _("status"), Person.Status.choices),
        ),
        export=excel,
        empty=Empty(_("No people yet"), _("Import a roster first."), reverse("people:imports"), _("Roster imports")),
    )
    chosen = request.GET.get("unit", "")
    context = {
        "year": year,
        "years": range(timezone.localdate().year, timezone.localdate().year - 6, -1),
        "unit": "" if whole_number(chosen) is None else chosen,
    }
    return listing.response("archive/records.html", context)


@require_GET
def unit_sheet(request: SignedInRequest, unit_pk: int) -> HttpResponse:
    permissions.may_list_records(request.user).require()
    return papers.unit_sheet(request.user, unit_for(request.user, unit_pk), _year(request))


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    if not request.user.person_id:
        raise NotFound
    return redirect("archive:record", request.user.person_id)


@require_GET
def record(request: SignedInRequest, pk: int) -> HttpResponse:
    person = person_for(request.user, pk)
    record_reading(person, request.user, "record")
    found = queries.record_of(person)
    own = person.pk == request.user.person_id
    readings = person.readings.select_related("reader").exclude(reader=request.user)[:50] if own else ()
    return render(
        request,
        "archive/record.html",
        {"record": found, "person": person, "own": own, "readings": readings, "chart": _chart(found)},
    )


def _chart(record: queries.Record) -> Chart | None:
    """Hours per year by form, oldest year first."""
    years = list(reversed(record.years))
    if len(years) < 2:
        return None
    used = [c for c in Channel if any(year.tenths_of(c) for year in years)]
    columns = {str(c.label): [year.tenths_of(c) / 10 for year in years] for c in used}
    return Chart(_("Hours per year"), [str(year.year) for year in years], columns, kind="stacked", unit=_("hours"))


@require_GET
def record_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    person = person_for(request.user, pk)
    record_reading(person, request.user, "record_pdf")
    content = papers.record_pdf(queries.record_of(person), on=timezone.localdate())
    title = _("Training record of a cadre")
    return hand_out(content, f"{person.number} {title}.pdf", inline=True)
