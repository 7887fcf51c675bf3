"""The groups of a class: drawn, changed by hand, printed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.files import hand_out
from zhixing.base.problems import Invalid, NotFound
from zhixing.classwork import actions, papers, permissions, queries
from zhixing.classwork.forms import ArrangeForm, DrawForm
from zhixing.people.views.request import SignedInRequest


@require_http_methods(["GET", "POST"])
def groups(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who stands where; posting keeps what was changed by hand."""
    class_run = queries.class_run_of(request.user, pk)
    verdict = permissions.may_organise(request.user, class_run)
    people, members = list(queries.people_of(class_run)), queries.members_of(class_run)
    form = ArrangeForm(request.POST or None, people=people, members=members)
    if request.method == "POST":
        verdict.require()
        if form.is_valid():
            actions.arrange(class_run, form.places(), by=request.user)
            messages.success(request, _("The groups are kept."))
            return redirect("classwork:groups", pk)
    count = len({member.group for member in members.values() if member.group})
    context = {
        "class_run": class_run,
        "form": form,
        "groups": queries.by_group(class_run),
        "group_count": count,
        "people": len(people),
        "may_organise": verdict,
        "draw_form": DrawForm(initial={"groups": count or max(1, round(len(people) / queries.GROUP_OF))}),
    }
    return render(request, "classwork/groups.html", context, status=422 if form.errors else 200)


@require_POST
def draw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Share the class out anew."""
    class_run = queries.class_run_of(request.user, pk)
    form = DrawForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose at least one group, and no more groups than people."))
    drawn = actions.draw_groups(class_run, form.cleaned_data["groups"], by=request.user)
    messages.success(request, _("%(people)s people are shared out. Name the leaders now.") % {"people": drawn})
    return redirect("classwork:groups", pk)


@require_GET
def class_list(request: SignedInRequest, pk: int, form: str) -> HttpResponse:
    """The class list by group: ``docx``, or ``pdf`` shown in the browser."""
    class_run = queries.class_run_of(request.user, pk)
    name = f"{class_run.code}-学员名册.{form}"
    if form == "docx":
        return hand_out(papers.class_list_word(class_run), name)
    if form != "pdf":
        raise NotFound
    return hand_out(papers.class_list_pdf(class_run), name, inline=True)
