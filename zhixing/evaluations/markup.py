"""Small drawings of the pages of evaluations."""

from __future__ import annotations

import segno
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def qr(request: HttpRequest, token: str) -> SafeString:
    """The address of a personal link as an SVG without inline style."""
    address = request.build_absolute_uri(reverse("evaluations:answer", args=[token]))
    drawn = segno.make(address, error="m").svg_inline(
        border=3, omitsize=True, light="#ffffff", svgclass="ev-qr", lineclass=None, title=_("Code of the personal link")
    )
    return mark_safe(drawn)  # noqa: S308  segno writes numbers and our own title
