"""The lists behind the board: where people stand, and what will be overdue at the end of the year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhixing.base.columns import hours_column, state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.obligations import permissions
from zhixing.obligations.actions.standings import snapshot_day, year_end
from zhixing.obligations.queries import lists
from zhixing.obligations.queries.board import STATE_LABELS
from zhixing.obligations.queries.policies import policy_in_force, rule_titles
from zhixing.obligations.views.filters import rank_filter, unit_filter
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest

FORESEEN_HOURS: Final = {
    "required": gettext_lazy("required"),
    "counted": gettext_lazy("counted"),
    "missing": gettext_lazy("missing"),
}
HOURS: Final = {**FORESEEN_HOURS, "capped": gettext_lazy("over the cap")}


@require_GET
def standing_list(request: SignedInRequest) -> HttpResponse:
    """One row for each person and rule; the filters are the board's numbers."""
    permissions.may_see_board(request.user).require()
    if "due" in request.GET:  # addresses in notices of earlier versions
        kept = {name: request.GET[name] for name in ("rule", "rank", "unit") if name in request.GET}
        return redirect(f"{reverse('obligations:foreseen_list')}?{urlencode(kept)}")
    titles = rule_titles(policy_in_force(timezone.localdate()))
    listing = Listing(
        request,
        lists.standings_in_scope(request.user),
        (*_columns(titles, HOURS), state_column(_("state"))),
        name="standings",
        label=_("Standings"),
        search=("person__name", "person__number"),
        search_label=_("Name or staff number"),
        filters=_filters(request.user, titles),
        empty=Empty(
            _("No standings yet"),
            _("Import a roster and sign a policy; then the hours owed are computed."),
            reverse("obligations:policies"),
            _("Policies"),
        ),
    )
    return listing.response("obligations/standing_list.html", _people(request, listing))


def _people(request: SignedInRequest, listing: Listing) -> dict[str, int]:
    """How many persons stand behind the rows, where the whole page is asked for."""
    is_part = request.headers.get("HX-Target") == listing.element_id or "export" in request.GET
    return {} if is_part or listing.is_capped else {"people": lists.people_in(listing.filtered)}


def _columns(titles: dict[str, str], hours: Mapping[str, Any]) -> tuple[Column, ...]:
    """``hours``: field without ``_tenths`` → what the column is called."""
    return (
        Column(
            "person__name",
            _("full name"),
            sort="person__name",
            show=lambda one: format_html('<span class="text-nowrap">{}</span>', one.person.name),
            link=lambda one: page_about("obligations:standing", one.person_id),
        ),
        Column("person__number", _("staff number"), sort="person__number"),
        Column("person__unit__name", _("unit"), sort="person__unit__path"),
        Column("person__effective_rank", _("rank")),
        Column("rule", _("rule"), sort="rule", long=True, value=lambda one: titles.get(one.rule, one.rule)),
        *(hours_column(f"{name}_tenths", str(label), sort=f"{name}_tenths") for name, label in hours.items()),
        Column("window_closes", _("until"), sort="window_closes"),
    )


def _filters(user: Account, titles: dict[str, str]) -> tuple[Filter, ...]:
    return (
        Filter("state", _("state"), list(STATE_LABELS.items())),
        Filter("worst", _("person's overall state"), list(STATE_LABELS.items()), apply=lists.at_worst, chips=False),
        *_about_people(user, titles),
    )


def _about_people(user: Account, titles: dict[str, str]) -> tuple[Filter, ...]:
    return (
        Filter("rule", _("rule"), list(titles.items()), chips=False),
        rank_filter(lists.ranks_in_scope(user)),
        unit_filter(user),
    )


@require_GET
def foreseen_list(request: SignedInRequest) -> HttpResponse:
    """One row for each duty that will be overdue at the end of the year if nothing more is earned, with the hours of that day."""
    permissions.may_see_board(request.user).require()
    last = year_end(snapshot_day() or timezone.localdate())
    titles = rule_titles(policy_in_force(last))
    listing = Listing(
        request,
        lists.foreseen_in_scope(request.user),
        _columns(titles, FORESEEN_HOURS),
        name="foreseen",
        label=_("Overdue at the end of the year"),
        search=("person__name", "person__number"),
        search_label=_("Name or staff number"),
        filters=_about_people(request.user, titles),
        empty=Empty(_("Nobody"), _("Nobody in view will be overdue at the end of the year.")),
    )
    context = {"year_end": last}
    return listing.response("obligations/foreseen_list.html", {**context, **_people(request, listing)})
