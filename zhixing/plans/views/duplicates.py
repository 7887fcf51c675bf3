"""Lines that look like duplicates: made one, or said to be none."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions
from zhixing.plans.models import AnnualPlan
from zhixing.plans.queries import annual_plans as reads


@require_POST
def judge(request: SignedInRequest, pk: int, first: int, second: int, deed: str) -> HttpResponse:
    """``merge``: the second line goes into the first; ``apart``: they are no duplicates; ``again``: that was said too soon."""
    plan = reads.plan_for(request.user, pk)
    reason = request.POST.get("reason", "")
    words = {"first": first, "second": second}
    if deed == "merge" and plan.state == AnnualPlan.State.APPROVED:
        actions.propose_merge(plan, first, second, reason=reason, by=request.user)
        messages.success(request, _("The change is proposed; it holds when it is approved."))
        return redirect("plans:changes", pk)
    if deed == "merge":
        actions.merge_lines(plan, first, second, by=request.user)
        messages.success(request, _("Line %(second)s is part of line %(first)s now.") % words)
    elif deed == "apart":
        actions.set_apart(plan, first, second, reason=reason, by=request.user)
        messages.success(request, _("Lines %(first)s and %(second)s are kept as two.") % words)
    elif deed == "again":
        actions.look_again(plan, first, second, by=request.user)
        messages.success(request, _("Lines %(first)s and %(second)s are shown as alike again.") % words)
    else:
        raise NotFound
    return redirect("plans:plan", pk)
