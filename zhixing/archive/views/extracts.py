"""Pages of extracts: ask, wait, take the file, ask the same again."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.archive import permissions
from zhixing.archive.actions.extracts import ask_again, ask_extract, checked, destroy_extract, take_file
from zhixing.archive.forms import ExtractForm
from zhixing.archive.models import Extract
from zhixing.archive.queries.extracts import changed_cells
from zhixing.base.files import hand_out
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.engine.extracts.definition import Definition
from zhixing.people.views.request import SignedInRequest


@require_http_methods(["GET", "POST"])
def extracts(request: SignedInRequest) -> HttpResponse:
    """The form, and what was asked before."""
    permissions.may_extract(request.user).require()
    form = ExtractForm(request.POST or None, user=request.user, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        return redirect("archive:extract", ask_extract(form.new_extract(), request.user).pk)
    listing = Listing(
        request,
        Extract.objects.visible_to(request.user).select_related("job", "unit"),
        (
            Column("title", _("extract"), sort="title", link=lambda one: page_about("archive:extract", one.pk)),
            Column("get_format_display", _("format"), sort="format"),
            Column("on", _("as of"), sort="on"),
            Column("known_at", _("as known at"), sort="known_at"),
            Column("unit__name", _("unit"), value=lambda one: one.unit.name if one.unit else _("the whole scope")),
            Column("rows", _("trainings"), numeric=True, value=lambda one: one.counts.get("rows")),
            Column(
                "state",
                _("state"),
                value=_state,
                show=lambda one: badge(one.job.state if one.job else "quiet", _state(one)),
            ),
        ),
        name="extracts",
        label=_("Extracts taken"),
        filters=(Filter("format", _("format"), Extract.Format.choices),),
        empty=Empty(
            _("No extract was taken yet"), _("Choose what, as of which day, and take the file."), icon="table-export"
        ),
    )
    answer = listing.response("archive/extracts.html", {"form": form})
    answer.status_code = 422 if form.errors else answer.status_code
    return answer


def _state(extract: Extract) -> str:
    return str(extract.job.get_state_display()) if extract.job else ""


@require_GET
def extract(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    earlier = list(Extract.objects.visible_to(request.user).same_question(found)[:5]) if found.digest else []
    context = {
        "extract": found,
        "definition": _definition(found),
        "same": [one for one in earlier if one.digest == found.digest],
        "other": [
            (one, changed_cells(one.figures, found.figures) if one.figures else [])
            for one in earlier
            if one.digest != found.digest
        ],
    }
    return render(request, "archive/extract.html", context)


def _definition(extract: Extract) -> Definition | None:
    return checked(extract.definition) if extract.definition else None


@require_GET
def extract_file(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    return hand_out(take_file(found, request.user), found.file_name)


@require_POST
def extract_again(request: SignedInRequest, pk: int) -> HttpResponse:
    return redirect("archive:extract", ask_again(_found(request, pk), request.user).pk)


@require_POST
def extract_destroy(request: SignedInRequest, pk: int) -> HttpResponse:
    destroy_extract(_found(request, pk), request.user)
    return redirect("archive:extract", pk)


def _found(request: SignedInRequest, pk: int) -> Extract:
    permissions.may_extract(request.user).require()
    found = Extract.objects.visible_to(request.user).select_related("job", "unit", "file").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
