"""A class run from its attendance side: its registers day by day, its people with what they missed, its end."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.attendance import actions, permissions, queries
from zhixing.attendance.models import Register
from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import class_run_for


@require_GET
def class_run(request: SignedInRequest, pk: int) -> HttpResponse:
    found = class_run_for(request.user, pk)
    seen = queries.with_session(Register.objects.visible_to(request.user))
    rows = list(
        queries.with_counts(seen.filter(session__class_run=found)).order_by("session__on", "session__begins_at")
    )
    if not (rows or permissions.runs_the_class(request.user, found)):
        raise NotFound
    staff = permissions.runs_the_class(request.user, found) or request.user.is_auditor
    results = queries.results_of(found) if staff else []
    context = {
        "class_run": found,
        "registers": rows,
        "days": [(day, list(group)) for day, group in groupby(rows, key=lambda r: r.session.on)],
        "closed": sum(r.state == Register.State.CLOSED for r in rows),
        "lacking": found.sessions.filter(register=None).count(),
        "results": results,
        "completing": sum(result.completes for result in results),
        "may_open": permissions.may_open_registers(request.user, found),
        "may_complete": permissions.may_complete(request.user, found),
        "running": found.state in {ClassRun.State.CALLED, ClassRun.State.RUNNING},
    }
    return render(request, "attendance/class_run.html", context)


@require_POST
def open_registers(request: SignedInRequest, pk: int) -> HttpResponse:
    found = class_run_for(request.user, pk)
    opened = actions.open_registers(found, by=request.user)
    messages.success(request, _("%(n)s registers are open.") % {"n": opened})
    return redirect("attendance:class_run", pk)


@require_POST
def complete(request: SignedInRequest, pk: int) -> HttpResponse:
    found = class_run_for(request.user, pk)
    done = actions.complete_class_run(found, by=request.user)
    messages.success(
        request, _("The class run is over: %(completed)s completed it, %(not_completed)s did not.") % vars(done)
    )
    return redirect("attendance:class_run", pk)
