"""Priorities of the authority: the list of a year, a new one, withdrawal."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.columns import state_column
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Refused
from zhixing.needs import permissions, queries
from zhixing.needs.actions import priorities as actions
from zhixing.needs.forms import PriorityForm
from zhixing.needs.models import Priority, RankGroup
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest


def groups_in_words(keys: list[str]) -> str:
    """Rank groups as people call them; none: all."""
    return "、".join(str(RankGroup(key).label) for key in keys if key in RankGroup.values) or _("all")


COLUMNS = (
    Column("title", gettext_lazy("priority"), sort="title", long=True),
    Column("year", gettext_lazy("year"), sort="year", value=lambda one: str(one.year)),
    Column("weight", gettext_lazy("weight"), sort="weight", numeric=True),
    Column("source", gettext_lazy("source document"), sort="source", long=True),
    Column(
        "competencies",
        gettext_lazy("competencies"),
        value=lambda one: "、".join(x.name for x in one.competencies.all()),
        long=True,
    ),
    Column("rank_groups", gettext_lazy("rank groups"), value=lambda one: groups_in_words(one.rank_groups)),
    state_column(gettext_lazy("state")),
    Column("by__name", gettext_lazy("entered by")),
)


@require_GET
def priorities(request: SignedInRequest) -> HttpResponse:
    user = request.user
    may_make = permissions.may_make(user)
    if not (may_make or user.is_auditor):
        raise Refused(permissions.ONLY_DEPARTMENT)
    rows = Priority.objects.visible_to(user).select_related("by", "unit").prefetch_related("competencies")
    in_force = rows.filter(state=Priority.State.IN_FORCE)
    deed = Column(
        "pk",
        _("deed"),
        value=lambda one: _("withdraw") if permissions.may_withdraw(user, one) else "",
        link=lambda one: page_about("needs:withdraw_priority", one.pk) if permissions.may_withdraw(user, one) else "",
    )
    listing = Listing(
        request,
        rows,
        (*COLUMNS, deed) if may_make else COLUMNS,
        name="priorities",
        label=_("Priorities of the authority"),
        search=("title", "source"),
        search_label=_("Priority or document"),
        filters=(
            Filter("state", _("state"), Priority.State.choices),
            Filter("year", _("year"), [(str(year), str(year)) for year in _years(rows)]),
        ),
        empty=Empty(
            _("No priority yet"),
            _("Enter what the authority asks for, with its document: it then counts beside what people say."),
            reverse("needs:enter_priority") if may_make else "",
            _("Enter a priority") if may_make else "",
            "target-arrow",
        ),
    )
    return listing.response("needs/priorities.html", {"in_force": in_force.count(), "may_make": may_make})


def _years(rows: object) -> list[int]:
    return list(Priority.objects.order_by("-year").values_list("year", flat=True).distinct())


@require_http_methods(["GET", "POST"])
def enter(request: SignedInRequest) -> HttpResponse:
    form = PriorityForm(request.user, request.POST or None)

    def act() -> str:
        given = dict(form.cleaned_data)
        given["competencies"] = list(given["competencies"])
        actions.enter_priority(**given, by=request.user)
        return reverse("needs:priorities")

    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_make(request.user),
        back=reverse("needs:priorities"),
        crumbs=[(_("Priorities of the authority"), reverse("needs:priorities"))],
        title=_("Enter a priority"),
        button=_("Enter"),
        done=_("The priority is kept."),
    )


@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.one_of(Priority.objects.visible_to(request.user).select_related("unit"), pk)

    def act() -> str:
        actions.withdraw_priority(found, by=request.user)
        return reverse("needs:priorities")

    return deed_page(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        act,
        verdict=permissions.may_withdraw(request.user, found),
        back=reverse("needs:priorities"),
        crumbs=[(_("Priorities of the authority"), reverse("needs:priorities"))],
        title=_("Withdraw: %(title)s") % {"title": found.title},
        lead=_("It stays in the list, and counts no more when needs are reckoned."),
        button=pgettext("priority", "Withdraw"),
        done=_("The priority is withdrawn."),
        danger=True,
    )
