"""Who is class head, and who stands on the other rungs of the ladder of leave, for one class run."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhixing.attendance import actions, permissions, queries
from zhixing.attendance.forms import ApproversForm
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.queries import class_run_for


@require_http_methods(["GET", "POST"])
def approvers(request: SignedInRequest, pk: int) -> HttpResponse:
    found = class_run_for(request.user, pk)
    permissions.may_name_approvers(request.user, found).require()
    form = ApproversForm(queries.nameable(), queries.staff_of(found), queries.named_on(found), request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.name_approvers(found, form.named(), by=request.user)
        messages.success(request, _("Kept. Leave goes to the people named here from now on."))
        return redirect("attendance:class_run", pk)
    context = {"class_run": found, "form": form}
    return render(request, "attendance/approvers.html", context, status=422 if form.errors else 200)
