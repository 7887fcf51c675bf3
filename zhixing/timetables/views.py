"""The timetable of a class run, as a page and as a calendar feed."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import class_run_for
from zhixing.timetables import actions, permissions
from zhixing.timetables.forms import SessionForm
from zhixing.timetables.models import Session


@require_GET
def sessions(request: SignedInRequest, pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    rows = list(class_run.sessions.select_related("teacher"))
    return render(
        request,
        "timetables/sessions.html",
        {
            "class_run": class_run,
            "days": [(day, list(group)) for day, group in groupby(rows, key=lambda s: s.on)],
            "sessions": rows,
            "tenths": sum(s.tenths for s in rows),
            "may_schedule": permissions.may_schedule(request.user, class_run),
        },
    )


@require_POST
def lay_out(request: SignedInRequest, pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    made = actions.lay_out_sessions(class_run, by=request.user)
    messages.success(request, _("%(made)s half days are laid out.") % {"made": made})
    return redirect("timetables:sessions", pk)


def edit(request: SignedInRequest, pk: int, session_pk: int | None = None) -> HttpResponse:
    """Add a session, or change or remove one."""
    class_run = class_run_for(request.user, pk)
    permissions.may_schedule(request.user, class_run).require()
    session = _session(class_run, session_pk) if session_pk else None
    form = SessionForm(request.POST or None, instance=session, initial={} if session else {"on": class_run.starts_on})
    if request.method == "POST" and form.is_valid():
        fresh = _session(class_run, session_pk) if session_pk else None
        actions.save_session(class_run, form.facts(), by=request.user, session=fresh)
        messages.success(request, _("The session is kept."))
        return redirect("timetables:sessions", pk)
    context = {"form": form, "class_run": class_run, "session": session}
    return render(request, "timetables/edit.html", context, status=422 if form.errors else 200)


@require_POST
def delete(request: SignedInRequest, pk: int, session_pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    actions.delete_session(_session(class_run, session_pk), by=request.user)
    messages.success(request, _("The session is removed."))
    return redirect("timetables:sessions", pk)


def _session(class_run: ClassRun, pk: int) -> Session:
    found = class_run.sessions.select_related("class_run").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
