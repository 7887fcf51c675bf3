"""The needs board: what is lacked most, how sure that is, what it is made of, and what people wrote."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.asked import whole_number
from zhixing.base.charts import Chart
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.needs import permissions, queries, telling
from zhixing.needs.actions import reckonings as actions
from zhixing.needs.forms import ReckonForm
from zhixing.needs.models import GapKind, Need, NeedsEvidence, NeedsReckoning, NeedsSurvey, RankGroup
from zhixing.needs.views import wanted
from zhixing.people.models import Account, Unit
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.resources.models import Content

FIRST = 8
"""Needs that the board names; the list has all."""


@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    permissions.may_read_needs(request.user).require()
    ready = queries.reckonings_seen_by(request.user)
    asked = whole_number(request.GET.get("reckoning", ""))
    found = ready.filter(pk=asked).first() if asked else ready.first()
    context: dict[str, Any] = {
        "reckoning": found,
        "others": ready.exclude(pk=found.pk)[:10] if found else [],
        "may_reckon": permissions.may_reckon(request.user),
        "unsettled": NeedsReckoning.objects.visible_to(request.user).filter(state=NeedsReckoning.State.QUEUED).first(),
    }
    if found is not None:
        context |= _told(request.user, found)
    return render(request, "needs/board.html", context)


def _told(user: Account, reckoning: NeedsReckoning) -> dict[str, Any]:
    needs = Need.objects.visible_to(user).filter(reckoning=reckoning, unit=None).select_related("competency")
    whole = [one for one in needs if not one.rank_group]
    surveyed = [one for one in whole if one.gap is not None]
    sure = [one for one in surveyed if (one.lower or 0) > 0]
    weighed = [one for one in whole if one.weight]
    return {
        "surveyed": len(surveyed),
        "sure": len(sure),
        "total": len(whole),
        "largest": max(surveyed, key=lambda one: one.gap or 0, default=None),
        "first": [telling.row_of(one) for one in sorted(weighed, key=lambda one: -one.weight)[:FIRST]],
        "map": _map(surveyed) if surveyed else None,
        "table": [telling.row_of(one) for one in sorted(surveyed, key=lambda one: -(one.gap or 0))],
        "kinds": _kinds(surveyed) if surveyed else None,
        "levels": _levels([one for one in needs if one.rank_group and one.gap is not None]),
        "design": reckoning.design,
        "groups": [
            (RankGroup(key).label, counts)
            for key, counts in reckoning.design.get("groups", {}).items()
            if counts["asked"]
        ],
        "themes": reckoning.themes if not user.is_liaison else [],
        "shares": _shares([one for one in needs if one.rank_group]),
        "usual": telling.level(reckoning.design["usual"]) if "usual" in reckoning.design else "",
        "came": [(telling.WHO[who], counts) for who, counts in reckoning.design.get("came", {}).items()],
        "apart": _apart([one for one in needs if one.rank_group]),
        **wanted.told(user, reckoning),
    }


def _shares(needs: list[Need]) -> Chart | None:
    """What all weights come from, in percent"""
    given: dict[str, int] = {}
    for part in (part for one in needs for part in one.parts):
        given[part["source"]] = given.get(part["source"], 0) + part["weight"]
    whole = sum(given.values())
    if not whole:
        return None
    ordered = sorted(given.items(), key=lambda one: -one[1])
    labels = [NeedsEvidence.Source(source).label for source, _weight in ordered]
    percent = {str(_("share of all weights")): [round(100 * weight / whole, 1) for _source, weight in ordered]}
    return Chart(_("What the weights come from"), labels, percent, unit="%", horizontal=True)


def _apart(needs: list[Need]) -> list[dict[str, Any]]:
    """By rank group and source, how much more it says that people lack than these say of themselves: the mean of competencies, and in how many it is sure."""
    found = []
    for group in RankGroup:
        for who in (NeedsSurvey.Who.SUPERIOR, NeedsSurvey.Who.UNIT):
            of_group = (one for need in needs if need.rank_group == group for one in need.sources)
            said = [one["apart"] for one in of_group if one["who"] == who and one["apart"]["gap"] is not None]
            if said:
                sure = sum(not one["lower"] <= 0 <= one["upper"] for one in said)
                mean = round(sum(one["gap"] for one in said) / len(said))
                row = {"group": group.label, "who": telling.WHO[who], "mean": telling.signed(mean)}
                found.append(row | {"sure": sure, "of": len(said)})
    return found


def _map(needs: list[Need]) -> Chart:
    """Importance–performance map: what is important and little present stands at the upper left."""
    return Chart(
        _("Importance and present level"),
        [one.competency.name for one in needs],
        {
            str(_("present level")): [_level(one.present) for one in needs],
            str(_("importance")): [_level(one.importance) for one in needs],
        },
        kind="scatter",
        links=[page_about("needs:need", one.pk) for one in needs],
    )


def _level(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


def _kinds(needs: list[Need]) -> Chart:
    """The three gap types: mean gap of their competencies, by people concerned."""
    found = []
    for kind in GapKind:
        of_kind = [one for one in needs if one.competency.kind == kind]
        people = sum(one.people for one in of_kind)
        found.append(round(sum((one.gap or 0) * one.people for one in of_kind) / people / 100, 2) if people else None)
    labels = [kind.label for kind in GapKind]
    return Chart(_("Mean gap by gap type, in levels"), labels, {str(_("gap")): found}, horizontal=True)


def _levels(needs: list[Need]) -> Chart | None:
    groups = [group for group in RankGroup if any(one.rank_group == group for one in needs)]
    if not groups:
        return None
    found = []
    for group in groups:
        of_group = [one for one in needs if one.rank_group == group]
        people = sum(one.people for one in of_group) or 1
        found.append(round(sum((one.gap or 0) * one.people for one in of_group) / people / 100, 2))
    labels = [group.label for group in groups]
    return Chart(_("Mean gap by rank group, in levels"), labels, {str(_("gap")): found}, horizontal=True)


COLUMNS = (
    Column(
        "competency__name",
        gettext_lazy("competency"),
        sort="competency__position",
        link=lambda one: page_about("needs:need", one.pk),
    ),
    Column(
        "unit__name", gettext_lazy("unit"), sort="unit__path", value=lambda one: one.unit.name if one.unit else _("all")
    ),
    Column("rank_group", gettext_lazy("rank group"), sort="rank_group", value=telling.group_of),
    Column("people", gettext_lazy("people concerned"), sort="people", numeric=True),
    Column("gap", gettext_lazy("gap"), sort="gap", numeric=True, value=lambda one: _level(one.gap)),
    Column("interval", gettext_lazy("95 % interval"), numeric=True, value=telling.interval_of),
    Column("n", gettext_lazy("sheets"), sort="n", numeric=True),
    Column("noise", gettext_lazy("how sure"), sort="noise", value=telling.sureness_of, show=telling.sureness_badge),
    Column(
        "importance",
        gettext_lazy("importance"),
        sort="importance",
        numeric=True,
        value=lambda one: _level(one.importance),
    ),
    Column("weight", gettext_lazy("weight"), sort="weight", numeric=True, value=lambda one: one.weight // 100 or None),
)
WHERE = (("whole", gettext_lazy("The whole")), ("units", gettext_lazy("By unit")))


def _where(rows: Any, chosen: str) -> Any:
    return rows.filter(unit=None) if chosen == "whole" else rows.filter(unit__isnull=False)


@require_GET
def needs(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every gap that may be told, of all, of rank groups, of units, of both."""
    permissions.may_read_needs(request.user).require()
    found = queries.one_of(queries.reckonings_seen_by(request.user), pk)
    rows = Need.objects.visible_to(request.user).filter(reckoning=found).select_related("competency", "unit")
    units = Unit.objects.visible_to(request.user).filter(pk__in=rows.order_by().values("unit"))
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="needs",
        label=_("Needs"),
        search=("competency__name", "competency__code", "unit__name"),
        search_label=_("Competency or unit"),
        filters=(
            Filter("where", _("of whom"), WHERE, apply=_where),
            Filter("rank_group", _("rank group"), [*RankGroup.choices]),
            Filter("kind", _("gap type"), GapKind.choices, field="competency__kind"),
            Filter("content", _("content block"), Content.choices, field="competency__content"),
            Filter("unit", _("unit"), [(str(key), name) for key, name in units.values_list("pk", "name")], chips=False),
        ),
        empty=Empty(_("Nothing can be told yet"), _("Too few have answered."), icon="chart-dots"),
    )
    return listing.response("needs/needs.html", {"reckoning": found, "total": rows.count()})


@require_GET
def need(request: SignedInRequest, pk: int) -> HttpResponse:
    """One need with everything that it is made of, and what it would weigh without each of them."""
    permissions.may_read_needs(request.user).require()
    seen = queries.reckonings_seen_by(request.user).order_by().values("pk")
    rows = Need.objects.visible_to(request.user).filter(reckoning__in=seen)
    found = rows.select_related("competency__framework", "reckoning", "unit").filter(pk=pk).first()
    if found is None:
        raise NotFound
    sayings = telling.sayings_of(found) if found.unit is None else []
    same = rows.filter(reckoning=found.reckoning, competency=found.competency, unit=found.unit).exclude(pk=pk)
    context = {
        "need": found,
        "row": telling.row_of(found),
        "sayings": sayings,
        "few": telling.FEW_SHEETS if any(one.few for one in sayings) else 0,
        "scale": _scale(found.reckoning),
        "parts": telling.parts_of(request.user, found) if found.unit is None and not request.user.is_liaison else [],
        "same": [telling.row_of(one) for one in same.select_related("competency", "unit").order_by("rank_group")],
        "levels": found.competency.levels.all(),
    }
    return render(request, "needs/need.html", context)


def _scale(reckoning: NeedsReckoning) -> dict[str, Any]:
    """By what other findings than gaps were measured; of an earlier reckoning nothing."""
    rules = reckoning.design.get("rules")
    return {**rules["scale"], "usual": telling.level(reckoning.design["usual"])} if rules else {}


@require_http_methods(["GET", "POST"])
def reckon(request: SignedInRequest) -> HttpResponse:
    form = ReckonForm(request.user, request.POST or None)

    def act() -> str:
        _made, job = actions.start_reckoning(**form.cleaned_data, by=request.user)
        return reverse("base:job", args=[job.pk])

    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_reckon(request.user),
        back=reverse("needs:board"),
        crumbs=[(_("Needs board"), reverse("needs:board"))],
        title=_("Reckon the needs of a year"),
        lead=_(
            "From closed surveys, priorities, problems and what the system knows. The result is kept with its date and never changes."
        ),
        button=pgettext("needs", "Reckon"),
    )
