"""Runs: the list, a new one, the board of one, publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.asked import whole_number, whole_numbers
from zhixing.base.columns import state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.callups import actions, permissions, queries, sentences
from zhixing.callups.forms import PublishForm, RunForm
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.terms import Terms
from zhixing.callups.views.cells import filled_cell
from zhixing.callups.views.deadlock import deadlock_of
from zhixing.callups.views.fairness import fairness_sections
from zhixing.callups.views.live import so_far
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun

CHOICES_MOST = 500
BOARD_ROWS = 200
"""The class runs of a whole year on one page."""
RUN_COLUMNS = (
    Column("name", gettext_lazy("run"), sort="name", link=lambda r: reverse("callups:run", args=[r.pk])),
    Column("class_run_count", gettext_lazy("number of class runs"), sort="class_run_count", numeric=True),
    Column("callup_count", gettext_lazy("call-ups"), sort="callup_count", numeric=True),
    Column(
        "gap",
        gettext_lazy("gap to the bound"),
        value=lambda r: sentences.gap({} if r.is_put_away else r.result),
        numeric=True,
    ),
    Column("reply_by", gettext_lazy("answers due by"), sort="reply_by"),
    state_column(gettext_lazy("state")),
    Column("created_at", gettext_lazy("made at"), sort="created_at"),
)


@require_GET
def runs(request: SignedInRequest) -> HttpResponse:
    listing = Listing(
        request,
        queries.runs_of(request.user),
        RUN_COLUMNS,
        name="callup-runs",
        label=_("Call-up runs"),
        search=("name",),
        search_label=_("Name of the run"),
        filters=(Filter("state", _("state"), CallupRun.State.choices),),
        empty=Empty(
            _("No call-up run yet"),
            _("Choose class runs that are open for call-up; the system proposes a named list."),
            reverse("callups:create"),
            _("New call-up run"),
            "target-arrow",
        ),
    )
    open_runs = CallupRun.objects.visible_to(request.user).filter(state__in=CallupRun.OPEN_TO_CHANGE).count()
    context = {"open_runs": open_runs, "may_plan": permissions.may_plan(request.user)}
    return listing.response("callups/runs.html", context)


@require_http_methods(["GET", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    permissions.may_plan(request.user).require()
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    permissions.may_change_run(request.user, found).require()
    return _edit(request, found)


def _edit(request: SignedInRequest, found: CallupRun | None) -> HttpResponse:
    offered = queries.callable_class_runs(request.user, timezone.localdate())
    years = sorted(offered.order_by().values_list("year", flat=True).distinct())
    shown, asked = _narrowed(request, offered, years, found)
    initial = {"name": _("Call-up %(day)s") % {"day": timezone.localdate()}}
    form = RunForm(request.POST or None, run=found, initial=initial)
    chosen = offered.filter(pk__in=whole_numbers(request.POST.getlist("selected")))
    if request.method == "POST" and form.is_valid():
        return _keep(request, found, form, chosen)
    kept = set(found.class_runs.values_list("pk", flat=True)) if found else _wished(request)
    context = {
        "form": form,
        "run": found,
        "years": years,
        "asked": asked,
        "channels": ClassRun._meta.get_field("channel").choices,
        "rows": [{"class_run": c, "chosen": kept is None or c.pk in kept} for c in shown],
        "seats": sum(c.seats_max for c in shown),
    }
    return render(request, "callups/edit.html", context, status=422 if form.errors else 200)


def _wished(request: SignedInRequest) -> set[int] | None:
    """The class runs that a link chose for a new run; None: all that are shown."""
    return set(whole_numbers(request.GET.getlist("chosen"))) or None


def _narrowed(
    request: SignedInRequest, offered: QuerySet[ClassRun], years: list[int], found: CallupRun | None
) -> tuple[list[ClassRun], dict[str, Any]]:
    """The class runs to choose from, and what they were narrowed by. The first year that has any is shown first."""
    asked: dict[str, Any] = {key: request.GET.get(key, "") for key in ("q", "channel")}
    year = whole_number(request.GET.get("year", ""))
    kept = found.class_runs.values_list("year", flat=True).first() if found else None
    asked["year"] = year if year in years else kept or (years[0] if years else None)
    rows = offered.filter(year=asked["year"]) if asked["year"] else offered.none()
    if asked["channel"]:
        rows = rows.filter(channel=asked["channel"])
    for word in asked["q"].split()[:5]:
        rows = rows.filter(name__icontains=word)
    return list(rows[:CHOICES_MOST]), asked


def _keep(request: SignedInRequest, found: CallupRun | None, form: RunForm, chosen: QuerySet[ClassRun]) -> HttpResponse:
    given = form.cleaned_data
    facts: dict[str, Any] = {"terms": form.terms(), "seed": given["seed"], "seconds": given["seconds"]}
    if found is None:
        found = actions.create_run(given["name"], chosen, by=request.user, **facts)
        actions.start_run(found, by=request.user)
        messages.success(request, _("The search for the best list has begun. You may leave this page."))
    else:
        actions.change_run(found, given["name"], chosen, by=request.user, **facts)
        messages.success(request, _("The run is changed. Solve it again."))
    return redirect("callups:run", found.pk)


BOARD_COLUMNS = (
    Column("code", gettext_lazy("code"), sort="code"),
    Column("starts_on", gettext_lazy("starts on"), sort="starts_on"),
    Column("ends_on", gettext_lazy("ends on"), sort="ends_on"),
    Column("seats_max", gettext_lazy("seats"), sort="seats_max", numeric=True),
    Column("filled", gettext_lazy("on the list"), sort="filled", numeric=True, show=filled_cell),
    Column("free", gettext_lazy("free"), sort="free", numeric=True),
)
ANSWER_COLUMNS = (
    Column("accepted", gettext_lazy("accepted"), sort="accepted", numeric=True),
    Column("asked", gettext_lazy("ask leave or substitute"), sort="asked", numeric=True),
    Column("unanswered", gettext_lazy("no answer yet"), sort="unanswered", numeric=True),
)


@require_GET
def run(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    name = Column(
        "name",
        _("class run"),
        sort="name",
        link=lambda c: reverse("callups:class_list", args=[found.pk, c.pk]),
    )
    published = found.state == CallupRun.State.PUBLISHED
    listing = Listing(
        request,
        queries.board(found),
        (name, *BOARD_COLUMNS, *(ANSWER_COLUMNS if published else ())),
        name="board",
        label=_("Class runs of this run"),
        search=("name", "code"),
        search_label=_("Class run or code"),
        filters=(
            Filter(
                "seats",
                _("seats"),
                (("free", _("with free seats")), ("full", _("full")), ("short", _("below the fewest"))),
                apply=_by_seats,
            ),
        ),
        page_size=BOARD_ROWS,
    )
    terms = sentences.terms_in_words(Terms.of(found.settings), found.seed, whole=False)
    return listing.response(
        "callups/run.html", {**run_context(request.user, found), **fairness_sections(found), "terms": terms}
    )


def _by_seats(rows: QuerySet[Any], chosen: str) -> QuerySet[Any]:
    if chosen == "short":
        return rows.filter(held__lt=F("seats_min"))
    return rows.filter(free__gt=0) if chosen == "free" else rows.filter(free__lte=0)


def run_context(user: Account, found: CallupRun) -> dict[str, Any]:
    """What every page of a run shows above its tabs."""
    count = queries.count_run(found)
    return {
        "run": found,
        "reasons_of": sentences.reasons_of(found) if found.is_put_away else "",
        "count": count,
        "answer": sentences.run_answer(found, count),
        "deadlock": deadlock_of(user, found) if found.state == CallupRun.State.INFEASIBLE else None,
        "tabs": run_tabs(found),
        "may_change": permissions.may_change_run(user, found),
        "may_stop": permissions.may_stop(user, found),
        "may_publish": permissions.may_publish(user, found),
        "may_repair": permissions.may_repair(user, found),
        "may_make_papers": permissions.may_make_papers(user, found),
        "live": so_far(found),
    }


def run_tabs(found: CallupRun, active: str = "run") -> list[dict[str, Any]]:
    items = [
        ("run", _("Class runs"), reverse("callups:run", args=[found.pk])),
        ("board", _("Units × class runs"), reverse("callups:board", args=[found.pk])),
        ("people", _("People"), reverse("callups:people", args=[found.pk])),
        ("pins", _("Decided by hand"), reverse("callups:pins", args=[found.pk])),
        ("compare", _("Compare"), reverse("callups:choose", args=[found.pk])),
    ]
    if found.state == CallupRun.State.PUBLISHED:
        items.append(("papers", _("Papers"), reverse("callups:papers", args=[found.pk])))
    return [{"label": label, "url": url, "active": key == active} for key, label, url in items]


@require_http_methods(["GET", "POST"])
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    permissions.may_publish(request.user, found).require()
    proposed = found.callups.filter(state=Callup.State.PROPOSED)
    first = proposed.order_by("class_run__starts_on").values_list("class_run__starts_on", flat=True).first()
    form = PublishForm(request.POST or None, first_day=first, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        sent = actions.publish_run(found, reply_by=form.cleaned_data["reply_by"], by=request.user)
        messages.success(request, _("%(sent)s people are called. The papers are being written.") % {"sent": sent})
        return redirect("callups:run", pk)
    context = {
        "run": found,
        "form": form,
        "count": queries.count_run(found),
        "units": proposed.order_by().values("unit_id").distinct().count(),
        "first_day": first,
        "short": queries.short_class_runs(found),
    }
    return render(request, "callups/publish.html", context, status=422 if form.errors else 200)


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Solve, stop, copy, drop, or make the papers again."""
    found = queries.run_for(request.user, pk)
    match deed:
        case "solve":
            actions.start_run(found, by=request.user)
        case "stop":
            actions.stop_run(found, by=request.user)
            messages.info(request, _("The search stops; the best list so far is kept."))
        case "copy":
            made = actions.copy_run(found, by=request.user)
            messages.success(
                request, _("The run is copied with its terms and the decisions by hand. Say what should differ.")
            )
            return redirect("callups:change", made.pk)
        case "drop":
            actions.drop_run(found, by=request.user)
            messages.success(request, _("The run is dropped. Nobody was told of it."))
            return redirect("callups:runs")
        case "papers":
            actions.make_papers(found, by=request.user)
            messages.success(request, _("The papers are being written."))
            return redirect("callups:papers", pk)
        case _:
            raise NotFound
    return redirect("callups:run", pk)
