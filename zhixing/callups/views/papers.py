"""The papers of a run, one by one or all packed, and the Word templates behind them."""

from __future__ import annotations

import io
import zipfile

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.files import hand_out, hand_out_stored, path_of, plain_name
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.models import Job
from zhixing.base.problems import NotFound
from zhixing.callups import actions, permissions, queries
from zhixing.callups import papers as notices
from zhixing.callups.forms import PAPERS, TemplateForm
from zhixing.callups.models import CallupRun, Paper
from zhixing.callups.papers import Kind
from zhixing.callups.views.runs import run_context, run_tabs
from zhixing.people.views.request import SignedInRequest


@require_GET
def papers(request: SignedInRequest, pk: int) -> HttpResponse:
    """For whoever sees papers of the run: the department all, a liaison those to the own units, an institution those of its classes."""
    found = _run(request, pk)
    rows = Paper.objects.visible_to(request.user).filter(run=found)
    listing = Listing(
        request,
        rows.select_related("class_run", "unit", "word", "pdf"),
        (
            Column("about", _("about"), value=lambda p: p.class_run.name if p.class_run else p.unit.name),
            Column("kind", _("paper"), value=lambda p: _("class run") if p.class_run else _("unit")),
            Column("made_at", _("made at"), value=lambda p: p.word.created_at),
        ),
        name="papers",
        label=_("Papers"),
        search=("class_run__name", "unit__name"),
        search_label=_("Class run or unit"),
        filters=(
            Filter(
                "kind",
                _("paper"),
                (("class_run", _("class run")), ("unit", _("unit"))),
                apply=lambda rows, kind: rows.exclude(**{kind: None}),
            ),
        ),
        export=None,
        rows_template="callups/parts/paper_rows.html",
        empty=Empty(_("No papers yet"), _("They are written when the run is published."), icon="file-text"),
    )
    running = Job.objects.filter(
        kind="callups.papers", arguments__run_id=found.pk, state__in=(Job.State.QUEUED, Job.State.RUNNING)
    ).first()
    planner = _plans(request, pk)
    context = {
        **(run_context(request.user, found) if planner else {"run": found}),
        "tabs": run_tabs(found, "papers") if planner else (),
        "job": running,
        "planner": planner,
    }
    return listing.response("callups/papers.html", context)


def _run(request: SignedInRequest, pk: int) -> CallupRun:
    """A run that the account may plan; one with papers for those who receive them."""
    found = CallupRun.objects.filter(pk=pk).select_related("job").first()
    reads = queries.published_for(request.user).filter(pk=pk).exists()
    if found is None or not (reads or _plans(request, pk)):
        raise NotFound
    return found


def _plans(request: SignedInRequest, pk: int) -> bool:
    return CallupRun.objects.visible_to(request.user).filter(pk=pk).exists()


@require_GET
def paper(request: SignedInRequest, pk: int, form: str) -> HttpResponseBase:
    """One paper: ``docx``, or ``pdf`` shown in the browser."""
    found = Paper.objects.visible_to(request.user).select_related("word", "pdf").filter(pk=pk).first()
    if found is None or form not in {"docx", "pdf"}:
        raise NotFound
    if form == "docx":
        return hand_out_stored(found.word)
    if found.pdf is None:
        raise NotFound
    return hand_out_stored(found.pdf, inline=True)


@require_GET
def everything(request: SignedInRequest, pk: int) -> HttpResponse:
    """All papers of a run that the account sees, packed."""
    found = _run(request, pk)
    rows = Paper.objects.visible_to(request.user).filter(run=found).select_related("word", "pdf")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for one in rows:
            folder = _("by class run") if one.class_run_id else _("by unit")
            for stored in filter(None, (one.word, one.pdf)):
                archive.write(path_of(stored), f"{folder}/{one.pk}-{plain_name(stored.name)}")
    return hand_out(content.getvalue(), f"{found.name}.zip")


@require_http_methods(["GET", "POST"])
def templates(request: SignedInRequest) -> HttpResponse:
    """Which Word templates are in use; put an own one in place, or go back to ours."""
    permissions.may_replace_templates(request.user).require()
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and "restore" in request.POST:
        actions.restore_template(_kind(request.POST["restore"]), by=request.user)
        messages.success(request, _("The built-in template is in use again."))
        return redirect("callups:templates")
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        actions.replace_template(_kind(form.cleaned_data["kind"]), upload.read(), upload.name, by=request.user)
        messages.success(request, _("The template was tried on a sample and is in use from now on."))
        return redirect("callups:templates")
    rows = [
        {
            "kind": kind,
            "label": label,
            "own": queries.notice_template(kind),
            "url": reverse("callups:template", args=[kind]),
        }
        for kind, label in PAPERS
    ]
    context = {"form": form, "rows": rows}
    return render(request, "callups/templates.html", context, status=422 if form.errors else 200)


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        raise NotFound
    return Kind(name)


@require_GET
def template(request: SignedInRequest, kind: str) -> HttpResponse:
    """The template in use, to be edited in Word."""
    permissions.may_replace_templates(request.user).require()
    own = queries.notice_template(_kind(kind))
    if own is not None:
        return hand_out_stored(own)
    return hand_out(notices.built_in(_kind(kind)), f"{kind}.docx")
