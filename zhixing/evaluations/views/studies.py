"""Studies (效果研究): a list, a plan that says what it could see before anything is begun, outcomes, and what came out."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.charts import Chart
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Invalid
from zhixing.base.templatetags.pages import badge
from zhixing.evaluations import actions, study_words, studying
from zhixing.evaluations.models import Study
from zhixing.evaluations.queries import studies as queries
from zhixing.evaluations.study_forms import OutcomesForm, StudyForm
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun

deed = require_http_methods(["GET", "POST"])
PLAN = ("title", "outcome", "design", "source", "theme", "year", "less_is_better", "called", "compared")
FIGURES = ("spread", "correlation", "per_cluster", "icc")


@require_GET
def studies(request: SignedInRequest) -> HttpResponse:
    studying.may_see_studies(request.user).require()
    listing = Listing(
        request,
        queries.studies_seen_by(request.user),
        (
            Column(
                "title",
                _("what is asked"),
                sort="title",
                long=True,
                link=lambda one: page_about("evaluations:study", one.pk),
            ),
            Column("outcome", pgettext("study", "outcome")),
            Column("design", _("design"), sort="design", value=lambda one: one.get_design_display()),
            Column("called", _("people called"), sort="called", numeric=True),
            Column(
                "smallest",
                _("smallest effect seen (standard deviations)"),
                numeric=True,
                value=lambda one: study_words.number(one.smallest),
            ),
            Column("result", _("what came out"), value=verdict_words, show=verdict_badge),
            Column("unit__name", _("unit")),
            Column("at", _("begun at"), sort="at"),
        ),
        name="studies",
        label=_("Studies of effects"),
        search=("title", "outcome"),
        filters=(
            Filter("design", _("design"), Study.Design.choices),
            Filter(
                "told",
                _("what came out"),
                (("yes", _("has a result")), ("no", _("outcomes are awaited"))),
                apply=lambda rows, chosen: rows.filter(result__isnull=chosen == "no"),
            ),
        ),
        empty=Empty(
            _("No study yet"),
            _("Before a training begins, say what shall be better afterwards, and see whether that could show at all."),
            icon="chart-dots",
        ),
    )
    return listing.response("evaluations/studies.html", {"may_begin": studying.may_begin_study(request.user)})


def verdict_words(one: Study) -> str:
    return (
        str(study_words.VERDICTS[one.result.found["verdict"]]) if hasattr(one, "result") else _("outcomes are awaited")
    )


def verdict_badge(one: Study) -> str:
    tone = study_words.TONES.get(one.result.found["verdict"], "warn") if hasattr(one, "result") else "quiet"
    return badge(tone, verdict_words(one))


@deed
def begin_study(request: SignedInRequest) -> HttpResponse:
    """The same figures are shown before they can be kept: whoever changes one sees anew what would be seen."""
    studying.may_begin_study(request.user).require()
    form = StudyForm(request.POST or None, request.FILES or None, themes=_themes(request))
    plan: Study | None = None
    if request.method == "POST" and form.is_valid():
        try:
            plan = _planned(form)
            if "begin" in request.POST and request.POST.get("seen") == mark_of(plan):
                begun = actions.begin_study(plan, by=request.user)
                messages.success(request, _("The study is begun; nothing of its plan can be changed any more."))
                return redirect(page_about("evaluations:study", begun.pk))
        except Invalid as problem:
            form.add_error(None, str(problem.message))
            plan = None
    if plan is not None:
        form = StudyForm(initial=_typed(plan), themes=_themes(request))
    context = {
        "form": form,
        "plan": plan,
        "seen": mark_of(plan) if plan else "",
        "said": [study_words.smallest_sentence(plan), study_words.size_words(plan.smallest)] if plan else (),
        "changed": plan is not None and "begin" in request.POST,
    }
    return render(request, "evaluations/begin_study.html", context, status=422 if form.is_bound else 200)


def _themes(request: SignedInRequest) -> list[str]:
    runs = ClassRun.objects.in_charge(request.user).exclude(theme="").order_by("theme")
    return list(runs.values_list("theme", flat=True).distinct())


def _planned(form: StudyForm) -> Study:
    """With the figures that earlier data tell, and the smallest effect. Raises ``Invalid``."""
    plan = form.facts()
    if upload := form.cleaned_data["pilot"]:
        told = queries.pilot_in(upload.read(), upload.name or "pilot.xlsx")
        plan.spread = round(told.spread, 4) or None
        plan.correlation = round(min(0.999, max(0.0, told.correlation)), 3)
        plan.per_cluster, plan.icc = round(told.per_cluster, 2), round(told.icc, 3)
    plan.smallest = actions.smallest_of(plan)
    if plan.smallest == float("inf"):
        raise Invalid(_("So few people would see no effect of any size: take more."))
    return plan


def _typed(plan: Study) -> dict[str, Any]:
    lists = {name: "，".join(getattr(plan, name)) for name in ("same", "near")}
    return {name: getattr(plan, name) for name in (*PLAN, *FIGURES)} | lists


def mark_of(plan: Study) -> str:
    """Another one for another plan: by it a form tells which one its page showed."""
    return hashlib.sha256(repr(sorted(_typed(plan).items())).encode()).hexdigest()[:16]


@require_GET
def study(request: SignedInRequest, pk: int) -> HttpResponse:
    studying.may_see_studies(request.user).require()
    found = queries.study_for(request.user, pk)
    job = studying.job_of(found)
    told = hasattr(found, "result")
    context = {
        "study": found,
        "plan": _plan_pairs(found),
        "smallest": study_words.smallest_sentence(found),
        "job": job if job and not told and job.owner_id == request.user.pk else None,
        "waits": job is not None and job.state in studying.ACTIVE,
        "may_bring": studying.may_bring_outcomes(request.user, found),
        "by_hours": found.source == Study.Source.HOURS,
        "verdict": verdict_words(found),
        "tone": study_words.TONES.get(found.result.found["verdict"], "warn") if told else "quiet",
        "sentences": list(study_words.result_sentences(found)) if told else (),
        "chart": chart_of(found) if told else None,
    }
    return render(request, "evaluations/study.html", context)


def _plan_pairs(one: Study) -> list[tuple[str, object]]:
    known: list[tuple[str, object]] = [
        (pgettext("study", "outcome"), one.outcome + (f"（{_('less is better')}）" if one.less_is_better else "")),
        (_("design"), one.get_design_display()),
        (_("outcomes from"), one.get_source_display()),
        (_("people called"), one.called),
        (_("people compared with"), one.compared),
    ]
    if one.source == Study.Source.HOURS:
        known.append((_("called to"), f"{one.theme} {one.year}"))
    if one.same or one.near:
        known += [(_("must agree"), "、".join(one.same) or "—"), (_("must lie near"), "、".join(one.near) or "—")]
    if one.spread:
        known.append((_("standard deviation of the outcome"), study_words.number(one.spread)))
    if one.correlation:
        known.append((_("correlation with an earlier measurement"), study_words.number(one.correlation)))
    if one.icc:
        known.append((_("how alike people are who were taught together (ICC)"), study_words.number(one.icc)))
    return [*known, (_("begun by"), one.by.name)]


def chart_of(one: Study) -> Chart | None:
    """The effect with its interval; of cohorts by the time since the call."""
    found = one.result.found
    rows = found.get("since") or ([{"label": _("effect"), **found["effect"]}] if found["effect"] else [])
    rows = [row for row in rows if row.get("value") is not None and row.get("lower") is not None]
    if not rows:
        return None
    return Chart(
        _("Effect on those called, with its range"),
        [row.get("label") or study_words.after_label(row["after"]) for row in rows],
        {_("effect"): [round(row["value"], 3) for row in rows]},
        kind="interval",
        unit=one.outcome,
        goal=0.0,
        goal_label=_("no effect"),
        intervals=[(round(row["lower"], 3), round(row["upper"], 3)) for row in rows],
        interval_label=_("95 % range"),
    )


@deed
def bring_outcomes(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.study_for(request.user, pk)
    form = OutcomesForm(request.POST or None, request.FILES or None)

    def act() -> str:
        actions.bring_outcomes(found, form.cleaned_data["file"], by=request.user)
        return page_about("evaluations:study", pk)

    return deed_page(
        request,
        form,
        act,
        verdict=studying.may_bring_outcomes(request.user, found),
        title=_("Bring the outcomes"),
        button=_("Reckon"),
        lead=_(
            "A sheet with the columns %(names)s, and 分组 where people were taught together; no names. It is read once and taken away; the study has one "
            "result, whatever it says."
        )
        % {"names": "、".join(queries.headings_of(found))},
        back=page_about("evaluations:study", pk),
        crumbs=[
            (_("Studies of effects"), reverse("evaluations:studies")),
            (found.title, page_about("evaluations:study", pk)),
        ],
        done=_("The outcomes are being reckoned with."),
    )


@require_POST
def read_outcomes(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.study_for(request.user, pk)
    try:
        actions.read_outcomes(found, by=request.user)
    except Invalid as problem:
        messages.error(request, str(problem.message))
    return redirect(page_about("evaluations:study", pk))
