"""Needs surveys: the list, one with its sample or its response map, launching and closing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.charts import Chart
from zhixing.base.columns import state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.engine.needs.rank_groups import RANK_GROUPS
from zhixing.needs import permissions, queries
from zhixing.needs.actions import surveys as actions
from zhixing.needs.actions.evidence import LEAST
from zhixing.needs.forms import SurveyForm
from zhixing.needs.models import NeedsSurvey, RankGroup
from zhixing.needs.problem import sample_of
from zhixing.people.models import Unit
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

DASH = "—"


def rate(survey: NeedsSurvey) -> str:
    if survey.state == NeedsSurvey.State.DRAFT or survey.invited < LEAST:
        return DASH
    return f"{survey.answered} / {survey.invited} · {survey.percent}%"


COLUMNS = (
    Column(
        "title",
        pgettext_lazy("needs survey", "survey"),
        sort="title",
        link=lambda one: page_about("needs:survey", one.pk),
    ),
    Column("year", gettext_lazy("needs of the year"), sort="year", value=lambda one: str(one.year)),
    Column("get_who_display", gettext_lazy("who answers"), sort="who"),
    Column("framework__name", gettext_lazy("framework")),
    Column("closes_at", gettext_lazy("closes"), sort="closes_at"),
    Column("rate", pgettext_lazy("needs survey", "answered"), numeric=True, value=rate),
    state_column(gettext_lazy("state")),
)


@require_GET
def surveys(request: SignedInRequest) -> HttpResponse:
    permissions.may_read_needs(request.user).require()
    rows = NeedsSurvey.objects.visible_to(request.user).select_related("framework")
    may_make = permissions.may_make(request.user)
    columns = COLUMNS if not request.user.is_liaison else tuple(one for one in COLUMNS if one.key != "rate")
    listing = Listing(
        request,
        rows,
        columns,
        name="needs-surveys",
        label=_("Needs surveys"),
        search=("title", "framework__name"),
        search_label=_("Survey or framework"),
        filters=(
            Filter("state", _("state"), NeedsSurvey.State.choices),
            Filter("who", _("who answers"), NeedsSurvey.Who.choices, chips=False),
        ),
        empty=Empty(
            _("No needs survey yet"),
            _("Ask people, superiors and units what their work needs; the sample is shown before anybody is asked."),
            reverse("needs:prepare_survey") if may_make else "",
            _("Prepare a survey") if may_make else "",
            "clipboard-check",
        ),
    )
    waiting = rows.filter(state=NeedsSurvey.State.OPEN).count()
    return listing.response("needs/surveys.html", {"open": waiting, "may_make": may_make})


@require_http_methods(["GET", "POST"])
def prepare(request: SignedInRequest) -> HttpResponse:
    form = SurveyForm(request.user, request.POST or None)

    def act() -> str:
        return reverse("needs:survey", args=[actions.prepare_survey(form.facts(), by=request.user).pk])

    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_make(request.user),
        back=reverse("needs:surveys"),
        crumbs=[(_("Needs surveys"), reverse("needs:surveys"))],
        title=_("Prepare a survey"),
        lead=_("Nobody is asked yet: the next page shows the sample by unit and rank group."),
        button=_("Look at the sample"),
    )


@require_GET
def survey(request: SignedInRequest, pk: int) -> HttpResponse:
    """A draft with its sample, else the response map by unit. Who has answered is shown to nobody."""
    found = queries.survey_for(request.user, pk)
    context: dict[str, Any] = {
        "survey": found,
        "least": LEAST,
        "may_launch": permissions.may_launch(request.user, found),
        "may_close": permissions.may_close(request.user, found),
        "may_remind": permissions.may_remind(request.user, found, timezone.localdate()),
        "is_small": found.invited < LEAST,
        "overall": not request.user.is_liaison,
    }
    if found.state == NeedsSurvey.State.DRAFT:
        return _draft(request, found, context)
    rows, told = queries.responses_of(request.user, found), queries.units_told(found)
    listing = Listing(
        request,
        rows,
        (
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("of", _("people in all"), sort="of", numeric=True),
            Column("sent", _("people asked"), sort="sent", numeric=True),
            Column(
                "came",
                pgettext("needs survey", "answered"),
                numeric=True,
                value=lambda row: row["came"] if row["unit"] in told else DASH,
            ),
            Column(
                "percent",
                _("percent"),
                numeric=True,
                value=lambda row: row["came"] * 100 // row["sent"] if row["unit"] in told else DASH,
            ),
            Column(
                "halves", _("in part"), numeric=True, value=lambda row: row["halves"] if row["unit"] in told else DASH
            ),
        ),
        name="responses",
        label=_("Response map"),
        search=("unit__name",),
        search_label=_("Unit"),
        tie="unit",
        empty=Empty(_("Nobody was asked here"), _("The sample holds nobody of your units."), icon="users"),
    )
    if not request.user.is_liaison and not context["is_small"]:
        context["chart"] = _by_group(found)
    return listing.response("needs/survey.html", context)


def _by_group(survey: NeedsSurvey) -> Chart:
    """Answered of asked by rank group; groups of a few are left open."""
    counts = {group: [0, 0] for group in RANK_GROUPS}
    for group, asked, answered in survey.strata.order_by().values_list("rank_group", "asked", "answered"):
        counts[group][0] += asked
        counts[group][1] += answered
    safe = queries.groups_told([asked for asked, _came in counts.values()])
    shown = {group: pair for (group, pair), is_told in zip(counts.items(), safe, strict=True) if is_told}
    labels = [RankGroup(group).label for group in shown]
    shares = [round(100 * came / asked) for asked, came in shown.values()]
    series = {pgettext("needs survey", "answered"): shares}
    return Chart(_("Answered, by rank group"), labels, series, unit="%", horizontal=True)


def _draft(request: SignedInRequest, survey: NeedsSurvey, context: dict[str, Any]) -> HttpResponse:
    """The sample as it would be drawn: nobody's name, numbers of each stratum."""
    sampled = sample_of(survey, actions.spreads_before(survey))
    names = dict(Unit.objects.filter(pk__in={unit for unit, _group in sampled.raters}).values_list("pk", "name"))
    groups = {group: [0, 0] for group in RANK_GROUPS}
    units: dict[int, list[int]] = {}
    for (unit, group), raters in sampled.raters.items():
        for counts in (groups[group], units.setdefault(unit, [0, 0])):
            counts[0] += len(raters)
            counts[1] += sampled.asked[unit, group]
    by_unit = [(names[unit], counts[0], counts[1]) for unit, counts in units.items()]
    context |= {
        "asked": sampled.total,
        "people": sum(count for count, _asked in groups.values()),
        "groups": [(RankGroup(group).label, *counts) for group, counts in groups.items() if counts[0]],
        "units": sorted(by_unit, key=lambda one: (-one[2], one[0])),
    }
    return render(request, "needs/survey_draft.html", context)


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    found = queries.survey_for(request.user, pk)
    if deed == "launch":
        made = actions.launch_survey(found, by=request.user)
        messages.success(request, _("%(asked)s people are asked.") % {"asked": made.invited})
    elif deed == "close":
        actions.close_survey(found, by=request.user)
        messages.success(request, _("The survey is closed, and nothing tells any more who answered."))
    elif deed == "remind":
        actions.remind(found, by=request.user)
        messages.success(request, _("Whoever has not answered yet is reminded; nobody is told who that is."))
    elif deed == "drop":
        actions.drop_survey(found, by=request.user)
        messages.success(request, _("The draft is gone."))
        return redirect("needs:surveys")
    else:
        raise NotFound
    return redirect("needs:survey", pk)
