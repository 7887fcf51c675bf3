"""Sign-in through the city's own identity service (OpenID Connect): an identity opens the account that is there for it, and never makes one."""

from __future__ import annotations

import logging
import time
from typing import Any, NoReturn

from allauth.account.authentication import get_authentication_records
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from zhixing.base import audit
from zhixing.base.middleware import open_to_all
from zhixing.base.problems import Text
from zhixing.people.door import WAITING, locked_out
from zhixing.people.identity_service import IdentityService
from zhixing.people.middleware import before_duties
from zhixing.people.models import Account

EMAIL = "email"
CITY = "city"
"""The one identity service there is (``settings.SOCIALACCOUNT_PROVIDERS``)."""
_WAITS = 600
"""For how long, in seconds."""
log = logging.getLogger(__name__)
_NO_ANSWER = gettext_lazy("The identity service does not answer. Try again later, or sign in with your password.")
_NO_SENSE = gettext_lazy("The identity service gave an answer that does not hold together.")


class IdentityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What allauth asks at each step of a sign-in through the identity service."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_provider(self, request: HttpRequest, provider: Any, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = IdentityService
        return found

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let the sign-in go on to the second step only for an account that is open, not locked and this identity's own."""
        account = sociallogin.user if sociallogin.is_existing else _account_for(request, sociallogin.claims)
        if account is None or not account.is_active:
            _refuse(
                request,
                _(
                    "There is no account here for your identity. Ask the liaison of your unit or the training authority."
                ),
            )
        if not AxesProxyHandler.is_allowed(request, {"username": account.username}):
            raise ImmediateHttpResponse(locked_out(request))
        if sociallogin.is_existing:
            return
        if account.answers_for_others:
            raise ImmediateHttpResponse(_ask_password(request, sociallogin, account))
        sociallogin.account = _join(request, account, sociallogin.account)
        sociallogin.user = account

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
        raise ImmediateHttpResponse(_failed(request, exception))


@open_to_all
@require_safe
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the browser to the identity service. Whoever is in stays in: nobody is swapped for somebody else. The address says nothing but ``next``."""
    if request.user.is_authenticated:
        return redirect("/")
    try:
        provider = IdentityAdapter(request).get_provider(request, provider_id)
        sent: HttpResponse = provider.redirect(
            request, process=AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (RequestException, OAuth2Error) as error:
        return _failed(request, error)
    return sent


@open_to_all
@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the answer that the browser brings back from the identity service."""
    if request.user.is_authenticated:
        return redirect("/")
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(IdentityService(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (RequestException, OAuth2Error) as error:
        return _failed(request, error)
    return answer


@before_duties
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Whoever came in by the password says whether the identity that waits in this session opens the account from now on.

    It is asked, not done: on a shared computer the identity may be somebody else's.
    """
    account: Any = request.user
    if account.must_change_password:  # a one-time password shows less: whoever gave it knows it, too
        return redirect("account_change_password")
    waiting = request.session.get(WAITING)
    if (
        waiting is None
        or waiting["account"] != account.pk
        or waiting["until"] < time.time()
        or not _gave_password(request)
    ):
        request.session.pop(WAITING, None)
        messages.warning(request, _("No identity waits for this account. Nothing was tied."))
        return redirect("/")
    if request.method != "POST":
        return render(request, "account/identity_join.html", {"account": account, "waiting": waiting})
    del request.session[WAITING]
    _join(request, account, SocialAccount(provider=CITY, uid=waiting["uid"]))
    messages.success(request, _("From now on your identity opens this account."))
    return redirect(waiting["next"])


def _ask_password(request: HttpRequest, sociallogin: SocialLogin, account: Account) -> HttpResponse:
    """A name alone does not open what has power over others: keep the identity waiting, and have the password of the account given at the door."""
    _refuse_others(request, account, sociallogin.account)
    request.session[WAITING] = {
        "uid": sociallogin.account.uid,
        "name": _claim(sociallogin.claims),
        "account": account.pk,
        "next": sociallogin.state.get("next") or "/",
        "until": time.time() + _WAITS,
    }
    messages.info(
        request,
        _("Sign in once with the password of your account %(name)s: it shows that the account is yours.")
        % {"name": account.username},
    )
    return redirect(f"{reverse('account_login')}?{urlencode({'next': reverse('identity_join')})}")


def _gave_password(request: HttpRequest) -> bool:
    return any(record.get("method") == "password" for record in get_authentication_records(request, request.user))


def _account_for(request: HttpRequest, claims: list[dict[str, Any]]) -> Account | None:
    """The one account that the mapped claim names: by user name, or by an e-mail address that the service has verified."""
    if settings.IDENTITY_CLAIM == EMAIL:
        _require_verified(request, claims)
    said = _claim(claims)
    field = "email" if settings.IDENTITY_CLAIM == EMAIL else "username"
    near = Account.objects.filter(**{f"{field}__iexact": said}) if said and "\0" not in said else ()
    # PostgreSQL compares in capitals, and more than one letter has the capital I or S: "admın" would be "admin".
    found = [account for account in near if getattr(account, field).lower() == said.lower()]
    return found[0] if len(found) == 1 else None


def _claim(claims: list[dict[str, Any]]) -> str:
    """What the identity calls itself, from the first answer that says so; for an address, from one that says also whether it is verified."""
    name = settings.IDENTITY_CLAIM
    needed = (name, "email_verified") if name == EMAIL else (name,)
    return next((str(part[name]) for part in claims if all(key in part for key in needed) and part[name]), "")


def _require_verified(request: HttpRequest, claims: list[dict[str, Any]]) -> None:
    """Address and verification must come from the same answer: each may speak of another address."""
    part = next((part for part in claims if part.get(EMAIL) and "email_verified" in part), {})
    if part.get("email_verified") is not True:
        _refuse(request, _("The identity service does not say that your e-mail address has been verified."))


@transaction.atomic
def _join(request: HttpRequest, account: Account, identity: SocialAccount) -> SocialAccount:
    """Tie the identity to the account for good, and give it as it is kept. Two first sign-ins of one identity at once are no conflict."""
    Account.objects.select_for_update().get(pk=account.pk)
    _refuse_others(request, account, identity)
    kept, is_new = SocialAccount.objects.get_or_create(
        provider=identity.provider, uid=identity.uid, defaults={"user": account}
    )
    if kept.user_id != account.pk:
        _refuse_other(request)
    if is_new:
        audit.record("people.identity_joined", account, by=account)
    return kept


def _refuse_others(request: HttpRequest, account: Account, identity: SocialAccount) -> None:
    """An account that is another identity's already is refused: names are given anew, keys are not."""
    if SocialAccount.objects.filter(user=account).exclude(provider=identity.provider, uid=identity.uid).exists():
        _refuse_other(request)


def _refuse_other(request: HttpRequest) -> NoReturn:
    _refuse(request, _("This account belongs to another identity. Ask the training authority."))


def _failed(request: HttpRequest, error: Exception | None) -> HttpResponse:
    log.warning("a sign-in through the identity service failed", exc_info=error)
    if isinstance(error, RequestException):
        return refused(request, _NO_ANSWER, 502)
    return refused(request, _NO_SENSE)


def _refuse(request: HttpRequest, reason: Text) -> NoReturn:
    raise ImmediateHttpResponse(refused(request, reason))


def refused(request: HttpRequest, reason: Text, status: int = 403) -> HttpResponse:
    """The page of a sign-in that did not come about."""
    return render(request, "account/identity_refused.html", {"reason": reason}, status=status)
