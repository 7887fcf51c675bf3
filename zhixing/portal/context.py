"""What every page needs: the navigation of the role and the number of unread notices."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from zhixing.base import notices
from zhixing.people.permissions import may_hold_token
from zhixing.portal.navigation import navigation_for, phone_bar_for


def page(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "navigation": SimpleLazyObject(lambda: navigation_for(user, request.path)),
        "phone_bar": SimpleLazyObject(lambda: phone_bar_for(user, request.path)),
        "tokens_url": reverse("people:tokens") if may_hold_token(user) else "",
        "suggestions_url": reverse("portal:suggestions"),
        "unread_notices": SimpleLazyObject(lambda: notices.unread(user.pk)),
    }
