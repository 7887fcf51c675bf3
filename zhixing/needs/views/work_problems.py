"""The register of problems: entered for units, weighed, merged and answered by the department."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.columns import state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.needs import permissions, queries
from zhixing.needs.actions import work_problems as actions
from zhixing.needs.forms import AnswerForm, MergeForm, ProblemForm, WeighForm
from zhixing.needs.models import WorkProblem
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

COLUMNS = (
    Column(
        "text", gettext_lazy("problem"), sort="text", long=True, link=lambda one: page_about("needs:problem", one.pk)
    ),
    Column("get_kind_display", gettext_lazy("kind"), sort="kind"),
    Column("get_sort_display", gettext_lazy("sort of problem"), sort="sort"),
    Column("unit__name", gettext_lazy("unit"), sort="unit__path"),
    Column("year", gettext_lazy("year"), sort="year", value=lambda one: str(one.year)),
    Column("weight", gettext_lazy("weight"), sort="weight", numeric=True),
    Column("times", gettext_lazy("said how often"), numeric=True),
    state_column(gettext_lazy("state")),
)


@require_GET
def problems(request: SignedInRequest) -> HttpResponse:
    permissions.may_see_problems(request.user).require()
    rows = queries.problems_seen_by(request.user)
    may_enter = request.user.is_liaison or request.user.is_department
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="work-problems",
        label=_("Problems of work"),
        search=("text", "unit__name"),
        search_label=_("Problem or unit"),
        filters=(
            Filter("state", _("state"), WorkProblem.State.choices),
            Filter("kind", _("kind"), WorkProblem.Kind.choices),
            Filter("sort_of", _("sort of problem"), WorkProblem.Sort.choices, field="sort", chips=False),
        ),
        empty=Empty(
            _("No problem of work was entered yet"),
            _("Liaisons enter what is difficult, blocked or painful where their people work."),
            reverse("needs:enter_problem") if may_enter else "",
            _("Enter a problem") if may_enter else "",
            "message-report",
        ),
    )
    waiting = rows.filter(state=WorkProblem.State.OPEN).count()
    return listing.response("needs/problems.html", {"open": waiting, "may_enter": may_enter})


def _crumbs() -> list[tuple[Any, str]]:
    return [(_("Problems of work"), reverse("needs:problems"))]


@require_http_methods(["GET", "POST"])
def enter(request: SignedInRequest) -> HttpResponse:
    form = ProblemForm(request.user, request.POST or None)

    def act() -> str:
        actions.enter_problem(**form.cleaned_data, by=request.user)
        return reverse("needs:problems")

    own = request.user.scope_unit
    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_enter_problem(request.user, own) if own else permissions.may_make(request.user),
        back=reverse("needs:problems"),
        crumbs=_crumbs(),
        title=_("Enter a problem"),
        button=_("Enter"),
        done=_("The problem is in the register."),
    )


@require_GET
def problem(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.problem_for(request.user, pk)
    merged = WorkProblem.objects.visible_to(request.user).filter(merged_into=found).select_related("unit")
    into = found.merged_into
    seen = into is not None and WorkProblem.objects.visible_to(request.user).filter(pk=into.pk).exists()
    context = {
        "problem": found,
        "competencies": found.competencies.all(),
        "merged": merged,
        "into": into if seen else None,
        "settled": into or found,
        "may_settle": permissions.may_settle_problem(request.user, found),
        "may_part": permissions.may_part_problem(request.user, found),
    }
    return render(request, "needs/problem.html", context)


def _deed(request: SignedInRequest, found: WorkProblem, form: Any, act: Any, **words: Any) -> HttpResponse:
    back = reverse("needs:problem", args=[found.pk])
    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_settle_problem(request.user, found),
        back=back,
        crumbs=[*_crumbs(), (found.text, back)],
        **words,
    )


@require_http_methods(["GET", "POST"])
def weigh(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.problem_for(request.user, pk)
    initial = {"weight": found.weight, "reason": found.weight_reason, "competencies": found.competencies.all()}
    form = WeighForm(request.user, request.POST or None, initial=initial)

    def act() -> str:
        given = form.cleaned_data
        actions.weigh_problem(found, given["weight"], given["reason"], list(given["competencies"]), by=request.user)
        return reverse("needs:problem", args=[pk])

    return _deed(
        request,
        found,
        form,
        act,
        title=_("Weigh this problem"),
        lead=_("The weight and the competencies that would help count when needs are reckoned."),
        button=_("Save"),
        done=_("The weight is kept."),
    )


@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.problem_for(request.user, pk)
    others = WorkProblem.objects.visible_to(request.user).filter(state=WorkProblem.State.OPEN, year=found.year)
    form = MergeForm(others.exclude(pk=pk), request.POST or None)

    def act() -> str:
        actions.merge_problem(found, form.cleaned_data["into"], by=request.user)
        return reverse("needs:problem", args=[form.cleaned_data["into"].pk])

    return _deed(
        request,
        found,
        form,
        act,
        title=_("The same as another problem"),
        lead=_("Both stay in the register; they are weighed and answered together."),
        button=_("Merge"),
        done=_("The problems are merged."),
    )


@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.problem_for(request.user, pk)
    form = AnswerForm(request.POST or None)

    def act() -> str:
        actions.answer_problem(found, form.cleaned_data["answer"], by=request.user)
        return reverse("needs:problem", args=[pk])

    return _deed(
        request,
        found,
        form,
        act,
        title=_("Answer this problem"),
        lead=_("The units that entered it read the answer; it is given once."),
        button=_("Answer"),
        done=_("The answer stands in the register."),
    )


@require_POST
def part(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.problem_for(request.user, pk)
    actions.part_problem(found, by=request.user)
    messages.success(request, _("The problem stands for itself again."))
    return redirect("needs:problem", pk)
