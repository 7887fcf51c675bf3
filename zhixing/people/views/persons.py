"""Pages of persons: the list, one person, who was where on a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.asked import whole_number
from zhixing.base.exports import excel
from zhixing.base.files import hand_out
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.templatetags.pages import badge
from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.people import actions, permissions, queries
from zhixing.people.forms import IdNumberForm
from zhixing.people.models import Account, Person, Posting, Unit
from zhixing.people.views.request import SignedInRequest
from zhixing.people.views.units import unit_url

READINGS_SHOWN = 20
TONE_OF_STATUS = {Person.Status.SERVING: "good", Person.Status.RETIRED: "quiet", Person.Status.LEFT: "quiet"}


def person_url(person: Person) -> str:
    return page_about("people:person", person.pk)


def status_badge(person: Person) -> str:
    status = Person.Status(person.status)
    return badge(TONE_OF_STATUS.get(status, "info"), status.label)


@require_GET
def persons(request: SignedInRequest) -> HttpResponse:
    """Everybody in scope."""
    user = request.user
    may_import = permissions.may_import(user, user.scope_unit)
    check_url = _above("archive:check_selected") if user.is_department else ""
    listing = Listing(
        request,
        queries.people_for(user),
        (
            Column("name", _("Name"), sort="name", link=person_url),
            Column("number", _("Staff number"), sort="number"),
            Column("unit__name", _("Unit"), sort=("unit__path", "number"), link=lambda one: _link_to(one.unit)),
            Column("title", _("Post")),
            Column("rank", _("Rank"), sort="rank"),
            Column("grade", _("Grade"), sort="grade"),
            Column("category", _("Category"), sort="category", long=True),
            Column("get_status_display", _("Status"), sort="status", show=status_badge),
        ),
        name="people",
        label=_("People"),
        search=("name", "number"),
        search_label=_("Name or staff number"),
        filters=_filters(request),
        export=excel,
        selectable=bool(check_url),
        bulk_template="people/parts/selected.html",
        bulk_url=check_url,
        empty=Empty(
            _("Nobody is known yet"),
            _("Import a roster: upload the spreadsheet that you have, and look at the preview."),
            reverse("people:new_import") if may_import else "",
            _("Import a roster"),
            "users",
        ),
    )
    context = {
        "may_import": may_import,
        "may_export": permissions.may_export(user, user.scope_unit),
        "may_add": permissions.may_add_person(user, user.scope_unit),
        "id_form": IdNumberForm(),
        "today": timezone.localdate(),
    }
    return listing.response("people/persons.html", context)


def _filters(request: SignedInRequest) -> tuple[Filter, ...]:
    kinds = [(one, one) for one in queries.categories()]
    return (
        Filter("status", _("Status"), Person.Status.choices),
        Filter("unit", _("Unit"), _unit_choices(request), apply=_below),
        Filter("rank", _("Rank"), [(rank, rank) for rank in RANKS]),
        Filter("grade", _("Grade"), [(grade, grade) for grade in GRADES]),
        *([Filter("category", _("Category"), kinds)] if kinds else []),
    )


def _unit_choices(request: SignedInRequest) -> list[tuple[str, str]]:
    """The units right below the user's own, and the one asked for."""
    top, asked = request.user.scope_unit, whole_number(request.GET.get("unit", ""))
    if top is None:
        return []
    units = list(queries.children(top))
    if asked is not None and all(unit.pk != asked for unit in units):
        units += queries.units_for(request.user).filter(pk=asked)
    return [(str(unit.pk), unit.name) for unit in units]


def _below(rows: QuerySet[Any], chosen: str) -> QuerySet[Any]:
    return rows.filter(unit__path__startswith=Unit.objects.get(pk=chosen).path)


def _link_to(unit: Unit | None) -> str:
    return unit_url(unit) if unit else ""


@require_POST
def find(request: SignedInRequest) -> HttpResponse:
    """Lead to the person with an ID number. By post: the number never stands in an address."""
    form = IdNumberForm(request.POST)
    found = queries.find_by_id_number(request.user, form.cleaned_data["id_number"]) if form.is_valid() else None
    if found is not None:
        return redirect("people:person", found.pk)
    messages.warning(request, _("Nobody in your scope has this ID number."))
    return redirect("people:persons")


@require_GET
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: the facts, the postings, who read the record."""
    found = queries.person_for(request.user, pk)
    actions.record_reading(found, request.user, "person")
    postings = queries.postings_of(found)
    may_see_readings = permissions.may_see_readings(request.user, found)
    account = Account.objects.visible_to(request.user).filter(person=found).first()
    context = {
        "person": found,
        "facts": _facts(found),
        "postings": [_event(posting, permissions.may_change_person(request.user, found)) for posting in postings],
        "readings": queries.readings_of(found)[:READINGS_SHOWN] if may_see_readings else None,
        "account": account,
        "may_change": permissions.may_change_person(request.user, found),
        "may_open_account": permissions.may_open_account(request.user, found.unit),
        "elsewhere": _elsewhere(found),
        "status_badge": status_badge(found),
        "is_self": request.user.person_id == found.pk,
    }
    return render(request, "people/person.html", context)


def _facts(found: Person) -> list[tuple[Any, Any]]:
    return [
        (_("Staff number"), found.number),
        (_("ID number"), queries.masked_id_number(found) or None),
        (_("Sex"), found.get_sex_display() or None),
        (_("Born"), found.born_on and found.born_on.isoformat()),
        (_("Telephone"), found.phone or None),
        (_("Category"), found.category or None),
        (_("Began work"), found.work_began_on and found.work_began_on.isoformat()),
        (_("Joined"), found.joined_on.isoformat()),
        *([(_("Last day of service"), found.left_on.isoformat())] if found.left_on else []),
        *([(_("Note"), found.note)] if found.note else []),
    ]


def _event(posting: Posting, may_change: Any) -> dict[str, Any]:
    ends = posting.to_on.isoformat() if posting.to_on else _("until now")
    words = [posting.department, posting.title, posting.rank, posting.grade]
    return {
        "title": posting.unit.name,
        "at": f"{posting.from_on.isoformat()} – {ends}",
        "text": " · ".join(filter(None, words)),
        "marks": [
            *([_("additional post")] if not posting.is_principal else []),
            *([_("promotion")] if posting.promoted else []),
        ],
        "tone": "" if posting.to_on else "good",
        "close_url": reverse("people:close_posting", args=(posting.pk,))
        if may_change and posting.to_on is None
        else "",
    }


def _elsewhere(found: Person) -> list[tuple[str, str, str]]:
    """What the apps above know of the person: (label, address, icon); an app that is not installed is left out."""
    places = (
        (_("Hours and standing"), "obligations:standing", "progress-check"),
        (_("Training record"), "archive:record", "archive"),
    )
    links = [(label, _above(name, found.pk), icon) for label, name, icon in places]
    return [link for link in links if link[1]]


def _above(name: str, *keys: int) -> str:
    """The address of a page of an app above; blank where it is not installed."""
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:
        return ""


@require_GET
def readings(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everybody who looked at the record of a person, open to the person and to the officers."""
    found = queries.person_for(request.user, pk)
    permissions.may_see_readings(request.user, found).require()
    page = Paginator(queries.readings_of(found), 100).get_page(request.GET.get("page"))
    return render(request, "people/readings.html", {"person": found, "page": page})


@require_GET
def people_on(request: SignedInRequest, day: dt.date) -> HttpResponse:
    """Who was in which unit and rank on ``day``."""
    rows = queries.people_on(request.user, day)
    visible = request.user.scope_unit.path if request.user.scope_unit else None

    def link(posting: Posting) -> str:
        unit = posting.person.unit
        return person_url(posting.person) if visible and unit and unit.path.startswith(visible) else ""

    listing = Listing(
        request,
        rows,
        (
            Column("person__name", _("Name"), sort="person__name", link=link),
            Column("person__number", _("Staff number"), sort="person__number"),
            Column("unit_then", _("Unit (its name then)"), sort=("unit__path", "person__number")),
            Column("department", _("Internal department")),
            Column("title", _("Post")),
            Column("rank", _("Rank"), sort="rank"),
            Column("grade", _("Grade"), sort="grade"),
            Column(
                "kind", _("Kind of post"), value=lambda one: _("principal") if one.is_principal else _("additional")
            ),
            Column("from_on", _("From"), sort="from_on"),
            Column("to_on", _("To"), sort="to_on"),
        ),
        name="people-then",
        label=_("People"),
        search=("person__name", "person__number"),
        search_label=_("Name or staff number"),
        filters=(
            Filter("unit", _("Unit"), _unit_choices(request), apply=_below),
            Filter("rank", _("Rank"), [(rank, rank) for rank in RANKS]),
            Filter("grade", _("Grade"), [(grade, grade) for grade in GRADES]),
        ),
        export=excel,
        empty=Empty(_("Nobody held a post on this day"), _("Choose another day."), icon="calendar"),
    )
    return listing.response("people/people_on.html", {"day": day})


@require_GET
def export(request: SignedInRequest) -> HttpResponse:
    """The roster of a unit (``?unit=``, default: the user's own) as a spreadsheet that can be imported again."""
    asked = whole_number(request.GET.get("unit", ""))
    unit = queries.unit_for(request.user, asked) if asked is not None else request.user.scope_unit
    name = _("Roster %(unit)s %(day)s.xlsx") % {"unit": unit, "day": timezone.localdate().isoformat()}
    return hand_out(actions.export_roster(unit, by=request.user), name)
