"""Pages of class runs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhixing.base import audit
from zhixing.base.asked import whole_number
from zhixing.base.columns import hours_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.refusals import said_on, status_of
from zhixing.base.templatetags.pages import badge
from zhixing.obligations.models import Channel
from zhixing.people.models import Unit
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import actions, elsewhere, permissions, queries, short
from zhixing.plans.forms.class_runs import CancelForm, ClassRunForm, CopyForm, PracticalForm, QuotaForm
from zhixing.plans.models import ClassRun

COLUMNS = (
    Column("code", gettext_lazy("code"), sort="code"),
    Column("name", gettext_lazy("class run"), sort="name", link=lambda c: page_about("plans:class_run", c.pk)),
    Column("starts_on", gettext_lazy("starts on"), sort="starts_on"),
    Column("ends_on", gettext_lazy("ends on"), sort="ends_on"),
    hours_column("tenths", gettext_lazy("hours"), sort="tenths"),
    Column("seats_max", gettext_lazy("seats"), sort="seats_max", numeric=True),
    Column("seats_min", gettext_lazy("fewest seats"), sort="seats_min", numeric=True),
    Column("held", gettext_lazy("called"), sort="held", numeric=True, show=lambda c: held_cell(c)),
    Column("quota_count", gettext_lazy("units with a quota"), sort="quota_count", numeric=True),
    Column(
        "institution_name", gettext_lazy("training institution"), sort="institution__name", value=lambda c: held_by(c)
    ),
    Column(
        "state",
        gettext_lazy("state"),
        sort="state",
        value=lambda c: ClassRun.State(c.state).label,
        show=lambda c: badge(c.state, ClassRun.State(c.state).label),
    ),
)


def held_by(class_run: ClassRun) -> str:
    """The institution's name: of the unit when it is one of ours, else as written."""
    return class_run.institution.name if class_run.institution else class_run.institution_name


def held_cell(class_run: Any) -> str | SafeString:
    """How many people are called, with a mark when the class run needs more."""
    if not short.is_short(class_run, timezone.localdate()):
        return str(class_run.held)
    mark = badge("warn", _("below the fewest: %(n)s") % {"n": class_run.seats_min})
    return format_html("{} {}", class_run.held, mark)


def _only_short(rows: QuerySet[ClassRun], _chosen: str) -> QuerySet[Any]:
    return short.short_among(rows, timezone.localdate())


@require_GET
def class_runs(request: SignedInRequest) -> HttpResponse:
    years = queries.years(request.user)
    asked = whole_number(request.GET.get("year", ""))
    year = asked if asked in years else (years[0] if years else timezone.localdate().year)
    rows = ClassRun.objects.visible_to(request.user).filter(year=year).select_related("institution")
    staff = request.user.is_department or request.user.is_auditor or request.user.is_school
    called = Filter("called", _("called"), (("short", _("below the fewest")),), apply=_only_short)
    listing = Listing(
        request,
        short.with_held(rows.annotate(quota_count=queries.quota_count())),
        COLUMNS if staff else tuple(column for column in COLUMNS if column.key != "held"),
        name="class-runs",
        label=_("Class runs of the year"),
        search=("name", "code", "theme", "organiser"),
        search_label=_("Name, code, theme or organiser"),
        filters=(
            Filter("state", _("state"), ClassRun.State.choices),
            *((called,) if staff else ()),
            Filter("channel", _("form of training"), Channel.choices),
            Filter("content", _("content block"), ClassRun.Content.choices),
        ),
        export=excel,
        empty=Empty(
            _("No class runs yet"),
            _("Import the year's class list, or enter a class run by hand."),
            reverse("plans:imports"),
            _("Import the class list"),
        ),
    )
    return listing.response(
        "plans/class_runs.html",
        {
            "year": year,
            "years": years,
            "count": queries.year_count(request.user, year),
            "may_plan": permissions.may_plan(request.user),
        },
    )


@require_GET
def class_run(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.class_run_for(request.user, pk)
    staff = ClassRun.objects.in_charge(request.user).filter(pk=pk).exists()
    officer = staff and not request.user.is_school
    found.held = short.with_held(ClassRun.objects.filter(pk=pk)).get().held  # type: ignore[attr-defined]
    return render(
        request,
        "plans/class_run.html",
        {
            "class_run": found,
            "held_by": held_by(found),
            "quotas": queries.quotas_of(found),
            "eligible": queries.eligible_people(found).count() if officer else None,
            "elsewhere": elsewhere.called_elsewhere(found) if officer else 0,
            "officer": officer,
            "staff": staff,
            "short": staff and short.is_short(found, timezone.localdate()),
            "target_units": Unit.objects.filter(pk__in=found.units),
            "may_edit": permissions.may_edit(request.user, found),
            "not_begun": found.starts_on > timezone.localdate(),
            "call_up_url": f"{reverse('callups:create')}?year={found.year}&chosen={found.pk}",
            "may_complete": permissions.may_complete(request.user, found),
            "may_cancel": permissions.may_cancel(request.user, found),
            "cancel_form": CancelForm(),
            "copy_form": CopyForm(),
            "trail": audit.trail(found)[:20] if officer else (),
        },
    )


@require_GET
def eligible(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everyone of the target group, for those who plan."""
    found = queries.class_run_for(request.user, pk)
    if not permissions.organises(request.user, found):
        raise NotFound
    listing = Listing(
        request,
        queries.eligible_people(found).visible_to(request.user).select_related("unit"),
        (
            Column("number", _("staff number"), sort="number"),
            Column("name", _("full name"), sort="name", link=lambda p: page_about("people:person", p.pk)),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("rank", _("rank"), sort="rank"),
            Column("grade", _("grade"), sort="grade"),
        ),
        name="eligible",
        label=_("People of the target group"),
        search=("name", "number", "unit__name"),
        export=excel,
    )
    return listing.response("plans/eligible.html", {"class_run": found})


def create(request: SignedInRequest) -> HttpResponse:
    permissions.may_plan(request.user).require()
    form = ClassRunForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with said_on(form):
            made = actions.create_class_run(form.facts(), by=request.user)
            messages.success(request, _("The class run is kept as a draft. Give it quotas, then open it for call-up."))
            return redirect("plans:class_run", made.pk)
    return render(request, "plans/edit.html", {"form": form, "class_run": None}, status=status_of(form))


def edit_form(request: SignedInRequest, class_run: ClassRun) -> ClassRunForm | PracticalForm:
    """The whole form for those who plan, the practical one for the institution that holds the class run."""
    if permissions.may_edit(request.user, class_run):
        return ClassRunForm(request.POST or None, instance=class_run, user=request.user)
    return PracticalForm(request.POST or None, instance=class_run)


def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.class_run_for(request.user, pk)
    permissions.may_complete(request.user, found).require()
    form = edit_form(request, found)
    if request.method == "POST" and form.is_valid():
        facts = form.facts() if isinstance(form, ClassRunForm) else form.cleaned_data
        with said_on(form):
            actions.edit_class_run(queries.class_run_for(request.user, pk), facts, by=request.user)
            messages.success(request, _("The class run is changed."))
            return redirect("plans:class_run", pk)
    return render(request, "plans/edit.html", {"form": form, "class_run": found}, status=status_of(form))


def quotas(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.class_run_for(request.user, pk)
    permissions.may_edit(request.user, found).require()
    words = request.GET.get("q", "").strip()[:60]
    units = queries.units_for_quotas(request.user, found, words)
    form = QuotaForm(request.POST or None, class_run=found, units=units)
    if request.method == "POST" and form.is_valid():
        with said_on(form):
            actions.set_quotas(found, form.seats(), by=request.user)
            messages.success(request, _("The quotas are kept."))
            return redirect("plans:class_run", pk)
    quotas = form.held.values()
    context = {
        "form": form,
        "class_run": found,
        "words": words,
        "least": sum(q.seats_min for q in quotas),
        "most": sum(q.seats_max for q in quotas),
    }
    return render(request, "plans/quotas.html", context, status=status_of(form))


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Open for call-up, take back to draft, cancel or copy."""
    found = queries.class_run_for(request.user, pk)
    if deed == "open":
        actions.open_class_run(found, by=request.user)
    elif deed == "draft":
        actions.reopen_as_draft(found, by=request.user)
    elif deed == "cancel":
        actions.cancel_class_run(found, reason=request.POST.get("reason", ""), by=request.user)
    else:
        form = CopyForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Give the day on which the copy starts."))
            return redirect("plans:class_run", pk)
        found = actions.copy_class_run(found, starts_on=form.cleaned_data["starts_on"], by=request.user)
    messages.success(request, _("Done."))
    return redirect("plans:class_run", found.pk)
