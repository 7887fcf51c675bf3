"""Sign-in: who may enter, what a one-time password is good for, and what a locked-out person is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.signals import authentication_failed
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import user_login_failed
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from zhixing.people.middleware import remember_session
from zhixing.people.models import Account

WAITING = "identity_waiting"
"""Session key: the identity of the city's service that waits for the password of the account it names."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the department, never by sign-up; a one-time password is good for choosing another one."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_password(self, password: str, user: Account | None = None) -> str:
        if user is not None and user.must_change_password and user.check_password(password):
            raise ValidationError(_("Choose another password than the one you were given."))
        cleaned: str = super().clean_password(password, user)
        return cleaned

    def set_password(self, user: Account, password: str) -> None:
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("identity_join") if WAITING in request.session else "/"


def name_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The user name that a failure counts against: sign-in does not mind capitals, so all ways of writing a name share one count."""
    given = (credentials or {}).get("username") or request.POST.get("login")
    if not given:
        return None
    known = Account.objects.filter(username__iexact=given.strip()).values_list("username", flat=True).first()
    return known or given.strip().lower()


class SecondStepForm(AuthenticateForm):  # type: ignore[misc]
    """The code of the second step. Wrong codes and wrong passwords count together towards the lock."""

    def clean_code(self) -> str:
        _refuse_locked(self.user)
        code: str = super().clean_code()
        return code


class SecondStepAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The code asked again before a weighty deed."""

    def clean_code(self) -> str:
        _refuse_locked(self.user)
        code: str = super().clean_code()
        return code


def _refuse_locked(user: Account) -> None:
    if not AxesProxyHandler.is_allowed(context.request, {"username": user.username}):
        raise ValidationError(_("Too many failures. Wait, then try again."))


@receiver(authentication_failed)
def count_wrong_code(sender: Any, request: HttpRequest, user: Account, **_kwargs: Any) -> None:
    user_login_failed.send(__name__, credentials={"username": user.username}, request=request)


@receiver(password_changed)
def keep_session(sender: Any, request: HttpRequest, user: Account, **_kwargs: Any) -> None:
    """Changing the password renews the session key: this session stays the account's newest."""
    remember_session(sender, request, user)


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """After repeated failures: say so and for how long; the same page whether the account exists or not."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "account/locked.html", {"minutes": minutes}, status=429)
