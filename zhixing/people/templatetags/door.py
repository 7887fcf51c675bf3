"""What the sign-in page knows of the installation."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.urls import reverse

register = template.Library()


@register.simple_tag
def identity_service() -> dict[str, str] | None:
    """Name and address of the sign-in through the city's identity service; None where there is none."""
    apps: list[dict[str, str]] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]  # type: ignore[assignment]
    if not apps:
        return None
    return {"name": apps[0]["name"], "url": reverse("openid_connect_login")}
