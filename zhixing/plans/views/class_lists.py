"""Import of the year's class list (班次计划表): upload, look, apply or drop."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.tables.problems import problem_cells
from zhixing.base.templatetags.pages import badge
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import class_lists, permissions
from zhixing.plans.forms.class_runs import ClassListForm
from zhixing.plans.models import ClassListImport


def imports(request: SignedInRequest) -> HttpResponse:
    permissions.may_plan(request.user).require()
    form = ClassListForm(request.POST or None, request.FILES or None, initial={"year": timezone.localdate().year})
    if request.method == "POST" and form.is_valid():
        made = class_lists.receive_class_list(
            form.cleaned_data["file"], year=form.cleaned_data["year"], by=request.user
        )
        return redirect("plans:import", made.pk)
    listing = Listing(
        request,
        ClassListImport.objects.visible_to(request.user).select_related("file"),
        (
            Column("created_at", _("received"), sort="id", link=lambda i: page_about("plans:import", i.pk)),
            Column("file__name", _("file")),
            Column("year", _("year"), value=lambda i: str(i.year)),
            Column("state", _("state"), show=lambda i: badge(i.state, i.get_state_display())),
        ),
        name="class-lists",
        label=_("Class lists"),
        empty=Empty(
            _("No class list yet"), _("Upload the spreadsheet of the year; you see every row before anything is kept.")
        ),
    )
    return listing.response("plans/imports.html", {"form": form})


def _found(request: SignedInRequest, pk: int) -> ClassListImport:
    permissions.may_plan(request.user).require()
    found = ClassListImport.objects.visible_to(request.user).select_related("file").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@require_GET
def class_list(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    context = {
        "class_list": found,
        "preview": class_lists.preview(found),
        "has_money": any(row.get("cents") is not None for row in found.rows),
    }
    return render(request, "plans/import.html", context)


@require_GET
def problems(request: SignedInRequest, pk: int) -> HttpResponse:
    """The rows that need mending, as Excel."""
    headings = [_("sheet"), _("row"), _("column"), _("value"), _("treatment"), _("reason"), _("mend")]
    return excel("problems", headings, map(problem_cells, _found(request, pk).problems))


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    found = _found(request, pk)
    if deed == "apply":
        made = class_lists.apply_class_list(found, by=request.user)
        messages.success(request, _("%(made)s class runs are kept as drafts.") % {"made": made})
        return redirect("plans:class_runs")
    if deed == "plan":
        plan = class_lists.plan_from_class_list(found, by=request.user)
        messages.success(request, _("The plan is a draft. Look at its lines, then ask for comments or submit it."))
        return redirect("plans:plan", plan.pk)
    if deed != "drop":
        raise NotFound
    class_lists.drop_class_list(found, by=request.user)
    messages.success(request, _("The class list is dropped; nothing was kept."))
    return redirect("plans:imports")
