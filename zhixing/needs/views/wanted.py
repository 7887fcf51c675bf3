"""What people want to learn and how: shares with their ranges, on the board and as a list."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhixing.base.charts import Chart
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.needs import permissions, queries, telling
from zhixing.needs.models import NeedsReckoning, RankGroup, Want
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.resources.models import Method

FIRST = 10
"""Competencies that the board names."""


def told(user: Account, reckoning: NeedsReckoning) -> dict[str, Any]:
    """What the board says of all people together."""
    rows = Want.objects.visible_to(user).filter(reckoning=reckoning, rank_group="", who=Want.Who.SELF)
    wants = list(rows.select_related("competency").order_by("-percent", "pk"))
    methods = [one for one in wants if one.method]
    topics = [one for one in wants if one.competency][:FIRST]
    return {
        "wanted_methods": _chart(_("How it is learned best"), methods) if methods else None,
        "wanted_topics": _chart(_("What should be learned first"), topics) if topics else None,
        "wanted_of": max((one.n for one in wants), default=0),
    }


def _chart(title: str, wants: list[Want]) -> Chart:
    return Chart(
        title,
        [what(one) for one in wants],
        {str(_("share who ticked it")): [one.percent for one in wants]},
        kind="interval",
        unit="%",
        intervals=[(one.lower, one.upper) for one in wants],
        interval_label=_("95 % interval"),
    )


def what(one: Want) -> str:
    return one.competency.name if one.competency else str(Method(one.method).label)


KINDS = (("method", gettext_lazy("method")), ("topic", gettext_lazy("competency")))
COLUMNS = (
    Column("what", gettext_lazy("wanted"), value=what),
    Column(
        "kind",
        gettext_lazy("sort of wish"),
        value=lambda one: str(dict(KINDS)["method" if one.method else "topic"]),
    ),
    Column("get_who_display", gettext_lazy("who answers"), sort="who"),
    Column("rank_group", gettext_lazy("rank group"), sort="rank_group", value=telling.group_of),
    Column("n", gettext_lazy("sheets"), sort="n", numeric=True),
    Column("percent", gettext_lazy("percent"), sort="percent", numeric=True),
    Column("interval", gettext_lazy("95 % interval"), numeric=True, value=lambda one: f"{one.lower}–{one.upper}"),
)


def _kind(rows: Any, chosen: str) -> Any:
    return rows.exclude(method="") if chosen == "method" else rows.filter(method="")


@require_GET
def wants(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every share that may be told; the list can be taken along as a sheet."""
    permissions.may_read_needs(request.user).require()
    found = queries.one_of(queries.reckonings_seen_by(request.user), pk)
    rows = Want.objects.visible_to(request.user).filter(reckoning=found).select_related("competency")
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="needs-wants",
        label=_("What people want to learn"),
        search=("competency__name", "competency__code"),
        search_label=_("Competency"),
        filters=(
            Filter("kind", _("sort of wish"), KINDS, apply=_kind),
            Filter("rank_group", _("rank group"), [*RankGroup.choices]),
            Filter("who", _("who answers"), Want.Who.choices, chips=False),
        ),
        empty=Empty(_("Nothing can be told yet"), _("Too few have answered."), icon="chart-dots"),
    )
    return listing.response("needs/wants.html", {"reckoning": found, "total": rows.count()})
