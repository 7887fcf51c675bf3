"""One live session per account, where the installation or the account asks for it: the newest sign-in wins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


@receiver(user_logged_in)
def remember_session(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    if not request.session.session_key:
        request.session.save()
    type(user).objects.filter(pk=user.pk).update(session_key=request.session.session_key)


class OneSessionMiddleware:
    """Sign out a session that a newer one of the same account replaced."""

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
