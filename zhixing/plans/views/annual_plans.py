"""Annual plans: the list, the board, making and editing one."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhixing.base import workdays
from zhixing.base.asked import whole_number
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions, permissions, queries, sentences
from zhixing.plans.forms.annual_plans import NewPlanForm, PlanForm
from zhixing.plans.models import AnnualPlan, PlanLine, Programme
from zhixing.plans.money import money
from zhixing.plans.proposal_words import proposal_lines
from zhixing.plans.queries import annual_plans as reads
from zhixing.plans.queries.duplicates import alike_in
from zhixing.plans.views.plan_pages import plan_context

COLUMNS = (
    Column("year", gettext_lazy("year"), sort="year", value=lambda p: str(p.year)),
    Column("title", gettext_lazy("plan"), sort="title", link=lambda p: page_about("plans:plan", p.pk)),
    Column("unit__name", gettext_lazy("unit"), sort="unit__path"),
    Column("number", gettext_lazy("version"), sort="number", numeric=True),
    Column("line_people", gettext_lazy("people"), sort="line_people", numeric=True),
    Column(
        "line_budget",
        gettext_lazy("money planned"),
        sort="line_budget",
        numeric=True,
        value=lambda p: p.line_budget / 100,
        show=lambda p: money(p.line_budget),
    ),
    Column("origin", gettext_lazy("made from"), value=lambda p: p.made_from),
    Column(
        "state",
        gettext_lazy("state"),
        sort="state",
        value=lambda p: p.get_state_display(),
        show=lambda p: badge(p.state, p.get_state_display()),
    ),
)


ALIKE_SHOWN = 30


def _with_sums(rows: QuerySet[AnnualPlan]) -> QuerySet[AnnualPlan]:
    lines = PlanLine.objects.standing().filter(plan=OuterRef("pk")).order_by().values("plan")
    return rows.annotate(
        line_people=Coalesce(Subquery(lines.annotate(n=Sum("people")).values("n")), 0),
        line_budget=Coalesce(Subquery(lines.annotate(n=Sum("budget")).values("n")), 0),
    )


@require_GET
def plans(request: SignedInRequest) -> HttpResponse:
    may_make = permissions.may_make_plan(request.user)
    staff = request.user.is_department or request.user.is_auditor
    if not (staff or request.user.is_school or request.user.is_liaison):
        raise NotFound
    years = AnnualPlan.objects.visible_to(request.user).order_by("-year").values_list("year", flat=True).distinct()
    listing = Listing(
        request,
        _with_sums(AnnualPlan.objects.visible_to(request.user).select_related("unit")),
        # what a school or a unit sees of a plan are single lines: sums of all would say more
        COLUMNS if staff else tuple(one for one in COLUMNS if not one.key.startswith("line_")),
        name="annual-plans",
        label=_("Annual plans"),
        search=("title", "unit__name"),
        search_label=_("Title or unit"),
        filters=(
            Filter("year", _("year"), [(str(year), str(year)) for year in years]),
            Filter("state", _("state"), AnnualPlan.State.choices),
        ),
        empty=Empty(
            _("No annual plan yet"),
            _("Make one from the class runs of last year, or line by line.")
            if may_make
            else _("A plan appears here when it is open for comments or approved."),
            reverse("plans:create_plan") if may_make else "",
            _("New plan") if may_make else "",
        ),
    )
    standing = list(AnnualPlan.objects.visible_to(request.user).filter(state__in=AnnualPlan.IN_FORCE))
    of_today = [plan for plan in standing if plan.year == timezone.localdate().year]
    in_force = next(iter([*of_today, *standing]), None)
    return listing.response("plans/plans.html", {"may_make": may_make, "in_force": in_force})


def create(request: SignedInRequest) -> HttpResponse:
    permissions.may_make_plan(request.user).require()
    years = queries.years(request.user)[:5]
    next_year = timezone.localdate().year + 1
    initial = {"year": next_year, "title": _("Training plan of %(year)s") % {"year": next_year}}
    form = NewPlanForm(request.POST or None, years=years, initial=initial)
    if request.method == "POST" and form.is_valid():
        from_year = form.cleaned_data["from_year"]
        made = (
            actions.create_plan(form.facts(), by=request.user)
            if from_year is None
            else actions.plan_from_class_runs(form.facts(), from_year=from_year, by=request.user)
        )
        messages.success(request, _("The plan is a draft. Look at its lines, then ask for comments or submit it."))
        return redirect("plans:plan", made.pk)
    return render(request, "plans/plan_edit.html", {"form": form, "plan": None}, status=422 if form.errors else 200)


def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    permissions.may_work_on(request.user, plan).require()
    initial = {"title": plan.title, "money": plan.money / 100 or None, "aims": plan.aims}
    form = PlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.edit_plan(plan, form.facts(), by=request.user)
        messages.success(request, _("The plan is changed."))
        return redirect("plans:plan", pk)
    return render(request, "plans/plan_edit.html", {"form": form, "plan": plan}, status=422 if form.errors else 200)


@require_POST
def drop(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.drop_plan(reads.plan_for(request.user, pk), by=request.user)
    messages.success(request, _("The draft is dropped."))
    return redirect("plans:plans")


@require_POST
def propose(request: SignedInRequest, pk: int) -> HttpResponse:
    job = actions.ask_for_lines(reads.plan_for(request.user, pk), by=request.user)
    return redirect("base:job", job.pk)


@require_POST
def rest_on_needs(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lines without evidence get the needs that their programmes cover."""
    count = actions.rest_on_needs(reads.plan_for(request.user, pk), by=request.user)
    messages.success(request, _("%(n)s lines say now which needs they rest on. You can undo it.") % {"n": count})
    return redirect("plans:plan", pk)


@require_GET
def board(request: SignedInRequest, pk: int) -> HttpResponse:
    """The lines by quarter, each with what it rests on, and what they add up to."""
    plan = reads.plan_for(request.user, pk)
    lines = reads.lines_of(request.user, plan)
    words, kind = request.GET.get("q", "").strip()[:60], request.GET.get("kind", "")
    shown = [line for line in lines if _matches(line, words, kind)]
    whole = _sees_whole(request, plan)
    officer = permissions.may_see_tries(request.user, plan)
    alike = alike_in(plan, lines) if officer else []
    may_work = permissions.may_work_on(request.user, plan)
    evidence = reads.evidence_by_line(plan, shown)
    nobody = reads.lines_for_nobody(plan, lines) if whole else set()
    context = plan_context(request, plan, "plan") | {
        "quarters": reads.board_of(shown),
        "evidence": evidence,
        "wanted": reads.methods_wanted(plan),
        "count": len(lines),
        "shown": len(shown),
        "words": words,
        "kind": kind,
        "kinds": Programme.Kind.choices,
        "sums": reads.sums_for(plan, lines),
        "checks": sentences.check_rows(reads.sums_for(plan, lines)) if whole else (),
        "whole": whole,
        "unstated": workdays.unstated(plan.year) if whole else "",
        "nobody": nobody,
        "nobody_first": min(nobody, default=None),
        "may_propose": permissions.may_propose_lines(request.user, plan),
        "proposal": list(proposal_lines(plan.result)) if whole else (),
        "opened": whole_number(request.GET.get("open", "")),
        "alike": [one for one in alike if one.apart is None][:ALIKE_SHOWN],
        "alike_count": sum(one.apart is None for one in alike),
        "apart": [one for one in alike if one.apart is not None],
        "may_judge": permissions.may_judge_duplicates(request.user, plan),
        "last_edit": actions.last_edit(plan) if may_work else None,
        "bare": sum(not line.evidence and line.programme_id is not None for line in lines),
        "may_try": permissions.may_try(request.user, plan),
        "can_move": bool(permissions.may_work_on(request.user, plan) or permissions.may_change(request.user, plan)),
    }
    return render(request, "plans/plan_board.html", context)


def _matches(line: PlanLine, words: str, kind: str) -> bool:
    text = f"{line.number} {line.title} {line.theme} {sentences.whom(line)} {sentences.held_at(line)}"
    return (not kind or line.kind == kind) and all(word in text for word in words.split())


def _sees_whole(request: SignedInRequest, plan: AnnualPlan) -> bool:
    """Sums are shown to those who see every line."""
    return request.user.is_department or request.user.is_auditor or permissions.on_the_way(request.user, plan)
