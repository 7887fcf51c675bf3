"""Notices, jobs and the health of the installation: pages every app shares."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base import jobs as work
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.middleware import open_to_all
from zhixing.base.models import Job, Notice
from zhixing.base.notices import unread
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge


def account_id(request: HttpRequest) -> int:
    """The key of the signed-in account; the door lets nobody else through."""
    return int(request.user.pk or 0)


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        Notice.objects.filter(recipient_id=account_id(request)),
        (
            Column("created_at", _("received"), sort="created_at"),
            Column("title", _("notice")),
        ),
        name="notices",
        label=_("Notices"),
        search=("title", "text"),
        rows_template="base/notice_rows.html",
        empty=Empty(
            _("No notices"),
            _("What concerns you will appear here and, if you have an address, in your mail."),
            icon="bell",
        ),
    )
    return listing.response("base/notices.html", {"unread": unread(account_id(request))})


@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a notice: it is read from now on, and leads to where it points."""
    found = Notice.objects.filter(pk=pk, recipient_id=account_id(request)).first()
    if found is None:
        raise NotFound
    Notice.objects.filter(pk=pk, read_at=None).update(read_at=timezone.now())
    return redirect(found.link or "base:notices")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    Notice.objects.filter(recipient_id=account_id(request), read_at=None).update(read_at=timezone.now())
    return redirect("base:notices")


@require_GET
def notice_bell(request: HttpRequest) -> HttpResponse:
    return render(request, "base/parts/bell.html")


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    rows = work.all_seen_by(request.user)
    listing = Listing(
        request,
        rows,
        (
            Column("created_at", _("begun"), sort="created_at"),
            Column("label", _("work"), link=lambda job: job.link),
            Column("state", _("state"), show=lambda job: badge(job.state, job.get_state_display())),
            Column("finished_at", _("finished")),
            Column("error", _("error")),
        ),
        name="jobs",
        label=_("Long work"),
        search=("label",),
        filters=(Filter("state", _("state"), Job.State.choices),),
        empty=Empty(_("No long work yet"), _("Imports, solving and papers run here.")),
    )
    running = rows.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING))[:10]
    return listing.response("base/jobs.html", {"running": running})


@require_GET
def job(request: HttpRequest, pk: str) -> HttpResponse:
    """The card of one job, for htmx; opened directly, the page of all jobs."""
    found = work.seen_by(request.user, pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("base:jobs")
    return render(request, "base/parts/job.html", {"job": found})


@require_POST
def cancel_job(request: HttpRequest, pk: str) -> HttpResponse:
    found = work.seen_by(request.user, pk)
    work.cancel(found)
    found.refresh_from_db()
    return render(request, "base/parts/job.html", {"job": found})


@open_to_all
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers; for load balancers and `zhixing run`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "version": settings.VERSION})
