"""The list behind the board."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.columns import hours_column, state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.obligations import permissions
from zhixing.obligations.models import Standing
from zhixing.obligations.queries import lists
from zhixing.obligations.queries.board import STATE_LABELS
from zhixing.obligations.queries.policies import policy_in_force, rule_titles
from zhixing.obligations.views.filters import rank_filter, unit_filter
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest


@require_GET
def standing_list(request: SignedInRequest) -> HttpResponse:
    """One row for each person and rule; the filters are the board's numbers."""
    permissions.may_see_board(request.user).require()
    titles = rule_titles(policy_in_force(timezone.localdate()))
    listing = Listing(
        request,
        lists.standings_in_scope(request.user),
        _columns(titles),
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
    is_part = request.headers.get("HX-Target") == listing.element_id or "export" in request.GET
    context = {} if is_part or listing.is_capped else {"people": lists.people_in(listing.filtered)}
    return listing.response("obligations/standing_list.html", context)


def _columns(titles: dict[str, str]) -> tuple[Column, ...]:
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
        *(
            hours_column(f"{name}_tenths", label, sort=f"{name}_tenths")
            for name, label in (
                ("required", _("required")),
                ("counted", _("counted")),
                ("missing", _("missing")),
                ("capped", _("over the cap")),
            )
        ),
        Column("window_closes", _("until"), sort="window_closes"),
        state_column(_("state")),
    )


def _filters(user: Account, titles: dict[str, str]) -> tuple[Filter, ...]:
    return (
        Filter("due", _("at the year's end"), [("1", _("overdue by the year's end"))], apply=_due),
        Filter("state", _("state"), list(STATE_LABELS.items())),
        Filter("rule", _("rule"), list(titles.items()), chips=False),
        Filter("worst", _("person's overall state"), list(STATE_LABELS.items()), apply=lists.at_worst, chips=False),
        rank_filter(lists.ranks_in_scope(user)),
        unit_filter(user),
    )


def _due(rows: QuerySet[Standing], _chosen: str) -> QuerySet[Standing]:
    return lists.due_by(rows, dt.date(timezone.localdate().year, 12, 31))
