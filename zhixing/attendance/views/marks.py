"""One mark with everything behind it, its correction, and the proofs that came with leave and appeals."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.attendance import actions, permissions, queries
from zhixing.attendance.forms import CorrectionForm
from zhixing.attendance.models import Appeal, Leave, Register
from zhixing.base.files import hand_out_stored
from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest


@require_http_methods(["GET", "POST"])
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was seen, by whom and how; corrected here once the register is closed."""
    mark = queries.mark_for(request.user, pk)
    may_correct = permissions.may_correct(request.user, mark.register)
    form = CorrectionForm(request.POST or None, initial={"version": mark.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.correct_mark(mark, data["status"], reason=data["reason"], version=data["version"], by=request.user)
        messages.success(request, _("Corrected. The trainee has been told; both versions stay in the trail."))
        return redirect("attendance:mark_detail", pk)
    context = {
        "mark": mark,
        "session": mark.register.session,
        "class_run": mark.register.session.class_run,
        "deeds": queries.trail_of(mark),
        "appeals": mark.appeals.all(),
        "postings": queries.postings_of(queries.key_of(mark)),
        "form": form,
        "may_correct": may_correct,
        "sees_register": Register.objects.visible_to(request.user).filter(pk=mark.register_id).exists(),
        "may_appeal": permissions.may_appeal(request.user, mark, timezone.now()),
    }
    return render(request, "attendance/mark.html", context, status=422 if form.errors else 200)


@require_GET
def proof(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """The proof of a leave or an appeal, for whoever may see that row."""
    kept: dict[str, QuerySet[Any]] = {
        "leave": Leave.objects.visible_to(request.user),
        "appeal": Appeal.objects.visible_to(request.user),
    }
    found = kept[kind].select_related("proof").filter(pk=pk).first() if kind in kept else None
    if found is None or found.proof is None:
        raise NotFound
    return hand_out_stored(found.proof)
