"""The notice on personal data: read once by everybody, open to everybody."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from zhixing.people import privacy
from zhixing.people.actions.accounts import acknowledge_privacy
from zhixing.people.middleware import before_duties
from zhixing.people.views.request import SignedInRequest


@before_duties
def notice(request: SignedInRequest) -> HttpResponse:
    """Show the notice; a signed-in account confirms that it was read."""
    if request.method == "POST":
        acknowledge_privacy(request.user, privacy.VERSION)
        return redirect("portal:home")
    known = privacy.has_acknowledged(request.user)
    return render(request, "people/privacy.html", {"version": privacy.VERSION, "is_known": known})
