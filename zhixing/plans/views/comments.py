"""What departments and units say about a draft, and the answers."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhixing.base.problems import NotFound
from zhixing.base.refusals import said_on, status_of
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions, permissions
from zhixing.plans.forms.annual_plans import AnswerForm, CommentForm, OpenForm
from zhixing.plans.models import PlanComment
from zhixing.plans.queries import annual_plans as reads
from zhixing.plans.views.plan_pages import plan_context

WEEKS = dt.timedelta(weeks=2)


def comments(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    user = request.user
    if user.is_school:
        raise NotFound
    lines = reads.lines_of(user, plan)
    form = CommentForm(request.POST or None, lines=lines)
    if request.method == "POST":
        permissions.may_comment(user, plan).require()
        if form.is_valid():
            about = {line.number: line for line in lines}.get(form.cleaned_data["line"])
            with said_on(form):
                actions.comment(plan, form.cleaned_data["text"], line=about, by=user)
                messages.success(request, _("Your comment is kept. You will hear what becomes of it."))
                return redirect("plans:comments", pk)
    rows = list(PlanComment.objects.visible_to(user).filter(plan=plan).select_related("unit", "by", "answered_by"))
    context = plan_context(request, plan, "comments") | {
        "form": form,
        "comments": rows,
        "open": [one for one in rows if one.answered_at is None],
        "may_answer": permissions.may_answer(user, plan),
        "may_open": permissions.may_open_for_comments(user, plan),
        "may_rework": permissions.may_rework(user, plan),
        "answer_form": AnswerForm(),
        "open_form": OpenForm(initial={"until": timezone.localdate() + WEEKS}),
    }
    return render(request, "plans/plan_comments.html", context, status=status_of(form))


@require_POST
def open_for_comments(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    form = OpenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the last day for comments."))
        return redirect("plans:comments", pk)
    told = actions.open_for_comments(plan, until=form.cleaned_data["until"], by=request.user)
    messages.success(request, _("The plan is open for comments; %(told)s accounts are told.") % {"told": told})
    return redirect("plans:comments", pk)


@require_POST
def rework(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.rework_plan(reads.plan_for(request.user, pk), by=request.user)
    messages.success(request, _("The plan is a draft again."))
    return redirect("plans:plan", pk)


@require_POST
def answer(request: SignedInRequest, pk: int, comment: int) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    given = PlanComment.objects.visible_to(request.user).filter(plan=plan, pk=comment).select_related("plan", "by")
    found = given.first()
    if found is None:
        raise NotFound
    form = AnswerForm(request.POST)
    form.is_valid()
    actions.answer_comment(
        found,
        outcome=form.cleaned_data.get("outcome", ""),
        answer=form.cleaned_data.get("answer", ""),
        by=request.user,
    )
    messages.success(request, _("The answer is kept."))
    return redirect("plans:comments", pk)
