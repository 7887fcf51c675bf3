"""Exemptions: the list, adding one, withdrawing one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import ExemptionForm
from zhixing.obligations.models import Exemption
from zhixing.people.models import Person
from zhixing.people.views.request import SignedInRequest


def exemptions(request: SignedInRequest) -> HttpResponse:
    permissions.may_see_board(request.user).require()
    may_add = permissions.may_add_exemptions(request.user)
    form = ExemptionForm(request.POST or None) if may_add else None
    if request.method == "POST" and form is not None and form.is_valid():
        given = dict(form.cleaned_data)
        person = Person.objects.visible_to(request.user).filter(number=given.pop("number")).first()
        if person is None:
            form.add_error("number", _("There is no such person in your scope."))
        else:
            actions.add_exemption(actions.NewExemption(person=person, **given), request.user)
            messages.success(request, _("The exemption is kept; the standing is being computed anew."))
            return redirect("obligations:exemptions")
    listing = Listing(
        request,
        Exemption.objects.visible_to(request.user).select_related("person__unit"),
        (
            Column(
                "person__name",
                _("full name"),
                sort="person__name",
                link=lambda e: reverse("obligations:standing", args=[e.person_id]),
            ),
            Column("person__unit__name", _("unit"), sort="person__unit__path"),
            Column("rule", _("rule"), sort="rule"),
            Column("from_on", _("from"), sort="from_on"),
            Column("to_on", _("to"), sort="to_on"),
            Column("reason", _("reason")),
            Column(
                "state",
                _("state"),
                value=lambda e: _("withdrawn") if e.withdrawn_at else _("in force"),
                show=lambda e: badge(
                    "withdrawn" if e.withdrawn_at else "valid", _("withdrawn") if e.withdrawn_at else _("in force")
                ),
            ),
        ),
        name="exemptions",
        label=_("Exemptions"),
        search=("person__name", "person__number", "reason"),
        rows_template="obligations/exemption_rows.html",
        export=excel,
        empty=Empty(
            _("Nobody is exempt"), _("An exemption frees a person from a rule for some days, with the reason.")
        ),
    )
    response = listing.response("obligations/exemptions.html", {"form": form, "may_add": may_add})
    if form is not None and form.errors:
        response.status_code = 422
    return response


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    found = Exemption.objects.visible_to(request.user).select_related("person__unit").filter(pk=pk).first()
    if found is None:
        raise NotFound
    actions.withdraw_exemption(found, request.user)
    messages.success(request, _("The exemption is withdrawn; it stays on record."))
    return redirect("obligations:exemptions")
