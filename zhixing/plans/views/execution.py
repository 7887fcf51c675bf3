"""Carrying a plan out: how far each line has come, the calendar, class runs made from a line, money, the review."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.asked import whole_number
from zhixing.base.calendars import Calendar, Event
from zhixing.base.exports import excel
from zhixing.base.problems import NotFound
from zhixing.base.refusals import said_on, status_of
from zhixing.people.models import Unit
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions, permissions, sentences
from zhixing.plans.forms.annual_plans import ReviewForm, RunsForm, SpendingForm
from zhixing.plans.models import AnnualPlan, ClassRun
from zhixing.plans.queries import annual_plans as reads
from zhixing.plans.queries.annual_plans import Carried, ExecutionBoard
from zhixing.plans.queries.run_names import names_left
from zhixing.plans.views.lines import line_page
from zhixing.plans.views.plan_pages import plan_context

MONTHS = 12


def _in_force(request: SignedInRequest, pk: int) -> AnnualPlan:
    plan = reads.plan_for(request.user, pk)
    if not plan.in_force:
        raise NotFound
    return plan


@require_GET
def board(request: SignedInRequest, pk: int) -> HttpResponse:
    """Planned, under way, held, cancelled, late; money planned, committed, spent."""
    plan = _in_force(request, pk)
    found = reads.execution_board(request.user, plan, timezone.localdate())
    state, words = request.GET.get("state", ""), request.GET.get("q", "").strip()[:60]
    shown = [
        one
        for one in found.lines
        if (not state or one.execution == state) and all(word in one.line.title for word in words.split())
    ]
    if request.GET.get("export") == "xlsx":
        return _exported(plan, shown)
    officer = not request.user.is_liaison
    context = plan_context(request, plan, "execution") | {
        "board": found,
        "shown": shown,
        "state": state,
        "words": words,
        "counts": [
            (one, sentences.EXECUTION[one], len(lines), sentences.TONES[one]) for one, lines in found.by_state().items()
        ],
        "late": found.by_state()["late"],  # type: ignore[index]
        "shows_money": officer,
    }
    return render(request, "plans/plan_execution.html", context)


def _exported(plan: AnnualPlan, lines: list[Carried]) -> HttpResponse:
    headings = [
        _("number"), _("class"), _("term"), _("training institution"), _("people"), _("runs"), _("runs made"), _("runs held"),
        _("execution"), _("money planned"), _("money committed"), _("money spent"),
    ]  # fmt: skip
    rows = (
        (
            one.line.number, one.line.title, one.line.get_term_display(), sentences.held_at(one.line), one.line.people,
            one.line.runs, one.made, one.held, str(sentences.EXECUTION[one.execution]), one.line.budget / 100,
            one.committed / 100, one.spent / 100,
        )
        for one in lines
    )  # fmt: skip
    return excel(f"execution-{plan.year}", headings, rows)


@require_GET
def calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    """The class runs of the plan by month."""
    plan = _in_force(request, pk)
    found = reads.execution_board(request.user, plan, timezone.localdate())
    runs = [run for one in found.lines for run in one.class_runs if run.state != ClassRun.State.CANCELLED]
    seen = set(
        ClassRun.objects.visible_to(request.user).filter(pk__in=[run.pk for run in runs]).values_list("pk", flat=True)
    )
    month = _month(request, plan)
    context = plan_context(request, plan, "plan_calendar") | {
        "calendar": Calendar(
            _("Class runs of the plan"),
            [_event(run) for run in runs if run.pk in seen],
            on=month,
            view="month",
            whole_days=True,
        ),
        "months": [(n, dt.date(plan.year, n, 1), _busy(runs, seen, plan.year, n)) for n in range(1, MONTHS + 1)],
        "month": month.month,
        "count": _busy(runs, seen, plan.year, month.month),
        "unmade": _unmade(found, month),
    }
    return render(request, "plans/plan_calendar.html", context)


def _month(request: SignedInRequest, plan: AnnualPlan) -> dt.date:
    asked = whole_number(request.GET.get("month", ""))
    today = timezone.localdate()
    usual = today.month if today.year == plan.year else 1
    return dt.date(plan.year, asked if asked is not None and 1 <= asked <= MONTHS else usual, 1)


def _last(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


def _busy(runs: list[ClassRun], seen: set[int], year: int, month: int) -> int:
    first = dt.date(year, month, 1)
    return sum(run.pk in seen and run.starts_on <= _last(first) and run.ends_on >= first for run in runs)


def _event(run: ClassRun) -> Event:
    starts, ends = dt.datetime.combine(run.starts_on, dt.time(8)), dt.datetime.combine(run.ends_on, dt.time(18))
    tone = {"held": "good", "running": "info", "called": "info"}.get(run.state, "")
    place = run.institution.name if run.institution else run.institution_name
    return Event(run.name, starts, ends, place, reverse("plans:class_run", args=[run.pk]), tone, str(run.pk))


def _unmade(found: ExecutionBoard, month: dt.date) -> list[Carried]:
    """Lines of the quarter of which class runs are missing: they have no day yet."""
    term = (month.month + 2) // 3
    return [one for one in found.lines if one.line.term == term and not one.line.struck and one.made < one.line.runs]


def make_runs(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Days and seats by unit are shown before the class runs are made."""
    line = reads.line_for(request.user, pk, number)
    permissions.may_make_runs(request.user, line).require()
    left = reads.missing_runs(line)
    proposed = reads.days_proposed(line, timezone.localdate())
    names = names_left(line.plan).get(line.number, [])
    form = RunsForm(request.POST or None, names=names, proposed=proposed)
    if request.method == "POST" and form.is_valid():
        with said_on(form):
            made = actions.make_class_runs(line, form.days(), by=request.user)
            words = {"n": len(made)}
            messages.success(request, _("%(n)s class runs are made with their quotas; open them for call-up.") % words)
            return redirect("plans:line", pk, number)
    drafts = actions.drafts_of(line, proposed)
    units = {unit.pk: unit.name for unit in Unit.objects.filter(pk__in={u for one in drafts for u in one.quotas})}
    quotas = [(name, [one.quotas.get(unit, 0) for one in drafts]) for unit, name in units.items()]
    context = {
        "plan": line.plan,
        "line": line,
        "form": form,
        "left": left,
        "proposed": proposed,
        "unknown_years": reads.years_without_holidays(line, timezone.localdate()),
        "names": names[: len(drafts)],
        "quotas": [(name, seats) for name, seats in quotas if any(seats)],
        "unseated": [name for name, seats in quotas if not any(seats)],
        "people": sum(reads.people_by_unit(line).values()),
    }
    return render(request, "plans/plan_runs.html", context, status=status_of(form))


@require_POST
def spend(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    line = reads.line_for(request.user, pk, number)
    permissions.may_spend(request.user, line.plan).require()
    form = SpendingForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        with said_on(form):
            cents = int(given["yuan"] * 100)
            actions.record_spending(
                line, kind=given["kind"], cents=cents, on=given["on"], note=given["note"], by=request.user
            )
            messages.success(request, _("The money is entered."))
            return redirect("plans:line", pk, number)
    return line_page(request, line, form)


def review(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _in_force(request, pk)
    if plan.state != AnnualPlan.State.REVIEWED and not (request.user.is_department or request.user.is_auditor):
        raise NotFound
    form = ReviewForm(request.POST or None)
    if request.method == "POST":
        permissions.may_review(request.user, plan).require()
        if form.is_valid():
            with said_on(form):
                actions.review_plan(plan, form.cleaned_data["text"], by=request.user)
                messages.success(request, _("The review is kept and the plan is closed."))
                return redirect("plans:review", pk)
    found = reads.execution_board(request.user, plan, timezone.localdate())
    context = plan_context(request, plan, "review") | {
        "form": form,
        "may_review": permissions.may_review(request.user, plan),
        "board": found,
        "counts": [(sentences.EXECUTION[one], len(lines)) for one, lines in found.by_state().items()],
    }
    return render(request, "plans/plan_review.html", context, status=status_of(form))
