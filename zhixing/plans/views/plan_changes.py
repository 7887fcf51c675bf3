"""Changes of a plan in force: proposed with a reason, shown with their difference, decided by somebody else."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.asked import whole_number
from zhixing.base.problems import NotFound
from zhixing.base.refusals import said_on, status_of
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions, permissions, sentences
from zhixing.plans.actions.plan_edits import digest_of
from zhixing.plans.forms.annual_plans import DecideForm, ReasonForm
from zhixing.plans.forms.lines import LineForm
from zhixing.plans.models import AnnualPlan, PlanChange, PlanLine, Term
from zhixing.plans.queries import annual_plans as reads
from zhixing.plans.views.lines import is_as_seen, matching_of
from zhixing.plans.views.plan_pages import plan_context


@require_GET
def changes(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    if not plan.in_force:
        raise NotFound
    rows = PlanChange.objects.visible_to(request.user).filter(plan=plan)
    found = list(rows.select_related("line", "made", "by", "decided_by", "plan"))
    names = sentences.Names([written for one in found for written in (one.was, one.becomes)])
    context = plan_context(request, plan, "changes") | {
        "changes": [
            (one, sentences.difference(one, names), permissions.may_decide_change(request.user, one)) for one in found
        ],
        "waiting": sum(one.state == PlanChange.State.PROPOSED for one in found),
        "form": DecideForm(),
    }
    return render(request, "plans/plan_changes.html", context)


def change(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """What a line in force should become."""
    found = reads.line_for(request.user, pk, number)
    permissions.may_change(request.user, found.plan).require()
    if request.method == "GET" and _waits(found):
        return _shown_what_waits(request, pk)
    form = LineForm(request.POST or None, user=request.user, plan=found.plan, line=found, initial={})
    term = whole_number(request.GET.get("term", ""))
    if term in Term.values:
        form.initial["term"] = term
    return _propose(request, found.plan, form, found)


def _waits(line: PlanLine) -> bool:
    return PlanChange.objects.waiting().filter(plan=line.plan_id, line__number=line.number).exists()


def _shown_what_waits(request: SignedInRequest, pk: int) -> HttpResponse:
    """Before anybody types what would be refused."""
    messages.warning(request, _("A change of this line waits for a decision already."))
    return redirect("plans:changes", pk)


def add(request: SignedInRequest, pk: int) -> HttpResponse:
    """A line that the plan in force should have, too."""
    plan = reads.plan_for(request.user, pk)
    permissions.may_change(request.user, plan).require()
    return _propose(request, plan, LineForm(request.POST or None, user=request.user, plan=plan), None)


def _propose(request: SignedInRequest, plan: AnnualPlan, form: LineForm, line: PlanLine | None) -> HttpResponse:
    reason = ReasonForm(request.POST or None)
    as_seen = line is None or not form.is_bound or not form.is_valid() or is_as_seen(request, form, line)
    if request.method == "POST" and as_seen and form.is_valid() and reason.is_valid():
        why = reason.cleaned_data["reason"]
        with said_on(form):
            actions.propose_change(plan, form.facts(), reason=why, line=line, by=request.user)
            messages.success(request, _("The change is proposed; it holds when it is approved."))
            return redirect("plans:changes", plan.pk)
    sums = reads.sums_for(plan, reads.lines_of(request.user, plan))
    context = {"plan": plan, "form": form, "line": line, "sums": sums, "checks": sentences.check_rows(sums)}
    context |= {"seen": digest_of(line) if line else "", "matching": matching_of(form, line)}
    status = status_of(reason if reason.errors else form)
    return render(request, "plans/plan_line_edit.html", context | {"reason_form": reason}, status=status)


def strike(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """That a line in force should be struck out."""
    found = reads.line_for(request.user, pk, number)
    permissions.may_change(request.user, found.plan).require()
    if request.method == "GET" and _waits(found):
        return _shown_what_waits(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with said_on(form):
            actions.propose_strike(found, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, _("The change is proposed; it holds when it is approved."))
            return redirect("plans:changes", pk)
    context = {"plan": found.plan, "line": found, "form": form}
    return render(request, "plans/plan_strike.html", context, status=status_of(form))


@require_POST
def decide(request: SignedInRequest, pk: int, change: int, deed: str) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    found = PlanChange.objects.visible_to(request.user).filter(plan=plan, pk=change).select_related("plan").first()
    if found is None or deed not in ("approve", "refuse"):
        raise NotFound
    reason = request.POST.get("reason", "")
    actions.decide_change(found, approved=deed == "approve", reason=reason, by=request.user)
    messages.success(request, _("The change is approved.") if deed == "approve" else _("The change is refused."))
    return redirect("plans:changes", pk)
