"""Pages of the own access tokens, with which a program reads in one's name."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.problems import Invalid
from zhixing.people import actions, permissions, queries
from zhixing.people.forms import TokenForm
from zhixing.people.models import ApiToken
from zhixing.people.views.request import SignedInRequest


@require_GET
def tokens(request: SignedInRequest) -> HttpResponse:
    """The own tokens with their last use."""
    permissions.may_hold_token(request.user).require()
    rows = list(queries.tokens_of(request.user))
    live = sum(token.is_live for token in rows)
    return render(request, "people/tokens.html", {"rows": rows, "live": live})


def _may(request: SignedInRequest) -> bool:
    return bool(permissions.may_hold_token(request.user))


@never_cache
@require_http_methods(["GET", "POST"])
@reauthentication_required(enabled=_may)  # type: ignore[untyped-decorator]
def new_token(request: SignedInRequest) -> HttpResponse:
    """Make a token, shown in the answer and never again. Asks for the password again: an open desk is not enough."""
    permissions.may_hold_token(request.user).require()
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.create_token(by=request.user, **form.cleaned_data)
        except Invalid as problem:
            form.add_error("expires_on", str(problem.message))
        else:
            return _show_secret(request, made, secret)
    url = reverse("people:tokens")
    context = {
        "form": form,
        "heading": _("Make an access token"),
        "button": _("Make the token"),
        "back": url,
        "crumbs": [(_("Access tokens"), url)],
        "lead": _("It reads what you may see, and changes nothing. It is shown once."),
    }
    return render(request, "people/deed.html", context, status=422 if form.is_bound else 200)


def _show_secret(request: SignedInRequest, token: ApiToken, secret: str) -> HttpResponse:
    return render(request, "people/token.html", {"token": token, "secret": secret})


@require_POST
def revoke_token(request: SignedInRequest, pk: int) -> HttpResponse:
    """End one of the own tokens; it stays in the list."""
    token = queries.token_for(request.user, pk)
    actions.revoke_token(token, by=request.user)
    messages.success(request, _("The token is revoked; a program that still uses it is refused from now on."))
    return redirect("people:tokens")
