"""Pages of what a class run cost, and what tests before and after it showed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import yuan
from zhixing.evaluations import actions, measuring, telling_gains
from zhixing.evaluations.measured_forms import CorrectionForm, CostForm, GainForm
from zhixing.evaluations.models import CostEntry, ExamGain
from zhixing.evaluations.queries.measured import costs_of
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import class_run_for

deed = require_http_methods(["GET", "POST"])


def measured_url(class_run: ClassRun) -> str:
    return page_about("evaluations:measured", class_run.pk)


def _crumbs(class_run: ClassRun) -> list[tuple[str, str]]:
    return [
        (class_run.name, page_about("evaluations:class_run", class_run.pk)),
        (_("Costs and tests"), measured_url(class_run)),
    ]


@require_GET
def measured(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every amount with its sums, which Excel takes along; and what the tests that stand showed."""
    class_run = class_run_for(request.user, pk)
    measuring.may_see_measured(request.user, class_run).require()
    may_enter = measuring.may_enter(request.user, class_run)
    rows = CostEntry.objects.visible_to(request.user).filter(class_run=class_run).select_related("by", "corrected_by")
    listing = Listing(
        request,
        rows,
        (
            Column("on", _("day"), sort="on"),
            Column("get_category_display", _("kind of cost"), sort="category"),
            Column("get_kind_display", _("planned or spent"), sort="kind"),
            Column(
                "cents",
                _("amount (yuan)"),
                sort="cents",
                numeric=True,
                value=_in_yuan,
                show=lambda one: yuan(one.cents),
            ),
            Column("note", _("note"), long=True),
            Column("by__name", _("entered by")),
            Column("state", _("correction"), value=_state, link=lambda one: _correct_url(one) if may_enter else ""),
        ),
        name="costs",
        label=_("Costs"),
        search=("note",),
        filters=(
            Filter("kind", _("planned or spent"), CostEntry.Kind.choices),
            Filter("category", _("kind of cost"), CostEntry.Category.choices),
        ),
        empty=Empty(_("No cost was entered"), _("Enter what is planned and what was spent."), icon="report-analytics"),
    )
    latest = ExamGain.objects.visible_to(request.user).filter(class_run=class_run).select_related("by").first()
    context = {
        "class_run": class_run,
        "costs": costs_of(class_run),
        "may_enter": may_enter,
        "gain": latest and _told(latest),
    }
    return listing.response("evaluations/measured.html", context)


def _told(gain: ExamGain) -> dict[str, Any]:
    """Of the one that stands; earlier ones beside it would tell of the people by whom they differ."""
    return {
        "row": gain,
        "tone": telling_gains.TONES.get(gain.found["verdict"], "quiet"),
        "verdict": telling_gains.verdict_words(gain),
        "sentence": telling_gains.gain_sentence(gain),
    }


def _in_yuan(entry: CostEntry) -> Decimal:
    return Decimal(entry.cents) / 100


def _state(entry: CostEntry) -> str:
    if entry.corrects_id:
        return _("a correction")
    return _("corrected") if hasattr(entry, "corrected_by") else _("correct it")


def _correct_url(entry: CostEntry) -> str:
    return (
        ""
        if entry.corrects_id or hasattr(entry, "corrected_by")
        else reverse("evaluations:correct_cost", args=[entry.pk])
    )


def _entering(request: SignedInRequest, class_run: ClassRun, form: Any, act: Any, **words: Any) -> HttpResponse:
    return deed_page(
        request,
        form,
        act,
        verdict=measuring.may_enter(request.user, class_run),
        back=measured_url(class_run),
        crumbs=_crumbs(class_run),
        **words,
    )


@deed
def enter_cost(request: SignedInRequest, pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    form = CostForm(request.POST or None, initial={"on": timezone.localdate()})

    def act() -> str:
        actions.enter_cost(class_run, **form.facts(), by=request.user)
        return measured_url(class_run)

    return _entering(
        request,
        class_run,
        form,
        act,
        title=_("Enter a cost"),
        button=_("Enter the cost"),
        done=_("The amount is kept."),
    )


@deed
def correct_cost(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = CostEntry.objects.visible_to(request.user).select_related(
        "class_run__institution", "class_run__organised_by"
    )
    found = entry.filter(pk=pk).first()
    if found is None:
        raise NotFound
    measuring.may_correct(request.user, found).require()
    form = CorrectionForm(request.POST or None)

    def act() -> str:
        actions.correct_cost(found, form.cleaned_data["reason"], by=request.user)
        return measured_url(found.class_run)

    lead = _("%(amount)s, %(what)s: an entry of the opposite amount is added, both stay.") % {
        "amount": yuan(found.cents),
        "what": found.get_category_display(),
    }
    return _entering(
        request,
        found.class_run,
        form,
        act,
        title=_("Take back an amount"),
        button=_("Take the amount back"),
        lead=lead,
        done=_("The amount is taken back."),
    )


@deed
def enter_gain(request: SignedInRequest, pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    form = GainForm(request.POST or None, request.FILES or None)

    def act() -> str:
        given = dict(form.cleaned_data)
        actions.enter_gain(class_run, given.pop("file"), **given, by=request.user)
        return measured_url(class_run)

    return _entering(
        request,
        class_run,
        form,
        act,
        title=_("Take in test scores"),
        button=_("Reckon"),
        lead=_(
            "A sheet with the columns 前测 and 后测, one row a person, no names. Only what it shows of all together is kept; the scores are not."
        ),
        done=_("What the tests showed is kept; the scores are not."),
    )
