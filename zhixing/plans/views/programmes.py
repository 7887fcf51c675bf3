"""Programmes, and what institutions have room for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.refusals import said_on, status_of
from zhixing.base.templatetags.pages import badge
from zhixing.needs.models import RankGroup
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import permissions
from zhixing.plans.actions import programmes as actions
from zhixing.plans.forms.programmes import CapacityForm, ProgrammeForm
from zhixing.plans.models import Capacity, Programme, Term
from zhixing.plans.money import money

GROUPS = dict(RankGroup.choices)
PROGRAMME_COLUMNS = (
    Column("code", gettext_lazy("code"), sort="code"),
    Column("name", gettext_lazy("programme"), sort="name", link=lambda p: page_about("plans:programme", p.pk)),
    Column("kind", gettext_lazy("kind"), sort="kind", value=lambda p: p.get_kind_display()),
    Column("days", gettext_lazy("days"), sort="days", numeric=True),
    Column("tenths", gettext_lazy("hours"), sort="tenths", numeric=True, value=lambda p: p.tenths / 10),
    Column("size", gettext_lazy("people in a run"), value=lambda p: f"{p.size_min}–{p.size_max}"),
    Column(
        "rank_groups", gettext_lazy("rank groups"), value=lambda p: "、".join(str(GROUPS.get(g, g)) for g in p.rank_groups)
    ),
    Column(
        "state", gettext_lazy("state"), value=lambda p: p.get_state_display(),
        show=lambda p: badge("good" if p.state == Programme.State.IN_USE else "quiet", p.get_state_display()),
    ),
)  # fmt: skip
CAPACITY_COLUMNS = (
    Column(
        "institution__name",
        gettext_lazy("institution"),
        sort="institution__path",
        link=lambda c: page_about("plans:capacity", c.pk),
    ),
    Column("year", gettext_lazy("year"), sort="year", value=lambda c: str(c.year)),
    Column("term", gettext_lazy("term"), sort="term", value=lambda c: c.get_term_display()),
    Column("runs_at_once", gettext_lazy("class runs at once"), sort="runs_at_once", numeric=True),
    Column("seats", gettext_lazy("people at once"), sort="seats", numeric=True),
    Column("teacher_days", gettext_lazy("teacher days"), numeric=True, value=lambda c: sum(c.teacher_days.values())),
    Column(
        "rate_cents", gettext_lazy("rate per person and day"), numeric=True, value=lambda c: c.rate_cents / 100,
        show=lambda c: money(c.rate_cents),
    ),
    Column(
        "closed", gettext_lazy("state"), value=lambda c: _("closed") if c.closed else _("open"),
        show=lambda c: badge("warn", _("closed")) if c.closed else badge("good", _("open")),
    ),
)  # fmt: skip


def _staff_only(request: SignedInRequest) -> None:
    user = request.user
    if not (user.is_department or user.is_auditor or user.is_school) or user.is_class_head:
        raise NotFound


@require_GET
def programmes(request: SignedInRequest) -> HttpResponse:
    _staff_only(request)
    may_keep = permissions.may_keep_programmes(request.user)
    listing = Listing(
        request,
        Programme.objects.visible_to(request.user),
        PROGRAMME_COLUMNS,
        name="programmes",
        label=_("Programmes"),
        search=("name", "code", "theme"),
        search_label=_("Name, code or theme"),
        filters=(
            Filter("kind", _("kind"), Programme.Kind.choices),
            Filter("state", _("state"), Programme.State.choices),
        ),
        empty=Empty(
            _("No programme yet"),
            _("A programme is the template of lines: hours, methods, size and money are typed once."),
            reverse("plans:create_programme") if may_keep else "",
            _("New programme") if may_keep else "",
        ),
    )
    return listing.response("plans/programmes.html", {"may_keep": may_keep})


def _found(request: SignedInRequest, pk: int) -> Programme:
    found = Programme.objects.visible_to(request.user).select_related("unit").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def create(request: SignedInRequest) -> HttpResponse:
    permissions.may_keep_programmes(request.user).require()
    form = ProgrammeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        with said_on(form):
            made = actions.create_programme(form.facts(), form.cleaned_data["covers"], by=request.user)
            messages.success(request, _("The programme is kept."))
            return redirect("plans:programme", made.pk)
    context = {"form": form, "programme": None, "may_keep": permissions.may_keep_programmes(request.user)}
    return render(request, "plans/programme.html", context, status=status_of(form))


def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """The programme; those who may not change it read it."""
    found = _found(request, pk)
    verdict = permissions.may_keep_programmes(request.user, found)
    form = ProgrammeForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST":
        verdict.require()
        if form.is_valid():
            with said_on(form):
                actions.edit_programme(_found(request, pk), form.facts(), form.cleaned_data["covers"], by=request.user)
                messages.success(request, _("The programme is kept."))
                return redirect("plans:programme", pk)
    else:
        for field in form.fields.values():
            field.disabled = not verdict
    context = {"form": form, "programme": found, "may_keep": verdict}
    return render(request, "plans/programme.html", context, status=status_of(form))


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    found = _found(request, pk)
    if deed not in ("retire", "take-up"):
        raise NotFound
    to = Programme.State.RETIRED if deed == "retire" else Programme.State.IN_USE
    actions.move_programme(found, to, by=request.user)
    messages.success(request, _("Done."))
    return redirect("plans:programme", pk)


@require_GET
def capacities(request: SignedInRequest) -> HttpResponse:
    _staff_only(request)
    may_keep = request.user.is_department or request.user.is_school
    years = Capacity.objects.visible_to(request.user).order_by("-year").values_list("year", flat=True).distinct()
    listing = Listing(
        request,
        Capacity.objects.visible_to(request.user).select_related("institution"),
        CAPACITY_COLUMNS,
        name="capacities",
        label=_("What institutions have room for"),
        search=("institution__name",),
        search_label=_("Institution"),
        filters=(
            Filter("year", _("year"), [(str(year), str(year)) for year in years]),
            Filter("term", _("term"), [(str(value), label) for value, label in Term.choices]),
        ),
        empty=Empty(
            _("No institution has said what it has room for"),
            _("Enter for each quarter how many class runs and people it takes at once."),
            reverse("plans:add_capacity") if may_keep else "",
            _("Enter") if may_keep else "",
        ),
    )
    return listing.response("plans/capacities.html", {"may_keep": may_keep})


def add_capacity(request: SignedInRequest) -> HttpResponse:
    _staff_only(request)
    if request.user.is_auditor:
        permissions.may_plan(request.user).require()
    form = CapacityForm(request.POST or None, user=request.user, initial={"year": timezone.localdate().year + 1})
    return _kept(request, form, None)


def edit_capacity(request: SignedInRequest, pk: int) -> HttpResponse:
    found = Capacity.objects.visible_to(request.user).select_related("institution").filter(pk=pk).first()
    if found is None:
        raise NotFound
    verdict = permissions.may_keep_capacity(request.user, found.institution)
    form = CapacityForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST":
        verdict.require()
    else:
        for field in form.fields.values():
            field.disabled = field.disabled or not verdict
    return _kept(request, form, found)


def _kept(request: SignedInRequest, form: CapacityForm, capacity: Capacity | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with said_on(form):
            actions.keep_capacity(form.facts(), by=request.user)
            messages.success(request, _("Kept."))
            return redirect("plans:capacities")
    may_keep = capacity is None or permissions.may_keep_capacity(request.user, capacity.institution)
    context = {"form": form, "capacity": capacity, "may_keep": may_keep}
    return render(request, "plans/capacity.html", context, status=status_of(form))
