"""What other parts of the system know of needs, and taking a finding out."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.needs import permissions, queries, telling
from zhixing.needs.actions import evidence as actions
from zhixing.needs.models import NeedsEvidence
from zhixing.people.models import Account
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

DEEDS = {
    "withdraw": (
        actions.withdraw_evidence,
        gettext_lazy("Take this finding out"),
        gettext_lazy("The finding counts no more from the next reckoning on, also when it is brought again."),
    ),
    "restore": (
        actions.restore_evidence,
        gettext_lazy("Let this finding count again"),
        gettext_lazy("The finding counts again from the next reckoning on."),
    ),
}


def _deed(user: Account) -> Column:
    def url(one: NeedsEvidence) -> str:
        if not permissions.may_withdraw_evidence(user, one):
            return ""
        return reverse("needs:move_evidence", args=[one.pk, "restore" if one.withdrawn else "withdraw"])

    return Column(
        "pk",
        _("deed"),
        value=lambda one: (_("count again") if one.withdrawn else _("Take this finding out")) if url(one) else "",
        link=url,
    )


@require_GET
def evidence(request: SignedInRequest) -> HttpResponse:
    """What other parts of the system have brought."""
    permissions.may_read_needs(request.user).require()
    rows = NeedsEvidence.objects.visible_to(request.user).select_related("competency", "unit")
    listing = Listing(
        request,
        rows,
        (
            Column("get_source_display", _("source"), sort="source"),
            Column("sentence", _("what it says"), value=telling.evidence_sentence, long=True),
            Column("topic", _("about"), value=telling.about),
            Column("rank_group", _("rank group"), sort="rank_group", value=telling.group_of),
            Column("unit__name", _("unit"), sort="unit__path"),
            Column("n", _("people"), sort="n", numeric=True),
            Column("weight", _("weight"), sort="weight", numeric=True),
            Column("year", _("year"), sort="year", value=lambda one: str(one.year)),
            Column(
                "withdrawn",
                _("counts"),
                sort="withdrawn",
                value=lambda one: _("taken out") if one.withdrawn else _("yes"),
            ),
            *((_deed(request.user),) if permissions.may_make(request.user) else ()),
        ),
        name="needs-evidence",
        label=_("Evidence"),
        search=("topic", "competency__name", "unit__name"),
        search_label=_("Topic, competency or unit"),
        filters=(Filter("source", _("source"), NeedsEvidence.Source.choices, chips=False),),
        empty=Empty(
            _("No evidence yet"),
            _("Hours owed, evaluations and missed make-ups come here when needs are reckoned."),
            icon="list-check",
        ),
    )
    return listing.response("needs/evidence.html", {"total": rows.count()})


@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Let a finding count for nothing, or count again."""
    found = queries.one_of(NeedsEvidence.objects.visible_to(request.user).select_related("unit"), pk)
    if deed not in DEEDS:
        raise NotFound
    act, title, done = DEEDS[deed]

    def run() -> str:
        act(found, by=request.user)
        return reverse("needs:evidence")

    return deed_page(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        run,
        verdict=permissions.may_withdraw_evidence(request.user, found),
        back=reverse("needs:evidence"),
        crumbs=[(_("Needs board"), reverse("needs:board")), (_("Evidence"), reverse("needs:evidence"))],
        title=title,
        lead=f"{found.get_source_display()} · {telling.evidence_sentence(found)}",
        button=title,
        done=done,
    )
