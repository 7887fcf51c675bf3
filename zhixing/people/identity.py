"""Sign-in through the city's own identity service (OpenID Connect): an identity opens the account that is there for it, and never makes one."""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.openid_connect.views import login as openid_connect_login
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from requests import RequestException

from zhixing.base import audit
from zhixing.base.middleware import open_to_all
from zhixing.base.problems import Text
from zhixing.people.door import locked_out
from zhixing.people.models import Account

EMAIL = "email"
log = logging.getLogger(__name__)
_NO_ANSWER = gettext_lazy("The identity service does not answer. Try again later, or sign in with your password.")


class IdentityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What allauth asks at each step of a sign-in through the identity service."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        """Nothing of an identity is kept but its key: the claims stay with this one sign-in."""
        sociallogin.claims, sociallogin.account.extra_data = sociallogin.account.extra_data, {}
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let the sign-in go on to the second step only for an account that is open, not locked and this identity's own."""
        if sociallogin.state.get("process", AuthProcess.LOGIN) != AuthProcess.LOGIN or _are_two(sociallogin.claims):
            _refuse(request, _("The identity service gave an answer that does not hold together."))
        account = sociallogin.user if sociallogin.is_existing else _account_for(sociallogin)
        if account is None or not account.is_active:
            _refuse(
                request,
                _(
                    "There is no account here for your identity. Ask the liaison of your unit or the training authority."
                ),
            )
        if not AxesProxyHandler.is_allowed(request, {"username": account.username}):
            raise ImmediateHttpResponse(locked_out(request))
        if not sociallogin.is_existing:
            _join(request, sociallogin, account)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """The person turned back, or the service failed: then the password still opens."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))
        if isinstance(exception, RequestException):
            _refuse(request, _NO_ANSWER, 502)
        _refuse(request, _("The identity service gave an answer that does not hold together."))


@open_to_all
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the browser to the identity service; where that does not answer, say so: the password still opens."""
    try:
        return openid_connect_login(request, provider_id)  # type: ignore[no-any-return]
    except (RequestException, KeyError, ValueError):
        log.exception("the identity service cannot be reached")
        return refused(request, _NO_ANSWER, 502)


def _are_two(claims: dict[str, Any]) -> bool:
    """Whether the two answers speak of different persons, which OpenID Connect Core 5.3.2 has us check."""
    subjects = {part["sub"] for part in claims.values() if isinstance(part, dict) and "sub" in part}
    return len(subjects) != 1


def _account_for(sociallogin: SocialLogin) -> Account | None:
    """The one account that the mapped claim names: by user name, or by an e-mail address that the service has verified."""
    name = settings.IDENTITY_CLAIM
    parts = [
        part for part in (sociallogin.claims.get(key) for key in ("id_token", "userinfo")) if isinstance(part, dict)
    ]
    part = next((part for part in parts if part.get(name)), None)
    if part is None or (name == EMAIL and part.get("email_verified") is not True):
        return None
    field = "email" if name == EMAIL else "username"
    found = list(Account.objects.filter(**{f"{field}__iexact": str(part[name]).strip()})[:2])
    return found[0] if len(found) == 1 else None


@transaction.atomic
def _join(request: HttpRequest, sociallogin: SocialLogin, account: Account) -> None:
    """Tie the identity to the account for good. An account that is another identity's already is refused: names are given anew, keys are not."""
    Account.objects.select_for_update().get(pk=account.pk)
    if SocialAccount.objects.filter(user=account).exists():
        _refuse(request, _("This account belongs to another identity. Ask the training authority."))
    sociallogin.user = sociallogin.account.user = account
    sociallogin.account.save()
    audit.record("people.identity_joined", account, by=account)


def _refuse(request: HttpRequest, reason: Text, status: int = 403) -> NoReturn:
    raise ImmediateHttpResponse(refused(request, reason, status))


def refused(request: HttpRequest, reason: Text, status: int = 403) -> HttpResponse:
    """The page of a sign-in that did not come about."""
    return render(request, "account/identity_refused.html", {"reason": reason}, status=status)
