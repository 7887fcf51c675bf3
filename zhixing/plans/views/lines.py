"""Lines of a plan: one on a page with all that lies behind it, and working on those of a draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.asked import either, whole_number
from zhixing.base.problems import Invalid
from zhixing.base.refusals import said_on, status_of
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions, permissions, sentences
from zhixing.plans.actions.plan_edits import digest_of
from zhixing.plans.forms.annual_plans import SpendingForm
from zhixing.plans.forms.lines import LineForm
from zhixing.plans.models import AnnualPlan, ClassRun, PlanChange, PlanComment, PlanLine, PlanSpending, Term
from zhixing.plans.queries import annual_plans as reads
from zhixing.plans.views.plan_pages import plan_context


@require_GET
def line(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    return line_page(
        request, reads.line_for(request.user, pk, number), SpendingForm(initial={"on": timezone.localdate()})
    )


def line_page(request: SignedInRequest, found: PlanLine, money_form: SpendingForm) -> HttpResponse:
    plan, number = found.plan, found.number
    runs = reads.class_runs_by_line(plan)[number] if plan.in_force else []
    seen = ClassRun.objects.visible_to(request.user).filter(pk__in=[run.pk for run in runs])
    money = PlanSpending.objects.visible_to(request.user).filter(line__plan=plan, line__number=number)
    changes = PlanChange.objects.visible_to(request.user).filter(line__plan=plan, line__number=number)
    comments = PlanComment.objects.visible_to(request.user).filter(plan=plan, line_number=number)
    context = plan_context(request, plan, "plan") | {
        "line": found,
        "evidence": reads.evidence_of(found),
        "wanted": reads.methods_wanted(found.plan),
        "class_runs": seen.order_by("starts_on"),
        "left": reads.missing_runs(found),
        "spending": money.select_related("by"),
        "spending_form": money_form,
        "may_spend": permissions.may_spend(request.user, plan),
        "may_make_runs": permissions.may_make_runs(request.user, found),
        "changes": changes.count(),
        "versions": reads.versions_of(found).count(),
        "comments": comments.select_related("unit"),
        "units": reads.units_of(found),
        "contents": _hours("content_tenths", found),
        "methods": _hours("method_tenths", found),
        "terms": Term.choices,
    }
    return render(request, "plans/plan_line.html", context, status=status_of(money_form))


def _hours(name: str, line: PlanLine) -> list[tuple[str, int]]:
    words = sentences.CHOICES[name]
    return [(str(words.get(key, key)), tenths) for key, tenths in getattr(line, name).items()]


def add(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = reads.plan_for(request.user, pk)
    permissions.may_work_on(request.user, plan).require()
    initial = {"term": whole_number(request.GET.get("term", "")) or 1}
    form = LineForm(request.POST or None, user=request.user, plan=plan, initial=initial)
    if request.method == "POST" and form.is_valid():
        with said_on(form):
            made = actions.add_line(plan, form.facts(), by=request.user)
            messages.success(request, _("Line %(number)s is added.") % {"number": made.number})
            return redirect("plans:plan", pk)
    return _form(request, plan, form, None)


def edit(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    found = reads.line_for(request.user, pk, number)
    permissions.may_work_on(request.user, found.plan).require()
    form = LineForm(request.POST or None, user=request.user, plan=found.plan, line=found)
    if request.method == "POST" and form.is_valid() and is_as_seen(request, form, found):
        with said_on(form):
            actions.edit_line(found, form.facts(), by=request.user)
            messages.success(request, _("Line %(number)s is changed.") % {"number": number})
            return redirect("plans:plan", pk)
    return _form(request, found.plan, form, found)


def is_as_seen(request: SignedInRequest, form: LineForm, line: PlanLine) -> bool:
    """Whether nobody changed the line since the form was opened. Else the form says so and keeps what was typed; sent once more, it holds."""
    seen = request.POST.get("seen", "")
    if not seen or seen == digest_of(line):
        return True
    now = {
        str(sentences.FIELDS[name]): sentences.plain(name, getattr(line, name))
        for name in ("title", "term", "people", "runs", "days", "budget")
        if form.facts()[name] != getattr(line, name)
    }
    stands = _("; ").join(f"{label} {said}" for label, said in now.items()) or _("the same as here")
    form.add_error(
        None,
        _(
            "Somebody changed this line while you were typing. What you typed is still here; the line says now: %(stands)s. Keep it again if yours shall hold."
        )
        % {"stands": stands},
    )
    return False


def _form(request: SignedInRequest, plan: AnnualPlan, form: LineForm, line: PlanLine | None) -> HttpResponse:
    sums = reads.sums_for(plan, reads.lines_of(request.user, plan))
    context = {"plan": plan, "form": form, "line": line, "sums": sums, "checks": sentences.check_rows(sums)}
    context |= {"seen": digest_of(line) if line else "", "matching": matching_of(form, line)}
    return render(request, "plans/plan_line_edit.html", context, status=status_of(form))


def matching_of(form: LineForm, line: PlanLine | None) -> int | None:
    """How many people the line is for: as it is typed, else as it stands."""
    if form.is_bound:
        return form.matching
    return None if line is None else reads.people_of(line).count()


@require_POST
def live_sums(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the plan would add up to with the line as it is typed; the line as it was, where it is not whole yet."""
    plan = reads.plan_for(request.user, pk)
    (permissions.may_work_on(request.user, plan) or permissions.may_change(request.user, plan)).require()
    lines = reads.lines_of(request.user, plan)
    number = whole_number(request.POST.get("number", "")) or 0
    form = LineForm(request.POST, user=request.user, plan=plan)
    if form.is_valid():
        typed = PlanLine(plan=plan, number=number or len(lines) + 1, **form.facts())
        if min(typed.people, typed.days) > 0:
            lines = [line for line in lines if line.number != number] + [typed]
    sums = reads.sums_for(plan, lines)
    context = {"sums": sums, "checks": sentences.check_rows(sums), "plan": plan, "matching": form.matching}
    return render(request, "plans/parts/typed.html", context)


@require_POST
def move(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """To another quarter: dropped there, or by a button."""
    found = reads.line_for(request.user, pk, number)
    term = whole_number(request.POST.get("term", ""))
    if term not in Term.values:
        raise Invalid(_("There is no such quarter."))
    actions.move_line(found, term, seen=whole_number(request.POST.get("seen", "")), by=request.user)
    messages.success(request, _("Line %(number)s is in %(term)s now.") % {"number": number, "term": Term(term).label})
    return redirect("plans:plan", pk)


@require_POST
def evidence(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Put a finding aside or take it up again, from the board or from the page of the line."""
    found = reads.line_for(request.user, pk, number)
    aside = either(request.POST.get("deed", ""), "aside", "take-up")
    actions.weigh_without(
        found, request.POST.get("need", ""), request.POST.get("key", ""), aside=aside, by=request.user
    )
    messages.success(request, _("The evidence is put aside.") if aside else _("The evidence counts again."))
    if request.POST.get("from") == "line":
        return redirect(reverse("plans:line", args=[pk, number]) + "#evidence")
    return redirect(reverse("plans:plan", args=[pk]) + f"?open={number}#line-{number}")


@require_POST
def remove(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    actions.remove_line(reads.line_for(request.user, pk, number), by=request.user)
    messages.success(request, _("Line %(number)s is removed.") % {"number": number})
    return redirect("plans:plan", pk)
