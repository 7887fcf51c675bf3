"""What if: the trials of a plan, one of them with its answer, and taking its proposal over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.models import Job
from zhixing.base.problems import NotFound
from zhixing.base.refusals import said_on, status_of
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions, permissions
from zhixing.plans.actions.plan_edits import digest_of_lines
from zhixing.plans.forms.tries import TryForm
from zhixing.plans.models import AnnualPlan, PlanEdit, PlanTry
from zhixing.plans.proposal_words import NO_PLAN, limit_sentences
from zhixing.plans.queries import annual_plans as reads
from zhixing.plans.try_problem import reckoning_of
from zhixing.plans.try_words import aside_words, asked_words, counts, line_groups, need_rows
from zhixing.plans.views.plan_pages import plan_context

SHOWN = 50


def tries(request: SignedInRequest, pk: int) -> HttpResponse:
    """The question, and what was asked before."""
    plan = reads.plan_for(request.user, pk)
    if not permissions.may_see_tries(request.user, plan):
        raise NotFound
    may_try = permissions.may_try(request.user, plan)
    reckoning = reckoning_of(plan)
    asked = request.POST if request.method == "POST" else None
    form = TryForm(asked, plan=plan, reckoning=reckoning, initial={"money": -10})
    if request.method == "POST":
        may_try.require()
        if form.is_valid():
            with said_on(form):
                made = actions.ask_what_if(plan, form.asked(), by=request.user)
                return redirect("plans:try", pk, made.pk)
    found = list(PlanTry.objects.visible_to(request.user).filter(plan=plan).select_related("by", "taken")[:SHOWN])
    jobs = Job.objects.in_bulk([one.job for one in found if one.job])
    context = plan_context(request, plan, "tries") | {
        "form": form,
        "may_try": may_try,
        "reckoning": reckoning,
        "tries": [(one, asked_words(one.asked), jobs.get(one.job), counts(one.answer)) for one in found],
    }
    return render(request, "plans/plan_tries.html", context, status=status_of(form))


@require_GET
def one_try(request: SignedInRequest, pk: int, key: int) -> HttpResponse:
    """The answer as differences; while it is reckoned, how far that is."""
    plan, found = _found(request, pk, key)
    answer = found.answer
    lines = list(plan.lines.standing().order_by("number")) if answer.get("lines") else []
    made = reads.runs_made(plan)
    groups = line_groups(answer, made)
    context = plan_context(request, plan, "tries") | {
        "one": found,
        "asked": asked_words(found.asked),
        "job": Job.objects.filter(pk=found.job).first() if found.job else None,
        "mine": found.by_id == request.user.pk,
        "answer": answer,
        "conflict": list(limit_sentences(answer.get("conflict", ()))),
        "no_plan": NO_PLAN,
        "broken": list(limit_sentences(answer.get("broken", ()))),
        "lines": groups,
        "made": sum(made.values()),
        "undone": sum(row.undoes for _word, rows in groups for row in rows),
        "needs": need_rows(answer),
        "counts": counts(answer),
        "aside": aside_words(answer),
        "standing": {line.number for line in lines},
        "stale": bool(lines) and not found.standing and digest_of_lines(plan, lines) != found.digest,
    }
    return render(request, "plans/plan_try.html", context)


@require_POST
def take_over(request: SignedInRequest, pk: int, key: int) -> HttpResponse:
    plan, found = _found(request, pk, key)
    actions.take_over(found, by=request.user)
    messages.success(request, _("The proposal is in the draft now. You can undo it on the page of the lines."))
    return redirect("plans:plan", plan.pk)


@require_POST
def undo(request: SignedInRequest, pk: int, edit: int) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    permissions.may_work_on(request.user, plan).require()
    found = PlanEdit.objects.filter(plan=plan, pk=edit).select_related("plan__unit").first()
    if found is None:
        raise NotFound
    actions.undo_edit(found, by=request.user)
    messages.success(request, _("It is undone: the lines are as they were."))
    return redirect("plans:plan", pk)


def _found(request: SignedInRequest, pk: int, key: int) -> tuple[AnnualPlan, PlanTry]:
    plan = reads.plan_for(request.user, pk)
    rows = PlanTry.objects.visible_to(request.user).filter(plan=plan, pk=key)
    found = rows.select_related("by", "taken__by").first()
    if found is None:
        raise NotFound
    found.plan = plan
    return plan, found
