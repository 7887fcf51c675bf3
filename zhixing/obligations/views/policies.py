"""Policies as sentences and as text, and signing a new version."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.problems import Invalid, NotFound
from zhixing.obligations import actions, permissions
from zhixing.obligations.forms import PolicyForm
from zhixing.obligations.models import Channel, Policy
from zhixing.obligations.queries.policies import policy_in_force, rules_of
from zhixing.obligations.sentences import WINDOWS
from zhixing.people.views.request import SignedInRequest


@require_GET
def policies(request: SignedInRequest) -> HttpResponse:
    permissions.may_see_policies(request.user).require()
    listing = Listing(
        request,
        Policy.objects.all(),
        (
            Column(
                "title",
                _("policy"),
                value=lambda p: p.title or p.code,
                link=lambda p: reverse("obligations:policy", args=[p.pk]),
            ),
            Column("version", _("version"), sort="version"),
            Column("in_force_from", _("in force from"), sort="in_force_from"),
            Column("basis", _("basis")),
            Column("signed_at", _("signed at"), sort="signed_at"),
        ),
        name="policies",
        label=_("Policies"),
        empty=Empty(
            _("No policy yet"),
            _("Sign the first one: nobody owes hours without a policy."),
            reverse("obligations:sign"),
            _("Sign a policy"),
        ),
    )
    return listing.response(
        "obligations/policies.html",
        {"in_force": policy_in_force(timezone.localdate()), "may_sign": permissions.may_sign(request.user)},
    )


@require_GET
def policy(request: SignedInRequest, pk: int) -> HttpResponse:
    permissions.may_see_policies(request.user).require()
    found = Policy.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    rules = [
        {
            "rule": rule,
            "window": WINDOWS[rule.window],
            "channels": [Channel(channel).label for channel in rule.channels],
            "caps": [(Channel(channel).label, cap) for channel, cap in rule.caps.items()],
        }
        for rule in rules_of(found).rules
    ]
    return render(
        request,
        "obligations/policy.html",
        {"policy": found, "rules": rules, "in_force": policy_in_force(timezone.localdate()) == found},
    )


def sign(request: SignedInRequest) -> HttpResponse:
    """Read a new version strictly; every fault is named, and nothing is kept while there is one."""
    permissions.may_sign(request.user).require()
    form = PolicyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        text = form.document()
        try:
            made = actions.sign_policy(text, request.user)
        except Invalid as problem:
            form = PolicyForm(initial={"text": text})
            return render(
                request,
                "obligations/sign.html",
                {"form": form, "faults": problem.problems},
                status=problem.status,
            )
        messages.success(request, _("The policy is signed; the standings are being computed anew."))
        return redirect("obligations:policy", made.pk)
    last = Policy.objects.first()
    return render(request, "obligations/sign.html", {"form": PolicyForm(initial={"text": last.text if last else ""})})
