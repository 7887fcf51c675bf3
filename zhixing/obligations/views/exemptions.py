"""Exemptions: the list, adding one, withdrawing one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.problems import NotFound
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import ExemptionForm
from zhixing.obligations.models import Exemption
from zhixing.obligations.queries.policies import policy_in_force, rule_titles
from zhixing.people.views.request import SignedInRequest


@require_GET
def exemptions(request: SignedInRequest) -> HttpResponse:
    """Who is exempt from what, why, and what was withdrawn."""
    permissions.may_see_board(request.user).require()
    titles = rule_titles(policy_in_force(timezone.localdate()))
    may_add = permissions.may_add_exemptions(request.user)
    rows = Exemption.objects.visible_to(request.user)
    listing = Listing(
        request,
        rows.select_related("person__unit"),
        (
            Column("person__name", _("full name"), sort="person__name"),
            Column("person__unit__name", _("unit"), sort="person__unit__path"),
            Column("rule", _("rule"), sort="rule", long=True, value=lambda one: titles.get(one.rule, one.rule)),
            Column("from_on", _("from"), sort="from_on"),
            Column("to_on", _("to"), sort="to_on"),
            Column("reason", _("reason")),
            Column("recorded_at", _("recorded at"), sort="recorded_at"),
            Column("state", _("state"), value=lambda one: _("withdrawn") if one.withdrawn_at else _("in force")),
        ),
        name="exemptions",
        label=_("Exemptions"),
        search=("person__name", "person__number", "reason"),
        search_label=_("Name, staff number or reason"),
        filters=(
            Filter("rule", _("rule"), list(titles.items()), chips=False),
            Filter(
                "state",
                _("state"),
                [("valid", _("in force")), ("withdrawn", _("withdrawn"))],
                apply=lambda found, chosen: found.filter(withdrawn_at__isnull=chosen == "valid"),
            ),
        ),
        rows_template="obligations/exemption_rows.html",
        empty=Empty(
            _("Nobody is exempt"),
            _("An exemption frees a person from a rule for some days, with the reason."),
            reverse("obligations:add_exemption") if may_add else "",
            _("Add an exemption"),
            "circle-minus",
        ),
    )
    context = {"may_add": may_add, "titles": titles, "in_force": rows.filter(withdrawn_at=None).count()}
    return listing.response("obligations/exemptions.html", context)


@require_http_methods(["GET", "POST"])
def add(request: SignedInRequest) -> HttpResponse:
    permissions.may_add_exemptions(request.user).require()
    form = ExemptionForm(request.POST or None, user=request.user, initial={"number": request.GET.get("person", "")})
    if request.method == "POST" and form.is_valid():
        actions.add_exemption(form.new_exemption(), request.user)
        messages.success(request, _("The exemption is kept; the standing is being computed anew."))
        return redirect("obligations:exemptions")
    return render(request, "obligations/add_exemption.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    found = Exemption.objects.visible_to(request.user).select_related("person__unit").filter(pk=pk).first()
    if found is None:
        raise NotFound
    actions.withdraw_exemption(found, request.user)
    messages.success(request, _("The exemption is withdrawn; it stays on record."))
    return redirect("obligations:exemptions")
