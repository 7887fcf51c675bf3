"""What a session owes before it may go on: to be the account's only one where that is asked, an own password, and the privacy notice read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from zhixing.people import privacy
from zhixing.people.models import Account

_READ = "privacy_notice"
"""Session key: the version of the notice that is known to have been read."""


@receiver(user_logged_in)
def remember_session(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    if not request.session.session_key:
        request.session.save()
    Account.objects.filter(pk=user.pk).update(session_key=request.session.session_key)


class OneSessionMiddleware:
    """Sign out a session that a newer one of the same account replaced. Stands behind the message middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and self._replaced(request):
            logout(request)
            messages.warning(request, _("This account was signed in elsewhere, so this session ended."))
        return self.get_response(request)

    def _replaced(self, request: HttpRequest) -> bool:
        user = request.user
        one_only = settings.ONE_SESSION_PER_ACCOUNT or user.one_session  # type: ignore[union-attr]
        newest: str = user.session_key  # type: ignore[union-attr]
        return one_only and bool(newest) and newest != request.session.session_key


class FirstSignInMiddleware:
    """Before anything else: an own password in place of a one-time password, then the privacy notice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or getattr(view, "open_to_all", False):
            return None
        if view.__module__.startswith(("allauth.", "ninja.", "django.")) or getattr(view, "before_duties", False):
            return None
        owed = _owed(request)
        if not owed:
            return None
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(owed)})
        return HttpResponseRedirect(resolve_url(owed))


def before_duties(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that is open before the duties of a first sign-in are done."""
    view.before_duties = True  # type: ignore[attr-defined]
    return view


def _owed(request: HttpRequest) -> str:
    """The name of the page that must be done first, or nothing. Asks the database once in a session."""
    user: Any = request.user
    if user.must_change_password and not _came_by_identity(request):
        return "account_change_password"
    if request.session.get(_READ) == privacy.VERSION:
        return ""
    if not privacy.has_acknowledged(user):
        return "people:privacy"
    request.session[_READ] = privacy.VERSION
    return ""


def _came_by_identity(request: HttpRequest) -> bool:
    """Whether the city's identity service vouched in this session: then no one-time password was used, and whoever has none can enter."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "socialaccount" for record in records)


@receiver(user_logged_in)
def _forget_read_version(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    request.session.pop(_READ, None)
